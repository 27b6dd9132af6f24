"""What each stage of the ranking is worth: the same questions with one stage off at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from memos.evaluation.corpus import Corpus
from memos.evaluation.metrics import Estimate, estimate
from memos.evaluation.report import figure, markdown_table
from memos.evaluation.retrieval import RetrievalOptions, ask_all, question_scores
from memos.evaluation.stage import changes
from memos.evaluation.subject import Added, Subject

WHOLE = "the product"


@dataclass(frozen=True, slots=True)
class Ablation:
    """One variant. `difference`: its recall at `k` minus the product's, paired by question."""

    name: str
    scores: dict[str, Estimate]
    k: int
    difference: Estimate


def ablate(
    subject: Subject,
    corpus: Corpus,
    added: Sequence[Added],
    options: RetrievalOptions,
    *,
    stages: Sequence[str],
) -> Iterator[Ablation]:
    """The product first, then each stage off.

    Raises:
        InvalidInputError: a stage is unknown.
    """
    variants = {WHOLE: subject} | {f"without {s}": subject.changed(changes([s])) for s in stages}
    k = 10 if 10 in options.k else options.k[0]
    whole: list[dict[str, float]] = []
    for name, variant in variants.items():
        rows = [
            question_scores(asked, options)
            for asked in ask_all(variant, corpus, added, options)
            if asked.question.answerable and asked.question.evidence
        ]
        whole = whole or rows
        differences = [
            row[f"recall@{k}"] - base[f"recall@{k}"] for row, base in zip(rows, whole, strict=True)
        ]
        figures = {
            metric: estimate([row[metric] for row in rows], options.seed)
            for metric in (rows[0] if rows else {})
        }
        yield Ablation(name, figures, k, estimate(differences, options.seed))


def ablation_markdown(found: Sequence[Ablation]) -> str:
    """A Markdown table of the variants."""
    names = [name for name in (found[0].scores if found else {}) if name.startswith("recall@")]
    names = [name for name in names if not name.endswith("tok")] + ["MRR"]
    k = found[0].k if found else 10
    rows = []
    for variant in found:
        d = variant.difference
        change = "" if variant.name == WHOLE else f"{d.mean:+.3f} [{d.low:+.3f}, {d.high:+.3f}]"
        rows.append([variant.name, *(figure(variant.scores[n].mean) for n in names), change])
    return markdown_table(["ranking", *names, f"change of recall@{k}"], rows)
