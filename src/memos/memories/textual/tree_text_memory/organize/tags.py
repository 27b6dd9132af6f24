"""Chooses which of the caller's tags fit a memory by meaning."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from memos.graph_dbs.tokenize import tokenize

MIN_MARGIN = 0.10
"""Least cosine above that of unrelated texts at which a tag fits (docs/retrieval.md, tags)."""


def fitting_tags(
    tags: Sequence[str],
    statement: str,
    cosines: npt.NDArray[np.float32],
    mean_cosine: float,
) -> tuple[str, ...]:
    """Tags whose words occur in the statement, or whose meaning is near it.

    Args:
        tags: candidate tags, T of them.
        statement: the words the memory rests on.
        cosines: float32 (T,), cosine of each tag with the statement.
        mean_cosine: cosine of unrelated texts for the embedder.

    Returns:
        The fitting tags in the caller's order.
    """
    words = set(tokenize(statement))
    chosen = []
    for tag, cosine in zip(tags, cosines, strict=True):
        own = set(tokenize(tag))
        if (own and own <= words) or float(cosine) - mean_cosine >= MIN_MARGIN:
            chosen.append(tag)
    return tuple(chosen)
