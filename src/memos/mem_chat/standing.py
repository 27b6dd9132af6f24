"""Wishes that hold for every answer: how to write it and what to call the user. Pure text.

A search for the weather does not find "keep answers short": the two have nothing in common but the
answer that is to be written. So these preferences are told from others by their words.
"""

import re
from collections.abc import Sequence

from memos.types.memory import MemoryItem, MemoryKind

_ENGLISH = re.compile(
    r"\basks the assistant\b"
    r"|\b(?:answer|reply|replie|respon[sd]|explanation)\w*\b"
    r"|\b(?:assistant|you)(?:'s)?\b.{0,40}\b(?:call|address|speak|talk|write|use|format|keep|avoid|"
    r"include|start|begin|end|list|add|be|stop)\b"
    r"|\b(?:from now on|going forward|always|in (?:the )?future)\b.{0,60}\b(?:call|write|use|start|"
    r"begin|end|list|format|summar\w+)\b"
    r"|\b(?:bullet points?|markdown|emojis?|tables? only|tone|wordy|concise|code blocks?|"
    r"salutation|greeting)\b",
    re.IGNORECASE,
)
_CHINESE = re.compile(
    r"要求助手|回答|回复|答复|答案|语气|口吻|称呼|要点|表情符号|格式|简洁|简短|啰嗦|用(?:中文|英文|英语|表格|列表)"
    r"|(?:助手|你).{0,12}(?:叫|称|说|写|用|不要|别)|(?:以后|今后|每次|总是).{0,20}(?:写|列|用|先|开头|结尾)"
)


def is_standing(item: MemoryItem) -> bool:
    """Whether a memory is a stated wish about the assistant's answers in general."""
    if item.kind is not MemoryKind.EXPLICIT_PREFERENCE:
        return False
    return bool(_ENGLISH.search(item.value) or _CHINESE.search(item.value))


def standing(items: Sequence[MemoryItem], limit: int) -> list[MemoryItem]:
    """The first `limit` standing wishes, in the order given."""
    return [item for item in items if is_standing(item)][: max(limit, 0)]
