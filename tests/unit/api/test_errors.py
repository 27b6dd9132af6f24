"""The one table of errors covers everything that can be raised."""

import re
from pathlib import Path

import memos.errors
from memos.api.errors import TABLE, status_of, unexpected
from memos.errors import AuthenticationError, InvalidInputError, MemosError

SOURCE = Path(memos.errors.__file__).parent


def test_every_error_class_answers_with_a_documented_code() -> None:
    classes = [
        c for c in vars(memos.errors).values() if isinstance(c, type) and issubclass(c, MemosError)
    ]
    assert len(classes) > 10
    assert {c.__name__: c.default_code for c in classes if c.default_code not in TABLE} == {}


def test_every_code_named_in_the_source_is_in_the_table() -> None:
    named = {
        int(code)
        for path in SOURCE.rglob("*.py")
        for code in re.findall(r"code=(\d{5})\b", path.read_text(encoding="utf-8"))
    }
    assert named
    assert named - set(TABLE) == set()


def test_keys_answer_401_and_everything_a_client_causes_200() -> None:
    assert status_of(AuthenticationError("x", code=40100)) == 401
    assert status_of(AuthenticationError("x")) == 401
    assert status_of(InvalidInputError("x")) == 200
    assert not any(row.status == 403 for row in TABLE.values())


def test_the_text_of_an_unforeseen_error_is_never_sent() -> None:
    code, status, message = unexpected()
    assert (code, status) == (50000, 500)
    assert "log" in message
