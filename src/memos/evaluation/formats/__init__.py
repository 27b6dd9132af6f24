"""Loaders of published dialogue sets. Each takes a path and gives a `Corpus`; none has data."""

from collections.abc import Callable, Mapping
from pathlib import Path

from memos.errors import InvalidInputError
from memos.evaluation.corpus import Corpus
from memos.evaluation.formats.beam import load_beam
from memos.evaluation.formats.halumem import load_halumem
from memos.evaluation.formats.locomo import load_locomo
from memos.evaluation.formats.longmemeval import load_longmemeval
from memos.evaluation.formats.personamem import load_personamem
from memos.evaluation.formats.prefeval import load_prefeval

LOADERS: Mapping[str, Callable[[Path], Corpus]] = {
    "locomo": load_locomo,
    "longmemeval": load_longmemeval,
    "beam": load_beam,
    "personamem": load_personamem,
    "prefeval": load_prefeval,
    "halumem": load_halumem,
}


def load(form: str, path: Path) -> Corpus:
    """Read a file of a format.

    Raises:
        InvalidInputError: the format is unknown, or the file is not of its form; says where.
    """
    loader = LOADERS.get(form)
    if loader is None:
        raise InvalidInputError(f"unknown format {form!r}; known are {', '.join(sorted(LOADERS))}")
    corpus = loader(path)
    if not any(dialogue.sessions for dialogue in corpus.dialogues):
        raise InvalidInputError(f"{path} holds no dialogue in the {form} format")
    return corpus
