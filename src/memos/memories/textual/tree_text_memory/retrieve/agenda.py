"""Questions about what is planned, such as "What are we doing on Saturday?" and 周末有什么安排.

Such a question shares no word with "The user takes Juna to the aquarium", and its meaning is as far
from that as from anything. What answers it is the day. So what happens in the days asked for is found
by its dates.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from memos.graph_dbs.base import Bucket
from memos.memories.textual.tree_text_memory.retrieve.boost import Ranked
from memos.types.filters import Condition, Field, Group, Operator, all_of
from memos.types.language import is_chinese
from memos.types.memory import FACT_KINDS
from memos.types.scope import Scope
from memos.types.time_expression import Prefer, find_times

AGENDA_RELATIVITY = 0.8
AGENDA_BOOST = 0.5
_MOST = 25
_DAY_MS = 86_400_000
_AHEAD_MS = 14 * _DAY_MS
"""How far a question looks ahead that names no day."""
_LONGEST = 200
_PLANS = re.compile(
    r"\b(?:my|our|any|what|which)(?:'s)? (?:other |else )?(?:plans?|schedule|agenda|calendar|"
    r"appointments?|engagements?)\b|\b(?:on|in) (?:my|our|the) (?:schedule|agenda|calendar)\b"
    r"|\bplans? (?:do|have) (?:i|we)\b|\b(?:is|are|have (?:i|we)) (?:\w+ )?(?:planned|scheduled)\b"
    r"|\b(?:do|have) (?:i|we) have (?:\w+ )?(?:planned|scheduled)\b|\bcoming up\b"
    r"|(?:什么|哪些|有没有|我的|我们的)[^，。？?]{0,6}(?:安排|计划|日程|行程|打算)"
    r"|(?:安排|计划|日程|行程|打算)(?:是|有)(?:什么|哪些)|有安排吗",
    re.IGNORECASE,
)
"""These ask for plans, of the coming days when they name none."""
_DOINGS = re.compile(
    r"\bwhat (?:am|are|do|will|shall|should) (?:i|we) (?:be )?(?:have|do|doing|up to|going to do)\b"
    r"|\b(?:am i|are we) (?:free|busy)\b|\bdo (?:i|we) have (?:anything|something)\b"
    r"|\bwhat(?:'s| is) (?:going on|happening|on)\b|\bwhere (?:am|are) (?:i|we) (?:going|off)\b"
    r"|(?:做|干|去)(?:些|点)?(?:什么|啥|哪)|有什么事|有空吗|忙吗|有事吗",
    re.IGNORECASE,
)
"""These ask for plans when they name days."""
_OWN = re.compile(r"\b(?:i|we|my|our|me|us)\b|[\u4e00-\u9fff]", re.IGNORECASE)
"""Plans of somebody else are found by the name."""
_UNNAMED = re.compile(r"\b(?:the|my|our) weekend\b|(?<![这本下上])周末", re.IGNORECASE)
_NAMED = {False: "this weekend", True: "这周末"}


@dataclass(frozen=True, slots=True)
class AgendaLift:
    """What is dated within some days, whatever its words.

    Args:
        start_ms: first moment asked for, ms UTC.
        end_ms: end of the days asked for, ms UTC.
    """

    start_ms: int
    end_ms: int

    def bucket(self, where: Group | None) -> Bucket:
        """Facts with a date of their own that touch the days."""
        dated = all_of(
            Condition(Field.EVENT_FROM, Operator.LT, self.end_ms),
            Condition(Field.EVENT_UNTIL, Operator.GT, self.start_ms),
            where,
        )
        return Bucket(FACT_KINDS, _MOST, dated)

    def judged(self, found: Sequence[Ranked], threshold: float) -> list[Ranked]:
        """What touches the days is relevant, and comes first."""
        return [self._judged(r, threshold) if self._touches(r) else r for r in found]

    def _touches(self, ranked: Ranked) -> bool:
        item = ranked.item
        # Without an end the day is that of the saying, which tells of no plan.
        if item.kind not in FACT_KINDS or item.event_from is None or item.event_until is None:
            return False
        return item.event_from < self.end_ms and item.event_until > self.start_ms

    def _judged(self, ranked: Ranked, threshold: float) -> Ranked:
        least = max(ranked.relativity, AGENDA_RELATIVITY, threshold)
        return ranked._replace(relativity=least).with_boost("agenda", AGENDA_BOOST)


class AgendaLifter:
    """Reads questions about plans.

    Args:
        zone: zone whose days are meant.
    """

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def lifts(self, question: str, scope: Scope, now_ms: int) -> Sequence[AgendaLift]:  # noqa: ARG002 - port
        """The days asked for; none when the question is about no plan, or about the past."""
        text = question[:_LONGEST]
        plans = _PLANS.search(text) is not None
        if not _OWN.search(text) or not (plans or _DOINGS.search(text)):
            return ()
        named = _UNNAMED.sub(_NAMED[is_chinese(text)], text)
        spans = find_times(named, now_ms, self._zone, prefer=Prefer.FUTURE, holidays=False)
        if not spans:
            return (AgendaLift(now_ms, now_ms + _AHEAD_MS),) if plans else ()
        return [AgendaLift(span.start_ms, span.end_ms) for span in spans if span.end_ms > now_ms]
