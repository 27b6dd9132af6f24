"""Reports of a run: JSON for machines, Markdown for people, SVG for the eye."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from memos.evaluation.metrics import Estimate
from memos.evaluation.plot import retrieval_svg
from memos.evaluation.retrieval import ALL, RetrievalReport

REPORT_JSON = "retrieval.json"
REPORT_MARKDOWN = "retrieval.md"
REPORT_PLOT = "retrieval.svg"
FAILURES = "failures.jsonl"


def retrieval_json(report: RetrievalReport) -> dict[str, Any]:
    """The figures as JSON values; undefined numbers are null. Holds no text of the data set."""
    timing = report.timing
    return {
        "corpus": report.corpus,
        "changed": report.changed,
        "options": asdict(report.options),
        "dialogues": report.dialogues,
        "turns": report.turns,
        "questions": report.questions,
        "without_evidence": report.without_evidence,
        "notes": report.notes,
        "memories_per_turn": _number(report.memories_per_turn),
        "tokens_per_result": _number(report.tokens_per_result),
        "scores": {
            category: {name: _estimate(value) for name, value in row.items()}
            for category, row in report.scores.items()
        },
        "answerability": {
            name: _estimate(value) if isinstance(value, Estimate) else _number(value)
            for name, value in _flat(report).items()
        },
        "calibration": [asdict(b) for b in report.answerability.calibration],
        "timing_ms": None if timing is None else {**asdict(timing), "ratio": _number(timing.ratio)},
    }


def retrieval_markdown(report: RetrievalReport) -> str:
    """The figures as Markdown."""
    budgets = [f"recall@{b}tok" for b in report.options.tokens]
    recall = [f"recall@{k}" for k in report.options.k]
    hits = [f"hit@{k}" for k in report.options.k]
    parts = [
        f"# Retrieval: {report.corpus}",
        _facts(report),
        "## Evidence recall (95 % interval over questions)",
        _table(report.scores, recall, spread=True),
        "## Hits and rank",
        _table(report.scores, [*hits, "MRR"]),
        "## Recall within a budget of tokens",
        _table(report.scores, budgets),
        "## Relevance",
        _answerability(report),
    ]
    return "\n\n".join(parts) + "\n"


def write_retrieval(report: RetrievalReport, folder: Path) -> list[Path]:
    """Write the report into a folder; the files written.

    `failures.jsonl` lists by ids the questions whose evidence the first ten results miss.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        REPORT_JSON: json.dumps(retrieval_json(report), ensure_ascii=False, indent=2) + "\n",
        REPORT_MARKDOWN: retrieval_markdown(report),
        REPORT_PLOT: retrieval_svg(report),
        FAILURES: "".join(json.dumps(row) + "\n" for row in failures(report)),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in files]


def failures(report: RetrievalReport, k: int = 10) -> list[dict[str, Any]]:
    """Questions some of whose evidence the first `k` results do not cite, by ids.

    `missing` gives for each such turn the rank, from 1, of the first result that cites it, or null.
    """
    rows = []
    for asked in report.asked:
        ranks: dict[str, int] = {}
        for rank, found in enumerate(asked.found, start=1):
            for turn in found.cited:
                ranks.setdefault(turn, rank)
        missing = {t: ranks.get(t) for t in asked.question.evidence if ranks.get(t, k + 1) > k}
        if missing and asked.question.answerable:
            rows.append(
                {
                    "question": asked.question.id,
                    "dialogue": asked.dialogue,
                    "category": asked.question.category,
                    "missing": missing,
                }
            )
    return rows


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def figure(value: float) -> str:
    """A share as `.834`; a dash when undefined."""
    if math.isnan(value):
        return "–"
    text = f"{value:.3f}"
    return text.removeprefix("0") if text.startswith("0") else text


def _table(
    scores: Mapping[str, Mapping[str, Estimate]], names: Sequence[str], *, spread: bool = False
) -> str:
    rows = []
    for category, row in scores.items():
        if not row:
            continue
        cells = [
            figure(row[n].mean)
            + (f" [{figure(row[n].low)}, {figure(row[n].high)}]" if spread else "")
            for n in names
        ]
        rows.append(
            [f"**{category}**" if category == ALL else category, str(row[names[0]].n), *cells]
        )
    return markdown_table(["category", "n", *names], rows)


def _facts(report: RetrievalReport) -> str:
    lines = [
        f"- {report.dialogues} dialogues, {report.turns} turns, {report.questions} questions, "
        f"{report.without_evidence} of the answerable ones without evidence (not scored)",
        f"- {report.memories_per_turn:.2f} memories per turn, "
        f"{report.tokens_per_result:.0f} tokens per result",
    ]
    lines += [f"- {count} {reason}" for reason, count in sorted(report.notes.items()) if count]
    lines += [f"- changed: {name} = {value}" for name, value in report.changed.items()]
    if report.timing:
        t = report.timing
        lines.append(
            f"- a search takes {t.search_p50:.1f} ms (median; 95 %: {t.search_p95:.1f} ms), "
            f"{t.ratio:.2f} times the bare embedding of a question ({t.embed_p50:.1f} ms), "
            f"{t.n} searches"
        )
    return "\n".join(lines)


def _answerability(report: RetrievalReport) -> str:
    a = report.answerability
    at = f"{report.options.threshold:g}"
    lines = [
        f"- AUROC of the best relevance, answerable against unanswerable questions: "
        f"{figure(a.auroc_unanswerable)}; against questions asked of another dialogue: "
        f"{figure(a.auroc_foreign)}",
        f"- AUROC of the product's answerability: {figure(a.sure_unanswerable)} and "
        f"{figure(a.sure_foreign)}",
        f"- with a result at {at} or more: {figure(a.answered.mean)} of the answerable, "
        f"{figure(a.unanswerable.mean)} of the unanswerable, {figure(a.foreign.mean)} of the foreign",
        f"- expected calibration error of the first 20 results: {figure(a.calibration_error)}",
    ]
    rows = [
        [f"{b.low:.1f}–{b.low + 0.1:.1f}", str(b.n), figure(b.said), figure(b.cited)]
        for b in a.calibration
    ]
    return (
        "\n".join(lines)
        + "\n\n"
        + markdown_table(["relevance", "n", "said", "cited evidence"], rows)
    )


def _flat(report: RetrievalReport) -> dict[str, Estimate | float]:
    a = report.answerability
    return {
        "auroc_unanswerable": a.auroc_unanswerable,
        "auroc_foreign": a.auroc_foreign,
        "auroc_unanswerable_by_answerability": a.sure_unanswerable,
        "auroc_foreign_by_answerability": a.sure_foreign,
        "answerable_with_result": a.answered,
        "unanswerable_with_result": a.unanswerable,
        "foreign_with_result": a.foreign,
        "expected_calibration_error": a.calibration_error,
    }


def _estimate(value: Estimate) -> dict[str, float | int | None]:
    return {
        "mean": _number(value.mean),
        "low": _number(value.low),
        "high": _number(value.high),
        "n": value.n,
    }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 5)
