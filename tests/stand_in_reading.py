"""How the stand-in model understands a sentence: what it says of a state, and in which words.

Its own understanding, written for the tests; it shares no rule with the product. A sentence it has
no meaning for is put into the third person, as a model would.
"""

import re
from dataclasses import dataclass

WORDINGS: dict[str, tuple[str, ...]] = {
    "home": (
        "The user lives in {0}.",
        "The user currently lives in {0}.",
        "The user's home is in {0}.",
        "The user has moved to {0}.",
        "The user now resides in {0}.",
    ),
    "employer": (
        "The user works at {0}.",
        "The user currently works for {0}.",
        "The user's employer is {0}.",
        "The user is employed by {0}.",
        "The user has joined {0}.",
    ),
    "job": (
        "The user works as a {0}.",
        "The user's job is {0}.",
        "The user's occupation is {0}.",
        "The user is now a {0}.",
    ),
    "phone": (
        "The user's phone is a {0}.",
        "The user uses a {0} as their phone.",
        "The user now uses a {0}.",
        "The user switched to a {0}.",
    ),
    "diet": ("The user is {0}.", "The user follows a {0} diet.", "The user has become {0}."),
    "relationship": ("The user is {0}.", "The user's relationship status is {0}."),
    "likes": ("The user likes {0}.", "The user enjoys {0}.", "The user is fond of {0}."),
    "dislikes": (
        "The user no longer likes {0}.",
        "The user dislikes {0}.",
        "The user does not like {0} anymore.",
    ),
    "age": ("The user is {0} years old.", "The user's age is {0}."),
    "email": ("The user's email address is {0}.", "The user's email is {0}."),
    "food": ("The user's favourite food is {0}.", "The user's favorite food is {0}."),
}
WORDINGS_ZH: dict[str, tuple[str, ...]] = {
    "home": ("用户住在{0}。", "用户目前居住在{0}。", "用户的家在{0}。", "用户已搬到{0}。"),
    "employer": ("用户在{0}工作。", "用户目前就职于{0}。", "用户现在在{0}上班。"),
    "job": ("用户的职业是{0}。", "用户是一名{0}。", "用户现在是{0}。"),
    "phone": ("用户的手机是{0}。", "用户目前使用的手机是{0}。", "用户换了一部{0}。"),
    "diet": ("用户的饮食习惯是{0}。", "用户目前的饮食习惯是{0}。"),
    "relationship": ("用户的感情状态是{0}。", "用户目前的感情状态是{0}。"),
    "likes": ("用户喜欢{0}。", "用户很喜欢{0}。"),
    "dislikes": ("用户不喜欢{0}了。", "用户不再喜欢{0}。", "用户讨厌{0}。"),
    "age": ("用户{0}岁。", "用户今年{0}岁。"),
    "email": ("用户的邮箱是{0}。", "用户的邮箱地址是{0}。"),
    "food": ("用户最喜欢的食物是{0}。",),
}
_NAME = r"(?P<new>[\w@.' -]+?)"
_ENGLISH = (
    ("home", rf"i(?: still)? live in {_NAME}(?: now)?(?:, and .*)?"),
    ("home", rf"i don't live in [\w ]+ any more, i live in {_NAME} now"),
    ("home", rf"i'm based in {_NAME}(?: at the moment)?|my home is in {_NAME.replace('new', 'new2')}"),
    ("home", rf"(?:i|we)(?: just| have|'ve)* (?:moved|relocated)(?: from [\w ]+)? to {_NAME}(?: last month)?(?:, .*)?"),
    ("home", rf"i've (?:finally settled|been living) in {_NAME}(?: for years)?"),
    ("home", rf"{_NAME} is where i wake up .*|bye bye \w+, hello {_NAME.replace('new', 'new2')}: .*"),
    ("home", rf"we got the keys to our flat in {_NAME} today .*"),
    ("employer", rf"i(?:'m| am)?(?: still)? work(?:ing)? (?:at|for) {_NAME}(?: these days)?"),
    ("employer", rf"i now work for {_NAME} and no longer at .*"),
    ("employer", rf"i (?:left \w+ and joined|joined|got hired by|started a new job at) {_NAME}(?: last week)?"),
    ("employer", rf"today was my first day at {_NAME}|{_NAME.replace('new', 'new2')} is paying my salary now"),
    ("job", rf"i(?:'m no longer an? [\w ]+, i)? (?:work|started working) as an? {_NAME}(?: now)?"),
    ("job", rf"my job is an? {_NAME}, in short|i became an? {_NAME.replace('new', 'new2')}"),
    ("job", rf"i was promoted to {_NAME}|i am still an? {_NAME.replace('new', 'new2')}"),
    ("job", rf"i'm an? {_NAME} by now|after all that training .* call myself an? {_NAME.replace('new', 'new2')}"),
    ("phone", rf"i (?:still )?use (?:an?|the) {_NAME}|my (?:new )?phone is an? {_NAME.replace('new', 'new2')}"),
    ("phone", rf"i (?:switched from my [\w ]+ to|bought|upgraded to) an? {_NAME}"),
    ("phone", rf"my [\w ]+ died, so an? {_NAME} is in my pocket now"),
    ("likes", rf"i (?:like|love|really enjoy|enjoy) {_NAME}(?: now)?"),
    ("dislikes", rf"i (?:don't like|can't stand|no longer enjoy) {_NAME}(?: any more| these days)?"),
    ("age", r"i(?:'m| am| turned| just turned) (?P<new>\d+)(?: years old| today| now)?"),
    ("email", rf"my (?:new )?email(?: address)? (?:is(?: now| still)?|changed to) {_NAME}"),
    ("email", rf"please write to {_NAME} from now on, .*"),
    ("food", rf"my (?:new )?favou?rite food is (?:still )?{_NAME}(?: now)?|nothing beats {_NAME.replace('new', 'new2')} for me these days"),
)  # fmt: skip
_ENGLISH_FIXED = (
    ("diet", "vegetarian", r"i (?:am|'m)? ?(?:became )?(?:a )?vegetarian(?: now)?|i stopped eating meat"),
    ("diet", "vegan", r"i(?:'m| went| have become) vegan(?: now)?"),
    ("diet", "pescatarian", r"i(?:'m a| became) pescatarian(?: these days)?"),
    ("diet", "keto", r"i(?:'m on| switched to) a keto diet"),
    ("relationship", "single", r"i(?:'m| am) single(?: at the moment)?"),
    ("relationship", "in a relationship", r"i'm in a relationship now|i started dating someone"),
    ("relationship", "engaged", r"we got engaged!?|i'm engaged now"),
    ("relationship", "married", r"we got married|i am married now"),
    ("relationship", "divorced", r"i got divorced|i'm divorced now"),
)  # fmt: skip
_HAN = r"(?P<new>[^，。了]+?)"
_CHINESE = (
    ("home", rf"我(?:现在|还是)?住在{_HAN}(?:，.*)?|我家在{_HAN.replace('new', 'new2')}"),
    ("home", rf"我(?:已经|刚)?(?:从[^，]+)?搬(?:家)?到了?{_HAN}了?|我不住在.*，现在住在{_HAN.replace('new', 'new2')}"),
    ("home", rf"我在{_HAN}安顿下来了，.*|告别[^，]+，我在{_HAN.replace('new', 'new2')}开始了新生活"),
    ("employer", rf"我还?在{_HAN}(?:工作|上班)|我(?:入职|加入)了{_HAN.replace('new', 'new2')}"),
    ("employer", rf"我从[^，]+跳槽到了?{_HAN}了?|我离开了[^，]+，现在在{_HAN.replace('new', 'new2')}上班"),
    ("employer", rf"今天是我在{_HAN}的第一天|我跳槽到了{_HAN.replace('new', 'new2')}"),
    ("job", rf"我(?:还)?是一名{_HAN}|我的职业是{_HAN.replace('new', 'new2')}"),
    ("job", rf"我转行做{_HAN}了|我当上{_HAN.replace('new', 'new2')}了"),
    ("job", rf"我现在是{_HAN}，不再是.*|考了证之后，我终于可以当{_HAN.replace('new', 'new2')}了"),
    ("phone", rf"我用的是{_HAN}|我的手机(?:是|换成){_HAN.replace('new', 'new2')}了?"),
    ("phone", rf"我换了一部{_HAN}|我把.*换成了{_HAN.replace('new', 'new2')}"),
    ("phone", rf"我还在用{_HAN}|旧手机坏了，现在口袋里是{_HAN.replace('new', 'new2')}"),
    ("dislikes", rf"我不喜欢{_HAN}了?|我现在讨厌{_HAN.replace('new', 'new2')}"),
    ("food", rf"我(?:现在)?最喜欢的食物(?:还?是|换成){_HAN}了?|现在对我来说{_HAN.replace('new', 'new2')}才是最好吃的"),
    ("likes", rf"我(?:现在)?很?喜欢{_HAN}|我爱上{_HAN.replace('new', 'new2')}了"),
    ("age", r"我(?:今年|今天满)?(?P<new>\d+)岁了?"),
    ("email", rf"我的新?邮箱(?:还?是|换成了){_HAN}|以后请发到{_HAN.replace('new', 'new2')}，.*"),
)  # fmt: skip
_CHINESE_FIXED = (
    ("diet", "吃素", "我(?:现在改|开始)吃素了"),
    ("diet", "吃肉", "我(?:又开始|重新)吃肉了"),
    ("diet", "生酮饮食", "我(?:在坚持|改)生酮饮食了?"),
    ("relationship", "单身", "我(?:是|现在)单身"),
    ("relationship", "恋爱中", "我谈恋爱了|我脱单了"),
    ("relationship", "已订婚", "我们订婚了"),
    ("relationship", "已婚", "我结婚了|我们领证了"),
    ("relationship", "离异", "我离婚了"),
)


