"""Files as clients write them: Base64 in any pieces, data URLs, addresses, names."""

import base64
import binascii
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos.api.file_content import (
    Described,
    checked_name,
    data_prefix,
    decoded,
    format_of,
    from_address,
    from_bytes,
    is_address,
)
from memos.errors import InvalidInputError
from memos.records.knowledge import FileType

DOCUMENT, SKILL = FileType.DOCUMENT, FileType.SKILL


def pieces(text: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted({min(cut, len(text)) for cut in cuts}), len(text)]
    return [text[a:b] for a, b in itertools.pairwise(places)]


CUTS = st.lists(st.integers(0, 400), max_size=6)


@given(st.binary(max_size=200), CUTS, st.booleans())
def test_base64_in_any_pieces_gives_the_bytes(content: bytes, cuts: list[int], safe: bool) -> None:
    encode = base64.urlsafe_b64encode if safe else base64.b64encode
    assert b"".join(decoded(pieces(encode(content), cuts))) == content


@given(st.binary(max_size=200), CUTS, st.sampled_from(["/", "+", "both"]))
def test_base64_inside_a_json_string_may_be_escaped(
    content: bytes, cuts: list[int], which: str
) -> None:
    text = base64.b64encode(content).decode()
    if which != "+":
        text = text.replace("/", "\\/")
    if which != "/":
        text = text.replace("+", "\\u002B")
    broken = "\\n".join(text[at : at + 80] for at in range(0, len(text), 80))
    broken = text if any(broken[at - 1 : at] == "\\" for at in range(80, len(text), 80)) else broken
    assert b"".join(decoded(pieces(text.encode(), cuts), escaped=True)) == content


@given(st.text(alphabet="AB=*é\n", max_size=12), CUTS)
def test_what_is_no_base64_is_told_and_never_half_taken(text: str, cuts: list[int]) -> None:
    raw = text.encode()
    try:
        expected: bytes | None = base64.b64decode(text.replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        expected = None
    got: bytes | None = None
    code = 0
    try:
        got = b"".join(decoded(pieces(raw, cuts)))
    except InvalidInputError as error:
        code = error.code
    if got is not None:
        assert got == expected
        return
    assert code in {40008, 40009}
    if expected is not None:
        # Python lets padding inside pass; we do not.
        assert "=" in text.replace("\n", "").rstrip("=") or text.count("=") > 2


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("data:text/plain;base64,QUJD", ("text/plain", 23)),
        ("data:Application/PDF;name=a b.pdf;base64,QUJD", ("application/pdf", 41)),
        ("data:;base64,QUJD", ("", 13)),
        ("DATA:text/plain;BASE64,QUJD", ("text/plain", 23)),
        ("QUJD", ("", 0)),
    ],
)
def test_the_prefix_of_a_data_url_is_measured(head: str, expected: tuple[str, int]) -> None:
    assert data_prefix(head) == expected


@pytest.mark.parametrize(
    ("name", "kind", "media_type", "expected"),
    [
        ("a.PDF", DOCUMENT, "", "pdf"),
        ("a.b.md", DOCUMENT, "text/plain", "md"),
        ("notes", DOCUMENT, "text/plain", "txt"),
        ("notes v1.2", DOCUMENT, "text/markdown", "md"),
        ("notes v1.2", DOCUMENT, "", ""),
        ("", DOCUMENT, "application/octet-stream", ""),
        ("skill.zip", SKILL, "", "zip"),
        ("skill", SKILL, "application/zip", "zip"),
        ("skill", SKILL, "", ""),
    ],
)
def test_a_format_is_told_by_name_then_type(
    name: str, kind: FileType, media_type: str, expected: str
) -> None:
    assert format_of(Described(name, kind, media_type)) == expected


@pytest.mark.parametrize(
    ("address", "name", "ending"),
    [
        ("https://example.com/a/Policy%20A.pdf?x=1#top", "Policy A.pdf", "pdf"),
        ("https://example.com/view.php?id=7", "view.php", ""),
        ("http://example.com", "example.com", ""),
        ("http://例子.测试/说明.md", "说明.md", "md"),
    ],
)
def test_an_address_names_its_file(address: str, name: str, ending: str) -> None:
    assert is_address(address)
    file = from_address(Described("", DOCUMENT), address)
    assert (file.name, file.format, file.url, file.content) == (name, ending, address, None)


def test_a_nameless_file_is_named_by_its_bytes() -> None:
    file = from_bytes(Described("", DOCUMENT), [b"%PDF-1.7", b"..."], 3)
    assert (file.name, file.format) == ("document-3.pdf", "pdf")
    assert b"".join(file.content or ()) == b"%PDF-1.7..."
    assert from_bytes(Described("", SKILL), [b"PK\x03\x04"], 1).name == "skill-1.zip"
    assert from_bytes(Described("", DOCUMENT), [], 1).format == "txt"


def test_a_path_is_no_name() -> None:
    assert checked_name("C:\\temp\\..\\secret\\a.txt") == "a.txt"
    assert checked_name("/etc/passwd") == "passwd"
    assert checked_name(" ../ ") == ".."
