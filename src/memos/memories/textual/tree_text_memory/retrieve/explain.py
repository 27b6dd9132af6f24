"""Says why a memory stands where it stands, and which stage left one out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from memos.graph_dbs.base import RecallHit
from memos.memories.textual.tree_text_memory.retrieve.boost import Ranked
from memos.memories.textual.tree_text_memory.retrieve.plan import Plan


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one memory in a search.

    Args:
        stage: `returned`, or the stage that left it out: `scope`, `kind`, `status`, `filter`,
            `recall`, `relativity`, `duplicate` or `limit`.
        detail: one sentence for people.
        rank: its place in its list, counted from 1, when it got one.
        parts: the parts of its score, when it was scored.
        relativity: its relevance, when it was scored.
    """

    stage: str
    detail: str
    rank: int | None = None
    parts: Mapping[str, float] | None = None
    relativity: float | None = None


def score_parts(hit: RecallHit) -> dict[str, float]:
    """The parts of a hit's score by name, unweighted, and their weighted sum."""
    return {
        "lexical": round(hit.lexical, 6),
        "dense": round(hit.dense, 6),
        "own": round(hit.own, 6),
        "time": round(hit.time, 6),
        "speaker": round(hit.speaker, 6),
        "score": round(hit.score, 6),
    }


def explained(found: Sequence[Ranked], threshold: float) -> list[dict[str, Any]]:
    """One explanation per result of a list, in its order.

    Ranks per arm count from 1 among the results of the list.
    """
    arms = {
        "lexical": _places(found, lambda hit: hit.lexical),
        "dense": _places(found, lambda hit: hit.dense),
        "own": _places(found, lambda hit: hit.own),
    }
    return [
        {
            "rank": place,
            "arm_ranks": {arm: ranks[r.item.id] for arm, ranks in arms.items()},
            "parts": score_parts(r.hit),
            "boosts": {name: round(value, 6) for name, value in r.boosts.items()},
            "score": round(r.score, 6),
            "relativity": round(r.relativity, 6),
            "threshold": threshold,
        }
        for place, r in enumerate(found, 1)
    ]


def _places(found: Sequence[Ranked], part: Callable[[RecallHit], float]) -> dict[str, int]:
    """Place of each result by one part of its score, counted from 1."""
    in_order = sorted(found, key=lambda r: -part(r.hit))
    return {r.item.id: place for place, r in enumerate(in_order, 1)}


def plan_summary(plan: Plan) -> dict[str, Any]:
    """How the question was read, without its text."""
    return {
        "speakers": list(plan.speakers),
        "times": [{"start": t.start, "end": t.end, "weight": t.weight} for t in plan.times],
    }
