"""`memos init` and `memos uninstall`: give an agent the memory skill, and take it away."""

from importlib.resources import files
from typing import Annotated

import typer

from memos.cli.agent_files import Ledger, install, remove
from memos.cli.agent_places import AGENTS, AgentName
from memos.cli.client_config import config_path, effective, write_config
from memos.cli.connection import global_options, open_client
from memos.cli.console import complain
from memos.errors import InvalidInputError, NotFoundError, UnavailableError


def init(
    agent: Annotated[AgentName, typer.Option("--agent", help="Agent to give the skill to.")],
    api_key: Annotated[
        str | None, typer.Option("--api-key", "-k", help="Key to keep in the configuration file.")
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option("--base-url", help="Server to keep in the configuration file.", metavar="URL"),
    ] = None,
    user_id: Annotated[str | None, typer.Option(help="Default user to keep there.")] = None,
    conversation_id: Annotated[
        str | None, typer.Option(help="Default conversation to keep there.")
    ] = None,
    memos_plugin: Annotated[
        bool, typer.Option("--memos-plugin", help="The agent also runs a MemOS memory plugin.")
    ] = False,
) -> None:
    """Give an agent the memory skill: it searches before it answers and stores what is new.

    Values given are written to ~/.memos/config.yaml. Doing it again updates what was written.
    """
    place = AGENTS[agent.value]
    before = global_options()
    given = {
        "platform.api_key": api_key or before.api_key,
        "platform.base_url": base_url or before.base_url,
        "defaults.user_id": user_id,
        "defaults.conversation_id": conversation_id,
    }
    _check(given["platform.api_key"], given["platform.base_url"])
    if changes := {key: value.strip() for key, value in given.items() if value and value.strip()}:
        write_config(dict(changes))
        typer.echo(f"wrote {', '.join(sorted(changes))} to {config_path()}")
    skill = _text("skill.md") + (_text("beside_plugin.md") if memos_plugin else "")
    guidance, words = place.guidance_file(), _guidance(memos_plugin=memos_plugin)
    ledger = Ledger()
    done = install(
        (place.skill_file(), skill),
        None if guidance is None else (guidance, words),
        ledger.read().get(place.name),
    )
    ledger.note(place.name, done)
    typer.echo(f"{place.title}: skill in {place.skill_file()}")
    if guidance is not None:
        typer.echo(f"{place.title}: guidance in {guidance}")
    else:
        typer.echo(
            f"{place.title} has no file for standing instructions. The skill is enough; to make it"
            f" a firm habit, paste this into its rules:\n\n{words}"
        )
    typer.echo("Start a new session of the agent. `memos uninstall` takes all of it out again.")


def uninstall(
    agent: Annotated[
        AgentName | None, typer.Option("--agent", help="Only of this agent; absent: of all.")
    ] = None,
) -> None:
    """Take the skill and the guidance block out of agents; nothing else is touched.

    The configuration file stays, as does everything remembered.
    """
    ledger = Ledger()
    installed = ledger.read()
    names = [agent.value] if agent else list(installed)
    missing = [name for name in names if name not in installed]
    if missing:
        raise NotFoundError(f"nothing was installed for {missing[0]} by `memos init`")
    if not names:
        typer.echo("Nothing is installed.")
    for name in names:
        removed, left = remove(installed[name])
        ledger.forget(name)
        for path in removed:
            typer.echo(f"removed {path}")
        for sentence in left:
            typer.echo(f"Note: {sentence}", err=True)


def _check(api_key: str | None, base_url: str | None) -> None:
    """Whether the server answers to the key; a server that is away does not stop the installation.

    Raises:
        AuthenticationError: the server refuses the key.
        InvalidInputError: the address is none.
    """
    address, _ = effective("platform.base_url", base_url)
    if not (address or "").startswith(("http://", "https://")):
        raise InvalidInputError("--base-url must start with http:// or https://")
    if effective("platform.api_key", api_key)[0] is None:
        complain(
            "no API key yet. `memos serve` shows one at its first start, `memos keys create` makes"
            " another; keep it with `memos config set platform.api_key KEY`"
        )
        return
    try:
        with open_client(api_key, base_url) as client:
            client.get_memory("cli-healthcheck", size=1)
    except UnavailableError:
        complain(f"no server answers at {address}. Start one with `memos serve`, then go on")
    else:
        typer.echo(f"the server at {address} answers to the key")


def _guidance(*, memos_plugin: bool) -> str:
    return (_text("guidance.md") + (_text("beside_plugin.md") if memos_plugin else "")).strip()


def _text(name: str) -> str:
    return files("memos.cli").joinpath("skill", name).read_text(encoding="utf-8")
