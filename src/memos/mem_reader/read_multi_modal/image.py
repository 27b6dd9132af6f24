"""From a picture to statements: with a model that sees, or by the text in it and its metadata."""

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from memos.chunkers.structure import StructureChunker
from memos.errors import ModelReplyError, ModelUnavailableError
from memos.llms.base import LLM, Picture, Turn
from memos.mem_reader.read_multi_modal.finding import Finding, PartStatus, Statement
from memos.mem_reader.repair import parse_reply
from memos.parsers.base import ImageContent, ImageLimits, ImageReader
from memos.templates import load
from memos.types.document import Block, BlockKind, Document
from memos.types.language import is_chinese
from memos.types.memory import MemoryKind

logger = logging.getLogger(__name__)

IMAGE_TAGS = ("mode:fine", "image", "visual")
_MOST_FACTS = 12
_LONGEST_FACT = 1000
_LONGEST_CONTEXT = 2000
_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "description": {"type": "string"},
        "facts": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["title", "description", "facts"],
    "additionalProperties": False,
}


class PictureTeller:
    """Tells what a picture shows.

    Args:
        reader: format, size, date and text of a picture.
        limits: what a picture may ask for.
        model: a chat model that sees pictures; None when there is none.
    """

    def __init__(self, reader: ImageReader, limits: ImageLimits, model: LLM | None = None) -> None:
        self._reader = reader
        self._limits = limits
        self._model = model

    def tell(self, path: Path, name: str, context: str, speaker: str) -> Finding:
        """What a picture shows, as statements in the language of the text around or in it.

        Args:
            path: its bytes.
            name: its file name; may be empty.
            context: what was said with it.
            speaker: name or role of who sent it.

        Raises:
            DocumentError: it cannot be read.
        """
        content = self._reader.read(path, self._limits)
        chinese = is_chinese(context or " ".join(content.lines or ()))
        intro = _intro(content, name, speaker, chinese=chinese)
        seen = self._seen(content, context)
        if seen is not None:
            statements = _described(intro, seen, chinese=chinese)
        else:
            statements = _from_text(intro, content.lines or (), name, chinese=chinese)
        return Finding(PartStatus.READ, statements=tuple(statements))

    def _seen(self, content: ImageContent, context: str) -> tuple[str, str, list[str]] | None:
        """Title, description and facts by the model; None without one or without a usable reply."""
        if self._model is None:
            return None
        asked = {
            "said_with_it": context[:_LONGEST_CONTEXT],
            "text_in_it": list(content.lines or ()),
        }
        turns = [
            Turn("system", load("describe_image")),
            Turn(
                "user",
                json.dumps(asked, ensure_ascii=False),
                (Picture(content.small, "image/jpeg"),),
            ),
        ]
        try:
            return _reply(parse_reply(self._model.complete(turns, schema=_SCHEMA).text))
        except (ModelReplyError, ModelUnavailableError) as error:
            # A picture is read by its text then: the message must not wait for the model.
            logger.warning("a picture was not described", extra={"code": error.code})
            return None


def _reply(value: object) -> tuple[str, str, list[str]] | None:
    if not isinstance(value, dict):
        return None
    title, description = value.get("title"), value.get("description")
    facts = value.get("facts")
    if not isinstance(description, str) or not description.strip():
        return None
    kept = [f.strip() for f in facts if isinstance(f, str)] if isinstance(facts, list) else []
    kept = [fact[:_LONGEST_FACT] for fact in dict.fromkeys(kept) if fact]
    return (title if isinstance(title, str) else "", description.strip(), kept[:_MOST_FACTS])


def _described(intro: str, seen: tuple[str, str, list[str]], *, chinese: bool) -> list[Statement]:
    title, description, facts = seen
    first = f"{intro}{'。' if chinese else '. '}{description}"
    return [
        Statement(MemoryKind.LONG_TERM, text, text, title.strip(), IMAGE_TAGS)
        for text in (first, *facts)
    ]


def _from_text(intro: str, lines: Sequence[str], name: str, *, chinese: bool) -> list[Statement]:
    """One statement with the text of the picture; more when it is long."""
    key = name or (lines[0] if lines else "")
    if not lines:
        text = f"{intro}{'。' if chinese else '.'}"
        return [Statement(MemoryKind.LONG_TERM, text, text, key, IMAGE_TAGS)]
    said = "图中文字：" if chinese else "The text in it:"
    block = Block(BlockKind.PARAGRAPH, "\n".join(lines))
    statements = []
    for chunk in StructureChunker().chunk(Document((block,))):
        text = f"{intro}{'。' if chinese else '. '}{said}\n{chunk.text}"
        statements.append(Statement(MemoryKind.LONG_TERM, text, text, key, IMAGE_TAGS))
    return statements


def _intro(content: ImageContent, name: str, speaker: str, *, chinese: bool) -> str:
    """Who shared which picture, taken when and where: `The user shared a picture (a.png, ...)`."""
    size = f"{content.width} x {content.height}"
    if chinese:
        who = {"user": "用户", "assistant": "助手"}.get(speaker, speaker)
        about = [name, f"{content.format}，{size} 像素"]
        about += [f"拍摄于 {content.taken_at}"] if content.taken_at else []
        about += [f"地点 {content.place[0]}, {content.place[1]}"] if content.place else []
        return f"{who}分享了一张图片（{'，'.join(filter(None, about))}）"
    who = {"user": "The user", "assistant": "The assistant"}.get(speaker, speaker)
    about = [name, f"{content.format}, {size} pixels"]
    about += [f"taken on {content.taken_at}"] if content.taken_at else []
    about += [f"at {content.place[0]}, {content.place[1]}"] if content.place else []
    return f"{who} shared a picture ({', '.join(filter(None, about))})"
