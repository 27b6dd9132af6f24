"""Every operator on every field with every sort of value agrees with plain Python."""

from pathlib import Path

from memos.graph_dbs.sqlite import SqliteGraphStore
from memos.types.clock import SystemClock
from memos.types.filters import Condition, Field, Group, Operator
from memos.types.memory import MemoryKind, MemoryStatus
from tests.unit.graph_dbs.examples import ANNS, fact
from tests.unit.graph_dbs.reference import ReferenceStore

VALUES = ["chat", "Chat", "CHA", "a%b", "a_b", "%", "it's", '"', "", "旅行", 0, 1, 1.0, 1.5, -1, True, False, 2**70]  # fmt: skip
KEYS = ["scene", 'odd"key', "a.b", "$"]
CONTENTS = [*VALUES, None, ["chat", 1], [True, "Chat"], {"chat": 1}, []]
ALL = frozenset(MemoryKind)


def nodes():
    for i, content in enumerate(CONTENTS):
        text = content if isinstance(content, str) else "Chat"
        yield fact(
            f"id-{i:02}",
            text,
            info={KEYS[i % 4]: content, "scene": content},
            tags=(text, "chat")[: i % 3],
            agent_id=text if i % 2 else None,
            conversation_id=text,
            created_at=i % 4 - 1,
            updated_at=i % 3,
            event_from=None if i % 2 else i % 3,
            content_hash=text if i % 3 else "",
            status=list(MemoryStatus)[i % 7],
        )


def conditions():
    extra = ["id-03", "activated", "UserMemory"]
    for field in [*Field, *KEYS]:
        key = None if isinstance(field, Field) else field
        column = field if isinstance(field, Field) else None
        operators = list(Operator) if key else [o for o in Operator if o is not Operator.CONTAINS]
        for operator in [Operator.CONTAINS] if column is Field.TAGS else operators:
            if operator is Operator.IN:
                groups = [(), ("chat", 1), (True, "a%b"), (1.0, "Chat", "id-03"), (0, 2**70)]
                yield from (Condition(column, operator, group, key) for group in groups)
            else:
                yield from (Condition(column, operator, v, key) for v in [*VALUES, *extra])


def test_every_condition_and_its_combinations_agree(tmp_path: Path) -> None:
    store, reference = SqliteGraphStore(tmp_path / "graph.db", SystemClock()), ReferenceStore()
    store.put(ANNS, list(nodes()))
    reference.put(list(nodes()))
    before: Condition | None = None
    matched = 0
    for condition in conditions():
        pair = (condition,) if before is None else (condition, before)
        for where in (Group(True, (condition,)), Group(False, pair), Group(True, pair)):
            expected = [item.id for item in reference.find(ANNS, ALL, where)]
            assert [item.id for item in store.find(ANNS, ALL, where).items] == expected, where
            matched += bool(expected)
        before = condition
    assert matched > 500
    store.close()
