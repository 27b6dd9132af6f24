"""Which year an open date of a statement means: by what the statement says of it."""

import pytest

from memos.types.chat_time import parse_chat_time
from tests.unit.mem_reader.turns import read, turn

SAID = parse_chat_time("2025-03-10 10:00:00", default_ms=0)


@pytest.mark.parametrize(
    ("said", "from_day"),
    [
        ("I'm training for the Porto half marathon in September.", "2025-09-01"),
        ("We booked a trip to the Azores for June 12 to June 19.", "2025-06-12"),
        ("I have an appointment with Dr. Almeida on June 3.", "2025-06-03"),
        ("My lease in Porto ends in October.", "2025-10-01"),
        ("The reimbursement deadline of my project is January 9.", "2025-01-09"),
        ("The fair of our town is in February.", "2025-02-01"),
        ("I worked at the library until November.", "2024-11-01"),
        ("I finished the course in December.", "2024-12-01"),
        ("I have lived in Faro since November.", "2024-11-01"),
        ("我女儿九月上小学。", "2025-09-01"),
        ("我报名了十月的马拉松。", "2025-10-01"),
        ("我十月去了日本。", "2024-10-01"),
    ],
)
def test_an_open_date_lies_where_the_statement_points(said: str, from_day: str) -> None:
    draft = read(turn(said, said=SAID))[0]
    assert draft.event_from == parse_chat_time(from_day, default_ms=0)
    assert f"{from_day[:4]}" in draft.value


def test_a_day_after_its_month_is_one_date() -> None:
    draft = read(turn("We booked a trip to the Azores for June 12 to June 19.", said=SAID))[0]
    assert draft.value == (
        "The user booked a trip to the Azores for June 12 (2025) to June 19 (2025)."
    )
