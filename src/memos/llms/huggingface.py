"""A chat model that runs in this process, from files on this machine. Nothing is downloaded.

Needs the extra `huggingface` (torch and transformers), imported at the first call.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from weakref import WeakValueDictionary

from memos.errors import ModelRefusedError, ModelReplyError, ModelUnavailableError
from memos.llms.base import Piece, Reply, Turn
from memos.llms.prompt import Manner, log_answer, sendable, with_form
from memos.llms.reasoning import ReasoningFilter
from memos.types.clock import Clock

_MAX_TOKENS = 1024
"""Longest answer where nobody names a limit: a model that rambles would hold the machine."""


class Engine(Protocol):
    """A loaded model. One generation at a time."""

    def render(self, turns: Sequence[Turn]) -> str:
        """The prompt as the model was taught to read it."""
        ...

    def generate(self, prompt: str, manner: Manner, stop: threading.Event) -> Iterator[str]:
        """The answer, piece by piece; ends early when `stop` is set.

        Raises:
            ModelRefusedError: the prompt is longer than the model reads.
            ModelUnavailableError: it failed.
        """
        ...

    def count(self, text: str) -> int:
        """Number of the model's tokens of a text."""
        ...


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A model's files and where to run it.

    Args:
        path: folder with the files, or an id that is in the machine's cache already.
        device: `cpu`, `cuda`, `cuda:1`, `mps`; `auto` takes an accelerator when there is one.
        precision: `auto` as the files have it, or `float32`, `float16`, `bfloat16`.
        prompt_opens_answer: end the prompt with the mark that begins an answer.
        wait_s: longest wait for another generation to end.
    """

    path: str
    device: str = "auto"
    precision: str = "auto"
    prompt_opens_answer: bool = True
    wait_s: float = 300.0


class _Held:
    """An engine that is loaded at the first turn and used in turns."""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.engine: Engine | None = None


class _Engines:
    """The engines of a process: chats of one model share it, and the last of them lets it go."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: WeakValueDictionary[LocalModel, _Held] = WeakValueDictionary()

    def of(self, model: LocalModel) -> _Held:
        """The engine of a model, loaded or not."""
        with self._lock:
            held = self._held.get(model)
            if held is None:
                held = self._held[model] = _Held()
            return held


_ENGINES = _Engines()


class HuggingFaceChat:
    """A local chat model. Loads at the first call; safe to call from several threads, in turns.

    Chats of the same files on the same device share one copy in memory.

    Args:
        model: the files.
        clock: for the durations in the log.
        manner: how it answers unless a call says otherwise.
        load: makes the engine; None loads the files with transformers.
    """

    def __init__(
        self,
        model: LocalModel,
        clock: Clock,
        manner: Manner | None = None,
        load: Callable[[LocalModel], Engine] | None = None,
    ) -> None:
        self._model = model
        self._clock = clock
        self._manner = manner or Manner()
        self._load = load or _transformers
        self._share = load is None
        self._lock = threading.Lock()
        self._held: _Held | None = None
        self._closing = threading.Event()

    @property
    def name(self) -> str:
        """The folder's name, or the id."""
        return self._model.path.rstrip("/").rpartition("/")[2]

    def complete(
        self,
        turns: Sequence[Turn],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
    ) -> Reply:
        """As the port; a schema is written into the prompt.

        Raises:
            ConfigError: the extra is missing, or the files are not of this kind.
        """
        manner = self._asked(turns, self._manner.over(max_tokens, temperature, top_p))
        turns = with_form(turns, schema) if schema is not None else turns
        started = self._clock.monotonic()
        with self._mine() as engine:
            prompt = engine.render(_sendable(turns))
            whole = "".join(engine.generate(prompt, manner, self._closing))
            asked, answered = engine.count(prompt), engine.count(whole)
        text, thought = manner.parted(whole)
        if not text:
            raise ModelReplyError("the model answered nothing")
        reply = Reply(text, thought, asked, answered)
        log_answer(self.name, turns, reply, self._clock.monotonic() - started)
        return reply

    def stream(
        self,
        turns: Sequence[Turn],
        *,
        max_tokens: int | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
    ) -> Iterator[Piece]:
        """As the port. Others wait until the stream is read or closed."""
        manner = self._asked(turns, self._manner.over(max_tokens, temperature, top_p))
        filtered = ReasoningFilter()
        said = False
        with self._mine() as engine:
            prompt = engine.render(_sendable(turns))
            whole = ""
            for text in engine.generate(prompt, manner, self._closing):
                whole += text
                for piece in _pieces(*filtered.feed(text)):
                    said = said or not piece.reasoning
                    yield piece
            for piece in _pieces(*filtered.end()):
                said = said or not piece.reasoning
                yield piece
            asked, answered = engine.count(prompt), engine.count(whole)
        if not said:
            raise ModelReplyError("the model answered nothing")
        yield Piece("", prompt_tokens=asked, completion_tokens=answered)

    def close(self) -> None:
        """End the generation under way and let the model go; the next call loads it again."""
        with self._lock:
            held, self._held = self._held, None
        if held is None:
            return
        self._closing.set()
        with held.turn:
            self._closing.clear()

    @contextmanager
    def _mine(self) -> Iterator[Engine]:
        """The engine, for one generation."""
        with self._lock:
            if self._held is None:
                self._held = _ENGINES.of(self._model) if self._share else _Held()
            held = self._held
        if not held.turn.acquire(timeout=self._model.wait_s):
            raise ModelUnavailableError("the model is busy with other answers")
        try:
            if held.engine is None:
                held.engine = self._load(self._model)
            yield held.engine
        finally:
            held.turn.release()

    def _asked(self, turns: Sequence[Turn], manner: Manner) -> Manner:
        if any(turn.pictures for turn in turns):
            raise ModelRefusedError(
                "the huggingface backend reads text only; name a model that sees pictures"
            )
        return manner.over(manner.max_tokens or _MAX_TOKENS, None, None)


def _transformers(model: LocalModel) -> Engine:
    from memos.llms.transformers_engine import load_engine

    return load_engine(model)


def _sendable(turns: Sequence[Turn]) -> list[Turn]:
    return [Turn(turn.role, sendable(turn.content)) for turn in turns]


def _pieces(thought: str, answer: str) -> Iterator[Piece]:
    if thought:
        yield Piece(thought, reasoning=True)
    if answer:
        yield Piece(answer)
