"""The prompt of a chat: instructions with the memories in them, the conversation so far, the query."""

import re
from collections.abc import Sequence
from datetime import datetime, tzinfo

from memos.llms.base import Turn
from memos.templates import load
from memos.types.language import count_tokens, is_chinese
from memos.types.message import Message

PLACEHOLDER = "{memories}"
HISTORY_MESSAGES = 20
HISTORY_TOKENS = 4000
_TALKERS = ("user", "assistant")
_ERASED = re.compile("\u2588+")
_NONE = {False: "(none)", True: "（无）"}


def system_text(custom: str | None, memories: str, *, query: str, now_ms: int, zone: tzinfo) -> str:
    """The instructions, with the memories at their place.

    Args:
        custom: the caller's own instructions; the memories replace its `{memories}`, or follow it,
            always with the notice that they are data. None for the built-in ones.
        memories: the block of `render`.
        query: its language is the built-in instructions' language.
        now_ms: the time, ms UTC.
        zone: zone of the time shown.
    """
    chinese = is_chinese(query)
    language = "zh" if chinese else "en"
    block = memories or _NONE[chinese]
    if custom is None:
        text = load(f"chat_{language}").strip().replace("{now}", _clock_text(now_ms, zone))
        return text.replace(PLACEHOLDER, block)
    notice = load(f"chat_notice_{language}").strip()
    if PLACEHOLDER in custom:
        return custom.replace(PLACEHOLDER, f"{notice}\n{block}")
    if not memories:
        return custom
    return f"{custom}\n\n{notice}\n<memories>\n{block}\n</memories>"


def history_turns(messages: Sequence[Message], max_tokens: int = HISTORY_TOKENS) -> list[Turn]:
    """What was said before in the conversation, oldest first: the last of it that fits.

    Only what user and assistant said. It begins with the user, and two turns of one speaker are
    joined, because some models take nothing else. What was erased is shown as `[...]`.
    """
    kept: list[Turn] = []
    left = max_tokens
    for message in reversed(messages):
        text = _ERASED.sub("[...]", message.text).strip()
        if message.role not in _TALKERS or not text.strip("[.] "):
            continue
        left -= count_tokens(text)
        if left < 0:
            break
        kept.append(Turn(message.role, text))
    return joined(kept[::-1])


def joined(turns: Sequence[Turn]) -> list[Turn]:
    """Turns that alternate, the first one the user's; what an assistant said before it is left out."""
    alternating: list[Turn] = []
    for turn in turns:
        if alternating and alternating[-1].role == turn.role:
            alternating[-1] = Turn(turn.role, f"{alternating[-1].content}\n\n{turn.content}")
        elif alternating or turn.role == "user":
            alternating.append(turn)
    return alternating


def _clock_text(now_ms: int, zone: tzinfo) -> str:
    now = datetime.fromtimestamp(now_ms / 1000, zone)
    return f"{now:%Y-%m-%d %H:%M, %A} (UTC{now:%z})"
