"""Opens a model in ONNX form with its tokenizer, from a folder the operator names.

Needs the extra `onnx`: onnxruntime and tokenizers. Nothing is downloaded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from memos.errors import ConfigError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

_MODELS = ("model.onnx", "onnx/model.onnx")
_TOKENIZER = "tokenizer.json"
_KNOWN_INPUTS = frozenset({"input_ids", "attention_mask", "token_type_ids"})
Encoded = Any
"""A text as the tokenizer gives it."""


@dataclass(frozen=True, slots=True)
class OnnxFolder:
    """Which folder, and how to open it.

    Args:
        path: holds `model.onnx` (or `onnx/model.onnx`) and `tokenizer.json`.
        what: the model in a sentence (`an embedder`, `a reranker`).
        setting: the setting that names the folder.
        max_tokens: longest input.
        device: `cpu`, or `cuda` with onnxruntime-gpu installed.
    """

    path: Path
    what: str
    setting: str
    max_tokens: int = 512
    device: str = "cpu"

    @property
    def model(self) -> Path | None:
        """The model's file; None when it is not there."""
        return next((self.path / m for m in _MODELS if (self.path / m).is_file()), None)


def open_onnx(folder: OnnxFolder) -> "tuple[InferenceSession, Tokenizer]":
    """Load a model and its tokenizer, on one thread, without padding.

    Raises:
        ConfigError: the extra or a file is missing, cannot be loaded, or is of another kind.
    """
    try:
        from onnxruntime import InferenceSession
    except ImportError as error:
        raise ConfigError(
            f"{folder.what} in ONNX form needs more packages; pip install 'MemoryOS[onnx]'"
        ) from error
    model = folder.model
    if model is None or not (folder.path / _TOKENIZER).is_file():
        raise ConfigError(
            f"{folder.path} does not hold {folder.what}: model.onnx and {_TOKENIZER} are needed;"
            f" check {folder.setting}"
        )
    providers = _providers(folder.device)
    try:
        session = InferenceSession(str(model), _options(), providers=providers)
    except runtime_errors() as error:
        raise ConfigError(f"{model} cannot be loaded; is it a model in ONNX form?") from error
    unknown = {each.name for each in session.get_inputs()} - _KNOWN_INPUTS
    if unknown:
        raise ConfigError(
            f"the model in {folder.path} asks for {', '.join(sorted(unknown))};"
            f" {folder.what} takes input_ids, attention_mask and token_type_ids"
        )
    return session, _tokenizer(folder)


def feed(
    session: "InferenceSession", tokenizer: "Tokenizer", encoded: Sequence[Encoded]
) -> dict[str, npt.NDArray[np.int64]]:
    """What the session takes of encoded texts: int64 (texts, longest), padded at the end."""
    longest = max(len(each.ids) for each in encoded)
    shape = (len(encoded), longest)
    ids = np.full(shape, _padding_id(tokenizer), dtype=np.int64)
    mask = np.zeros(shape, dtype=np.int64)
    types = np.zeros(shape, dtype=np.int64)
    for row, each in enumerate(encoded):
        ids[row, : len(each.ids)] = each.ids
        mask[row, : len(each.ids)] = 1
        types[row, : len(each.ids)] = each.type_ids
    arrays = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
    given = {each.name for each in session.get_inputs()}
    return {name: values for name, values in arrays.items() if name in given}


def runtime_errors() -> tuple[type[Exception], ...]:
    """What onnxruntime raises; its own errors have no base of their own."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    own = [k for k in vars(state).values() if isinstance(k, type) and issubclass(k, Exception)]
    return (RuntimeError, ValueError, *own)


def encodable(text: str) -> str:
    """The text without lone surrogates, which no tokenizer takes."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _options() -> Any:  # noqa: ANN401 - of a library without types
    from onnxruntime import SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _providers(device: str) -> list[str]:
    if device in {"cpu", "auto"}:
        return ["CPUExecutionProvider"]
    from onnxruntime import get_available_providers

    wanted = f"{device.partition(':')[0].upper()}ExecutionProvider"
    if wanted not in get_available_providers():
        raise ConfigError(
            f"onnxruntime has no {wanted} here; install onnxruntime-gpu, or set device to cpu"
        )
    return [wanted, "CPUExecutionProvider"]


def _tokenizer(folder: OnnxFolder) -> "Tokenizer":
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise ConfigError(
            f"{folder.what} in ONNX form needs more packages; pip install 'MemoryOS[onnx]'"
        ) from error
    try:
        tokenizer = Tokenizer.from_file(str(folder.path / _TOKENIZER))
    except Exception as error:  # tokenizers raises the bare class for whatever is wrong with a file
        raise ConfigError(f"{folder.path / _TOKENIZER} cannot be loaded") from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(folder.max_tokens)
    return tokenizer


def _padding_id(tokenizer: "Tokenizer") -> int:
    for token in ("[PAD]", "<pad>"):
        found = tokenizer.token_to_id(token)
        if found is not None:
            return int(found)
    return 0
