"""Asks a language model how drafts relate to memories: one call, checked, repaired once."""

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from memos.errors import ModelReplyError, ModelUnavailableError
from memos.llms.base import LLM, Turn
from memos.mem_reader.combined import added_by, says_all
from memos.mem_reader.repair import parse_reply
from memos.memories.textual.tree_text_memory.organize.relation import Related, Relation
from memos.templates import load
from memos.types.memory import Draft, MemoryItem

logger = logging.getLogger(__name__)

_ATTEMPTS = 2
_MAX_TOKENS = 800
_LONGEST = 600
_SORTS = tuple(relation.value for relation in Relation)

RELATION_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["relations"],
    "properties": {
        "relations": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["statement", "fact", "relation", "combined"],
                "properties": {
                    "statement": {"type": "integer"},
                    "fact": {"type": "integer"},
                    "relation": {"type": "string", "enum": list(_SORTS)},
                    "combined": {"type": "string"},
                },
            },
        }
    },
}
"""Form of the answer."""


class ModelRelations:
    """A `RelationJudge` with a model; whatever goes wrong, nothing is related and rules decide.

    Args:
        llm: the model.
    """

    def __init__(self, llm: LLM) -> None:
        self._llm = llm

    def concerns(self, draft: Draft) -> bool:
        """A model is asked about all of them."""
        return bool(draft.value)

    def relate(
        self, drafts: Sequence[Draft], candidates: Sequence[Sequence[MemoryItem]]
    ) -> list[Related]:
        """Relations of drafts to their candidates."""
        facts = {item.id: item for items in candidates for item in items}
        turns = [Turn("system", load("relate")), Turn("user", _asked(drafts, [*facts.values()]))]
        for attempt in range(_ATTEMPTS):
            try:
                reply = self._llm.complete(
                    turns, schema=RELATION_SCHEMA, max_tokens=_MAX_TOKENS, temperature=0.0
                ).text
            except ModelUnavailableError as error:
                logger.warning("drafts not related", extra={"code": error.code})
                return []
            except ModelReplyError:
                continue
            try:
                return related(reply, drafts, [*facts.values()])
            except ModelReplyError as error:
                logger.warning("relations unusable", extra={"attempt": attempt + 1})
                turns += [Turn("assistant", reply), Turn("user", f"Not usable: {error.message}")]
        return []


def related(reply: str, drafts: Sequence[Draft], facts: Sequence[MemoryItem]) -> list[Related]:
    """The relations of a reply.

    Args:
        reply: what the model wrote.
        drafts: the statements shown, numbered from 1.
        facts: the memories shown, numbered from 1.

    Raises:
        ModelReplyError: it is not of the form asked for, or names ids that were not given.
    """
    answer = parse_reply(reply)
    entries = answer.get("relations") if isinstance(answer, dict) else answer
    if not isinstance(entries, list):
        raise ModelReplyError("the reply has no list of relations")
    found: dict[tuple[int, int], Related] = {}
    for entry in entries:
        statement, fact, sort = _read(entry)
        known = 1 <= statement <= len(drafts) and 1 <= fact <= len(facts)
        if not known or sort not in _SORTS:
            raise ModelReplyError("the reply names an id or a relation that was not given")
        told = Related(statement - 1, facts[fact - 1], Relation(sort))
        found.setdefault((statement, fact), replace(told, combined=_combined(entry)))
    return _checked(list(found.values()), drafts)


def _combined(entry: dict[str, Any]) -> str:
    text = entry.get("combined")
    return " ".join(text.split()) if isinstance(text, str) else ""


def _checked(found: Sequence[Related], drafts: Sequence[Draft]) -> list[Related]:
    """The relations with their combined texts judged: incomplete ones left out, invented ones marked.

    A text may be given for several facts at once; then it is measured against all of them.
    """
    made_of: dict[tuple[int, str], list[MemoryItem]] = {}
    for told in found:
        if told.relation is Relation.ADDS and told.combined:
            made_of.setdefault((told.draft, told.combined), []).append(told.item)
    checked = []
    for told in found:
        items = made_of.get((told.draft, told.combined))
        if items is None:
            checked.append(replace(told, combined=""))
            continue
        draft = drafts[told.draft]
        if says_all(told.combined, [draft.value, *(item.value for item in items)]):
            checked.append(replace(told, sound=not added_by(told.combined, draft, items)))
        else:
            checked.append(replace(told, combined=""))
    return checked


def _read(entry: object) -> tuple[int, int, str]:
    if not isinstance(entry, dict):
        raise ModelReplyError("a relation is no object")
    statement, fact, sort = (entry.get(name) for name in ("statement", "fact", "relation"))
    if not isinstance(statement, int) or not isinstance(fact, int) or not isinstance(sort, str):
        raise ModelReplyError("a relation lacks a field, or one is of the wrong type")
    return statement, fact, sort.strip().lower()


def _asked(drafts: Sequence[Draft], facts: Sequence[MemoryItem]) -> str:
    shown = {
        "facts": [
            {"id": n, "text": f.value[:_LONGEST], "since": _day(f.event_from or f.created_at)}
            for n, f in enumerate(facts, start=1)
        ],
        "statements": [
            {"id": n, "text": d.value[:_LONGEST], "since": _day(d.event_from)}
            for n, d in enumerate(drafts, start=1)
        ],
    }
    return json.dumps(shown, ensure_ascii=False)


def _day(ms: int | None) -> str | None:
    if ms is None:
        return None
    return datetime.fromtimestamp(ms / 1000, timezone.utc).strftime("%Y-%m-%d")
