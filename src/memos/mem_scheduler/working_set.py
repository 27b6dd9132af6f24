"""The working set: what a user is about just now.

What was talked of last, what belongs to the topic that was talked of most lately, and what is used
often comes first; all of it fades. Computed from the newest memories when it is asked for, so it
follows the talk without being kept, and nothing of it is left when a memory is erased.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from memos.graph_dbs.base import GraphReader, Uses
from memos.memories.textual.topic import topics_of
from memos.memories.textual.tree_text_memory.retrieve.lift import Lift, WorkingLift
from memos.types.filters import Condition, Field, Operator, all_of
from memos.types.memory import LIVE, MemoryItem, MemoryKind
from memos.types.scope import Cube, Scope

CAPACITY = 20
"""Members of a working set at most: the documented capacity of working memory."""
_NEWEST = 100
_KINDS = frozenset({MemoryKind.LONG_TERM, MemoryKind.USER})
_DAY_MS = 86_400_000
_HALF_LIFE_DAYS = 7.0
_HALF_LIFE_MEMORIES = 10
"""How many newer memories halve a memory's share, however close in time they are."""
_TOPIC = 0.6
"""Share of a memory's activity that its topic decides."""
_USE = 0.3
_LEAST = 0.35
"""Activity, of the most active one's, below which a memory is no member."""

_GENERIC = re.compile(
    r"\b(?:a|an|the|and|or|of|for|to|in|on|at|with|about|me|my|i|i'm|i've|we|our|you|it|is|are|am|be|been|do|does|"
    r"them|they|did|can|could|would|will|should|please|pls|help|let|let's|what|what's|whats|which|how|that|this|these|those|"
    r"there|all|any|some|so|many|much|too|lot|lots|really|just|now|right|lately|recently|recent|today|these|days|"
    r"day|week|currently|current|going|go|coming|up|next|feel|like|feeling|think|know|keep|keeps|thing|things|"
    r"stuff|everything|anything|something|matters|matter|tasks?|todos?|to-?dos?|list|plate|pile|piled|piling|"
    r"overwhelmed|overwhelming|overview|summary|summari[sz]e|recap|sort|sorting|out|organi[sz]e|arrange|"
    r"prioriti[sz]e|priorities|focus|remind|reminders?|reminder|update|catch|status|pending|open|outstanding|"
    r"need|needs|have|has|got|get|busy|mess|messy|where|stand|forget|forgetting|forgotten|missing|anything|"
    r"important|urgent|left|off|were|was|talking|working|been|mind|again|quick|quickly|give|tell|show)\b"
    r"|[^\w]+|_+",
    re.IGNORECASE,
)
_CHINESE_GENERIC = re.compile(
    "帮我|帮忙|给我|告诉我|请|麻烦|能不能|可不可以|可以|一下|一理|理一理|理理|捋一捋|捋捋|梳理|整理|理清|总结|汇总|回顾|安排|最近|近期|这几天|这阵子|"
    "这段时间|现在|目前|当前|手头|手上|今天|这周|本周|接下来|下一步|有什么|有哪些|什么|哪些|还有|没有|感觉|觉得|好多|很多|好些|一堆|一大堆|太多|许多|"
    "所有|全部|事情|事项|事儿|东西|任务|待办|要办|要做|该做|需要|注意|提醒|堆在一起|堆积|堆着|堆|压着|乱糟糟|乱|忙不过来|忙|头绪|思路|重点|优先|"
    "进展|情况|怎么样|如何|都|在|的|了|着|过|我|你|您|和|跟|把|要|得|该|就|也|还|又|吗|呢|吧|啊|呀|嘛|事|做|办|忘|别|不|是|有|"
    r"[\W_]+"
)
_TELLS = re.compile(
    r"\b(?:pil(?:e|ed|ing) up|sort|organi[sz]e|prioriti[sz]e|overwhelm\w*|plate|to-?dos?|tasks?|catch me up|recap|"
    r"overview|summar\w+|focus|reminders?|pending|outstanding|what's (?:next|going on|up|new|on)|going on|"
    r"anything (?:important|urgent)|coming up|left off|forgett?ing|arrange|things|stuff)\b"
    r"|理|捋|总结|汇总|回顾|待办|安排|堆|头绪|重点|优先|忙|最近|近期|接下来|下一步|手头|手上|还有什么|有什么事",
    re.IGNORECASE,
)


