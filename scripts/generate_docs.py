"""Writes the generated pages of docs/. `--check` writes nothing and fails when one is out of date.

A page is a function that returns its text; add it to `PAGES`.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from api_page import api_page

from memos.cli.docs import cli_page
from memos.configs.names import CLIENT_NAMES, NOT_NEEDED
from memos.configs.settings import SettingRow, describe_fields

ROOT = Path(__file__).resolve().parents[1]
NOTICE = "<!-- Written by scripts/generate_docs.py; run `make docs` instead of editing. -->"

INTRODUCTION = """\
# Settings

Everything has a default: with no setting at all, `memos serve` keeps its data in your home folder
and needs no key, no model and no network.

A value is looked for in this order: the command line, the environment, the file named with
`--env-file`, the default. Under each, the `MEMOS_` name comes before the documented names that
also work. A blank value counts as unset. **A `.env` file in the working directory is not read by
itself**; name it, or load it with a tool such as `python -m dotenv run`.

`memos config show` prints every value and where it came from, with secrets masked. A `MEMOS_`
name that is no setting stops the start with the nearest known name, so a typing error never goes
unnoticed.

Two rules about keys. A language model reads messages only when `MEMOS_LLM_MODEL` (or
`MEMRADER_MODEL`) names one, and texts are embedded elsewhere only when the backend is
`universal_api` or `ollama`: a key that happens to be in the environment sends nothing anywhere. And
`OPENAI_API_KEY` is used only together with `OPENAI_API_BASE` or OpenAI's own address, never for
the address of another service or by another backend. [Models](models.md) has an example for every
backend.
"""


def configuration() -> str:
    """The table of settings, by section."""
    parts = [NOTICE, INTRODUCTION]
    rows = describe_fields()
    for section in dict.fromkeys(row.section for row in rows):
        table = _table([row for row in rows if row.section == section])
        parts += [f"## {section}", table]
    parts.append(
        "## Accepted, not needed\n\n"
        "These documented names belong to services MemOS does without. They are never refused and"
        " change nothing.\n\n| variable | why |\n|---|---|\n"
        + "\n".join(f"| `{name}` | {why} |" for name, why in sorted(NOT_NEEDED.items()))
    )
    parts.append(
        "## Read by clients\n\n"
        "The SDK, the command line and agents' plugins read these; the server ignores them: "
        + ", ".join(f"`{name}`" for name in sorted(CLIENT_NAMES))
        + "."
    )
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _table(rows: Sequence[SettingRow]) -> str:
    lines = ["| variable | default | meaning | also |", "|---|---|---|---|"]
    for row in rows:
        default = f"`{row.value}`" if row.value else "unset"
        also = ", ".join(f"`{alias}`" for alias in row.aliases)
        lines.append(f"| `{row.env}` | {default} | {row.help} | {also} |")
    return "\n".join(lines)


PAGES: dict[str, Callable[[], str]] = {
    "docs/configuration.md": configuration,
    "docs/cli.md": cli_page,
    "docs/api.md": lambda: f"{NOTICE}\n\n{api_page()}",
}


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` name those that differ from what would be written."""
    check = "--check" in arguments
    stale = []
    for name, page in PAGES.items():
        path = ROOT / name
        text = page()
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for name in stale:
        print(f"{name}: {'out of date, run `make docs`' if check else 'written'}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
