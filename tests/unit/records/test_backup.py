"""A copy taken while others write is whole."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.conformance.records_stores import Store, add, user

from memos.errors import ConflictError, StoreUnavailableError, UnavailableError
from memos.records.sql.care import Care
from memos.records.sql.database import connect


def test_a_backup_taken_while_threads_write_is_consistent(tmp_path: Path) -> None:
    store, stop = Store(f"sqlite:///{tmp_path}/records.db"), threading.Event()
    records = store.open()
    cube = user(records.create_project("p").id)
    records.add_usage("p", "add", 1, 1)
    started = threading.Barrier(5)

    def write(number: int) -> None:
        started.wait()
        count = 0
        while not stop.is_set():
            add(records, cube, f"{number}-{count}", "one", "two")
            count += 1

    with ThreadPoolExecutor(4) as threads:
        for number in range(4):
            threads.submit(write, number)
        started.wait()
        copies = [tmp_path / f"copy{n}.db" for n in range(3)]
        for copy in copies:
            records.backup(copy)
        stop.set()
    store.close()
    for copy in copies:
        opened = Store(f"sqlite:///{copy}")
        found = opened.open()
        messages = found.recent_messages(cube, "talk", 10**6)
        assert [message.sequence for message in messages] == list(range(1, len(messages) + 1))
        assert len(messages) == 2 * found.unfinished()
        assert len(found.usage()) == 1
        opened.close()
    assert not list(tmp_path.glob("*.partial"))


def test_a_backup_overwrites_nothing_and_needs_a_folder(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/records.db")
    records = store.open()
    (tmp_path / "there.db").write_text("precious")
    with pytest.raises(ConflictError):
        records.backup(tmp_path / "there.db")
    assert (tmp_path / "there.db").read_text() == "precious"
    with pytest.raises(StoreUnavailableError):
        records.backup(tmp_path / "no folder" / "copy.db")
    store.close()


def test_a_server_is_not_copied_to_a_file(tmp_path: Path) -> None:
    database = connect("postgresql://nobody@/x")
    with pytest.raises(UnavailableError):
        Care(database).backup(tmp_path / "copy.db")
    database.close()
