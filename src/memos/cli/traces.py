"""Looks for words in the bytes of a folder, however they are encoded: the proof of an erasure."""

import json
from collections.abc import Sequence
from pathlib import Path


def count_traces(folder: Path, words: Sequence[str]) -> dict[str, int]:
    """How often each word stands in the files of a folder, in any of the forms text is stored in.

    Looked for are UTF-8, UTF-16 and JSON escapes, as written and in lower case.
    """
    contents = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    return {word: sum(_count(content, word) for content in contents) for word in words}


def _count(content: bytes, word: str) -> int:
    return sum(content.count(form) for form in _forms(word))


def _forms(word: str) -> set[bytes]:
    spellings = {word, word.lower()}
    return {
        form
        for spelling in spellings
        for form in (
            spelling.encode(),
            spelling.encode("utf-16-le"),
            spelling.encode("utf-16-be"),
            json.dumps(spelling)[1:-1].encode(),
        )
    }
