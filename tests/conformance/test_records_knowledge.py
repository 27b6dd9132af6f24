"""Knowledge bases, their links, and their files, on both engines."""

from pathlib import Path

import pytest

from memos.errors import InvalidInputError, NotFoundError, QuotaExceededError
from memos.records.base import FAILED
from memos.records.knowledge import FileChange, FileType, NewFile, owner_of
from memos.records.sql import SqlRecords
from tests.conformance.records_stores import Store

ROOM = 2**40


def document(number: int, digest: str | None = None, *, size: int = 10, **more: object) -> NewFile:
    return NewFile(
        id=f"file-{number}",
        name=f"Policy number {number}.txt",
        type=more.pop("type", FileType.DOCUMENT),
        format="txt",
        task_id=f"task-{number}",
        digest=digest,
        size=size,
        **more,
    )


def project(records: SqlRecords, name: str = "p") -> str:
    return records.create_project(name).id


def base(records: SqlRecords, owner: str, name: str = "Policies") -> str:
    return records.create_knowledgebase(owner, name, "What holds here.", most=10).id


def test_a_knowledge_base_belongs_to_the_projects_linked_to_it(records: SqlRecords) -> None:
    one, two = project(records, "one"), project(records, "two")
    made = records.create_knowledgebase(one, "Policies", "", most=10)
    assert made.id.startswith("base")
    assert records.knowledgebase(made.id) == made
    assert records.knowledgebases(one) == [made]
    assert records.knowledgebases(two) == []
    records.link_knowledgebase(made.id, two)
    records.link_knowledgebase(made.id, two)
    assert records.knowledgebases(two) == [made]
    assert set(records.linked_projects(made.id)) == {one, two}
    assert records.unlink_knowledgebase(made.id, one)
    assert not records.unlink_knowledgebase(made.id, one)
    assert records.knowledgebases(one) == []
    assert records.linked_projects(made.id) == [two]


def test_a_project_has_at_most_its_quota_of_knowledge_bases(records: SqlRecords) -> None:
    owner = project(records)
    records.create_knowledgebase(owner, "a", "", most=2)
    records.create_knowledgebase(owner, "a", "", most=2)
    with pytest.raises(QuotaExceededError) as refused:
        records.create_knowledgebase(owner, "a", "", most=2)
    assert refused.value.code == 50002
    records.create_knowledgebase(project(records, "other"), "a", "", most=2)


def test_unknown_projects_and_bases_are_told(records: SqlRecords) -> None:
    owner = project(records)
    with pytest.raises(NotFoundError):
        records.create_knowledgebase("nobody", "a", "", most=2)
    with pytest.raises(NotFoundError) as unknown:
        records.link_knowledgebase("base-none", owner)
    assert unknown.value.code == 50120
    with pytest.raises(NotFoundError):
        records.link_knowledgebase(base(records, owner), "nobody")
    with pytest.raises(NotFoundError):
        records.add_files(owner, "base-none", [document(1)], most_bytes=ROOM)
    assert records.knowledgebase("base-none") is None
    assert records.linked_projects("base-none") == []


def test_a_file_goes_with_its_task(records: SqlRecords) -> None:
    owner = project(records)
    where = base(records, owner)
    (added,) = records.add_files(owner, where, [document(1, "d1")], most_bytes=ROOM)
    assert (added.status, added.reason, added.progress) == ("running", None, 0)
    assert records.add_files(owner, where, [document(1, "d1")], most_bytes=ROOM) == [added]
    task = records.claim("w", 60)
    assert task is not None
    assert (task.kind, task.project_id) == ("file:document", owner)
    assert task.payload == {"file_id": "file-1"}
    records.complete(task.lease)
    done = records.file("file-1")
    assert done is not None
    assert done.status == "completed"


def test_why_a_file_failed_is_kept_with_it(records: SqlRecords) -> None:
    owner = project(records)
    records.add_files(owner, base(records, owner), [document(1, "d1")], most_bytes=ROOM)
    task = records.claim("w", 60)
    assert task is not None
    records.retry_or_fail(task.lease, "the file is encrypted", delay_s=0, max_attempts=1)
    failed = records.file("file-1")
    assert failed is not None
    assert (failed.status, failed.reason) == (FAILED, "the file is encrypted")


