"""The chat models there are, by the names a caller may ask for."""

from collections.abc import Callable, Mapping

from memos.errors import ConfigError, InvalidInputError
from memos.llms.base import LLM


class ChatModels:
    """Chat models by name, one of them the default.

    Args:
        models: each under every name it answers to; the default first.
        close: releases them all.
    """

    def __init__(self, models: Mapping[str, LLM], close: Callable[[], None] = lambda: None) -> None:
        self._models = dict(models)
        self._close = close

    @property
    def names(self) -> tuple[str, ...]:
        """What a caller may ask for, the default first."""
        return tuple(self._models)

    def choose(self, name: str | None = None) -> LLM:
        """The model of a name; the default without one.

        Raises:
            ConfigError: no chat model is configured.
            InvalidInputError: none of this name is.
        """
        if not self._models:
            raise ConfigError(
                "no chat model is connected; set MEMOS_CHAT_MODEL (or CHAT_MODEL_LIST) to a model of "
                "an OpenAI-compatible endpoint, or MEMOS_LLM_MODEL to use one for everything"
            )
        if name is None:
            return next(iter(self._models.values()))
        if name not in self._models:
            raise InvalidInputError(
                f"model_name must be one of the configured ones: {', '.join(self._models)}; "
                "CHAT_MODEL_LIST adds more",
                field="model_name",
            )
        return self._models[name]

    def close(self) -> None:
        """Release connections."""
        self._close()
