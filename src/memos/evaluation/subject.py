"""The system under evaluation: dialogues added the public way, questions asked of its retriever."""

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from memos.configs.settings import Settings
from memos.embedders.base import Embedder
from memos.errors import MemosError
from memos.evaluation.corpus import Dialogue, Session, Turn
from memos.evaluation.stage import Change, ChangedGraph
from memos.handlers.add import AddCommand, IncomingMessage
from memos.handlers.caller import Caller
from memos.handlers.search import SearchCommand, SearchOutcome
from memos.handlers.view import Viewer
from memos.mem_os.bootstrap import System, build
from memos.memories.textual.tree_text_memory.retrieve.retriever import (
    Question,
    Retriever,
    Source,
    Wanted,
)
from memos.records.base import COMPLETED
from memos.types.memory import FACT_KINDS, PREFERENCE_KINDS, MemoryItem, MemoryStatus
from memos.types.scope import Scope

CHUNK_MESSAGES = 20
CITED_TURNS = 4
"""A memory counts for at most so many of its source turns, so that long ones win nothing."""
FIRST_RESULTS = 10
"""Results whose relevance tells whether there is an answer."""
_UNLIMITED_TOKENS = 10_000_000
_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Found:
    """A memory a question found.

    Args:
        id: the memory's id.
        text: the memory as a client sees it.
        cited: ids of the turns it rests on, at most `CITED_TURNS`, in order.
        relativity: calibrated relevance, 0..1.
        score: absolute score the order follows.
        kind: the memory's kind, as on the wire.
        event_ms: when it was true, ms UTC, or None.
    """

    id: str
    text: str
    cited: tuple[str, ...]
    relativity: float
    score: float
    kind: str
    event_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """What a question found, best first, and how sure the product is that it has an answer, 0..1."""

    found: tuple[Found, ...]
    answerable: float


@dataclass(frozen=True, slots=True)
class Added:
    """A dialogue in the store: its user, and turn ids by message id."""

    user: str
    end: int
    turn_of: dict[str, str] = field(repr=False)


class _StandingClock:
    """The system's clock, standing at the time a question is asked."""

    def __init__(self, now_ms: int) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        """The time it stands at."""
        return self._now_ms

    def monotonic(self) -> float:
        """Standing as well."""
        return self._now_ms / 1000


