"""Text in pictures, by the engine of the extra `ocr`. Runs where bytes may do harm."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from PIL import Image

LARGEST_SIDE = 2400
"""Longest side, in pixels, of a picture whose text is read: an A4 page at 205 dots an inch."""
_SURE = 0.5
_ENGINE = {
    "Global.log_level": "critical",
    # One core, and one line at a time: a page costs 5.1 s of CPU so, and 8.6 s as it comes.
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    "Rec.rec_batch_num": 1,
}


class Word(NamedTuple):
    """Text that stands together, a line of it at most. Pixels from the upper left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """Its height."""
        return self.bottom - self.top


def read_words(picture: Image.Image) -> list[Word] | None:
    """Text in a picture in colours, from top to bottom; None when no engine is installed."""
    engine = _engine()
    if engine is None:
        return None
    import numpy as np

    # The engine takes the channels in the order of OpenCV.
    found = engine(np.asarray(picture)[:, :, ::-1].copy())
    if found.boxes is None or found.txts is None or found.scores is None:
        return []
    words = [
        Word(text.strip(), *map(float, (*box.min(axis=0), *box.max(axis=0))))
        for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
        if score >= _SURE and text.strip()
    ]
    return sorted(words, key=_middle)


def rows_of(words: Sequence[Word]) -> list[list[Word]]:
    """Words that stand at one height together, each row from left to right."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=_middle):
        last = rows[-1][-1] if rows else None
        apart = 0.5 * min(word.height, last.height) if last else 0.0
        if last is not None and _middle(word) - _middle(last) < apart:
            rows[-1].append(word)
        else:
            rows.append([word])
    return [sorted(row, key=lambda word: word.left) for row in rows]


def _middle(word: Word) -> float:
    return (word.top + word.bottom) / 2


@cache
def _engine() -> Any | None:  # noqa: ANN401 - the library has no types
    """The text engine with the models of its wheel; None when it is not installed."""
    try:
        from rapidocr import RapidOCR
    except ImportError:
        return None
    return RapidOCR(params=_ENGINE)
