"""Questions and requests, and the statements that hide in them."""

import re

_ASKS = (
    r"(?:can|could|would|will|do|does|did|is|are|was|were|has|have|should|shall|may|might|what|"
    r"which|where|when|how|who|whom|whose|why|any|am|isn't|aren't|don't|doesn't|didn't|won't|"
    r"wouldn't|couldn't|can't|what's|who's|where's|how's|wanna)"
)
_OPENS = re.compile(rf"(?:(?:and|but|so|then|or|also)\s+)?{_ASKS}\b", re.IGNORECASE)
_BREAK = re.compile(
    rf"(?:[,;:]\s*|\s+[-–—]+\s+|\s*[–—]\s*|\s+)(?:(?:and|but|so|then)\s+)?"
    rf"(?=(?:please\s+)?{_ASKS}\s+(?:you|i|we|it|there|that|the|do|does|did|is|are|would|should|"
    r"can|kind|other|[a-z]+)\b)",
    re.IGNORECASE,
)
_HARD_BREAK = re.compile(r"[,;:–—-]|\b(?:and|but|so|then)\s*$", re.IGNORECASE)
_FIRST = re.compile(r"\b(?:i|i'm|i've|i'd|i'll|my|we|we're|we've|our)\b", re.IGNORECASE)
_REASON = re.compile(
    r"(?:since|as|because|given that|now that|considering(?: that)?)\s+", re.IGNORECASE
)
_THEN_TOLD = re.compile(r"[,;]\s+(?=(?:I|I'm|I’m|I've|I’ve|my|we|we're|our)\b)", re.IGNORECASE)
_REQUEST = re.compile(
    r"(?:hey |hi |ok |okay |so |now |also |then |just )*(?:please |kindly |pls )*"
    r"(?:help|tell|show|give|recommend|suggest|find|write|explain|translate|summari[sz]e|list|"
    r"create|generate|describe|compare|calculate|draft|plan|book|search|look up|provide|remind|"
    r"walk me|teach me|let's|let us|convert|rewrite|fix|check|analy[sz]e|outline|make (?:me|a|it)|"
    r"pick|choose|rate|review|define|solve|continue|elaborate|rephrase|proofread|i need you to|"
    r"i want you to|i'd like you to|i would like you to)\b",
    re.IGNORECASE,
)
_CHINESE_ASKS = re.compile(
    r"吗|呢[？?]?$|什么|哪|谁|多少|几(?:个|点|岁|号|天|次|月|时)|怎么|怎样|如何|为什么|为何|是不是|能不能|可不可以|"
    r"要不要|有没有|好不好|对不对|行不行|还是|推荐(?:一?下|几|些|个)|帮我|帮忙|给我|能否|可否|请问|请你|请您|麻烦"
)
_CHINESE_REQUEST = re.compile(
    r"(?:麻烦|拜托|辛苦)|(?:请|能|可以)?(?:你|您)?(?:能|可以)?(?:帮(?:我|忙|助)|给我|告诉我|推荐|介绍|写|翻译|解释|总结|列出|列举|"
    r"生成|查|找|说说|讲讲|请问|教我|提醒我|分析|比较|计算|规划|安排|制定)(?!(?:完|好|到|出来?)?[了过]|完|出来|到)"
)
_CHINESE_SELF = re.compile("我|咱|俺")


