"""Looking into a skill package: a ZIP file from anybody, read within limits and never unpacked."""

import io
import stat
import zipfile
import zlib
from dataclasses import dataclass

from memos.errors import DocumentError

MOST_BYTES = 20 * 2**20
MOST_FILES = 200
MOST_FILE_BYTES = 10 * 2**20
MOST_EXPANDED = 512 * 2**20
"""Most bytes of all files together: as much as any document may become once it is unpacked."""
_MOST_ENTRIES = 2 * MOST_FILES
_CHUNK = 256 * 2**10
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1
_NOT_ZIP = {b"Rar!": "RAR", b"7z\xbc\xaf": "7z", b"\x1f\x8b": "gzip", b"BZh": "bzip2"}
_MADE_BY_SYSTEMS = ("__MACOSX/", ".DS_Store")


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a package: names of its files, and its `SKILL.md`."""

    names: tuple[str, ...]
    skill: bytes


def look_into(data: bytes, skill_name: str, most_skill_bytes: int) -> Contents:
    """Check a package and read its skill file. Every file is read once, so that sizes are real.

    Args:
        data: the ZIP file.
        skill_name: name of the file at the first level that is asked for.
        most_skill_bytes: its limit.

    Raises:
        DocumentError: it is no ZIP file, too large, encrypted, broken, holds too much, an unsafe
            name, a link, or no such file at the first level (50107).
    """
    if len(data) > MOST_BYTES:
        raise DocumentError(f"the skill package is larger than {MOST_BYTES // 2**20} MB")
    other = next((name for start, name in _NOT_ZIP.items() if data.startswith(start)), None)
    if other is not None:
        raise DocumentError(f"the skill package is a {other} file; pack it as a standard ZIP")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _contents(archive, skill_name, most_skill_bytes)
    except DocumentError:
        raise
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, OSError, ValueError) as error:
        raise DocumentError("the skill package is not a readable ZIP file") from error
    except (NotImplementedError, RuntimeError, zlib.error) as error:
        raise DocumentError("the skill package is damaged, or packed in an unusual way") from error


def _contents(archive: zipfile.ZipFile, skill_name: str, most_skill_bytes: int) -> Contents:
    entries = archive.infolist()
    if len(entries) > _MOST_ENTRIES:
        raise DocumentError(f"the skill package holds more than {MOST_FILES} files")
    for entry in entries:
        _require_plain(entry)
    files = [e for e in entries if not e.is_dir()]
    if len(files) > MOST_FILES:
        raise DocumentError(f"the skill package holds more than {MOST_FILES} files")
    names = [entry.filename for entry in files]
    if len({name.casefold() for name in names}) < len(names):
        raise DocumentError("the skill package holds two files of the same name")
    if skill_name not in names:
        raise DocumentError(_missing(skill_name, names))
    if sum(entry.file_size for entry in files) > MOST_EXPANDED:
        raise DocumentError(
            f"the skill package is larger than {MOST_EXPANDED // 2**20} MB unpacked"
        )
    skill, total = b"", 0
    for entry in files:
        limit = most_skill_bytes if entry.filename == skill_name else MOST_FILE_BYTES
        content, size = _read(archive, entry, limit, keep=entry.filename == skill_name)
        skill, total = content or skill, total + size
    kept = (name for name in names if not any(mark in name for mark in _MADE_BY_SYSTEMS))
    return Contents(tuple(sorted(kept)), skill)


def _require_plain(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    parts = name.replace("\\", "/").split("/")
    unsafe = (
        name.startswith("/")
        or "\\" in getattr(entry, "orig_filename", name)
        or "\x00" in getattr(entry, "orig_filename", name)
        or ":" in parts[0]
        or any(part in {".", ".."} for part in parts)
        or len(name) > 500
    )
    if unsafe:
        raise DocumentError("the skill package holds a file whose name leads outside of it")
    mode = entry.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise DocumentError("the skill package holds a link or a special file; pack plain files")
    if entry.flag_bits & _ENCRYPTED:
        raise DocumentError("the skill package is encrypted; pack it without a password")
    if entry.compress_type not in _METHODS:
        raise DocumentError("the skill package is compressed in an unusual way; use standard ZIP")


def _missing(skill_name: str, names: list[str]) -> str:
    deeper = next((name for name in names if name.split("/")[-1] == skill_name), None)
    if deeper is None:
        return f"the skill package has no {skill_name} at its first level"
    return (
        f"{skill_name} must be at the first level of the skill package; pack the files themselves, "
        "not the folder around them"
    )


def _read(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int, *, keep: bool
) -> tuple[bytes, int]:
    """Read an entry to its end; its content if that is wanted, and its real size."""
    label = f"{limit // 2**20} MB" if limit >= 2**20 else f"{limit // 2**10} KB"
    if entry.file_size > limit:
        raise DocumentError(f"a file in the skill package is larger than {label} unpacked")
    kept, size = [], 0
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                raise DocumentError(f"a file in the skill package is larger than {label} unpacked")
            if keep:
                kept.append(chunk)
    return b"".join(kept), size
