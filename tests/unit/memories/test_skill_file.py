"""Uploaded skills: the documented files are read, everything else is refused with its reason."""

import contextlib
import io
import stat
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memos.errors import DocumentError
from memos.memories.textual.skill import read_skill
from memos.memories.textual.skill_markdown import parse_skill, skill_markdown
from memos.types.skill import Skill

RETURNS = """---
name: Customer Return Processing
description: Guide customer service to handle user return requests following standard procedures
---

## Procedure
1. Verify user identity and order number
2. Confirm return reason meets policy requirements
3. Guide user to select return method (pickup / self-ship)

## Experience
- No-reason returns accepted within 7 days of receipt
- High-value items (>$70) require supervisor approval

## User Preferences
- Recommend pickup service first to reduce user effort

## Examples
### Example 1: Standard product return
User: I want to return the headphones I bought three days ago.
Assistant: Got it. Would you prefer pickup or self-shipping?

## Additional Information
See references/return_policy_summary.md
"""
NAMED = "---\nname: n\ndescription: d\n---\n"


def package(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def good(**more: bytes) -> bytes:
    return package({"SKILL.md": RETURNS.encode(), **more})


def test_the_documented_file_is_read_by_section() -> None:
    read = read_skill(RETURNS.encode(), "customer-return-sop.md")
    skill = read.skill
    assert read.form == "md"
    assert skill.name == "Customer Return Processing"
    assert skill.description.startswith("Guide customer service")
    assert skill.procedure[0] == "Verify user identity and order number"
    assert len(skill.procedure) == 3
    assert skill.experience[1] == "High-value items (>$70) require supervisor approval"
    assert skill.preference == ("Recommend pickup service first to reduce user effort",)
    assert skill.examples[0].startswith("### Example 1: Standard product return\nUser: I want")
    assert skill.additional == "See references/return_policy_summary.md"
    assert set(skill.to_json()) == {
        "name", "description", "procedure", "experience", "preference", "examples",
        "additional_information",
    }  # fmt: skip


def test_the_documented_package_is_read() -> None:
    data = package(
        {
            "SKILL.md": RETURNS.encode(),
            "references/return_policy_summary.md": b"policy",
            "scripts/check_order.py": b"print()",
            "assets/flowchart.png": bytes(1000),
            "__MACOSX/._SKILL.md": b"x",
        }
    )
    read = read_skill(data, "refund-sop-v1.zip")
    assert read.form == "zip"
    assert read.skill.name == "Customer Return Processing"
    assert read.files == (
        "SKILL.md",
        "assets/flowchart.png",
        "references/return_policy_summary.md",
        "scripts/check_order.py",
    )


def test_a_name_without_ending_is_told_by_content() -> None:
    assert read_skill(good(), "download").form == "zip"
    assert read_skill(RETURNS.encode(), "").form == "md"


@pytest.mark.parametrize(
    ("front", "name", "description"),
    [
        ("name: \"Quoted: yes\"\ndescription: 'It''s so'", "Quoted: yes", "It's so"),
        ("name: A: B\ndescription: uses: colons", "A: B", "uses: colons"),
        ("description: |\n  first\n  second\nname: x", "x", "first second"),
        (
            "name: x\nlicense: MIT\ndescription: >-\n  folded\n  text\nmetadata:\n  a: 1",
            "x",
            "folded text",
        ),
        ("name: 客户退货处理\ndescription: 引导客服处理退货", "客户退货处理", "引导客服处理退货"),
        ("Name: x\nDescription: y", "x", "y"),
    ],
)
def test_front_matter_is_read_as_people_write_it(front: str, name: str, description: str) -> None:
    skill = parse_skill(f"---\n{front}\n---\nDo it.")
    assert (skill.name, skill.description) == (name, description)
    assert skill.procedure == ("Do it.",)


def test_sections_of_other_names_are_kept() -> None:
    skill = parse_skill(NAMED + "# Title\nIntro.\n## Setup\nInstall it.\n## Procedure\n1. Run\n")
    assert skill.procedure == ("Run",)
    assert "Install it." in skill.additional
    assert "Intro." in skill.additional


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"# no front matter", "a.md", "front matter"),
        (b"---\nname: x\n---\n", "a.md", "no description"),
        (b"---\ndescription: x\n---\n", "a.md", "no name"),
        (b"---\nname:\ndescription: x\n---\n", "a.md", "no name"),
        (NAMED.encode() + bytes(100 * 1024), "a.md", "100 KB"),
        (NAMED.encode("utf-16"), "a.md", "UTF-8"),
        (NAMED.encode() + b"\x00", "a.md", "text"),
        (b"MZ\x90", "a.exe", ".md file or a .zip"),
        (b"Rar!\x1a\x07\x00", "a.zip", "RAR"),
        (b"7z\xbc\xaf\x27\x1c", "a.zip", "7z"),
        (b"hello", "a.zip", "not a readable ZIP"),
        (b"", "a.zip", "not a readable ZIP"),
    ],
)
def test_what_is_no_skill_file_is_refused_with_the_reason(
    data: bytes, name: str, reason: str
) -> None:
    with pytest.raises(DocumentError, match=reason) as caught:
        read_skill(data, name)
    assert caught.value.code == 50107


