"""A cross-encoder on this machine, from files the operator names. Nothing is downloaded.

Needs the extra `onnx`: onnxruntime and tokenizers, imported at the first text.
"""

import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from memos.errors import ConfigError, ModelReplyError, ModelUnavailableError
from memos.reranker.base import logistic
from memos.types.clock import Clock

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

_LOG = logging.getLogger(__name__)
_BATCH = 8
_LONGEST = 512
_MODELS = ("model.onnx", "onnx/model.onnx")
_TOKENIZER = "tokenizer.json"
_KNOWN_INPUTS = frozenset({"input_ids", "attention_mask", "token_type_ids"})
_Encoded = Any


class OnnxReranker:
    """A cross-encoder of one or two outputs. Loads on first use; safe to call from several threads.

    Pairs are cut to 512 tokens and padded only to the longest of their batch of 8, sorted by
    length: padding all to 512 makes short pairs ten times dearer. It runs on one thread.

    Args:
        folder: holds `model.onnx` (or `onnx/model.onnx`) and `tokenizer.json`.
        clock: the time is looked at between batches.
        max_tokens: most tokens of a pair.
    """

    def __init__(self, folder: Path, clock: Clock, *, max_tokens: int = _LONGEST) -> None:
        self._folder = folder
        self._clock = clock
        self._max_tokens = max_tokens
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
        pairs = [(_encodable(query), _encodable(text)) for text in texts]
        encoded: list[_Encoded] = tokenizer.encode_batch(pairs)
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
        self, session: "InferenceSession", tokenizer: "Tokenizer", encoded: Sequence[_Encoded]
    ) -> list[float]:
        given = {each.name for each in session.get_inputs()}
        feed = {
            name: values
            for name, values in _arrays(encoded, _padding_id(tokenizer)).items()
            if name in given
        }
        try:
            output = np.asarray(session.run(None, feed)[0], dtype=np.float64)
        except _errors() as error:
            raise ModelReplyError("the reranker's model failed on its input") from error
        return relevances(output, len(encoded))

    def _load(self) -> "tuple[InferenceSession, Tokenizer]":
        with self._lock:
            if self._loaded is None:
                self._loaded = _open(self._folder, self._max_tokens)
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


def _arrays(encoded: Sequence[_Encoded], padding: int) -> dict[str, npt.NDArray[np.int64]]:
    longest = max(len(each.ids) for each in encoded)
    shape = (len(encoded), longest)
    ids = np.full(shape, padding, dtype=np.int64)
    mask = np.zeros(shape, dtype=np.int64)
    types = np.zeros(shape, dtype=np.int64)
    for row, each in enumerate(encoded):
        ids[row, : len(each.ids)] = each.ids
        mask[row, : len(each.ids)] = 1
        types[row, : len(each.ids)] = each.type_ids
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}


def _padding_id(tokenizer: "Tokenizer") -> int:
    for token in ("[PAD]", "<pad>"):
        found = tokenizer.token_to_id(token)
        if found is not None:
            return int(found)
    return 0


def _errors() -> tuple[type[Exception], ...]:
    """What onnxruntime raises; its own errors have no base of their own."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    own = [k for k in vars(state).values() if isinstance(k, type) and issubclass(k, Exception)]
    return (RuntimeError, ValueError, *own)


def _encodable(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _open(folder: Path, max_tokens: int) -> "tuple[InferenceSession, Tokenizer]":
    try:
        from onnxruntime import InferenceSession, SessionOptions
        from tokenizers import Tokenizer
    except ImportError as error:
        raise ConfigError(
            "the onnx reranker needs more packages; pip install 'MemoryOS[onnx]'"
        ) from error
    model = next((folder / name for name in _MODELS if (folder / name).is_file()), None)
    if model is None or not (folder / _TOKENIZER).is_file():
        raise ConfigError(
            f"{folder} does not hold a reranker: model.onnx and {_TOKENIZER} are needed;"
            " check MEMOS_RERANKER_PATH"
        )
    options = SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    except _errors() as error:
        raise ConfigError(f"{model} cannot be loaded; is it a model in ONNX form?") from error
    try:
        tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER))
    except Exception as error:  # tokenizers raises the bare class for whatever is wrong with a file
        raise ConfigError(f"{folder / _TOKENIZER} cannot be loaded") from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    unknown = {each.name for each in session.get_inputs()} - _KNOWN_INPUTS
    if unknown:
        raise ConfigError(
            f"the model in {folder} asks for {', '.join(sorted(unknown))};"
            " a cross-encoder takes input_ids, attention_mask and token_type_ids"
        )
    return session, tokenizer