def test_the_same_content_is_taken_once_per_knowledge_base(records: SqlRecords) -> None:
    owner = project(records)
    first, second = base(records, owner), base(records, owner)
    added = records.add_files(
        owner, first, [document(1, "same"), document(2, "same"), document(3)], most_bytes=ROOM
    )
    assert [file.id for file in added] == ["file-1", "file-1", "file-3"]
    again = records.add_files(owner, first, [document(4, "same")], most_bytes=ROOM)
    assert [file.id for file in again] == ["file-1"]
    skill = document(5, "same", type=FileType.SKILL)
    assert records.add_files(owner, first, [skill], most_bytes=ROOM)[0].id == "file-5"
    elsewhere = records.add_files(owner, second, [document(6, "same")], most_bytes=ROOM)
    assert elsewhere[0].id == "file-6"
    assert records.files_of(first, limit=9).total == 3


def test_content_that_failed_may_be_tried_again(records: SqlRecords) -> None:
    owner = project(records)
    where = base(records, owner)
    records.add_files(owner, where, [document(1, "same")], most_bytes=ROOM)
    task = records.claim("w", 60)
    assert task is not None
    records.retry_or_fail(task.lease, "no", delay_s=0, max_attempts=1)
    again = records.add_files(owner, where, [document(2, "same")], most_bytes=ROOM)
    assert [file.id for file in again] == ["file-2"]


def test_a_full_knowledge_base_takes_nothing(records: SqlRecords) -> None:
    owner = project(records)
    where = base(records, owner)
    records.add_files(owner, where, [document(1, "a", size=60)], most_bytes=100)
    new = [document(2, "b", size=30), document(3, "c", size=30)]
    with pytest.raises(QuotaExceededError):
        records.add_files(owner, where, new, most_bytes=100)
    assert records.files_of(where, limit=9).total == 1
    assert records.unfinished(owner) == 1


def test_files_are_listed_by_id_and_by_page(records: SqlRecords) -> None:
    one, two = project(records, "one"), project(records, "two")
    where = base(records, one)
    skill = document(3, "c", type=FileType.SKILL)
    records.add_files(one, where, [document(1, "a"), document(2, "b"), skill], most_bytes=ROOM)
    assert [f.id for f in records.files(one, ["file-3", "file-9", "file-1"])] == [
        "file-3",
        "file-1",
    ]
    assert records.files(two, ["file-1"]) == []
    page = records.files_of(where, limit=2)
    assert ([f.id for f in page.files], page.total) == (["file-3", "file-2"], 3)
    assert [f.id for f in records.files_of(where, limit=2, offset=2).files] == ["file-1"]
    assert [f.id for f in records.files_of(where, FileType.SKILL, limit=9).files] == ["file-3"]
    records.link_knowledgebase(where, two)
    assert [f.id for f in records.files(two, ["file-1"])] == ["file-1"]


def test_what_is_learnt_about_a_file_is_kept(records: SqlRecords) -> None:
    owner = project(records)
    where = base(records, owner)
    new = [document(1, url="https://example.com/a", size=0), document(2, "d")]
    fetched, there = records.add_files(owner, where, new, most_bytes=ROOM)
    assert records.referred() == {"d"}
    assert records.twin(fetched, "e") is None
    assert records.twin(fetched, "d") is None, "it may still fail"
    for _ in range(2):
        records.complete(records.claim("w", 60).lease)
    assert records.twin(fetched, "d") == records.file(there.id)
    change = FileChange(digest="e", size=7, format="pdf", progress=40, pages=3)
    assert records.change_file("file-1", change)
    assert records.change_file("file-1", FileChange(progress=50))
    changed = records.file("file-1")
    assert changed is not None
    assert (changed.digest, changed.size, changed.format) == ("e", 7, "pdf")
    assert (changed.progress, changed.pages, changed.url) == (50, 3, "https://example.com/a")
    assert records.referred() == {"d", "e"}
    assert not records.change_file("file-9", FileChange(progress=1))


