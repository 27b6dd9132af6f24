"""Normal form of a statement, for exact duplicates."""

import hashlib
import re
import unicodedata

_MARKS = re.compile(r"[\W_]+", re.UNICODE)


def content_hash(value: str) -> str:
    """Hash of a statement up to case, width, punctuation and spacing; empty for blank text."""
    normal = _MARKS.sub(" ", unicodedata.normalize("NFKC", value).casefold()).strip()
    if not normal:
        return ""
    return hashlib.blake2b(normal.encode(), digest_size=16).hexdigest()
