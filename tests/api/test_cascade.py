"""What depends on a state holds no longer than it: whoever moves has another way to work."""

import pytest

from tests.api.test_states import ask, tell
from tests.conftest import Api

ENGLISH = {
    "home": ("I live in Berlin.", "I moved to Madrid."),
    "employer": ("I work at Siemens.", "I joined Airbus."),
    "commute": ("My commute takes 20 minutes by tram.", "How long is my commute?", "20 minutes"),
    "rent": ("My rent is 900 euros.", "How much is my rent?", "900"),
    "salary": ("My salary is 60000 euros.", "What is my salary?", "60000"),
}
CHINESE = {
    "home": ("我住在北京。", "我搬到了上海。"),
    "employer": ("我在百度工作。", "我跳槽到了腾讯。"),
    "commute": ("我的通勤要40分钟。", "我的通勤要多久？", "40"),
    "rent": ("我的房租是5000元。", "我的房租是多少？", "5000"),
    "salary": ("我的月薪是20000元。", "我的月薪是多少？", "20000"),
}
CASES = [
    (words, above, below)
    for words in (ENGLISH, CHINESE)
    for above, below in (
        ("home", "commute"),
        ("employer", "commute"),
        ("home", "rent"),
        ("employer", "salary"),
    )
    if below in words
]


@pytest.mark.parametrize(("words", "above", "below"), CASES)
def test_a_change_ends_what_depended_on_the_former_value(
    api: Api, words: dict[str, tuple[str, ...]], above: str, below: str
) -> None:
    first, second = words[above]
    said, question, answer = words[below]
    tell(api, ("2023-01-10", first), ("2023-02-10", said))
    assert answer in ask(api, question)[0]
    tell(api, ("2024-03-10", second))
    assert not any(answer in text for text in ask(api, question)), "it is not known since"
    assert any(answer in text for text in ask(api, words_before(question)))


def words_before(question: str) -> str:
    """The question about the past."""
    if question.isascii():
        return question.replace(" is ", " was ").replace("my ", "my previous ")
    return "我以前" + question.removeprefix("我")


def test_it_does_not_matter_in_which_order_it_is_told(api: Api) -> None:
    said, question, answer = ENGLISH["commute"]
    first, second = ENGLISH["home"]
    tell(api, ("2024-03-10", second), ("2023-02-10", said), ("2023-01-10", first))
    assert not any(answer in text for text in ask(api, question))
    tell(api, ("2024-05-10", "My commute takes 35 minutes by metro."))
    assert "35 minutes" in ask(api, question)[0]


def test_the_first_value_known_ends_nothing(api: Api) -> None:
    """A home told later than the commute is no move."""
    said, question, answer = ENGLISH["commute"]
    tell(api, ("2023-01-10", said), ("2023-02-10", ENGLISH["home"][0]))
    assert answer in ask(api, question)[0]


def test_deleting_the_change_brings_back_what_it_had_ended(api: Api) -> None:
    said, question, answer = ENGLISH["commute"]
    first, second = ENGLISH["home"]
    tell(api, ("2023-01-10", first), ("2023-02-10", said), ("2024-03-10", second))
    found = api.post("get/memory", {"user_id": "u"})["data"]["memory_detail_list"]
    move = next(m for m in found if "Madrid" in m["memory_value"])
    answer_ = api.post("delete/memory", {"memory_ids": [move["id"]]})["data"]
    assert answer_["receipt"]["reinstated"] == 2
    assert answer in ask(api, question)[0]
