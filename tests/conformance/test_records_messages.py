"""Messages and subjects, on both engines."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from memos.errors import ConflictError, InvalidInputError, NotFoundError
from memos.records.base import NewMessage, NewTask
from memos.records.sql import SqlRecords
from tests.conformance.records_stores import START_MS, Store, add, said, user


def test_a_message_comes_back_as_it_was_sent(records: SqlRecords) -> None:
    cube = user(records.create_project("p").id)
    new = NewMessage(
        id="m",
        role="tool",
        text="晴 25°C 😀\nline two",
        chat_time=7,
        name="weather",
        parts=({"type": "text", "text": "晴"}, {"type": "image_url", "image_url": {"url": "u"}}),
        tool_calls=({"id": "c", "function": {"name": "f", "arguments": '{"a": 1}'}},),
        tool_call_id="call-1",
    )
    stored = records.accept(cube, "talk", [new], NewTask("t", "add"))
    assert records.messages(cube, ["m"]) == stored
    message = stored[0]
    for name in ("id", "role", "text", "chat_time", "name", "parts", "tool_calls", "tool_call_id"):
        assert getattr(message, name) == getattr(new, name)
    assert (message.sequence, message.conversation_id) == (1, "talk")
    assert (message.created_at, message.updated_at) == (START_MS, START_MS)


def test_sequences_count_per_subject_and_conversation(records: SqlRecords) -> None:
    project = records.create_project("p").id
    ann, bob = user(project, "ann"), user(project, "bob")
    assert [m.sequence for m in add(records, ann, "t1", "a", "b")] == [1, 2]
    assert [m.sequence for m in add(records, ann, "t2", "c")] == [3]
    assert [m.sequence for m in add(records, ann, "t3", "d", conversation="other")] == [1]
    assert [m.sequence for m in add(records, bob, "t4", "e")] == [1]


def test_sequences_have_no_gaps_when_many_add_at_once(records: SqlRecords) -> None:
    cube = user(records.create_project("p").id)
    with ThreadPoolExecutor(16) as threads:
        added = list(threads.map(lambda n: add(records, cube, f"t{n}", "a", "b"), range(48)))
    assert sorted(m.sequence for some in added for m in some) == list(range(1, 97))
    assert all(first.sequence + 1 == second.sequence for first, second in added)
    assert records.unfinished(subject=cube.uid) == 48


def test_the_same_task_id_stores_once(records: SqlRecords) -> None:
    cube = user(records.create_project("p").id)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: add(records, cube, "t", "a", "b"), range(8)))
    again = records.accept(cube, "talk", [said("fresh-id")], NewTask("t", "add"))
    assert all(answer == answers[0] for answer in [*answers, again])
    assert [m.id for m in records.recent_messages(cube, "talk", 10)] == ["t-0", "t-1"]
    assert records.unfinished() == 1


def test_a_task_id_belongs_to_one_subject(records: SqlRecords) -> None:
    project = records.create_project("p").id
    add(records, user(project, "ann"), "t", "a")
    with pytest.raises(ConflictError):
        add(records, user(project, "bob"), "t", "b")
    assert not records.subject_exists(user(project, "bob"))


def test_what_cannot_be_stored_leaves_nothing_behind(records: SqlRecords) -> None:
    project = records.create_project("p").id
    add(records, user(project, "ann"), "t", "a")
    taken = [said("new"), said("t-0")]
    with pytest.raises(ConflictError):
        records.accept(user(project, "bob"), "talk", taken, NewTask("t2", "add"))
    assert not records.subject_exists(user(project, "bob"))
    assert records.task(project, "t2") is None
    with pytest.raises(NotFoundError):
        add(records, user("nowhere"), "t3", "a")


@pytest.mark.parametrize("text", ["a\x00b", "a\ud83d"])
def test_a_text_no_engine_can_store_is_refused(records: SqlRecords, text: str) -> None:
    with pytest.raises(InvalidInputError):
        add(records, user(records.create_project("p").id), "t", text)


def test_a_task_may_come_without_messages(records: SqlRecords) -> None:
    cube = user(records.create_project("p").id)
    assert add(records, cube, "t") == []
    assert add(records, cube, "t") == []
    assert records.subject_exists(cube)


def test_messages_are_read_by_their_own_subject_only(records: SqlRecords) -> None:
    project = records.create_project("p").id
    add(records, user(project, "ann"), "t1", "a", "b")
    add(records, user(project, "bob"), "t2", "c")
    wanted = ["t1-1", "unknown", "t2-0", "t1-0", "t1-1"]
    assert [m.id for m in records.messages(user(project, "ann"), wanted)] == ["t1-0", "t1-1"]
    assert records.messages(user(project, "ann"), []) == []
    many = [f"x{n}" for n in range(1200)] + ["t2-0"]
    assert [m.id for m in records.messages(user(project, "bob"), many)] == ["t2-0"]


def test_messages_are_held_when_every_one_is_there_for_the_subject(records: SqlRecords) -> None:
    project = records.create_project("p").id
    ann, bob = user(project, "ann"), user(project, "bob")
    add(records, ann, "t1", *("a" * 3))
    add(records, bob, "t2", "c")
    assert records.holds(ann, ["t1-0", "t1-2", "t1-0"])
    assert records.holds(ann, [])
    assert not records.holds(ann, ["t1-0", "unknown"])
    assert not records.holds(bob, ["t1-0"])
    records.erase_subject(ann)
    assert not records.holds(ann, ["t1-0"])


def test_recent_messages_end_at_the_last_or_before_a_sequence(records: SqlRecords) -> None:
    cube = user(records.create_project("p").id)
    add(records, cube, "t", "a", "b", "c", "d")

    def texts(limit: int, before: int | None = None) -> str:
        found = records.recent_messages(cube, "talk", limit, before_sequence=before)
        return "".join(m.text for m in found)

    assert texts(2) == "cd"
    assert texts(9) == "abcd"
    assert texts(2, before=4) == "bc"
    assert texts(2, before=1) == ""
    assert texts(0) == ""


def test_a_worker_is_woken_after_the_task_can_be_claimed(records: SqlRecords) -> None:
    seen: list[int] = []
    records.subscribe(lambda: seen.append(records.unfinished()))
    cube = user(records.create_project("p").id)
    add(records, cube, "t1", "a")
    add(records, cube, "t2", "a")
    assert seen == [1, 2]


def test_a_redacted_span_keeps_length_and_drops_what_was_attached(store: Store) -> None:
    records = store.open()
    cube = user(records.create_project("p").id)
    new = NewMessage(
        "m",
        "user",
        "我住在上海, call 555 now",
        1,
        parts=({"text": "上海"},),
        tool_calls=({"a": 1},),
    )
    records.accept(cube, "talk", [new, said("n")], NewTask("t", "add"))
    store.clock.advance(60)
    assert records.redact(cube, [("m", 3, 5), ("m", 12, 15), ("unknown", None, None)]) == 1
    changed, untouched = records.messages(cube, ["m", "n"])
    assert changed.text == "我住在██, call ███ now"
    assert (changed.parts, changed.tool_calls) == ((), ())
    assert changed.updated_at == START_MS + 60_000
    assert (untouched.text, untouched.updated_at) == ("I like tea.", START_MS)
    assert records.redact(cube, [("m", 0, 2)]) == 1
    assert records.messages(cube, ["m"])[0].text == "██在██, call ███ now"


@pytest.mark.parametrize("spans", [[("t-0", None, None)], [("t-0", 0, 5), ("t-0", 6, None)]])
def test_a_message_without_a_visible_character_is_removed(
    records: SqlRecords, spans: list[tuple[str, int | None, int | None]]
) -> None:
    cube = user(records.create_project("p").id)
    add(records, cube, "t", "hello world", "stays")
    assert records.redact(cube, spans) == 1
    assert [m.id for m in records.recent_messages(cube, "talk", 9)] == ["t-1"]
    assert records.messages(cube, ["t-0"]) == []
    assert [m.id for m in add(records, cube, "t", "hello world", "stays")] == ["t-1"]


def test_a_span_beyond_the_text_or_of_another_subject_blanks_nothing_else(
    records: SqlRecords,
) -> None:
    project = records.create_project("p").id
    add(records, user(project, "ann"), "t", "hello")
    assert records.redact(user(project, "bob"), [("t-0", None, None)]) == 0
    assert records.redact(user(project, "ann"), [("t-0", 3, 99), ("t-0", 4, 2)]) == 1
    assert records.messages(user(project, "ann"), ["t-0"])[0].text == "hel██"


def test_an_erased_subject_is_as_if_it_had_never_been(records: SqlRecords) -> None:
    project = records.create_project("p").id
    ann, bob = user(project, "ann"), user(project, "bob")
    for cube, task in ((ann, "t1"), (ann, "t2"), (bob, "t3")):
        add(records, cube, task, "a", "b")
    assert records.erase_subject(ann) == {"message": 4, "task": 2, "subject": 1}
    assert not records.subject_exists(ann)
    assert records.messages(ann, ["t1-0"]) == []
    assert records.recent_messages(ann, "talk", 9) == []
    assert records.task(project, "t1") is None
    assert records.erase_subject(ann) == {"message": 0, "task": 0, "subject": 0}
    assert len(records.recent_messages(bob, "talk", 9)) == 2
    assert [m.sequence for m in add(records, ann, "t1", "new")] == [1]


def test_a_deleted_project_leaves_the_others_alone(records: SqlRecords) -> None:
    ann, bob = user(records.create_project("p").id), user(records.create_project("q").id)
    add(records, ann, "t1", "a", "b")
    add(records, bob, "t2", "c")
    records.add_usage(ann.project, "add", 1, 1)
    removed = records.delete_project(ann.project)
    assert (removed["message"], removed["task"], removed["subject"]) == (2, 1, 1)
    assert removed["usage"] == 1
    assert records.unfinished() == 1
    assert len(records.messages(bob, ["t2-0"])) == 1
    with pytest.raises(NotFoundError):
        add(records, ann, "t1", "a")
