"""Suggestions: questions a user might ask next."""

from dataclasses import dataclass

from memos.graph_dbs.base import GraphReader
from memos.handlers.caller import Caller
from memos.handlers.meter import Meter
from memos.llms.base import LLM
from memos.mem_chat.suggest import Basis, suggested
from memos.memories.textual.tree_text_memory.organize.organizer import is_rough
from memos.memories.textual.tree_text_memory.retrieve.viewpoint import HERE_AND_NOW
from memos.types.clock import Clock
from memos.types.language import count_tokens, is_chinese
from memos.types.memory import FACT_KINDS, LIVE, PREFERENCE_KINDS, MemoryItem
from memos.types.scope import Scope

CHINESE = "zh"
_MEMORIES = 30
_TURNS = 10
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class SuggestCommand:
    """Whose next questions are wanted, in which language, and what was said last.

    Args:
        user_id, agent_id: the subject.
        language: `zh` or `en`; None follows the talk, else the memories.
        talk: the latest turns as `(role, text)`; without any, recent memories are the basis.
    """

    user_id: str | None
    agent_id: str | None = None
    language: str | None = None
    talk: tuple[tuple[str, str], ...] = ()


class SuggestQueries:
    """The use case behind `get/suggestions`."""

    def __init__(self, graph: GraphReader, llm: LLM | None, *, meter: Meter, clock: Clock) -> None:
        self._graph = graph
        self._llm = llm
        self._meter = meter
        self._clock = clock

    def __call__(self, caller: Caller, command: SuggestCommand) -> tuple[str, ...]:
        """Three questions; general ones for somebody nothing is known of.

        A model that fails is done without.

        Raises:
            QuotaExceededError: the project's tokens per minute are used up.
        """
        talk = tuple((role, text[-_LONGEST:]) for role, text in command.talk[-_TURNS:])
        tokens = sum(count_tokens(text) for _, text in talk)
        scope = Scope.of(caller.subject(command.user_id, command.agent_id))
        with self._meter.measure(caller.project, "suggest", tokens):
            memories = () if talk else self._recent(scope)
            basis = Basis(memories, talk, _chinese(command, memories), self._clock.now_ms())
            return suggested(basis, self._llm)

    def _recent(self, scope: Scope) -> tuple[MemoryItem, ...]:
        """Latest memories, facts and preferences taken in turn, so that both have a say."""
        found = [
            [
                item
                for item in self._graph.find(
                    scope, kinds, HERE_AND_NOW.where(LIVE), limit=_MEMORIES
                ).items
                if not is_rough(item)
            ]
            for kinds in (FACT_KINDS, PREFERENCE_KINDS)
        ]
        longest = max(map(len, found))
        return tuple(items[at] for at in range(longest) for items in found if at < len(items))


def _chinese(command: SuggestCommand, memories: tuple[MemoryItem, ...]) -> bool:
    if command.language is not None:
        return command.language == CHINESE
    texts = [text for _, text in command.talk] or [item.value for item in memories]
    return 2 * sum(map(is_chinese, texts)) > len(texts)
