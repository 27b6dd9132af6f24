"""Constants of an encoder nobody has measured yet. A starting point, not a tuned value.

Encoders differ in where unrelated texts lie (mu0) and in how far related ones rise above that.
Ranking adds `dense_weight * (cosine - mean_cosine)` to a keyword score, so an encoder with a
narrow range needs a larger weight to say as much. Method: mu0 is the mean cosine of questions with
the answers of other questions; the rise is the mean cosine of questions with their own answers
less mu0; the weight is the one tuned for the bundled encoder, times its rise over this one's.
Retrieval is insensitive to the weight within a factor of two, which is what this can promise.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from memos.errors import ModelReplyError

REFERENCE_WEIGHT = 1.3
"""Weight tuned for the bundled encoder."""
REFERENCE_RISE = 0.371
"""Rise of the bundled encoder over `CALIBRATION_PAIRS`; a test measures it again."""
_WEIGHT_RANGE = (0.3, 10.0)
_SMALLEST_RISE = 0.01

CALIBRATION_PAIRS: tuple[tuple[str, str], ...] = (
    ("What does Anna like to eat?", "Anna loves strawberries and dark chocolate."),
    (
        "Where did we spend the summer holidays?",
        "Last summer we rented a cabin by a lake in Norway.",
    ),
    ("Which instrument is he learning?", "He started taking cello lessons in March."),
    ("Who repaired the car?", "My uncle fixed the brakes of the old station wagon."),
    ("When is the dentist appointment?", "The dentist will see me next Tuesday at nine."),
    ("What is the name of her dog?", "Her puppy is called Biscuit."),
    (
        "Why did the team change the database?",
        "We moved to PostgreSQL because the old store lost writes.",
    ),
    ("What job did Tom apply for?", "Tom sent an application for a nursing position."),
    ("How much was the rent?", "The flat costs twelve hundred a month."),
    ("Which book is she reading?", "She is halfway through a novel about Antarctica."),
    ("What sport does the boy play?", "The boy plays goalkeeper in a football club."),
    ("What should I avoid because of an allergy?", "I cannot eat peanuts, they make me ill."),
    ("When did they get married?", "Their wedding was in a small church in 2016."),
    (
        "What are we planting in the garden?",
        "We bought tomato and basil seedlings for the vegetable bed.",
    ),
    ("Which language is he studying?", "He practises Portuguese every evening."),
    ("What broke during the storm?", "The storm tore two tiles off the roof."),
    ("我喜欢吃什么水果?", "我最喜欢吃草莓和芒果。"),
    ("她在哪里工作?", "她在上海的一家医院当护士。"),
    ("他们什么时候去旅行?", "他们打算十月去云南旅行。"),
    ("孩子在学什么乐器?", "孩子每个周末上钢琴课。"),
    ("项目用的是什么数据库?", "这个项目把数据存在 PostgreSQL 里。"),
    ("我的猫叫什么名字?", "我家的猫叫豆豆。"),
    ("为什么他没来开会?", "他发烧了,所以没有参加会议。"),
    ("新房子有多大?", "新房子有九十平方米。"),
)
"""Questions with their answers, one topic each."""


class Encoder(Protocol):
    """The part of an embedder that calibration needs."""

    def embed(self, texts: Sequence[str], *, query: bool = False) -> npt.NDArray[np.float32]:
        """Vectors of unit length, one a text."""
        ...


def calibrate(
    encoder: Encoder, pairs: Sequence[tuple[str, str]] = CALIBRATION_PAIRS
) -> tuple[float, float]:
    """Mean cosine of unrelated texts and weight of the cosine.

    Args:
        encoder: what to measure; called twice.
        pairs: N >= 2 questions with their answers, every pair on another topic.

    Returns:
        `(mean_cosine, dense_weight)`, the weight within 0.3..10.

    Raises:
        ModelReplyError: questions are no nearer to their answers than to others; this is no
            sentence encoder.
        ModelUnavailableError: as the encoder.
    """
    questions = encoder.embed([question for question, _ in pairs], query=True)
    answers = encoder.embed([answer for _, answer in pairs])
    cosines = questions @ answers.T
    own = float(np.trace(cosines)) / len(pairs)
    others = float(cosines.sum() - np.trace(cosines)) / (len(pairs) * (len(pairs) - 1))
    rise = own - others
    if rise < _SMALLEST_RISE:
        raise ModelReplyError(
            "the embedder puts questions no nearer to their answers than to other texts;"
            " choose a sentence embedding model"
        )
    low, high = _WEIGHT_RANGE
    return others, min(high, max(low, REFERENCE_WEIGHT * REFERENCE_RISE / rise))
