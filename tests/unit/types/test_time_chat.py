"""Chat times: every form clients send, and the documented rendering."""

from datetime import datetime, timedelta, timezone

import pytest

from memos.errors import InvalidInputError
from memos.types.chat_time import parse_chat_time, render_utc

BEIJING_8 = datetime(2025, 9, 12, 0, 0, tzinfo=timezone.utc)
"""2025-09-12 08:00 in Beijing."""


def read(value: str | float | None) -> datetime:
    moment_ms = parse_chat_time(value, default_ms=0)
    return datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=moment_ms)


@pytest.mark.parametrize(
    "value",
    [
        "2025-09-12 08:00:00",
        "2025-09-12 08:00",
        "2025-09-12 08:00:00.000",
        " 2025-09-12  08:00 ",
        "2025-9-12 8:00",
        "2025/09/12 08:00",
        "2025.09.12 08:00",
        "2025-09-12T08:00:00",
        "2025-09-12T00:00:00Z",
        "2025-09-12T00:00:00.000Z",
        "2025-09-12T02:00:00+02:00",
        "2025-09-11T19:00:00-0500",
        "2025-09-12 00:00 UTC",
        "8:00 am on 12 September, 2025",
        "08:00 AM on 12 September 2025",
        "12:00 AM on 12 September, 2025 UTC",
        "Sep 12, 2025 8:00 AM",
        "September 12, 2025, 8 am",
        "12 Sep 2025 08:00",
        "12th of September, 2025 at 8:00",
        "8:00 AM on September 12, 2025",
        "2025年9月12日 上午8点",
        "2025年9月12日8时",
        "2025年09月12日 08:00",
        "2025年9月12日早上8点0分",
        "2025-09-12 上午8:00",
        1757635200,
        1757635200000,
        1757635200.0,
        "1757635200",
        "1757635200000",
    ],
)
def test_every_accepted_form_is_read(value: str | float) -> None:
    assert read(value) == BEIJING_8


@pytest.mark.parametrize(
    ("value", "hour", "minute"),
    [
        ("1:56 pm on 8 May, 2023", 13, 56),
        ("May 8, 2023 1:56 PM", 13, 56),
        ("12:05 pm on 8 May, 2023", 12, 5),
        ("12:05 am on 8 May, 2023", 0, 5),
        ("2023年5月8日 下午3点20分", 15, 20),
        ("2023年5月8日晚上9点半", 21, 30),
        ("2023年5月8日 中午12点", 12, 0),
        ("2023年5月8日 凌晨12点", 0, 0),
        ("2023-05-08 下午1:56", 13, 56),
        ("2023年5月8日", 0, 0),
        ("2023/05/08", 0, 0),
    ],
)
def test_halves_of_the_day_are_understood(value: str, hour: int, minute: int) -> None:
    beijing = read(value).astimezone(timezone(timedelta(hours=8)))
    assert (beijing.year, beijing.month, beijing.day) == (2023, 5, 8)
    assert (beijing.hour, beijing.minute) == (hour, minute)


def test_milliseconds_are_kept() -> None:
    assert parse_chat_time("2025-09-12 08:00:00.123", default_ms=0) % 1000 == 123
    assert parse_chat_time("2025-09-12T08:00:00.1Z", default_ms=0) % 1000 == 100


def test_a_time_without_offset_belongs_to_the_given_zone() -> None:
    in_utc = parse_chat_time("2025-09-12 08:00", default_ms=0, zone=timezone.utc)
    assert in_utc - parse_chat_time("2025-09-12 08:00", default_ms=0) == 8 * 3_600_000


@pytest.mark.parametrize("value", [None, "", "   "])
def test_no_time_means_the_default(value: str | None) -> None:
    assert parse_chat_time(value, default_ms=42) == 42


@pytest.mark.parametrize(
    "value",
    [
        "yesterday",
        "2025-13-01",
        "2025-02-30",
        "2025-09-12 25:00",
        "13:00 pm on 8 May, 2023",
        "8 Mai 2023",
        "2025-09-12T08:00:00+99:00",
        "9" * 17,
        float("nan"),
        float("inf"),
        True,
        "0001-01-01 00:00:00",
        "x" * 5000,
    ],
)
def test_an_unreadable_time_is_refused_with_the_accepted_forms(value: str | float) -> None:
    with pytest.raises(InvalidInputError, match="YYYY-MM-DD HH:MM:SS") as caught:
        parse_chat_time(value, default_ms=0)
    assert caught.value.code == 40000
    assert caught.value.field == "chat_time"


def test_the_refusal_names_the_field_that_was_read() -> None:
    with pytest.raises(InvalidInputError, match=r"^feedback_time ") as caught:
        parse_chat_time("soon", default_ms=0, field="feedback_time")
    assert caught.value.field == "feedback_time"


def test_the_refusal_does_not_repeat_what_was_sent() -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_chat_time("my secret", default_ms=0)
    assert "secret" not in caught.value.message


@pytest.mark.parametrize(
    ("moment_ms", "written"),
    [
        (1765359875901, "09:44 AM on 10 December, 2025 UTC"),
        (0, "12:00 AM on 1 January, 1970 UTC"),
        (12 * 3_600_000, "12:00 PM on 1 January, 1970 UTC"),
        (-60_000, "11:59 PM on 31 December, 1969 UTC"),
    ],
)
def test_a_time_is_written_in_the_documented_form(moment_ms: int, written: str) -> None:
    assert render_utc(moment_ms) == written


def test_the_documented_form_is_read_back_to_the_minute() -> None:
    assert (
        parse_chat_time(render_utc(1765359875901), default_ms=0) == 1765359875901 // 60000 * 60000
    )
