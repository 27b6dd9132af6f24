"""Telling small talk from information."""

import re

from memos.mem_reader.lexicon import FILLER_WORDS, FUNCTION_WORDS, PERSONAL_WORDS, words

_PERSON = words("i i'm i've i'd i'll my we we're we've we'll our")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_CHINESE = re.compile("[\u3400-\u9fff]")

_OPENER = re.compile(
    r"(?:(?:yeah|yes|yep|yup|yea|no|nope|nah|wow|oh|ooh|ah|aw+|well|so|haha(?:ha)?|lol|hey|hi|hello|"
    r"okay|ok|sure|thanks(?: (?:so much|a lot|a bunch|a ton|again))?|thank you(?: so much)?|honestly|actually|"
    r"by the way|btw|anyway|anyways|omg|hmm|um|uh|absolutely|definitely|exactly|totally|of course|"
    r"right|cool|great|awesome|amazing|nice|got it|ha|yea|i see|you know|you know what|guess what|congrats|"
    r"oh (?:great|no|well|wow|man|boy|dear|god)|correction|scratch that|update|as i said|like i said|i (?:just )?(?:meant|wanted) to say(?: that)?|i (?:already )?told you(?: already| before)?|"
    r"for sure|no problem|no worries|sounds good|sorry|man|dude|yay|woohoo|alright|thx|good idea|"
    r"(?:please |just )?remember(?: that)?|keep in mind(?: that)?|(?:please )?note(?: that)?|fyi|"
    r"(?:please )?don't forget(?: that)?|i agree|i know, right|i know right|true|also|plus|and|but)"
    r"(?: there|,? (?-i:[A-Z][a-z]{1,15})(?<! It| We| My| He| If| In| On| At))?"
    r"(?:[,!.~…;:]+|\s[-–—]+|\s(?=\W*$))\s*|(?:(?:please|pls|just) )?(?:remember|note|keep in mind|don't forget) that\s+|you (?:should|must|need to|have to) (?:know|remember|note)(?: that)?\s+|(?:and|but|so|plus|lol|haha|omg|ugh|okay|ok|yeah|yes|no|nope|nah|yep|well|actually)\s+(?=(?:I|I'm|I've|we|my|our)\b))",
    re.IGNORECASE,
)
_VOCATIVE_END = re.compile(r",? [A-Z][a-z]{1,15}(?=[.!~]*$)")
_CHINESE_OPENER = re.compile(
    r"(?:好的?|好吧|好呀|好啊|行|可以|嗯+|哦+|噢|啊|哎呀?|诶|对(?:的|啊|呀)?|是的?|是啊|没错|不是|收到|明白了?|知道了|"
    r"真行|真棒|真好|太好了|得了|唉+|哎+|好家伙|更正一下|纠正一下|跟你说个事|(?:有(?:一)?个(?:好|坏)?消息)?(?:要)?告诉(?:你|您)(?:一?个?(?:好|坏)?(?:消息|事))?|我说过了?|说过了|刚才说错了|我跟你说|我告诉你|跟你说|谢谢(?:你|您|啦)?|多谢|没问题|当然|哈哈+|你好|您好|嗨|那个|其实|话说|对了|请?记住|请?记一下|请?记得|另外|还有|顺便|而且|不过|但是)"
    r"[，,。.！!～~：:\s]+|(?:请|麻烦)?(?:你|您)?(?:要|得|可以)?(?:帮我)?(?:记住|记一下|记得|记下|记好)[，,：:\s]?(?=我)"
    r"|(?:不过|但是|而且)(?=[我这现最昨今明上下])"
)
_SMALL_TALK = re.compile(
    r"(?:it'?s |it was |it'?s been |so |really |very )*"
    r"(?:(?:good|great|nice|lovely|awesome|happy|glad) to (?:see|hear|meet|talk|chat)\b.{0,40}"
    r"|long time,? no (?:see|talk|chat).{0,20}|(?:talk|see|catch|speak) (?:to )?(?:you|ya|u)\b.{0,30}"
    r"|take care\b.{0,40}|have (?:a|an) [\w ]{1,30}(?:day|one|night|weekend|time|trip|evening)\b.{0,20}"
    r"|(?:hey|hi|hello|yo|dear|hiya|morning|good (?:morning|evening|afternoon))[, ]+[a-z]{2,15}(?: [a-z]{2,15})?"
    r"|(?:great|good|nice|amazing|awesome|fantastic) (?:job|work|one|idea|point|question)\b.{0,20}"
    r"|(?:thanks|thank you|thx)\b.{0,60}|you'?re (?:so |very |most )?welcome.{0,30}|my pleasure.{0,20}"
    r"|(?:feel free|let me know|don'?t hesitate|just ask|is there anything)\b.{0,120}"
    r"|(?:keep|hang) (?:it |on |in )\w+.{0,30}|good luck\b.{0,60}|best of luck\b.{0,60}"
    r"|(?:congrats|congratulations)\b.{0,60}|you(?:'ve)? got this.{0,20}|i'?m (?:so |really |very )*"
    r"(?:glad|happy|proud|sorry|excited|thrilled) (?:for|of|to hear|you|that you|about that)\b.{0,60}"
    r"|(?:i )?(?:totally |completely |really |so )*(?:agree|appreciate (?:it|that|you|your))\b.{0,50}"
    r"|(?:that|it|this) (?:really )?means (?:a lot|so much|the world)\b.{0,30}|same here.{0,10}"
    r"|i(?:'ll| will) (?:definitely )?(?:let you know|keep you (?:posted|updated))\b.{0,30}"
    r"|(?:can'?t|cannot) wait to (?:see|hear)\b.{0,50}|looking forward to (?:it|that|hearing)\b.{0,40}"
    r"|(?:i'?ve |i have )?got it\b.{0,40}|no (?:problem|worries)\b.{0,30}|you too\b.{0,30}"
    r"|(?:i(?:'ll| will) )?(?:try|think about) (?:it|that)(?: out)?"
    r"|(?:that|it)(?:'d| would) be (?:great|awesome|nice|cool|fun|amazing|lovely|wonderful|perfect)\b.{0,20}"
    r"|sounds (?:like a )?(?:plan|good|great|fun|deal)\b.{0,30}|(?:it was )?(?:great|nice|good|lovely|fun) "
    r"(?:catching up|talking|chatting|seeing|hearing)\b.{0,30}|(?:your|the) [\w ]{0,30}means? (?:a lot|so much|"
    r"the world)\b.{0,30}|(?:don't|do not|never) give up\b.{0,30}|keep (?:up|going|at|on|pushing|it)\b.{0,40}"
    r"|(?:have|enjoy) (?:fun|a|your|the)\b.{0,40}|(?:stay|take it|hang) (?:safe|strong|positive|easy|tight)\b.{0,30}"
    r"|(?:hope|i hope) (?:all|you|everything|it)\b.{0,50}|so (?:happy|proud|excited|glad) (?:for|of) you\b.{0,30}"
    r"|(?:i )?(?:love|like) (?:how|the way|that) (?:you|it)\b.{0,60}|haven't (?:talked|chatted|spoken)\b.{0,40}"
    r"|i (?:really |absolutely |just |do )*(?:love|like|enjoy) (?:it|that|this|them)(?: too| so much| a lot)?"
    r"|you(?:'ll| will)? (?:won'?t|never) (?:believe|guess) (?:it|this|what)(?: happened)?(?:, \w+)?"
    r"|i bet (?:it|you|that|they)\b.{0,40}"
    r"|(?:take a look|check (?:it|this|that) out|look at (?:this|that|it))\b.{0,20})[.!?~\s]*",
    re.IGNORECASE,
)
_CHINESE_SMALL_TALK = re.compile(
    r"(?:好的?|好吧|好呀|好啊|行|可以|嗯+|哦+|对|是的?|没错|收到|明白了?|知道了|了解了?|懂了|谢谢|多谢|感谢|辛苦了?|"
    r"麻烦了|没事|没关系|没问题|不客气|不用谢|当然|哈+|呵+|嘻+|你好|您好|大家好|嗨|早|早安|早上好|上午好|下午好|晚上好|"
    r"晚安|再见|拜拜|回头见|下次聊|加油|厉害|真棒|太棒|太好|不错|真的|有道理|原来如此|这样|一起|很高兴认识|"
    r"很高兴见到|欢迎|请稍等|稍等|好久不见|最近怎么样|最近好吗|祝你?|生日快乐|新年快乐|随时告诉我|有需要|"
    r"随时|联系我|我爱你|试试|看看|好吧|你|您|我|的|了|啊|呀|呢|吧|哦|啦|嘛|哈|么|就|那|很|太|也|都|[\s，,。.！!～~、])+"
)
_CHINESE_EMPTY = re.compile(
    "[的了是在和与也都就吗呢吧啊么这那我你他她它们很太好嗯哦对不行有会要说\\W\\d_a-zA-Z]"
)


