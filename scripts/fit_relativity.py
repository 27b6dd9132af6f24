"""Fits the model behind `relativity` on real dialogues, through the product's own recall.

    .venv/bin/python scripts/fit_relativity.py FILE...

Each FILE is in LoCoMo's format. Dialogues are added to a temporary store the public way; every
question is then asked of its own dialogue (the memories that cite its evidence are relevant, the
rest are not) and of the next dialogue (nothing there is relevant). The model is fitted on the first
part of the dialogues and reported on the rest: share of relevant memories kept at 0.45, share of
foreign questions that return anything, and the expected calibration error under an even prior of
relevant and foreign memories. A plain logistic model over the same parts is printed beside it.

The weights behind `answerable` are fitted last, on the same dialogues with the questions of
category 5 (which ask one speaker for what the other said): how well it tells answerable questions
from both kinds that have no answer, and its expected calibration error, half the weight being
answerable and a quarter each kind of the others.
"""

import itertools
import json
import sys
import tempfile
from pathlib import Path

import numpy as np

from memos.configs.settings import Settings
from memos.evaluation.metrics import auroc, calibration, calibration_error
from memos.graph_dbs.base import Bucket, RecallHit, RecallQuery, RecallWeights
from memos.handlers.add import AddCommand, IncomingMessage
from memos.handlers.caller import Caller
from memos.mem_os.bootstrap import System, build
from memos.memories.textual.tree_text_memory.retrieve.boost import Ranked
from memos.memories.textual.tree_text_memory.retrieve.plan import Plan, plan_query
from memos.memories.textual.tree_text_memory.retrieve.relativity import (
    FACTS,
    NAMED,
    PREFERENCES,
    UNNAMED,
    Signs,
    relativity,
    signs_of,
)
from memos.memories.textual.tree_text_memory.retrieve.word_class import kin_of
from memos.types.chat_time import parse_chat_time
from memos.types.memory import FACT_KINDS, PREFERENCE_KINDS
from memos.types.scope import Scope

_CHUNK = 20
_HITS = 20
_THRESHOLD = 0.45
_IN_USE = (FACTS.words_half, FACTS.meaning_half, FACTS.slope, FACTS.own)


def load(system: System, caller: Caller, user: str, dialogue: dict) -> dict[str, str]:
    """Add a dialogue; message id by the data's own turn id."""
    ids: dict[str, str] = {}
    speakers = {dialogue["speaker_a"]: "user", dialogue["speaker_b"]: "assistant"}
    number = 1
    while (turns := dialogue.get(f"session_{number}")) is not None:
        when = parse_chat_time(dialogue[f"session_{number}_date_time"], default_ms=0)
        for start in range(0, len(turns), _CHUNK):
            part = turns[start : start + _CHUNK]
            messages = [
                IncomingMessage(speakers[t["speaker"]], f"{t['speaker']}: {text_of(t)}", when)
                for t in part
            ]
            outcome = system.add(
                caller,
                AddCommand(user, messages, conversation_id=f"session_{number}", wait=True),
            )
            task = system.records.task(caller.project, outcome.task_id)
            assert task is not None
            for turn, message_id in zip(part, task.payload["message_ids"], strict=True):
                ids[turn["dia_id"]] = message_id
        number += 1
    return ids


def text_of(turn: dict) -> str:
    """Words of a turn with what its picture shows."""
    caption = turn.get("blip_caption")
    return f"{turn['text']} [shares a photo: {caption}]" if caption else turn["text"]


def asked(system: System, caller: Caller, user: str, question: str) -> tuple[Plan, list[RecallHit]]:
    """How a question is read, and its best hits."""
    scope = Scope.of(caller.subject(user))
    plan = plan_query(
        question, system.graph.profile(scope), system.clock.now_ms(), system.settings.zone
    )
    profile = system.embedder.profile
    query = RecallQuery(
        words=plan.words,
        vector=system.embedder.embed([plan.words], query=True)[0],
        buckets=(Bucket(FACT_KINDS | PREFERENCE_KINDS, _HITS),),
        weights=RecallWeights(
            dense=profile.dense_weight,
            mean_cosine=profile.mean_cosine,
            own=0.25 * profile.dense_weight,
        ),
        times=plan.times,
        speakers=plan.speakers,
        kin=kin_of(plan.words),
    )
    return plan, system.graph.recall(scope, query)[0]


def parts(system: System, caller: Caller, user: str, question: str) -> list[tuple]:
    """Parts of the score of the best hits: (lexical, dense, own, cited message ids)."""
    return [
        (h.lexical, h.dense, h.own, {s.message_id for s in h.item.sources})
        for h in asked(system, caller, user, question)[1]
    ]


