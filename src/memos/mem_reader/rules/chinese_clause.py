"""Cutting a Chinese sentence into statements that stand by themselves.

Clauses in a row share their subject: 我搬到了杭州，在阿里工作 tells two states of the speaker, 我老婆是
医生，在协和上班 two of his wife. A cut supplies the subject to what follows, and is made only where it
is known to be the speaker, or something of the speaker's.
"""

import re

from memos.mem_reader.rules.chinese_subject import About, about, connective, left_out
from memos.mem_reader.rules.preference import is_former, is_preference
from memos.memories.textual.tree_text_memory.organize.state import Claim, claims

_COMMA = re.compile(r"[，,；;]\s?")
_CHINESE = re.compile("[\u4e00-\u9fff]")
_BOUND = re.compile(
    r"如果|要是|假如|因为|由于|虽然|既然|只要|除非|即使|一.{1,8}就|越.{1,8}越|比起|宁愿|宁可|与其|的时候|说[“：:]|告诉|以为|听说|据说"
)
"""A sentence with one of these says one thing."""
_DEPENDS = re.compile(
    r"(?:所以|于是|然后|就|才|结果|因此|其中|尤其|特别是|比如|例如|主要是|包括|花了|一共|大概|后来|之后|接着|之前|以前|本来)"
)
_PARALLEL = re.compile(r"(?:也|还|又|同时)+(?=[^是有在]|[是有在])")
_FITS_FORMER = re.compile(
    r"(?:我|也|喜欢|不喜欢|讨厌|爱|不吃|不喝|对|最喜欢|昨天|今天|前天|上周|去年|今年|上个?月|现在|住在?|在|养|叫|是|从事)"
)
_LEAST = 2


def own_pieces(text: str) -> list[tuple[int, int, str]] | None:
    """The statements of a Chinese sentence as start, end, and the subject to supply.

    Returns:
        None for a text that is not Chinese.
    """
    if not _CHINESE.search(text):
        return None
    whole = [(0, len(text), left_out(text))]
    if _BOUND.search(text) or not _COMMA.search(text):
        return whole
    clauses = _clauses(text)
    first = about(text[clauses[0][0] : clauses[0][1]])
    groups = [_Group(text, *clauses[0], first)]
    for begin, end in clauses[1:]:
        start = begin + connective(text[begin:end])
        following = _following(groups[-1], text[start:end], contrast=start > begin)
        if following is None:
            groups[-1].end = end
        else:
            groups.append(_Group(text, start + _parallel(text[start:end]), end, following))
    return [(group.start, group.end, group.owner) for group in groups]


class _Group:
    """Clauses that are one statement so far."""

    def __init__(self, text: str, start: int, end: int, subject: About) -> None:
        self._text = text
        self.start = start
        self.end = end
        self.subject = subject

    @property
    def said(self) -> str:
        return self._text[self.start : self.end]

    @property
    def own(self) -> bool:
        """About the speaker."""
        return self.subject in {About.SPEAKER, About.OPEN}

    @property
    def owner(self) -> str:
        """The subject that is left out of what is said."""
        return left_out(self.said)


def _following(group: _Group, clause: str, *, contrast: bool) -> About | None:
    """Whom a clause is about that is a statement of its own; None when it belongs to the group."""
    if len(clause) < _LEAST or _DEPENDS.match(clause):
        return None
    subject = about(clause)
    if subject in {About.SPEAKER, About.OWN, About.OWN_BARE}:
        return subject if _differs(group, clause, subject) else None
    if subject is not About.OPEN or not group.own:
        return None
    if is_preference(group.said) and is_preference(clause) and not contrast:
        return None
    return About.SPEAKER if _another_state(group, clause) else None


def _differs(group: _Group, clause: str, subject: About) -> bool:
    """A clause with a subject: about somebody else, or another state of the speaker."""
    if subject is About.SPEAKER and group.own:
        return _another_state(group, clause)
    if group.subject is About.OTHER or group.subject is About.UNKNOWN:
        return False
    return bool(_told(group.said) or _told(clause))


def _another_state(group: _Group, clause: str) -> bool:
    before, after = _told(group.said), _told(clause)
    if before and after:
        changed = all(c.ended for c in before) and not any(c.ended for c in after)
        return changed or not {c.attribute for c in before} & {c.attribute for c in after}
    signs = [(is_preference(part), is_former(part)) for part in (group.said, clause)]
    if signs[0] == signs[1] or not _FITS_FORMER.match(clause):
        return False
    return signs[0][1] == signs[1][1] or bool(after) or clause.startswith("我")


def _told(clause: str) -> tuple[Claim, ...]:
    """States a clause tells, its subject supplied."""
    return claims(left_out(clause) + clause)


def _clauses(text: str) -> list[tuple[int, int]]:
    found, at = [], 0
    for match in _COMMA.finditer(text):
        found.append((at, match.start()))
        at = match.end()
    found.append((at, len(text)))
    return [(start, end) for start, end in found if text[start:end].strip()]


def _parallel(clause: str) -> int:
    match = _PARALLEL.match(clause)
    return match.end() if match else 0
