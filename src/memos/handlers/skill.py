"""Skill files behind links that need no key: signed, and good for some days."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from pathlib import Path, PurePath
from urllib.parse import quote

from memos.errors import NotFoundError
from memos.graph_dbs.base import GraphReader
from memos.memories.textual.skill import SKILL_FILE, ZIP
from memos.memories.textual.skill_memory import FILE, FORM
from memos.records.files import FileStore
from memos.types.clock import Clock
from memos.types.memory import MemoryItem, MemoryKind
from memos.types.scope import Scope

PATH = "/skills"
_DAY_MS = 86_400_000
LIFETIME_MS = 8 * _DAY_MS
"""A link works for seven to eight days, as long as an agent may hold a prompt it was written into,
and stays the same for a day, so that such prompts can be cached."""
_UNSAFE = re.compile(r"[^\w.() -]+")
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class SkillFile:
    """A file to hand out.

    Args:
        name: its name, safe to be shown to a file system.
        media_type: what it is.
        content: its bytes, or where they lie.
    """

    name: str
    media_type: str
    content: bytes | Path


class SkillFiles:
    """Makes links to skill files and answers them.

    Args:
        graph: the skills.
        files: uploaded files.
        clock: tells when a link ends.
        secret: signs the links; 32 bytes that nobody else knows.
    """

    def __init__(self, graph: GraphReader, files: FileStore, clock: Clock, secret: bytes) -> None:
        self._graph = graph
        self._files = files
        self._clock = clock
        self._secret = secret

    def link(self, item: MemoryItem, base_url: str) -> str:
        """Address of a skill's file.

        Args:
            item: the skill.
            base_url: address of this server, as clients reach it.
        """
        expires = self._clock.now_ms() // _DAY_MS * _DAY_MS + LIFETIME_MS
        project = item.cube.project
        signature = self._signature(project, item.id, expires)
        path = f"{PATH}/{quote(project, safe='')}/{item.id}/{quote(_file_name(item))}"
        return f"{base_url.rstrip('/')}{path}?expires={expires}&signature={signature}"

    def file(self, project: str, memory_id: str, expires: str, signature: str) -> SkillFile:
        """The file behind a link.

        Raises:
            NotFoundError: the link was not made here, has ended, or its skill was erased. Which of
                them is told to nobody who cannot sign.
        """
        until = int(expires) if re.fullmatch(r"\d{1,15}", expires) else 0
        expected = self._signature(project, memory_id, until)
        if not hmac.compare_digest(expected, signature[:128].encode("ascii", "replace").decode()):
            raise NotFoundError("this link is not valid; take skill_url from a new search")
        if until < self._clock.now_ms():
            raise NotFoundError("this link has expired; take skill_url from a new search")
        cube = self._graph.locate(project, [memory_id]).get(memory_id)
        items = self._graph.get(Scope.of(cube), [memory_id]) if cube else []
        if not items or items[0].kind is not MemoryKind.SKILL:
            raise NotFoundError("this skill does not exist any more")
        return self._content(items[0])

    def _content(self, item: MemoryItem) -> SkillFile:
        name = _file_name(item)
        if item.info.get(FORM) == ZIP:
            path = self._files.path(item.info[FILE]["digest"])
            return SkillFile(name, "application/zip", path)
        return SkillFile(name, "text/markdown; charset=utf-8", item.value.encode())

    def _signature(self, project: str, memory_id: str, expires: int) -> str:
        text = "\x1f".join((project, memory_id, str(expires)))
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()


def _file_name(item: MemoryItem) -> str:
    """A package keeps its name; anything else is the documented `SKILL.md`."""
    if item.info.get(FORM) != ZIP:
        return SKILL_FILE
    stem = _UNSAFE.sub("_", PurePath(str(item.info[FILE]["name"])).stem).strip(" .")
    return f"{stem[:_LONGEST_NAME] or 'skill'}.zip"
