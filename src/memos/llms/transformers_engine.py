"""Runs a causal language model with transformers and torch. Imported late; nothing is downloaded."""

import logging
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from memos.errors import ConfigError, ModelRefusedError, ModelUnavailableError
from memos.llms.base import Turn
from memos.llms.huggingface import LocalModel
from memos.llms.prompt import Manner

_LOG = logging.getLogger(__name__)
_PIECE_WAIT_S = 300.0
"""Longest wait for the next piece; the first one holds the reading of the whole prompt."""


class TransformersEngine:
    """A model and its tokenizer, loaded.

    Args:
        tokenizer: of transformers.
        model: a causal language model of transformers, on its device.
        opens_answer: end the prompt with the mark that begins an answer.
    """

    def __init__(self, tokenizer: Any, model: Any, *, opens_answer: bool) -> None:  # noqa: ANN401 - of a library that may be missing
        self._tokenizer = tokenizer
        self._model = model
        self._opens_answer = opens_answer

    def render(self, turns: Sequence[Turn]) -> str:
        """The prompt by the model's own chat template, or plain lines when it has none."""
        if getattr(self._tokenizer, "chat_template", None):
            messages = [{"role": turn.role, "content": turn.content} for turn in turns]
            text: str = self._tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=self._opens_answer
            )
            return text
        lines = [f"{turn.role}: {turn.content}" for turn in turns]
        return "\n".join([*lines, "assistant:"] if self._opens_answer else lines)

    def generate(self, prompt: str, manner: Manner, stop: threading.Event) -> Iterator[str]:
        """As the port: in a thread of its own, ended when the caller stops reading."""
        from transformers import StoppingCriteriaList, TextIteratorStreamer

        inputs = self._inputs(prompt, manner)
        left = threading.Event()
        streamer = TextIteratorStreamer(
            self._tokenizer, skip_prompt=True, skip_special_tokens=True, timeout=_PIECE_WAIT_S
        )
        criteria = StoppingCriteriaList([lambda *_, **__: left.is_set() or stop.is_set()])
        options = {**inputs, **_sampling(manner), "streamer": streamer}
        failed: list[Exception] = []
        thread = threading.Thread(
            target=_run,
            args=(self._model, options | {"stopping_criteria": criteria}, streamer, failed),
            name="memos-generate",
            daemon=True,
        )
        thread.start()
        try:
            yield from streamer
        finally:
            left.set()
            thread.join()
        if failed:
            raise ModelUnavailableError(
                f"the local model failed while it wrote ({type(failed[0]).__name__})"
            ) from failed[0]

    def count(self, text: str) -> int:
        """Number of the model's tokens of a text."""
        return len(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def _inputs(self, prompt: str, manner: Manner) -> dict[str, Any]:
        templated = bool(getattr(self._tokenizer, "chat_template", None))
        inputs = self._tokenizer(prompt, return_tensors="pt", add_special_tokens=not templated)
        longest = getattr(self._model.config, "max_position_embeddings", None)
        wanted = int(inputs["input_ids"].shape[1]) + (manner.max_tokens or 0)
        if isinstance(longest, int) and wanted > longest:
            raise ModelRefusedError(
                f"prompt and answer need {wanted} tokens, the local model reads {longest}"
            )
        kept = {name: inputs[name] for name in ("input_ids", "attention_mask") if name in inputs}
        return {name: value.to(self._model.device) for name, value in kept.items()}


def load_engine(model: LocalModel) -> TransformersEngine:
    """Load tokenizer and model.

    Raises:
        ConfigError: the extra is missing, there are no such files, or the device is not there
            or too small.
    """
    try:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
    except ImportError as error:
        raise ConfigError(
            "the huggingface backend needs torch and transformers;"
            " pip install 'MemoryOS[huggingface]'"
        ) from error
    device = _device(torch, model.device)
    precision = "auto" if model.precision == "auto" else getattr(torch, model.precision, None)
    if precision is None:
        raise ConfigError(f"no precision is called `{model.precision}`; use auto or float32")
    try:
        tokenizer = AutoTokenizer.from_pretrained(model.path, local_files_only=True)
        loaded = AutoModelForCausalLM.from_pretrained(
            model.path, local_files_only=True, dtype=precision
        )
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"there is no language model in {model.path}; name the folder that holds its"
            " config.json (nothing is downloaded)"
        ) from error
    _LOG.info("language model loaded", extra={"model": model.path, "device": device})
    loaded.eval()
    placed = _placed(loaded, device)
    return TransformersEngine(tokenizer, placed, opens_answer=model.prompt_opens_answer)


def _placed(loaded: Any, device: str) -> Any:  # noqa: ANN401 - a model of transformers
    try:
        return loaded.to(device)
    except RuntimeError as error:  # torch's: no such number, or too little memory
        raise ConfigError(
            f"the language model does not go onto the device `{device}`, which is not there or"
            " has too little memory; set device to another, or to auto"
        ) from error


def _device(torch: Any, wanted: str) -> str:  # noqa: ANN401 - the module
    accelerator = "cuda" if torch.cuda.is_available() else ""
    if not accelerator and torch.backends.mps.is_available():
        accelerator = "mps"
    if wanted == "auto":
        return accelerator or "cpu"
    if wanted != "cpu" and not wanted.startswith(accelerator or "no accelerator"):
        raise ConfigError(
            f"the device `{wanted}` is not there ({accelerator or 'cpu'} is); set device to auto"
        )
    return wanted


def _sampling(manner: Manner) -> dict[str, Any]:
    """Greedy unless a temperature above 0 is wanted, so that answers repeat."""
    options: dict[str, Any] = {"max_new_tokens": manner.max_tokens}
    if not manner.temperature:
        return options | {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}
    options |= {"do_sample": True, "temperature": manner.temperature}
    return options | ({"top_p": manner.top_p} if manner.top_p is not None else {})


def _run(
    model: Any,  # noqa: ANN401 - of a library that may be missing
    options: dict[str, Any],
    streamer: Any,  # noqa: ANN401
    failed: list[Exception],
) -> None:
    """Generate, in its thread; whatever happens, the reader is told that it is over."""
    import torch

    try:
        with torch.inference_mode():
            model.generate(**options)
    except Exception as error:  # noqa: BLE001 - task edge: handed to the thread that reads
        failed.append(error)
        streamer.end()
