"""What is kept of a tool's arguments and results: shape, size, and the first values that say something."""

import json
import re
from typing import Any

from memos.mem_reader.tools.blob import without_blobs

LONGEST = 400
"""Most characters of a distilled value."""
_LONGEST_TEXT = 120
_MOST_KEYS = 8
_MOST_ITEMS = 5
_DEEPEST = 3
_MOST_PARSED = 200_000
_TAG = re.compile(
    r"<(?:script|style)\b.*?</(?:script|style)>|<[^<>]{1,2000}>", re.DOTALL | re.IGNORECASE
)
_TITLE = re.compile(r"<title[^>]*>([^<]{1,200})", re.IGNORECASE)
_MARKUP = re.compile(r"\s*(?:<!doctype html|<html|<\?xml)", re.IGNORECASE)


def distil(value: str, *, chinese: bool = False, longest: int = LONGEST) -> str:
    """A tool's argument or result in at most `longest` characters.

    Short texts stay as they are, up to white space. JSON is told as `key: value`, empty values
    left out; of long lists the number and the first entries; encoded files by type and size.

    Args:
        value: text or JSON as the tool gave it.
        chinese: language of the few words added.
        longest: most characters of the answer.
    """
    text = without_blobs(value).strip()
    found = loaded(text)
    if isinstance(found, dict | list):
        told = _told(found, 0, chinese=chinese)
    elif _MARKUP.match(text):
        told = _page(text, chinese=chinese)
    else:
        told = str(found) if isinstance(found, str) else text
    return shortened(" ".join(told.split()), longest, chinese=chinese)


def loaded(text: str) -> Any:  # noqa: ANN401 - JSON is any of seven types
    """The JSON value of a text; None when it is not JSON, or too long to be read for its parts."""
    if len(text) > _MOST_PARSED or text[:1] not in '{["':
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def shortened(text: str, longest: int, *, chinese: bool = False) -> str:
    """The text, or its beginning and its length."""
    if len(text) <= longest:
        return text
    note = f"…（共 {len(text)} 字）" if chinese else f"… ({len(text)} characters)"
    return text[: max(0, longest - len(note))].rstrip() + note


def _told(value: Any, depth: int, *, chinese: bool) -> str:  # noqa: ANN401
    if isinstance(value, dict):
        return _object(value, depth, chinese=chinese)
    if isinstance(value, list):
        return _list(value, depth, chinese=chinese)
    if isinstance(value, str):
        return shortened(" ".join(value.split()), _LONGEST_TEXT, chinese=chinese)
    return json.dumps(value)


def _object(value: dict[str, Any], depth: int, *, chinese: bool) -> str:
    full = {key: v for key, v in value.items() if v not in (None, "", [], {})}
    if depth >= _DEEPEST:
        inner = f"{len(value)} 个字段" if chinese else f"{len(value)} keys"
        return "{" + inner + "}"
    parts = []
    for key in list(full)[:_MOST_KEYS]:
        name = shortened(key, _LONGEST_TEXT, chinese=chinese)
        parts.append(f"{name}: {_told(full[key], depth + 1, chinese=chinese)}")
    if len(full) > _MOST_KEYS:
        more = len(full) - _MOST_KEYS
        parts.append(f"另有 {more} 个字段" if chinese else f"{more} more keys")
    text = ", ".join(parts) or "{}"
    return text if depth == 0 or not parts else "{" + text + "}"


def _list(value: list[Any], depth: int, *, chinese: bool) -> str:
    if depth >= _DEEPEST or not value:
        return "[" + (f"{len(value)} 项" if chinese else f"{len(value)} items") + "]"
    rows = len(value) > 2 and all(isinstance(v, dict) for v in value)
    shown = value[: 1 if rows else _MOST_ITEMS]
    told = ", ".join(_told(v, depth + 1, chinese=chinese) for v in shown)
    if len(shown) == len(value):
        return f"[{told}]"
    if rows:
        keys = ", ".join(list(value[0])[:_MOST_KEYS])
        lead = (
            f"{len(value)} 项，字段 {keys}；第一项"
            if chinese
            else f"{len(value)} items of {keys}; first"
        )
        return f"[{lead}: {told}]"
    return f"[{told}, … " + (f"共 {len(value)} 项]" if chinese else f"{len(value)} items]")


def _page(text: str, *, chinese: bool) -> str:
    title = _TITLE.search(text)
    words = " ".join(_TAG.sub(" ", text).split())
    lead = f"{title[1].strip()}: " if title else ""
    return shortened(lead + words, LONGEST, chinese=chinese)
