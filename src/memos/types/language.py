"""Language of a text and its size in tokens, by character classes only."""

import re

CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_CJK = re.compile(f"[{CJK}]")
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_CHARACTERS_PER_TOKEN = 5


def is_chinese(text: str) -> bool:
    """Whether the text should be read and answered as Chinese: CJK characters outnumber words / 2."""
    characters = len(_CJK.findall(text))
    if not characters:
        return False
    words = len(_WORD.findall(_CJK.sub(" ", text)))
    return characters * 2 >= words


def count_tokens(text: str) -> int:
    """Estimate of a text's size in model tokens, the same on every machine.

    One token a CJK character, one per started five characters of any other word, one per other
    visible character. Within about 15 % of common BPE vocabularies on English prose.
    """
    characters = len(_CJK.findall(text))
    rest = _CJK.sub(" ", text)
    words = _WORD.findall(rest)
    pieces = sum(-(-len(word) // _CHARACTERS_PER_TOKEN) for word in words)
    marks = sum(1 for c in _WORD.sub("", rest) if not c.isspace())
    return characters + pieces + marks
