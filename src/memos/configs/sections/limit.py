"""Limits of requests."""

from pydantic import BaseModel

from memos.configs.sections.setting import setting


class LimitSettings(BaseModel):
    """How much one request or project may ask for."""

    add_max_tokens: int = setting(
        40_000, "Largest sum of one add's messages, in tokens.", "Limits", ge=1
    )
    query_max_tokens: int = setting(4_000, "Largest query, in tokens.", "Limits", ge=1)
    request_max_tokens: int = setting(
        40_000, "Largest request of any kind, in tokens.", "Limits", ge=1
    )
    tokens_per_minute: int = setting(
        400_000,
        "Input tokens a project may send in a minute; 0 switches the limit off.",
        "Limits",
        ge=0,
    )
    default_relativity: float = setting(
        0.45,
        "Relevance below which a result is left out when the caller names none.",
        "Limits",
        ge=0,
        le=1,
    )
