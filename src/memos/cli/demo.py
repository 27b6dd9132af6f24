"""`memos demo`: a conversation goes in, memories and answers come out, and nothing stays."""

import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memos.cli.demo_script import DemoScript, Question, load_script
from memos.cli.traces import count_traces
from memos.cli.waiting import wait_for_tasks
from memos.errors import MemosError

if TYPE_CHECKING:
    from rich.console import Console

    from memos.api.client import MemOSClient
    from memos.api.openmem_models import SearchResponse

WIDTH = 100
TOP = 3
ENOUGH = 0.9
_TURN_PAUSE_S = 0.06


def demo(
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the memories and their folder; do not erase.")
    ] = False,
    fast: Annotated[bool, typer.Option("--fast", help="No pauses between the turns.")] = False,
) -> None:
    """Replay a bundled conversation against a fresh server and show what it remembers.

    Everything runs on this machine, in a temporary folder, without a model or a key.
    """
    from rich.console import Console

    started = time.monotonic()
    script = load_script()
    screen = Console(width=min(Console().width, WIDTH) if Console().is_terminal else WIDTH)
    folder = Path(tempfile.mkdtemp(prefix="memos-demo-"))
    try:
        with _server(folder) as client:
            _replay(screen, client, script, 0.0 if fast else _TURN_PAUSE_S)
            _show_memories(screen, client, script)
            right = _ask(screen, client, script)
            left = 0 if keep else _erase(screen, client, script, folder)
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    _conclude(screen, right, len(script.questions), time.monotonic() - started)
    if keep:
        screen.print(f"Kept in {folder}; look around with: memos serve --data-dir {folder}")
    if left:
        raise MemosError(f"{left} traces of the erased user are left in the data folder")
    if right < ENOUGH * len(script.questions):
        raise MemosError(f"only {right} of {len(script.questions)} questions were answered")


@contextmanager
def _server(folder: Path) -> "Iterator[MemOSClient]":
    """A server on a folder, whatever the environment configures, and a client of it."""
    from memos import log
    from memos.api.client import MemOSClient
    from memos.api.server_api import create_app
    from memos.cli.http_server import API_PATH, listen, on_thread, url_of
    from memos.configs.settings import load_settings
    from memos.mem_os.bootstrap import RECORDS_FILE, build

    settings = load_settings(
        {
            "data_dir": folder,
            "records_url": f"sqlite:///{(folder / RECORDS_FILE).as_posix()}",
            "embedder_backend": "use_multilingual",
            "llm_model": "",
            "embedded_worker": True,
            "timezone": "UTC",
        }
    ).settings
    log.configure("WARNING")
    system = build(settings)
    try:
        system.projects.ensure_default()
        secret = system.projects.create_key("default", "demo").secret
        system.start()
        with listen("127.0.0.1", 0) as listener, on_thread(create_app(system), listener):
            base_url = url_of(listener) + API_PATH
            with MemOSClient(secret, base_url, raise_on_error=True) as client:
                yield client
    finally:
        system.close()


def _replay(screen: "Console", client: "MemOSClient", script: DemoScript, pause_s: float) -> None:
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    screen.rule(f"1  {script.turns} turns, seven months, two languages", align="left")
    columns = (TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn())
    tasks = []
    with Progress(*columns, console=screen) as progress:
        said = progress.add_task("replaying", total=script.turns)
        for sitting in script.sittings:
            answer = client.add_message(
                sitting.messages, user_id=script.user_id, conversation_id=sitting.id
            )
            tasks.append(answer.task_id)
            first = sitting.messages[0]
            screen.print(f"[dim]{first['chat_time'][:10]}[/]  {escape(first['content'])}")
            for _ in sitting.messages:
                progress.advance(said)
                time.sleep(pause_s)
        read = progress.add_task("making memories", total=len(tasks))
        counts = wait_for_tasks(client, tasks, lambda: progress.advance(read))
    if counts["completed"] < len(tasks):
        raise MemosError(f"{len(tasks) - counts['completed']} conversations could not be read")


