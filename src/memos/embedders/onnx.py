"""Any sentence encoder in ONNX form on this machine, given by its folder. Nothing is downloaded."""

import hashlib
import logging
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from memos.embedders.encoding import Constants, EncodingEmbedder
from memos.embedders.onnx_session import Encoded, OnnxFolder, feed, open_onnx, runtime_errors
from memos.errors import ModelReplyError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

_LOG = logging.getLogger(__name__)
_BATCH = 16
_HASHED_BYTES = 2**20
Pooling = Literal["mean", "cls", "last"]


@dataclass(frozen=True, slots=True)
class OnnxEncoder:
    """The files of an encoder and how to use them.

    Args:
        folder: holds `model.onnx` (or `onnx/model.onnx`) and `tokenizer.json`.
        pooling: how token vectors become one: `mean` over the tokens, the first (`cls`) or the
            `last`; without effect for a model that gives one vector itself.
        max_tokens: longest text in tokens; what is over is left out.
        device: `cpu`, or `cuda` with onnxruntime-gpu installed.
    """

    folder: Path
    pooling: Pooling = "mean"
    max_tokens: int = 512
    device: str = "cpu"


class OnnxEmbedder(EncodingEmbedder):
    """An encoder of onnxruntime. Loads on first use; safe to call from several threads.

    Texts are sorted by length and padded only to the longest of their batch of 16. It runs on one
    thread. The name of its vector space holds a hash of the model, so that other weights in the
    same folder are noticed.

    Args:
        encoder: its files.
        constants: prefixes and constants; unset ones are measured.
    """

    def __init__(self, encoder: OnnxEncoder, constants: Constants | None = None) -> None:
        super().__init__(constants)
        self._encoder = encoder
        self._loading = threading.Lock()
        self._loaded: tuple[InferenceSession, Tokenizer] | None = None

    def close(self) -> None:
        """Let the model go; the next text loads it again."""
        with self._loading:
            self._loaded = None

    def _space(self) -> str:
        digest = hashlib.sha256(self._encoder.pooling.encode())
        model = self._folder().model
        if model is not None:
            with model.open("rb") as file:
                while part := file.read(_HASHED_BYTES):
                    digest.update(part)
        return f"onnx:{self._encoder.folder.name}:{digest.hexdigest()[:8]}"

    def _encode(self, texts: list[str], *, query: bool) -> npt.NDArray[np.float32]:  # noqa: ARG002 - the prefix tells questions apart
        session, tokenizer = self._load()
        encoded: list[Encoded] = tokenizer.encode_batch(texts)
        order = sorted(range(len(texts)), key=lambda row: len(encoded[row].ids))
        found: dict[int, npt.NDArray[np.float32]] = {}
        for start in range(0, len(order), _BATCH):
            rows = order[start : start + _BATCH]
            vectors = self._run(session, tokenizer, [encoded[row] for row in rows])
            found.update(zip(rows, vectors, strict=True))
        return np.stack([found[row] for row in range(len(texts))])

    def _run(
        self, session: "InferenceSession", tokenizer: "Tokenizer", encoded: list[Encoded]
    ) -> npt.NDArray[np.float32]:
        inputs = feed(session, tokenizer, encoded)
        try:
            outputs = [np.asarray(output) for output in session.run(None, inputs)]
        except runtime_errors() as error:
            raise ModelReplyError("the embedder's model failed on its input") from error
        mask = np.zeros((len(encoded), max(len(each.ids) for each in encoded)), dtype=np.float32)
        for row, each in enumerate(encoded):
            mask[row, : len(each.ids)] = 1.0
        return pooled(outputs, mask, self._encoder.pooling)

    def _load(self) -> "tuple[InferenceSession, Tokenizer]":
        with self._loading:
            if self._loaded is None:
                self._loaded = open_onnx(self._folder())
                _LOG.info("encoder loaded", extra={"encoder": self._encoder.folder.name})
            return self._loaded

    def _folder(self) -> OnnxFolder:
        return OnnxFolder(
            self._encoder.folder,
            "an embedder",
            "MEMOS_EMBEDDER_MODEL",
            self._encoder.max_tokens,
            self._encoder.device,
        )


def pooled(
    outputs: list[npt.NDArray[np.float32]], mask: npt.NDArray[np.float32], pooling: Pooling
) -> npt.NDArray[np.float32]:
    """One vector a text from a model's outputs.

    Args:
        outputs: of the model; one of shape (texts, dim) is taken as it is, else the first of shape
            (texts, tokens, dim) is pooled.
        mask: float32 (texts, tokens), 1 where a token stands and 0 where padding does.
        pooling: how.

    Raises:
        ModelReplyError: there is neither.
    """
    rows = len(mask)
    ready = [o for o in outputs if o.ndim == 2 and len(o) == rows and o.dtype.kind == "f"]
    if ready:
        return np.asarray(ready[-1], dtype=np.float32)
    by_token = [o for o in outputs if o.ndim == 3 and o.shape[:2] == mask.shape]
    if not by_token:
        raise ModelReplyError("the embedder's model gives no vectors; is it a sentence encoder?")
    tokens = np.asarray(by_token[0], dtype=np.float32)
    if pooling == "cls":
        return tokens[:, 0]
    if pooling == "last":
        last = mask.sum(axis=1).astype(int) - 1
        return np.asarray(tokens[np.arange(rows), last])
    weights = mask[:, :, None]
    return np.asarray((tokens * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1.0))
