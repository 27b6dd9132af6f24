"""A cross-encoder on this machine, from files the operator names. Nothing is downloaded.

Needs the extra `onnx`: onnxruntime and tokenizers, imported at the first text.
"""

import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from memos.embedders.onnx_session import (
    Encoded,
    OnnxFolder,
    encodable,
    feed,
    open_onnx,
    runtime_errors,
)
from memos.errors import ModelReplyError, ModelUnavailableError
from memos.reranker.base import logistic
from memos.types.clock import Clock

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

_LOG = logging.getLogger(__name__)
_BATCH = 8
_LONGEST = 512


class OnnxReranker:
    """A cross-encoder of one or two outputs. Loads on first use; safe to call from several threads.

    Pairs are cut to 512 tokens and padded only to the longest of their batch of 8, sorted by
    length: padding all to 512 makes short pairs ten times dearer. It runs on one thread.

    Args:
        folder: holds `model.onnx` (or `onnx/model.onnx`) and `tokenizer.json`.
        clock: the time is looked at between batches.
        max_tokens: most tokens of a pair.
        device: `cpu`, or `cuda` with onnxruntime-gpu installed.
    """

    def __init__(
        self, folder: Path, clock: Clock, *, max_tokens: int = _LONGEST, device: str = "cpu"
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._max_tokens = max_tokens
        self._device = device
        self._lock = threading.Lock()
        self._loaded: tuple[InferenceSession, Tokenizer] | None = None

    @property
    def name(self) -> str:
        """`onnx` and the folder's name."""
        return f"onnx:{self._folder.name}"

    def rerank(self, query: str, texts: Sequence[str], *, timeout_s: float) -> list[float]:
        """As the port. A batch under way is finished before time running out is noticed.

        Raises:
            ConfigError: the extra is missing, or the files are missing or not of this kind.
        """
        if not texts:
            return []
        until = self._clock.monotonic() + timeout_s
        session, tokenizer = self._load()
        pairs = [(encodable(query), encodable(text)) for text in texts]
        encoded: list[Encoded] = tokenizer.encode_batch(pairs)
        order = sorted(range(len(texts)), key=lambda row: len(encoded[row].ids))
        scores = [0.0] * len(texts)
        for start in range(0, len(order), _BATCH):
            if self._clock.monotonic() > until:
                raise ModelUnavailableError("the reranker ran out of time")
            rows = order[start : start + _BATCH]
            relevance = self._run(session, tokenizer, [encoded[row] for row in rows])
            for row, score in zip(rows, relevance, strict=True):
                scores[row] = score
        return scores

    def close(self) -> None:
        """Let the model go; the next text loads it again."""
        with self._lock:
            self._loaded = None

    def _run(
        self, session: "InferenceSession", tokenizer: "Tokenizer", encoded: Sequence[Encoded]
    ) -> list[float]:
        inputs = feed(session, tokenizer, encoded)
        try:
            output = np.asarray(session.run(None, inputs)[0], dtype=np.float64)
        except runtime_errors() as error:
            raise ModelReplyError("the reranker's model failed on its input") from error
        return relevances(output, len(encoded))

    def _load(self) -> "tuple[InferenceSession, Tokenizer]":
        with self._lock:
            if self._loaded is None:
                folder = OnnxFolder(
                    self._folder,
                    "a reranker",
                    "MEMOS_RERANKER_PATH",
                    self._max_tokens,
                    self._device,
                )
                self._loaded = open_onnx(folder)
                _LOG.info("reranker loaded", extra={"reranker": self.name})
            return self._loaded


def relevances(output: npt.NDArray[np.float64], rows: int) -> list[float]:
    """Relevance 0..1 a row from a model's output.

    Args:
        output: logits (rows,), (rows, 1), or (rows, 2) with "relevant" second.
        rows: number of pairs.

    Raises:
        ModelReplyError: another shape, or not finite.
    """
    if output.size not in {rows, 2 * rows} or not np.isfinite(output).all():
        raise ModelReplyError("the reranker's model does not answer one or two numbers a pair")
    flat = output.reshape(rows, -1)
    logits = flat[:, 0] if flat.shape[1] == 1 else flat[:, 1] - flat[:, 0]
    return [logistic(float(logit)) for logit in logits]
