"""Quotations, identifiers and names of a question."""

from datetime import datetime, timezone

import pytest

from memos.graph_dbs.base import Profile
from memos.memories.textual.tree_text_memory.retrieve.plan import Plan, plan_query

NOW = int(datetime(2023, 11, 15, 12, tzinfo=timezone.utc).timestamp() * 1000)


def plan(query: str) -> Plan:
    profile = Profile(("Caroline", "Mel", "小明"), (2022, 2023), 10)
    return plan_query(query, profile, NOW, timezone.utc)


@pytest.mark.parametrize(
    ("query", "quotes"),
    [
        ('Who recommended "The Lean Startup"?', ("The Lean Startup",)),
        ("Who said “never again” and “maybe”?", ("never again", "maybe")),
        ("谁说过「再也不去了」", ("再也不去了",)),
        ("谁说过『再也不去了』", ("再也不去了",)),
        ("“明天会更好”这首歌是谁唱的", ("明天会更好",)),
        ("谁送了我《三体》？", ("三体",)),
        ("What does `git rebase` do for me?", ("git rebase",)),
        ('Is "a" the same as "a"?', ("a",)),
        ('"What did I do last week?"', ()),
        ('a 5" pipe', ()),
        ("Mel's and Caroline's plans", ()),
        ('What is ""?', ()),
    ],
)
def test_what_stands_in_quotation_marks_is_taken_exactly(
    query: str, quotes: tuple[str, ...]
) -> None:
    assert plan(query).quotes == quotes


@pytest.mark.parametrize(
    ("query", "identifiers"),
    [
        ("Where is order A-10293?", ("A-10293",)),
        ("订单ORD-2023-0001到哪了？", ("ORD-2023-0001",)),
        ("What is ticket #4711 about?", ("#4711",)),
        ("Who has the number +44-20-7946-0958?", ("+44-20-7946-0958",)),
        ("谁的手机号是13800138000", ("13800138000",)),
        ("Who wrote from bob.b@example.co.uk?", ("bob.b@example.co.uk",)),
        ("我的邮箱a.b@c.com是什么时候注册的", ("a.b@c.com",)),
        ("What is at https://example.com/a?b=1.", ("https://example.com/a?b=1",)),
        ("What did I read on example.org/news?", ("example.org/news",)),
        ("Which bug did v2.3.1 fix?", ("v2.3.1",)),
        ("Is 10.0.0.17 my printer?", ("10.0.0.17",)),
        ("Who sent report_final.pdf (draft)?", ("report_final.pdf",)),
        ("What is in /etc/hosts?", ("/etc/hosts",)),
        ("What does parse_line() return?", ("parse_line()",)),
        ("Where is getUserName used?", ("getUserName",)),
        ("What is std::move for?", ("std::move",)),
        ("Did I test GPT-4o on the RTX4090?", ("GPT-4o", "RTX4090")),
        ("What happened on 2023-05-07?", ()),
        ("What happened on 2023.05.07?", ()),
        ("Was I there at 10:30, for 5km, on my 18th?", ()),
        ("Is it open 9am-5pm?", ()),
        ("What happened in mid-2023 and/or 2022?", ()),
        ("Did I buy an iPhone in the U.S.?", ()),
        ("How far is 3.5 miles e.g. by bike?", ()),
    ],
)
def test_identifiers_are_told_from_dates_times_and_words(
    query: str, identifiers: tuple[str, ...]
) -> None:
    assert plan(query).identifiers == identifiers


@pytest.mark.parametrize(
    ("query", "entities"),
    [
        ("When did I move to New York City?", ("New York City",)),
        ("Did we watch the Lord of the Rings in Paris?", ("Lord of the Rings", "Paris")),
        ("Who met Tim and John?", ("Tim", "John")),
        ("What is Tim's dog called?", ("Tim",)),
        ("What did Caroline and Mel eat in Rome?", ("Rome",)),
        ("Is NASA hiring?", ("NASA",)),
        ("NASA hired whom?", ("NASA",)),
        ("Paris was nice.", ()),
        ("New York was nice.", ("New York",)),
        ("Did I go on Monday or in March?", ()),
        ("Doesn't Caroline like I'm Alive? Well, Ben does.", ("Alive", "Ben")),
        ("What Did I Eat In Rome?", ()),
        ("WHERE IS MY HAT", ()),
        ("我在Google工作过吗", ("Google",)),
        ("谁推荐我看《三体》和《活着》", ("三体", "活着")),
        ("What did we do at Christmas in Oslo?", ("Oslo",)),
        ('Who wrote "The Old Man" for Anna?', ("Anna",)),
        ("Where did Zoë meet Åsa Öberg?", ("Zoë", "Åsa Öberg")),
    ],
)
def test_capitals_within_a_sentence_and_title_marks_name_entities(
    query: str, entities: tuple[str, ...]
) -> None:
    assert plan(query).entities == entities


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ('Did Mel read "Mel and the last week"?', 'Did read "Mel and the last week"?'),
        ("Did Mel write to mel@example.com?", "Did write to mel@example.com?"),
        ("小明看过《小明和昨天》吗", "看过《小明和昨天》吗"),
        ("Where is order 2023-05-07-A12?", "Where is order 2023-05-07-A12?"),
    ],
)
def test_quotations_and_identifiers_stay_whole_in_the_words(query: str, words: str) -> None:
    assert plan(query).words == words


def test_a_date_in_a_quotation_is_no_time_of_the_question() -> None:
    assert plan('Who sang "Last Friday Night"?').times == ()