@dataclass(frozen=True)
class Meaning:
    """What a sentence says of the user's state."""

    attribute: str
    value: str
    chinese: bool

    def wordings(self) -> list[str]:
        """The ways to say it."""
        forms = (WORDINGS_ZH if self.chinese else WORDINGS)[self.attribute]
        said = [form.format(self.value) for form in forms]
        return [re.sub(r"\ba(?= [aeiouAEIO])", "an", text) for text in said]


def meaning_of(sentence: str) -> Meaning | None:
    """What a sentence of the user says of their state, if anything."""
    plain = sentence.strip().rstrip(".。")
    chinese = bool(re.search("[\u4e00-\u9fff]", plain))
    for attribute, value, form in _CHINESE_FIXED if chinese else _ENGLISH_FIXED:
        if re.fullmatch(form, plain, re.IGNORECASE):
            return Meaning(attribute, value, chinese)
    for attribute, form in _CHINESE if chinese else _ENGLISH:
        match = re.fullmatch(form, plain, re.IGNORECASE)
        if match:
            value = next(v for v in match.groupdict().values() if v)
            return Meaning(attribute, value.strip(), chinese)
    return None


_CONTRACTED = (
    (r"\bI'm\b", "the user is"),
    (r"\bI am\b", "the user is"),
    (r"\b(?:I|We|we) (?:have|'ve)\b|\bI've\b", "the user has"),
    (r"\b(?:I|We) (?:don't|do not)\b", "the user does not"),
    (r"\bI always (\w+)", r"the user always \1s"),
    (r"\bI also (\w+)", r"the user also \1s"),
    (r"\b(?:I|We) (\w+)", lambda m: f"the user {_third(m[1])}"),
    (r"\b(?:I|we|We)\b", "the user"),
    (r"\b(?:my|My|our|Our)\b", "the user's"),
    (r"\b(?:me|us)\b", "the user"),
)
_UNCHANGED = frozenset(
    (
        *("was", "were", "had", "did", "would", "could", "might", "can", "will", "saw", "went"),
        *("got", "made", "took", "met", "left", "lost", "gave", "spent", "found", "still", "often"),
        *("never", "now", "also", "just", "finally"),
    )
)


