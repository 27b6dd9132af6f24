"""Whatever is put, deleted and asked, the store answers as plain loops over dictionaries do."""

import random
import tempfile
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from memos.graph_dbs.base import Bucket, Kin, NodeWrite, RecallQuery, TimeTarget
from memos.graph_dbs.sqlite import SqliteGraphStore
from memos.types.clock import SystemClock
from memos.types.filters import Condition, Field, Group, KnownAt, Operator
from memos.types.memory import Edge, EdgeKind, MemoryItem, MemoryKind, MemoryStatus
from memos.types.scope import Cube, Scope
from tests.unit.graph_dbs.examples import ANN, ANNS, BOB, BOBS, BOTH, DIM, vector
from tests.unit.graph_dbs.reference import ReferenceStore

DAY = 86_400_000
CLOSE = 2e-4
VOCABULARY = "moved Paris paris's ran running children cake 我喜欢巴黎 咖啡 的 the café"
WORDS = st.lists(st.sampled_from(VOCABULARY.split()), max_size=6).map(" ".join)
IDS = {ANN: [f"ann-{i:02}" for i in range(12)], BOB: [f"bob-{i:02}" for i in range(6)]}
TEXTS = st.sampled_from(["chat", "Chat", "a%b", "a_b", "it's", '"', "", "旅行"])
SCALARS = TEXTS | st.sampled_from([0, 1, 2, -1, 1.0, 1.5, True, False, 2**70])
INFO = st.dictionaries(
    st.sampled_from(["scene", 'odd"key', "a.b", "$"]),
    SCALARS | st.none() | st.lists(SCALARS, max_size=3),
    max_size=3,
)
SOME_KINDS = st.sampled_from([MemoryKind.USER, MemoryKind.WORKING, MemoryKind.SEGMENT])
VECTORS = st.none() | st.integers(0, 9).map(vector)


