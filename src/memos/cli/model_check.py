"""What `memos models test` tries: every configured model, once, with what to mend."""

import base64
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from memos.errors import MemosError

if TYPE_CHECKING:
    from memos.configs.settings import Settings
    from memos.llms.base import LLM
    from memos.mem_reader.base import Window
    from memos.reranker.base import Reranker
    from memos.types.clock import Clock
    from memos.types.memory import Draft

_QUESTION = "What colour is the sky on a clear day?"
_NEAR = "On a clear day the sky is blue."
_FAR = "Bread is made of flour, water and salt."
_SAID = "I moved to Lisbon in May and work as a nurse now."
_SAID_AT_MS = 1_765_359_840_000
_RED_SQUARE = (
    "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAIAAAD8GO2jAAAAJ0lEQVR42u3NsQkAAAjAsP7/tF7hIASyp6lTCQQC"
    "gUAgEAgEgi/BAjLD/C5w/SM9AAAAAElFTkSuQmCC"
)
"""A picture of 32 by 32 red pixels."""


class ModelCheck(NamedTuple):
    """One model to try.

    Args:
        role: what it is for.
        model: its name.
        run: calls it once; a remark when it answered. Raises MemosError.
        advice: settings to look at when it does not.
    """

    role: str
    model: str
    run: Callable[[], str]
    advice: str


def checks(settings: "Settings", clock: "Clock") -> list[ModelCheck]:
    """What there is to try, in the order it is shown; nothing is called yet."""
    found = [
        ModelCheck(
            "embedder",
            settings.embedder_model or settings.embedder_backend,
            lambda: _try_embedder(settings, clock),
            "MEMOS_EMBEDDER_BACKEND, MEMOS_EMBEDDER_MODEL, MEMOS_EMBEDDER_API_BASE and"
            " MEMOS_EMBEDDER_API_KEY",
        ),
        ModelCheck(
            "reader",
            settings.llm_model or "rules",
            lambda: _try_reader(settings, clock),
            "MEMOS_LLM_BACKEND, MEMOS_LLM_MODEL, MEMOS_LLM_API_BASE and MEMOS_LLM_API_KEY",
        ),
    ]
    listed = [settings.chat_model, *(each.name for each in settings.chat_model_list)]
    found += [
        ModelCheck(
            "chat",
            name,
            _chat_check(settings, clock, name),
            "MEMOS_CHAT_MODEL and MEMOS_CHAT_MODEL_LIST",
        )
        for name in dict.fromkeys(name for name in listed if name)
    ]
    found += _vision(settings, clock)
    found.append(
        ModelCheck(
            "reranker",
            settings.reranker_model or settings.reranker_backend,
            lambda: _try_reranker(settings, clock),
            "MEMOS_RERANKER_BACKEND and the settings of its section",
        )
    )
    return found


def _try_embedder(settings: "Settings", clock: "Clock") -> str:
    from memos.mem_os.models import configured_embedder

    embedder = configured_embedder(settings, clock)
    try:
        question = embedder.embed([_QUESTION], query=True)[0]
        near, far = embedder.embed([_NEAR, _FAR]) @ question
        profile = embedder.profile
    finally:
        embedder.close()
    if near <= far:
        raise MemosError("it puts a question no nearer to its answer than to another text")
    return (
        f"{profile.dim} dimensions, mean cosine {profile.mean_cosine:.3f},"
        f" dense weight {profile.dense_weight:.2f}"
    )


def _try_reader(settings: "Settings", clock: "Clock") -> str:
    from memos.mem_os.models import configured_llm

    model = configured_llm(settings, clock)
    if model is None:
        return "no model configured: the rules read"
    try:
        return f"{_ask(model)}; {_read_sample(model)}"
    finally:
        model.close()


def _read_sample(model: "LLM") -> str:
    """Let it read a sentence as it would read a message."""
    from memos.mem_reader.base import Window
    from memos.mem_reader.model import ModelReader
    from memos.types.message import Message

    rules = _NoRules()
    said = Message("m", "user", _SAID, 0, _SAID_AT_MS, _SAID_AT_MS, _SAID_AT_MS, "c")
    drafts = ModelReader(model, rules).read(Window((said,)))
    if rules.asked:
        raise MemosError(
            "it answers, but not in the form asked for, so the rules would read; choose a model"
            " that writes JSON"
        )
    return f"read {len(drafts)} memories in a sentence"


class _NoRules:
    """Notes that the rules had to read."""

    asked = False

    def read(self, window: "Window") -> "Sequence[Draft]":  # noqa: ARG002 - the port's signature
        """Nothing."""
        self.asked = True
        return ()


def _vision(settings: "Settings", clock: "Clock") -> list[ModelCheck]:
    """The model that sees, where one is configured."""
    name = getattr(settings, "vision_model", None)
    if not name:
        return []

    def run() -> str:
        from memos.llms.base import Picture, Turn
        from memos.mem_os.models import configured_llm

        seeing = settings.model_copy(update={"llm_model": name})
        model = configured_llm(seeing, clock)
        if model is None:
            return "none configured"
        picture = Picture(base64.b64decode(_RED_SQUARE), "image/png")
        try:
            reply = model.complete([Turn("user", "Which colour is this picture?", (picture,))])
        finally:
            model.close()
        if "red" not in reply.text.lower():
            raise MemosError("it answers, but does not see that a red picture is red")
        return "sees"

    return [ModelCheck("vision", name, run, "MEMOS_VISION_MODEL and the language model's address")]


def _chat_check(settings: "Settings", clock: "Clock", name: str) -> Callable[[], str]:
    def run() -> str:
        from memos.mem_os.chat import configured_chat_models

        models = configured_chat_models(settings, clock)
        try:
            return _ask(models.choose(name))
        finally:
            models.close()

    return run


def _ask(model: "LLM") -> str:
    from memos.llms.base import Turn

    reply = model.complete([Turn("user", "Answer with the word: ready")], temperature=0.0)
    return f"answered {reply.completion_tokens or len(reply.text.split())} tokens"


def _try_reranker(settings: "Settings", clock: "Clock") -> str:
    from memos.mem_os.models import configured_embedder, configured_reranker

    embedder = configured_embedder(settings, clock)
    try:
        reranker = configured_reranker(settings, clock, embedder)
        if reranker is None:
            return "none configured: results are ranked by their score alone"
        return _judge(reranker, settings)
    finally:
        embedder.close()


def _judge(reranker: "Reranker", settings: "Settings") -> str:
    try:
        # The first call loads the model or connects; the second shows what a search would wait for.
        reranker.rerank(_QUESTION, [_NEAR], timeout_s=60.0)
        near, far = reranker.rerank(
            _QUESTION, [_NEAR, _FAR], timeout_s=settings.reranker_timeout_seconds
        )
    finally:
        reranker.close()
    if near <= far:
        raise MemosError(
            f"it finds the wrong text more relevant ({far:.2f} > {near:.2f}): no reranker,"
            " or its scores are reversed"
        )
    return f"relevance {near:.2f} of the right text, {far:.2f} of the wrong one"