def _third(verb: str) -> str:
    if verb.endswith("ed") or verb in _UNCHANGED:
        return verb
    return verb + ("es" if verb.endswith(("s", "sh", "ch", "x", "o")) else "s")


_ERRANDS = (
    (r"Remind me to (.+?)[.!]?", "The user wants to be reminded to {0}."),
    (r"(?:Help me|Please help me) (.+?)[.!]?", "The user wants help to {0}."),
    (r"(?:Record|Note|Write down) (.+?)[.!]?", "The user wants a note of {0}."),
    (r"提醒我(.+?)。?", "用户想被提醒{0}。"),
    (r"帮我(.+?)。?", "用户想{0}。"),
    (r"(?:记录|记)一下(.+?)。?", "用户想记下{0}。"),
)


def errand(sentence: str) -> str | None:
    """What somebody wants done, as somebody else would note it down."""
    for form, instead in _ERRANDS:
        match = re.fullmatch(form, sentence.strip())
        if match:
            return instead.format(third_person(match[1])[:1].lower() + third_person(match[1])[1:])
    return None


def third_person(sentence: str) -> str:
    """The sentence as somebody else would note it down."""
    if re.search("[\u4e00-\u9fff]", sentence):
        return re.sub("我们|我", "用户", sentence)
    for form, instead in _CONTRACTED:
        sentence = re.sub(form, instead, sentence)
    return sentence[:1].upper() + sentence[1:]