_UNMARKED = re.compile(
    r"(?:what|how|why|where|when|who|which)(?:'s|’s| is| are| do| does| did| can| should| would| to) [^,]*$"
    r"|(?:怎么|怎样|如何|为什么|什么是|谁是|哪里有|多少钱)[^，,我]*$",
    re.IGNORECASE,
)
_INVERTED = re.compile(
    r"(?:(?:hey|hi|so|ok|okay|and|but|well|also|pls|please)[, ]+)*(?:"
    r"(?:can|could|would|will|should|shall|may) (?:you|u|i|we|it|this|there|someone|my|the)\b"
    r"|(?:do|does|did|is|are|was|were|has|have|am) (?:you|u|i|we|he|she|it|they|there|this|that|the|my|anyone|someone|people)\b"
    r"|(?:what|where|when|why|who|how)(?:['’]?s| is| are| was| were| do| does| did| can| could| should| would| will| to| many| much"
    r"| long| often| far| come| about) (?!i\b(?! )|matters\b)|what (?:time|kind|sort|type) (?:is|of|do|does)\b"
    r"|which (?:one|of|\w+ (?:is|are|do|should|would))\b|(?:any|got any) (?:idea|tip|suggestion|recommendation|advice)s?\b)",
    re.IGNORECASE,
)
_CHINESE_UNMARKED = re.compile(
    r"(?:吗|是不是|对不对|好不好|行不行|是哪里|在哪里?|在哪儿|是什么|是谁|怎么样|怎么办|怎么做|为什么|多少钱|几点了?|有哪些|该不该.{1,12}|要不要.{1,12}(?<!了))[。.]?$"
)
_WORK = re.compile(
    r"(?:(?:please|pls|hey|hi|can|could|would|will|you|u|help|me|to|ok|okay|now|just|i|need|want|like|kindly)[, ]+)*"
    r"(?:translate|rephrase|paraphrase|proofread|rewrite|reword|summari[sz]e|shorten|correct|edit|fix|polish|improve|analy[sz]e|"
    r"review|check|grade|spell-?check|format|convert)\b[^:：\n.!?]{0,80}[:：]",
    re.IGNORECASE,
)
_CHINESE_WORK = re.compile(
    r"(?:请|麻烦|你|您|帮我|帮忙|能不能|可以|把|将|给我|一下|下面|以下|这段|这句话?|这个|话|文字|的|文章|内容|英文|中文|润色|校对)*"
    r"(?:翻译|改写|润色|校对|总结|概括|缩写|扩写|修改|纠正|检查|分析)[^：:\n。！？，,]{0,30}[：:]"
)
_AS = re.compile(r"as (?P<role>an? [\w -]{3,40}),\s+(?P<rest>\S.*)", re.IGNORECASE | re.DOTALL)
_CHINESE_AS = re.compile(
    r"作为(?P<role>(?:一个|一名|一位)?[\u4e00-\u9fffA-Za-z]{2,12})[，,]\s*(?P<rest>\S.*)", re.DOTALL
)
_WISH = re.compile(
    r"i(?:['’]d| would) (?:love|like|appreciate)\b|i (?:need|want|could use)\b(?! to\b)",
    re.IGNORECASE,
)
_POLITE_END = re.compile(
    r",? (?:so |and )?(?:please|pls)\b|[,;] (?:so |and )?(?:can|could) you\b", re.IGNORECASE
)
_REVEALS = re.compile(
    r"\b(?:i'm|i am|i have|i've got|my [\w-]+(?: [\w-]+)?(?:,)? (?:who|which|that|is|are|has|have)|that (?:my|our|i))\b",
    re.IGNORECASE,
)
_OFFER = re.compile(
    r"(?:(?:and|so|then|now|of course|sure|okay),? )*(?:i(?:'ll| will|'d| would| can| could|'m| am)\s+(?:be )?(?:glad |happy |"
    r"here |always |available |ready |definitely |gladly )*(?:to |and )?(?:help|assist|recommend|provide|"
    r"suggest|keep|make sure|note|remember|do that|look|find|give|remind|take|here)|let me\b|here (?:are|is)\b"
    r".{0,80}:$|here's\b.{0,80}:$|i hope\b|i understand\b|i(?:'ve| have) (?:noted|saved|remembered|updated|recorded)|"
    r"if you (?:have|need|want|would like|'d like)\b.{0,80}(?:let me know|ask|help)|i apologi[sz]e|i'm sorry)",
    re.IGNORECASE,
)
_CHINESE_OFFER = re.compile(
    r"(?:好的?|那么?|收到|明白|当然|没问题|接下来|下面|以后|之后|[，,。！!\s])*"
    r"(?:我(?:会|可以|来|将|能|这就|马上|已经?|都)?(?:再|继续|尽量|随时)?(?:帮|为|给|替)(?:你|您|助)|我(?:已经?|会)?(?:记住|记下|了解|明白)|"
    r"(?:以下|下面)是|希望(?:对|能|这|你|您)|如果(?:你|您)(?:还)?(?:有|需要|想)|让我|随时(?:告诉|联系)|听起来|祝(?:你|您|她|他)|很抱歉|抱歉|很?(?:高兴|乐意|荣幸)(?:能|可以)?(?:帮|为|认识|见))"
)


_OPEN = re.compile(
    r"\b(?:how|what) (?:can|could|may|shall|should) i (?:help|do for|assist)|\banything else\b|\bcan i help\b"
    r"|\bwhat(?:'s| is) on your mind\b|\bwhat would you like (?:to (?:talk|know|do)|me to)\b",
    re.IGNORECASE,
)
_CHINESE_OPEN = re.compile(
    "(?:有什么|还有什么|有啥|请问有什么|需要我|我能|我可以).{0,6}(?:帮|为(?:你|您)|效劳|做什么|需要)|还有(?:其他|别的)"
)


def is_offer(text: str) -> bool:
    """Whether an assistant's sentence offers, announces or acknowledges, and states nothing."""
    plain = text.strip().replace("’", "'")
    return bool(_OFFER.match(plain) or _CHINESE_OFFER.match(plain))


def is_open(text: str) -> bool:
    """Whether an assistant's question only asks what it can do: no answer to it needs it."""
    return bool(_OPEN.search(text.replace("’", "'")) or _CHINESE_OPEN.search(text))


