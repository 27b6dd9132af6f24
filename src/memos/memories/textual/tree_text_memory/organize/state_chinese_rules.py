"""Predicates that assert a state in Chinese."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from memos.memories.textual.tree_text_memory.organize.state_claim import Claim
from memos.memories.textual.tree_text_memory.organize.state_lexicon import (
    CITIES,
    DEVICE_NOUNS,
    canonical,
    device_kind,
    thing,
)

SET_DATE = r"(?:(?:下个?月|明年|\d{1,2}月|[一二三四五六七八九十]{1,2}月)(?:份|初|中旬|底|(?:\d{1,2}|[一二三四五六七八九十]{1,3})[日号])?|下个?(?:周|星期|礼拜)[一二三四五六日天]?|明天|后天)(?:就?要|会|将|就)?"
"""A date that is set; a plan without one claims nothing."""
_ADVERB = rf"(?:{SET_DATE}|现在|目前|如今|已经|已|刚刚|刚|终于|一直|也|就(?![职读])|都|还(?=是[一单个名])|还是(?=[住在喜讨很爱用不])|还(?!是)|最近|正式|一般|常年|暂时|长期|又|真的|其实|后来|主要|从小(?=[就喜爱讨不在住很]|特别)|特别|非常|当时|全家|自己|于是|今年|去年|上个?月|上周|上星期|本周|这周|昨天|今天|前天|前几天|依然|仍然|仍|[一二三四五六七八九十两几\d]+(?:天|周|个?月|年)前|\d{{4}}年(?:\d{{1,2}}月)?|(?:上|下|这)?(?:个)?(?:周|星期|礼拜)[一二三四五六日天]|(?:\d{{1,2}}|[一二三四五六七八九十]{{1,3}})月(?:份|底|初)?(?:\d{{1,2}}[号日])?|年底|年初|今早|昨晚|今晚|毕业后|婚后)"
_FORMER = r"(?:以前|之前|曾经|曾|过去|原来|原先|小时候)"
_HEAD = re.compile(rf"(?:{_ADVERB}|(?P<former>{_FORMER}))")
_TIME_END = r"(?:[一二三四五六七八九十两几好\d]+(?:多)?(?:个)?(?:年|月|天|周|星期).*)"
_PLACE = r"[\u4e00-\u9fffA-Za-z' ]{2,14}?"
_PLACE_END = rf"(?={_TIME_END}|了|过|工作|生活|定居|上班|住|这边|这儿|的|，|。|$|已经|至今|呢|快)"
_DISTRICT = re.compile(
    r"^(?P<city>[\u4e00-\u9fff]{2,3}?)市?(?=[\u4e00-\u9fff]{1,4}(?:区|路|街|镇|新区)$)|市$"
)
_ORG = r"[\u4e00-\u9fffA-Za-z0-9&·. ]{2,16}?"
_JOB_SUFFIX = (
    r"(?:师|员|医生|兽医|牙医|中医|法医|护士|经理|总监|程序猿|主管|总裁|教授|老师|律师|会计|司机|作家|记者|演员|学生|研究生|博士生|"
    r"大学生|创业者|自由职业者|自由职业|负责人|组长|主任|院长|校长|厨师|编辑|翻译|顾问|销售|作者|主播|博主|画家|歌手|警察|军人|农民|法官|合伙人|CEO|CTO|实习生|店长|架构师|全职妈妈|家庭主妇)"
)
_JOB = rf"(?![\u4e00-\u9fff]{{0,3}}[年月天])[\u4e00-\u9fffA-Za-z/]{{0,8}}?{_JOB_SUFFIX}"
_END = r"(?=[，。！!了]|$|的工作|已经|多年)"
_SCHOOL = r"(?![\u4e00-\u9fff]{1,8}[读上念]的?大学)[\u4e00-\u9fffA-Za-z]{2,10}?(?:大学|学院|中学|小学|高中|初中|一中|附中)|清华|北大|复旦|浙大|交大"
_KNOWN_CITY = "(?:" + "|".join(sorted((c for c in CITIES if len(c) == 2), key=len)) + ")"
_CHINESE_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}


@dataclass(frozen=True, slots=True)
class Said:
    """A predicate without its adverbs; `former` when one of them says that it was so once."""

    body: str
    former: bool = False


def predicate(rest: str, before: str = "") -> Said:
    """Take the adverbs off a predicate; `before` are the words before its subject."""
    former = re.search(_FORMER, before) is not None
    while (match := _HEAD.match(rest)) is not None and match.end():
        former = former or match["former"] is not None
        rest = rest[match.end() :]
    return Said(rest.removeprefix("的"), former)


@dataclass(frozen=True, slots=True)
class ChineseRule:
    """A pattern at the start of a predicate, and its claims as in the English `Rule`."""

    pattern: re.Pattern[str]
    claims: tuple[tuple[str, str, bool], ...]

    def read(self, subject: str, said: Said) -> Iterator[Claim]:
        """Claims of a predicate about a subject."""
        match = self.pattern.match(said.body)
        if match is None:
            return
        groups = match.groupdict()
        over = said.former or groups.get("not") is not None or groups.get("past") is not None
        for attribute, source, ended in self.claims:
            text = source[1:] if source.startswith("=") else groups.get(source)
            value = "" if source == "=" else None if text is None else _value(attribute, text)
            if value is not None and not (over and ended):
                yield Claim(subject, attribute, value, ended or over)


def _value(attribute: str, text: str) -> str | None:
    text = text.strip("的 ")
    if attribute == "age":
        return _number(text)
    if attribute in {"home", "plan:travel"}:
        city = _DISTRICT.match(text)
        text = city["city"] if city and city["city"] else text.removesuffix("市")
        if re.search(
            r"家里|这里|那里|一起|公司|学校|宿舍|酒店|医院|楼|房|民宿|哪|自己|朋友|父母|爸妈|外面|地方",
            text,
        ):
            return None
    if attribute == "employer":
        text = (
            re.sub(
                r"^(?:一家|一个)?[\u4e00-\u9fff]{0,4}(?:公司|企业)叫(?:做)?|^(?:一家|一个|这家|那家)|(?:公司|集团|总部|做|担任|当)$",
                "",
                text,
            )
            or text
        )
        bare = text.removesuffix("市")
        if (
            bare == "公司"
            or bare in CITIES
            or re.search(
                r"[省市区县镇]$|家$|的|^(?:叫|哪|这|那|自己|一|某|我|工地|办公室|医院|学校|银行|互联网|外地|晚上|早上|周末|咖啡|图书馆|努力|认真|同)|行业|领域|方面|时候|上面|点|小时",
                bare,
            )
        ):
            return None
        if bare and canonical(bare) in CITIES:
            return None
    if attribute.startswith("favourite"):
        return thing(text)
    if attribute == "job":
        text = re.sub(r"^(?:一名|一位|一个|名|位|个)", "", text)
    return canonical(text) if text else None


def _number(text: str) -> str | None:
    if text.isdigit():
        return str(int(text))
    tens, mark, ones = text.partition("十")
    if not mark:
        return str(_CHINESE_DIGITS[text]) if text in _CHINESE_DIGITS else None
    high = _CHINESE_DIGITS.get(tens, 1) if tens else 1
    return str(high * 10 + _CHINESE_DIGITS.get(ones, 0))


def _rule(pattern: str, *claims: str) -> ChineseRule:
    parsed = []
    for claim in claims:
        attribute, _, source = claim.rstrip("!").partition("=")
        parsed.append((attribute, source, claim.endswith("!")))
    return ChineseRule(re.compile(pattern), tuple(parsed))


RULES = (
    _rule(rf"从(?P<from>{_PLACE})(?:搬|移居|迁)(?:到|去|来|回|往|至)(?:了)?(?P<to>{_PLACE}){_PLACE_END}", "home=from!", "home=to"),
    _rule(rf"(?:(?:搬家|搬|移居|迁居)(?:到|去|来|回|至)|移居|迁居)(?:了)?(?P<to>{_PLACE}){_PLACE_END}", "home=to"),
    _rule(rf"(?P<not>不再|不)?(?:住在|家住在?|定居在?于?|常住在?|居住在)(?:了)?(?P<to>{_PLACE}){_PLACE_END}", "home=to"),
    _rule(rf"在(?P<to>{_PLACE})(?:定居|安家|居住|生活(?=$|了|，))(?!过)", "home=to"),
    _rule(rf"在(?P<to>{_PLACE})(?:(?P<past>住过|生活过|居住过|待过)|住(?=了))", "home=to"),
    _rule(rf"(?P<not>不在|不再在)(?P<to>{_PLACE})(?:住|生活|居住)了?$", "home=to"),
    _rule(rf"住(?P<to>{_KNOWN_CITY})(?=了|，|。|$|这边|呢)", "home=to"),
    _rule(rf"家(?:现在)?在(?P<to>{_PLACE}){_PLACE_END}", "home=to"),
    _rule(rf"从(?P<org>{_ORG})跳槽(?:到|去|至)了?(?P<next>{_ORG})(?:公司)?(?=了|做|当|担任|，|。|$)(?:了?(?:做|当|担任)(?P<job>{_JOB}){_END})?", "employer=org!", "employer=next", "job=job"),
    _rule(rf"(?:入职|跳槽到|跳槽去|加入|就职于|任职于|供职于|受雇于|转到|换到)了?(?P<org>{_ORG})(?:公司)?(?=了|做|当|担任|，|。|$|上班|工作)(?!.*(?:社团|俱乐部|群|协会|小组|社区|健身房))(?:了?(?:做|当|担任)(?P<job>{_JOB}){_END})?", "employer=org", "job=job"),
    _rule(rf"(?:去|到)了?(?P<org>{_ORG})(?:公司)?(?:上班|入职|报到|任职)了?$", "employer=org"),
    _rule(rf"(?:已经)?(?:从|在)(?P<org>{_ORG})(?:公司)?(?:离职|辞职|辞掉|被裁|被辞退|退休)", "employer=org!"),
    _rule(r"被公司(?:裁员|裁掉|裁|辞退|解雇)了?$", "employer==!"),
    _rule(rf"(?:离开|辞去|辞掉|被)了?(?P<org>{_ORG})(?:公司)?(?:的工作)?(?:裁员|裁掉|裁|辞退|解雇)了?$", "employer=org!"),
    _rule(r"离开了?(?P<org>[A-Z][A-Za-z]+|谷歌|微软|腾讯|阿里巴巴|阿里|字节跳动|字节|华为|百度|美团|京东|[\u4e00-\u9fff]{2,8}公司)(?=了|，|。|$|加入)", "employer=org!"),
    _rule(rf"(?P<not>不在|不再在|没在|已经不在)(?P<org>{_ORG})(?:公司)?(?:工作|上班|做|干)了?$", "employer=org"),
    _rule(r"(?:离职|辞职|失业|被开除|被炒鱿鱼|被炒|被裁员|被裁|被辞退|被解雇)了?$", "employer==!"),
    _rule(rf"在(?P<org>{_ORG})(?:公司)?(?:工作|上班|任职|就职|实习)(?:过(?P<past>))?(?!的时候|时|期间|坊|室)(?=了|，|。|$|{_TIME_END})", "employer=org"),
    _rule(rf"在(?P<org>{_ORG})(?:公司)?(?:担任|做|当)(?:一名|一个)?(?P<job>{_JOB}){_END}", "employer=org", "job=job"),
    _rule(rf"(?P<not>不再|不)?(?:是|当上了|当了|当|成为了?|做|做了|担任|转行做了?|转行当了?|转行成为|转岗做|改行做了?|升职为|升职成了?|升职当了?|升为|晋升为|提拔为|被提升为|升任|升职到)(?:了)?(?:一名|一位|一个|名|个|位)?(?P<job>{_JOB}){_END}", "job=job"),
    _rule(r"退休了?$", "job==退休"),
    _rule(rf"(?:在|就读于|考上了?|转学到了?|转学去了?|考入了?|考进了?)(?P<school>{_SCHOOL})(?:读|念|上|学|就读|[，。]|$|了)", "school=school"),
    _rule(rf"(?:毕业于|从)(?P<school>{_SCHOOL})(?:毕业|退学|[，。]|$)", "school=school!"),
    _rule(r"(?:今年|刚|刚刚|已经|年龄|满|是)*(?P<age>\d{1,3}|[一二三四五六七八九十]{1,4})(?:周)?岁(?:了|生日)?$", "age=age"),
    _rule(r"(?:刚|刚刚|过了|过完|庆祝了|度过了)+(?P<age>\d{1,3}|[一二三四五六七八九十]{1,4})岁生日", "age=age"),
    _rule(r"(?:已经|现在)?(?:结婚了|已婚|(?:和|跟|与).{1,8}结婚了|领证了|领了结婚证|办了婚礼|嫁给了?.{1,6}$)", "relationship==married"),
    _rule(r"(?:(?:和|跟|与).{1,8})?(?:离婚了|离异|离了婚|离婚$)", "relationship==divorced"),
    _rule(r"(?:(?:和|跟|与).{1,8})?(?:订婚了|订了婚)", "relationship==engaged"),
    _rule(r"(?:是|恢复|还是|又)*单身(?=了|$|狗|状态|，|。)|(?:(?:和|跟|与).{1,8})?(?:分手了|未婚$|恢复单身)", "relationship==single"),
    _rule(r"(?:(?:有|交了?|找了?)(?:一个|个|新)?(?:男朋友|女朋友|男友|女友)了?$|谈恋爱了|恋爱了|脱单了|在谈恋爱|(?:和|跟|与).{1,8}(?:在一起了|交往))", "relationship==dating"),
    _rule(r"(?:改名|更名|名字改)(?:为|叫|成)了?(?P<name>[\u4e00-\u9fffA-Za-z]{2,10}?)(?=了|，|。|$)", "name=name"),
    _rule(r"(?:叫|名叫|名字叫|本名|大名)(?P<name>(?!我|他|她|你|了)[\u4e00-\u9fff]{2,4}|[A-Z][a-z]+)$", "name=name"),
    _rule(rf"(?:打算|计划|准备|决定|要|改|订了)(?:在?.{{0,6}}?)(?:去|到|飞)(?P<to>{_PLACE})(?:旅行|旅游|玩|度假|度蜜月|自由行|的机票)", "plan:travel=to"),
    _rule(rf"(?:取消了?|放弃了?)(?:去|到)?(?P<to>{_PLACE})(?:的)?(?:旅行|旅游|行程|度假|之行|计划)", "plan:travel=to!"),
)  # fmt: skip
_IS = r"(?:还是|依然是|仍是|是|为|改成了?|改为了?|换成了?|变成了?|叫|：|:)+(?:了)?"
_STATUS = r"(?:感情状态|婚姻状况|婚姻状态|感情状况)(?:现在|目前)?(?:已?经?变?[是为]|：|已)?"
_DIET_HABIT = r"(?:饮食习惯|饮食|饮食方式)(?:现在|目前)?(?:是|为|变成了?|改成了?|：)"
OWNED = (
    _rule(rf"(?:新的?|现在的?|目前的?)?(?:名字|姓名|大名){_IS}(?P<name>[\u4e00-\u9fff]{{2,4}}|[A-Z][a-z]+(?: [A-Z][a-z]+)?)$", "name=name"),
    _rule(rf"(?:新的?|现在的?|目前的?)?(?:职业|工作|职位|岗位|职务|身份){_IS}(?:一名|一个|一位|个|名)?(?P<job>[\u4e00-\u9fffA-Za-z]{{2,10}}?)(?=了|，|。|$)(?<!忙)", "job=job"),
    _rule(rf"(?:新的?|现在的?|目前的?)?(?:公司|单位|东家|雇主){_IS}(?P<org>{_ORG})(?=了|，|。|$)", "employer=org"),
    _rule(rf"(?:新的?|现在的?|目前的?)?(?:学校){_IS}(?P<school>{_SCHOOL})$", "school=school"),
    _rule(r"年龄(?:是|为|：)?(?P<age>\d{1,3})岁?$", "age=age"),
    _rule(rf"(?:新的?|现在的?|目前的?)?(?:家|住处|住所|居住地|所在城市|常住地)(?:现在)?(?:在|是|：|搬到了?)(?P<to>{_PLACE}){_PLACE_END}", "home=to"),
    _rule(rf"(?:新的?|现在的?|工作|个人|联系)*(?:邮箱|电子邮箱|邮件|邮箱地址|email|Email){_IS}\s*(?P<email>\S+@[\w.-]+\w)", "email=email"),
    _rule(rf"(?:新的?|现在的?|联系)*(?:电话|手机号|电话号码|手机号码|号码|手机){_IS}\s*(?P<number>\+?\d[\d -]{{5,}}\d)", "phone_number=number"),
    _rule(rf"(?:新的?|现在的?|家庭|收货)*(?:地址|住址){_IS}\s*(?P<address>.{{4,40}})$", "address=address"),
    _rule(rf"(?:新的?|现在的?|目前的?|当前的?|最大的?|长期|短期|今年的?|下一个|主要的?)*目标{_IS}\s*(?P<goal>.{{2,30}})$", "goal=goal"),
    _rule(rf"最喜欢的(?:食物|菜|美食){_IS}(?:吃)?(?P<what>[\u4e00-\u9fffA-Za-z ]{{1,10}}?)(?=了|，|。|$)", "favourite:food=what"),
    _rule(rf"最喜欢的(?:电影|影片){_IS}(?P<what>[\u4e00-\u9fffA-Za-z ]{{1,16}}?)(?=了|，|。|$)", "favourite:movie=what"),
    _rule(rf"最喜欢的(?:书|小说){_IS}(?P<what>[\u4e00-\u9fffA-Za-z ]{{1,16}}?)(?=了|，|。|$)", "favourite:book=what"),
    _rule(rf"最喜欢的颜色{_IS}(?P<what>[\u4e00-\u9fff]{{1,5}}?)(?=了|，|。|$)", "favourite:color=what"),
    _rule(rf"最喜欢的(?:歌手|乐队){_IS}(?P<what>[\u4e00-\u9fffA-Za-z ]{{1,16}}?)(?=了|，|。|$)", "favourite:singer=what"),
    _rule(r"(?:现在|每天|每天上班|上班)*通勤(?:时间)?(?:现在|大概|大约|只|单程|一般)*(?:是|要|需要|得|花|：|(?=\d|坐|骑|开车|走路))(?P<commute>.{2,30})$", "commute=commute"),
    _rule(r"(?:现在的?|每个?月的?|新的?)*房租(?:现在|每个?月|一个月|大概)*(?:是|为|要|涨到了?|：)?(?P<rent>\d.{0,20})$", "rent=rent"),
    _rule(r"(?:现在的?|新的?)*(?:工资|薪水|月薪|年薪)(?:现在|每个?月|大概)*(?:是|为|涨到了?|：)?(?P<salary>[\d一二两三四五六七八九十百].{0,20})$", "salary=salary"),
    _rule(rf"{_STATUS}(?:单身|未婚)(?:状态)?$", "relationship==single"),
    _rule(rf"{_STATUS}(?:已婚|结婚|已结婚)(?:状态)?$", "relationship==married"),
    _rule(rf"{_STATUS}(?:恋爱中?|恋爱关系|有对象|有伴侣)$", "relationship==dating"),
    _rule(rf"{_STATUS}(?:已订婚|订婚)$", "relationship==engaged"),
    _rule(rf"{_STATUS}(?:离婚|已离婚|离异)(?:状态)?$", "relationship==divorced"),
    _rule(rf"{_DIET_HABIT}(?:吃素|素食|素食主义)$", "diet==vegetarian"),
    _rule(rf"{_DIET_HABIT}(?:纯素|全素|纯素食)$", "diet==vegan"),
    _rule(rf"{_DIET_HABIT}(?:吃肉|吃荤|荤食|荤素都吃)$", "diet==omnivore"),
    _rule(rf"{_DIET_HABIT}(?P<diet>生酮|低碳|清真)(?:饮食)?$", "diet=diet"),
)  # fmt: skip

_DIETS = r"(?P<diet>纯素食者|素食主义者|素食者|纯素|全素|素食|吃素|生酮饮食|生酮|低碳饮食|清真)"
_DIET = re.compile(
    rf"(?P<not>不再|不|没有)?(?:是|成为了?|成了|改|开始|在|坚持|变成了?|只|转为)*(?:个|一个|一名)?(?:坚持)?{_DIETS}"
)
_NO_MEAT = re.compile(r"(?:不吃肉了?|戒肉了?|不再吃肉)$")
_MEAT = re.compile(r"(?:又|重新|恢复|开始)+(?:吃荤|吃肉|开荤)(?:了)?")


def diet_claims(subject: str, said: Said) -> Iterator[Claim]:
    """What somebody lives on."""
    rest = said.body
    if _MEAT.match(rest):
        yield Claim(subject, "diet", "omnivore")
    elif _NO_MEAT.match(rest):
        yield Claim(subject, "diet", "vegetarian")
    else:
        match = _DIET.match(rest)
        if match is not None and not re.match(r"餐厅|馆|店|餐|菜|朋友", rest[match.end() :]):
            yield Claim(
                subject, "diet", canonical(match["diet"]), said.former or match["not"] is not None
            )


_DEVICE = re.compile(
    r"(?P<not>不再|不)?(?:(?:把(?:我的|自己的)?(?P<old>.{2,14}?))?(?:从(?P<from>.{2,12}?))?(?:新)?换(?:成|到|了|用|上)+|新?买了?|入手了?|用的是|用的|使用|在用|用|开的是|开的|开|改用|升级到|升级成|(?:手机|电脑|笔记本|车|平板|手表|耳机|相机)换成)(?:了)?"
    r"(?:新的?)?(?:[一两]?(?:台|部|个|辆|块|款|副))?(?:新的?|二手)?(?P<model>[A-Za-z\u4e00-\u9fff0-9][\w .+-]{1,20}?)(?:手机|电脑|笔记本电脑|笔记本|平板|汽车)?(?=了|，|。|$|来|上班)"
)
_OWN_DEVICE = re.compile(
    r"(?:新的?|现在的?|目前的?|工作)*(?P<noun>手机|笔记本电脑|笔记本|电脑|平板电脑|平板|车|汽车|座驾|手表|耳机|相机|游戏机|设备)(?:现在)?(?:是|换成了?|换了|：|为|用的是|升级到了?|升级成了?)+(?:一?(?:台|部|个|辆|块|款|副))?(?P<model>[A-Za-z\u4e00-\u9fff0-9][\w .+-]{1,20}?)(?=了|，|。|$)"
)


def device_claims(subject: str, said: Said) -> Iterator[Claim]:
    """Devices by model."""
    rest = said.body
    own = _OWN_DEVICE.match(rest)
    if own is not None and not re.match(r"坏|丢|很|新的$|旧|没", own["model"]):
        noun = DEVICE_NOUNS[own["noun"]]
        kind = device_kind(own["model"]) or noun
        yield Claim(
            subject, f"device:{kind if noun == 'device' else noun}", canonical(own["model"])
        )
        return
    match = _DEVICE.match(rest)
    if match is None:
        return
    model_kind = device_kind(match["model"])
    model = canonical(match["model"])
    if (
        model_kind is None
        or model in DEVICE_NOUNS
        or re.search(r"壳|充电|股票|线|膜|送|给|配件", rest)
    ):
        return
    former = match["old"] or match["from"]
    if former and (device_kind(former) or match["from"]):
        yield Claim(subject, f"device:{model_kind}", canonical(former), ended=True)
    yield Claim(subject, f"device:{model_kind}", model, said.former or match["not"] is not None)


_TASTE = re.compile(
    r"(?:现在|很|特别|非常|最|比较|超级?|也|真的|更|尤其|挺|蛮|太|平时|一般|越来越|开始|个人|慢慢|逐渐|变得|确实)*"
    r"(?P<not>不再那么|不再|不太|不怎么|已经不|不|没那么|不是很|不是特别)?(?:很|太|怎么|再|是很)?"
    r"(?:(?P<like>喜欢上了?|喜欢|爱上了?|迷上了?|热爱|喜爱|钟爱|偏爱|爱(?=吃|喝|看|玩|听|打|踢))|(?P<hate>讨厌|厌恶|反感|受不了|戒了|吃腻了|喝腻了)|(?P<avoid>不能再?(?:吃|喝)|[吃喝]不了|不(?:吃|喝)|戒(?:吃|喝)?了?))"
    r"(?P<what>[^，。！!；;]{1,16})"
)
_VERB = re.compile(r"^(?:去|在)?(?:吃|喝|看|玩|听|养|用|穿|品尝|买)(?!书$|电影院)")
_TASTE_NOT = re.compile(r"^在|你|您|他|她|我|这|那|什么|怎么|的时候|和.+一起|跟|被|自己|它|一个人$")
_TASTE_END = re.compile(
    r"(?:这种|这类|之类)?(?:的(?:东西|食物|菜)|这个|这件事|了|啦|的|呢|啊|吧|过敏)+$"
)


def taste_claims(subject: str, said: Said) -> Iterator[Claim]:
    """Likes and dislikes."""
    match = _TASTE.match(said.body)
    if match is None:
        return
    if match["what"].startswith("的") or (match["avoid"] and re.match("[肉荤素]", match["what"])):
        return
    likes = bool(match["like"]) and not match["not"]
    if match["hate"] and match["not"]:
        return
    for item in re.split(r"[和与、或]|以及|还有", match["what"]):
        plain = _VERB.sub("", _TASTE_END.sub("", item.strip()))
        plain = re.sub(r"^(?:太|很|特别|非常|过于)", "", plain)
        if plain and len(plain) <= 8 and not _TASTE_NOT.search(plain):
            name = thing(plain)
            yield Claim(subject, f"taste:{name}", name, said.former, likes)
