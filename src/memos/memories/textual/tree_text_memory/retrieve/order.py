"""Orders what was recalled: repetitions left out, no turn and no talkative assistant in front."""

import re
from collections import Counter
from collections.abc import Sequence

from memos.memories.textual.tree_text_memory.retrieve.boost import (
    Moment,
    Naming,
    Ranked,
    boosted,
)
from memos.types.scope import CubeKind

SIBLING = 0.5
"""Taken from a memory's score for each better one of the same turn. One turn often yields two or
three memories that score alike; without this they fill the first places (R@10 .782 with 0, .815
with 0.1, .834 with 0.5 on 759 questions; docs/evaluation.md)."""
USER_SHARE = 3
"""Memories of others that come before each one of the assistant's own (3 : 1, retrieval.md)."""
_WORD = re.compile(r"\w+")
_FILLER = frozenset({"the", "a", "an", "just", "really", "very", "also", "actually"})
_TELLING = "dgimpw"
"""Letters that no filler holds."""
_PARTICLE = re.compile("[_了的呢啊吧]")


def ordered(ranked: Sequence[Ranked], moment: Moment, *, interleave: bool = True) -> list[Ranked]:
    """Hits in the order they are returned.

    Args:
        ranked: hits in any order.
        moment: the time and conversation the question is asked in.
        interleave: hold the assistant's own statements to one in four.
    """
    naming = Naming(r.item.speaker for r in ranked)
    best_first = sorted((boosted(r, moment, naming) for r in ranked), key=_best_first)
    told = spread(distinct(best_first))
    return interleaved(told) if interleave else told


def distinct(ranked: Sequence[Ranked]) -> list[Ranked]:
    """Leave out a memory that says what a better one says, or what one of the user's own says.

    Only filler may differ. Memories that share nine words of ten often differ in the very number,
    name or "not" that is asked for, so likeness is not enough. Rough ones (no text) are all kept.
    """
    sketches = [_sketch(r.item.value) for r in ranked]
    alike = Counter(sketches)
    places: dict[str, int] = {}
    kept: list[Ranked] = []
    for r, sketch in zip(ranked, sketches, strict=True):
        told = _told(r.item.value) if alike[sketch] > 1 else ""
        if told in places:
            if _is_own(r) and not _is_own(kept[places[told]]):
                kept[places[told]] = r
            continue
        if told:
            places[told] = len(kept)
        kept.append(r)
    return kept


def _is_own(ranked: Ranked) -> bool:
    """Not a copy that others share: changing or deleting what was found must reach the original."""
    return ranked.item.cube.kind in {CubeKind.USER, CubeKind.AGENT}


def _sketch(value: str) -> tuple[int, ...]:
    """Equal for texts that say the same, and for few others in Latin script: no filler is counted."""
    folded = value.casefold()
    return tuple([folded.count(letter) for letter in _TELLING])


def _told(value: str) -> str:
    """What a text says: its words without filler, case and all that stands between them."""
    words = "".join([w for w in _WORD.findall(value.casefold()) if w not in _FILLER])
    return words.replace("_", "") if words.isascii() else _PARTICLE.sub("", words)


def spread(ranked: Sequence[Ranked], penalty: float = SIBLING) -> list[Ranked]:
    """Lower each memory by `penalty` for every better one that rests on the same messages.

    A memory that rests on several messages counts as told by the least told of them.
    """
    told: dict[str, int] = {}
    lowered = []
    for r in ranked:
        messages = {source.place for source in r.item.sources}
        better = min((told.get(m, 0) for m in messages), default=0)
        for message in messages:
            told[message] = told.get(message, 0) + 1
        lowered.append(r.with_boost("sibling", -penalty * better))
    return sorted(lowered, key=_best_first)


def interleaved(ranked: Sequence[Ranked]) -> list[Ranked]:
    """Let at most one in four be the assistant's own while others are left."""
    kept: list[Ranked] = []
    waiting = [r for r in ranked if r.item.speaker == "assistant"]
    others = [r for r in ranked if r.item.speaker != "assistant"]
    since = USER_SHARE
    while waiting and others:
        if since >= USER_SHARE and _best_first(waiting[0]) < _best_first(others[0]):
            kept.append(waiting.pop(0))
            since = 0
        else:
            kept.append(others.pop(0))
            since += 1
    return [*kept, *others, *waiting]


def _best_first(ranked: Ranked) -> tuple[float, str]:
    return -ranked.score, ranked.item.id
