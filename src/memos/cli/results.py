"""Memories of an answer as listings: what is shown of each, and what only with more detail."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from memos.cli.answer import Entry, Listing
from memos.cli.console import day_and_time

if TYPE_CHECKING:
    from memos.api.openmem_models import (
        MemoryDetail,
        PreferenceDetail,
        SearchData,
        SkillDetail,
        ToolMemoryDetail,
    )

    AnyDetail = MemoryDetail | PreferenceDetail | ToolMemoryDetail | SkillDetail


def memory_listings(data: "SearchData") -> list[Listing]:
    """The four kinds of memory of a search or a listing, facts first."""
    return [
        Listing("memories", "memory", [fact(m) for m in data.memory_detail_list]),
        Listing("preferences", "preference", [preference(p) for p in data.preference_detail_list]),
        Listing("tool memories", "tool memory", [tool(t) for t in data.tool_memory_detail_list]),
        Listing("skills", "skill", [skill(s) for s in data.skill_detail_list]),
    ]


def fact(memory: "MemoryDetail") -> Entry:
    """A fact with the time it was true, or was learnt."""
    when = memory.memory_time or memory.create_time
    more = {"kind": memory.memory_type, "key": memory.memory_key, "tags": memory.tags}
    notes = {**_owner(memory), "time": moment(when)}
    return Entry(memory.memory_value or "", notes, {**more, **_shared(memory)})


def preference(found: "PreferenceDetail") -> Entry:
    """A preference and whether it was stated or inferred."""
    kind = (found.preference_type or "").removesuffix("_preference")
    notes = {**_owner(found), "kind": kind, "time": moment(found.create_time)}
    return Entry(found.preference or "", notes, {"reasoning": found.reasoning, **_shared(found)})


def tool(found: "ToolMemoryDetail") -> Entry:
    """A tool memory and the experience with it."""
    notes = {"kind": found.tool_type, "experience": found.experience}
    return Entry(found.tool_value or "", notes, _shared(found))


def skill(found: "SkillDetail") -> Entry:
    """A skill: its name, what it is for, and where it can be downloaded."""
    value = found.skill_value
    if isinstance(value, Mapping):
        text = ": ".join(str(value[key]) for key in ("name", "description") if value.get(key))
        text, procedure = text or str(dict(value)), value.get("procedure")
    else:
        text, procedure = value or "", None
    more = {"procedure": procedure, "tags": found.tags, **_shared(found)}
    return Entry(text, {"url": found.skill_url}, more)


def _owner(found: "AnyDetail") -> dict[str, object]:
    """Whose memory it is, when it is not the one's who was asked about: "the user" is another."""
    return {} if found.owner in (None, "user", "agent") else {"owner": found.owner}


def _shared(found: "AnyDetail") -> dict[str, object]:
    return {
        "relativity": found.relativity,
        "conversation": found.conversation_id,
        "id": found.id,
    }


def moment(when: int | str | None) -> str | None:
    """A time of an answer, which may be milliseconds or text, as UTC text."""
    return day_and_time(when) if isinstance(when, int) else when


def extracted(data: Mapping[str, Any]) -> list[Listing]:
    """Memories that extract/memory found."""
    facts = [
        Entry(str(m.get("memory_value") or ""), {}, _picked(m, "memory_key", "memory_type", "tags"))
        for m in data.get("memory_detail_list") or ()
    ]
    preferences = [
        Entry(
            str(p.get("preference") or ""),
            {"kind": str(p.get("preference_type") or "").removesuffix("_preference")},
            _picked(p, "reasoning"),
        )
        for p in data.get("preference_detail_list") or ()
    ]
    return [
        Listing("memories", "memory", facts),
        Listing("preferences", "preference", preferences),
    ]


def ranked(results: Sequence[Mapping[str, Any]]) -> Listing:
    """Documents in the order of a rerank."""
    entries = [
        Entry(
            str((r.get("document") or {}).get("text") or ""),
            {"relevance": float(r.get("relevance_score") or 0), "index": r.get("index")},
        )
        for r in results
    ]
    return Listing("documents", "document", entries)


def _picked(found: Mapping[str, Any], *names: str) -> dict[str, object]:
    return {name.removeprefix("memory_"): found.get(name) for name in names}
