"""What was true and what was known, against a log of statements gone through line by line."""

import itertools
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from memos.graph_dbs.base import NodeWrite
from memos.graph_dbs.sqlite import SqliteGraphStore
from memos.memories.textual.tree_text_memory.organize.timeline import Timeline, state_tags
from memos.memories.textual.tree_text_memory.retrieve.viewpoint import Viewpoint
from memos.types.filters import Condition, Field, Operator, all_of
from memos.types.memory import FACT_KINDS, LIVE, MemoryItem, MemoryKind, MemoryStatus
from memos.types.scope import Scope
from tests.conftest import ManualClock
from tests.unit.graph_dbs.examples import ANN

CITIES = ("Berlin", "Madrid", "Lisbon", "Oslo", "Vienna", "Dublin", "Prague", "Athens", "Seoul")
USERS = itertools.count()
MOMENTS = st.integers(0, 40)
START = 20
"""The clock starts here; nothing is told of a later time, which would take effect on its day only."""


class Bitemporal(RuleBasedStateMachine):
    """Homes told out of order, each once; asked for every point of both axes."""

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.clock = ManualClock(START)
        self.store = SqliteGraphStore(Path(self.folder.name) / "graph.db", self.clock)
        self.timeline = Timeline(self.store, self.clock)
        self.log: list[tuple[str, int, int]] = []
        """(city, when it became true, when it became known)."""

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()

    @rule(event=st.integers(0, START))
    def tell(self, event: int) -> None:
        if len(self.log) == len(CITIES):
            return
        city, now = CITIES[len(self.log)], self.clock.ms
        value = f"The user moved to {city}."
        item = MemoryItem(
            id=city,
            cube=ANN,
            kind=MemoryKind.USER,
            value=value,
            speaker="user",
            tags=state_tags(value, "user"),
            event_from=event,
            created_at=now,
            updated_at=now,
        )
        self.store.put(Scope.of(ANN), [NodeWrite(item, value)])
        self.timeline.settle(ANN, [item])
        self.log.append((city, event, now))

    @rule(by=st.integers(0, 5))
    def let_time_pass(self, by: int) -> None:
        self.clock.ms += by

    @rule(as_of=MOMENTS, known_at=MOMENTS)
    def ask_both(self, as_of: int, known_at: int) -> None:
        assert self.found(Viewpoint(as_of, known_at)) == self.expected(as_of, known_at)

    @rule(as_of=MOMENTS)
    def ask_what_was_true(self, as_of: int) -> None:
        assert self.found(Viewpoint(as_of=as_of)) == self.expected(as_of, self.clock.ms)

    @rule(known_at=MOMENTS)
    def ask_what_was_known(self, known_at: int) -> None:
        """Without `as_of`: the last word on the state, as it was known."""
        assert self.found(Viewpoint(known_at=known_at)) == self.expected(10**9, known_at)

    @invariant()
    def what_holds_is_the_last_word(self) -> None:
        if hasattr(self, "store"):
            assert self.found(Viewpoint()) == self.expected(10**9, self.clock.ms)

    def expected(self, as_of: int, known_at: int) -> list[str]:
        """The line of the log that speaks last of a time not after `as_of`."""
        lines = [
            (event, known, place)
            for place, (_, event, known) in enumerate(self.log)
            if event <= as_of and known <= known_at
        ]
        if not lines:
            return []
        event, known, _ = max(lines)
        # Of two told at one moment about one moment the store takes the one whose id comes last.
        tied = [c for c, e, k in self.log if (e, k) == (event, known)]
        return [max(tied)]

    def found(self, viewpoint: Viewpoint) -> list[str]:
        """What the store lists, seen from there; all of it holds."""
        scope = Scope.of(ANN)
        page = self.store.find(scope, FACT_KINDS, viewpoint.where(LIVE))
        seen = viewpoint.items(self.store, scope, page.items)
        assert all(item.status is MemoryStatus.ACTIVATED for item in seen.values())
        return sorted(seen)


TestBitemporal = Bitemporal.TestCase
TestBitemporal.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, derandomize=True
)


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteGraphStore]:
    store = SqliteGraphStore(tmp_path_factory.mktemp("graph") / "graph.db", ManualClock(START))
    yield store
    store.close()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    writes=st.lists(
        st.tuples(st.integers(1, 4), st.sampled_from("abc"), st.integers(0, 2)), max_size=6
    ),
    known_at=st.integers(0, 30),
    tag=st.sampled_from("abc"),
    place=st.integers(0, 2),
)
def test_a_filter_asks_of_what_a_memory_was_known_to_be(
    shared_store: SqliteGraphStore,
    writes: list[tuple[int, str, int]],
    known_at: int,
    tag: str,
    place: int,
) -> None:
    """Each write changes text, tags and info; the log is gone through line by line."""
    cube = replace(ANN, owner=f"u{next(USERS)}")
    scope, now, log = Scope.of(cube), 0, []
    for number, (later, label, where) in enumerate(writes):
        now += later
        item = MemoryItem(
            id=f"{cube.owner}-kayak",
            cube=cube,
            kind=MemoryKind.USER,
            value=f"The kayak stands in shed {number}.",
            tags=(label,),
            info={"place": where},
            created_at=log[0][0] if log else now,
            updated_at=now,
        )
        shared_store.put(scope, [NodeWrite(item, item.value)])
        log.append((now, label, where))
    told = [line for line in log if line[0] <= known_at]
    viewpoint = Viewpoint(known_at=known_at)
    for condition, holds in (
        (Condition(Field.TAGS, Operator.CONTAINS, tag), told and told[-1][1] == tag),
        (Condition(None, Operator.EQ, place, info_key="place"), told and told[-1][2] == place),
    ):
        where = all_of(viewpoint.where(LIVE), viewpoint.filtered(all_of(condition)))
        found = shared_store.find(scope, FACT_KINDS, where)
        assert found.total == bool(holds), (log, condition)
        seen = viewpoint.items(shared_store, scope, found.items)
        assert all(i.tags == (told[-1][1],) for i in seen.values())
