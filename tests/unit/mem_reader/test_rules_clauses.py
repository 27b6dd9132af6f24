"""One fact a memory: where a sentence is cut, and where it is not."""

import pytest

from memos.types.memory import MemoryKind
from tests.unit.mem_reader.turns import read, turn, values

CUT = [
    ("I settled in Ghent in June and I teach at a primary school.",
     ["The user settled in Ghent in June (2025).", "The user teaches at a primary school."]),
    ("I work at Philips and live in Eindhoven.",
     ["The user works at Philips.", "The user lives in Eindhoven."]),
    ("My cousin works at Nokia and lives in Espoo.",
     ["The user's cousin works at Nokia.", "The user's cousin lives in Espoo."]),
    ("I work at Lego, my wife's a vet, and our son goes to kindergarten.",
     ["The user works at Lego.", "The user's wife is a vet.", "The user's son goes to kindergarten."]),
    ("I adore opera but I hate musicals.", ["The user adores opera.", "The user hates musicals."]),
    ("I left Bosch in April and now I'm a yoga instructor.",
     ["The user left Bosch in April (2025).", "Now the user is a yoga instructor."]),
    ("My favourite fruit is mango and my favourite colour is teal.",
     ["The user's favourite fruit is mango.", "The user's favourite colour is teal."]),
    ("我去年六月搬到了青岛，在海尔做会计。",
     ["用户去年六月（2024年6月）搬到了青岛。", "用户在海尔做会计。"]),
    ("我爱喝绿茶，但是不吃羊肉。", ["用户爱喝绿茶。", "用户不吃羊肉。"]),
    ("我住在大连，我姐姐住在烟台。", ["用户住在大连。", "用户姐姐住在烟台。"]),
    ("我搬到了合肥，儿子在中科大读书。", ["用户搬到了合肥。", "用户的儿子在中科大读书。"]),
    ("我以前住在天津，现在住重庆。", ["用户以前住在天津。", "用户现在住重庆。"]),
]  # fmt: skip

WHOLE = [
    ("I bought a boat and I painted it.", "The user bought a boat and painted it."),
    ("I think I need a holiday and my boss agrees.",
     "The user thinks the user needs a holiday and their boss agrees."),
    ("I have a parrot and I feed it nuts.", "The user has a parrot and feeds it nuts."),
    ("When I was small I lived in Fez and I spoke French.",
     "When the user was small the user lived in Fez and spoke French."),
    ("I used to live in Rome but now I'm in Turin.",
     "The user used to live in Rome but now the user is in Turin."),
    ("I went to the bank and I paid the bill.", "The user went to the bank and paid the bill."),
    ("I can't come on Mondays, I have choir then.",
     "The user can't come on Mondays, the user has choir then."),
    ("My favourite author is Toni Morrison and I reread her novels.",
     "The user's favourite author is Toni Morrison and the user rereads her novels."),
    ("我妹妹是护士，在人民医院上班。", "用户妹妹是护士，在人民医院上班。"),
    ("女儿三岁了，喜欢恐龙。", "用户的女儿三岁了，喜欢恐龙。"),
    ("我以前很爱吃蛋糕，现在受不了了。", "用户以前很爱吃蛋糕，现在受不了了。"),
    ("因为换了工作，我搬到了深圳。", "因为换了工作，用户搬到了深圳。"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "told"), CUT)
def test_each_statement_that_may_change_alone_is_a_memory(said: str, told: list[str]) -> None:
    assert values(said) == told


@pytest.mark.parametrize(("said", "told"), WHOLE)
def test_what_makes_no_sense_alone_stays_with_its_sentence(said: str, told: str) -> None:
    assert values(said) == [told]


def test_every_part_cites_its_own_words() -> None:
    message = turn("I work at Philips and live in Eindhoven.")
    cited = [message.text[d.sources[0].start : d.sources[0].end] for d in read(message)]
    assert cited == ["I work at Philips", "live in Eindhoven."]


def test_the_tastes_of_a_relative_are_no_preference_of_the_speaker() -> None:
    (draft,) = read(turn("女儿三岁了，喜欢恐龙。"))
    assert draft.kind is not MemoryKind.EXPLICIT_PREFERENCE


def test_people_who_tell_each_other_stories_are_cut_only_at_states() -> None:
    story = turn("I paint on Sundays and my brother plays the drums.", name="Mia")
    states = turn("I live in Bern and my brother lives in Basel.", name="Mia")
    assert len(read(story)) == 1
    assert [d.value for d in read(states)] == [
        "Mia lives in Bern.",
        "Mia's brother lives in Basel.",
    ]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "I fly to Kyoto every October and stay for ten days.",
            ["The user flies to Kyoto every October and stays for ten days."],
        ),
        ("I want to go and stay there.", ["The user wants to go and stay there."]),
        ("有个好消息告诉你：我升职了。", ["用户升职了。"]),
        ("告诉你一个消息：我搬到里斯本了。", ["用户搬到里斯本了。"]),
    ],
)
def test_a_second_verb_agrees_and_an_announcement_is_left_out(said: str, told: list[str]) -> None:
    assert values(said) == told
