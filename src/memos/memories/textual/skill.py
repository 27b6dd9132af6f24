"""Skill files as they are uploaded: checked against the documented limits, and read."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from memos.errors import DocumentError
from memos.memories.textual.skill_archive import MOST_BYTES as MOST_PACKAGE_BYTES
from memos.memories.textual.skill_archive import look_into
from memos.memories.textual.skill_markdown import parse_skill
from memos.types.skill import Skill

__all__ = [
    "MARKDOWN",
    "MOST_PACKAGE_BYTES",
    "MOST_SKILL_BYTES",
    "SKILL_FILE",
    "ZIP",
    "SkillPackage",
    "read_skill",
]

SKILL_FILE = "SKILL.md"
MOST_SKILL_BYTES = 100 * 2**10
MARKDOWN, ZIP = "md", "zip"
_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


@dataclass(frozen=True, slots=True)
class SkillPackage:
    """An uploaded skill.

    Args:
        skill: what its `SKILL.md` says.
        markdown: the text of its `SKILL.md`.
        form: `md` or `zip`.
        files: names of the files in a package, sorted; only `SKILL.md` for a single file.
    """

    skill: Skill
    markdown: str
    form: str
    files: tuple[str, ...] = (SKILL_FILE,)


def read_skill(data: bytes, name: str) -> SkillPackage:
    """Check and read a skill file: one Markdown file, or a ZIP package with `SKILL.md` inside.

    Limits: Markdown 100 KB with `name` and `description` in its front matter; ZIP 20 MB, 200
    files, 10 MB each, `SKILL.md` at the first level.

    Args:
        data: the file.
        name: its name as uploaded; without `.md` or `.zip` the content decides.

    Raises:
        DocumentError: it is not such a file; the message says why and is fit to be shown (50107).
    """
    ending = PurePosixPath(name.lower()).suffix
    if ending not in {".md", ".zip"}:
        ending = ".zip" if data.startswith(_ZIP_STARTS) else ".md" if _looks_like_text(data) else ""
    if ending == ".zip":
        contents = look_into(data, SKILL_FILE, MOST_SKILL_BYTES)
        text = _decoded(contents.skill)
        return SkillPackage(parse_skill(text), text, ZIP, contents.names)
    if ending == ".md":
        if len(data) > MOST_SKILL_BYTES:
            raise DocumentError(f"the skill file is larger than {MOST_SKILL_BYTES // 2**10} KB")
        text = _decoded(data)
        return SkillPackage(parse_skill(text), text, MARKDOWN)
    raise DocumentError("a skill must be a .md file or a .zip package")


def _looks_like_text(data: bytes) -> bool:
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:3] == b"---"


def _decoded(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError("the skill file is not UTF-8 text") from error
    if "\x00" in text:
        raise DocumentError("the skill file is not a text file")
    return text
