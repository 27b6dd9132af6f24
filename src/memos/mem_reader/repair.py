"""Reading JSON that a model wrote: fenced, chatty, with trailing commas, or cut off."""

import json
import re
from typing import Any

from memos.errors import ModelReplyError

_FENCE = re.compile(r"```[a-zA-Z]*\s*\n?(.*?)(?:```|\Z)", re.DOTALL)
_MOST = 400_000


def parse_reply(text: str) -> Any:  # noqa: ANN401 - JSON is any of seven types
    """The JSON value in a model's reply.

    Tried in order: the text itself; inside a code fence; from the first bracket to its partner;
    the same without trailing commas; for a reply that was cut off, up to the last element that is
    complete.

    Raises:
        ModelReplyError: there is no JSON object or array in it.
    """
    if len(text) > _MOST:
        raise ModelReplyError("the model's reply is too long")
    fence = _FENCE.search(text)
    for candidate in [text, *([fence[1]] if fence else [])]:
        start = min((at for at in map(candidate.find, "{[") if at >= 0), default=-1)
        if start < 0:
            continue
        plain, whole = _outermost(candidate[start:])
        for form in (plain, _without_trailing_commas(plain), whole):
            found = _loaded(form)
            if isinstance(found, (dict, list)):
                return found
    raise ModelReplyError("the model's reply holds no JSON")


def is_cut_off(text: str) -> bool:
    """Whether a reply ends before the list in it does; what `parse_reply` saves of it is not all."""
    start = min((at for at in map(text.find, "{[") if at >= 0), default=-1)
    if start < 0:
        return False
    plain, whole = _outermost(text[start:])
    return plain != whole and not plain[plain.rfind("}") + 1 :].lstrip(" ,\n").startswith("]")


def _loaded(text: str) -> Any:  # noqa: ANN401
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _outermost(text: str) -> tuple[str, str]:
    """The first bracketed value, and what can be saved of it when its partner is missing."""
    stack: list[str] = []
    saved_at, saved_stack = 0, ""
    quoted = escaped = False
    for at, character in enumerate(text):
        if quoted:
            escaped, quoted = character == "\\" and not escaped, character != '"' or escaped
        elif character == '"':
            quoted = True
        elif character in "{[":
            stack.append("}" if character == "{" else "]")
        elif character in "}]":
            if not stack or stack.pop() != character:
                break
            if not stack:
                return text[: at + 1], text[: at + 1]
            if character == "}":
                saved_at, saved_stack = at + 1, "".join(reversed(stack))
    saved = _without_trailing_commas(text[:saved_at]) + saved_stack
    return text, saved


def _without_trailing_commas(text: str) -> str:
    """Drop commas right before a closing bracket, outside of strings."""
    parts = re.split(r'("(?:[^"\\]|\\.)*")', text)
    parts[::2] = [re.sub(r",(?=\s*[}\]])", "", part) for part in parts[::2]]
    return "".join(parts)
