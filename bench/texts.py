"""Made-up things people say, varied, in English and Chinese."""

import random

_PEOPLE = ("Anna", "Tom", "Mei", "Igor", "Priya", "Lucas", "Sofia", "Kenji", "Amina", "Pedro")
_PLACES = ("Lisbon", "Oslo", "Kyoto", "Porto", "Zurich", "Quito", "Hanoi", "Cork", "Perth", "Lima")
_THINGS = (
    "blue lamp", "road bike", "cello", "green tent", "espresso machine", "telescope",
    "wool coat", "kayak", "board game", "film camera", "sewing machine", "rice cooker",
)  # fmt: skip
_ENGLISH = (
    "I bought the {thing} number {n} in {place} last spring.",
    "My friend {person} keeps the {thing} {n} in her flat in {place}.",
    "{person} and I drove to {place} with {thing} {n} because the train was cancelled.",
    "I moved from {place} to house {n} near the station, and I work there as a nurse.",
    "My sister {person} repairs a {thing} every weekend; the last one had the number {n}.",
    "I prefer to rent a {thing} in {place} rather than to buy one, order {n} was too expensive.",
)
_CHINESE = (
    "我去年在{cplace}买了编号{n}的{cthing}。",
    "我的朋友{cperson}把{cthing}放在{n}号柜子里。",
    "我和{cperson}一起去了{cplace},订单号是{n}。",
    "我住在{cplace},门牌号是{n},平时喜欢骑车上班。",
)
_CPEOPLE = ("小梅", "老王", "李雷", "韩梅梅", "张伟", "陈静")
_CPLACES = ("北京", "杭州", "成都", "广州", "西安", "厦门")
_CTHINGS = ("蓝色台灯", "公路车", "大提琴", "绿色帐篷", "咖啡机", "望远镜", "电饭煲")
_QUESTIONS = (
    "What did I buy in {place}?",
    "Where does {person} keep the {thing}?",
    "Who drove with me to {place}?",
    "Which {thing} do I prefer?",
)
_CHINESE_QUESTIONS = (
    "我在{cplace}买了什么?",
    "{cperson}把{cthing}放在哪里?",
    "我和{cperson}去了哪里?",
)


def statement(chance: random.Random, number: int) -> str:
    """A statement that holds the number; one in four is Chinese."""
    return chance.choice(_CHINESE if chance.random() < 0.25 else _ENGLISH).format(
        n=number, **_fill(chance)
    )


def question(chance: random.Random) -> str:
    """A question about such statements; one in four is Chinese."""
    return chance.choice(_CHINESE_QUESTIONS if chance.random() < 0.25 else _QUESTIONS).format(
        **_fill(chance)
    )


def _fill(chance: random.Random) -> dict[str, str]:
    return {
        "person": chance.choice(_PEOPLE),
        "place": chance.choice(_PLACES),
        "thing": chance.choice(_THINGS),
        "cperson": chance.choice(_CPEOPLE),
        "cplace": chance.choice(_CPLACES),
        "cthing": chance.choice(_CTHINGS),
    }
