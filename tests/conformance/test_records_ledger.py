"""Usage and audit, on both engines."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from memos.errors import ConflictError
from memos.records.base import AuditRow, ModelUsageRow, UsageRow
from memos.records.sql import SqlRecords
from tests.conformance.records_stores import START_MS, Store

DAY_S = 24 * 3600
FIRST_DAY, SECOND_DAY = "2027-01-15", "2027-01-16"


def test_usage_adds_up_by_project_day_and_operation(store: Store) -> None:
    records = store.open()
    records.add_usage("p", "add", 10, 3)
    records.add_usage("p", "add", 5, 2)
    records.add_usage("p", "search", 1, 7)
    records.add_usage("q", "add", 1, 1)
    store.clock.advance(DAY_S)
    records.add_usage("p", "add", 2, 2)
    first = UsageRow("p", FIRST_DAY, "add", 2, 15, 5)
    second = UsageRow("p", SECOND_DAY, "add", 1, 2, 2)
    search = UsageRow("p", FIRST_DAY, "search", 1, 1, 7)
    assert records.usage("p") == [first, search, second]
    assert records.usage("p", SECOND_DAY) == [second]
    assert records.usage() == [first, search, second, UsageRow("q", FIRST_DAY, "add", 1, 1, 1)]


def test_usage_is_written_by_the_next_call_after_a_second_and_on_close(store: Store) -> None:
    records, elsewhere = store.open(), store.open()
    records.add_usage("p", "add", 1, 1)
    seen = sum(row.calls for row in elsewhere.usage())
    records.add_usage("p", "add", 1, 1)
    store.clock.advance(1)
    records.add_usage("p", "add", 1, 1)
    assert sum(row.calls for row in elsewhere.usage()) == 3 > seen
    records.add_usage("p", "add", 1, 1)
    records.close()
    assert sum(row.calls for row in elsewhere.usage()) == 4


def test_no_count_is_lost_between_threads(records: SqlRecords) -> None:
    def count(_: int) -> None:
        for _ in range(50):
            records.add_usage("p", "add", 2, 1)
            records.flush()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(count, range(8)))
    assert records.usage() == [UsageRow("p", FIRST_DAY, "add", 400, 800, 400)]


def test_audit_is_read_newest_first(records: SqlRecords) -> None:
    rows = [
        AuditRow(START_MS + n, project, "key-1", "delete", f"s{n}", {"count": n})
        for n, project in enumerate(["p", "q", "p"])
    ]
    for row in rows:
        records.audit(row)
    assert records.audit_rows() == rows[::-1]
    assert records.audit_rows("p") == [rows[2], rows[0]]
    assert records.audit_rows("p", limit=1) == [rows[2]]


def test_model_usage_adds_up_by_operation_role_and_model(store: Store) -> None:
    records = store.open()
    for tokens in (10, 5):
        records.add_model_usage(
            ModelUsageRow("p", "", "add", "reader", "m", 1, 0, tokens, tokens // 5, 100)
        )
    records.add_model_usage(ModelUsageRow("p", "", "add", "embedder", "e", 1, 1, 3, 0, 7))
    records.add_model_usage(ModelUsageRow("", "", "system", "embedder", "e", 1, 0, 3, 0, 7))
    reader = ModelUsageRow("p", FIRST_DAY, "add", "reader", "m", 2, 0, 15, 3, 200)
    embedder = ModelUsageRow("p", FIRST_DAY, "add", "embedder", "e", 1, 1, 3, 0, 7)
    assert records.model_usage("p") == [embedder, reader]
    assert records.model_usage("p", SECOND_DAY) == []
    assert len(records.model_usage()) == 3


def test_model_usage_of_two_processes_adds_up(store: Store) -> None:
    one, other = store.open(), store.open()
    for records in (one, other):
        records.add_model_usage(ModelUsageRow("p", "", "add", "reader", "m", 1, 0, 4, 1, 9))
    other.close()
    assert one.model_usage("p")[0].input_tokens == 8


def test_budgets_are_kept_changed_and_taken_back(store: Store) -> None:
    records = store.open()
    project = records.create_project("p").id
    records.set_budget(project, "calls_per_day", 5)
    records.set_budget(project, "calls_per_day", 7)
    records.set_budget(project, "tokens_per_day", 0)
    assert records.budgets(project) == {"calls_per_day": 7, "tokens_per_day": 0}
    records.set_budget(project, "calls_per_day", None)
    assert records.budgets(project) == {"tokens_per_day": 0}
    with pytest.raises(ConflictError):
        records.set_budget("nobody", "calls_per_day", 1)


def test_a_deleted_project_leaves_no_usage_and_no_budget(store: Store) -> None:
    records = store.open()
    project = records.create_project("p").id
    records.set_budget(project, "calls_per_day", 5)
    records.add_model_usage(ModelUsageRow(project, "", "add", "reader", "m"))
    records.flush()
    records.delete_project(project)
    assert records.budgets(project) == {}
    assert records.model_usage(project) == []
