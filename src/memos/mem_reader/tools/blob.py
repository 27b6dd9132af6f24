"""Encoded files inside texts: found, and replaced by a note of what they were."""

import re
from typing import Any

_LONGEST_WORD = 200
"""Runs of base64 letters from this length on are taken for an encoded file."""
_GAP = r"(?:\\[nr]|\s)"
_DATA_URL = re.compile(
    rf"data:(?P<type>[\w.+-]+/[\w.+-]+)?(?:;[\w.+-]+=[\w.+-]*)*;base64,(?:{_GAP}|[A-Za-z0-9+/_=-])*"
)
_START = r"(?:(?<=\\[nr])|(?<![A-Za-z0-9+/\\]))"
"""Where a line begins: nowhere inside a run of letters, nor at the letter of an escape."""
_LINES = re.compile(
    rf"{_START}(?:[A-Za-z0-9+/]{{56,128}}{_GAP}{{1,4}}){{3,}}[A-Za-z0-9+/]*={{0,2}}"
)
_RUN = re.compile(rf"[A-Za-z0-9+/_-]{{{_LONGEST_WORD},}}={{0,2}}")
_LEAST_LETTERS = 12
_STARTS = {
    "iVBOR": "image/png",
    "/9j/": "image/jpeg",
    "R0lGOD": "image/gif",
    "UklGR": "image/webp",
    "JVBERi": "application/pdf",
    "UEsDB": "application/zip",
    "H4sI": "application/gzip",
    "SUQz": "audio/mpeg",
}


def without_blobs(text: str) -> str:
    """The text with every encoded file replaced by its type and size, e.g. `[image/png, 12 kB]`.

    JSON stays JSON: the note holds neither quotes nor backslashes. Linear in the length.
    """
    if len(text) < _LONGEST_WORD:
        return text
    text = _DATA_URL.sub(lambda m: _note(m["type"] or "text/plain", m[0].partition(",")[2]), text)
    text = _LINES.sub(_encoded, text)
    return _RUN.sub(_encoded, text)


def plain(value: Any) -> Any:  # noqa: ANN401 - JSON is any of seven types
    """A JSON value with every encoded file inside its texts replaced, as by `without_blobs`."""
    if isinstance(value, str):
        return without_blobs(value)
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    return value


def size_text(size: int) -> str:
    """A number of bytes for people."""
    if size < 1000:
        return f"{size} B"
    if size < 1_000_000:
        return f"{size / 1000:.0f} kB"
    return f"{size / 1_000_000:.1f} MB"


def _encoded(match: "re.Match[str]") -> str:
    run = match[0]
    if len(set(run)) < _LEAST_LETTERS or not _is_mixed(run):
        return run if len(run) < 10 * _LONGEST_WORD else f"[{len(run)} characters]"
    known = next((name for start, name in _STARTS.items() if run.startswith(start)), "base64")
    return _note(known, run)


def _is_mixed(run: str) -> bool:
    """Letters and digits side by side, as in encoded bytes and hardly in words or paths."""
    return any(c.isdigit() for c in run) and any(c.isalpha() for c in run)


def _note(kind: str, encoded: str) -> str:
    letters = len(re.sub(rf"{_GAP}|=", "", encoded))
    return f"[{kind}, {size_text(letters * 3 // 4)}]"
