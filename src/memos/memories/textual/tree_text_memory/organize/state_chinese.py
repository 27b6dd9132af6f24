"""States that Chinese statements assert, clause by clause as in English.

A clause without a subject continues the one before; a clause about 他, 她 or 你 asserts nothing.
"""

import re
from collections.abc import Iterator

from memos.memories.textual.tree_text_memory.organize.state_chinese_rules import (
    OWNED,
    RULES,
    SET_DATE,
    device_claims,
    diet_claims,
    predicate,
    taste_claims,
)
from memos.memories.textual.tree_text_memory.organize.state_claim import Claim
from memos.memories.textual.tree_text_memory.organize.state_lexicon import CHINESE_KIN
from memos.memories.textual.tree_text_memory.organize.state_limit import chinese_limit_claims

_QUOTED = re.compile(r"“[^”]*”|「[^」]*」|\"[^\"]*\"|《[^》]*》")
_NOTE = re.compile(r"（[^）]*）|\([^)]*\)")
_SENTENCE = re.compile(r"(?<=[。！？!?；;\n])")
_CLAUSE = re.compile(
    r"[，,]\s*|(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])|(?<=\w)(?:而且|并且|但是|但|不过(?!敏)|所以)"
)
_VIEW = re.compile(r"\[assistant(?: view|观点)\]")
_ANSWERED = re.compile(r"^被问到“[^”]*”，(?P<who>.{1,20}?)回答：")
_SAID = re.compile(r"^(?P<who>用户|[\u4e00-\u9fffA-Za-z]{1,12})说：")
_QUESTION = re.compile(
    r"[？?]\s*$|吗[。.]?\s*$|(?:什么|哪里|哪儿|多少|怎么|是不是|有没有|为什么|谁)"
)
_UNREAL = re.compile(
    r"考虑|犹豫|纠结|要不要|该不该|如果|要是|假如|假设|倘若|希望|梦想|梦见|想象|万一|幻想|据说|听说|建议|推荐|可能|也许|或许|差点|除非|要不是|羡慕|计划书"
)
_KIN = "|".join(sorted(CHINESE_KIN, key=len, reverse=True))
_LEAD = re.compile(
    rf"(?:{SET_DATE}|"
    r"以前|之前|曾经|过去|小时候|其实|对了|另外|还有|因为|由于|所以|然后|后来|终于|最近|目前|现在|如今|刚刚|刚才|刚|昨天|今天|前天|前几天|"
    r"上周|上个?月|上个?星期|去年|今年(?!\d|[一二三四五六七八九十])|前年|这周|这个月|本月|早就|大学毕业后|毕业后|婚后|从\d{4}年(?:\d{1,2}月)?(?:起|开始)?|自从?|"
    r"\d{4}年(?:\d{1,2}月(?:\d{1,2}[日号])?)?|\d{1,2}月(?:\d{1,2}[日号])?|[一二三四五六七八九十两几\d]+(?:天|周|个?月|年)前|"
    r"很高兴|好消息|更新一下|告诉你|跟你说|不瞒你说|说实话|已经|已|也|就|都|还|又|正式|于|在(?=\d{4}年)|，|,|\s)+"
)
_OWNER = re.compile(r"(?P<owner>用户|我们家|我们|咱们|我|本人|俺)(?P<home>家)?")
_CALLED = re.compile(r"\s*(?:名字?)?叫")
_COUNTED = re.compile(
    r"[一两二三四五六七八九十几\d新](?:个|只|条|匹|头|位|名|家|所|座|款|辆|台|部|本|首|支|盆|棵|间|艘)"
    r"|(?:有|养|生|开|买|领养|收养)了?[^，,]{1,8}$"
)
"""What is called so after such a clause is not its subject: 我领养了一只猫，叫饼干."""
_OTHER = re.compile(r"他|她|它|你|您|这|那(?!时)|大家|有人|别人|谁|每个人|人们|很多人")
_NOBODY = re.compile(
    r"[他她它]|(?:公司|单位|学校|工厂|医院|部门|老板|办公室|总部|店里?)(?![\u4e00-\u9fff]{0,2}的)"
)
"""Of whom nothing is known, or no person at all."""
_NAMED = re.compile(
    r"(?P<name>[A-Z][a-z]+|(?:小|阿|老)[\u4e00-\u9fff]|[\u4e00-\u9fff]{2,3}?)(?=(?:现在|目前|已经|去年|今年|以前|之前|上个?月)?(?:住在|搬到|搬去|入职|加入了|跳槽|不?喜欢|讨厌|离婚|结婚|改吃|换了|升职|辞职|从.{1,8}(?:搬|离职|辞职)|在.{1,10}(?:工作|上班)))"
)