def _show_memories(screen: "Console", client: "MemOSClient", script: DemoScript) -> None:
    from rich.table import Table
    from rich.text import Text

    facts, preferences, page = [], [], 1
    while True:
        answer = client.get_memory(user_id=script.user_id, page=page, size=50)
        facts += answer.memories
        preferences += answer.preferences
        if page >= (answer.data.pages or 1):
            break
        page += 1
    screen.print()
    made = f"{_counted(len(facts), 'fact')} and {_counted(len(preferences), 'preference')}"
    screen.rule(f"2  {made} it made of them", align="left")
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("when", no_wrap=True)
    table.add_column("kind", no_wrap=True)
    table.add_column("memory", overflow="fold")
    for fact in sorted(facts, key=lambda fact: _moment(fact.memory_time)):
        table.add_row(_day(fact.memory_time), "fact", Text(fact.memory_value or ""))
    for liked in preferences:
        table.add_row("", "preference", Text(liked.preference or ""))
    screen.print(table)


def _ask(screen: "Console", client: "MemOSClient", script: DemoScript) -> int:
    """Ask every question; how many have an expected word among their best results."""
    from rich.table import Table
    from rich.text import Text

    screen.print()
    screen.rule(f"3  Ten questions, best of {TOP} results each", align="left")
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("", "question", "memory", "relevance", "ms"):
        right = column in {"relevance", "ms"}
        table.add_column(column, justify="right" if right else "left", overflow="fold")
    answered = 0
    for question in script.questions:
        before = time.monotonic()
        answer = client.search_memory(query=question.text, user_id=script.user_id)
        elapsed_ms = (time.monotonic() - before) * 1000
        best = _best(answer)
        good, (text, relevance) = _judge(question, best)
        answered += good
        mark = "[green]✓[/]" if good else "[red]✗[/]"
        table.add_row(mark, question.text, Text(text), f"{relevance:.2f}", f"{elapsed_ms:.0f}")
    screen.print(table)
    return answered


def _best(answer: "SearchResponse") -> list[tuple[str, float]]:
    """Texts of the best results with their relevance, facts and preferences together."""
    found = [(m.memory_value or "", m.relativity or 0.0) for m in answer.memories]
    found += [(p.preference or "", p.relativity or 0.0) for p in answer.preferences]
    return sorted(found, key=lambda result: -result[1])[:TOP]


def _judge(question: Question, best: Sequence[tuple[str, float]]) -> tuple[bool, tuple[str, float]]:
    """Whether a result answers, and the result to show: the first that does, else the first."""
    for result in best:
        if question.answered_by(result[0]):
            return True, result
    return False, best[0] if best else ("nothing found", 0.0)


def _erase(screen: "Console", client: "MemOSClient", script: DemoScript, folder: Path) -> int:
    """Erase the user, look for their words in the folder's bytes; the number that is left."""
    from rich.table import Table

    before = count_traces(folder, script.traces)
    client.delete_memory(user_id=script.user_id)
    after = count_traces(folder, script.traces)
    screen.print()
    screen.rule("4  The user is erased: their words in the bytes of the data folder", align="left")
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("")
    for word in script.traces:
        table.add_column(word, justify="right")
    table.add_row("before", *(str(before[word]) for word in script.traces))
    table.add_row("after", *(str(after[word]) for word in script.traces))
    screen.print(table)
    return sum(after.values())


def _conclude(screen: "Console", right: int, questions: int, elapsed_s: float) -> None:
    screen.print()
    screen.print(
        f"[bold]{right} of {questions}[/] questions answered, in {elapsed_s:.0f} s, "
        "with no model, no key and no network."
    )
    screen.print("Next: [bold]make run[/] starts a server on ~/.memos/data; docs/ tells the rest.")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _moment(value: object) -> int:
    return value if isinstance(value, int) else 0


def _day(value: object) -> str:
    from datetime import datetime, timezone

    if not isinstance(value, int):
        return ""
    return datetime.fromtimestamp(value / 1000, timezone.utc).strftime("%Y-%m-%d")
