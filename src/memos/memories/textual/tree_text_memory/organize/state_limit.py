"""What somebody's body sets limits to: allergies, illnesses, medicines. English and Chinese.

Each is a state of its own (`allergy:peanut`, `condition:diabetes`, `medication:warfarin`), so that
"no longer allergic to peanuts" ends the very one.
"""

import re
from collections.abc import Iterator
from typing import Protocol

from memos.memories.textual.tree_text_memory.organize.state_claim import Claim
from memos.memories.textual.tree_text_memory.organize.state_lexicon import thing

LIMITS = frozenset({"allergy", "condition", "medication"})
"""Attribute families of this module."""


class _Said(Protocol):
    """A predicate of either language."""

    @property
    def body(self) -> str:
        """The verb and what follows it."""
        ...

    @property
    def former(self) -> bool:
        """It was so once."""
        ...


_CONDITIONS = {
    "diabetes": "diabetes|diabetic|糖尿病",
    "hypertension": "hypertension|high blood pressure|hypertensive|高血压",
    "asthma": "asthma|asthmatic|哮喘",
    "epilepsy": "epilepsy|epileptic|癫痫",
    "celiac": "celiac disease|coeliac disease|celiac|coeliac|乳糜泻",
    "heart disease": "heart disease|a heart condition|heart condition|heart failure|心脏病",
    "kidney disease": "kidney disease|kidney failure|肾病|肾炎",
    "gout": "gout|痛风",
    "pregnancy": "pregnant|expecting a baby|怀孕|孕妇",
    "lactose intolerance": "lactose intolerant|lactose intolerance|lactose-intolerant|乳糖不耐受?",
    "gluten intolerance": "gluten intolerant|gluten intolerance|gluten-intolerant|麸质不耐受?",
    "motion sickness": "motion sickness|carsick|seasick|晕车|晕船|晕机",
    "migraine": "migraines?|偏头痛",
    "gastritis": "gastritis|a stomach ulcer|胃炎|胃溃疡",
    "ADHD": "adhd|多动症",
    "depression": "depression|抑郁症?",
    "anxiety": "anxiety(?: disorder)?|焦虑症",
    "insomnia": "insomnia|失眠症",
    "autism": "autism|autistic|自闭症",
    "arthritis": "arthritis|关节炎",
    "cancer": "(?:\\w+ )?cancer|癌症|[\u4e00-\u9fff]癌",
    "fatty liver": "(?:a )?fatty liver|脂肪肝",
    "wheelchair": "a wheelchair user|in a wheelchair|wheelchair-bound|坐轮椅",
}
_CONDITION = "|".join(f"(?P<c{n}>{words})" for n, words in enumerate(_CONDITIONS.values()))
_MEDICINE = (
    r"(?P<drug>warfarin|insulin|metformin|aspirin|ibuprofen|paracetamol|lithium|prednisone|levothyroxine|"
    r"omeprazole|sertraline|antidepressants?|antibiotics?|blood thinners?|beta blockers?|painkillers?|"
    r"birth control|statins?|salbutamol|ventolin|melatonin|adderall|ritalin|xanax|prozac|zoloft|ozempic|[a-z]{3,12}(?:statin|cillin|pril|sartan|azole|oxetine|olol|mycin|prazole|gliptin)|"
    r"(?:[\w-]+ ){0,2}(?:medication|medicine|pills|tablets))"
)
_OUTGROWN = re.compile(
    r"(?:outgrew|grew out of|got over|got rid of|lost|overcame) (?:my|their|his|her|the|an?) "
    r"(?:allergy to (?P<other>[\w' -]{2,40}?)(?=[,.;(]|$)|(?P<what>[\w-]+(?: [\w-]+)?) allerg(?:y|ies))",
    re.IGNORECASE,
)
_ANY_MORE = re.compile(r"\s+(?:any ?more|any longer|now|at all|too|either|anymore)$", re.IGNORECASE)
_ALLERGIC = re.compile(
    r"is (?:[\w-]+ly )?allergic to (?P<what>[\w' -]{2,40}?)(?= and (?:\w+ ){0,2}(?:is|likes?|loves?|has)\b|[,.;(]|$)",
    re.IGNORECASE,
)
_ALLERGY = re.compile(
    r"(?:has|have|got|suffers? from) (?:an? )?(?:severe |bad |mild |serious |strong )?"
    r"(?:(?P<what>(?!no\b|any\b)[\w-]+(?: [\w-]+)?) allerg(?:y|ies)|allerg(?:y|ies) to (?P<other>[\w' -]{2,40}?)(?=[,.;(]|$))",
    re.IGNORECASE,
)
_ILL = re.compile(
    rf"(?:is|has|have|suffers? from|was (?:recently |just )?diagnosed with|lives? with|gets?)(?: (?:an?|type [12]|mild|severe|chronic|easily))*"
    rf" (?:{_CONDITION})\b",
    re.IGNORECASE,
)
_TAKES = re.compile(
    rf"(?:takes?|is (?:taking|on)|uses?|was prescribed|injects?) (?:(?:my|their|his|her|daily|some|a|an|the) )*{_MEDICINE}\b",
    re.IGNORECASE,
)
_STOPPED = re.compile(
    rf"(?:stopped|quit|is off|no longer needs?|came off)(?: (?:taking|using))?(?: (?:my|their|his|her|the))* {_MEDICINE}\b",
    re.IGNORECASE,
)
_CHINESE_ALLERGY = re.compile(
    r"(?P<not>不再|不|已经不)?对(?P<what>[^，,。；;过]{1,12}?)(?:严重|轻微|有点|都|已经|早就|现在|突然)*(?P<no>不再|不)?过敏"
)
_CHINESE_ILL = re.compile(
    rf"(?P<not>没有|不再|没)?(?:有|患有|得了|患|是|(?:被)?确诊(?:为|了|出)?|(?:体检)?查出(?:来)?(?:有|得了|患有)?|容易|会)?(?:轻度|严重|慢性|[一二12]型)*(?:{_CONDITION})"
)
_CHINESE_DRUG = (
    r"(?P<drug>华法林|胰岛素|二甲双胍|阿司匹林|布洛芬|降压药|降糖药|抗生素|抗抑郁药|安眠药|褪黑素|避孕药|止痛药|他汀|"
    r"[\u4e00-\u9fff]{1,5}(?:洛尔|他汀|地平|沙坦|拉唑|霉素|西林))"
)
_CHINESE_TAKES = re.compile(
    rf"(?P<not>不再|停止|停了|不用|不)?(?:每天|每日|早晚|长期|正在|一直|都)*(?:要|在|得|需要)*(?:吃|服用|服|打|注射|用)了?{_CHINESE_DRUG}"
)


