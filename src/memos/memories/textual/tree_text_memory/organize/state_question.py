"""Which states a question is about, in English and Chinese."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from memos.memories.textual.tree_text_memory.organize.state_claim import Asked
from memos.memories.textual.tree_text_memory.organize.state_english_taste import things
from memos.memories.textual.tree_text_memory.organize.state_lexicon import (
    CHINESE_KIN,
    DEVICE_NOUNS,
    KIN,
    singular,
    thing,
)
from memos.types.language import CJK

_KINSHIP = "|".join(sorted(map(re.escape, KIN), key=len, reverse=True))
_AGE_WORDS = r"(?:(?:older|younger|big|little|elder|twin|best|old|good) )?"
_NAME = r"(?-i:(?!(?:What|Which|Where|Who|How|When|Why|Is|Are|Am|Do|Does|Did|Was|Has|Have|The|My|I|In|Should|Can)\b)[A-Z][\w-]{1,30}(?: [A-Z][\w-]{1,30})?\b)"
_OWNER = rf"(?:my|our|the user's|user's|{_NAME}'s)"
_SUBJECT = (
    rf"(?P<who>{_OWNER} {_AGE_WORDS}(?:{_KINSHIP})|i|we|the user|user|{_NAME})(?: (?:currently|now|still|actually|"
    r"usually|normally|presently|really|last|ever|also|even))*"
)
_OWN = rf"(?P<who>{_OWNER}(?: {_AGE_WORDS}(?:{_KINSHIP})'s)?)(?: (?:current|new|present|latest|old|previous|former|first|main|last|own|next|home|most recent))*"
_DO = r"(?:do|does|did|is|are|am|was|were|have|has|'s|had|will|should|can)(?:n't)?"
_DEVICE = "phone|smartphone|mobile|laptop|computer|tablet|car|vehicle|watch|smartwatch|headphones|earbuds|camera|console|device"
_DIETS = "vegan|vegetarian|pescatarian|keto|meat[- ]eater|omnivore|gluten[- ]free"


class _Forms(NamedTuple):
    """Forms of a question, and strings of which a text that has one holds at least one."""

    patterns: tuple[re.Pattern[str], ...]
    signs: tuple[str, ...]

    def first(self, text: str) -> "re.Match[str] | None":
        """Where the first of the forms is that the text has."""
        # Of letters outside ASCII more than two may count as one.
        if self.signs and text.isascii() and not any(map(text.lower().__contains__, self.signs)):
            return None
        return next((found for p in self.patterns if (found := p.search(text))), None)


def _forms(*patterns: str, signs: str = "") -> _Forms:
    """Forms; `signs` are separated by commas, none means any text."""
    whole = (p.replace("{S}", _SUBJECT).replace("{P}", _OWN).replace("{DO}", _DO) for p in patterns)
    compiled = tuple(re.compile(p, re.IGNORECASE) for p in whole)
    return _Forms(compiled, tuple(filter(None, signs.split(","))))


_ENGLISH: tuple[tuple[tuple[str, ...], _Forms], ...] = (
    (("home",), _forms(
        r"\b(?:where|(?:what|which|whereabouts) (?:city|town|country|place|state|part)\w*(?: of \w+)?) {DO} {S} (?:used? to )?(?:be )?(?:been )?(?:live|lived|living|based|reside|residing|settled|located|call(?:ed)? home)\b",
        r"\bwhere {DO} {S} (?:move|moved|relocate|relocated)\b",
        r"\b(?:what|which|where) (?:(?:city|town|country|place) )?(?:is|was|'s) {P} (?:home|city|place|house|apartment|residence|place of residence|location|town)\b",
        r"\b(?:do|does|did|is|am) {S} (?:living|live|based) in\b",
        r"^(?:has|have|did) {S} move(?:d)?(?:\s*\?|$| to| away| out| from| house)",
        r"\bwhat (?:city|country|town) (?:am|is|are) {S} in\b",
        r"\bwhat's {P} (?:home city|city|home|place of residence|location)\b",
    )),
    (("address", "home"), _forms(r"{P} (?:postal |mailing |street |delivery )?address\b(?<!email address)(?<!mail address)", signs="address")),
    (("employer",), _forms(
        r"\b(?:where|who|whom|(?:what|which) (?:company|firm|employer|organi[sz]ation|place)|at which company|for whom) {DO} {S} (?:used? to )?(?:work|worked|working|employed)\b(?! as| on| out)",
        r"{P} (?:employer|company|workplace)\b",
        r"\b(?:do|does|did|is|am) {S} (?:work|working|employed) (?:at|for)\b",
        r"\b(?:who|what company) (?:employs|employed) {S}",
        r"\bwhere (?:is|was|'s) {P} (?:job|work)\b",
        signs="work,employ,company,job",
    )),
    (("job",), _forms(
        r"\bwhat {DO} {S} do (?:for (?:a living|work|a job)|as a job|professionally|at work)\b",
        r"\bwhat {DO} {S} do\s*\??$",
        r"{P} (?:job|occupation|profession|job title|title|role|position|career|line of work)\b(?! (?:interview|offer|search))",
        r"\bwhat {DO} {S} (?:work|worked|working) as\b",
        r"\bwhat (?:kind|type|sort) of (?:work|job) {DO} {S}\b",
        r"\b(?:am|is|was) {S} (?:a |an )?(?:employed|unemployed|retired|student|engineer|teacher|nurse|doctor|manager)\b",
        signs="work,job,living,profession, do,occupation,title,role,position,career,employed,retired,student,engineer,teacher,nurse,doctor,manager",
    )),
    (("school",), _forms(
        r"\b(?:what|which) (?:school|university|college) {DO} {S}\b",
        r"\bwhere {DO} {S} (?:study|studying|studied|(?:go|going) to (?:school|college|university)|attend(?:ing)? (?:school|college))\b",
        r"(?:what|which|where)(?: is| was|'s) {P} (?:school|university|college)\b",
        signs="school,university,college,stud",
    )),
    (("age",), _forms(r"\bhow old (?:is|am|are|was|were|'s|will) {S}(?! (?:when|house|be when))", r"\bwhat(?: is|'s| was) {P} age\b")),
    (("name",), _forms(
        r"\bwhat(?: is|'s| was) {P} (?:full |real |first |last |legal )?name\b",
        r"\bwhat (?:am|is|are) {S} (?:called|named)\b",
        r"\bwhat (?:should|do|can) (?:you|i) call (?P<who>me|the user)\b",
        r"\b(?:who am|do you know who) {S}(?: am)?\s*\??$",
        signs="name,call,who",
    )),
    (("relationship",), _forms(
        r"\b(?:am|is|are|was|were) {S} (?:\w+ )?(?:married|single|dating|engaged|divorced|in a (?:\w+ )?relationship|seeing (?:any|some)one|widowed|separated)\b",
        r"{P} (?:relationship|marital) status\b",
        r"\b(?:do|does|did) {S} have a (?:girlfriend|boyfriend|partner|wife|husband|spouse)\b",
        r"\b(?:did|has|have) {S} (?:get|got|gotten) (?:married|divorced|engaged)\b",
        r"\bwho (?:is|am|are) {S} (?:dating|married to|seeing|engaged to)\b",
        signs="married,single,dating,engaged,divorced,relationship,seeing,widowed,separated,marital,girlfriend,boyfriend,partner,wife,husband,spouse",
    )),
    (("diet",), _forms(
        rf"\b(?:am|is|are|was) {{S}} (?:\w+ )?(?:a |an |on a )?(?:strict )?(?:{_DIETS})\b",
        r"{P} (?:diet|dietary (?:restrictions?|preferences?|needs)|eating habits)\b",
        r"\b(?:do|does|can|should) {S} eat (?:meat|dairy|animal)",
        r"\bwhat (?:kind|type|sort) of diet {DO} {S}\b",
        r"\bwhat diet {DO} {S}\b",
        signs="vegan,vegetarian,pescatarian,keto,meat,omnivore,gluten,diet,eat",
    )),
    (("diet", "taste"), _forms(
        r"\bwhat(?: \w+)? (?:should|can|shouldn't|can't|cannot|could|must|may|do|does|don't|doesn't|won't)(?:n't)? {S} (?:not |never |avoid )*(?:eat|eating|drink|avoid)\b",
        r"\bwhat (?:food|foods|ingredients?|dishes) (?:should|can|do|does) {S} (?:not |never )*(?:eat|avoid|order|drink|skip)\b",
        signs="eat,drink,avoid,order,skip",
    )),
    (("email",), _forms(r"{P} (?:work |personal |contact )?e-?mail\b", signs="mail")),
    (("phone_number",), _forms(r"{P} (?:(?:phone|mobile|cell|contact|cellphone|telephone) )?number\b", r"{P} contact (?:details|info)", signs="number,contact")),
    (("commute",), _forms(r"{P} (?:daily |morning )?commute\b", r"\bhow (?:long )?{DO} {S} commute\b", r"\bhow long {DO} it take (?P<who>me|the user) to get to work\b", signs="commute,get to work")),
    (("rent",), _forms(r"{P} (?:monthly )?rent\b", r"\bhow much rent {DO} {S} pay\b", signs="rent")),
    (("salary",), _forms(r"{P} (?:annual |yearly |monthly |base )?salary\b", r"\bhow much {DO} {S} (?:earn|make)\b", signs="salary,how much")),
    (("goal",), _forms(
        r"{P} (?:long-term |short-term |career |personal |fitness |stage )?goals?\b",
        r"\bwhat (?:am|is|are|was) {S} (?:working towards?|aiming (?:for|at|to)|training for|striving for|trying to achieve)\b",
        signs="goal,work,aiming,train,striving,achieve",
    )),
    (("plan:travel",), _forms(
        r"\bwhere (?:am|is|are|do|does|did|will) {S} (?:planning|plan|going|intend|want|travell?ing|heading)\b(?! to (?:school|work|live|study|college))(?!.*\b(?:live|work|study)\b)",
        r"{P} (?:travel|vacation|holiday|trip) (?:plans?|destination)\b",
        r"\bwhere (?:is|'s) {P} (?:trip|vacation|holiday|honeymoon)\b",
        signs="plan,going,intend,want,travel,heading,vacation,holiday,trip,honeymoon",
    )),
)  # fmt: skip
_DEVICE_FORMS = _forms(
    rf"\b(?:what|which)(?: (?:kind|type|brand|model|make|sort) of| brand of| model)? (?P<noun>{_DEVICE})s? {{DO}} {{S}} (?:\w+ )?(?:use|have|own|drive|using|got|driving|carry|switch|upgrade|buy|wear|bought)",
    rf"\bwhat(?: \w+)?(?: is|'s| was| are) {{P}} (?P<noun>{_DEVICE})\b(?! (?:number|like|worth|case))",
    rf"\bwhat (?:kind|model|brand|make) (?:of (?P<noun>{_DEVICE}) )?(?:is|was) {{P}}",
    r"\b(?:what|which)(?: \w+)? (?P<noun>devices?|gadgets?) {DO} {S}",
)
_DRIVE = _forms(r"\bwhat {DO} {S} drive\b")
_TASTE_OF = _forms(
    r"\b(?:do|does|did|don't|doesn't) {S} (?:not )?(?:like|love|enjoy|hate|dislike|prefer|eat|drink)(?: eating| drinking| to eat| to drink)? (?P<what>[^?]+)",
    r"\bhow {DO} {S} feel about (?P<what>[^?]+)",
    r"\bwhat {DO} {S} think (?:of|about) (?P<what>[^?]+)",
    r"\b(?:is|am|are) {S} (?:a fan of|into|fond of|keen on) (?P<what>[^?]+)",
    signs="like,love,enjoy,hate,prefer,eat,drink,feel,think,fan of,into,fond,keen",
)
_TASTE_ANY = _forms(
    r"\b(?:what|which)(?: (?:kind|type|sort)s? of)?(?: [\w-]+){0,2} {DO} {S} (?:not )?(?:most )?(?:like|love|enjoy|hate|dislike|prefer)\b",
    r"{P} (?:tastes?|likes|dislikes|preferences|likes and dislikes|food preferences)\b",
    signs="like,love,enjoy,hate,prefer,taste",
)
_FAVOURITE = _forms(r"{P} (?:all-time )?favou?rite (?P<what>[a-z]+(?: [a-z]+)?)", signs="favo")
_FILL = re.compile(r"\b(?:any ?more|now|still|these days|again|at the moment|before|currently|nowadays|or not|yet|today|right|recently|in the past|in \d{4}|back then)\b")  # fmt: skip


_LONGEST = 500


def asked(query: str, speakers: Sequence[str] = ()) -> tuple[Asked, ...]:
    """States a question is about.

    Args:
        query: the question, in the first person or about "the user" or a named person.
        speakers: names that count as persons in any spelling.

    Returns:
        Distinct pairs of subject and attribute; none for other questions, nor for texts over 500
        characters, which are no plain question.
    """
    if len(query) > _LONGEST:
        return ()
    if re.search(f"[{CJK}]", query):
        return tuple(dict.fromkeys(_chinese(query, speakers)))
    return tuple(dict.fromkeys(_english(query, speakers)))


def _english(query: str, speakers: Sequence[str]) -> Iterator[Asked]:
    text = query.strip().replace("’", "'")
    for name in speakers:
        text = re.sub(rf"\b{re.escape(name)}\b", name.title(), text, flags=re.IGNORECASE)
    for attributes, forms in _ENGLISH:
        match = forms.first(text)
        if match is not None:
            for attribute in attributes:
                yield Asked(_subject(match["who"]), attribute)
    yield from _english_devices(text)
    yield from _english_tastes(text)


def _english_devices(text: str) -> Iterator[Asked]:
    match = _DEVICE_FORMS.first(text)
    if match is not None:
        noun = singular((match["noun"] or "device").lower())
        kind = DEVICE_NOUNS.get(noun, DEVICE_NOUNS.get(noun + "s", "device"))
        yield Asked(_subject(match["who"]), "device" if kind == "device" else f"device:{kind}")
    match = _DRIVE.first(text)
    if match is not None:
        yield Asked(_subject(match["who"]), "device:car")


def _english_tastes(text: str) -> Iterator[Asked]:
    favourite = _FAVOURITE.first(text)
    if favourite is not None:
        kind = singular(favourite["what"].split()[0])
        yield Asked(_subject(favourite["who"]), f"favourite:{kind}")
        return
    match = _TASTE_ANY.first(text)
    if match is not None:
        yield Asked(_subject(match["who"]), "taste")
        return
    match = _TASTE_OF.first(text)
    if match is not None and not re.match(r"meat\b", match["what"]):
        for item in things(_FILL.sub("", match["what"]).strip()):
            yield Asked(_subject(match["who"]), f"taste:{item}")


def _subject(who: str) -> str:
    """Canonical subject of the words that name it."""
    lower = who.lower()
    if lower.startswith(("my ", "our ")):
        word = who.removesuffix("'s").split()[-1].lower()
        return f"user's {KIN[word]}"
    plain = who.casefold()
    if plain in {"i", "we", "me", "my", "our", "the user", "user", "the user's", "user's"}:
        return "user"
    base, mark, kin = plain.partition("'s")
    base = "user" if base in {"the user", "user"} else base
    words = kin.removesuffix("'s").split()
    return f"{base}'s {KIN[words[-1]]}" if mark and words else base


_CHINESE: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = tuple(
    (attributes, re.compile(pattern))
    for attributes, pattern in (
        (("address", "home"), r"(?<!邮箱)(?<!邮件)地址|住址"),
        (("home",), r"住(?:在|过|的)?(?:哪|什么(?:地方|城市)|何处)|家(?:住)?在(?:哪|什么)|(?<!是)(?:在|搬到|搬去|定居)了?(?:哪|什么)(?:个|座|里|儿|城市|地方)*(?:住|生活|定居)?(?=了|$|[？?]|住|生活)(?<!在哪工作)|(?:居住地|所在城市|常住地|我的家|住处|住所)|(?:住|生活)在.{1,8}吗|哪(?:个|座)城市(?:住|生活)?$|是不是(?:住|搬)|搬家了[吗没]"),
        (("employer",), r"在(?:哪|什么)(?:里|儿|家|个)?(?:公司|单位|地方|企业)?(?:工作|上班|任职|就职)|(?:哪|什么)家?公司|(?:公司|单位|雇主|东家)(?:是|叫)(?:什么|哪)|为谁工作|给谁打工|还?在.{1,10}(?:上班|工作)吗"),
        (("job",), r"职业|做什么(?:工作|的|职业)|(?:工作|职位|岗位|职务|头衔)(?:是|叫)(?:什么|啥)|(?:干|从事)什么|什么(?:工作|职位|岗位|职业)"),
        (("school",), r"在(?:哪|什么)(?:里|儿|所|个)?(?:大学|学校)?(?:上学|读书|念书|上大学|就读)|(?:哪|什么)(?:所|个)?(?:学校|大学)|学校(?:是|叫)"),
        (("age",), r"多大(?:了|年纪|岁数)?(?:[？?]|$)|几岁|多少岁|年龄"),
        (("name",), r"(?:叫|名字(?:是|叫)?)什么|(?:名字|姓名)(?:是|叫)?(?:什么)?[？?]?$|怎么称呼|我是谁"),
        (("relationship",), r"结婚了?[吗没]|已婚|单身|离婚|(?:有|没有?)(?:没有)?(?:男朋友|女朋友|对象|男友|女友|老婆|老公)[吗？?]|有没有(?:男|女)?(?:朋友|对象)|感情状[况态]|婚姻状[况态]|谈恋爱"),
        (("diet", "taste"), r"(?:不该|不能|不应该|不可以|能|可以|该|应该|不宜)吃(?:什么|啥)|(?:什么|啥|哪些)(?:东西|食物|菜)?(?:是)?(?:我)?(?:不能|不该|不可以|不应该|能)吃|忌口|有什么不吃"),
        (("diet",), r"素食|吃素|吃肉|饮食(?:习惯|偏好|禁忌|方式)|吃荤"),
        (("email",), r"邮箱|邮件地址|[Ee]-?mail"),
        (("phone_number",), r"(?:电话|手机)号码?|号码|电话(?:是|多少)"),
        (("commute",), r"通勤"),
        (("rent",), r"房租"),
        (("salary",), r"工资|薪水|月薪|年薪"),
        (("goal",), r"目标"),
        (("plan:travel",), r"(?:打算|计划|准备|要)去(?:哪|什么地方)|旅行计划|旅游计划|出行计划|去(?:哪|什么地方)(?:里|儿)?(?:旅行|旅游|度假|玩)(?!过)(?:[？?]|$)"),
    )
)  # fmt: skip
_CHINESE_DEVICE = re.compile(
    rf"(?:用|开|买|换|有|戴)(?:的是|的|了|着|过)?(?:什么|哪|啥)(?:个|款|台|部|辆|牌子|样|种|型号)*的?(?P<noun>{'|'.join(k for k in DEVICE_NOUNS if not k.isascii())})"
    rf"|(?P<own>{'|'.join(k for k in DEVICE_NOUNS if not k.isascii())})(?:是|用的是|型号是)(?:什么|哪|啥)"
)
_FAVOURITES = {
    "食物": "food", "菜": "food", "美食": "food", "电影": "movie", "影片": "movie", "书": "book",
    "小说": "book", "颜色": "color", "歌手": "singer", "乐队": "singer",
}  # fmt: skip
_CHINESE_FAVOURITE = re.compile(r"最喜欢的(?P<kind>[\u4e00-\u9fff]{1,4}?)(?:是|有)")
_CHINESE_TASTE_ANY = re.compile(
    r"(?:喜欢|爱|讨厌|不喜欢|偏好|能|不能|该)(?:吃|喝|看|玩|听|做|去)?(?:什么|啥|哪)|(?:喜好|口味|偏好)"
)
_CHINESE_TASTE = re.compile(
    r"(?:喜欢|爱(?=吃|喝|看|玩|听)|讨厌|喜不喜欢|爱不爱|能吃|吃不吃)(?:吃|喝|看|玩|听)?(?P<what>[^？?吗么，。]{1,8}?)(?:了|的)?(?:吗|么|呢|[？?]|$|，)"
)


def _chinese(query: str, speakers: Sequence[str]) -> Iterator[Asked]:
    text = re.sub(r"\s+", "", query)
    subject = _chinese_subject(text, speakers)
    if subject is None:
        return
    for attributes, form in _CHINESE:
        if form.search(text):
            for attribute in attributes:
                yield Asked(subject, attribute)
    device = _CHINESE_DEVICE.search(text)
    if device is not None:
        kind = DEVICE_NOUNS[device["noun"] or device["own"]]
        yield Asked(subject, "device" if kind == "device" else f"device:{kind}")
    favourite = _CHINESE_FAVOURITE.search(text)
    if favourite is not None:
        yield Asked(subject, f"favourite:{_FAVOURITES.get(favourite['kind'], favourite['kind'])}")
    elif _CHINESE_TASTE_ANY.search(text):
        yield Asked(subject, "taste")
    elif (taste := _CHINESE_TASTE.search(text)) is not None and "什么" not in taste["what"]:
        yield Asked(subject, f"taste:{thing(taste['what'])}")


_CHINESE_KINSHIP = "|".join(sorted(CHINESE_KIN, key=len, reverse=True))


def _chinese_subject(text: str, speakers: Sequence[str]) -> str | None:
    names = "|".join(re.escape(n) for n in speakers) or r"(?!)"
    match = re.search(
        rf"(?P<owner>我们|我|用户|本人|{names}|[A-Z][a-z]+)(?:的?(?P<kin>{_CHINESE_KINSHIP})(?!机))?",
        text,
        re.IGNORECASE,
    )
    if match is None:
        return None if re.search(r"[你您他她它]", text) else "user"
    base = match["owner"].casefold()
    base = "user" if base in {"我", "我们", "用户", "本人"} else base
    return f"{base}'s {CHINESE_KIN[match['kin']]}" if match["kin"] else base
