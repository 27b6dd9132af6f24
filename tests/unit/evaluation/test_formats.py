"""Every loader on a tiny file of our own in the form of its set."""

import json
from pathlib import Path

import pytest

from memos.errors import InvalidInputError
from memos.evaluation.corpus import Corpus
from memos.evaluation.formats import load
from memos.evaluation.formats.locomo import REPAIRED, SKIPPED
from memos.evaluation.formats.reading import read_text
from memos.types.chat_time import parse_chat_time


def written(folder: Path, name: str, value: object) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


def locomo(**changes: object) -> dict:
    sample = {
        "sample_id": "s-1",
        "conversation": {
            "speaker_a": "Ana",
            "speaker_b": "Ben",
            "session_1_date_time": "2:05 pm on 3 March, 2024",
            "session_1": [
                {"speaker": "Ana", "dia_id": "D1:1", "text": "I bought a kite."},
                {"speaker": "Ben", "dia_id": "D1:2", "text": "Look!", "blip_caption": "a red kite"},
            ],
            "session_2_date_time": "9:00 am on 4 March, 2024",
            "session_2": [{"speaker": "Ana", "dia_id": "D2:1", "text": "It flew."}],
            "session_3_date_time": "9:00 am on 5 March, 2024",
            "session_10": [],
        },
        "qa": [
            {"question": "What?", "answer": 7, "evidence": ["D1:1"], "category": 4},
            {"question": "Which?", "evidence": ["D1:2"], "category": 5},
        ],
    }
    return {**sample, **changes}


def questions(corpus: Corpus) -> list:
    return [q for d in corpus.dialogues for q in d.questions]


def test_locomo_names_its_speakers_shows_its_pictures_and_keeps_its_days(tmp_path: Path):
    corpus = load("locomo", written(tmp_path, "f.json", [locomo()]))

    first, second = corpus.dialogues[0].sessions
    assert [t.message for t in first.turns] == [
        "Ana: I bought a kite.",
        "Ben: Look! [shares a photo: a red kite]",
    ]
    assert [t.role for t in first.turns] == ["user", "assistant"]
    assert first.time == parse_chat_time("2024-03-03T14:05:00Z", default_ms=0)
    assert second.id == "session_2"


def test_locomo_s_fifth_category_has_no_answer(tmp_path: Path):
    plain, adversarial = questions(load("locomo", written(tmp_path, "f.json", [locomo()])))

    assert (plain.category, plain.answerable, plain.answers) == ("single-hop", True, ("7",))
    assert (adversarial.category, adversarial.answerable) == ("adversarial", False)


@pytest.mark.parametrize(
    ("labels", "turns", "repaired", "skipped"),
    [
        (["D1:1", "D1:2"], ("D1:1", "D1:2"), 0, 0),
        (["D1:1; D2:1"], ("D1:1", "D2:1"), 1, 0),
        (["D:2:1"], ("D2:1",), 1, 0),
        (["D01:01"], ("D1:1",), 1, 0),
        (["D"], (), 0, 1),
        (["D1:1", "D9:9"], ("D1:1",), 0, 1),
        (["D1:1", "D1:1"], ("D1:1",), 0, 0),
    ],
)
def test_malformed_evidence_is_repaired_or_counted(
    tmp_path: Path, labels: list[str], turns: tuple[str, ...], repaired: int, skipped: int
):
    qa = [{"question": "?", "answer": "x", "evidence": labels, "category": 1}]
    corpus = load("locomo", written(tmp_path, "f.json", [locomo(qa=qa)]))

    assert questions(corpus)[0].evidence == turns
    assert (corpus.notes[REPAIRED], corpus.notes[SKIPPED]) == (repaired, skipped)


def longmemeval(**changes: object) -> dict:
    record = {
        "question_id": "q1",
        "question_type": "temporal-reasoning",
        "question": "When did I plant the fig?",
        "answer": "in May",
        "question_date": "2023/06/30 (Fri) 20:15",
        "haystack_session_ids": ["late", "early"],
        "haystack_dates": ["2023/05/20 (Sat) 02:21", "2023/05/01 (Mon) 10:00"],
        "haystack_sessions": [
            [{"role": "user", "content": "The fig is in the ground.", "has_answer": True}],
            [{"role": "user", "content": "Hi."}, {"role": "assistant", "content": "Hello!"}],
        ],
        "answer_session_ids": ["late"],
    }
    return {**record, **changes}