def is_vague(question: str) -> bool:
    """Whether a question names nothing to look for but what is on: "sort out what piles up"."""
    if len(question) > 200 or not _TELLS.search(question):
        return False
    rest = _GENERIC.sub(" ", question.replace("’", "'"))
    return not _CHINESE_GENERIC.sub("", rest).strip()


class UseReader(Protocol):
    """Tells how often memories were handed out."""

    def uses(self, cube: Cube, ids: Sequence[str]) -> Mapping[str, Uses]:
        """By memory id; those never used are left out."""
        ...


class WorkingSet:
    """The working sets of all cubes.

    Args:
        graph: where the memories are.
        usage: how often they were used.
    """

    def __init__(self, graph: GraphReader, usage: UseReader) -> None:
        self._graph = graph
        self._usage = usage

    def of(self, cube: Cube, now_ms: int) -> dict[str, float]:
        """Activity, 0..1, of the members by memory id, the most active first.

        Args:
            cube: whose working set.
            now_ms: the moment it is asked for; decides how much former uses still count.
        """
        where = all_of(Condition(Field.STATUS, Operator.IN, tuple(s.value for s in LIVE)))
        found = self._graph.find(Scope.of(cube), _KINDS, where, limit=_NEWEST).items
        items = sorted(
            (item for item in found if item.speaker != "assistant"),
            key=lambda item: (-_told(item), -item.ordinal, item.id),
        )
        if not items:
            return {}
        uses = self._usage.uses(cube, [item.id for item in items])
        activity = _activities(items, uses, now_ms)
        most = max(activity.values())
        members = {i: a / most for i, a in activity.items() if a >= _LEAST * most}
        best = sorted(members.items(), key=lambda pair: -pair[1])
        return dict(best[:CAPACITY])


class WorkingLifter:
    """Answers vague questions from the working set."""

    def __init__(self, working: WorkingSet) -> None:
        self._working = working

    def lifts(self, question: str, scope: Scope, now_ms: int) -> Sequence[Lift]:
        """The working set of the scope's cube, when the question is vague."""
        if not is_vague(question):
            return ()
        activity = self._working.of(scope.cubes[0], now_ms)
        return (WorkingLift(activity),) if activity else ()


def _activities(
    items: Sequence[MemoryItem], uses: Mapping[str, Uses], now_ms: int
) -> dict[str, float]:
    """Activity of each memory, items newest first."""
    newest = _told(items[0])
    fresh, shares = {}, {}
    weight: dict[str, float] = {}
    for place, item in enumerate(items):
        days = (newest - _told(item)) / _DAY_MS
        fresh[item.id] = 0.5 ** (days / _HALF_LIFE_DAYS + place / _HALF_LIFE_MEMORIES)
        for topic in topics_of(item.value):
            weight[topic] = weight.get(topic, 0.0) + fresh[item.id]
    most = max(weight.values(), default=1.0)
    for item in items:
        shares[item.id] = max((weight[t] for t in topics_of(item.value)), default=0.0) / most
    return {
        i: fresh[i] * (1 - _TOPIC + _TOPIC * shares[i]) + _USE * _used(uses.get(i), now_ms)
        for i in fresh
    }


def _used(uses: Uses | None, now_ms: int) -> float:
    """How much former uses count, 0..1: sixteen of today are as good as any number."""
    if uses is None:
        return 0.0
    days = max(0.0, (now_ms - uses.last) / _DAY_MS)
    return float(min(1.0, math.log2(1 + uses.count) / 4) * 0.5 ** (days / _HALF_LIFE_DAYS))


def _told(item: MemoryItem) -> int:
    """When a memory was told last."""
    return max(
        (s.chat_time for s in item.sources if s.chat_time is not None), default=item.created_at
    )
