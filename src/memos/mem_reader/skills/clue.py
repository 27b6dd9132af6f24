"""Telling what a sentence of a user says of how a task is to be done. English and Chinese."""

import re

from memos.mem_reader.rules.preference import is_instruction, is_preference
from memos.mem_reader.rules.question import is_question, is_request
from memos.types.skill import ClueKind

_LEAD = re.compile(
    r"^(?:(?:and|also|then|next|so|but|oh|ok|okay|well|now|first|finally|lastly|plus|by the way|btw|please|"
    r"kindly|pls|additionally|besides|make sure(?: to| that you)?|be sure to|remember to|don't forget to|"
    r"(?:can|could|would|will) you(?: please)?(?: also)?|i(?:'d| would) like you to|i(?:'d| would)? ?want you to|"
    r"i need you to|you should|it should)[,:]?\s+)+",
    re.IGNORECASE,
)
_CHINESE_LEAD = re.compile(
    "^(?:(?:顺便|另外|还有|然后|最后|首先|先|再|接着|同时|记得|请|麻烦|拜托|帮我|帮忙|也|对了|最好|你|您|可以|能不能|要)[，,]?)+"
)
_VERBS = (
    "add adjust arrange ask attach avoid base begin book break bring build calculate call check choose "
    "cite clean collect combine compare confirm consider convert count cover create cut describe do "
    "double-check draft emphasize end ensure estimate exclude explain fetch fill find finish fix focus "
    "follow format generate get give go group highlight include insert invite keep label leave limit list "
    "look make map mark match measure mention merge mix move name note offer order organize outline pack "
    "pay pick place plan point prepare prioritize proofread provide put quote rank read recommend remove "
    "rename reorder repeat replace report reserve review rewrite rotate round run save schedule search "
    "select send separate set shorten show skip sort split start state stay stick stop suggest summarize "
    "summarise switch take tell test translate try turn update use verify visit watch weigh write"
)
_IMPERATIVE = re.compile(rf"(?:{_VERBS.replace(' ', '|')})\b", re.IGNORECASE)
_CHINESE_IMPERATIVE = re.compile(
    "(?:把|将|提前|查|列|标|给|用|写|加|按|附|注意|检查|确认|安排|推荐|整理|总结|对比|比较|预留|保留|留|预订|订|算|"
    "分|排|画|放|做|补充|控制|突出|优先|根据|参考|生成|输出|发|提醒|考虑|核对|翻译)"
)
_TASTE = re.compile(
    r"\b(?:not (?:really |very )?(?:interested|into|keen|fond)|interested in|night owl|early (?:bird|riser)|"
    r"morning person|can(?:'t|not) (?:stand|bear|get up|wake|eat|drink|sleep|walk|handle|do|take)|"
    r"(?:don't|do not|dont) (?:\w+ )?(?:want|like|need|care|enjoy|mind|have)|(?:i|we) (?:always|never|usually|mostly|"
    r"only|often|generally|tend)\b|hates?|prefers?|dislikes?|loves?|enjoys?|rather|avoid|allergic|vegetarian|"
    r"vegan|on a budget|my budget|budget is|no longer|not a fan|must(?:n't| not)? (?:have|be|not)|"
    r"easily (?:tired|bored)|i like|we like|i want (?:no|only|it|them|every)|as (?:few|little|short|cheap|quiet|simple) as)",
    re.IGNORECASE,
)
_PROHIBITION = re.compile(
    r"^(?:do not|don't|dont|never|no|avoid|skip|leave out|without)\b", re.IGNORECASE
)
_CHINESE_TASTE = re.compile(
    "喜欢|偏好|偏爱|讨厌|不想|不要|不爱|不吃|不喝|不能|过敏|感兴趣|没兴趣|受不了|夜猫子|早起|起不来|起得|习惯|总是|从不|从来不|"
    "一般都|通常|平时|尽量|宁可|宁愿|更想|更愿意|预算|必须|只[吃喝住坐要用看想]|怕|忌|不再|最爱|钟爱|不用"
)
_CHINESE_PROHIBITION = re.compile("^(?:不要|别|不用|避免|少|尽量不|不想)")
_CORRECTION = re.compile(
    r"^(?:no[,.!]|nope|not (?:that|quite|what)|that(?:'s| is) (?:not|wrong|too)|this is (?:not|wrong|too)|wrong|"
    r"(?:it(?:'s| is) )?(?:far |much |way )?too \w+|instead\b|i (?:said|meant|asked for)|you (?:forgot|missed|"
    r"ignored|left out)|still (?:too|not|wrong))",
    re.IGNORECASE,
)
_CHINESE_CORRECTION = re.compile(
    "^(?:不对|不是|错了|不行|太[^，。]{1,8}了|改成|应该|你(?:忘|漏|没有)|我说的是|还是太)"
)
_PLAN = re.compile(
    r"\b(?:i'm|i am|we're|we are) (?:going|planning|about|looking|trying|preparing|thinking|working|travel\w*|"
    r"visiting|flying|organi[sz]ing)|\b(?:i|we)(?:'ll|'d)? (?:want|need|plan|have|would like|'d like|like|will) to\b|"
    r"\bhelp (?:me|us)\b|\bhow (?:do|can|should|would) (?:i|we)\b|\b(?:i|we) need (?:a|an|some|your|help)\b|"
    r"\b(?:can|could|would) you\b",
    re.IGNORECASE,
)
_CHINESE_PLAN = re.compile(
    "(?:我|我们|咱们|俺)?(?:[^，。]{0,8})(?:要去|想去|打算|准备|计划|需要|要写|要做|想做|想要|想让|想请)|我[^，。]{0,6}要|我想|帮我|怎么|如何|请你"
)
_OVER = re.compile(
    r"\b(?:forget|drop|stop using|don't use|do not use|no longer use) (?:about )?(?:this|that|the|my|these|those)"
    r"(?: old)? (?:\w+ ){0,2}(?:way|procedure|workflow|skill|routine|habits?|rules?|preferences?|approach)\b|"
    r"\bstop (?:doing|planning|writing) (?:it|this|them|\w+) (?:like|that|this|the old)\b",
    re.IGNORECASE,
)
_CHINESE_OVER = re.compile(
    "(?:不要|别|不用|不必)再?(?:按|用|照|使用|沿用)[^，。]{0,10}(?:流程|方式|习惯|做法|偏好|要求|技能|套路)|忘(?:掉|了)[^，。]{0,8}(?:流程|做法|偏好|习惯|技能)"
)
_SHIFT = re.compile(
    r"^(?:(?:ok|okay|thanks|great|now|alright)[,.!]? )*(?:another (?:thing|question|topic|task)|something else|"
    r"new (?:task|topic|question)|different (?:topic|question)|changing (?:the )?(?:topic|subject)|on another note|"
    r"next task|switching)",
    re.IGNORECASE,
)
_CHINESE_SHIFT = re.compile(
    "^(?:好的?|谢谢|行)?[，,。]?(?:换个(?:话题|问题|事)|另一(?:件事|个问题)|还有(?:一件事|个事)|下一个(?:任务|问题)|新任务)"
)


