"""Explicit preferences and standing instructions, as they are said."""

import re

_ADVERBS = (
    r"(?:(?:really|also|just|always|absolutely|truly|honestly|generally|usually|still|definitely|"
    r"totally|actually|particularly|especially|personally|kinda|do|simply|both|all|much|so|"
    r"strongly|severely|highly|extremely|badly|deathly|mildly|normally|typically|mostly|mainly|never|rather|much|would|too) ){0,3}"
)
_NOT_THING = (
    r"(?! (?:it(?! when)|that|this|how|what|your|you|the way|those|these|them|him|her|to (?:see|hear)|"
    r"seeing|hearing)\b)"
)
_ENGLISH = re.compile(
    rf"\b(?:i|we) {_ADVERBS}(?:do not |don't |dont |didn't |can't |cannot |can not |don’t )?{_ADVERBS}"
    rf"(?:like|love|enjoy|prefer|adore|hate|dislike|detest|despise|loathe|fancy|favou?r){_NOT_THING}\b"
    rf"(?! to (?:thank|ask|know|book|order|say|admit|bother|tell))"
    r"|\b(?:can't|cannot|can not|can’t) (?:stand|bear)\b"
    rf"|\b(?:i|we) {_ADVERBS}(?:do not|don't|don’t|can't|cannot|can not|only|never) {_ADVERBS}(?:eat|drink|"
    r"smoke|wear|use|buy|watch|fly|drive|want|tolerate|accept)\b"
    r"|\b(?:i'd|i would) (?:much )?(?:rather|prefer)\b"
    rf"|\bi(?:'m| am) {_ADVERBS}(?:not )?{_ADVERBS}(?:allergic to|intolerant|(?:a )?vegetarian|(?:a )?vegan|"
    r"lactose|gluten|pescatarian|(?:a )?(?:huge |big |massive )?fan of|into |crazy about|fond of|"
    r"keen on|obsessed with|passionate about|picky|sensitive to|addicted to)"
    r"|\b(?:my|our) (?:[\w-]+ ){0,2}(?:favou?rite|preferred|preference|go-to)\w*(?: [\w'’-]+){0,6}"
    r" (?:is|are|was|has|have|would|includes?)\b|\bmy (?:\w+ )?allerg\w*"
    r"|\b(?:is|are) (?:one of )?my (?:all-time |absolute )?(?:favou?rites?|go-to|passion)\b"
    r"|\bas a (?:vegetarian|vegan|pescatarian)\b|\b(?:i|we) (?:always|never) want\b|\bnot a (?:big |huge )?fan of\b"
    r"|\b(?:favou?rite|preferred) [\w ]{1,40}[:：]"
    rf"|\bthe user {_ADVERBS}(?:does not |doesn't )?{_ADVERBS}(?:likes?|loves?|enjoys?|prefers?|adores?|"
    r"hates?|dislikes?|detests?)\b",
    re.IGNORECASE,
)
_WISH = re.compile(
    r"\b(?:i|we)(?:'d| would|’d)(?: really| also)? (?:like|love) to\b", re.IGNORECASE
)
_PAST = re.compile(r"\b(?:liked|loved|enjoyed|hated)\b", re.IGNORECASE)
_INSTRUCTION = re.compile(
    r"(?:from now on|going forward|in (?:the )?future|hereafter|henceforth)\b"
    r"|^(?:please |kindly |pls )*(?:always|never|(?:do not|don't|don’t) ever)\b"
    r"|^(?:please |kindly |pls )+(?:do not|don't|don’t|avoid|stop|keep|use|call|address|answer|reply|"
    r"respond|speak)\b|^(?:call|address) me\b"
    r"|^(?:do not|don't|don’t|avoid|stop) (?:use|using|call|calling|mention|recommend|suggest|answer|"
    r"reply|respond|include|give|send|add|be)\w*\b"
    r"|^(?:i'd like|i would like|i want|i need) you to (?:always|never|call|address|answer|reply|respond|"
    r"use|speak|keep|stop|avoid)\b|^(?:can|could|would|will) you (?:please )?(?:always|never)\b"
    r"|^(?:answer|reply|respond|speak|talk)(?: to me)? (?:in|with|only|briefly)\b|^stop \w+ing\b"
    r"|^(?:also |and |but |please |just |then )*(?:go|take it) easy on\b"
    r"|^use (?!it\b|that\b|this\b|the )[\w+#-]+(?: [\w+#-]+)? (?:for|in|when|with) "
    r"(?!me\b|a\b|an\b|the\b|this\b|that\b)[\w-]+"
    r"|^(?:(?:when|whenever|each time|every time|any time) |for (?:all|any|every|future|later|my)\b)"
    r"[^.?!,]{1,80}, (?:please |always |never |first |also |kindly |do not |don't |don’t )*"
    r"(?:list|use|keep|start|begin|end|add|give|write|answer|reply|respond|include|avoid|put|show|"
    r"make|call|mention|format|skip|leave)\b"
    r"|^(?:also |and |please |just )*keep (?:the |your |my |a )?[\w' ]{0,30}\b(?:short|brief|light|"
    r"formal|concise|simple|polite|friendly|casual|neutral|professional)\b"
    r"|^use (?:metric|imperial|celsius|fahrenheit|simple|plain|short|british|american)\b"
    r"|^(?:be|stay) (?:more )?(?:brief|concise|short|polite|direct|honest)\b"
    r"|^(?:keep|make) (?:your |the )?(?:answers|replies|responses|it)\b",
    re.IGNORECASE,
)
_MOMENTARY = re.compile(
    r"(?:please )?(?:never (?:mind|heard of)\b.{0,30}|keep (?:it up|going|on|it on)|"
    r"make (?:it|this|that) (?:a bit |a little |much |even )?(?:\w+er|more \w+|less \w+|better)|stop (?:it|that|there))[.!]*",
    re.IGNORECASE,
)
"""Orders about what was just said; no wishes for later."""
_SLOPPY = re.compile(r"\b(?:dont|cant|didnt|im|wont)\b", re.IGNORECASE)
_FORMER = re.compile(r"\bused to\b|\bformerly\b|以前|曾经|过去(?!了)|之前(?!天)", re.IGNORECASE)
_RELATIVE = re.compile(
    r"我(?:们|家|的)?(?:老婆|老公|妻子|丈夫|妈|爸|儿子|女儿|孩子|父亲|母亲|父母|爷爷|奶奶|外公|外婆|朋友|同事|哥|姐|弟|妹|"
    r"女朋友|男朋友|女友|男友|狗|猫|室友|同学|老板|家人)"
)
_CHINESE_ADVERBS = "(?:很|特别|非常|最|比较|超级?|也|真的|一直|都|更|尤其|其实|从来|还|挺|蛮|太|就|平时|一般|通常|现在|从小|不太|不怎么){0,3}"
_CHINESE = re.compile(
    rf"(?:我们?|咱们?|俺|本人|用户|我们?家|我(?:个人|自己)|^|[，,。；;]\s?){_CHINESE_ADVERBS}"
    r"(?:不|没那么)?(?:喜欢(?!你|您|这样|这个回答)|爱(?!人|情)(?:吃|喝|看|玩|听|好|去|运动|读|旅|喝|穿|做|打|跑|跳|逛|干净|[\u4e00-\u9fff]{2})"
    r"|偏好|偏爱|讨厌|厌恶|反感|热爱|钟爱|痴迷|沉迷|习惯(?!性)|不吃|不喝|不能吃|不能喝|吃不了|喝不了|不抽|"
    r"受不了|忍不了|只吃|只喝|只用|只穿|只坐|只住|忌口|宁愿|宁可|吃素|是素食|不习惯|恨)"
    r"|对[^，,。]{1,16}(?:过敏|感兴趣|不感兴趣|没兴趣|没有兴趣)|我的(?:最爱|爱好|兴趣|偏好)|"
    r"最喜欢的|(?:偏好|喜好|忌口|过敏)[^，,。：:]{0,8}[：:]|更喜欢|更偏好|比起.{1,30}更",
)
_CHINESE_INSTRUCTION = re.compile(
    r"(?:^|[，,。；;！!：:\s]|请|那|你|您|麻烦)(?:以后|今后|从现在起|从现在开始|往后|从今以后)(?!想|要去|会|打算)|^请?(?:你|您)?(?:一直|始终|总是|每次都|永远)|"
    r"^请(?:你|您)?(?:不要|别|用|叫我|称呼我|保持|避免|尽量)|^(?:不要|别)(?:再)?(?:给我|用|叫我|推荐|提)|"
    r"^请?(?:你|您)?(?:回答|回复|解释)(?:问题)?(?:得|尽量)(?:更|再|要)?(?:简|详|短|长|具体|精|全)|^(?:回答|回复)(?:我)?(?:时|的时候|问题时|请|要|都)|^叫我|^(?:下次|以后).{0,16}(?:记得|别|不要|请)|^记得(?:别|不要)"
)


def is_instruction(text: str) -> bool:
    """Whether a user's sentence tells the assistant how to behave from now on."""
    plain = text.strip()
    if _MOMENTARY.fullmatch(plain):
        return False
    return bool(_INSTRUCTION.search(plain) or _CHINESE_INSTRUCTION.search(plain))


def _apostrophe(match: "re.Match[str]") -> str:
    """`dont` as `don't`, `im` as `i'm`."""
    word = match[0]
    return word[:-1] + "'" + word[-1:]


def is_former(text: str) -> bool:
    """Whether a statement says what was so once and is no longer."""
    return bool(_FORMER.search(text))


def is_preference(text: str) -> bool:
    """Whether a sentence says what the speaker likes, dislikes, avoids or must avoid."""
    if re.search("[\u4e00-\u9fff]", text) and _CHINESE.search(text):
        return not _RELATIVE.search(text)
    plain = _WISH.sub(" ", _SLOPPY.sub(_apostrophe, text.replace("’", "'")))
    if _PAST.search(plain) and not re.search(r"\b(?:always|still|now)\b", plain, re.IGNORECASE):
        plain = _PAST.sub(" ", plain)
    return bool(_ENGLISH.search(plain))