def test_a_package_with_the_skill_in_a_folder_is_refused() -> None:
    data = package({"refund/SKILL.md": RETURNS.encode()})
    with pytest.raises(DocumentError, match="first level"):
        read_skill(data, "a.zip")


@pytest.mark.parametrize(
    "name",
    ["../evil.py", "a/../../evil.py", "/etc/passwd", "C:/x", "..\\evil.py", "a\\..\\b", "./x"],
)
def test_names_that_lead_outside_are_refused(name: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("SKILL.md", RETURNS)
        entry = zipfile.ZipInfo("x")
        entry.filename = name
        archive.writestr(entry, b"x")
    with pytest.raises(DocumentError, match="outside"):
        read_skill(buffer.getvalue(), "a.zip")


def test_links_are_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("SKILL.md", RETURNS)
        link = zipfile.ZipInfo("notes.md")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(DocumentError, match="link"):
        read_skill(buffer.getvalue(), "a.zip")


def test_an_encrypted_package_is_refused() -> None:
    data = bytearray(good(**{"a.txt": b"secret"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(mark, at + 1)
    with pytest.raises(DocumentError, match="encrypted"):
        read_skill(bytes(data), "a.zip")


def test_other_compression_is_refused() -> None:
    with pytest.raises(DocumentError, match="unusual way"):
        read_skill(package({"SKILL.md": RETURNS.encode()}, zipfile.ZIP_LZMA), "a.zip")


def test_too_many_and_too_large_files_are_refused() -> None:
    within = {f"f{n}": b"" for n in range(199)}
    assert read_skill(good(**within), "a.zip").form == "zip"
    with pytest.raises(DocumentError, match="200 files"):
        read_skill(good(**within, more=b""), "a.zip")
    assert read_skill(good(big=bytes(10 * 2**20)), "a.zip").form == "zip"
    with pytest.raises(DocumentError, match="10 MB"):
        read_skill(good(big=bytes(10 * 2**20 + 1)), "a.zip")
    with pytest.raises(DocumentError, match="100 KB"):
        read_skill(package({"SKILL.md": RETURNS.encode() + b" " * 100 * 1024}), "a.zip")
    with pytest.raises(DocumentError, match="20 MB"):
        read_skill(good() + bytes(20 * 2**20), "a.zip")


def test_a_bomb_of_files_within_their_limits_is_refused() -> None:
    zeros = bytes(10 * 2**20)
    one = package({"SKILL.md": RETURNS.encode(), **{f"f{n}": zeros for n in range(2)}})
    data = _grown(one, 60)
    with pytest.raises(DocumentError, match="512 MB"):
        read_skill(data, "a.zip")


def _grown(data: bytes, count: int) -> bytes:
    """The same archive with the entry `f1` listed again and again, all on the same bytes."""
    end = data.rfind(b"PK\x05\x06")
    start = struct.unpack("<I", data[end + 16 : end + 20])[0]
    directory = data[start:end]
    at = directory.rfind(b"PK\x01\x02")
    entry = directory[at:]
    more = b"".join(entry.replace(b"f1", b"%02d" % n) for n in range(count))
    total = struct.unpack("<H", data[end + 10 : end + 12])[0] + count
    tail = struct.pack(
        "<IHHHHIIH", 0x06054B50, 0, 0, total, total, len(directory) + len(more), start, 0
    )
    return data[:start] + directory + more + tail


def test_a_size_that_lies_is_found_out() -> None:
    data = bytearray(good(big=bytes(11 * 2**20)))
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    with pytest.raises(DocumentError):
        read_skill(bytes(data), "a.zip")


def test_two_files_of_one_name_are_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("SKILL.md", RETURNS)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("SKILL.md", NAMED)
    with pytest.raises(DocumentError, match="same name"):
        read_skill(buffer.getvalue(), "a.zip")


QUICK = settings(deadline=None, derandomize=True, database=None, max_examples=200)
WORDS = st.text("abc xyz,.:;'\"#-(){}[]|\\&*?!北京旅行", min_size=1, max_size=40).map(
    lambda text: " ".join(text.split())
)
LINE = WORDS.filter(lambda t: t[:1].isalpha())


@QUICK
@given(st.binary(max_size=400), st.sampled_from(["a.zip", "a.md", "x"]))
def test_any_bytes_are_a_skill_or_refused(data: bytes, name: str) -> None:
    for content in (data, b"PK\x03\x04" + data, good()[:200] + data, NAMED.encode() + data):
        with contextlib.suppress(DocumentError):
            read_skill(content, name)


@QUICK
@given(
    WORDS.filter(bool), WORDS.filter(bool), st.lists(LINE, max_size=4), st.lists(LINE, max_size=4)
)
def test_a_skill_written_down_is_read_back(
    name: str, description: str, steps: list[str], wishes: list[str]
) -> None:
    skill = Skill(name, description, procedure=tuple(steps), preference=tuple(wishes))
    assert parse_skill(skill_markdown(skill)) == skill
    assert Skill.from_json(skill.to_json()) == skill