def test_longmemeval_sorts_its_sessions_and_asks_at_its_day(tmp_path: Path):
    corpus = load("longmemeval", written(tmp_path, "f.json", [longmemeval()]))

    (dialogue,) = corpus.dialogues
    (question,) = dialogue.questions
    assert [s.id for s in dialogue.sessions] == ["early", "late"]
    assert question.evidence == ("late:0",)
    assert question.as_of == parse_chat_time("2023-06-30T20:15:00Z", default_ms=0)
    assert [t.message for t in dialogue.turns()][1] == "Hello!"


def test_longmemeval_marks_questions_that_cannot_be_answered(tmp_path: Path):
    corpus = load("longmemeval", written(tmp_path, "f.json", [longmemeval(question_id="q1_abs")]))

    assert not questions(corpus)[0].answerable


def test_longmemeval_keeps_sessions_of_the_same_name_apart(tmp_path: Path):
    record = longmemeval(haystack_session_ids=["s", "s"])
    corpus = load("longmemeval", written(tmp_path, "f.json", [record]))

    turns = [t.id for t in corpus.dialogues[0].turns()]
    assert len(set(turns)) == len(turns) == 3


BEAM_CHAT = [
    {
        "batch_number": 1,
        "turns": [
            [
                {"role": "user", "id": 0, "time_anchor": "March-15-2024", "content": "Hi ->-> 1,1"},
                {"role": "assistant", "id": 1, "content": "Hello."},
            ],
            [{"role": "user", "id": 2, "content": "The deadline is on Friday. ->-> 1,2"}],
        ],
    },
    {"batch_number": 2, "turns": [[{"role": "user", "id": 2, "content": "Again."}]]},
]
BEAM_PROBES = {
    "abstention": [{"question": "Who?", "ideal_response": "No information."}],
    "knowledge_update": [
        {"question": "When?", "answer": "Friday", "source_chat_ids": {"a": [0], "b": [1, 2]}}
    ],
    "instruction_following": [{"question": "How?", "rubric": ["in bold", "with dates"]}],
}


@pytest.mark.parametrize("form", ["folder", "chat", "export", "text export"])
def test_beam_is_read_from_its_folders_and_its_export(tmp_path: Path, form: str):
    chat = written(tmp_path, "7/chat.json", BEAM_CHAT)
    written(tmp_path, "7/probing_questions/probing_questions.json", BEAM_PROBES)
    row = {"conversation_id": "7", "chat": [b["turns"][0] for b in BEAM_CHAT]}
    paths = {
        "folder": tmp_path,
        "chat": chat,
        "export": written(tmp_path, "a.json", [{**row, "probing_questions": BEAM_PROBES}]),
        "text export": written(
            tmp_path, "b.jsonl", json.dumps({**row, "probing_questions": str(BEAM_PROBES)})
        ),
    }
    corpus = load("beam", paths[form])

    (dialogue,) = corpus.dialogues
    assert dialogue.id == "7"
    assert [s.id for s in dialogue.sessions] == ["batch-1", "batch-2"]
    assert {s.time for s in dialogue.sessions} == {
        parse_chat_time("2024-03-15T00:00:00Z", default_ms=0)
    }
    assert next(dialogue.turns()).text == "Hi"
    assert [q.category for q in dialogue.questions] == [*BEAM_PROBES]
    assert [q.answerable for q in dialogue.questions] == [False, True, True]


def test_beam_leaves_out_evidence_that_names_no_single_message(tmp_path: Path):
    chat = written(tmp_path, "7/chat.json", BEAM_CHAT)
    written(tmp_path, "7/probing_questions/probing_questions.json", BEAM_PROBES)
    corpus = load("beam", chat)

    update = corpus.dialogues[0].questions[1]
    assert update.evidence == ("batch-1:0", "batch-1:1")
    assert sum(corpus.notes.values()) == 1
    assert corpus.dialogues[0].questions[2].answers == ("in bold", "with dates")


PERSONAMEM_HEAD = (
    "question_id,question_type,user_question_or_message,correct_answer,all_options,"
    "shared_context_id,end_index_in_shared_context\n"
)


def personamem(folder: Path) -> Path:
    context = [
        {"role": "system", "content": "A persona."},
        {"role": "user", "content": "User: I like tea."},
        {"role": "assistant", "content": "Assistant: Noted."},
        {"role": "system", "content": "A persona."},
        {"role": "user", "content": "User: Now coffee."},
    ]
    written(folder, "shared_contexts_32k.jsonl", json.dumps({"c1": context}))
    options = "\"['(a) tea', '(b) coffee']\""
    rows = f"q1,recall,User: What now?,(b),{options},c1,5\nq2,recall,Then?,(a),{options},c1,3\n"
    return written(folder, "questions_32k.csv", PERSONAMEM_HEAD + rows)


