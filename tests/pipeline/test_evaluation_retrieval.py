"""`memos eval retrieval`: from a file to a report, through the product's own path."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from memos.cli.main import app
from memos.embedders.base import Embedder
from memos.evaluation.ablation import WHOLE, ablate, ablation_markdown
from memos.evaluation.corpus import Corpus, Dialogue, Session, Turn
from memos.evaluation.report import retrieval_json, write_retrieval
from memos.evaluation.retrieval import ALL, RetrievalOptions, measure
from memos.evaluation.stage import changes
from memos.evaluation.subject import (
    CHUNK_MESSAGES,
    CITED_TURNS,
    Added,
    Subject,
    chunks,
    open_subject,
)
from pipeline.small_corpus import small_corpus, small_file

OPTIONS = RetrievalOptions(k=(1, 5), tokens=(20, 500), limit=20)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return small_corpus(tmp_path_factory.mktemp("file"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def subject(folder: Path, embedder: Embedder) -> Iterator[Subject]:
    with open_subject(folder, embedder=embedder) as opened:
        yield opened


@pytest.fixture(scope="module")
def added(subject: Subject, corpus: Corpus) -> list[Added]:
    return subject.add(corpus.dialogues, threads=2)


def test_results_cite_the_turns_they_rest_on(subject: Subject, added: list[Added]):
    best = subject.ask(added[0], "What is the name of Mona's dog?", limit=5, as_of=None).found[0]

    assert "Biscuit" in best.text
    assert best.cited == ("D1:1",)


def test_the_ranking_is_the_product_s_own(subject: Subject, added: list[Added]):
    question = "Which instrument does Vera play?"
    found = subject.ask(added[1], question, limit=20, as_of=None).found
    served = subject.search(added[1], question)

    names = [view.item.id for view in (*served.facts, *served.preferences)]
    relativities = {v.item.id: v.relativity for v in (*served.facts, *served.preferences)}
    assert names
    facts = [f.id for f in found if f.id in {v.item.id for v in served.facts}]
    assert facts == [view.item.id for view in served.facts]
    assert {f.id: f.relativity for f in found if f.id in relativities} == relativities


def test_a_dialogue_never_finds_another_s_memories(subject: Subject, added: list[Added]):
    found = subject.ask(added[1], "What is the name of Mona's dog?", limit=20, as_of=None).found

    assert not any("Biscuit" in f.text for f in found)


def test_adding_again_stores_nothing_twice(subject: Subject, corpus: Corpus, added: list[Added]):
    before = [subject.memories(a) for a in added]
    again = subject.add(corpus.dialogues)

    assert again == added
    assert [a.turn_of for a in again] == [a.turn_of for a in added]
    assert [subject.memories(a) for a in again] == before


def test_a_changed_dialogue_gets_a_user_of_its_own(corpus: Corpus, subject: Subject):
    plain = corpus.dialogues[0]
    session = plain.sessions[0]
    other = Dialogue(plain.id, (Session(session.id, session.time, session.turns[:2]),), ())

    (changed,) = subject.add([other])

    assert len(changed.turn_of) == 2
    assert changed.user != subject.add([plain])[0].user


def test_a_small_set_is_measured_whole(subject: Subject, corpus: Corpus, added: list[Added]):
    report = measure(subject, corpus, added, OPTIONS)

    assert (report.dialogues, report.turns, report.questions) == (2, 12, 8)
    row = report.scores["single-hop"]
    assert row["MRR"].n == report.scores[ALL]["MRR"].n == 6
    assert row["recall@5"].mean == row["hit@5"].mean == 1.0
    assert row["recall@1"].mean <= row["recall@5"].mean
    assert row["recall@20tok"].mean <= row["recall@500tok"].mean
    assert "adversarial" not in report.scores
    assert report.timing is not None
    assert report.timing.n == 4
    assert report.memories_per_turn > 0.5
    a = report.answerability
    assert (a.answered.n, a.unanswerable.n, a.foreign.n) == (6, 2, 6)
    assert a.auroc_foreign > 0.8


def test_a_report_is_written_in_three_forms(
    subject: Subject, corpus: Corpus, added: list[Added], tmp_path: Path
):
    report = measure(subject, corpus, added, OPTIONS, timed=False)
    files = {path.suffix: path for path in write_retrieval(report, tmp_path / "new")}

    told = json.loads(files[".json"].read_text(encoding="utf-8"))
    assert told == json.loads(json.dumps(retrieval_json(report)))
    assert told["scores"]["all"]["recall@5"]["n"] == 6
    assert told["timing_ms"] is None
    text = files[".md"].read_text(encoding="utf-8")
    assert "| **all** | 6 |" in text
    assert "Biscuit" not in text + files[".json"].read_text(encoding="utf-8")
    drawing = ET.fromstring(files[".svg"].read_text(encoding="utf-8"))
    assert len(drawing.findall(".//{*}polyline")) == 4
    assert files[".jsonl"].exists()


def test_what_is_switched_off_shows_in_the_table(
    subject: Subject, corpus: Corpus, added: list[Added]
):
    whole, without = ablate(subject, corpus, added, OPTIONS, stages=["dense"])

    assert (whole.name, without.name) == (WHOLE, "without dense")
    assert whole.difference.mean == 0
    table = ablation_markdown([whole, without])
    assert table.splitlines()[0].startswith("| ranking | recall@1 | recall@5 | MRR |")


def test_a_change_reaches_the_ranking(subject: Subject, added: list[Added]):
    question = "What is Mona's job?"
    plain = subject.ask(added[0], question, limit=5, as_of=None).found
    changed = subject.changed(changes([], {"dense": 0.0, "own": 0.0}))
    other = changed.ask(added[0], question, limit=5, as_of=None).found

    assert [f.score for f in plain] != [f.score for f in other]


def test_long_sessions_are_added_in_parts_and_blank_turns_left_out():
    turns = [Turn(str(i), "user", "user", "" if i == 3 else f"text {i}", 0) for i in range(45)]
    parts = list(chunks(Session("s", 0, tuple(turns))))

    assert [len(part) for part in parts] == [CHUNK_MESSAGES, CHUNK_MESSAGES, 4]
    assert [t.id for part in parts for t in part] == [str(i) for i in range(45) if i != 3]


def test_no_memory_counts_for_more_turns_than_the_limit(subject: Subject, added: list[Added]):
    found = subject.ask(added[0], "Kim", limit=20, as_of=None).found

    assert found
    assert all(len(f.cited) <= CITED_TURNS for f in found)


def test_the_command_measures_a_file_and_uses_its_folder_again(tmp_path: Path):
    path, data, out = small_file(tmp_path), tmp_path / "data", tmp_path / "out"
    command = ["eval", "retrieval", str(path), "--format", "locomo", "--data-dir", str(data)]
    first = CliRunner().invoke(app, [*command, "--out", str(out), "--dialogues", "0", "--k", "5"])
    second = CliRunner().invoke(app, [*command, "--json", "--set", "dense=0", "--no-times"])

    assert first.exit_code == 0, first.output
    assert "1 dialogues, 6 turns" in first.stdout
    assert (out / "retrieval.svg").exists()
    told = json.loads(second.stdout)
    assert told["changed"] == {"dense": "0.0", "times": "off"}
    assert told["dialogues"] == 2


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--k", "ten"], "numbers"),
        (["--k", "0"], "from 1"),
        (["--dialogues", "a-b"], "0-4"),
        (["--set", "dense"], "NAME=NUMBER"),
    ],
)
def test_the_command_refuses_what_it_cannot_read(tmp_path: Path, options: list[str], reason: str):
    path = small_file(tmp_path)
    result = CliRunner().invoke(
        app, ["eval", "retrieval", str(path), "--format", "locomo", *options]
    )

    assert result.exit_code == 2
    assert reason in result.output
