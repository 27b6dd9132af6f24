"""What `memos models calibrate` takes from files and from the store."""

import json
from pathlib import Path

import pytest

from conftest import START_MS
from memos.cli.calibration import corpus_of_pairs, read_material, stored_material
from memos.cli.stores import open_stores
from memos.errors import InvalidInputError
from memos.handlers.add import AddCommand, IncomingMessage
from memos.handlers.caller import Caller
from memos.mem_os.bootstrap import System


def written(folder: Path, text: str) -> Path:
    path = folder / "file"
    path.write_text(text, encoding="utf-8")
    return path


def objects(folder: Path, *entries: object) -> Path:
    return written(folder, "\n".join(json.dumps(entry) for entry in entries))


def test_plain_lines_are_texts(tmp_path: Path) -> None:
    found = read_material(written(tmp_path, "one\n\n two \n三"), 10, 7)
    assert found.texts == ("one", "two", "三")
    assert (found.pairs, found.corpus) == ((), None)


def test_more_than_wanted_is_sampled_the_same_way_every_time(tmp_path: Path) -> None:
    path = written(tmp_path, "\n".join(f"line {n}" for n in range(100)))
    found = read_material(path, 10, 7)
    assert len(set(found.texts)) == 10
    assert found == read_material(path, 10, 7)
    assert found.texts != read_material(path, 10, 8).texts


@pytest.mark.parametrize(
    "entry",
    [
        {"query": "where?", "passage": "here"},
        {"question": "where?", "answer": "here", "id": 3},
        {"q": " where? ", "positive": "here"},
    ],
)
def test_pairs_of_json_lines(tmp_path: Path, entry: dict) -> None:
    found = read_material(objects(tmp_path, entry), 10, 7)
    assert found.pairs == (("where?", "here"),)
    assert found.texts == ("here",)


def test_texts_of_json_lines_may_stand_beside_pairs(tmp_path: Path) -> None:
    found = read_material(objects(tmp_path, {"text": "a"}, {"query": "q", "text": "b"}), 10, 7)
    assert found.texts == ("a", "b")
    assert found.pairs == (("q", "b"),)


@pytest.mark.parametrize("bad", ['{"id": 1}', '{"query": "only"}', '{"text": 1}', "{", "[]", "x"])
def test_a_line_that_is_neither_is_named(tmp_path: Path, bad: str) -> None:
    with pytest.raises(InvalidInputError, match="line 2"):
        read_material(written(tmp_path, f'{{"text": "a"}}\n{bad}'), 10, 7)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    for name in ("bytes", "missing"):
        with pytest.raises(InvalidInputError, match=name):
            read_material(tmp_path / name, 10, 7)


def test_questions_of_one_passage_share_a_turn() -> None:
    corpus = corpus_of_pairs([("a?", "x"), ("b?", "y"), ("c?", "x")])
    (dialogue,) = corpus.dialogues
    assert [turn.text for turn in dialogue.turns()] == ["x", "y"]
    assert [q.evidence for q in dialogue.questions] == [("p0",), ("p1",), ("p0",)]


def dialogue(name: str, questions: int) -> dict:
    turns = [{"speaker": "Ann", "dia_id": f"D1:{n}", "text": f"fact {n}"} for n in range(questions)]
    turns.append({"speaker": "Bob", "dia_id": "D1:99", "text": "bye"})
    asked = [
        {
            "question": f"What is Ann's fact {n}?",
            "evidence": [f"D1:{n}"],
            "category": 4,
            "answer": n,
        }
        for n in range(questions)
    ]
    conversation = {
        "speaker_a": "Ann", "speaker_b": "Bob", "session_1": turns,
        "session_1_date_time": "1:56 pm on 8 May, 2023",
    }  # fmt: skip
    return {"sample_id": name, "conversation": conversation, "qa": asked}


def test_a_locomo_file_gives_whole_dialogues_until_there_are_enough_questions(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, json.dumps([dialogue(name, 3) for name in "abc"]))
    found = read_material(path, 4, 7)
    assert found.corpus is not None
    assert [d.id for d in found.corpus.dialogues] == ["a", "b"]
    assert len(found.pairs) == len(found.texts) == 4


def test_names_leave_the_questions_as_in_a_search(tmp_path: Path) -> None:
    found = read_material(written(tmp_path, json.dumps([dialogue("a", 1)])), 9, 7)
    assert found.pairs == (("What is  fact 0?", "Ann: fact 0"),)


def test_the_store_gives_its_messages(system: System) -> None:
    project = system.records.projects()[0]
    said = [f"I bought {n} apples." for n in range(5)]
    for n, text in enumerate(said):
        caller = Caller(project.id, "test")
        system.add(
            caller, AddCommand(f"u{n % 2}", [IncomingMessage("user", text, START_MS)], wait=True)
        )
    with open_stores(system.settings.data_dir) as stores:
        assert sorted(stored_material(stores, None, 10, 7).texts) == said
        assert sorted(stored_material(stores, project.name, 10, 7).texts) == said
        assert len(stored_material(stores, None, 3, 7).texts) == 3
        other = stores.records.create_project("other")
        assert stored_material(stores, other.id, 10, 7).texts == ()
