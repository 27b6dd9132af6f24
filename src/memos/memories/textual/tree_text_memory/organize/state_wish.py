"""Wishes of which one takes the place of another: how to answer, which seat, which colours.

"I prefer aisle seats now" ends "I prefer window seats", though both name a different thing. Only such
closed families are known; other wishes stand beside each other.
"""

import re
from collections.abc import Iterator

from memos.memories.textual.tree_text_memory.organize.state_claim import Claim

_WISHES = re.compile(
    r"\b(?:prefers?|likes?|loves?|wants?|wishes|asks|asked|favou?rs?|rather|please|always|use|enjoys?|switched to)\b"
    r"|喜欢|偏好|偏爱|要求|希望|想要|请|以后|今后|更爱|习惯|倾向",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:not|no longer|never|don't|doesn't|stopped|hates?|dislikes?)\b|不再|不喜欢|不要|别|讨厌",
    re.IGNORECASE,
)
_LANGUAGES = {
    "english": "english|英文|英语", "chinese": "chinese|mandarin|中文|汉语|普通话", "french": "french|法文|法语",
    "german": "german|德文|德语", "spanish": "spanish|西班牙文|西班牙语|西语", "japanese": "japanese|日文|日语",
    "korean": "korean|韩文|韩语", "italian": "italian|意大利语", "portuguese": "portuguese|葡萄牙语",
    "russian": "russian|俄文|俄语", "dutch": "dutch|荷兰语", "arabic": "arabic|阿拉伯语",
}  # fmt: skip
_TONGUES = "|".join(f"(?P<{name}>{words})" for name, words in _LANGUAGES.items())
_ANSWER = r"(?:answers?|repl(?:y|ies)|responses?|respond|explanations?|summar(?:y|ies))"
_SHORT, _LONG = (
    "short|brief|concise|succinct|to the point",
    "detailed|long|thorough|in-depth|in depth|comprehensive",
)
_FAMILIES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "answer language",
        re.compile(
            rf"\b(?:{_ANSWER}|assistant to (?:always )?(?:speak|talk|write))\b.{{0,40}}?\bin (?:{_TONGUES})\b"
            rf"|用(?:{_TONGUES.replace('<', '<z_')})(?:来)?(?:回答|回复|(?:跟|和|给)(?:我|用户)(?:说|聊|交流|沟通|写))",
            re.IGNORECASE,
        ),
    ),
    (
        "answer length",
        re.compile(
            rf"(?:(?P<short>\b(?:{_SHORT})\b)|(?P<long>\b(?:{_LONG})\b)) (?:and \w+ )?{_ANSWER}\b"
            rf"|\b{_ANSWER} (?:to be |very |more |always |in )*(?:(?P<short2>{_SHORT})|(?P<long2>{_LONG}|detail))\b"
            r"|(?:回答|回复|答案|解释|说明)(?:得|要|尽量|更|再|的时候|时)*(?:(?P<z_short>简短|简洁|简要|精简|简单)|(?P<z_long>详细|具体|全面))"
            r"|(?:(?P<z_short2>简短|简洁|简要|精简)|(?P<z_long2>详细|详尽|全面))(?:地|的|一点的?)*(?:回答|回复|答案|解释|说明)",
            re.IGNORECASE,
        ),
    ),
    (
        "colour mode",
        re.compile(
            r"\b(?:(?P<dark>dark|night)|(?P<light>light|day)) (?:mode|theme)\b"
            r"|(?:(?P<z_dark>深色|暗色|黑暗|夜间|暗黑)|(?P<z_light>浅色|亮色|明亮|日间))(?:模式|主题)",
            re.IGNORECASE,
        ),
    ),
    (
        "seat",
        re.compile(
            r"\b(?:(?P<window>window)|(?P<aisle>aisle)|(?P<middle>middle)) seats?\b"
            r"|(?:(?P<z_window>靠窗|窗边)|(?P<z_aisle>靠?过道|靠走道|走道))(?:的)?(?:座位?|位置|位子|座)",
            re.IGNORECASE,
        ),
    ),
)  # fmt: skip
_LONGEST = 200


def wish_claims(value: str, subject: str) -> Iterator[Claim]:
    """The wishes of a statement in the families above.

    Args:
        value: a statement.
        subject: whose wishes they are.
    """
    if len(value) > _LONGEST or not _WISHES.search(value):
        return
    for family, pattern in _FAMILIES:
        match = pattern.search(value)
        if match is None:
            continue
        group = next(name for name, text in match.groupdict().items() if text)
        wish = group.removeprefix("z_").rstrip("2")
        ended = bool(_DENIED.search(value[: match.start()]))
        yield Claim(subject, f"wish:{family}", wish, ended=ended)


def with_wishes(found: tuple[Claim, ...], wishes: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """The claims with wishes in place of the taste that says the same."""
    if not wishes:
        return found
    tastes = [claim for claim in found if claim.attribute.startswith("taste:")]
    if len(tastes) > len(wishes):
        return (*found, *wishes)
    return (*(claim for claim in found if claim not in tastes), *wishes)