class Subject:
    """A system with the dialogues of a corpus in it.

    Args:
        system: built, not started.
        changes: stages changed for every question.
    """

    def __init__(self, system: System, changes: Sequence[Change] = ()) -> None:
        self.system = system
        self._graph = ChangedGraph(system.graph, tuple(changes))
        self._viewer = Viewer(system.records)
        self._caller = Caller(system.records.projects()[0].id, "evaluation")

    def changed(self, changes: Sequence[Change]) -> "Subject":
        """The same system with other stages changed."""
        return Subject(self.system, changes)

    def add(
        self,
        dialogues: Sequence[Dialogue],
        threads: int = 1,
        on_done: Callable[[], None] = lambda: None,
    ) -> list[Added]:
        """Add dialogues, one user each, and wait until everything is read.

        Adding one again that the store holds already changes nothing and costs next to nothing.

        Raises:
            MemosError: a part could not be read.
        """

        def one(dialogue: Dialogue) -> tuple[str, list[tuple[str, Sequence[Turn]]]]:
            added = self._send(dialogue)
            on_done()
            return added

        self.system.worker.start()
        with ThreadPoolExecutor(max(1, threads)) as pool:
            sent = list(pool.map(one, dialogues))
        self._settle()
        return [
            Added(user, dialogue.end, self._turns(parts))
            for dialogue, (user, parts) in zip(dialogues, sent, strict=True)
        ]

    def ask(
        self,
        added: Added,
        question: str,
        *,
        limit: int,
        as_of: int | None,
        more: tuple[str, ...] = (),
    ) -> Response:
        """Memories for a question, best first: the product's own lists with a longer limit.

        Facts and preferences stand in one list, in the product's own order; nothing is cut by
        relevance, which is that of the list a memory belongs to.

        Args:
            added: the dialogue that is asked.
            question: the text.
            limit: most memories.
            as_of: what "last week" is relative to, ms UTC; None means the end of the dialogue.
            more: further queries, as a model names them in a `fine` search.
        """
        retriever = Retriever(
            self._graph,
            self.system.embedder,
            clock=_StandingClock(added.end if as_of is None else as_of),
            zone=self.system.settings.zone,
        )
        scopes = (self._caller.subject(added.user), self._caller.public)
        answer = retriever.search(
            Question(
                question,
                [Source(Scope.of(cube)) for cube in scopes],
                [Wanted(FACT_KINDS | PREFERENCE_KINDS, limit), Wanted(PREFERENCE_KINDS, limit)],
                threshold=0.0,
                more=more,
            )
        )
        both, preferences = answer.lists
        own_list = {r.item.id: r for r in preferences}
        hits = [own_list.get(r.item.id, r) for r in both]
        found = self._found([(r.item, r.relativity, r.score) for r in hits], added)
        return Response(tuple(found), answer.answerable)

    def search(self, added: Added, question: str) -> SearchOutcome:
        """The product's search use case, as a client with default limits calls it."""
        return self.system.search(self._caller, SearchCommand(question, added.user))

    def memories(self, added: Added) -> int:
        """Number of memories of a dialogue that a search can return."""
        scope = Scope.of(self._caller.subject(added.user))
        kinds = FACT_KINDS | PREFERENCE_KINDS
        total = self.system.graph.find(scope, kinds, limit=1).total
        found = self.system.graph.find(scope, kinds, limit=total).items if total else ()
        return sum(item.status is MemoryStatus.ACTIVATED for item in found)

    def _found(self, hits: Sequence[tuple[MemoryItem, float, float]], added: Added) -> list[Found]:
        """Results of (item, relativity, score)."""
        by_id = {item.id: (relativity, score) for item, relativity, score in hits}
        found = []
        for view in self._viewer.views([item for item, _, _ in hits]):
            relativity, score = by_id[view.item.id]
            turns = (added.turn_of.get(source.message_id) for source in view.item.sources)
            cited = tuple(dict.fromkeys(turn for turn in turns if turn))[:CITED_TURNS]
            found.append(
                Found(
                    id=view.item.id,
                    text=view.value,
                    cited=cited,
                    relativity=relativity,
                    score=score,
                    kind=view.item.kind.value,
                    event_ms=view.item.event_from,
                )
            )
        return found

    def _send(self, dialogue: Dialogue) -> tuple[str, list[tuple[str, Sequence[Turn]]]]:
        user = f"{dialogue.id}-{fingerprint(dialogue)}"
        parts = []
        for session in dialogue.sessions:
            for number, turns in enumerate(chunks(session)):
                command = AddCommand(
                    user,
                    [IncomingMessage(t.role, t.message, t.time) for t in turns],
                    conversation_id=session.id,
                    request_id=f"{session.id}/{number}",
                )
                parts.append((self.system.add(self._caller, command).task_id, turns))
        return user, parts

    def _settle(self) -> None:
        pause = threading.Event()
        while self.system.records.unfinished():
            pause.wait(_POLL_S)

    def _turns(self, parts: Sequence[tuple[str, Sequence[Turn]]]) -> dict[str, str]:
        turn_of: dict[str, str] = {}
        for task_id, turns in parts:
            task = self.system.records.task(self._caller.project, task_id)
            if task is None or task.status != COMPLETED:
                raise MemosError("a part of a dialogue could not be read; the log says why")
            ids = task.payload["message_ids"]
            turn_of.update((m, turn.id) for m, turn in zip(ids, turns, strict=True))
        return turn_of


def chunks(session: Session) -> Iterator[Sequence[Turn]]:
    """The adds of a session: at most `CHUNK_MESSAGES` turns each; turns without text are left out."""
    turns = [turn for turn in session.turns if turn.text.strip()]
    for start in range(0, len(turns), CHUNK_MESSAGES):
        yield turns[start : start + CHUNK_MESSAGES]


def fingerprint(dialogue: Dialogue) -> str:
    """Short digest of what is added, so that a changed file gets a user of its own."""
    digest = hashlib.sha256()
    for session in dialogue.sessions:
        digest.update(session.id.encode())
        for turn in session.turns:
            digest.update(f"\x1e{turn.id}\x1f{turn.role}\x1f{turn.time}\x1f{turn.message}".encode())
    return digest.hexdigest()[:8]


@contextmanager
def open_subject(
    folder: Path,
    *,
    threads: int = 2,
    embedder: Embedder | None = None,
    model: Mapping[str, Any] | None = None,
) -> Iterator[Subject]:
    """A system over a data folder, with the clock zone of the sets (UTC).

    Args:
        folder: the data folder.
        threads: adds in work at once.
        embedder: used instead of the bundled one.
        model: settings of the language model that reads and relates; None leaves it to the rules.

    Raises:
        ConfigError: the folder cannot be used.
    """
    settings = Settings(
        data_dir=folder,
        timezone="UTC",
        tokens_per_minute=0,
        embedded_worker=False,
        worker_threads=max(1, threads),
        add_max_tokens=_UNLIMITED_TOKENS,
        query_max_tokens=_UNLIMITED_TOKENS,
        **(model or {}),
    )
    system = build(settings, embedder=embedder)
    try:
        system.start()
        yield Subject(system)
    finally:
        system.close()
