"""What encoders of other makers share: blank rows, unit length, constants measured once."""

import hashlib
import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from memos.embedders.base import EmbedderProfile
from memos.embedders.calibrate import calibrate
from memos.errors import ConfigError, ModelReplyError
from memos.types.language import count_tokens

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Constants:
    """What may be said of an encoder instead of measured.

    Args:
        dense_weight: weight of the cosine; None measures it at the first look at `profile`.
        mean_cosine: cosine of unrelated texts; None likewise.
        dimension: length of the vectors; None takes the encoder's own.
        query_prefix, passage_prefix: written before every question, every statement.
        most_tokens: kept of one text, by our estimate.
    """

    dense_weight: float | None = None
    mean_cosine: float | None = None
    dimension: int | None = None
    query_prefix: str = ""
    passage_prefix: str = ""
    most_tokens: int = 6000


class EncodingEmbedder(ABC):
    """Base of encoders. Safe to call from several threads when `_encode` is.

    Args:
        constants: see `Constants`.
    """

    def __init__(self, constants: Constants | None = None) -> None:
        self._constants = constants or Constants()
        self._measuring = threading.RLock()
        self._profile: EmbedderProfile | None = None
        self._dimension = self._constants.dimension

    @property
    def profile(self) -> EmbedderProfile:
        """Name, size and constants; encodes some texts once when any of them was not given.

        Raises:
            ModelUnavailableError, ModelReplyError, ConfigError: as `embed`.
        """
        with self._measuring:
            if self._profile is None:
                self._profile = self._measure()
            return self._profile

    def embed(self, texts: Sequence[str], *, query: bool = False) -> npt.NDArray[np.float32]:
        """Vectors of texts: float32 (len(texts), dim), rows of unit length (zero for blank text).

        Args:
            texts: any number, any length.
            query: the texts are questions.

        Raises:
            ModelUnavailableError: the encoder cannot be loaded or reached.
            ModelReplyError: it does not give one vector a text.
            ConfigError: its files or settings cannot be used.
        """
        rows = [row for row, text in enumerate(texts) if text.strip()]
        prefix = self._constants.query_prefix if query else self._constants.passage_prefix
        cut = [prefix + cut_text(texts[row], self._constants.most_tokens) for row in rows]
        if not rows:
            return np.zeros((len(texts), self._size()), dtype=np.float32)
        found = self._units(self._encode(cut, query=query), len(rows))
        vectors = np.zeros((len(texts), found.shape[1]), dtype=np.float32)
        vectors[rows] = found
        return vectors

    @abstractmethod
    def close(self) -> None:
        """Release connections and memory."""

    @abstractmethod
    def _space(self) -> str:
        """Name of the vector space, without its size; changes when the vectors would."""

    @abstractmethod
    def _encode(self, texts: list[str], *, query: bool) -> npt.NDArray[np.float32]:
        """Vectors of texts that are not blank, of any length."""

    def _size(self) -> int:
        return self._dimension or self.profile.dim

    def _units(self, vectors: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.float32]:
        if vectors.ndim != 2 or len(vectors) != count:
            raise ModelReplyError("the embedder gave the wrong number of vectors")
        if self._dimension is None:
            self._dimension = vectors.shape[1]
        if vectors.shape[1] != self._dimension:
            raise ConfigError(
                f"the embedder gives vectors of {vectors.shape[1]} numbers, not"
                f" {self._dimension}; set MEMOS_EMBEDDER_DIMENSION to what the model gives"
            )
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.all(np.isfinite(lengths)) or not np.all(lengths > 0):
            raise ModelReplyError("the embedder gave a vector without length")
        return np.asarray(vectors / lengths, dtype=np.float32)

    def _measure(self) -> EmbedderProfile:
        weight, mean = self._constants.dense_weight, self._constants.mean_cosine
        if weight is None or mean is None:
            measured_mean, measured_weight = calibrate(self)
            mean = measured_mean if mean is None else mean
            weight = measured_weight if weight is None else weight
            extra = {"dense_weight": round(weight, 3), "mean_cosine": round(mean, 3)}
            _LOG.info("embedder calibrated", extra=extra)
        if self._dimension is None:
            self.embed(["dimension"])
        dim = self._dimension or 0
        return EmbedderProfile(f"{self._space()}@{dim}{self._prefixed()}", dim, weight, mean)

    def _prefixed(self) -> str:
        """Part of the name of the space: other prefixes make other vectors."""
        prefixes = f"{self._constants.query_prefix}\x1f{self._constants.passage_prefix}"
        if prefixes == "\x1f":
            return ""
        return f"+{hashlib.sha256(prefixes.encode()).hexdigest()[:6]}"


def cut_text(text: str, most_tokens: int) -> str:
    """The text without lone surrogates, cut to about so many tokens."""
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")
    tokens = count_tokens(text) if len(text) > most_tokens else 0
    return text[: len(text) * most_tokens // tokens] if tokens > most_tokens else text
