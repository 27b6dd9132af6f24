"""Keeps out what only says again what a search just handed out.

An assistant that answers "You live in Lisbon and your dog is Max" tells nothing new; neither does a
prompt that carries memories back in. Without this, memory would feed on itself.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from memos.graph_dbs.base import GraphReader, Uses
from memos.graph_dbs.tokenize import tokenize
from memos.memories.textual.tree_text_memory.organize.normalise import content_hash
from memos.types.clock import Clock
from memos.types.filters import Condition, Field, Operator, all_of
from memos.types.language import is_chinese
from memos.types.memory import FACT_KINDS, LIVE, PREFERENCE_KINDS, Draft, MemoryItem
from memos.types.scope import Cube, Scope

WITHIN_MS = 6 * 3_600_000
"""So long after it was handed out, a memory's text counts as an echo."""
_COVERED = 0.8
"""Share of an assistant's words that must be in what was handed out."""
_VIEW = re.compile(r"^\[assistant(?: view|观点)\]\s*")
_DENIALS = re.compile(r"\b(?:not|no|never|none|without|longer)\b|n't\b|[不没无非]", re.IGNORECASE)
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_USER = re.compile(r"\b(?:the )?user\b|用户", re.IGNORECASE)
_LEAST_WORDS = 2
_KINDS = FACT_KINDS | PREFERENCE_KINDS
_NEWEST = 100


class Returned(Protocol):
    """Tells what was handed out lately."""

    def recent(self, cube: Cube, since_ms: int) -> list[str]:
        """Memories of a cube handed out since then."""
        ...

    def uses(self, cube: Cube, ids: Sequence[str]) -> Mapping[str, Uses]:
        """When memories were handed out last."""
        ...


class Echoes:
    """Lets through what is no echo.

    Args:
        graph: the memories.
        returned: what was handed out.
        clock: the present.
    """

    def __init__(self, graph: GraphReader, returned: Returned, clock: Clock) -> None:
        self._graph = graph
        self._returned = returned
        self._clock = clock

    def allowed(self, cube: Cube, drafts: Sequence[Draft]) -> list[Draft]:
        """The drafts that say more than what was handed out, in order."""
        if not drafts:
            return []
        since = self._clock.now_ms() - WITHIN_MS
        ids = self._returned.recent(cube, since)
        if not ids and any(_is_assistants(draft) for draft in drafts):
            ids = self._handed_out_elsewhere(cube, since)
        items = self._graph.get(Scope.of(cube), ids) if ids else []
        return [draft for draft in drafts if not is_echo(draft, items)]

    def _handed_out_elsewhere(self, cube: Cube, since_ms: int) -> list[str]:
        """Of the newest memories those that another process handed out since then."""
        live = all_of(Condition(Field.STATUS, Operator.IN, tuple(s.value for s in LIVE)))
        found = self._graph.find(Scope.of(cube), _KINDS, live, limit=_NEWEST).items
        uses = self._returned.uses(cube, [item.id for item in found])
        return [memory_id for memory_id, use in uses.items() if use.last >= since_ms]


def is_echo(draft: Draft, returned: Sequence[MemoryItem]) -> bool:
    """Whether a draft only says again what these memories say.

    A person's words are an echo when they are a memory's own text ("The user lives in Lisbon.");
    an assistant's when nearly all of them, with every figure, are in the memories together.
    """
    if not returned:
        return False
    if content_hash(draft.statement) in {content_hash(item.value) for item in returned}:
        return True
    if not _is_assistants(draft):
        return False
    said = _VIEW.sub("", draft.value)
    handed = "\n".join(item.value for item in returned)
    if is_chinese(said):
        return _covered(set(_characters(said)), set(_characters(handed)), said, returned)
    return _covered(set(_words(said)), set(_words(handed)), said, returned)


def _is_assistants(draft: Draft) -> bool:
    return all(source.role == "assistant" for source in draft.sources)


def _covered(words: set[str], known: set[str], said: str, returned: Sequence[MemoryItem]) -> bool:
    if len(words) < _LEAST_WORDS or len(words & known) < _COVERED * len(words):
        return False
    figures = {f for item in returned for f in _FIGURE.findall(item.value)}
    if not set(_FIGURE.findall(said)) <= figures:
        return False
    if not _DENIALS.search(said):
        return True
    return any(_DENIALS.search(item.value) for item in returned)


def _words(text: str) -> list[str]:
    return tokenize(_USER.sub(" ", text))


def _characters(text: str) -> list[str]:
    plain = re.sub(r"[\W_您你的了是在呢吧啊哦]+", "", _USER.sub("", text))
    return [plain[n : n + 2] for n in range(len(plain) - 1)]
