"""When a message was said: reading the forms clients send, and writing the documented one.

A time without an offset belongs to the given zone, by default Beijing time, as documented. Nothing
here reads a clock: the default is handed in.
"""

import re
from datetime import datetime, timedelta, timezone, tzinfo

from memos.errors import InvalidInputError

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
"""Asia/Shanghai as a fixed offset: no daylight saving since 1991, and no zone database needed."""

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun",
            "july jul", "august aug", "september sep sept", "october oct", "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
"""English month names and their abbreviations, lower case, to 1..12."""

MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

_ACCEPTED = (
    "use 'YYYY-MM-DD HH:MM:SS', ISO 8601 with or without an offset, 'YYYY/MM/DD', epoch seconds or "
    "milliseconds, '1:56 pm on 8 May, 2023', 'May 8, 2023 1:56 PM' or '2025年9月12日 下午3点20分'"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MILLISECONDS_FROM = 100_000_000_000
"""Numbers from here on are milliseconds: as seconds they would lie beyond the year 5138."""
_FURTHEST = 32_503_680_000_000
"""The year 3000, and as far before 1970: far from the limits of datetime in every zone."""
_LONGEST = 80

_ZONE = r"(?P<zone>z|utc|gmt|(?:utc|gmt)?\s?[+-]\d{1,2}(?::?\d{2})?)?"
_CLOCK = (
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:[.,](?P<part>\d{1,9}))?)?)?"
    r"\s?(?P<half>[ap]\.?m\.?)?"
)
_CHINESE_HALF = r"(?P<chalf>凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里)?\s?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_MONTH = r"(?P<month>[a-z]{3,9})\.?"
_YEAR = r"(?P<year>\d{4})"

_FORMS = tuple(
    re.compile(form + r"\s?" + _ZONE, re.IGNORECASE)
    for form in (
        rf"{_YEAR}(?P<sep>[-/.])(?P<number>\d{{1,2}})(?P=sep)(?P<day>\d{{1,2}})"
        rf"(?:(?:\s?t\s?|,?\s?){_CHINESE_HALF}{_CLOCK})?",
        rf"{_CLOCK}\s?(?P<early>utc|gmt)?,? (?:on )?{_DAY} (?:of )?{_MONTH},? {_YEAR}",
        rf"{_CLOCK}\s?(?P<early>utc|gmt)?,? (?:on )?{_MONTH} {_DAY},? {_YEAR}",
        rf"{_DAY} (?:of )?{_MONTH},? {_YEAR}(?:,? (?:at )?{_CLOCK})?",
        rf"{_MONTH} {_DAY},? {_YEAR}(?:,? (?:at )?{_CLOCK})?",
        rf"{_YEAR}\s?年\s?(?P<number>\d{{1,2}})\s?月\s?(?P<day>\d{{1,2}})\s?[日号]?,?，?\s?"
        rf"(?:{_CHINESE_HALF}(?P<hour>\d{{1,2}})\s?(?:[:：点时]\s?(?:(?P<minute>\d{{1,2}})\s?分?|"
        r"(?P<thirty>半))?(?:\s?[:：]?\s?(?P<second>\d{1,2})\s?秒?)?))?",
    )
)


def parse_chat_time(
    value: str | float | None, *, default_ms: int, zone: tzinfo = BEIJING, field: str = "chat_time"
) -> int:
    """Read the time a client gave for a message.

    Args:
        value: text in one of the accepted forms, or epoch seconds or milliseconds (number or
            numeric text); None and empty text mean the default.
        default_ms: ms UTC to answer when no time was given.
        zone: zone of a time without an offset.
        field: name of the request field, for the error.

    Returns:
        Milliseconds since the epoch, UTC.

    Raises:
        InvalidInputError: `value` is none of the accepted forms (code 40000).
    """
    text = " ".join(value.split()) if isinstance(value, str) else value
    if text is None or text == "":
        return default_ms
    try:
        return _read(text, zone)
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(f"{field} cannot be read: {_ACCEPTED}", field=field) from error


def _read(text: str | float, zone: tzinfo) -> int:
    """Milliseconds; ValueError or OverflowError when it is no time."""
    if isinstance(text, bool):
        raise ValueError("no time")
    if isinstance(text, (int, float)):
        return _from_number(text)
    if len(text) > _LONGEST:
        raise ValueError("no time")
    if re.fullmatch(r"-?\d{1,17}(?:\.\d{1,9})?", text, re.ASCII):
        return _from_number(float(text) if "." in text else int(text))
    for form in _FORMS:
        match = form.fullmatch(text)
        if match is not None:
            return _from_match({k: v for k, v in match.groupdict().items() if v}, zone)
    raise ValueError("no time")


def render_utc(moment_ms: int) -> str:
    """Write a time in the documented form of rough memories, e.g. `09:44 AM on 10 December, 2025 UTC`."""
    moment = _EPOCH + timedelta(milliseconds=moment_ms)
    hour = moment.hour % 12 or 12
    half = "AM" if moment.hour < 12 else "PM"
    return (
        f"{hour:02d}:{moment.minute:02d} {half} on "
        f"{moment.day} {MONTH_NAMES[moment.month - 1]}, {moment.year} UTC"
    )


def _from_number(value: float) -> int:
    if not abs(value) <= _FURTHEST:  # also refuses NaN, which compares false
        raise ValueError("no time")
    return _checked(round(value * 1000) if abs(value) < _MILLISECONDS_FROM else round(value))


def _checked(moment_ms: int) -> int:
    if abs(moment_ms) > _FURTHEST:
        raise ValueError("no time")
    return moment_ms


def _from_match(parts: dict[str, str], zone: tzinfo) -> int:
    month = int(parts["number"]) if "number" in parts else MONTHS.get(parts["month"].lower(), 0)
    fraction = int(parts.get("part", "0").ljust(6, "0")[:6])
    minute = 30 if "thirty" in parts else int(parts.get("minute", 0))
    moment = datetime(
        int(parts["year"]), month, int(parts["day"]), _hour(parts), minute,
        int(parts.get("second", 0)), fraction,
        _offset(parts.get("zone") or parts.get("early"), zone),
    )  # fmt: skip
    return _checked((moment - _EPOCH) // timedelta(milliseconds=1))


def _hour(parts: dict[str, str]) -> int:
    hour = int(parts.get("hour", 0))
    half = parts.get("half", "").lower()[:1]
    if half:
        if not 1 <= hour <= 12:
            raise ValueError("no time")
        return hour % 12 + (12 if half == "p" else 0)
    day_part = parts.get("chalf", "")
    if day_part in {"下午", "傍晚", "晚上", "夜里"} and 1 <= hour < 12:
        return hour + 12
    if day_part == "中午" and 1 <= hour < 3:
        return hour + 12
    if day_part in {"凌晨", "上午", "早上"} and hour == 12:
        return 0 if day_part == "凌晨" else 12
    return hour


def _offset(text: str | None, zone: tzinfo) -> tzinfo:
    if text is None:
        return zone
    digits = re.search(r"([+-])(\d{1,2}):?(\d{2})?", text)
    if digits is None:
        return timezone.utc
    minutes = int(digits[2]) * 60 + int(digits[3] or 0)
    return timezone(timedelta(minutes=-minutes if digits[1] == "-" else minutes))
