"""Search memories: what a caller may see of a subject, ranked against a question."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timezone, tzinfo

from memos.errors import TooManyTokensError
from memos.handlers.caller import Caller
from memos.handlers.meter import Meter
from memos.handlers.reach import Reach
from memos.handlers.view import MemoryView, Viewer
from memos.memories.textual.tree_text_memory.retrieve.boost import Ranked
from memos.memories.textual.tree_text_memory.retrieve.pack import Passage, pack
from memos.memories.textual.tree_text_memory.retrieve.retriever import (
    Answer,
    Question,
    Retriever,
    Source,
    Wanted,
)
from memos.memories.textual.tree_text_memory.retrieve.rewrite import OFF, RewriteStage
from memos.memories.textual.tree_text_memory.retrieve.viewpoint import HERE_AND_NOW, Viewpoint
from memos.types.filters import Group
from memos.types.language import count_tokens
from memos.types.memory import (
    FACT_KINDS,
    LIVE,
    PREFERENCE_KINDS,
    SKILL_KINDS,
    TOOL_KINDS,
    MemoryItem,
    MemoryStatus,
)
from memos.types.scope import Scope

MAX_RESULTS = 25


@dataclass(frozen=True, slots=True)
class SearchCommand:
    """A search as a client means it. A limit of 0 switches its list off.

    `pack` also renders the results as a block for a prompt, of at most `max_tokens`;
    `deadline_s` is how long optional stages may take, from now; `fine` asks the model, if there is
    one, for further queries; `viewpoint` and `statuses` say what may be found.
    """

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
    knowledge_filter: Group | None = None
    knowledgebase_ids: tuple[str, ...] = ()
    pack: bool = False
    max_tokens: int | None = None
    deadline_s: float | None = None
    fine: bool = False
    viewpoint: Viewpoint = HERE_AND_NOW
    statuses: frozenset[MemoryStatus] = LIVE

    @property
    def wanted(self) -> tuple[Wanted, ...]:
        """The four lists, in the order of `SearchOutcome`."""
        return (
            Wanted(FACT_KINDS, self.facts),
            Wanted(PREFERENCE_KINDS, self.preferences),
            Wanted(TOOL_KINDS, self.tools),
            Wanted(SKILL_KINDS, self.skills),
        )


@dataclass(frozen=True, slots=True)
class SearchOutcome:
    """What was found, best first.

    Args:
        facts, preferences, tools, skills: the four lists.
        answer: the ranked hits behind them.
        threshold: the relativity asked for.
        context: the block for a prompt, when it was asked for.
        rewrite: what became of the rewriting stage.
    """

    facts: tuple[MemoryView, ...]
    preferences: tuple[MemoryView, ...]
    tools: tuple[MemoryView, ...]
    skills: tuple[MemoryView, ...]
    answer: Answer
    threshold: float
    context: str | None = None
    rewrite: str = OFF


@dataclass(frozen=True, slots=True)
class SearchLimits:
    """Most tokens of a question, the relativity used when none is given, and the zone of dates."""

    max_tokens: int = 4000
    default_relativity: float = 0.45
    zone: tzinfo = timezone.utc


class SearchMemory:
    """The use case behind `search/memory`."""

    def __init__(
        self,
        retriever: Retriever,
        rewriter: RewriteStage,
        viewer: Viewer,
        *,
        meter: Meter,
        reach: Reach,
        limits: SearchLimits,
    ) -> None:
        self._retriever = retriever
        self._rewriter = rewriter
        self._viewer = viewer
        self._meter = meter
        self._reach = reach
        self._limits = limits
        self._listeners: tuple[Callable[[Sequence[MemoryItem]], None], ...] = ()

    def listen(self, note: Callable[[Sequence[MemoryItem]], None]) -> None:
        """Tell what is handed out from now on; it must return at once and raise nothing."""
        self._listeners = (*self._listeners, note)

    @property
    def zone(self) -> tzinfo:
        """Zone of dates in prompts."""
        return self._limits.zone

    def __call__(self, caller: Caller, command: SearchCommand) -> SearchOutcome:
        """Find memories of a subject, and public ones of its project.

        A subject never seen has no memories: empty lists, no error.

        Raises:
            TooManyTokensError: the question is too long.
            NotFoundError: a knowledge base is named that the project does not have (50123).
            QuotaExceededError: the project's tokens per minute are used up.
        """
        tokens = self.check(command)
        with self._meter.measure(caller.project, "search", tokens):
            return self.find(caller, command)

    def check(self, command: SearchCommand) -> int:
        """Tokens of the question. Raises as a call does before it searches."""
        tokens = count_tokens(command.query)
        if tokens > self._limits.max_tokens:
            raise TooManyTokensError(
                f"query holds about {tokens} tokens, more than {self._limits.max_tokens}; "
                "shorten it, long documents do not belong into a query",
                field="query",
            )
        return tokens

    def find(self, caller: Caller, command: SearchCommand) -> SearchOutcome:
        """As a call, unchecked and not counted: for use cases that are counted themselves."""
        question, rewrite = self.question(caller, command)
        outcome = replace(self._search(question, command), rewrite=rewrite)
        if not command.viewpoint.is_moved:
            self.handed_out([ranked.item for ranks in outcome.answer.lists for ranked in ranks])
        return outcome

    def handed_out(self, items: Sequence[MemoryItem]) -> None:
        """Tell who counts uses, and who tells echoes from news, that these were shown."""
        for note in self._listeners:
            note(items)

    def question(self, caller: Caller, command: SearchCommand) -> tuple[Question, str]:
        """The search that a command means, within what the caller may see.

        Returns:
            The question, with further queries when the command is `fine`; and the outcome of the
            rewriting stage.
        """
        question = self._asked(caller, command)
        if not command.fine:
            return question, OFF
        more, outcome = self._rewriter.further(question.text, question.deadline)
        return replace(question, more=more), outcome

    def _asked(self, caller: Caller, command: SearchCommand) -> Question:
        subject = caller.subject(command.user_id, command.agent_id)
        bases = self._reach.named(caller, command.knowledgebase_ids, "knowledgebase_ids")
        threshold = command.relativity
        return Question(
            command.query,
            sources=(
                Source(Scope.of(subject), command.user_filter),
                Source(Scope.of(caller.public), command.public_filter),
                *(
                    Source(Scope.of(base), command.knowledge_filter, timeless=True)
                    for base in bases
                ),
            ),
            wanted=tuple(want for want in command.wanted if want.limit > 0),
            threshold=self._limits.default_relativity if threshold is None else threshold,
            conversation_id=command.conversation_id,
            deadline=self._retriever.deadline(command.deadline_s),
            viewpoint=command.viewpoint,
            statuses=command.statuses,
        )

    def _search(self, question: Question, command: SearchCommand) -> SearchOutcome:
        answer = self._retriever.search(question)
        lists = dict(zip((w.kinds for w in question.wanted), answer.lists, strict=True))
        facts, preferences, tools, skills = (
            self._views(lists.get(want.kinds, ())) for want in command.wanted
        )
        context = None
        if command.pack:
            context = pack(
                [Passage(view.item, view.value) for view in facts],
                [Passage(view.item, view.value) for view in preferences],
                zone=self._limits.zone,
                max_tokens=command.max_tokens,
            )
        return SearchOutcome(facts, preferences, tools, skills, answer, question.threshold, context)

    def _views(self, ranked: Sequence[Ranked]) -> tuple[MemoryView, ...]:
        scores = {r.item.id: r.relativity for r in ranked}
        return tuple(self._viewer.views([r.item for r in ranked], scores))
