"""`memos eval qa`: answers and grades by models, with a scripted server in their place."""

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from memos.cli.main import app
from memos.embedders.base import Embedder
from memos.errors import InvalidInputError, ModelUnavailableError
from memos.evaluation.corpus import Corpus
from memos.evaluation.qa import ANSWERS, QaOptions, QaRunner, read_answers
from memos.evaluation.qa_report import qa_scores, write_qa
from memos.evaluation.subject import Added, Subject, open_subject
from memos.llms.factory import build_llm
from pipeline.small_corpus import small_corpus, small_file
from scripted_model import Request, ScriptedModel, refusal, reply, scripted_model

NAMES = ("answers", "grades")
Make = Callable[..., QaRunner]
OPTIONS = QaOptions(memories=5, tokens=200, concurrency=2)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return small_corpus(tmp_path_factory.mktemp("file"))


@pytest.fixture(scope="module")
def loaded(
    tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, corpus: Corpus
) -> Iterator[tuple[Subject, list[Added]]]:
    with open_subject(tmp_path_factory.mktemp("data"), embedder=embedder) as subject:
        yield subject, subject.add(corpus.dialogues)


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    with scripted_model() as running:
        running.fallback = _honest
        yield running


def _honest(request: Request):
    """Answer from the notes when they hold an expected word; grade strictly by equality."""
    system, user = (m["content"] for m in request.body["messages"])
    if "Reply with one word" not in system:
        words = ("Biscuit", "glazier", "walnuts", "oboe", "motorbike", "Madeira")
        question = user.split("Question:")[1]
        asked = {"dog": 0, "job": 1, "allergic": 2, "instrument": 3, "sell": 4, "spring": 5}
        known = [words[i] for key, i in asked.items() if key in question and words[i] in user]
        return reply(known[0] if known else "not known")
    data = dict(line.split(": ", 1) for line in user.splitlines())
    said, expected = json.loads(data["answer"]), json.loads(data["expected"])
    right = said == expected if "everything" in system else said in expected
    return reply("CORRECT" if right else "WRONG")


@pytest.fixture
def runner(loaded: tuple[Subject, list[Added]], model: ScriptedModel) -> Iterator[Make]:
    """Makes runners whose models are closed at the end."""
    with contextlib.ExitStack() as opened:

        def make(folder: Path, *names: str) -> QaRunner:
            models = [build_llm(name, api_base=model.url) for name in names or NAMES]
            for made in models:
                opened.callback(made.close)
            return QaRunner(loaded[0], models[0], models[-1], folder=folder, options=OPTIONS)

        yield make


def test_answers_are_graded_strictly_and_leniently(runner, loaded, model, corpus, tmp_path: Path):
    run = runner(tmp_path).run(corpus, loaded[1])

    scores = qa_scores(run.answered, seed=1)
    assert (run.failed, run.unlabelled) == (0, 0)
    assert scores["single-hop"]["strict"].mean == pytest.approx(4 / 6)
    assert scores["single-hop"]["lenient"].mean == 1.0
    assert scores["adversarial"]["strict"].mean == 1.0
    assert {r.body["model"] for r in model.requests} == {"answers", "grades"}
    assert len(model.requests) == 8 * 3
    assert all(a.prompt_tokens == 7 and 0 < a.memory_tokens <= 200 for a in run.answered)


def test_a_run_goes_on_where_it_was_stopped(runner, loaded, model, corpus, tmp_path: Path):
    first = runner(tmp_path).run(corpus, loaded[1])
    lines = (tmp_path / ANSWERS).read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / ANSWERS).write_text("".join(lines[:5]) + lines[5][:20], encoding="utf-8")
    model.requests.clear()

    second = runner(tmp_path).run(corpus, loaded[1])

    assert len(model.requests) == 3 * 3
    by_name = {a.question: (a.answer, a.strict) for a in first.answered}
    assert {a.question: (a.answer, a.strict) for a in second.answered} == by_name
    assert len(list(read_answers(tmp_path / ANSWERS))) == 8


def test_a_question_that_failed_is_asked_again(runner, loaded, model, corpus, tmp_path: Path):
    model.fallback = lambda request: (
        refusal(400)
        if "name of Mona's dog" in request.body["messages"][1]["content"]
        else _honest(request)
    )
    first = runner(tmp_path).run(corpus, loaded[1])
    model.fallback = _honest
    second = runner(tmp_path).run(corpus, loaded[1])

    assert (first.failed, len(first.answered)) == (1, 7)
    assert (second.failed, len(second.answered)) == (0, 8)


def test_a_model_that_never_answers_is_an_error(runner, loaded, model, corpus, tmp_path: Path):
    model.fallback = lambda _: refusal(401)

    with pytest.raises(ModelUnavailableError):
        runner(tmp_path).run(corpus, loaded[1])


def test_a_folder_of_another_run_is_not_mixed_up(runner, loaded, model, corpus, tmp_path: Path):
    runner(tmp_path).run(corpus, loaded[1])

    with pytest.raises(InvalidInputError, match="--out"):
        runner(tmp_path, "another").run(corpus, loaded[1])


def test_a_multiple_choice_needs_no_judge(runner, loaded, model, corpus, tmp_path: Path):
    first = corpus.dialogues[0]
    question = replace(first.questions[0], answers=("(b) x",), options=("(a) y", "(b) x"))
    choice = Corpus("choice", (replace(first, questions=(question,)),), {})
    model.script(reply("I think (B)."))

    run = runner(tmp_path).run(choice, loaded[1][:1])

    assert run.answered[0].strict
    assert run.answered[0].lenient
    assert len(model.requests) == 1


def test_the_report_tells_accuracy_tokens_and_time(runner, loaded, model, corpus, tmp_path: Path):
    run = runner(tmp_path).run(corpus, loaded[1])
    told, page = write_qa(run, corpus.name, tmp_path, seed=1)

    figures = json.loads(told.read_text(encoding="utf-8"))
    assert figures["accuracy"]["all"]["lenient"]["mean"] == 1.0
    assert figures["mean_prompt_tokens"] == 7
    assert "| single-hop | 6 |" in page.read_text(encoding="utf-8")


def test_the_command_answers_and_grades(model, tmp_path: Path):
    command = ["eval", "qa", str(small_file(tmp_path)), "--format", "locomo", "--dialogues", "1"]
    out = ["--out", str(tmp_path / "out"), "--json"]
    result = CliRunner().invoke(app, [*command, *out, "--base-url", model.url, "--model", "m"])

    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["answered"] == 4


def test_the_command_asks_for_a_model(tmp_path: Path):
    command = ["eval", "qa", str(small_file(tmp_path)), "--format", "locomo"]
    result = CliRunner().invoke(app, [*command, "--out", str(tmp_path / "out")])

    assert isinstance(result.exception, InvalidInputError)
    assert "--model" in result.exception.message
