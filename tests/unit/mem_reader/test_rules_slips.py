"""Slips corrected, words left out, short forms, irony: what is meant is kept, not what is typed."""

import pytest

from tests.unit.mem_reader.turns import read, turn, values

CORRECTED = [
    ("I live in Split, sorry, Zadar.", "The user lives in Zadar."),
    ("My parrot is called Kiki, I mean Koko.", "The user's parrot is called Koko."),
    ("I was born in Basel. No wait, it's Bern.", "The user was born in Bern."),
    ("The rehearsal is at 7, no, 8.", "The rehearsal is at 8."),
    ("I have three, sorry, four goats.", "The user has four goats."),
    ("我住在洛阳，不对，是开封", "用户住在开封。"),
    ("我家的狗叫旺财，哦不，叫来福", "用户家的狗叫来福。"),
]  # fmt: skip

LEFT_OUT = [
    ("Sold our old van", "The user sold their old van."),
    ("Finally passed the bar exam!", "The user finally passed the bar exam."),
    ("Turned 40 last week, my sister came over",
     "The user turned 40 last week (1 September 2025 to 7 September 2025), their sister came over."),
    ("not a fan of capers", "The user is not a fan of capers."),
    ("Adopted a hamster", "The user adopted a hamster."),
    ("Learning the cello these days", "The user is learning the cello these days."),
    ("Adopted children need patience.", "Adopted children need patience."),
    ("Living in a big city is stressful.", "Living in a big city is stressful."),
    ("搬家以后我一直失眠", "搬家以后用户一直失眠。"),
    ("膝盖去年做了手术", "用户的膝盖去年（2024年）做了手术。"),
    ("房租涨到四千了", "用户的房租涨到四千了。"),
    ("三月份被裁了", "用户三月份（2025年）被裁了。"),
    ("画完了一幅壁画", "用户画完了一幅壁画。"),
    ("我想给我妈妈买个按摩椅", "用户想给妈妈买个按摩椅。"),
]  # fmt: skip

SHORT = [
    ("my bf is a pilot lol", "The user's boyfriend is a pilot."),
    ("imo cats r smarter than dogs", "The user thinks cats are smarter than dogs."),
    ("i have choir every thursday", "The user has choir every Thursday."),
    ("I've got two turtles :)", "The user has two turtles."),
    ("im 29 and single, 2 cats", "The user is 29 and single and has 2 cats."),
]

NOTHING = [
    "My tooth really hurts",
    "I have a headache",
    "肚子疼",
    "有点想吐",
    "can u help me with this email",
    "what's the tallest building in Asia",
    "巴西的首都是哪里",
    "Imagine I live on the moon.",
    "假如我是鸟",
    "yeah right, like I'd ever pay for that",
    "Translate this into French: I live in Bonn and I have two dogs.",
    "帮我把这段话翻译成英文：我住在苏州，养了两条狗。",
]


@pytest.mark.parametrize(("said", "told"), CORRECTED)
def test_a_corrected_slip_tells_only_what_is_meant(said: str, told: str) -> None:
    assert values(said) == [told]


def test_a_correction_cites_the_slip_with_it() -> None:
    message = turn("I live in Split, sorry, Zadar.")
    (draft,) = read(message)
    assert draft.statement == message.text


@pytest.mark.parametrize(("said", "told"), [*LEFT_OUT, *SHORT])
def test_who_is_meant_is_written_out(said: str, told: str) -> None:
    assert values(said) == [told]


@pytest.mark.parametrize("said", NOTHING)
def test_what_tells_nothing_leaves_nothing(said: str) -> None:
    assert values(said) == []


@pytest.mark.parametrize("said", ["My knee has been hurting since March", "我腰疼了两年了"])
def test_pain_that_lasts_is_kept(said: str) -> None:
    assert len(values(said)) == 1


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("How do I get to Graz, I live in Linz with two kids", "The user lives in Linz with two kids."),
        ("As a celiac, I'd love some bread recipes", "The user is a celiac."),
        ("Since I'm diabetic, what can I bake?", "The user is diabetic."),
        ("Can you write a toast for my aunt? She turns 60 on Sunday.",
         "The user's aunt turns 60 on Sunday (14 September 2025)."),
        ("推荐个餐厅吧，我住在无锡", "用户住在无锡。"),
    ],
)  # fmt: skip
def test_what_a_question_or_request_tells_is_kept(said: str, told: str) -> None:
    assert values(said) == [told]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("I ordered a lamp on Monday, it arrives on Thursday.",
         "The user ordered a lamp on Monday (8 September 2025), it arrives on Thursday (18 September 2025)."),
        ("I have a haircut on Tuesday.", "The user has a haircut on Tuesday (16 September 2025)."),
        ("We're getting married on the 3rd of May.",
         "The user is getting married on the 3rd of May (2026)."),
        ("I've been vegan since March.", "The user has been vegan since March (2025)."),
        ("My birthday is on 9 July.", "The user's birthday is on 9 July."),
        ("我讨厌星期三", "用户讨厌星期三。"),
        ("周二下午约了牙医", "用户周二（2025年9月16日）下午约了牙医。"),
        ("爷爷周日走了", "用户的爷爷周日（2025年9月7日）走了。"),
    ],
)  # fmt: skip
def test_the_tense_of_the_clause_tells_which_day(said: str, told: str) -> None:
    assert values(said) == [told]
