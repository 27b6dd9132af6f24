"""Names, dates and words of a planned question."""

from datetime import datetime, timezone

import pytest

from memos.graph_dbs.base import Profile
from memos.memories.textual.tree_text_memory.retrieve.plan import Plan, plan_query

PROFILE = Profile(speakers=("Caroline", "Mel", "小明"), years=(2022, 2023), rows=10)
UTC = timezone.utc
NOW = int(datetime(2023, 11, 15, 12, tzinfo=UTC).timestamp() * 1000)
"""A Wednesday."""


def plan(query: str, profile: Profile = PROFILE) -> Plan:
    return plan_query(query, profile, NOW, UTC)


def day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).date().isoformat()


def days(query: str, years: tuple[int, ...] = (2022, 2023)) -> list[tuple[str, str]]:
    planned = plan(query, Profile((), years, 10))
    return [(day(t.start), day(t.end)) for t in planned.times]


@pytest.mark.parametrize(
    ("query", "words", "speakers"),
    [
        ("What did Caroline paint?", "What did paint?", ("Caroline",)),
        ("What is Mel's dog called?", "What is dog called?", ("Mel",)),
        ("Did mel meet caroline in Rome?", "Did meet in Rome?", ("Mel", "Caroline")),
        ("小明喜欢吃什么", "喜欢吃什么", ("小明",)),
        ("小明的猫叫什么名字", "猫叫什么名字", ("小明",)),
        ("Where does the user live?", "Where does live?", ()),
        ("用户的工作是什么", "工作是什么", ()),
        ("Is Melanie here?", "Is Melanie here?", ()),
        ("Caroline", "Caroline", ("Caroline",)),
        ("Who is Caroline?", "Who is Caroline?", ("Caroline",)),
        ("小明是谁", "小明是谁", ("小明",)),
        ("Where was Mel last week?", "Where was ?", ("Mel",)),
        ("Mel?", "Mel?", ("Mel",)),
    ],
)
def test_names_become_cues_and_leave_the_words(
    query: str, words: str, speakers: tuple[str, ...]
) -> None:
    planned = plan(query)
    assert planned.words == words
    assert planned.speakers == speakers


@pytest.mark.parametrize(
    ("query", "speakers"),
    [
        ("Will she come with hope?", ()),
        ("What did Will hope for?", ("Will",)),
        ("Rose has a cat", ("Rose",)),
        ("a rose by any other name", ()),
        ("What did A say?", ("A",)),
    ],
)
def test_names_that_are_words_count_only_where_they_are_written_as_names(
    query: str, speakers: tuple[str, ...]
) -> None:
    assert plan(query, Profile(("Will", "Rose", "Hope", "A"), (), 1)).speakers == speakers


def test_a_name_without_letters_names_nobody() -> None:
    assert plan("What?", Profile(("", " ", "("), (), 1)).speakers == ()
    assert plan("Why (me)?", Profile(("(",), (), 1)).words


def test_a_date_becomes_a_target_and_leaves_the_words() -> None:
    planned = plan("What did she buy on 7 May 2023?")
    assert "2023" not in planned.words
    assert [(day(t.start), day(t.end), t.weight) for t in planned.times] == [
        ("2023-05-07", "2023-05-07", 1.0)
    ]


def test_a_lone_year_is_a_span_and_stays_in_the_words() -> None:
    planned = plan("What happened in 2022?")
    assert "2022" in planned.words
    assert [t.weight for t in planned.times] == [1.0]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("What happened in May?", [("2022-05-01", "2022-05-31"), ("2023-05-01", "2023-05-31")]),
        ("五月发生了什么", [("2022-05-01", "2022-05-31"), ("2023-05-01", "2023-05-31")]),
        ("What did we eat on 5 May?", [("2022-05-05", "2022-05-05"), ("2023-05-05", "2023-05-05")]),
        ("In early March?", [("2022-03-01", "2022-03-10"), ("2023-03-01", "2023-03-10")]),
    ],
)
def test_dates_without_year_mean_those_of_every_year_known(
    query: str, expected: list[tuple[str, str]]
) -> None:
    assert days(query) == expected


def test_a_month_has_the_length_it_has_in_each_year() -> None:
    assert days("What happened in February?", (2023, 2024)) == [
        ("2023-02-01", "2023-02-28"),
        ("2024-02-01", "2024-02-29"),
    ]


def test_a_leap_day_is_looked_for_where_there_is_one() -> None:
    assert days("What did I do on 29 February?", (2019, 2020, 2021)) == [
        ("2020-02-29", "2020-02-29")
    ]


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ("What did I do last week?", "2023-11-06", "2023-11-12"),
        ("What did I do yesterday?", "2023-11-14", "2023-11-14"),
        ("我上周去哪了", "2023-11-06", "2023-11-12"),
        ("What did I do on Friday?", "2023-11-10", "2023-11-10"),
        ("What am I going to do on Friday?", "2023-11-17", "2023-11-17"),
        ("What did he do the week before 3 August 2023?", "2023-07-24", "2023-08-03"),
        ("Where was she two weeks before August 11, 2023?", "2023-07-24", "2023-08-11"),
        ("Who came the Sunday before October 25, 2022?", "2022-10-23", "2022-10-25"),
        ("What did she do the day after 3 May 2023?", "2023-05-03", "2023-05-04"),
        ("2023年5月3日的前一天我在哪", "2023-05-02", "2023-05-03"),
    ],
)
def test_relative_times_count_from_the_request_or_the_date_beside_them(
    query: str, first: str, last: str
) -> None:
    assert days(query) == [(first, last)]


def test_of_a_long_text_the_ends_are_read_and_the_words_are_left() -> None:
    text = "Mel? " + "filler words and no end " * 500 + "What did I do last week?"
    planned = plan(text)
    assert planned.words == text
    assert planned.speakers == ("Mel",)
    assert [(day(t.start), day(t.end)) for t in planned.times] == [("2023-11-06", "2023-11-12")]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Where did I go swimming the last time?", "Where did I go swimming ?"),
        ("When was my latest marathon?", "When was marathon?"),
        ("我最近一次看牙医是因为什么？", "我 看牙医是因为什么？"),
    ],
)
def test_asking_for_the_last_is_no_word_to_look_for(question: str, words: str) -> None:
    assert plan(question).words == words


@pytest.mark.parametrize(
    ("question", "together"),
    [
        ("Do Ann and Ben both swim?", True),
        ("What do Ann & Ben have in common?", True),
        ("What did Ann tell Ben?", False),
        ("What does Ann do?", False),
    ],
)
def test_two_speakers_are_asked_about_alike(question: str, together: bool) -> None:
    assert (
        plan_query(question, Profile(("Ann", "Ben"), (), 9), 0, timezone.utc).together is together
    )