def signs(system: System, caller: Caller, user: str, question: str) -> Signs | None:
    """What `answerable` looks at."""
    plan, hits = asked(system, caller, user, question)
    ranked = []
    for hit in hits:
        model = PREFERENCES if hit.item.kind in PREFERENCE_KINDS else FACTS
        ranked.append(Ranked(hit.item, relativity(hit, model), hit))
    return signs_of(ranked, plan.speakers)


def fit(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Logistic regression by Newton's method with a small ridge; (bias, coefficients)."""
    design = np.hstack([np.ones((len(x), 1)), x])
    beta = np.zeros(design.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-design @ beta))
        gradient = design.T @ (weight * (y - p)) - 1e-3 * beta
        hessian = (design * (weight * p * (1 - p))[:, None]).T @ design + 1e-3 * np.eye(len(beta))
        step = np.linalg.solve(hessian, gradient)
        beta += step
        if np.abs(step).max() < 1e-8:
            break
    return beta


def samples(
    system: System, caller: Caller, data: list[dict], maps: list[dict[str, str]]
) -> dict[str, list]:
    """Per dialogue index: rows (question number, own?, lexical, dense, own cosine, relevant)."""
    out: dict[str, list] = {}
    for i, dialogue in enumerate(data):
        rows: list = []
        for n, qa in enumerate(q for q in dialogue["qa"] if q["category"] != 5):
            gold = {maps[i][e] for e in qa["evidence"] if e in maps[i]}
            if not gold:
                continue
            for where, own in ((i, True), ((i + 1) % len(data), False)):
                for lexical, dense, cosine, cited in parts(
                    system, caller, f"d{where}", qa["question"]
                ):
                    rows.append((n, own, lexical, dense, cosine, own and bool(cited & gold)))
        out[f"d{i}"] = rows
        print(f"dialogue {i}: {len(rows)} rows", flush=True)
    return out


def noisy_or(x: np.ndarray, model: tuple) -> np.ndarray:
    """Relativity of rows (lexical, dense, own), as `retrieve.relativity` computes it."""
    words_half, meaning_half, slope, own = model
    meaning = (1 - own) * x[:, 1] + own * x[:, 2]
    by_words = 1 / (1 + np.exp(-slope * (x[:, 0] - words_half)))
    by_meaning = 1 / (1 + np.exp(-slope * (meaning - meaning_half)))
    return 1 - (1 - by_words) * (1 - by_meaning)


def figures(rows: list, p: np.ndarray) -> tuple[float, float, float, float]:
    """(relevant kept, foreign questions answered, foreign hits kept, ECE under an even prior)."""
    y = np.array([r[5] for r in rows])
    own = np.array([r[1] for r in rows])
    question = np.array([r[0] for r in rows])
    kept = p >= _THRESHOLD
    answered = len(set(question[kept & ~own])) / len(set(question))
    chosen = y | ~own
    weight = np.where(y, 0.5 / max(y.sum(), 1), 0.5 / max((~own).sum(), 1)) * chosen
    error = 0.0
    for low in np.arange(0, 1, 0.1):
        part = chosen & (p >= low) & (p < low + 0.1)
        if part.any():
            said = np.average(p[part], weights=weight[part])
            true = np.average(y[part], weights=weight[part])
            error += weight[part].sum() * abs(said - true)
    return float(kept[y].mean()), answered, float(kept[~own].mean()), float(error)


def report(rows: list, p: np.ndarray) -> str:
    """`figures` as a line."""
    relevant, answered, hits, error = figures(rows, p)
    return (
        f"relevant kept {relevant:.3f}  foreign questions answered {answered:.3f}  "
        f"foreign hits kept {hits:.3f}  ECE {error:.3f}"
    )


def parts_of(rows: list) -> np.ndarray:
    """Rows' (lexical, dense, own)."""
    return np.array([r[2:5] for r in rows])


_KINDS = ("answered", "other speaker", "foreign")
_SHARE = {"answered": 0.5, "other speaker": 0.25, "foreign": 0.25}


def questions(system: System, caller: Caller, data: list[dict]) -> list[tuple[int, str, Signs]]:
    """(dialogue, kind of question, signs) of every question, asked at home and of the next."""
    found = []
    for i, dialogue in enumerate(data):
        for qa in dialogue["qa"]:
            kind = "other speaker" if qa["category"] == 5 else "answered"
            places = [(i, kind)]
            if kind == "answered":
                places.append(((i + 1) % len(data), "foreign"))
            for where, called in places:
                told = signs(system, caller, f"d{where}", qa["question"])
                if told is not None:
                    found.append((where, called, told))
    return found


