"""Chooses a language model from plain values."""

from memos.llms.openai import OPENAI_BASE, ChatEndpoint, OpenAIChat
from memos.types.clock import Clock, SystemClock


def build_llm(
    model: str,
    *,
    clock: Clock | None = None,
    api_base: str | None = None,
    api_key: str | None = None,
    timeout_s: float = 60.0,
    max_retries: int = 2,
) -> OpenAIChat:
    """A chat model at any OpenAI-compatible endpoint. Calls nothing yet.

    Args:
        model: name at the endpoint.
        clock: for durations in the log; None for the machine's.
        api_base: base URL of the endpoint; None for OpenAI's.
        api_key: its key; None for endpoints that ask for none.
        timeout_s: longest wait for one answer.
        max_retries: further tries after a refused or failed call.
    """
    endpoint = ChatEndpoint(
        model=model,
        api_base=api_base or OPENAI_BASE,
        api_key=api_key,
        timeout_s=timeout_s,
        max_retries=max_retries,
    )
    return OpenAIChat(endpoint, clock or SystemClock())