def is_question(text: str) -> bool:
    """Whether a sentence asks, with a question mark or without."""
    plain = text.rstrip(" \"'”’)）」』~～!！*_。.")
    if plain.endswith(("?", "？")) or _UNMARKED.match(plain) or _INVERTED.match(plain):
        return True
    return bool(_CHINESE_UNMARKED.search(plain))


def material(text: str) -> int:
    """Where text begins that somebody pastes to have it worked on; the length when there is none.

    `Translate this: I live in Bonn` tells nothing about who asks.
    """
    match = _WORK.match(text) or _CHINESE_WORK.match(text)
    return match.end() if match else len(text)


def stated_part(text: str) -> tuple[int, int] | None:
    """The statement inside a question or request, as a span of the sentence.

    `I want to travel, can you recommend something?` gives the span of `I want to travel`. None when
    the sentence states nothing about who asks.
    """
    if re.search("[\u4e00-\u9fff]", text):
        return _chinese_stated_part(text)
    lead = _REASON.match(text)
    start = lead.end() if lead else 0
    told = re.match(
        r"(?:did I (?:tell|mention)(?: to)?(?: you)?|have I told you)(?: that)? ",
        text,
        re.IGNORECASE,
    )
    if told is not None and _FIRST.search(text, told.end()):
        return told.end(), len(text.rstrip("?!. "))
    if _OPENS.match(text):
        return _told_after(text)
    for match in _BREAK.finditer(text, start):
        before = text[start : match.start()]
        hard = bool(_HARD_BREAK.search(match[0]))
        if hard and _FIRST.search(before) and len(re.split(r"[\s'’]+", before.strip())) >= 3:
            return start, match.start()
    return None


def _told_after(text: str) -> tuple[int, int] | None:
    """What is said behind a question without a mark: `How do I get there, I live in Brooklyn`."""
    if text.rstrip().endswith("?"):
        return None
    for match in _THEN_TOLD.finditer(text):
        if len(text[match.end() :].split()) >= 4:
            return match.end(), len(text)
    return None


def _chinese_stated_part(text: str) -> tuple[int, int] | None:
    end = at = 0
    for clause in re.finditer(r"[^，,；;。！!？?]+", text):
        if _CHINESE_ASKS.search(clause[0]) or _CHINESE_REQUEST.match(clause[0].strip()):
            break
        end = clause.end()
        at += 1
    stated = text[:end]
    if at and len(stated.strip()) >= 4 and _CHINESE_SELF.search(stated):
        return 0, end
    if at or text.rstrip().endswith(("?", "？")):
        return None
    told = re.search(
        r"[，,；;]\s*(?=我(?:是|在|住|有|对|不|吃|喜欢|们)|我[\u4e00-\u9fff]{2,}[^，,]*$)", text
    )
    rest = text[told.end() :] if told else ""
    return (len(text) - len(rest), len(text)) if rest and not _CHINESE_ASKS.search(rest) else None


def trailing_request(text: str) -> int:
    """Where a request at the end of a statement begins; 0 when there is none."""
    if re.search("[\u4e00-\u9fff]", text):
        clauses = list(re.finditer(r"[^，,；;。！!？?]+", text))
        asking = [c.start() for c in clauses[1:] if _CHINESE_REQUEST.match(c[0].strip())]
        return asking[0] if asking else 0
    match = _POLITE_END.search(text)
    return match.start() if match and len(text[: match.start()].split()) >= 3 else 0


def role(text: str) -> tuple[int, str] | None:
    """What a request says its speaker is: `As a vegetarian, I'd love some ideas`.

    Returns:
        Where these words end, and the statement they make; None when there are none.
    """
    match = _AS.match(text)
    if match is not None:
        asks = is_question(match["rest"]) or is_request(match["rest"]) or _WISH.match(match["rest"])
        return (match.end("role"), f"I am {match['role']}") if asks else None
    match = _CHINESE_AS.match(text)
    if match is None or not (is_question(match["rest"]) or is_request(match["rest"])):
        return None
    return match.end("role"), f"我是{match['role']}"


def reveals(text: str) -> bool:
    """Whether a question or request tells a fact about who asks, so that it is worth keeping."""
    if len(text) > 400:
        return False
    return bool(_REVEALS.search(text)) and len(text.split()) >= 7


def is_request(text: str) -> bool:
    """Whether a sentence tells the other side to do something now."""
    plain = text.strip()
    return bool(_REQUEST.match(plain) or _CHINESE_REQUEST.match(plain))


def tells_something(text: str) -> bool:
    """Whether a request also says something about the one who makes it."""
    if _CHINESE_SELF.search(text):
        return bool(re.search(r"我(?:的|们|家|妈|爸|老|女|儿|孩|是|有|在|想|要|不|对|喜)", text))
    own = re.search(
        r"\b(?:my|our|i'm|i am|i have|i've|i need|we are|we're|we have)\b", text, re.IGNORECASE
    )
    return own is not None and len(text.split()) >= 7
