"""`memos eval updates`: generated chains, their scorer, and one run through the product."""

import json
import math
from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner

from memos.cli.main import app
from memos.embedders.base import Embedder
from memos.evaluation.cascade import cascade_accuracy, cases
from memos.evaluation.subject import Found, open_subject
from memos.evaluation.updates import NOW, Chain, chains
from memos.evaluation.updates_score import groups, judge, measure, scores, updates_json
from memos.memories.textual.tree_text_memory.organize.state import asked, claims
from tests.scripted_model import scripted_model
from tests.stand_in import StandIn


@pytest.fixture(scope="module")
def made() -> list[Chain]:
    return chains(120, seed=7)


def _found(turn: str) -> Found:
    return Found(turn, "", (turn,), relativity=1.0, score=1.0, kind="UserMemory")


def _deep(made: list[Chain]) -> Chain:
    return next(c for c in made if c.attribute == "home" and c.changes >= 3)


def test_the_same_seed_gives_the_same_chains(made: list[Chain]):
    assert chains(120, seed=7) == made
    assert chains(120, seed=8) != made


def test_chains_cover_every_depth_and_both_languages(made: list[Chain]):
    assert {c.changes for c in made} == set(range(1, 7))
    assert {c.language for c in made} == {"en", "zh"}
    assert len({c.attribute.partition(":")[0] for c in made}) == 10


def test_statements_follow_one_another_before_the_questions(made: list[Chain]):
    for chain in made:
        assert all(a.at < b.at for a, b in pairwise(chain.statements))
        assert chain.dialogue.end < NOW.timestamp() * 1000


def test_sessions_arrive_out_of_order(made: list[Chain]):
    disordered = [c for c in made if any(a.time > b.time for a, b in pairwise(c.dialogue.sessions))]

    assert len(disordered) == len(made)


def test_every_statement_is_said_once_and_words_are_whole(made: list[Chain]):
    for chain in made:
        said = {turn.id: turn.text for turn in chain.dialogue.turns()}
        assert all(said[s.turn] == s.text for s in chain.statements)
        assert not any("{" in text or "None" in text for text in said.values())


def test_questions_about_the_past_never_take_the_present_value(made: list[Chain]):
    for chain in made:
        current = chain.statements[-1].value
        assert [q.values for q in chain.questions if q.when == "now"] == [{current}]
        assert all(current not in q.values for q in chain.questions if q.when == "before")


def test_the_first_memory_about_the_state_is_what_counts(made: list[Chain]):
    chain = _deep(made)
    now = next(q for q in chain.questions if q.when == "now")
    last, first = _found(chain.statements[-1].turn), _found(chain.statements[0].turn)
    if chain.statements[0].value in now.values:
        first = _found(chain.statements[1].turn)

    assert judge(chain, now, [_found("n1"), last, first]).right
    assert judge(chain, now, [_found("n1"), last, first]).first == 1
    stale = judge(chain, now, [first, last])
    assert (stale.right, stale.stale, stale.first) == (False, True, 0)
    nothing = judge(chain, now, [_found("n1")])
    assert (nothing.right, nothing.stale, nothing.first) == (False, False, None)


def test_a_memory_that_names_what_was_left_answers_about_the_past(made: list[Chain]):
    chain, statement = next(
        (c, s) for c in made for s in c.statements if s.former and s is c.statements[-1]
    )
    before = next(q for q in chain.questions if q.when == "before")

    assert judge(chain, before, [_found(statement.turn)]).right


def test_shares_without_questions_are_unknown():
    empty = scores([])

    assert math.isnan(empty.current)
    assert updates_json({"all": empty})["all"]["current"] is None


def test_states_are_recognised_in_the_chains(made: list[Chain]):
    statements = [(c, s) for c in made for s in c.statements]
    missed = [
        s.text
        for c, s in statements
        if not any(k.attribute.startswith(c.attribute.partition(":")[0]) for k in claims(s.text))
    ]
    unread = [q.text for c in made for q in c.questions if not asked(q.text)]

    assert len(missed) <= 0.1 * len(statements)
    assert unread == []


def test_look_alikes_are_not_taken_for_the_user(made: list[Chain]):
    taken = [
        (turn.text, claim)
        for chain in made
        for turn in chain.dialogue.turns()
        for claim in claims(turn.text)
        if turn.id.startswith("n") and claim.subject == "user"
        and claim.attribute.startswith(chain.attribute.partition(":")[0])
    ]  # fmt: skip

    assert taken == []


def test_a_single_value_is_found(tmp_path: Path, embedder: Embedder):
    single = [c for c in chains(40, seed=7) if c.changes == 1][:2]
    with open_subject(tmp_path, embedder=embedder) as subject:
        found = groups(measure(subject, single))

    assert found["all"].now == 2
    assert found["all"].current == 1.0
    assert found["all"].stale == 0.0


def test_the_command_prints_shares(tmp_path: Path):
    result = CliRunner().invoke(
        app,
        [
            "eval", "updates", "--chains", "2", "--cascades", "2",
            "--data-dir", str(tmp_path), "--json",
        ],
    )  # fmt: skip

    assert result.exit_code == 0
    assert json.loads(result.stdout)["all"]["now"] == 2
    assert json.loads(result.stdout)["cascade"]["all"] == 1.0


def test_changes_reach_what_depends_on_them(tmp_path: Path, embedder: Embedder):
    every_fate = [case for case in cases(24, seed=7) if case.dialogue.id.endswith(("1-7", "2-7"))]
    assert {case.fate for case in every_fate} == {"stayed", "changed", "told anew"}
    assert cases(24, seed=7) == cases(24, seed=7) != cases(24, seed=8)
    with open_subject(tmp_path, embedder=embedder) as subject:
        assert cascade_accuracy(subject, every_fate)["all"] == 1.0


@pytest.mark.parametrize("malformed", [0.0, 0.4])
def test_a_model_that_reads_and_one_that_often_fails_keep_memory_true(
    tmp_path: Path, embedder: Embedder, malformed: float
):
    told = [c for c in chains(40, seed=7) if c.changes >= 3][:8]
    with scripted_model() as server:
        server.fallback = StandIn(malformed)
        model = {"llm_model": "stand-in", "llm_api_base": server.url, "llm_max_retries": 0}
        with open_subject(tmp_path, embedder=embedder, model=model) as subject:
            found = groups(measure(subject, told))["all"]

    asked = [request.body["messages"][0]["content"] for request in server.requests]
    assert any("write down what is worth remembering" in prompt for prompt in asked)
    assert any("how they relate" in prompt for prompt in asked)
    assert (found.current, found.stale) == (1.0, 0.0)


def test_the_command_asks_the_model_it_is_given(tmp_path: Path):
    with scripted_model() as server:
        server.fallback = StandIn()
        result = CliRunner().invoke(
            app,
            [
                "eval", "updates", "--chains", "2", "--cascades", "1", "--json",
                "--data-dir", str(tmp_path), "--model", "stand-in", "--base-url", server.url,
            ],
        )  # fmt: skip

    assert result.exit_code == 0
    assert json.loads(result.stdout)["all"]["current"] == 1.0
    assert {request.body["model"] for request in server.requests} == {"stand-in"}
