"""What a tool memory remembers besides its text: its uses, as JSON under reserved keys of `info`."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from memos.memories.textual.tool_text import Tally
from memos.types.memory import MemoryItem, Source
from memos.types.tool import Telling, ToolStep, ToolUse

STATUS = "memos:tool_status"
"""Reserved info key: the documented `tool_used_status`."""
_USES = "memos:tool_uses"
_FORMER = "memos:tool_former"
MOST_USES = 8
"""Uses kept word by word; of older ones only how often they failed."""
_NAME_TAG = "memos:tool:"
_CHAIN_TAG = "memos:tool-chain:"
_USE_TAG = "memos:tool-use:"


@dataclass(frozen=True, slots=True)
class Record:
    """The uses behind a memory.

    Args:
        uses: the last ones, oldest first.
        former: calls by tool of those that are not kept.
    """

    uses: tuple[ToolUse, ...] = ()
    former: Mapping[str, Tally] | None = None

    def with_use(self, use: ToolUse) -> "Record":
        """With a use, in place of what was known of the same request."""
        kept = sorted([*(u for u in self.uses if u.id != use.id), use], key=lambda u: (u.at, u.id))
        former = dict(self.former or {})
        for old in kept[:-MOST_USES]:
            for step in old.steps:
                former[step.tool] = former.get(step.tool, Tally()).plus(step)
        return Record(tuple(kept[-MOST_USES:]), former)

    def without_use(self, use_id: str) -> "Record":
        """Without one use."""
        return replace(self, uses=tuple(u for u in self.uses if u.id != use_id))

    def without(self, message_ids: frozenset[str]) -> "Record":
        """Without the uses that rest on these messages."""
        kept = [u for u in self.uses if not any(s.message_id in message_ids for s in u.sources)]
        return replace(self, uses=tuple(kept))

    @property
    def counts(self) -> Mapping[str, Tally]:
        """Calls by tool of the uses that are not kept."""
        return self.former or {}

    @property
    def sources(self) -> tuple[Source, ...]:
        """The messages of the uses kept, each once."""
        return tuple(dict.fromkeys(source for use in self.uses for source in use.sources))


def name_tag(name: str) -> str:
    """Reserved tag of every memory that tells of a tool."""
    return _NAME_TAG + name


def chain_tag(chain: Sequence[str]) -> str:
    """Reserved tag of the memories of one sequence of tools."""
    digest = hashlib.blake2b("\x1f".join(chain).encode(), digest_size=8).hexdigest()
    return _CHAIN_TAG + digest


def use_tag(use_id: str) -> str:
    """Reserved tag of the memory that holds a use."""
    return _USE_TAG + use_id


def record_tags(record: Record) -> tuple[str, ...]:
    """Reserved tags of a memory of these uses."""
    names = dict.fromkeys(step.tool for use in record.uses for step in use.steps)
    return (
        *map(name_tag, names),
        *dict.fromkeys(chain_tag(use.chain) for use in record.uses),
        *(use_tag(use.id) for use in record.uses),
    )


def record_info(record: Record) -> dict[str, Any]:
    """The record as reserved keys of `info`."""
    return {
        _USES: [_use_json(use) for use in record.uses],
        _FORMER: {name: [t.calls, t.failures] for name, t in record.counts.items()},
    }


def record_of(item: MemoryItem) -> Record:
    """Read `record_info` back; an empty record when the item has none."""
    uses = tuple(_use(entry) for entry in item.info.get(_USES) or ())
    former = {name: Tally(*pair) for name, pair in (item.info.get(_FORMER) or {}).items()}
    return Record(uses, former)


def _use_json(use: ToolUse) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": use.id,
        "asked": use.asked,
        "request": use.request,
        "at": use.at,
        "chinese": use.chinese,
        "steps": [
            {
                "tool": step.tool,
                "arguments": [list(pair) for pair in step.arguments],
                "result": step.result,
                "failed": step.failed,
                "error_type": step.error_type,
            }
            for step in use.steps
        ],
        "sources": [[s.message_id, s.role, s.start, s.end, s.chat_time] for s in use.sources],
    }
    if use.telling is not None:
        told = use.telling
        entry["telling"] = {
            "value": told.value,
            "experience": told.experience,
            "tools": dict(told.tools),
        }
    return entry


def _use(entry: Mapping[str, Any]) -> ToolUse:
    telling = entry.get("telling")
    return ToolUse(
        id=entry["id"],
        asked=entry["asked"],
        request=entry["request"],
        at=entry["at"],
        chinese=entry["chinese"],
        steps=tuple(
            ToolStep(
                step["tool"],
                tuple((name, value) for name, value in step["arguments"]),
                step["result"],
                step["failed"],
                step["error_type"],
            )
            for step in entry["steps"]
        ),
        sources=tuple(Source(*source) for source in entry["sources"]),
        telling=Telling(**telling) if telling else None,
    )
