"""A memory graph in plain dictionaries and loops: what the fast stores must agree with."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from memos.graph_dbs.base import Bucket, NodeWrite, RecallQuery
from memos.graph_dbs.tokenize import tokenize, tokenize_query
from memos.types.filters import Condition, Field, Group, KnownAt, Operator
from memos.types.memory import Edge, EdgeKind, MemoryItem, MemoryKind
from memos.types.scope import Cube, Scope

MAX_GAP_MS = 6 * 3_600_000
MIN_ROWS = 200
AFTER, BEFORE = (0.4, 0.3, 0.2, 0.1), (0.3, 0.2, 0.1)
ANSWER = 0.8
DENSE_AFTER, DENSE_BEFORE = (0.4, 0.2), (0.3, 0.1)
K1, B = 0.9, 0.4
RARITY = 1.5


class ReferenceStore:
    """Nodes by id and a set of edges."""

    def __init__(self) -> None:
        self.nodes: dict[str, NodeWrite] = {}
        self.links: set[Edge] = set()
        self.order: dict[str, int] = {}
        self.logs: dict[str, list[tuple[MemoryItem, int]]] = {}

    def put(self, nodes: Sequence[NodeWrite], edges: Sequence[Edge] = ()) -> None:
        for node in nodes:
            self.order.setdefault(node.item.id, len(self.order))
            self.nodes[node.item.id] = node
            if node.alone:
                self.links = {
                    e
                    for e in self.links
                    if e.source != node.item.id or e.kind is not EdgeKind.DERIVED_FROM
                }
            self._record(node.item)
        self.links |= set(edges)

    def _record(self, item: MemoryItem) -> None:
        log = self.logs.setdefault(item.id, [])
        if not log:
            log.append((item, item.created_at))
        elif MemoryKind.SEGMENT in {item.kind, log[-1][0].kind} or same_version(log[-1][0], item):
            log[-1] = (item, log[-1][1])
            if len(log) == 1:
                log[0] = (item, item.created_at)
        else:
            log.append((item, max(item.updated_at, log[-1][1])))

    def delete(self, scope: Scope, ids: Sequence[str]) -> int:
        gone = {i for i in ids if i in self.nodes and self.nodes[i].item.cube in scope.cubes}
        for one in gone:
            del self.nodes[one], self.order[one], self.logs[one]
        self.links = {e for e in self.links if e.source not in gone and e.target not in gone}
        return len(gone)

    def find(
        self, scope: Scope, kinds: frozenset[MemoryKind], where: Group | None
    ) -> list[MemoryItem]:
        found = [n.item for n in self.nodes.values() if n.item.cube in scope.cubes]
        found = [i for i in found if i.kind in kinds and holds(i, where, self.logs[i.id])]
        return sorted(found, key=lambda i: (-i.updated_at, i.id))

    def scores(self, scope: Scope, query: RecallQuery) -> dict[str, float]:
        """Score of every node that can be found."""
        found: dict[str, float] = {}
        for cube in scope.cubes:
            found |= self._cube_scores(cube, query)
        return found

    def eligible(self, scores: dict[str, float], bucket: Bucket) -> list[tuple[float, str]]:
        """(score, id) of what a bucket may return, best first."""
        items = [self.nodes[i].item for i in scores]
        kept = [
            i for i in items if i.kind in bucket.kinds and i.status in bucket.statuses
            and holds(i, bucket.where, self.logs[i.id])
        ]  # fmt: skip
        return sorted(((scores[i.id], i.id) for i in kept), key=lambda pair: (-pair[0], pair[1]))

    def segments_of(self, node: str) -> list[str]:
        if self.nodes[node].item.kind is MemoryKind.SEGMENT:
            return []
        return [
            e.target
            for e in self.links
            if e.source == node
            and e.kind is EdgeKind.DERIVED_FROM
            and self.nodes[e.target].item.kind is MemoryKind.SEGMENT
        ]

    def _cube_scores(self, cube: Cube, query: RecallQuery) -> dict[str, float]:
        mine = [i for i, n in self.nodes.items() if n.item.cube == cube]
        rows = {}
        for i in mine:
            node = self.nodes[i]
            tokens = Counter(tokenize(node.words))
            if not self.segments_of(i) and (tokens or node.vector is not None):
                rows[i] = tokens
        totals = CubeScore(self, rows, query).totals()
        found = dict(totals)
        for i in mine:
            if segments := self.segments_of(i):
                best = max(totals.get(s, -math.inf) for s in segments)
                if best > -math.inf:
                    found[i] = best + query.weights.own * cosine(self.nodes[i], query)
        return found


class CubeScore:
    """The formula of docs/retrieval.md, row by row."""

    def __init__(
        self, store: ReferenceStore, rows: dict[str, Counter[str]], query: RecallQuery
    ) -> None:
        self.store, self.rows, self.query = store, rows, query
        self.chain_of: dict[str, list[str]] = {}
        latest: dict[str, list[str]] = {}
        for i in sorted(rows, key=self._place):
            conversation = store.nodes[i].item.conversation_id
            if conversation is None:
                continue
            chain = latest.get(conversation)
            if chain is None or self._gap(chain[-1], i) > MAX_GAP_MS:
                chain = latest[conversation] = []
            chain.append(i)
            self.chain_of[i] = chain
        self.lengths = {i: float(sum(t.values())) for i, t in rows.items()}
        self.window_lengths = {i: self._windowed(i, self.lengths) for i in rows}

    def totals(self) -> dict[str, float]:
        lexical = self._lexical()
        cosines = {i: cosine(self.store.nodes[i], self.query) for i in self.rows}
        return {
            i: lexical[i] + self.query.weights.dense * self._smoothed(i, cosines) + self._cues(i)
            for i in self.rows
        }

    def _place(self, i: str) -> tuple[int, int, int]:
        return (
            when(self.store.nodes[i].item),
            self.store.nodes[i].item.ordinal,
            self.store.order[i],
        )

    def _gap(self, earlier: str, later: str) -> int:
        return when(self.store.nodes[later].item) - when(self.store.nodes[earlier].item)

    def _around(self, i: str, step: int) -> str | None:
        chain = self.chain_of.get(i)
        if chain is None:
            return None
        at = chain.index(i) + step
        return chain[at] if 0 <= at < len(chain) else None

    def _windowed(self, i: str, values: dict[str, float], answer: float = AFTER[0]) -> float:
        total = values[i]
        for step, weight in enumerate(AFTER, 1):
            other = self._around(i, -step)
            answers = step == 1 and other is not None and self.store.nodes[other].item.is_question
            total += (answer if answers else weight) * values.get(other or "", 0.0)
        for step, weight in enumerate(BEFORE, 1):
            total += weight * values.get(self._around(i, step) or "", 0.0)
        return total

    def _smoothed(self, i: str, cosines: dict[str, float]) -> float:
        total, norm = cosines[i], 1.0
        for weights, sign in ((DENSE_AFTER, -1), (DENSE_BEFORE, 1)):
            for step, weight in enumerate(weights, 1):
                if (other := self._around(i, sign * step)) is not None:
                    total += weight * cosines[other]
                    norm += weight
        return total / norm

    def _lexical(self) -> dict[str, float]:
        total = dict.fromkeys(self.rows, 0.0)
        coverage, count = 0.0, len(self.rows)
        mean = sum(self.window_lengths.values()) / count if count else 1.0
        kin = {one.token: one.members for one in self.query.kin}
        for token, repeats in Counter(tokenize_query(self.query.words)).items():
            holders = {i: float(t[token]) for i, t in self.rows.items()}
            found = sum(1 for f in holders.values() if f)
            idf = rarity(found, count)
            for member in kin.get(token, ()):
                near = sum(1 for t in self.rows.values() if t[member])
                worth = self.query.weights.kin * min(1.0, rarity(near, count) / idf)
                for i, t in self.rows.items():
                    holders[i] = max(holders[i], worth * t[member])
            idf *= repeats
            coverage += idf
            for i in self.rows:
                frequency = self._windowed(i, holders, ANSWER)
                saturation = K1 * (1 - B + B * self.window_lengths[i] / max(mean, 1e-9))
                if frequency:
                    total[i] += idf * frequency / (frequency + saturation)
        return {i: t / coverage if coverage else 0.0 for i, t in total.items()}

    def _cues(self, i: str) -> float:
        weights, item = self.query.weights, self.store.nodes[i].item
        total = weights.time * max(
            (closeness(item, t, weights) for t in self.query.times), default=0.0
        )
        asked = self.query.speakers if self.query.together else self.query.speakers[:1]
        if item.speaker in asked:
            total += weights.speaker
            total += weights.only_speaker if len(self.query.speakers) == 1 else 0.0
        total -= weights.question if item.is_question else 0.0
        return total


def rarity(holders: int, rows: int) -> float:
    weighed = max(rows, MIN_ROWS)
    return math.log(1 + (weighed - holders + 0.5) / (holders + 0.5)) ** RARITY


def when(item: MemoryItem) -> int:
    return item.created_at if item.event_from is None else item.event_from


def closeness(item: MemoryItem, target: Any, weights: Any) -> float:
    before = math.ceil(max(target.start - when(item), 0) / 86_400_000)
    after = math.ceil(max(when(item) - target.end, 0) / 86_400_000)
    days = before / weights.time_before_days + after / weights.time_after_days
    return target.weight * math.exp(-days)


def cosine(node: NodeWrite, query: RecallQuery) -> float:
    if node.vector is None or query.vector is None:
        return 0.0
    stored = np.asarray(node.vector, np.float16).astype(np.float64)
    return float(stored @ query.vector.astype(np.float64)) - query.weights.mean_cosine


Log = Sequence[tuple[MemoryItem, int]]
"""Every item a node was, with the time since when it was recorded so."""


def known(log: Log, at: int) -> MemoryItem | None:
    """What a log says was recorded at a time: the last entry that had begun."""
    begun = [item for item, since in log if since <= at]
    return begun[-1] if begun else None


def holds(item: MemoryItem, where: Group | Condition | KnownAt | None, log: Log = ()) -> bool:
    if where is None:
        return True
    if isinstance(where, Condition):
        return condition_holds(item, where)
    if isinstance(where, KnownAt):
        then = known(log, where.at)
        return then is not None and holds(then, where.where)
    members = [holds(item, m, log) for m in where.members]
    return not members or (all(members) if where.every else any(members))


def began(item: MemoryItem) -> int:
    return item.created_at if item.event_from is None else item.event_from


def same_version(one: MemoryItem, other: MemoryItem) -> bool:
    tracked = (
        "kind", "status", "key", "value", "background", "reasoning", "speaker", "confidence",
        "event_from", "event_until",
    )  # fmt: skip
    return all(getattr(one, name) == getattr(other, name) for name in tracked)


def condition_holds(item: MemoryItem, c: Condition) -> bool:
    wanted = c.value if isinstance(c.value, tuple) else (c.value,)
    if c.field is Field.TAGS:
        return any(same(tag, w) for tag in item.tags for w in wanted)
    if c.field is None:
        have = item.info.get(c.info_key or "")
    elif c.field is Field.SINCE:
        have = began(item)
    else:
        have = getattr(item, c.field.value)
        have = have.value if c.field in {Field.KIND, Field.STATUS} else have
        have = None if c.field is Field.CONTENT_HASH and have == "" else have
    if c.operator is Operator.CONTAINS:
        return isinstance(have, list) and any(same(h, wanted[0]) for h in have)
    if c.operator in {Operator.EQ, Operator.IN}:
        return any(same(have, w) for w in wanted)
    (one,) = wanted
    if c.operator is Operator.LIKE:
        both = isinstance(have, str) and isinstance(one, str)
        return both and one.casefold() in have.casefold()
    return ordered(have, one, c.operator)


def type_of(value: object) -> str:
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, int | float) else type(value).__name__


def same(have: object, wanted: object) -> bool:
    return type_of(have) == type_of(wanted) and have == wanted


def ordered(have: Any, wanted: Any, operator: Operator) -> bool:
    if type_of(have) != type_of(wanted) or type_of(have) not in {"number", "str"}:
        return False
    return {
        Operator.LT: have < wanted,
        Operator.LTE: have <= wanted,
        Operator.GT: have > wanted,
        Operator.GTE: have >= wanted,
    }[operator]
