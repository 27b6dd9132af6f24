"""JSON as models write it."""

import json

import pytest

from memos.errors import ModelReplyError
from memos.mem_reader.repair import parse_reply

VALUE = {"a": [1, {"b": 'x, ] } "quoted"'}], "c": None}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(VALUE),
        json.dumps(VALUE, indent=2),
        f"```json\n{json.dumps(VALUE)}\n```",
        f"```\n{json.dumps(VALUE)}",
        f"Sure! {json.dumps(VALUE)} Bye {{",
        json.dumps(VALUE).replace("}]", "},]").replace("null}", "null , }"),
    ],
)
def test_the_value_is_found(text: str) -> None:
    assert parse_reply(text) == VALUE


@pytest.mark.parametrize(
    ("text", "saved"),
    [
        ('{"m": [{"a": 1}, {"a": 2}, {"a": ', {"m": [{"a": 1}, {"a": 2}]}),
        ('{"m": [{"a": 1}, {"a": "cut of', {"m": [{"a": 1}]}),
        ('[{"a": [1, 2]}, {"b": [3', [{"a": [1, 2]}]),
        ('{"m": [{"a": 1}],', {"m": [{"a": 1}]}),
    ],
)
def test_what_is_complete_of_a_cut_answer_is_saved(text: str, saved: object) -> None:
    assert parse_reply(text) == saved


def test_commas_inside_strings_stay() -> None:
    assert parse_reply('{"a": "x,]", }') == {"a": "x,]"}


@pytest.mark.parametrize(
    "text", ["", "no", "42", '"text"', "{", "[1, ", "}{", "[" * 100_000, "{" * 500_000]
)
def test_what_holds_no_json_is_refused(text: str) -> None:
    with pytest.raises(ModelReplyError):
        parse_reply(text)
