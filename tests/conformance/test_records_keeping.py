"""Holds across processes and policies of projects, on both engines."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from memos.errors import NotFoundError
from memos.records.keeping import holding
from memos.records.sql import SqlRecords
from memos.types.scope import Cube
from tests.conformance.records_stores import Store, add, user


def test_a_hold_has_one_holder_until_it_is_given_back_or_ends(store: Store) -> None:
    one, other = store.open(), store.open()
    assert one.take_hold("night", "one", 10)
    assert not other.take_hold("night", "other", 10)
    assert one.take_hold("night", "one", 10), "renewed"
    other.drop_hold("night", "other")
    assert not other.take_hold("night", "other", 10), "only the holder gives it back"
    one.drop_hold("night", "one")
    assert other.take_hold("night", "other", 10)
    store.clock.advance(11)
    assert one.take_hold("night", "one", 10), "the other died"


def test_of_many_who_want_a_hold_one_gets_it(store: Store) -> None:
    opened = [store.open() for _ in range(4)]

    def take(number: int) -> bool:
        return opened[number % 4].take_hold("night", f"worker {number}", 60)

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(take, range(16))) == 1


def queued(records: SqlRecords) -> Cube:
    """A user with one task."""
    cube = user(records.create_project("one").id)
    add(records, cube, "first", "hello")
    return cube


def test_tasks_of_a_held_subject_wait(store: Store) -> None:
    records = store.open()
    ann = queued(records)
    assert records.take_hold(holding(ann.uid), "eraser", 10)
    assert records.claim("w/0", 5) is None
    assert records.claim_task("first", "w/0", 5) is None
    store.clock.advance(11)
    assert records.claim("w/0", 5) is not None


def test_who_works_on_a_subject_elsewhere_is_seen(store: Store) -> None:
    records = store.open()
    ann = queued(records)
    assert not records.worked_on_elsewhere(ann.uid, "here")
    task = records.claim("there/0", 5)
    assert task is not None
    assert records.worked_on_elsewhere(ann.uid, "here")
    assert not records.worked_on_elsewhere(ann.uid, "there")
    assert not records.worked_on_elsewhere("somebody else", "here")
    records.complete(task.lease)
    assert not records.worked_on_elsewhere(ann.uid, "here")


def test_a_dead_worker_is_not_waited_for_longer_than_its_lease(store: Store) -> None:
    records = store.open()
    ann = queued(records)
    assert records.claim("there/0", 5) is not None
    store.clock.advance(6)
    assert not records.worked_on_elsewhere(ann.uid, "here")


def test_a_policy_is_kept_per_project_and_goes_with_it(store: Store) -> None:
    records = store.open()
    project = records.create_project("one")
    assert records.policy(project.id) == {}
    records.set_policy(project.id, {"user_capacity": 3})
    assert store.open().policy(project.id) == {"user_capacity": 3}
    records.set_policy(project.id, {})
    assert records.policy(project.id) == {}
    records.set_policy(project.id, {"user_capacity": 4})
    records.delete_project(project.id)
    assert records.policy(project.id) == {}
    with pytest.raises(NotFoundError):
        records.set_policy(project.id, {"user_capacity": 3})
