"""Preferences: the topics they bear on, and tendencies that repeated choices show.

A choice ("booked a window seat") is noted by its hash beside the message it was made in. The third
in as many conversations becomes an implicit preference that cites all of them.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from memos.memories.textual.constraint import CONSTRAINT_TAG, is_constraint
from memos.memories.textual.topic import topics_of
from memos.memories.textual.tree_text_memory.organize.state_lexicon import singular, word_set
from memos.types.language import is_chinese
from memos.types.memory import PREFERENCE_KINDS, Draft, MemoryKind, Source

CHOICE_TAG = "memos:choice"
"""Reserved tag of the evidence of a choice; with `:` and its key, of all evidence of equal ones and
of the preference drawn from them."""
TOPIC_TAG = "memos:topic:"
"""Prefix of the reserved tags that name a preference's topics."""
ENOUGH = 3
"""Conversations in which the same was chosen before it counts as a preference."""
_FIRST_CONFIDENCE = 0.6
_MORE = 0.05
_MOST_CONFIDENCE = 0.9


def topic_tags(topics: Iterable[str]) -> tuple[str, ...]:
    """Reserved tags of topics, in order of the alphabet."""
    return tuple(TOPIC_TAG + topic for topic in sorted(topics))


def mark_tags(kind: MemoryKind, value: str, speaker: str) -> tuple[str, ...]:
    """Reserved tags by which a memory is considered at search beside its words and vector."""
    tags = topic_tags(topics_of(value)) if kind in PREFERENCE_KINDS else ()
    return (*tags, CONSTRAINT_TAG) if is_constraint(value, speaker) else tags


@dataclass(frozen=True, slots=True)
class Choice:
    """Something chosen: its text for people, and a key that is equal for equal choices."""

    text: str
    key: str
    chinese: bool

    def tag(self, owner: str) -> str:
        """The reserved tag of equal choices in one cube; keyed, so that two cannot be compared."""
        key = hashlib.blake2b(owner.encode(), digest_size=32).digest()
        return f"{CHOICE_TAG}:{hashlib.blake2b(self.key.encode(), digest_size=12, key=key).hexdigest()}"


_DETERMINERS = r"(?P<article>an? |the )?(?:(?:a|an|the|some|my|another|one|two|\d+|another|our|this|that|more|cup of|glass of) )*"
_ENGLISH = re.compile(
    r"(?:^|\b)(?:i|i've|i have|we) (?:just |also |again |already |always |usually |finally )*(?:booked|ordered|chose|picked|"
    r"bought|took|reserved|went (?:with|for)|went by|had|got|asked for|selected|opted for) "
    rf"{_DETERMINERS}(?P<what>(?:[a-z][\w'-]* ){{0,2}}?[a-z][\w'-]*)"
    r"(?= (?:again|for|at|on|in|to|from|with|instead|today|yesterday|this|last|because|when|and|as|by|before|after|while|rather|over|,)\b"
    r"|\s*[.,;!?]|$)",
    re.IGNORECASE,
)
_CHINESE = re.compile(
    "(?:我|我们)(?:又|还是|今天|昨天|刚刚?|刚才|这次|上次|中午|晚上|早上|周末|再次|依然|照例)*(?:订|点|选|买|坐|预订|选择|喝|吃|要|租)了?"
    "(?:一|两|三|几|[1-9])?(?:个|张|杯|份|间|碗|本|辆|台|双|瓶|顿|次)?(?P<what>[\u4e00-\u9fff]{2,8}?)(?=去|来|回|，|。|！|$|和|因为|吃|喝)"
)
_STYLES: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    (
        "The user may prefer answers with code examples.",
        "用户可能更喜欢带代码示例的回答。",
        re.compile(r"\b(?:code (?:example|sample|snippet)s?|example code|show me (?:the |some )?code)\b"
                   r"|(?:代码|示例代码|代码示例)(?:给我|吗|看看|呢)|(?:给|写|来)(?:我|个|一段|点)+代码"
                   r"|(?:给我看|看看|来个|想要|有没有).{0,8}代码(?:示例|例子|片段)", re.IGNORECASE),
    ),
    (
        "The user may prefer detailed explanations.",
        "用户可能更喜欢详细的解释。",
        re.compile(r"\b(?:in (?:more )?detail|explain (?:it )?(?:thoroughly|deeply|in depth)|more detailed|step by step|"
                   r"elaborate)\b|(?:详细|具体|展开)(?:地|一点|点|一些)?(?:说|讲|解释|介绍)|一步一步|再详细", re.IGNORECASE),
    ),
    (
        "The user may prefer short answers.",
        "用户可能更喜欢简短的回答。",
        re.compile(r"\b(?:in short|briefly|keep it short|tl;?dr|one sentence|in a nutshell|be brief|shorter)\b"
                   r"|(?:简单|简短|简要)(?:地|一点|点)?(?:说|讲|回答|介绍)|一句话(?:说|总结)|长话短说", re.IGNORECASE),
    ),
)  # fmt: skip
_NO_CHOICE = word_set(
    "it this that them one time fun look break shower nap walk lot chance photo picture day night "
    "while minute idea problem cold meeting call message email headache question"
)
_GENERIC_CHINESE = re.compile(
    "^(?:东西|饭|药|水|一下|时间|什么|苦|亏|早饭|午饭|晚饭|早餐|午餐|晚餐|车)$"
)


def choices_of(text: str) -> list[Choice]:
    """What a person says they chose, and the styles of answer they ask for, each once."""
    if len(text) > 600:
        return []
    chinese = is_chinese(text)
    found = []
    for match in (_CHINESE if chinese else _ENGLISH).finditer(text.replace("’", "'")):
        what = match["what"].strip()
        if chinese:
            if not _GENERIC_CHINESE.match(what):
                found.append(Choice(f"用户可能更喜欢{what}。", _key("choice", what), True))
            continue
        words = [singular(word) for word in what.lower().split()]
        if words[-1] not in _NO_CHOICE:
            key = _key("choice", " ".join(words))
            article = (match["article"] or "").lower()
            found.append(Choice(f"The user may prefer {article}{what.lower()}.", key, False))
    for english, han, pattern in _STYLES:
        if pattern.search(text):
            found.append(Choice(han if chinese else english, _key("style", english), chinese))
    return list({choice.key: choice for choice in found}.values())


def implied(choice: Choice, tag: str, sources: Sequence[Source], conversations: int) -> Draft:
    """The implicit preference that repeated choices show.

    Args:
        choice: what was chosen, as told last.
        tag: the tag of equal choices.
        sources: the messages it was told in, oldest first.
        conversations: how many conversations these are.
    """
    times = len(sources)
    if choice.chinese:
        reasoning = f"用户在{conversations}次不同的对话中{times}次做出同样的选择。"
    else:
        reasoning = f"The user chose so {times} times in {conversations} different conversations."
    confidence = _FIRST_CONFIDENCE + _MORE * max(0, conversations - ENOUGH)
    draft = Draft(
        MemoryKind.IMPLICIT_PREFERENCE,
        choice.text,
        choice.text,
        tuple(sources),
        key=choice.text.rstrip(".。")[:60],
        reasoning=reasoning,
        speaker="user",
        tags=(tag,),
        confidence=round(min(_MOST_CONFIDENCE, confidence), 2),
    )
    return replace(draft, event_from=sources[0].chat_time)


def _key(sort: str, what: str) -> str:
    return f"{sort}\x1f{what}"
