"""Search memories: what a caller may see of a subject, ranked against a question."""

from collections.abc import Sequence
from dataclasses import dataclass

from memos.errors import NotFoundError, TooManyTokensError
from memos.handlers.caller import Caller
from memos.handlers.meter import Meter
from memos.handlers.view import MemoryView, Viewer
from memos.memories.textual.tree_text_memory.retrieve.boost import Ranked
from memos.memories.textual.tree_text_memory.retrieve.retriever import (
    Question,
    Retriever,
    Source,
    Wanted,
)
from memos.types.filters import Group
from memos.types.language import count_tokens
from memos.types.memory import FACT_KINDS, PREFERENCE_KINDS, SKILL_KINDS, TOOL_KINDS
from memos.types.scope import Scope

MAX_RESULTS = 25
_ALL_KNOWLEDGE_BASES = ("all",)


@dataclass(frozen=True, slots=True)
class SearchCommand:
    """A search as a client means it. A limit of 0 switches its list off."""

    query: str
    user_id: str | None
    agent_id: str | None = None
    conversation_id: str | None = None
    facts: int = 9
    preferences: int = 9
    tools: int = 0
    skills: int = 0
    relativity: float | None = None
    user_filter: Group | None = None
    public_filter: Group | None = None
    knowledgebase_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchOutcome:
    """What was found, best first."""

    facts: tuple[MemoryView, ...]
    preferences: tuple[MemoryView, ...]
    tools: tuple[MemoryView, ...]
    skills: tuple[MemoryView, ...]


@dataclass(frozen=True, slots=True)
class SearchLimits:
    """Most tokens of a question, and the relativity used when none is given."""

    max_tokens: int = 4000
    default_relativity: float = 0.45


class SearchMemory:
    """The use case behind `search/memory`."""

    def __init__(
        self, retriever: Retriever, viewer: Viewer, *, meter: Meter, limits: SearchLimits
    ) -> None:
        self._retriever = retriever
        self._viewer = viewer
        self._meter = meter
        self._limits = limits

    def __call__(self, caller: Caller, command: SearchCommand) -> SearchOutcome:
        """Find memories of a subject, and public ones of its project.

        A subject never seen has no memories: empty lists, no error.

        Raises:
            TooManyTokensError: the question is too long.
            NotFoundError: a knowledge base is named that the project does not have (50123).
            QuotaExceededError: the project's tokens per minute are used up.
        """
        tokens = count_tokens(command.query)
        if tokens > self._limits.max_tokens:
            raise TooManyTokensError(
                f"query holds about {tokens} tokens, more than {self._limits.max_tokens}; "
                "shorten it, long documents do not belong into a query",
                field="query",
            )
        if command.knowledgebase_ids not in ((), _ALL_KNOWLEDGE_BASES):
            raise NotFoundError(
                "a knowledge base named in knowledgebase_ids is not linked to this project",
                code=50123,
                field="knowledgebase_ids",
            )
        with self._meter.measure(caller.project, "search", tokens):
            return self._search(caller, command)

    def _search(self, caller: Caller, command: SearchCommand) -> SearchOutcome:
        subject = caller.subject(command.user_id, command.agent_id)
        sources = [
            Source(Scope.of(subject), command.user_filter),
            Source(Scope.of(caller.public), command.public_filter),
        ]
        wanted = [
            Wanted(FACT_KINDS, command.facts),
            Wanted(PREFERENCE_KINDS, command.preferences),
            Wanted(TOOL_KINDS, command.tools),
            Wanted(SKILL_KINDS, command.skills),
        ]
        asked = [want for want in wanted if want.limit > 0]
        threshold = command.relativity
        answer = self._retriever.search(
            Question(
                command.query,
                sources,
                asked,
                threshold=self._limits.default_relativity if threshold is None else threshold,
                conversation_id=command.conversation_id,
            )
        )
        lists = dict(zip((want.kinds for want in asked), answer.lists, strict=True))
        views = [self._views(lists.get(want.kinds, ())) for want in wanted]
        return SearchOutcome(*views)

    def _views(self, ranked: Sequence[Ranked]) -> tuple[MemoryView, ...]:
        scores = {r.item.id: r.relativity for r in ranked}
        return tuple(self._viewer.views([r.item for r in ranked], scores))