def fit_answerable(rows: list[tuple[int, str, Signs]], cut: int) -> None:
    """Fit both models on the dialogues before `cut`; report those in use."""
    for name, chosen in (
        ("named", [r for r in rows if r[2].lead is not None or r[1] == "foreign"]),
        ("unnamed", [r for r in rows if r[1] != "other speaker"]),
    ):
        tune = [r for r in chosen if r[0] < cut]
        size = 3 if name == "named" else 2
        x = np.array([[*r[2].values[1:], 0.0][:size] for r in tune])
        y = np.array([r[1] == "answered" for r in tune], dtype=float)
        counts = {kind: sum(r[1] == kind for r in tune) for kind in _KINDS}
        weight = np.array([_SHARE[r[1]] / counts[r[1]] for r in tune]) * len(tune)
        print(f"answerable, {name}: {np.round(fit(x, y, weight), 2)}")
    for name, part in (
        ("tune", [r for r in rows if r[0] < cut]),
        ("held", [r for r in rows if r[0] >= cut]),
    ):
        said = {kind: [probability(r[2]) for r in part if r[1] == kind] for kind in _KINDS}
        least = min(len(values) for values in said.values())
        # Even numbers stand for the shares: two answered for one of each of the others.
        even = [
            (p, kind == "answered") for kind in _KINDS for p in _spaced(said[kind], least, kind)
        ]
        error = calibration_error(calibration([p for p, _ in even], [hit for _, hit in even]))
        print(
            f"   {name} AUROC: other speaker {auroc(said['answered'], said['other speaker']):.3f}"
            f"  foreign {auroc(said['answered'], said['foreign']):.3f}  ECE {error:.3f}"
        )


def _spaced(values: list[float], size: int, kind: str) -> list[float]:
    """`size` of the values (twice as many of the answered), evenly spread over their order."""
    wanted = 2 * size if kind == "answered" else size
    ordered = sorted(values)
    return [ordered[round(k * (len(ordered) - 1) / (wanted - 1))] for k in range(wanted)]


def probability(told: Signs) -> float:
    """`answerable` of signs."""
    weights = UNNAMED if told.lead is None else NAMED
    return float(1 / (1 + np.exp(-np.dot(weights, told.values))))


def main() -> None:
    """Load, fit on the first three fifths, report on both parts."""
    with tempfile.TemporaryDirectory() as folder:
        system = build(Settings(data_dir=Path(folder), tokens_per_minute=0, embedded_worker=False))
        system.start()
        caller = Caller(system.records.projects()[0].id, "fit")
        data = [d for name in sys.argv[1:] for d in json.loads(Path(name).read_text())]
        maps = [load(system, caller, f"d{i}", d["conversation"]) for i, d in enumerate(data)]
        by_dialogue = samples(system, caller, data, maps)
        told = questions(system, caller, data)
        system.close()
    names = list(by_dialogue)
    cut = max(1, len(names) * 3 // 5)
    tune = [r for name in names[:cut] for r in by_dialogue[name]]
    held = [r for name in names[cut:] for r in by_dialogue[name]]
    grid = itertools.product((0.16, 0.2, 0.24), (0.2, 0.23, 0.26, 0.3), (18, 25), (0.3, 0.5, 0.7))
    best = max(grid, key=lambda model: _gain(tune, model))
    for name, model in (("best of the grid", best), ("in use", _IN_USE)):
        print(f"{name}: words_half, meaning_half, slope, own = {model}")
        print("   tune", report(tune, noisy_or(parts_of(tune), model)))
        print("   held", report(held or tune, noisy_or(parts_of(held or tune), model)))
    chosen = [r for r in tune if r[5] or not r[1]]
    y = np.array([r[5] for r in chosen], dtype=float)
    beta = fit(parts_of(chosen), y, np.where(y > 0, len(y) / y.sum(), 1.0))
    print(f"logistic: bias, lexical, dense, own = {np.round(beta, 2)}")
    for name, rows in (("tune", tune), ("held", held or tune)):
        p = 1 / (1 + np.exp(-(beta[0] + parts_of(rows) @ beta[1:])))
        print("  ", name, report(rows, p))
    fit_answerable(told, cut)


def _gain(rows: list, model: tuple) -> float:
    relevant, answered, *_ = figures(rows, noisy_or(parts_of(rows), model))
    return relevant - answered


if __name__ == "__main__":
    main()