def skip_openers(text: str) -> int:
    """Length of the leading yes, thanks and greetings of a sentence that go on after them."""
    at = 0
    for _ in range(4):
        match = _OPENER.match(text, at) or _CHINESE_OPENER.match(text, at)
        if match is None or match.end() >= len(text) or not text[match.end() :].strip(" .!?~"):
            return at
        at = match.end()
    return at


def content_words(text: str, names: frozenset[str] = frozenset()) -> list[str]:
    """Words and Chinese characters that may carry information, lower case.

    Args:
        text: one sentence or more.
        names: lower-case words to leave out, such as the names of who talks.
    """
    found = [word.lower().replace("’", "'") for word in _WORD.findall(_CHINESE.sub(" ", text))]
    personal = bool(_PERSON & set(found))
    kept = [
        word
        for word in found
        if word not in FUNCTION_WORDS
        and (word not in FILLER_WORDS or (personal and word in PERSONAL_WORDS))
        and word.removesuffix("'s") not in names
    ]
    return kept + list(_CHINESE.findall(_CHINESE_EMPTY.sub("", text)))


def is_small_talk(text: str, names: frozenset[str]) -> bool:
    """Whether a sentence is a greeting, thanks, praise or acknowledgement and nothing else."""
    plain = _VOCATIVE_END.sub("", text.strip()) if names else text.strip()
    if _SMALL_TALK.fullmatch(plain) or _CHINESE_SMALL_TALK.fullmatch(plain):
        return True
    return not content_words(plain, names)
