"""Projects and keys, on both engines."""

import re

import pytest

from memos.errors import ConfigError, ConflictError, NotFoundError
from memos.records.sql import SqlRecords
from tests.conformance.records_stores import Store


def test_projects_are_listed_oldest_first_and_a_name_is_taken_once(store: Store) -> None:
    records = store.open()
    first = records.create_project("zebra")
    store.clock.advance(1)
    second = records.create_project("ant")
    with pytest.raises(ConflictError):
        records.create_project("ant")
    assert records.projects() == [first, second]


def test_a_made_key_is_long_random_and_authenticates(records: SqlRecords) -> None:
    project = records.create_project("p")
    key, secret = records.create_key(project.id, "laptop")
    _, other = records.create_key(project.id, "phone")
    assert re.fullmatch(r"mpg-[A-Za-z0-9_-]{40}", secret)
    assert secret != other
    assert key.hint == secret[:8]
    found = records.authenticate(secret)
    assert found is not None
    assert (found.id, found.project_id) == (key.id, project.id)


def test_a_given_secret_is_used_and_a_short_one_refused(records: SqlRecords) -> None:
    project = records.create_project("p")
    key, secret = records.create_key(project.id, "k", secret="sixteen-letters!")
    found = records.authenticate("sixteen-letters!")
    assert secret == "sixteen-letters!"
    assert found is not None
    assert found.id == key.id
    with pytest.raises(ConfigError):
        records.create_key(project.id, "k", secret="fifteen-letters")
    with pytest.raises(ConfigError):
        records.create_key(project.id, "k", secret="")


def test_one_secret_is_one_key(records: SqlRecords) -> None:
    project = records.create_project("p")
    records.create_key(project.id, "a", secret="sixteen-letters!")
    with pytest.raises(ConflictError):
        records.create_key(project.id, "b", secret="sixteen-letters!")


def test_a_key_needs_a_project(records: SqlRecords) -> None:
    with pytest.raises(NotFoundError):
        records.create_key("nowhere", "k")


@pytest.mark.parametrize("secret", ["", "mpg-unknown-unknown-unknown", "\ud800", "käse" * 8])
def test_an_unknown_secret_is_nobody(records: SqlRecords, secret: str) -> None:
    assert records.authenticate(secret) is None


def test_a_key_ends_at_its_expiry(store: Store) -> None:
    records = store.open()
    project = records.create_project("p")
    _, secret = records.create_key(project.id, "k", expires_at=store.clock.now_ms() + 2000)
    assert records.authenticate(secret) is not None
    store.clock.advance(2)
    assert records.authenticate(secret) is None


def test_a_revoked_key_is_refused_here_at_once_and_elsewhere_within_five_seconds(
    store: Store,
) -> None:
    here, elsewhere = store.open(), store.open()
    key, secret = here.create_key(here.create_project("p").id, "k")
    assert here.authenticate(secret) is not None
    assert elsewhere.authenticate(secret) is not None
    revoked = here.revoke_key(key.id)
    assert revoked.revoked_at == store.clock.now_ms()
    assert here.authenticate(secret) is None
    store.clock.advance(5)
    assert elsewhere.authenticate(secret) is None


def test_revoking_twice_keeps_the_first_time_and_an_unknown_key_is_told(store: Store) -> None:
    records = store.open()
    key, _ = records.create_key(records.create_project("p").id, "k")
    first = records.revoke_key(key.id)
    store.clock.advance(10)
    assert records.revoke_key(key.id) == first
    with pytest.raises(NotFoundError):
        records.revoke_key("nothing")


def test_keys_are_listed_by_project_oldest_first_revoked_ones_too(store: Store) -> None:
    records = store.open()
    one, two = records.create_project("one"), records.create_project("two")
    old, _ = records.create_key(one.id, "old")
    store.clock.advance(1)
    records.create_key(two.id, "other")
    store.clock.advance(1)
    records.create_key(one.id, "new")
    records.revoke_key(old.id)
    assert [key.name for key in records.keys(one.id)] == ["old", "new"]
    assert [key.name for key in records.keys(None)] == ["old", "other", "new"]


def test_use_of_a_key_is_noted_once_a_minute(store: Store) -> None:
    records = store.open()
    _, secret = records.create_key(records.create_project("p").id, "k")
    assert records.keys()[0].last_used_at is None
    first = store.clock.now_ms()
    for _ in range(10):
        records.authenticate(secret)
        assert records.keys()[0].last_used_at == first
        store.clock.advance(6)
    records.authenticate(secret)
    assert records.keys()[0].last_used_at == first + 60_000


def test_a_deleted_project_takes_its_keys_along(records: SqlRecords) -> None:
    project, other = records.create_project("p"), records.create_project("q")
    _, secret = records.create_key(project.id, "k")
    _, kept = records.create_key(other.id, "k")
    assert records.authenticate(secret) is not None
    removed = records.delete_project(project.id)
    assert (removed["project"], removed["api_key"]) == (1, 1)
    assert records.authenticate(secret) is None
    assert records.authenticate(kept) is not None
    assert records.projects() == [other]
    with pytest.raises(NotFoundError):
        records.delete_project(project.id)