def is_shift(text: str) -> bool:
    """Whether a message says that something else begins."""
    return bool(_SHIFT.match(text.strip()) or _CHINESE_SHIFT.match(text.strip()))


def is_over(text: str) -> bool:
    """Whether a user asks that something be done the known way no more."""
    return bool(_OVER.search(text) or _CHINESE_OVER.search(text))


def opens_task(text: str) -> bool:
    """Whether a sentence brings a task: a plan, a request, a question how to."""
    return bool(_PLAN.search(text) or _CHINESE_PLAN.search(text) or is_request(text))


def clue_kind(text: str) -> ClueKind | None:
    """What a user's sentence says of how a task is to be done; None when nothing."""
    plain = text.strip().replace("’", "'")
    if not plain or len(plain) > 400:
        return None
    if _CORRECTION.match(plain) or _CHINESE_CORRECTION.match(plain):
        return ClueKind.LESSON
    asked = bare(plain)
    if _PROHIBITION.match(asked) or _CHINESE_PROHIBITION.match(asked):
        return ClueKind.PREFERENCE
    if is_preference(plain) or is_instruction(plain):
        return ClueKind.PREFERENCE
    if _IMPERATIVE.match(asked) or (_CHINESE_IMPERATIVE.match(asked) and "我想" not in plain):
        return None if _is_bare_question(plain, asked) else ClueKind.STEP
    if is_question(plain):
        return None
    if _TASTE.search(plain) or _CHINESE_TASTE.search(plain):
        return ClueKind.PREFERENCE
    return None


def bare(text: str) -> str:
    """A sentence without the words that lead a request in."""
    plain = _CHINESE_LEAD.sub("", _LEAD.sub("", text.strip()))
    return plain or text.strip()


def _is_bare_question(text: str, asked: str) -> bool:
    """A question that no request leads in."""
    return text == asked and is_question(text)
