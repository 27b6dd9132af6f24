"""What was done of late, or ever: of events that answer alike the newest comes first.

"Where did I travel recently?" and "Where have I traveled?" are answered by every journey; words and
meaning say little about which of them is wanted first.
"""

import re
from collections.abc import Sequence

from memos.memories.textual.tree_text_memory.retrieve.boost import STATED, Ranked
from memos.memories.textual.tree_text_memory.retrieve.plan import Plan
from memos.memories.textual.tree_text_memory.retrieve.plan_focus import TimeFocus

LATEST = "latest"
"""Name of the boost that puts the newer of two alike events first."""
_ALIKE = 0.75
"""Share of the best score from which on a memory answers as the best one does."""
_BETWEEN = 0.03
"""What one place is worth: more than the boosts that follow, which are for other questions."""
_OWN = re.compile(r"\b(?:i|we|my|our|the user)\b|[我咱]|用户", re.IGNORECASE)
_EVER = re.compile(
    r"\bhave (?:i|we)(?: (?:ever|already|all))* (?:been|gone|\w+ed|\w+en|done|had|made|met|read|bought)\b"
    r"|\b(?:has the user|the user has)(?: ever| already)* \w+|(?:[我咱]们?|用户)(?:都|一共|曾|总共)*[去到在].{0,6}过"
    r"|(?:[我咱]们?|用户)(?:都|一共|总共)*[\u4e00-\u9fff]{1,3}过(?:哪|什么|多少)",
    re.IGNORECASE,
)


def asks_for_latest(question: str, plan: Plan) -> bool:
    """Whether a question is about what a user did last, or did at all."""
    if not _OWN.search(question) or plan.times:
        return False
    return plan.focus is TimeFocus.LAST or _EVER.search(question) is not None


def latest_first(ranked: Sequence[Ranked], question: str, plan: Plan) -> list[Ranked]:
    """Raise the newer of the memories that answer as well as the best.

    Args:
        ranked: what was found.
        question: its text.
        plan: how it was read.
    """
    if len(ranked) < 2 or not asks_for_latest(question, plan):
        return list(ranked)
    best = max(r.score for r in ranked)
    alike = [r for r in ranked if r.score >= _ALIKE * best and STATED not in r.boosts]
    oldest_first = sorted(alike, key=lambda r: (r.item.event_from or 0, r.item.ordinal, r.item.id))
    places = {r.item.id: place for place, r in enumerate(oldest_first)}
    return [
        r.with_boost(LATEST, best - r.score + _BETWEEN * places[r.item.id])
        if r.item.id in places
        else r
        for r in ranked
    ]