def test_a_file_may_be_worked_on_anew(records: SqlRecords) -> None:
    owner = project(records)
    where = base(records, owner)
    records.add_files(owner, where, [document(1, "d")], most_bytes=ROOM)
    records.complete(records.claim("w", 60).lease)
    records.change_file("file-1", FileChange(progress=100, twin_of="file-0"))
    records.redo_file("file-1", "task-again")
    redone = records.file("file-1")
    assert redone is not None
    assert (redone.status, redone.progress, redone.twin_of) == ("running", 0, None)
    task = records.claim("w", 60)
    assert task is not None
    assert (task.id, task.project_id) == ("task-again", owner)
    with pytest.raises(NotFoundError):
        records.redo_file("file-9", "task-x")


def test_erased_files_take_tasks_and_references_with_them(records: SqlRecords) -> None:
    owner = project(records)
    where = base(records, owner)
    records.add_files(owner, where, [document(1, "a"), document(2, "b")], most_bytes=ROOM)
    assert records.erase_files(["file-1", "file-9"]) == 1
    assert records.erase_files(["file-1"]) == 0
    assert records.file("file-1") is None
    assert records.task(owner, "task-1") is None
    assert records.referred() == {"b"}
    assert [f.id for f in records.files_of(where, limit=9).files] == ["file-2"]
    assert records.add_files(owner, where, [document(3, "a")], most_bytes=ROOM)[0].id == "file-3"


def test_an_erased_knowledge_base_leaves_nothing(records: SqlRecords) -> None:
    owner = project(records)
    where, other = base(records, owner), base(records, owner)
    records.add_files(owner, where, [document(1, "a")], most_bytes=ROOM)
    records.add_files(owner, other, [document(2, "a")], most_bytes=ROOM)
    counts = records.erase_knowledgebase(where)
    assert counts == {"knowledgebase": 1, "knowledgebase_file": 1, "task": 0}
    assert records.erase_knowledgebase(where)["knowledgebase"] == 0
    assert records.knowledgebase(where) is None
    assert [b.id for b in records.knowledgebases(owner)] == [other]
    assert [b.id for b in records.knowledgebases()] == [other]
    assert records.referred() == {"a"}
    assert records.unfinished(owner) == 1


def test_a_deleted_project_leaves_shared_knowledge_to_the_others(records: SqlRecords) -> None:
    one, two = project(records, "one"), project(records, "two")
    where = base(records, one)
    records.link_knowledgebase(where, two)
    records.add_files(one, where, [document(1, "a")], most_bytes=ROOM)
    records.delete_project(one)
    assert records.linked_projects(where) == [two]
    (file,) = records.files(two, ["file-1"])
    assert file.status == "running"
    assert records.task(two, "task-1") is not None


def test_anyone_may_refer_to_content(records: SqlRecords) -> None:
    records.refer("message:1", ["a", "b", "a"])
    records.refer("message:1", ["b"])
    records.refer("skill:1", ["b"])
    assert records.referred() == {"a", "b"}
    records.release("message:1")
    assert records.referred() == {"b"}
    records.release(owner_of("none"))


def test_names_that_cannot_be_stored_are_refused(records: SqlRecords) -> None:
    owner = project(records)
    with pytest.raises(InvalidInputError):
        records.create_knowledgebase(owner, "a\x00b", "", most=9)
    bad = NewFile("f", "a\ud800", FileType.DOCUMENT, "txt", "t", "d", 1)
    with pytest.raises(InvalidInputError):
        records.add_files(owner, base(records, owner), [bad], most_bytes=ROOM)


def test_no_byte_of_erased_names_is_left_in_the_files(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/records.db")
    records = store.open()
    owner = project(records)
    where = base(records, owner, "Geheimakte Nordstern")
    kept = base(records, owner, "Bleibt bestehen")
    for number in range(300):
        new = document(number, f"digest-{number}", url=f"https://intern.example/{number}")
        records.add_files(owner, where if number % 2 else kept, [new], most_bytes=ROOM)
        records.change_file(f"file-{number}", FileChange(progress=number % 100, size=1000 * number))
    records.erase_files([f"file-{number}" for number in range(1, 200, 2)])
    records.erase_knowledgebase(where)
    records.close()
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"Geheimakte" not in content
    assert b"Bleibt bestehen" in content
    for number in range(300):
        left = f"Policy number {number}.txt".encode() in content
        assert left == (number % 2 == 0)
        assert (f"https://intern.example/{number}".encode() in content) >= left
    store.close()
