"""Fits the logistic model behind `relativity` on real dialogues, through the product's own recall.

    .venv/bin/python scripts/fit_relativity.py FILE...

Each FILE is in LoCoMo's format. Dialogues are added to a temporary store the public way; every
question is then asked of its own dialogue (the memories that cite its evidence are relevant, the
rest are not) and of the next dialogue (nothing there is relevant). The model is fitted on the first
part of the dialogues and reported on the rest: recall and precision at 0.45, share of foreign
questions that return anything, expected calibration error.
"""

import json
import sys
import tempfile
from pathlib import Path

import numpy as np

from memos.configs.settings import Settings
from memos.graph_dbs.base import Bucket, RecallQuery, RecallWeights
from memos.handlers.add import AddCommand, IncomingMessage
from memos.handlers.caller import Caller
from memos.mem_os.bootstrap import System, build
from memos.memories.textual.tree_text_memory.retrieve.plan import plan_query
from memos.types.chat_time import parse_chat_time
from memos.types.memory import FACT_KINDS, PREFERENCE_KINDS
from memos.types.scope import Scope

_CHUNK = 20
_HITS = 20
_THRESHOLD = 0.45


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


def parts(system: System, caller: Caller, user: str, question: str) -> list[tuple]:
    """Parts of the score of the best hits: (lexical, dense, own, cited message ids)."""
    scope = Scope.of(caller.subject(user))
    plan = plan_query(
        question, system.graph.profile(scope), system.clock.now_ms(), system.settings.zone
    )
    profile = system.embedder.profile
    query = RecallQuery(
        words=plan.words,
        vector=system.embedder.embed([plan.words], query=True)[0],
        buckets=(Bucket(FACT_KINDS | PREFERENCE_KINDS, _HITS),),
        weights=RecallWeights(dense=profile.dense_weight, mean_cosine=profile.mean_cosine),
        times=plan.times,
        speakers=plan.speakers,
    )
    return [
        (h.lexical, h.dense, h.own, {s.message_id for s in h.item.sources})
        for h in system.graph.recall(scope, query)[0]
    ]


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


def samples(system: System, caller: Caller, files: list[str]) -> dict[str, list]:
    """Per dialogue index: rows (question number, own?, lexical, dense, own cosine, relevant)."""
    data = [dialogue for name in files for dialogue in json.loads(Path(name).read_text())]
    maps = [load(system, caller, f"d{i}", d["conversation"]) for i, d in enumerate(data)]
    out: dict[str, list] = {}
    for i, dialogue in enumerate(data):
        rows = []
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


def report(rows: list, beta: np.ndarray) -> str:
    """Figures of a fitted model on rows."""
    x = np.array([r[2:5] for r in rows])
    y = np.array([r[5] for r in rows], dtype=float)
    own = np.array([r[1] for r in rows])
    question = np.array([r[0] for r in rows])
    p = 1 / (1 + np.exp(-(beta[0] + x @ beta[1:])))
    kept = p >= _THRESHOLD
    foreign = {q for q, o, k in zip(question, own, kept, strict=True) if not o and k}
    edges = np.linspace(0, 1, 11)
    bins = np.clip(np.digitize(p, edges) - 1, 0, 9)
    ece = sum(
        abs(p[bins == b].mean() - y[bins == b].mean()) * (bins == b).mean()
        for b in range(10)
        if (bins == b).any()
    )
    return (
        f"relevant kept {y[kept].sum() / y.sum():.3f}  precision {y[kept].mean():.3f}  "
        f"kept per question {kept[own].sum() / len(set(question)):.1f}  "
        f"foreign questions answered {len(foreign) / len(set(question)):.3f}  ECE {ece:.3f}"
    )


def main() -> None:
    """Load, fit on the first three fifths, report on both parts."""
    with tempfile.TemporaryDirectory() as folder:
        system = build(Settings(data_dir=Path(folder), tokens_per_minute=0, embedded_worker=False))
        system.start()
        caller = Caller(system.records.projects()[0].id, "fit")
        by_dialogue = samples(system, caller, sys.argv[1:])
        system.close()
    names = list(by_dialogue)
    cut = max(1, len(names) * 3 // 5)
    tune = [r for name in names[:cut] for r in by_dialogue[name]]
    held = [r for name in names[cut:] for r in by_dialogue[name]]
    x, y = np.array([r[2:5] for r in tune]), np.array([r[5] for r in tune], dtype=float)
    for relevant_weight in (1.0, 3.0, 6.0, 10.0):
        beta = fit(x, y, np.where(y > 0, relevant_weight, 1.0))
        print(f"weight {relevant_weight:4}: bias, lexical, dense, own = {np.round(beta, 2)}")
        print("   tune", report(tune, beta))
        print("   held", report(held or tune, beta))


if __name__ == "__main__":
    main()
