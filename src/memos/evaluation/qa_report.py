"""Report of answered questions: accuracy by category, tokens and time."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from memos.evaluation.metrics import Estimate, estimate
from memos.evaluation.qa import Answered, QaRun
from memos.evaluation.report import figure, markdown_table
from memos.evaluation.retrieval import ALL

QA_JSON = "qa.json"
QA_MARKDOWN = "qa.md"


def qa_scores(answered: Sequence[Answered], seed: int) -> dict[str, dict[str, Estimate]]:
    """Share of right answers, strict and lenient, by category."""
    categories = [ALL, *sorted({a.category for a in answered})]
    return {
        category: {
            manner: estimate(
                [float(getattr(a, manner)) for a in answered if category in {ALL, a.category}], seed
            )
            for manner in ("strict", "lenient")
        }
        for category in categories
    }


def qa_json(run: QaRun, corpus: str, seed: int) -> dict[str, Any]:
    """The figures as JSON values."""
    return {
        "corpus": corpus,
        "answered": len(run.answered),
        "failed": run.failed,
        "without_expected_answer": run.unlabelled,
        "accuracy": {
            category: {manner: asdict(value) for manner, value in row.items()}
            for category, row in qa_scores(run.answered, seed).items()
        }
        if run.answered
        else {},
        **_costs(run.answered),
    }


def qa_markdown(run: QaRun, corpus: str, seed: int) -> str:
    """The figures as Markdown."""
    rows = [
        [
            category,
            str(row["strict"].n),
            *(
                f"{figure(row[m].mean)} [{figure(row[m].low)}, {figure(row[m].high)}]"
                for m in ("strict", "lenient")
            ),
        ]
        for category, row in qa_scores(run.answered, seed).items()
    ]
    costs = _costs(run.answered)
    lines = [f"- {name.replace('_', ' ')}: {value:g}" for name, value in costs.items()]
    lines.append(f"- {run.failed} questions failed, {run.unlabelled} have no expected answer")
    table = markdown_table(["category", "n", "strict", "lenient"], rows)
    return f"# Answers: {corpus}\n\n{table}\n\n" + "\n".join(lines) + "\n"


def write_qa(run: QaRun, corpus: str, folder: Path, seed: int) -> list[Path]:
    """Write the report into a folder; the files written."""
    files = {
        QA_JSON: json.dumps(qa_json(run, corpus, seed), ensure_ascii=False, indent=2) + "\n",
        QA_MARKDOWN: qa_markdown(run, corpus, seed),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in files]


def _costs(answered: Sequence[Answered]) -> dict[str, float]:
    if not answered:
        return {}
    columns = {
        "mean_memory_tokens": np.mean([a.memory_tokens for a in answered]),
        "mean_prompt_tokens": np.mean([a.prompt_tokens for a in answered]),
        "mean_completion_tokens": np.mean([a.completion_tokens for a in answered]),
        "median_search_ms": np.median([a.search_ms for a in answered]),
        "median_answer_ms": np.median([a.answer_ms for a in answered]),
    }
    return {name: round(float(value), 1) for name, value in columns.items()}