_CHINESE_STOPPED = re.compile(rf"{_CHINESE_DRUG}(?:已经|都|早就|也)*(?:停|断|不吃|不用|戒)了?")


def limit_claims(subject: str, said: _Said, *, negated: bool) -> Iterator[Claim]:
    """Allergies, illnesses and medicines of an English predicate."""
    ended = negated or said.former
    outgrown = _OUTGROWN.match(said.body)
    allergic = outgrown or _ALLERGIC.match(said.body) or _ALLERGY.match(said.body)
    ended = ended or outgrown is not None
    if allergic is not None:
        named = allergic["what"] or allergic.groupdict().get("other") or ""
        for one in re.split(r",\s*|\s+(?:and|or)\s+", named):
            yield _claim(subject, "allergy", thing(_ANY_MORE.sub("", one)), ended=ended)
        return
    ill = _ILL.match(said.body)
    if ill is not None:
        yield _claim(subject, "condition", _condition(ill), ended=ended)
        return
    stopped = _STOPPED.match(said.body)
    takes = stopped or _TAKES.match(said.body)
    if takes is not None:
        drug = thing(takes["drug"].lower())
        yield _claim(subject, "medication", drug, ended=ended or stopped is not None)


def chinese_limit_claims(subject: str, said: _Said) -> Iterator[Claim]:
    """Allergies, illnesses and medicines of a Chinese predicate."""
    allergic = _CHINESE_ALLERGY.match(said.body)
    if allergic is not None:
        ended = said.former or bool(allergic["not"] or allergic["no"])
        for one in re.split("[、和与跟]", allergic["what"]):
            if one:
                yield _claim(subject, "allergy", thing(one), ended=ended)
        return
    ill = _CHINESE_ILL.match(said.body)
    if ill is not None:
        ended = said.former or bool(ill["not"])
        yield _claim(subject, "condition", _condition(ill), ended=ended)
        return
    takes = _CHINESE_TAKES.match(said.body) or _CHINESE_STOPPED.match(said.body)
    if takes is not None:
        ended = said.former or takes.re is _CHINESE_STOPPED or bool(takes["not"])
        yield _claim(subject, "medication", takes["drug"], ended=ended)


def _condition(match: "re.Match[str]") -> str:
    names = list(_CONDITIONS)
    return next(name for n, name in enumerate(names) if match[f"c{n}"])


def _claim(subject: str, family: str, what: str, *, ended: bool) -> Claim:
    return Claim(subject, f"{family}:{what}", what, ended=ended)
