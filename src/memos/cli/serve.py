"""`memos serve` and `memos worker`: the long-running processes."""

import contextlib
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memos.cli.options import DataDir, EnvFile

if TYPE_CHECKING:
    from memos.configs.settings import Settings
    from memos.handlers.project import NewKey

LogLevel = Annotated[
    str | None, typer.Option(help="DEBUG, INFO, WARNING or ERROR.", metavar="LEVEL")
]
_CURL = """\
curl -s {base}/add/message -H 'Authorization: Token {key}' -H 'Content-Type: application/json' \\
  -d '{{"user_id": "mei", "conversation_id": "c1", "messages": [{{"role": "user", \
"content": "I moved to Lisbon. 我的猫叫豆包。"}}]}}'
curl -s {base}/search/memory -H 'Authorization: Token {key}' -H 'Content-Type: application/json' \\
  -d '{{"user_id": "mei", "query": "Which city did I move to?"}}'"""
_PYTHON = """\
from memos.api.client import MemOSClient
client = MemOSClient(api_key="{key}", base_url="{base}")
client.add_message(messages=[{{"role": "user", "content": "I moved to Lisbon. 我的猫叫豆包。"}}],
                   user_id="mei", conversation_id="c1")
found = client.search_memory(query="我的猫叫什么名字？", user_id="mei")
print([memory.memory_value for memory in found.memories])"""


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.", metavar="HOST")] = None,
    port: Annotated[
        int | None, typer.Option(help="Port; 0 takes a free one.", min=0, max=65535, metavar="PORT")
    ] = None,
    data_dir: DataDir = None,
    log_level: LogLevel = None,
    env_file: EnvFile = None,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Leave background work to `memos worker`.")
    ] = False,
) -> None:
    """Start the server. What is not given comes from the environment, then from the defaults.

    The first start makes a project and an API key and shows the key, this once.
    """
    settings = _settings(
        {
            "host": host,
            "port": port,
            "data_dir": data_dir,
            "log_level": log_level,
            "embedded_worker": False if no_worker else None,
        },
        env_file,
    )
    from memos.api.server_api import create_app
    from memos.cli.http_server import API_PATH, listen, run, url_of
    from memos.mem_os.bootstrap import build

    with contextlib.closing(listen(settings.host, settings.port)) as listener:
        url = url_of(listener)
        system = build(settings)
        try:
            first_key = system.projects.ensure_default()
            system.start()
            run(
                create_app(system),
                listener,
                lambda: _greet(url, url + API_PATH, settings, first_key),
            )
        finally:
            system.close()


def worker(data_dir: DataDir = None, log_level: LogLevel = None, env_file: EnvFile = None) -> None:
    """Run background work in a process of its own, beside `memos serve --no-worker`."""
    settings = _settings({"data_dir": data_dir, "log_level": log_level}, env_file)
    from memos.mem_os.bootstrap import build

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    system = build(settings)
    try:
        system.truth.uses.start()
        system.work()
        typer.echo(f"working on {settings.data_dir}; Ctrl-C stops")
        stop.wait()
    finally:
        system.close()


def _settings(overrides: dict[str, object], env_file: Path | None) -> "Settings":
    from memos import log
    from memos.configs.settings import load_settings

    settings = load_settings(overrides, env_file).settings
    log.configure(settings.log_level, settings.log_format)
    return settings


def _greet(url: str, base: str, settings: "Settings", first: "NewKey | None") -> None:
    typer.echo(f"MemOS is ready at {url} (API {base})")
    typer.echo(f"Data folder: {settings.data_dir}")
    if settings.docs_enabled:
        typer.echo(f"Interactive pages: {url}/docs")
    if first is not None and settings.bootstrap_api_key is None:
        key = first.secret
        typer.echo(f"\nYour API key, shown this once: {key}\n")
        typer.echo("Try it from a shell:\n" + _CURL.format(base=base, key=key))
        typer.echo("\nor from Python:\n" + _PYTHON.format(base=base, key=key) + "\n")
    typer.echo("Press Ctrl-C to stop.")
