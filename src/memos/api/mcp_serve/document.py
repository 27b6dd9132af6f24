"""Documents a model names for upload: addresses, data, and files of this machine within a policy."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mcp.server.mcpserver.exceptions import ToolError

from memos.configs.environment import expanded_path

ENDINGS = frozenset({".pdf", ".docx", ".doc", ".txt", ".json", ".md", ".xml"})
_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
_BARE_LINK = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?/\S*", re.IGNORECASE)
_DATA = re.compile(r"data:[\w.+-]+/[\w.+-]+;base64,", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PathPolicy:
    """Which local files may be read.

    Args:
        folders: files under these may be; none allows no local file at all.
        most_bytes: the largest file.
    """

    folders: tuple[Path, ...]
    most_bytes: int = 100 * 2**20


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file of this machine that may be sent."""

    path: Path


@dataclass(frozen=True, slots=True)
class RemoteContent:
    """An address or data that the server fetches or decodes itself."""

    content: str


def read_document(text: str, policy: PathPolicy) -> LocalFile | RemoteContent:
    """What a model means by a document.

    Args:
        text: an address (a missing `https://` is put before it), a data URL, or a path: absolute,
            from the home folder, or with environment variables, in the spelling of either system.
        policy: which files may be read.

    Raises:
        ToolError: no such document, or the policy does not allow it. The message names no file
            that was not named before.
    """
    text = text.strip().strip("\"'")
    if not text:
        raise ToolError("a document is a path, an http(s) address or a data URL; it is empty")
    if _LINK.fullmatch(text) or _DATA.match(text):
        return RemoteContent(text)
    path = Path(expanded_path(text))
    if path.is_absolute() or path.exists():
        return LocalFile(_allowed(path, policy))
    if _BARE_LINK.fullmatch(text):
        return RemoteContent(f"https://{text}")
    raise ToolError("no such file; give an absolute path, an http(s) address or a data URL")


def _allowed(path: Path, policy: PathPolicy) -> Path:
    if not policy.folders:
        raise ToolError(
            "this server reads no local files; start it with --allow-dir FOLDER, or give an address"
        )
    # Links are followed first, so that none leads out of the allowed folders.
    real = path.resolve()
    if not any(_holds(folder, real) for folder in policy.folders):
        raise ToolError(
            "this file is outside the folders that may be read (hidden ones never are); "
            "start the server with --allow-dir for its folder"
        )
    if not real.is_file():
        raise ToolError("no such file; check the path")
    if real.suffix.lower() not in ENDINGS:
        raise ToolError(f"files of this kind are not taken; one of {', '.join(sorted(ENDINGS))} is")
    if real.stat().st_size > policy.most_bytes:
        raise ToolError(f"the file is larger than {policy.most_bytes // 2**20} MB")
    return real


def _holds(folder: Path, path: Path) -> bool:
    """Whether a file lies under a folder, and under no hidden one inside it (keys, histories)."""
    try:
        inside = path.relative_to(folder.resolve())
    except ValueError:
        return False
    return not any(part.startswith(".") for part in inside.parts)


def read_documents(
    texts: Sequence[str], policy: PathPolicy
) -> tuple[list[LocalFile], list[RemoteContent]]:
    """Several documents, the local ones apart. Raises as `read_document`, before anything is sent."""
    found = [read_document(text, policy) for text in texts]
    return (
        [one for one in found if isinstance(one, LocalFile)],
        [one for one in found if isinstance(one, RemoteContent)],
    )
