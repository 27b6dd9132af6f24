"""Laws of date expressions, for any reference."""

from hypothesis import given, settings
from hypothesis import strategies as st

from memos.types.chat_time import parse_chat_time, render_utc
from memos.types.time_expression import Grain, Prefer, find_times, render_span

QUIET = settings(deadline=None)
"""A shared machine stalls now and then; speed is tested elsewhere."""

DAY_MS = 86_400_000
LENGTHS = {
    Grain.HOUR: {DAY_MS // 24},
    Grain.DAY: {DAY_MS},
    Grain.WEEKEND: {2 * DAY_MS},
    Grain.WEEK: {7 * DAY_MS},
    Grain.MONTH: {days * DAY_MS for days in (28, 29, 30, 31)},
    Grain.SEASON: {days * DAY_MS for days in (90, 91, 92)},
    Grain.YEAR: {365 * DAY_MS, 366 * DAY_MS},
    Grain.DECADE: {3652 * DAY_MS, 3653 * DAY_MS, 3651 * DAY_MS},
}
WORDS = [
    "yesterday", "today", "last Friday", "next week", "this weekend", "three weeks ago", "2021",
    "in two days", "last summer", "in March", "on 5 May", "since 2019", "a few months ago",
    "the past two weeks", "May 2020", "29 February", "two hours ago", "in the 1990s", "昨天",
    "上周三", "下个月", "去年夏天", "三天前", "3月5号", "2023年", "半年前", "上个月底", " and ", "，",
    "I ran ", "我去了", ", ",
]  # fmt: skip
references = st.integers(-2_000_000_000_000, 4_000_000_000_000)
texts = st.lists(st.sampled_from(WORDS), max_size=8).map("".join)
preferences = st.sampled_from(Prefer)


@QUIET
@given(texts, references, preferences)
def test_spans_are_ordered_and_never_overlap(text: str, reference: int, prefer: Prefer) -> None:
    spans = find_times(text, reference, prefer=prefer)
    edges = [edge for span in spans for edge in (span.text_start, span.text_end)]
    assert edges == sorted(edges)
    assert all(span.text_start < span.text_end <= len(text) for span in spans)


@QUIET
@given(texts, references, preferences)
def test_a_span_has_the_length_of_its_grain(text: str, reference: int, prefer: Prefer) -> None:
    for span in find_times(text, reference, prefer=prefer):
        length = span.end_ms - span.start_ms
        assert length > 0
        assert span.grain is Grain.RANGE or length in LENGTHS[span.grain]


@QUIET
@given(references)
def test_yesterday_today_and_tomorrow_touch_around_the_reference(reference: int) -> None:
    before, now, after = find_times("yesterday, today, tomorrow", reference)
    assert before.end_ms == now.start_ms
    assert now.end_ms == after.start_ms
    assert now.start_ms <= reference < now.end_ms


@QUIET
@given(references, st.sampled_from(["monday", "wednesday", "friday", "sunday"]))
def test_last_is_before_and_next_is_after_the_reference(reference: int, day: str) -> None:
    last, following = find_times(f"last {day}, next {day}", reference)
    assert last.end_ms <= reference < following.start_ms
    assert reference - last.start_ms < 8 * DAY_MS
    assert following.start_ms - reference <= 14 * DAY_MS


@QUIET
@given(references)
def test_a_rendered_day_is_found_again_as_the_same_day(reference: int) -> None:
    (today,) = find_times("today", reference)
    for chinese in (True, False):
        (again,) = find_times(render_span(today, chinese=chinese), 0)
        assert (again.start_ms, again.end_ms) == (today.start_ms, today.end_ms)


@QUIET
@given(st.text(max_size=300), references)
def test_any_text_is_read(text: str, reference: int) -> None:
    for span in find_times(text, reference):
        assert 0 <= span.text_start < span.text_end <= len(text)
        assert render_span(span, chinese=True)


@QUIET
@given(references)
def test_a_written_chat_time_is_read_back_to_the_minute(moment_ms: int) -> None:
    assert parse_chat_time(render_utc(moment_ms), default_ms=0) == moment_ms // 60_000 * 60_000