def chinese_claims(value: str, speaker: str) -> Iterator[Claim]:
    """Claims of a Chinese statement, in order, repetitions included.

    Args:
        value: a statement as the reader writes it, or in the first person.
        speaker: who 我 is, a canonical subject.
    """
    text = value.strip()
    if _VIEW.match(text):
        return
    answered = _ANSWERED.match(text)
    first = None
    if answered is not None:
        first = "user" if answered["who"] == "用户" else answered["who"].casefold()
        text = text[answered.end() :]
    text = _NOTE.sub("", _QUOTED.sub("“”", text))
    said = _SAID.match(text)
    if said is not None:
        speaker = "user" if said["who"] == "用户" else said["who"].casefold()
        text = text[said.end() :]
    for sentence in _SENTENCE.split(text):
        if _QUESTION.search(sentence) or _UNREAL.search(sentence):
            continue
        subject, before = first, ""
        for part in _CLAUSE.split(sentence):
            if _CALLED.match(part) and _COUNTED.search(before):
                continue
            before = part
            clause = _LEAD.sub("", part, count=1) if _LEAD.match(part) else part
            times = part[: len(part) - len(clause)]
            subject, rest, owned = _split(clause.strip("。！!；; "), subject, speaker)
            if subject is not None:
                yield from _matched(subject, times, rest, owned=owned)


def _split(clause: str, before: str | None, speaker: str) -> tuple[str | None, str, bool]:
    if _NOBODY.match(clause):
        return None, clause, False
    owner = _OWNER.match(clause)
    if owner is not None:
        base = "user" if owner["owner"] == "用户" else speaker
        return _kin(base, clause[owner.end() :], after_home=bool(owner["home"]))
    named = _NAMED.match(clause)
    if named is not None and not re.match(
        r"现在|目前|以前|之前|一直|从小|不再|不太|特别|非常|其实|曾经|当时|只|不|很|最|并|也",
        clause,
    ):
        return named["name"].casefold(), clause[named.end() :], False
    if _OTHER.match(clause):
        return None, clause, False
    return before, clause, False


def _kin(base: str, rest: str, *, after_home: bool) -> tuple[str | None, str, bool]:
    if after_home and not re.match(r"的", rest):
        return base, "家" + rest, False
    match = re.match(
        rf"的?(?P<kin>{_KIN})(?![\u4e00-\u9fff]{{0,2}}[机包])(?:(?P<name>小[\u4e00-\u9fff]|[A-Z][a-z]+))?",
        rest,
    )
    if match is not None:
        rest = rest[match.end() :]
        return (
            f"{base}'s {CHINESE_KIN[match['kin']]}",
            rest.removeprefix("的"),
            rest.startswith("的"),
        )
    if re.match(r"(?:和|跟|与)", rest):
        rest = re.sub(
            rf"^(?:和|跟|与)(?:我的?|用户的?)?(?:{_KIN}|[A-Z][a-z]+)(?:一起|都)?", "", rest
        )
    owned = rest.startswith("的")
    return base, rest.removeprefix("的"), owned


def _matched(subject: str, times: str, rest: str, *, owned: bool) -> Iterator[Claim]:
    said = predicate(rest, times)
    for rule in (*OWNED, *RULES) if owned else (*RULES, *OWNED):
        found = list(rule.read(subject, said))
        yield from found
        if found and not owned:
            break
    for rules in (diet_claims, device_claims, taste_claims, chinese_limit_claims):
        yield from rules(subject, said)
