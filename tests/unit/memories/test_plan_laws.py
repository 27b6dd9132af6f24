"""Laws of plans, for any text."""

from datetime import timezone

from hypothesis import given
from hypothesis import strategies as st

from memos.graph_dbs.base import Profile
from memos.memories.textual.tree_text_memory.retrieve.plan import plan_query

WORDS = [
    "What", "did", "I", "do", "last", "week", "Caroline", "Mel's", "Christmas", "on", "2022",
    "in March", "the first time", "国庆", "去年", "小明", "上次", "去哪了", "《三体》", '"', "“a b”", "`x_y`",
    "before", "5 May 2023", "a@b.com", "/", "(", ")", "’s", "the user", "用户的", "?", "吗", "\n", " ",
    "二月", "除夕", "v1.2.3", "\ud800", "\x00", "ﬁ", "İ", "ß", "29 February", "the day before",
]  # fmt: skip
texts = st.one_of(
    st.text(st.characters(exclude_categories=[]), max_size=300),
    st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=12).map("".join),
)
profiles = st.builds(
    Profile,
    st.sampled_from([(), ("Caroline", "Mel", "小明"), ("(", "a", "Will", "İ", "")]),
    st.sampled_from([(), (2023,), (2019, 2020, 2023), (1, 9999)]),
    st.just(1),
)
moments = st.integers(-2_000_000_000_000, 4_000_000_000_000)


@given(texts, profiles, moments)
def test_any_text_can_be_planned_and_keeps_words_and_order(
    text: str, profile: Profile, moment: int
) -> None:
    planned = plan_query(text, profile, moment, timezone.utc)
    assert planned.words.strip() or not text.strip()
    assert all(target.start <= target.end for target in planned.times)
    assert all(0 < target.weight <= 1 for target in planned.times)
    assert set(planned.speakers) <= set(profile.speakers)
    assert planned == plan_query(text, profile, moment, timezone.utc)


@given(texts, profiles, moments)
def test_what_is_taken_exactly_stands_in_the_question_and_the_words(
    text: str, profile: Profile, moment: int
) -> None:
    planned = plan_query(text, profile, moment, timezone.utc)
    for exact in (*planned.quotes, *planned.identifiers):
        assert exact in text
        assert " ".join(exact.split()) in " ".join(planned.words.split())


@given(st.sampled_from(WORDS), profiles)
def test_a_text_of_any_length_is_planned_from_its_ends(word: str, profile: Profile) -> None:
    planned = plan_query(word * 20_000, profile, 1_700_000_000_000, timezone.utc)
    assert planned.words == word * 20_000
    assert len(planned.times) <= 64
