"""Options of `memos eval` that name a language model, and the settings they mean."""

from typing import Annotated, Any

import typer

Endpoint = Annotated[
    str | None,
    typer.Option(metavar="URL", help="OpenAI-compatible endpoint; default MEMOS_LLM_API_BASE."),
]
Key = Annotated[str | None, typer.Option(metavar="KEY", help="Its key; default MEMOS_LLM_API_KEY.")]


def model_settings(name: str | None, base: str | None, key: str | None) -> dict[str, Any]:
    """Settings of the model of this name, endpoint and key; what is missing is as configured.

    Raises:
        InvalidInputError: no model is named anywhere.
    """
    from memos.configs.settings import load_settings
    from memos.errors import InvalidInputError

    settings = load_settings().settings
    model = name or settings.llm_model
    if not model:
        raise InvalidInputError("no model: give --model or set MEMOS_LLM_MODEL")
    # A key goes only to the endpoint it was given for.
    configured = settings.llm_api_key if base in {None, settings.llm_api_base} else None
    return {
        "llm_model": model,
        "llm_api_base": base or settings.llm_api_base,
        "llm_api_key": key or (configured.get_secret_value() if configured else None),
        "llm_timeout_seconds": settings.llm_timeout_seconds,
        "llm_max_retries": settings.llm_max_retries,
    }