@st.composite
def items(draw: st.DrawFn, cube: Cube) -> MemoryItem:
    return MemoryItem(
        id=draw(st.sampled_from(IDS[cube])),
        cube=cube,
        kind=draw(SOME_KINDS),
        value=draw(WORDS),
        speaker=draw(st.sampled_from(["", "Ann", "Bob"])),
        tags=tuple(draw(st.lists(TEXTS, max_size=2))),
        status=draw(st.sampled_from([MemoryStatus.ACTIVATED, MemoryStatus.ARCHIVED])),
        event_from=draw(st.none() | st.integers(0, 9).map(lambda d: d * DAY // 6)),
        event_until=draw(st.none() | st.just(DAY)),
        created_at=draw(st.integers(0, 5)) * DAY,
        updated_at=draw(st.integers(0, 3)),
        ordinal=draw(st.integers(0, 3)),
        is_question=draw(st.booleans()),
        content_hash=draw(st.sampled_from(["", "h1", "h2"])),
        conversation_id=draw(st.sampled_from([None, "c1", "c2"])),
        agent_id=draw(st.none() | TEXTS),
        info=draw(INFO),
    )


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    operators = [o for o in Operator if o is not Operator.CONTAINS]
    field = draw(st.sampled_from([None, *Field]))
    if field is Field.TAGS:
        return Condition(field, Operator.CONTAINS, draw(TEXTS))
    operator = draw(st.sampled_from(list(Operator) if field is None else operators))
    pool = SCALARS | st.sampled_from([DAY, "h1", "Segment", "activated", "c1", "ann-01"])
    many = operator is Operator.IN
    value: Any = tuple(draw(st.lists(pool, max_size=3))) if many else draw(pool)
    key = draw(st.sampled_from(["scene", 'odd"key', "a.b", "$", "none"]))
    return Condition(field, operator, value, None if field else key)


FILTERS = st.none() | st.recursive(
    conditions(),
    lambda inner: st.builds(Group, st.booleans(), st.lists(inner, max_size=3).map(tuple)),
    max_leaves=4,
).map(lambda one: one if isinstance(one, Group) else Group(True, (one,)))
KNOWN = st.builds(
    KnownAt,
    st.integers(-1, 6).map(lambda d: d * DAY) | st.integers(0, 3),
    st.builds(Group, st.booleans(), st.lists(conditions(), max_size=2).map(tuple)),
)
FILTERS |= st.builds(
    lambda every, known, more: Group(every, (known, *more)),
    st.booleans(),
    KNOWN,
    st.lists(conditions(), max_size=1),
)
BUCKETS = st.builds(
    Bucket,
    kinds=st.just(frozenset(MemoryKind)) | st.frozensets(SOME_KINDS),
    limit=st.sampled_from([20, 3, 1, 0]),
    where=st.none() | FILTERS,
    statuses=st.sampled_from([frozenset(MemoryStatus), frozenset({MemoryStatus.ACTIVATED})]),
)
QUERIES = st.builds(
    RecallQuery,
    words=st.lists(st.sampled_from(VOCABULARY.split()), min_size=1, max_size=4).map(" ".join),
    vector=VECTORS,
    buckets=st.lists(BUCKETS, min_size=1, max_size=3).map(tuple),
    times=st.lists(
        st.builds(TimeTarget, st.just(DAY), st.just(2 * DAY - 1), st.sampled_from([0.3, 1.0])),
        max_size=1,
    ).map(tuple),
    speakers=st.lists(st.sampled_from(["Ann", "Bob", "Eve"]), max_size=2, unique=True).map(tuple),
    kin=st.sampled_from([(), (Kin("cake", ("café", "run", "咖啡")),), (Kin("move", ("pari",)),)]),
)
SCOPES = st.sampled_from([ANNS, BOBS, BOTH])


def crowd(seed: int, cube: Cube) -> tuple[list[NodeWrite], list[Edge]]:
    """A well filled cube, so that questions have something to find."""
    drawn = random.Random(f"{seed} {cube.uid}")
    nodes = []
    for i, uid in enumerate(IDS[cube]):
        kind = drawn.choice([MemoryKind.SEGMENT, MemoryKind.SEGMENT, MemoryKind.USER])
        words = " ".join(drawn.choices(VOCABULARY.split(), k=drawn.randint(0, 6)))
        item = MemoryItem(
            id=uid, cube=cube, kind=kind, value=drawn.choice(["Chat", "a%b", "旅行", ""]),
            conversation_id=drawn.choice(["c1", "c1", "c2", None]), ordinal=drawn.randint(0, 3),
            created_at=drawn.randint(0, 4) * DAY, speaker=drawn.choice(["Ann", "Bob"]),
            is_question=drawn.random() < 0.3, info={"scene": drawn.choice(["chat", 1, True])},
        )  # fmt: skip
        nodes.append(NodeWrite(item, words, vector(i) if drawn.random() < 0.7 else None))
    edges = [
        Edge(a, EdgeKind.DERIVED_FROM, b) for a in IDS[cube] for b in drawn.sample(IDS[cube], 1)
    ]
    return nodes, edges


class GraphAgainstReference(RuleBasedStateMachine):
    """Random changes to two cubes, compared after each question."""

    @initialize(seed=st.integers(0, 10**6))
    def start(self, seed: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.store = SqliteGraphStore(Path(self.folder.name) / "graph.db", SystemClock())
        self.store.adopt_embedder("random", DIM)
        self.reference = ReferenceStore()
        for cube in (ANN, BOB):
            self.store.put(Scope.of(cube), *crowd(seed, cube))
            self.reference.put(*crowd(seed, cube))

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()

    @rule(data=st.data(), cube=st.sampled_from([ANN, BOB]))
    def put(self, data: st.DataObject, cube: Cube) -> None:
        drawn = data.draw(st.lists(items(cube), min_size=1, max_size=4))
        alone = st.sampled_from([False, False, False, True])
        nodes = [
            NodeWrite(item, data.draw(WORDS), data.draw(VECTORS), alone=data.draw(alone))
            for item in drawn
        ]
        known = [i for i, n in self.reference.nodes.items() if n.item.cube == cube]
        ends = st.sampled_from(sorted({*known, *(n.item.id for n in nodes)}))
        kinds = st.sampled_from([EdgeKind.DERIVED_FROM, EdgeKind.RELATED_TO])
        edges = data.draw(st.lists(st.builds(Edge, ends, kinds, ends), max_size=4))
        self.store.put(Scope.of(cube), nodes, edges)
        self.reference.put(nodes, edges)

    @rule(scope=SCOPES, ids=st.lists(st.sampled_from(IDS[ANN] + IDS[BOB]), max_size=3))
    def delete(self, scope: Scope, ids: list[str]) -> None:
        assert self.store.delete(scope, ids) == self.reference.delete(scope, ids)

    @rule(scope=SCOPES, query=QUERIES)
    def recall(self, scope: Scope, query: RecallQuery) -> None:
        scores = self.reference.scores(scope, query)
        for bucket, hits in zip(query.buckets, self.store.recall(scope, query), strict=True):
            expected = self.reference.eligible(scores, bucket)
            eligible = {uid for _, uid in expected}
            assert len(hits) == min(bucket.limit, len(expected))
            assert len({hit.item.id for hit in hits}) == len(hits)
            for hit, (score, _) in zip(hits, expected, strict=False):
                assert hit.item == self.reference.nodes[hit.item.id].item
                assert hit.item.id in eligible
                assert abs(hit.score - scores[hit.item.id]) < CLOSE
                assert abs(hit.score - score) < CLOSE

    @rule(
        scope=SCOPES,
        where=FILTERS,
        kinds=st.just(frozenset(MemoryKind)) | st.frozensets(SOME_KINDS),
    )
    def find(self, scope: Scope, where: Group | None, kinds: frozenset[MemoryKind]) -> None:
        expected = self.reference.find(scope, kinds, where)
        page = self.store.find(scope, kinds, where, limit=5, offset=1)
        assert page.total == len(expected)
        assert list(page.items) == expected[1:6]

    @rule(scope=SCOPES)
    def versions(self, scope: Scope) -> None:
        """Every item a node ever was is read back, with when it was recorded so."""
        mine = [i for i, n in self.reference.nodes.items() if n.item.cube in scope.cubes]
        found = self.store.versions(scope, [*IDS[ANN], *IDS[BOB]])
        assert sorted(found) == sorted(mine)
        for uid, versions in found.items():
            log = self.reference.logs[uid]
            assert [(v.item, v.recorded_from) for v in versions] == log
            ends = [since for _, since in log[1:]]
            assert [v.recorded_until for v in versions] == [*ends, None]

    @rule(scope=SCOPES)
    def edges(self, scope: Scope) -> None:
        mine = [i for i, n in self.reference.nodes.items() if n.item.cube in scope.cubes]
        expected = {e for e in self.reference.links if e.source in mine or e.target in mine}
        found = self.store.edges(scope, mine)
        assert set(found) == expected
        assert len(found) == len(expected)

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = SqliteGraphStore(Path(self.folder.name) / "graph.db", SystemClock())

    @rule(cube=st.sampled_from([ANN, BOB]))
    def move_out_and_in(self, cube: Cube) -> None:
        records = list(self.store.export_cube(cube))
        ids = [r["item"]["id"] for r in records if r["record"] == "node"]
        assert self.store.delete_cubes(Scope.of(cube)) == len(ids)
        assert self.store.get(Scope.of(cube), ids) == []
        assert self.store.import_cube(cube, iter(records)) == len(ids)

    @invariant()
    def nothing_is_seen_across_cubes(self) -> None:
        if hasattr(self, "store"):
            assert self.store.get(ANNS, IDS[BOB]) == []


TestGraphAgainstReference = GraphAgainstReference.TestCase
TestGraphAgainstReference.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, derandomize=True
)
