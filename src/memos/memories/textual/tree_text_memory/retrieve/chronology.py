"""Questions that are answered by when something was: the latest trip, what was done last weekend.

"Where did I travel last?" is asked of several trips alike; which of them is meant shows in their
dates only. "What did I do last weekend?" shares no word with what was done; the day is all it names.
"""

import re
from collections.abc import Sequence

from memos.graph_dbs.base import TimeTarget
from memos.memories.textual.tree_text_memory.organize.timeline import STATE_TAG
from memos.memories.textual.tree_text_memory.retrieve.boost import Ranked
from memos.memories.textual.tree_text_memory.retrieve.plan import Plan
from memos.memories.textual.tree_text_memory.retrieve.plan_focus import TimeFocus
from memos.types.memory import MemoryItem

SEQUENCE_BOOST = 0.4
"""For the latest of those alike when the last is asked for; the earliest gets none of it."""
DAY_BOOST = 0.5
"""For what was on the days of a question that names nothing else."""
_DAY_RELATIVITY = 0.8
_OTHER_DAY_RELATIVITY = 0.2
_ALIKE = 0.35
"""So much less than the best may be scored what is meant by the question as well."""
_MOST = 10
_RELEVANT = 0.45
_HOLLOW = re.compile(
    r"(?:[\W_]|\b(?:what|where|who|whom|how|was|were|is|are|am|did|do|does|done|doing|have|has|had|i|we|me|"
    r"us|my|our|you|the|a|an|and|or|in|on|at|of|to|about|up|go|went|gone|going|been|be|there|happen|"
    r"happened|happening|anything|something|everything|things?|else|all|tell|remember|recall|remind|know|"
    r"please|day|days|time|times|spend|spent|life|events?|again|that|it|out|with|both|together|back)\b"
    r"|[我你们咱做干去了过什么些啥的是有在发生事情都吗呢吧哪里儿怎样么和那天时候请问还记得知道一下告诉经历忙到底])*",
    re.IGNORECASE,
)
"""Words that name nothing but that something was."""


def on_the_day(found: Sequence[Ranked], plan: Plan) -> list[Ranked]:
    """For a question that names days and nothing else: what was on them, and little besides.

    Args:
        found: hits of one list.
        plan: the question.
    """
    spans = plan.times
    if not spans or plan.speakers or not _HOLLOW.fullmatch(plan.words):
        return [*found]
    return [_on_day(r) if _touches(r.item, spans) else _on_another(r) for r in found]


_OWN_EVER = re.compile(
    r"\bhave (?:i|we)(?: (?:ever|already|all))* (?:been|gone|\w+ed|\w+en|done|had|made|met|read|bought)\b"
    r"|[我咱]们?(?:都|一共|曾|总共)*[去到在].{0,6}过"
    r"|[我咱]们?(?:都|一共|总共)*[\u4e00-\u9fff]{1,3}过(?:哪|什么|多少)",
    re.IGNORECASE,
)


def asks_ever(plan: Plan) -> bool:
    """Whether users ask for all they ever did of a kind: "Where have I traveled?", 我去过哪里."""
    return not plan.times and _OWN_EVER.search(plan.words) is not None


def in_sequence(found: Sequence[Ranked], plan: Plan) -> list[Ranked]:
    """For a question that asks for the last or the first: those that answer alike, by their dates.

    Where users ask for all they ever did, the newest comes first as well.

    Args:
        found: hits of one list.
        plan: the question.
    """
    sequenced = plan.focus in {TimeFocus.FIRST, TimeFocus.LAST} or asks_ever(plan)
    if not sequenced or not found:
        return [*found]
    best_first = sorted(found, key=lambda r: (-r.score, r.item.id))[:_MOST]
    least = best_first[0].score - _ALIKE
    alike = [
        r
        for r in best_first
        if r.score >= least and r.relativity >= _RELEVANT and not _tells_state(r.item)
    ]
    times = sorted({_since(r.item) for r in alike}, reverse=plan.focus is TimeFocus.FIRST)
    steps = max(len(times) - 1, 1)
    boosts = {r.item.id: SEQUENCE_BOOST * times.index(_since(r.item)) / steps for r in alike}
    return [r.with_boost("sequence", boosts.get(r.item.id, 0.0)) for r in found]


def _on_day(ranked: Ranked) -> Ranked:
    relevant = ranked._replace(relativity=max(ranked.relativity, _DAY_RELATIVITY))
    return relevant.with_boost("day", DAY_BOOST)


def _on_another(ranked: Ranked) -> Ranked:
    return ranked._replace(relativity=min(ranked.relativity, _OTHER_DAY_RELATIVITY))


def _touches(item: MemoryItem, spans: Sequence[TimeTarget]) -> bool:
    start = _since(item)
    dated = item.event_from is not None and item.event_until is not None
    end = item.event_until if dated and item.event_until is not None else start + 1
    return any(start <= span.end and end > span.start for span in spans)


def _tells_state(item: MemoryItem) -> bool:
    """Whether it tells what holds for a time; such a thing is not the last of several."""
    return any(tag.startswith(STATE_TAG) for tag in item.tags)


def _since(item: MemoryItem) -> int:
    return item.event_from if item.event_from is not None else item.created_at
