"""Writes docs/cli.md from the commands themselves, so that the page cannot say anything else."""

import inspect
from collections.abc import Callable, Iterator
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, get_args, get_origin, get_type_hints

import typer
from typer.models import ArgumentInfo, OptionInfo

if TYPE_CHECKING:
    from memos.cli.agent_places import Agent

NOTICE = "<!-- Written by `memos.cli.docs.cli_page`; run `make docs` instead of editing. -->"
INTRODUCTION = """\
# Command line

`memos` (or `python -m memos`) reads and writes memories over the API, starts the server and looks
after its data. `memos COMMAND --help` prints what stands here ([picture](cli-help.svg)); `memos
--install-completion` makes the shell complete commands and options. The pictures are made by
`python scripts/cli_screenshots.py`.

```bash
memos config set platform.api_key mpg-...        # the key `memos serve` showed
memos add "The user prefers Python for data analysis"
memos search "programming language"
```

![Adding and searching in a terminal](cli-search.svg)

![A user's memories as a table](cli-table.svg)

- **Exit codes**: 0 done; 1 it failed, with a one-line reason on standard error; 2 wrong usage.
- **Which server, key, user**: the option, else the environment (`MEMOS_BASE_URL`, `MEMOS_API_KEY`,
  `MEMOS_USER_ID`, `MEMOS_CONVERSATION_ID`, `MEMOS_AGENT_ID`, `MEMOS_APP_ID`), else
  `~/.memos/config.yaml` (written by `memos config set`), else the server of this machine and the
  user `memos-cli`. `--api-key` and `--base-url` may also stand before the command.
- **Forms**: commands that print memories take `--format agent` (the default: short, to be put
  before a model, which is told that memories are data), `table`, `markdown` or `json` (the
  answer's `data`, for scripts). `--detail detail` adds ids, relevance, tags and conversations.
- A text given as `-` is read from standard input.
- **Local commands** (`keys`, `projects`, `cube`, `backup`, `usage`) open the data folder directly
  and may be used while a server runs on it; `--data-dir`, else `MEMOS_DATA_DIR`, else
  `~/.memos/data` is the folder. See [settings](configuration.md) for the rest.
- What other programs want to read stands alone on standard output; remarks go to standard error.
- Requests say that they come from the command line (`source: cli`, `X-Source`), and from which
  agent when one runs it and can be told (`MEMOS_FRAMEWORK`, or marks agents set).
"""


AGENTS_INTRODUCTION = """\
## Agents

`memos init --agent NAME` installs a skill that teaches an agent to search before it answers and to
store what is new afterwards, and puts a short block between marks into its standing instructions.
It starts nothing: when no server answers, it says so and how to start one. Doing it again updates
what was written. `memos uninstall` removes exactly that; what stood around it stays byte for byte.
With `--memos-plugin` the skill leaves storing to the plugin.

![Giving Claude Code the memory skill](cli-init.svg)

| agent | `--agent` | skill | guidance |
|---|---|---|---|"""


class _Parameter(NamedTuple):
    names: str
    meaning: str
    default: str
    is_argument: bool
    required: bool


def cli_page() -> str:
    """Text of docs/cli.md."""
    from memos.cli.main import app

    parts = [NOTICE, INTRODUCTION, _agents()]
    parts += [_command(name, run, level=2) for name, run in _commands(app)]
    for group in app.registered_groups:
        inner = group.typer_instance
        if inner is not None:
            parts.append(f"## memos {group.name}\n\n{inner.info.help}")
            parts += [_command(f"{group.name} {name}", run, 3) for name, run in _commands(inner)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _agents() -> str:
    from memos.cli.agent_places import AGENTS

    rows = [
        f"| {a.title} | `{a.name}` | `{_below(a, f'{a.skills}/memos/')}` "
        f"| {f'`{_below(a, a.guidance)}`' if a.guidance else 'printed, to paste'} |"
        for a in AGENTS.values()
    ]
    return "\n".join((AGENTS_INTRODUCTION, *rows))


def _below(agent: "Agent", place: str) -> str:
    in_home = agent.guidance_in_home and place == agent.guidance
    return f"~/{place}" if in_home else f"~/{agent.homes[0]}/{place}"


def _commands(app: typer.Typer) -> Iterator[tuple[str, Callable[..., Any]]]:
    for command in app.registered_commands:
        if command.callback is not None:
            yield command.name or command.callback.__name__.replace("_", "-"), command.callback


def _command(name: str, run: Callable[..., Any], level: int) -> str:
    parameters = list(_parameters(run))
    usage = ["memos", name, *(p.names for p in parameters if p.is_argument)]
    usage += [p.names for p in parameters if p.required and not p.is_argument]
    usage += ["[OPTIONS]"] * any(not p.required for p in parameters)
    lines = [f"{'#' * level} memos {name}", "", f"```\n{' '.join(usage)}\n```", ""]
    lines.append(inspect.getdoc(run) or "")
    lines += ["", "| | | default |", "|---|---|---|"]
    lines += [_row(p) for p in parameters]
    return "\n".join(lines)


def _row(parameter: _Parameter) -> str:
    # A bar inside a cell of a Markdown table has to be escaped, also in code.
    names = parameter.names.replace("|", r"\|")
    return f"| `{names}` | {parameter.meaning} | {parameter.default} |"


def _parameters(run: Callable[..., Any]) -> Iterator[_Parameter]:
    hints = get_type_hints(run, include_extras=True)
    for name, parameter in inspect.signature(run).parameters.items():
        kind, info = get_args(hints[name])
        required = parameter.default is inspect.Parameter.empty
        is_argument = isinstance(info, ArgumentInfo)
        yield _Parameter(
            names=(info.metavar or name.upper()) if is_argument else _option(name, kind, info),
            meaning=info.help or "",
            default="required" if required else _default(parameter.default),
            is_argument=is_argument,
            required=required,
        )


def _option(name: str, kind: Any, info: OptionInfo) -> str:  # noqa: ANN401 - a type or a union
    # Inside Annotated, Typer keeps the first declared name where a default would be.
    first = (info.default,) if isinstance(info.default, str) else ()
    names = (*first, *(info.param_decls or ())) or ("--" + name.replace("_", "-"),)
    declared = ", ".join(names)
    if kind is bool:
        return declared
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"{declared} {'|'.join(member.value for member in kind)}"
    return f"{declared} {info.metavar or _plain(kind)}"


def _plain(kind: Any) -> str:  # noqa: ANN401 - as above
    kinds = [k for k in get_args(kind) or (kind,) if k is not type(None)]
    if get_origin(kinds[0]) is list:
        kinds = list(get_args(kinds[0]))
    if isinstance(kinds[0], type) and issubclass(kinds[0], Enum):
        return "|".join(member.value for member in kinds[0])
    return {"Path": "FILE", "int": "N", "str": "TEXT"}[kinds[0].__name__]


def _default(value: object) -> str:
    if value is None or value is False or value == "":
        return ""
    return f"`{value.value if isinstance(value, Enum) else value}`"