@pytest.mark.parametrize("whole_folder", [True, False])
def test_personamem_cuts_the_context_where_a_question_is_asked(tmp_path: Path, whole_folder: bool):
    path = personamem(tmp_path)
    late, early = load("personamem", tmp_path if whole_folder else path).dialogues

    assert [t.text for t in late.turns()] == ["I like tea.", "Noted.", "Now coffee."]
    assert [t.text for t in early.turns()] == ["I like tea.", "Noted."]
    assert len(late.sessions) == 2
    assert late.questions[0].answers == ("(b) coffee",)
    assert late.questions[0].text == "What now?"
    assert late.questions[0].options == ("(a) tea", "(b) coffee")


def test_prefeval_s_evidence_is_the_turn_that_shows_the_preference(tmp_path: Path):
    explicit = {"preference": "I avoid stairs.", "question": "Which hotel?", "explanation": "-"}
    choice = {
        **explicit,
        "conversation": {
            "query": "Flat or hilly walk?",
            "assistant_options": "A flat one, or a hilly one.",
            "user_selection": "Flat, please.",
            "assistant_acknowledgment": "Noted.",
        },
    }
    persona = {**explicit, "conversation": {"1": {"user": "My knee!", "assistant": "Oh no."}}}
    corpus = load("prefeval", written(tmp_path, "hotels.json", [explicit, choice, persona]))

    text = {t.id: t.text for t in corpus.dialogues[0].turns()}
    shown = [[text[t] for t in q.evidence] for q in questions(corpus)]
    assert shown == [["I avoid stairs."], ["Flat, please."], ["My knee!"]]


def test_halumem_asks_when_the_session_has_ended(tmp_path: Path):
    record = {
        "uuid": "u1",
        "sessions": [
            {
                "start_time": "Dec 15, 2025, 06:11:23",
                "end_time": "Dec 15, 2025, 07:00:00",
                "dialogue": [
                    {"role": "user", "content": "I moved.", "timestamp": "Dec 15, 2025, 06:12:00"}
                ],
                "questions": [
                    {"question": "Where?", "answer": "x", "question_type": "Memory Boundary"},
                    {"question": "Did I?", "answer": "yes", "question_type": "Basic Fact Recall"},
                ],
            },
            {"dialogue": [], "is_generated_qa_session": True},
        ],
    }
    corpus = load("halumem", written(tmp_path, "f.jsonl", json.dumps(record)))

    boundary, recall = questions(corpus)
    assert not boundary.answerable
    assert recall.answerable
    assert recall.as_of == parse_chat_time("2025-12-15T07:00:00Z", default_ms=0)
    assert len(corpus.dialogues[0].sessions) == 1


@pytest.mark.parametrize(
    ("form", "text", "told"),
    [
        ("locomo", "{", "line 1"),
        ("locomo", "[3]", "record 0"),
        ("locomo", '[{"conversation": 3}]', "conversation"),
        ("locomo", '[{"conversation": {"session_1": [{"speaker": "A"}]}}]', "dia_id"),
        ("locomo", "[]", "no dialogue"),
        ("longmemeval", '[{"question_id": "q"}]', "haystack_sessions"),
        ("longmemeval", "[{}]", "question_id"),
        ("beam", '[{"chats": []}]', "no chat"),
        ("personamem", "a,b\n", "beside it"),
        ("prefeval", '[{"question": "q"}]', "preference"),
        ("halumem", '{"sessions": 4}', "sessions"),
        ("csv", "", "unknown format"),
    ],
)
def test_a_file_of_another_form_is_refused_with_the_place(
    tmp_path: Path, form: str, text: str, told: str
):
    with pytest.raises(InvalidInputError, match=told):
        load(form, written(tmp_path, "questions.csv", text))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(InvalidInputError, match="cannot be read"):
        load("locomo", tmp_path / "none.json")


def test_a_file_that_is_not_there_is_told_from_one_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "picture").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(InvalidInputError, match="No such file"):
        read_text(tmp_path / "nothing")
    with pytest.raises(InvalidInputError, match="not UTF-8"):
        read_text(tmp_path / "picture")
