"""Laws of reading by rules, for any text."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memos.mem_reader.base import Window
from memos.mem_reader.fast import render_window, segments, speaker_of, spoken_text
from memos.mem_reader.locate import locate
from memos.mem_reader.rules import RuleReader
from memos.mem_reader.rules.cast import Cast
from memos.mem_reader.rules.english import retell
from memos.types.language import count_tokens
from memos.types.memory import Draft
from memos.types.message import Message

PIECES = [
    "I ", "I'm ", "my ", "we ", "you ", "don't ", "like ", "went to ", "yesterday", " and ", ", ",
    ". ", "? ", "! ", "\n", "\n\n", "- ", "1. ", "Ann: ", "Favorite food: ", "“", "”", '"', "```",
    "Paris ", "spicy food", "can you help me", "thanks", "Yes", "No", "because ", "used to ", "it ",
    "我", "你", "喜欢", "吃辣", "，", "。", "？", "昨天", "吗", "对", "小王：", "帮我", "以后", "去了", "不",
    "https://a.b/c ", "a@b.co ", "'", "’", "😀", " ", "\t", "[assistant view] ", "from now on ",
]  # fmt: skip
texts = st.one_of(
    st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
)
said = st.tuples(st.sampled_from(["user", "assistant", "tool", "system"]), texts)
talks = st.lists(said, min_size=1, max_size=4)


def messages(talk: list[tuple[str, str]]) -> tuple[Message, ...]:
    now = 1_757_635_200_000
    return tuple(
        Message(f"m{at}", role, text, at, now, now, now, "c")
        for at, (role, text) in enumerate(talk)
    )


def read(talk: list[tuple[str, str]]) -> list[Draft]:
    return list(RuleReader().read(Window(messages(talk))))


@settings(max_examples=400, deadline=None)
@given(talks)
def test_every_draft_cites_a_span_of_a_message_of_the_window(talk: list[tuple[str, str]]) -> None:
    window = {message.id: message for message in messages(talk)}
    for draft in read(talk):
        assert draft.sources
        assert draft.value.strip()
        assert draft.statement.strip()
        for source in draft.sources:
            message = window[source.message_id]
            assert source.start is not None
            assert source.end is not None
            assert 0 <= source.start < source.end <= len(message.text)
            assert (source.role, source.chat_time) == (message.role, message.chat_time)
        spans = [window[s.message_id].text[s.start : s.end] for s in draft.sources]
        assert draft.statement in spans
        assert 0 < draft.confidence <= 1
        assert len(draft.key) <= 60


@settings(deadline=None)
@given(talks)
def test_reading_twice_gives_the_same(talk: list[tuple[str, str]]) -> None:
    assert read(talk) == read(talk)


@settings(deadline=None)
@given(talks)
def test_drafts_come_in_the_order_of_their_messages(talk: list[tuple[str, str]]) -> None:
    places = [int(draft.sources[-1].message_id[1:]) for draft in read(talk)]
    assert places == sorted(places)


@settings(deadline=None)
@given(texts)
def test_segments_slice_the_text_and_lose_nothing(text: str) -> None:
    (message,) = messages([("user", text)])
    spans = segments(message, 8)
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges)
    kept = "".join(text[start:end] for start, end in spans)
    assert "".join(kept.split()) == "".join(text.split())


@settings(deadline=None)
@given(texts)
def test_the_spoken_text_is_the_end_of_the_message(text: str) -> None:
    (message,) = messages([("user", text)])
    spoken, offset = spoken_text(message)
    assert message.text[offset:] == spoken
    assert speaker_of(message)
    assert render_window([message]).endswith(f"{text}\n")


@settings(deadline=None)
@given(texts, texts.filter(bool))
def test_a_located_span_is_inside_the_text(words: str, text: str) -> None:
    start, end = locate(words, text)
    assert 0 <= start < end <= len(text)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["not", "never", "don't", "didn't", "can't", "hate", "no"]), max_size=6),
       st.sampled_from(["I", "we", "my aunt"]))  # fmt: skip
def test_retelling_keeps_every_negation(negations: list[str], subject: str) -> None:
    sentence = " ".join([subject, *negations, "eat fish."])
    told = retell(sentence, Cast("the user", "the assistant")).text
    plain = told.replace("does not", "don't")
    for word in set(negations):
        assert plain.count(word) >= negations.count(word)


LONG = {
    "prose": "I went to the market and bought three pears because they looked good. ",
    "chinese": "我昨天去了市场买了三个梨，因为看起来不错。",
    "one word": "a",
    "brackets": "“(“(",
    "commas": "I, ",
    "questions": "can you? ",
    "numbers": "1 2 3 ",
    "labels": "Favorite food: ",
    "lines": "- I like it\n",
    "blank": " \n",
    "quotes": '"',
    "dates": "on 5 May ",
    "years": "2020年5月",
    "capitals": "Ann Lee ",
    "openers": "Yeah, ",
    "adverbs": "really ",
    "fillers": "thanks so much ",
    "ands": "and I ",
}


@pytest.mark.parametrize("kind", LONG)
def test_forty_thousand_tokens_are_read_in_bounded_time(kind: str) -> None:
    piece = LONG[kind]
    text = piece * (40_000 // max(1, count_tokens(piece * 100) // 100 or 1))
    text = text[:400_000]
    begin = time.process_time()
    read([("user", text)])
    assert time.process_time() - begin < 20


@pytest.mark.parametrize("kind", LONG)
def test_a_long_single_sentence_is_read_in_bounded_time(kind: str) -> None:
    text = (LONG[kind] * 600)[:2300]
    begin = time.process_time()
    read([("assistant", text), ("user", text)])
    assert time.process_time() - begin < 2
