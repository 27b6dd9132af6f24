"""Kill the server at random moments under four writers, then look whether anything is missing.

    python -m bench.chaos --rounds 20 --seconds 4 --seed 1

Each writer adds small conversations through the SDK, some synchronous, some not, and sends an add
again with the same Idempotency-Key when the server died under it; some it gives up. In the end:

- every message of an acknowledged add is there exactly once, in its order; a given-up add is there
  as a whole and once, or not at all;
- every task is completed, and nothing is left unfinished;
- each statement has become a memory, no memory is there twice, none comes from nowhere;
- a search finds the last acknowledged statement of each writer;
- the store's files are sound.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import apsw

from bench.server import KEY, Server
from memos.api.client import MemOSClient
from memos.errors import MemosError, UnavailableError

_STATEMENTS = (
    "My locker number is {n}.",
    "I bought the blue lamp number {n} in the harbour shop.",
    "My sister Anna keeps ticket {n} in her red drawer.",
    "我买了编号{n}的蓝色台灯。",
)
_ADDS_PER_CONVERSATION = 6
_IDLE_S = 180.0
_PAGE = 50


@dataclass(frozen=True)
class Options:
    """How hard to try.

    Args:
        rounds: kills.
        seconds: longest time the server is up between two kills.
        seed: of every random choice (the machine's own timing stays).
        writers: threads.
        lease_s: how long a killed worker's task is left alone.
        attempts: times a task may be taken. With the server's default of 5, a task that was in work
            during more kills than that is given up as one that kills its worker; kills in a row
            that are seconds apart reach that number, so the default here is the most there is.
    """

    rounds: int = 20
    seconds: float = 4.0
    seed: int = 1
    writers: int = 4
    lease_s: float = 2.0
    attempts: int = 100


@dataclass
class Add:
    """One add of a writer and what became of it."""

    user: str
    conversation: str
    numbers: tuple[int, ...]
    texts: tuple[str, ...]
    task_id: str | None = None
    tries: int = 0

    @property
    def acknowledged(self) -> bool:
        """Whether the server said yes."""
        return self.task_id is not None


@dataclass
class Report:
    """What was found."""

    kills: int = 0
    kills_while_starting: int = 0
    adds: int = 0
    acknowledged: int = 0
    given_up: int = 0
    sent_again: int = 0
    messages: int = 0
    memories: int = 0
    settle_s: float = 0.0
    problems: list[str] = field(default_factory=list)
    unfound: list[str] = field(default_factory=list)


class _SameKey:
    """Idempotency-Keys that change only when told to."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._number = 0

    def next(self) -> None:
        self._number += 1

    def new_id(self) -> str:
        return f"{self._prefix}-{self._number}"


class Writer(threading.Thread):
    """Adds until told to stop, and brings its last add to an end even then."""

    def __init__(self, number: int, server: Server, options: Options, stop: threading.Event):
        super().__init__(name=f"writer-{number}", daemon=True)
        self.adds: list[Add] = []
        self.error: BaseException | None = None
        self._number = number
        self._random = random.Random(f"{options.seed}/{number}")
        self._keys = _SameKey(f"chaos-{options.seed}-{number}")
        self._server = server
        self._stop_asked = stop
        self._counter = (number + 1) * 1_000_000

    def run(self) -> None:
        """Thread body."""
        try:
            with MemOSClient(
                api_key=KEY,
                base_url=self._server.api,
                ids=self._keys,
                raise_on_error=True,
                max_attempts=2,
                timeout_s=60,
            ) as client:
                while not self._stop_asked.is_set():
                    self._add(client)
        except BaseException as error:
            self.error = error

    def _add(self, client: MemOSClient) -> None:
        add = self._next()
        self.adds.append(add)
        self._keys.next()
        sync = self._random.random() < 0.3
        gives_up = self._random.random() < 0.1
        messages = [{"role": "user", "content": text} for text in add.texts]
        while not add.acknowledged:
            add.tries += 1
            try:
                answer = client.add_message(
                    messages, add.user, add.conversation, async_mode=not sync
                )
            except UnavailableError:
                if gives_up:
                    return
                self._stop_asked.wait(0.1)
            else:
                add.task_id = answer.task_id

    def _next(self) -> Add:
        """One or two statements. Two writers share a user; a conversation has one writer."""
        count = self._random.choice((1, 1, 2))
        numbers = tuple(self._counter + 1 + i for i in range(count))
        self._counter += count
        texts = tuple(self._random.choice(_STATEMENTS).format(n=n) for n in numbers)
        conversation = f"w{self._number}-c{len(self.adds) // _ADDS_PER_CONVERSATION}"
        return Add(f"user-{self._number // 2}", conversation, numbers, texts)


def run(options: Options, folder: Path) -> Report:
    """Do it in `folder`; what was found."""
    report = Report()
    chance = random.Random(f"{options.seed}/killer")
    attempts = {"MEMOS_TASK_MAX_ATTEMPTS": str(options.attempts)}
    server = Server(folder, lease_s=options.lease_s, environment=attempts)
    stop = threading.Event()
    try:
        server.start()
        server.wait_ready()
        writers = [Writer(n, server, options, stop) for n in range(options.writers)]
        for writer in writers:
            writer.start()
        for _ in range(options.rounds):
            _kill_once(server, chance, options, report)
        stop.set()
        for writer in writers:
            writer.join(_IDLE_S)
        _check(server, writers, report)
        if (status := server.stop()) != 0:
            report.problems.append(f"the server ended with status {status}: {server.tail()}")
        report.problems += [p for path in _files(server) for p in unsound(path)]
        report.problems += _failed_tasks(server.data_dir / "records.db")
        if report.problems:
            report.problems += [f"log: {line}" for line in _warnings(server)]
    finally:
        stop.set()
        server.close()
    return report


def _kill_once(server: Server, chance: random.Random, options: Options, report: Report) -> None:
    """Let it run a while, kill it, start it again; every fifth time kill it while it starts."""
    time.sleep(chance.uniform(0.05, options.seconds))
    server.kill()
    report.kills += 1
    server.start()
    if chance.random() < 0.2:
        time.sleep(chance.uniform(0.1, 2.0))
        server.kill()
        report.kills += 1
        report.kills_while_starting += 1
        server.start()
    server.wait_ready()


def _check(server: Server, writers: list[Writer], report: Report) -> None:
    adds = [add for writer in writers for add in writer.adds]
    report.adds = len(adds)
    report.acknowledged = sum(add.acknowledged for add in adds)
    report.given_up = report.adds - report.acknowledged
    report.sent_again = sum(add.tries > 1 for add in adds)
    for writer in writers:
        if writer.error is not None:
            report.problems.append(f"{writer.name} failed: {writer.error!r}")
        if writer.is_alive():
            report.problems.append(f"{writer.name} never got its last answer")
    try:
        report.settle_s = server.wait_idle(_IDLE_S)
    except RuntimeError as error:
        report.problems.append(str(error))
    with MemOSClient(api_key=KEY, base_url=server.api, raise_on_error=True, timeout_s=60) as client:
        try:
            stored = _check_messages(client, adds, report)
            _check_tasks(client, adds, report)
            _check_memories(client, stored, report)
            _check_search(client, writers, report)
        except MemosError as error:
            report.problems.append(f"the server answered {error.code}: {error.message}")


def _check_messages(client: MemOSClient, adds: list[Add], report: Report) -> list[Add]:
    """Compare each conversation with what was sent to it; the adds that are stored."""
    stored = []
    by_conversation: dict[tuple[str, str], list[Add]] = {}
    for add in adds:
        by_conversation.setdefault((add.user, add.conversation), []).append(add)
    for (user, conversation), sent in by_conversation.items():
        answer = client.get_message(user, conversation, message_limit_number=_PAGE)
        there = [str(message.content) for message in answer.messages]
        report.messages += len(there)
        present = [a for a in sent if a.acknowledged or any(t in there for t in a.texts)]
        stored += present
        expected = [text for add in present for text in add.texts]
        if there != expected:
            report.problems.append(f"{conversation}: expected {expected}, found {there}")
    return stored


def _check_tasks(client: MemOSClient, adds: list[Add], report: Report) -> None:
    for add in adds:
        if add.task_id is not None:
            status = client.get_task_status(add.task_id).status
            if status != "completed":
                report.problems.append(f"task {add.task_id} of {add.texts} is {status}")


def _check_memories(client: MemOSClient, stored: list[Add], report: Report) -> None:
    for user in sorted({add.user for add in stored}):
        values = _memories(client, user)
        report.memories += len(values)
        numbers = [number for add in stored if add.user == user for number in add.numbers]
        if len(set(values)) != len(values):
            twice = sorted({value for value in values if values.count(value) > 1})
            report.problems.append(f"{user}: memories twice: {twice}")
        joined = "\n".join(values)
        missing = [n for n in numbers if str(n) not in joined]
        if missing:
            report.problems.append(f"{user}: no memory of {missing}")
        if len(values) > len(numbers):
            extra = [v for v in values if not any(str(n) in v for n in numbers)]
            report.problems.append(
                f"{user}: {len(values)} memories of {len(numbers)} statements, from nowhere: {extra}"
            )


def _memories(client: MemOSClient, user: str) -> list[str]:
    values: list[str] = []
    page = 1
    while True:
        answer = client.get_memory(user, page=page, size=_PAGE)
        values += [str(memory.memory_value) for memory in answer.memories]
        values += [str(p.preference) for p in answer.preferences]
        if page >= (answer.data.pages or 0):
            return values
        page += 1


def _check_search(client: MemOSClient, writers: list[Writer], report: Report) -> None:
    for writer in writers:
        last = next((add for add in reversed(writer.adds) if add.acknowledged), None)
        if last is None:
            continue
        found = client.search_memory(last.texts[-1], last.user, relativity=0)
        texts = [m.memory_value or "" for m in found.memories]
        if not any(str(last.numbers[-1]) in text for text in texts):
            report.unfound.append(f"search does not find {last.texts[-1]!r}, only {texts}")


def _files(server: Server) -> list[Path]:
    return sorted(server.data_dir.glob("*.db"))


def _failed_tasks(path: Path) -> list[str]:
    """Every task that is not completed, with its attempts and the reason noted for it."""
    connection = apsw.Connection(str(path))
    try:
        rows = connection.execute(
            "select id, status, attempts, error from task where status <> 'completed'"
        ).fetchall()
    finally:
        connection.close()
    return [f"task {i}: {status} after {n} attempts: {error}" for i, status, n, error in rows]


def _warnings(server: Server) -> list[str]:
    """What the server logged besides its greeting."""
    text = server.log.read_text(encoding="utf-8", errors="replace")
    return [line for line in text.splitlines() if "[warning" in line or "[error" in line][-40:]


def unsound(path: Path) -> list[str]:
    """What SQLite finds wrong with a file, and rows whose owner is gone."""
    connection = apsw.Connection(str(path))
    try:
        verdict = [str(row[0]) for row in connection.execute("pragma integrity_check")]
        orphans = connection.execute("pragma foreign_key_check").fetchall()
    finally:
        connection.close()
    problems = [] if verdict == ["ok"] else [f"{path.name}: {line}" for line in verdict]
    return problems + [f"{path.name}: row without owner {row}" for row in orphans]


def main() -> int:
    """Command line; 1 when something is missing, doubled or broken."""
    defaults = Options()
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=defaults.rounds)
    parser.add_argument("--seconds", type=float, default=defaults.seconds)
    parser.add_argument("--seed", type=int, default=defaults.seed)
    parser.add_argument("--writers", type=int, default=defaults.writers)
    parser.add_argument("--lease", type=float, default=defaults.lease_s)
    parser.add_argument("--attempts", type=int, default=defaults.attempts)
    arguments = parser.parse_args()
    options = Options(
        arguments.rounds,
        arguments.seconds,
        arguments.seed,
        arguments.writers,
        arguments.lease,
        arguments.attempts,
    )
    with tempfile.TemporaryDirectory(prefix="memos-chaos-") as folder:
        report = run(options, Path(folder))
    print(
        f"{report.kills} kills ({report.kills_while_starting} while starting), {report.adds} adds, "
        f"{report.acknowledged} acknowledged, {report.sent_again} sent again, {report.given_up} "
        f"given up; {report.messages} messages, {report.memories} memories; "
        f"settled in {report.settle_s:.1f} s"
    )
    for problem in [*report.problems, *report.unfound]:
        print(f"PROBLEM {problem}")
    print("nothing lost, nothing doubled" if not report.problems else "FAILED")
    return 1 if report.problems or report.unfound else 0


if __name__ == "__main__":
    sys.exit(main())
