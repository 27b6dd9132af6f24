"""Reads a question: whom it names, what time it asks about, and what is left to look for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from memos.graph_dbs.base import Profile, TimeTarget
from memos.types.language import CJK

_SPACES = re.compile(r"\s+")
_CJK = re.compile(f"[{CJK}]")


@dataclass(frozen=True, slots=True)
class Plan:
    """What to look for.

    Args:
        words: the question without the names of speakers; feeds the keyword leg and the embedder.
        speakers: speakers named in the question, in order of first occurrence.
        times: spans the question asks about.
    """

    words: str
    speakers: tuple[str, ...] = ()
    times: tuple[TimeTarget, ...] = ()


def plan_query(query: str, profile: Profile) -> Plan:
    """Plan a recall over a scope with this profile.

    Every row of a dialogue carries a speaker's name, so names only blur the cosine: they are taken
    out of the words and become a cue (+.11 R@10 of the dense leg alone, retrieval.md 2.5).
    """
    speakers = named_speakers(query, profile.speakers)
    words = query
    for name in speakers:
        words = _name_pattern(name, possessive=True).sub(" ", words)
    words = _SPACES.sub(" ", words).strip()
    return Plan(words=words or query, speakers=speakers)


def named_speakers(query: str, speakers: Sequence[str]) -> tuple[str, ...]:
    """Speakers whose name stands in the question as a word, in order of first occurrence."""
    found = []
    for name in speakers:
        match = _name_pattern(name).search(query)
        if match:
            found.append((match.start(), name))
    return tuple(name for _, name in sorted(found))


def _name_pattern(name: str, *, possessive: bool = False) -> re.Pattern[str]:
    tail = r"(?:['’]s)?" if possessive else ""
    if _CJK.search(name):
        return re.compile(re.escape(name))
    return re.compile(rf"\b{re.escape(name)}\b{tail}", re.IGNORECASE)
