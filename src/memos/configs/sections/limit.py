"""Limits of requests."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from memos.configs.sections.setting import setting

DailyBudget = Literal[
    "calls_per_day", "tokens_per_day", "model_tokens_per_day", "embedder_tokens_per_day"
]


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
    budgets: dict[DailyBudget, Annotated[int, Field(ge=0)]] = setting(
        {},
        "What a project may use in a day (UTC), as JSON: `calls_per_day` (adds, searches, chats,"
        " feedback), `tokens_per_day` (input tokens of these), `model_tokens_per_day` (tokens of"
        " language models; when they are used up, the rules read and chat is refused),"
        " `embedder_tokens_per_day` (tokens of an embedder that answers over HTTP; then searches go"
        " by words, and adds wait). 0 or none is no limit; `memos projects budget` sets them for one project.",
        "Limits",
    )
    loop_repeats: int = setting(
        100,
        "Equal adds of one user in one conversation let through in ten minutes, and a fifth of that"
        " of feedback; more look like a loop. 0 switches it off.",
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
