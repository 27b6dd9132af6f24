"""Understands a feedback by rules, English and Chinese. Pure functions; no memory is looked at."""

from memos.mem_feedback import judge_chinese, judge_english
from memos.mem_feedback.feedback import Feedback, FeedbackKind
from memos.mem_feedback.undo import is_undo
from memos.memories.textual.tree_text_memory.organize.state import claims
from memos.types.language import is_chinese

NOTHING = Feedback(FeedbackKind.NONE)
_PREFERENCES = ("taste", "favourite", "diet")
_LONGEST = 2000


def judge(text: str) -> Feedback:
    """What a feedback means.

    Args:
        text: what the user wrote.

    Returns:
        Kind `NONE` for what says nothing about memory (greetings, thanks, questions). Text over
        2000 characters is an addition: nobody words a correction so.
    """
    plain = " ".join(text.split())
    if not plain:
        return NOTHING
    if len(plain) > _LONGEST:
        return Feedback(FeedbackKind.ADDITION, statement=text)
    if is_undo(plain):
        return Feedback(FeedbackKind.UNDO)
    rules = judge_chinese.judged if is_chinese(plain) else judge_english.judged
    return _preferring(rules(plain))


def _preferring(found: Feedback) -> Feedback:
    """An addition that tells a taste is a change of preference."""
    if found.kind is not FeedbackKind.ADDITION or found.wrong:
        return found
    told = {claim.attribute.partition(":")[0] for claim in claims(found.statement)}
    if not told & set(_PREFERENCES):
        return found
    return Feedback(FeedbackKind.PREFERENCE, statement=found.statement)
