"""Words of a text for the keyword index, as tokens and as 32-bit hashes.

Rules (docs/storage.md): NFKC and casefold; CJK runs become characters and bigrams; words of
[a-z0-9] lose stop words, are brought to their base form and stemmed (Snowball English); words of
any other script are kept whole. A question's CJK runs are also cut at function characters.
Changing any of it needs a new `VERSION`: stores remember the one their hashes were made with.
"""

import re
import threading
import unicodedata
import zlib
from collections import Counter
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import Stemmer

from memos.types.language import CJK

VERSION = "1"
"""Name of these rules."""

_STOP_WORDS = """
    a an and are as at be but by for if in into is it no not of on or such that the their then
    there these they this to was will with i me my we our you your he him his she her hers its
    them what which who whom when where why how do does did doing have has had having am been
    being were would could should can may might must shall s t d ll m re ve don doesn didn isn
    wasn from up about than too very just so some any all both each few more most other own same
"""
_STOP = frozenset(_STOP_WORDS.split())
_FORMS = """
    begin:began,begun break:broke,broken bring:brought build:built buy:bought catch:caught
    choose:chose,chosen come:came deal:dealt draw:drew,drawn dream:dreamt drink:drank,drunk
    drive:drove,driven eat:ate,eaten fall:fell,fallen feed:fed feel:felt fight:fought find:found
    fly:flew,flown forget:forgot,forgotten get:got,gotten give:gave,given go:went,gone,goes
    grow:grew,grown hang:hung hear:heard hide:hid,hidden hold:held keep:kept know:knew,known
    lead:led learn:learnt leave:left lend:lent lose:lost make:made mean:meant meet:met pay:paid
    ride:rode,ridden ring:rang,rung rise:rose,risen run:ran say:said see:saw,seen sell:sold
    send:sent shoot:shot show:shown sing:sang,sung sit:sat sleep:slept speak:spoke,spoken
    spend:spent stand:stood steal:stole,stolen swim:swam,swum take:took,taken teach:taught
    tell:told think:thought throw:threw,thrown understand:understood wake:woke,woken
    wear:wore,worn win:won write:wrote,written child:children person:people man:men woman:women
    foot:feet life:lives wife:wives
"""
_BASE = {
    form: base
    for base, forms in (pair.split(":") for pair in _FORMS.split())
    for form in forms.split(",")
}
_FUNCTION_CHARACTERS = "的了是在和与也都就吗呢吧啊么这那我你他她它们"
_CJK_RUN = re.compile(f"[{CJK}]+")
_CJK_CUT = re.compile(f"什么|怎么|怎样|哪里|哪儿|哪个|哪些|多少|是否|[{_FUNCTION_CHARACTERS}]")
_POSSESSIVE = re.compile(r"['’]s\b")
_APOSTROPHE = re.compile(r"['’]")
_WORD = re.compile(r"[^\W_]+")
_stemmers = threading.local()


def tokenize(text: str) -> list[str]:
    """Tokens of a text to be indexed, repeats kept."""
    folded = _fold(text)
    tokens: list[str] = []
    for run in _CJK_RUN.findall(folded):
        tokens += [c for c in run if c not in _FUNCTION_CHARACTERS]
        tokens += _bigrams(run)
    return tokens + _words(_CJK_RUN.sub(" ", folded))


def tokenize_query(text: str) -> list[str]:
    """Tokens of a question, repeats kept; no bigram reaches over a function character."""
    folded = _fold(text)
    tokens: list[str] = []
    for run in _CJK_RUN.findall(folded):
        for piece in _CJK_CUT.split(run):
            tokens += piece
            tokens += _bigrams(piece)
    return tokens + _words(_CJK_RUN.sub(" ", folded))


def hashes(text: str) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint16]]:
    """Distinct token hashes (crc32, ascending) of a text to be indexed, and how often each occurs.

    Returns:
        uint32 (t,) and uint16 (t,); counts stop at 65535.
    """
    return _hashed(tokenize(text))


def query_hashes(text: str) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint16]]:
    """As `hashes`, for a question."""
    return _hashed(tokenize_query(text))


@lru_cache(maxsize=1024)
def token_hashes(tokens: tuple[str, ...]) -> npt.NDArray[np.uint32]:
    """Hashes of distinct tokens, ascending: uint32 (t,), not to be written to."""
    found = np.fromiter(map(_hash, tokens), np.uint32, len(tokens))
    found.sort()
    return found


def _hash(token: str) -> int:
    return zlib.crc32(token.encode("utf-8", "replace"))


def _hashed(tokens: list[str]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint16]]:
    counted = sorted(Counter(map(_hash, tokens)).items())
    return (
        np.fromiter((h for h, _ in counted), np.uint32, len(counted)),
        np.fromiter((min(c, 65535) for _, c in counted), np.uint16, len(counted)),
    )


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _bigrams(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)]


def _words(text: str) -> list[str]:
    found = _WORD.findall(_APOSTROPHE.sub("", _POSSESSIVE.sub("", text)))
    kept = [_BASE.get(word, word) for word in found if word not in _STOP]
    kept = [word for word in kept if word not in _STOP]
    stem = _stemmer()
    return [stem.stemWord(word) if word.isascii() else word for word in kept]


def _stemmer() -> Stemmer.Stemmer:
    # One per thread: a stemmer keeps a cache of its own and is not re-entrant.
    if not hasattr(_stemmers, "english"):
        _stemmers.english = Stemmer.Stemmer("english")
    return _stemmers.english
