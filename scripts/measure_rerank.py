"""Measures the embedded reranker on LoCoMo, and fits its weights again.

Run: python scripts/measure_rerank.py LOCOMO.json [--fit 4] [--others 20]

For every question with evidence, the evidence stands among turns of the same dialogue drawn at
random. The weights are fitted on the first `--fit` dialogues, with as much weight on relevant turns as
on others, and everything is measured on the rest.
"""

import argparse
import json
import random
import sys
from pathlib import Path
from typing import Any

import numpy as np

from memos.embedders.base import Embedder
from memos.embedders.factory import build_embedder
from memos.reranker.base import logistic
from memos.reranker.embedded import _BIAS, _COSINE, _COVERAGE, coverage
from memos.types.clock import SystemClock

Group = tuple[np.ndarray, np.ndarray, int]
"""Coverage and cosine of the candidates, the first so many of them evidence."""


def groups_of(
    dialogue: dict[str, Any], embedder: Embedder, others: int, chance: random.Random
) -> list[Group]:
    """Candidates of every question of a dialogue."""
    sessions = [s for s in dialogue["conversation"].values() if isinstance(s, list)]
    turns = {t["dia_id"]: f"{t['speaker']}: {t['text']}" for session in sessions for t in session}
    ids = list(turns)
    vectors = dict(zip(ids, embedder.embed([turns[i] for i in ids]), strict=True))
    made = []
    for question in dialogue["qa"]:
        evidence = [e for e in question.get("evidence", []) if e in turns]
        if not evidence or question.get("category") == 5:
            continue
        drawn = chance.sample([i for i in ids if i not in evidence], others)
        shown = [*evidence, *drawn]
        asked = embedder.embed([question["question"]], query=True)[0]
        held = np.array(coverage(question["question"], [turns[i] for i in shown]))
        made.append((held, np.array([vectors[i] @ asked for i in shown]), len(evidence)))
    return made


def fitted(groups: list[Group]) -> np.ndarray:
    """Bias and weights of coverage and cosine, by logistic regression on balanced classes."""
    rows = np.array(
        [(1.0, c, s) for held, cos, _ in groups for c, s in zip(held, cos, strict=True)]
    )
    right = np.array([n < k for held, _, k in groups for n in range(len(held))], dtype=float)
    weight = np.where(right > 0, 1 / right.sum(), 1 / (1 - right).sum())
    theta = np.zeros(3)
    for _ in range(50):
        p = 1 / (1 + np.exp(-rows @ theta))
        curve = (rows * (weight * p * (1 - p))[:, None]).T @ rows
        theta += np.linalg.solve(curve + 1e-9 * np.eye(3), rows.T @ (weight * (right - p)))
    return theta


def reciprocal_rank(groups: list[Group], theta: tuple[float, float]) -> float:
    """Mean of 1 / place of the first evidence; ties count against it."""
    total = 0.0
    for held, cos, k in groups:
        score = theta[0] * held + theta[1] * cos
        total += 1 / (1 + int((score[k:] >= score[:k].max()).sum()))
    return total / len(groups)


def calibration(groups: list[Group]) -> list[tuple[float, float, int]]:
    """Mean relevance and share of evidence (classes balanced) by fifths of the relevance."""
    scores, right = [], []
    for held, cos, k in groups:
        for n, (c, s) in enumerate(zip(held, cos, strict=True)):
            scores.append(logistic(_BIAS + _COVERAGE * c + _COSINE * s))
            right.append(n < k)
    relevance, is_right = np.array(scores), np.array(right)
    weight = np.where(is_right, 1 / is_right.sum(), 1 / (~is_right).sum())
    rows = []
    for low in np.arange(0, 1, 0.2):
        inside = (relevance >= low) & (relevance < low + 0.2)
        if inside.any():
            share = (weight * is_right)[inside].sum() / weight[inside].sum()
            rows.append((float(relevance[inside].mean()), float(share), int(inside.sum())))
    return rows


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--fit", type=int, default=4)
    parser.add_argument("--others", type=int, default=20)
    options = parser.parse_args()
    chance = random.Random(1)
    embedder = build_embedder("use_multilingual", SystemClock())
    dialogues = json.loads(options.file.read_text(encoding="utf-8"))
    made = [groups_of(d, embedder, options.others, chance) for d in dialogues]
    embedder.close()
    seen = [g for groups in made[: options.fit] for g in groups]
    unseen = [g for groups in made[options.fit :] for g in groups]
    print(f"fitted on {len(seen)} questions: {np.round(fitted(seen), 2)}")
    for name, groups in (("fitted on", seen), ("held out", unseen)):
        if groups:
            used = reciprocal_rank(groups, (_COVERAGE, _COSINE))
            print(f"{name}: {len(groups)} questions, 1 of {options.others + 1}")
            print(f"  mean reciprocal rank {used:.3f}; cosine alone {reciprocal_rank(groups, (0, 1)):.3f};"
                  f" words alone {reciprocal_rank(groups, (1, 0)):.3f}")  # fmt: skip
            for relevance, share, count in calibration(groups):
                print(f"  relevance {relevance:.2f}: {share:.2f} relevant ({count} texts)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
