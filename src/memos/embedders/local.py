"""Encoders of other libraries in this process: sentence-transformers and fastembed.

Both are imported at the first text and read files on this machine only.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from memos.embedders.encoding import Constants, EncodingEmbedder
from memos.errors import ConfigError, ModelUnavailableError

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LocalEncoder:
    """The files of an encoder and where to run it.

    Args:
        model: folder with the files, or for fastembed the name of a model it knows.
        device: `auto`, `cpu`, `cuda`, `cuda:1` or `mps`; fastembed knows `cpu` and `cuda`.
        path: for fastembed, folder of the files of `model`.
    """

    model: str
    device: str = "auto"
    path: Path | None = None


class Encode(Protocol):
    """A loaded encoder."""

    def __call__(self, texts: Sequence[str], *, query: bool) -> npt.NDArray[np.float32]:
        """Vectors of texts."""
        ...


class LibraryEmbedder(EncodingEmbedder):
    """An encoder of a library. Loads on first use; calls take turns.

    Args:
        backend: its name, part of the name of the vector space.
        encoder: the files.
        load: makes the loaded encoder.
        constants: prefixes and constants; unset ones are measured.
    """

    def __init__(
        self,
        backend: str,
        encoder: LocalEncoder,
        load: Callable[[LocalEncoder], Encode],
        constants: Constants | None = None,
    ) -> None:
        super().__init__(constants)
        self._backend = backend
        self._encoder = encoder
        self._load = load
        self._turn = threading.Lock()
        self._loaded: Encode | None = None

    def close(self) -> None:
        """Let the model go; the next text loads it again."""
        with self._turn:
            self._loaded = None

    def _space(self) -> str:
        return f"{self._backend}:{self._encoder.model.rstrip('/').rpartition('/')[2]}"

    def _encode(self, texts: list[str], *, query: bool) -> npt.NDArray[np.float32]:
        with self._turn:
            if self._loaded is None:
                self._loaded = self._load(self._encoder)
                _LOG.info("encoder loaded", extra={"encoder": self._space()})
            try:
                return np.asarray(self._loaded(texts, query=query), dtype=np.float32)
            except RuntimeError as error:  # torch's and onnxruntime's, out of memory among them
                raise ModelUnavailableError("the local embedder failed on its input") from error


def load_sentence_transformer(encoder: LocalEncoder) -> Encode:
    """A model of sentence-transformers; its own prompts for questions and passages are used.

    Raises:
        ConfigError: the extra is missing, or there is no such model on this machine.
    """
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise ConfigError(
            "the sentence_transformer embedder needs more packages;"
            " pip install 'MemoryOS[sentence-transformers]'"
        ) from error
    device = None if encoder.device == "auto" else encoder.device
    try:
        model: Any = SentenceTransformer(encoder.model, device=device, local_files_only=True)
    except (OSError, ValueError) as error:
        raise ConfigError(_missing(encoder.model)) from error
    except (RuntimeError, AssertionError) as error:  # torch's, about the device
        raise ConfigError(
            f"the sentence encoder does not go onto the device `{encoder.device}`, which is not"
            " there or has too little memory; set device to another, or to auto"
        ) from error

    def encode(texts: Sequence[str], *, query: bool) -> npt.NDArray[np.float32]:
        run = model.encode_query if query else model.encode_document
        vectors: npt.NDArray[np.float32] = run(
            list(texts), convert_to_numpy=True, show_progress_bar=False
        )
        return vectors

    return encode


def load_fastembed(encoder: LocalEncoder) -> Encode:
    """A model of fastembed, from a folder.

    Raises:
        ConfigError: the extra is missing, or there is no such model on this machine.
    """
    try:
        from fastembed import TextEmbedding
    except ImportError as error:
        raise ConfigError(
            "the fastembed embedder needs one more package; pip install 'MemoryOS[fastembed]'"
        ) from error
    cuda = encoder.device.startswith("cuda")
    path = str(encoder.path) if encoder.path else None
    try:
        model: Any = TextEmbedding(
            encoder.model,
            threads=1,
            local_files_only=True,
            specific_model_path=path,
            **({"cuda": True} if cuda else {}),
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise ConfigError(_missing(path or encoder.model)) from error

    def encode(texts: Sequence[str], *, query: bool) -> npt.NDArray[np.float32]:
        run = model.query_embed if query else model.passage_embed
        return np.stack(list(run(list(texts))))

    return encode


def _missing(path: str) -> str:
    return (
        f"there is no sentence encoder in {path}; name the folder that holds its files"
        " (nothing is downloaded)"
    )
