"""Summaries of a document and its sections by a language model. Without one there are none."""

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from memos.errors import ModelReplyError, QuotaExceededError, UnavailableError
from memos.llms.base import LLM, Turn
from memos.mem_reader.repair import parse_reply
from memos.templates import load
from memos.types.document import Chunk
from memos.types.language import count_tokens

logger = logging.getLogger(__name__)

SUMMARY_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["summary"],
    "properties": {"summary": {"type": "string"}},
}
_MOST_SECTIONS = 40
_MOST_TOKENS = 6000
_LEAST_TOKENS = 200
"""A shorter text is its own summary."""
_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Section:
    """Neighbouring chunks under the same headings; no headings: the whole document.

    Args:
        titles: the headings, outermost first.
        chunks: what stands under them.
    """

    titles: tuple[str, ...]
    chunks: tuple[Chunk, ...]


def sections(chunks: Sequence[Chunk]) -> list[Section]:
    """The sections worth a summary: the deepest level of headings that gives at most 40.

    The whole document comes last. A document without headings, or with one section, is only itself.
    """
    whole = Section((), tuple(chunks))
    for depth in (3, 2, 1):
        found = list(_grouped(chunks, depth))
        if 1 < len(found) <= _MOST_SECTIONS:
            return [*found, whole]
    return [whole]


class DocumentSummariser:
    """Writes summaries with a language model. Safe to call from several threads.

    Args:
        llm: the model.
    """

    def __init__(self, llm: LLM) -> None:
        self._llm = llm

    def summary(self, title: str, section: Section, parts: Sequence[str] = ()) -> str:
        """What a section says; empty when it is short, or when the model has nothing usable.

        Args:
            title: title of the document.
            section: what to summarise.
            parts: summaries of its own sections, taken in place of its text when that is long.
        """
        text = "\n\n".join(chunk.text for chunk in section.chunks)
        if count_tokens(text) < _LEAST_TOKENS:
            return ""
        if count_tokens(text) > _MOST_TOKENS:
            text = "\n\n".join(parts) or text
        given = {
            "document": title,
            "section": " > ".join(section.titles),
            "text": _shortened(text),
        }
        turns = [
            Turn("system", load("document_summary")),
            Turn("user", json.dumps(given, ensure_ascii=False)),
        ]
        try:
            answer = parse_reply(self._llm.complete(turns, schema=SUMMARY_SCHEMA).text)
        except (ModelReplyError, QuotaExceededError, UnavailableError) as error:
            # The passages are there; a summary is not worth failing for.
            logger.warning("no summary", extra={"code": error.code})
            return ""
        found = answer.get("summary") if isinstance(answer, dict) else None
        return found.strip()[:_LONGEST] if isinstance(found, str) else ""


def _grouped(chunks: Sequence[Chunk], depth: int) -> Iterator[Section]:
    held: list[Chunk] = []
    for chunk in chunks:
        if held and held[-1].titles[:depth] != chunk.titles[:depth]:
            yield Section(held[-1].titles[:depth], tuple(held))
            held = []
        held.append(chunk)
    if held:
        yield Section(held[-1].titles[:depth], tuple(held))


def _shortened(text: str) -> str:
    """The beginning of a text that fits into one call."""
    tokens = count_tokens(text)
    return text if tokens <= _MOST_TOKENS else text[: len(text) * _MOST_TOKENS // tokens]
