"""Short ways to write nodes, scopes and queries in tests of graph stores."""

from typing import Any

import numpy as np

from memos.graph_dbs.base import Bucket, NodeWrite, RecallQuery, Vector
from memos.types.memory import FACT_KINDS, MemoryItem, MemoryKind
from memos.types.scope import Cube, CubeKind, Scope

DIM = 8
ANN = Cube("p1", CubeKind.USER, "ann")
BOB = Cube("p1", CubeKind.USER, "bob")
OTHER = Cube("p2", CubeKind.USER, "ann")
ANNS, BOBS, BOTH = Scope.of(ANN), Scope.of(BOB), Scope.of(ANN, BOB)
FACTS = Bucket(FACT_KINDS, 10)


def vector(seed: int, dim: int = DIM) -> Vector:
    """A unit vector, the same for the same seed."""
    drawn = np.random.default_rng(seed).normal(size=dim)
    return (drawn / np.linalg.norm(drawn)).astype(np.float32)


def fact(uid: str, value: str = "", *, cube: Cube = ANN, **more: Any) -> NodeWrite:
    """A fact whose words are its value."""
    given = more.pop("vector", None)
    words = more.pop("words", value)
    item = MemoryItem(id=uid, cube=cube, kind=MemoryKind.USER, value=value, **more)
    return NodeWrite(item, words, given)


def segment(uid: str, words: str, *, cube: Cube = ANN, **more: Any) -> NodeWrite:
    """A piece of evidence in conversation "talk"."""
    given = more.pop("vector", None)
    more.setdefault("conversation_id", "talk")
    item = MemoryItem(id=uid, cube=cube, kind=MemoryKind.SEGMENT, value="", **more)
    return NodeWrite(item, words, given)


def asking(words: str, *buckets: Bucket, **more: Any) -> RecallQuery:
    """A question; facts unless buckets are given."""
    return RecallQuery(words, more.pop("vector", None), buckets or (FACTS,), **more)
