"""Turns what handlers answer into the wire's data. Pure functions."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from memos.api.openmem_models import (
    FoundData,
    GetMemoryData,
    MemoryById,
    MemoryDetail,
    MemoryMetadata,
    MessageDetail,
    PreferenceDetail,
    SkillDetail,
    SourceDetail,
    ToolMemoryDetail,
)
from memos.handlers.add import RESERVED_INFO_PREFIX
from memos.handlers.listing import ListOutcome, MemoryOutcome
from memos.handlers.search import SearchOutcome
from memos.handlers.view import MemoryView
from memos.mem_scheduler.document import FILE_NAME
from memos.memories.textual.skill_memory import FORM, GENERATED, SKILL
from memos.memories.textual.tool_record import STATUS as TOOL_STATUS
from memos.memories.textual.tree_text_memory.organize.timeline import own_tags
from memos.memories.textual.tree_text_memory.retrieve.explain import (
    Verdict,
    explained,
    plan_summary,
)
from memos.types.language import is_chinese
from memos.types.memory import PREFERENCE_KINDS, MemoryItem, Source
from memos.types.message import Message
from memos.types.scope import CubeKind

PREFERENCE_NOTE = (
    "\n# Note:\nThe facts above record what happened; the preferences record how the user wants "
    "things. Respect every preference, stated or inferred, and say in a few words how the answer "
    "takes it into account.\n"
)


def search_data(outcome: SearchOutcome, *, explain: bool = False) -> FoundData:
    """`data` of search/memory; with `explain`, each result says how its score came about."""
    data = FoundData(
        memory_detail_list=[fact(view) for view in outcome.facts],
        preference_detail_list=[preference(view) for view in outcome.preferences],
        tool_memory_detail_list=[tool(view) for view in outcome.tools],
        skill_detail_list=[skill(view) for view in outcome.skills],
        preference_note=PREFERENCE_NOTE if outcome.preferences else "",
        answerable=round(outcome.answer.answerable, 6),
        context=outcome.context,
        stages={
            "rewrite": outcome.rewrite,
            "dense": outcome.answer.dense,
            "rerank": outcome.answer.rerank,
        },
    )
    if explain:
        data.stages = {**(data.stages or {}), "plan": plan_summary(outcome.answer.plan)}
        _add_explanations(data, outcome)
    return data


def _add_explanations(data: FoundData, outcome: SearchOutcome) -> None:
    by_id = {
        r.item.id: explanation
        for found in outcome.answer.lists
        for r, explanation in zip(found, explained(found, outcome.threshold), strict=True)
    }
    lists = (
        data.memory_detail_list,
        data.preference_detail_list,
        data.tool_memory_detail_list,
        data.skill_detail_list,
    )
    for details in lists:
        for detail in details:
            detail.explain = by_id.get(detail.id or "")


def verdict_data(verdict: Verdict, memory_id: str) -> dict[str, Any]:
    """`data` of explain/memory."""
    return {
        "memory_id": memory_id,
        "returned": verdict.stage == "returned",
        "stage": verdict.stage,
        "detail": verdict.detail,
        "rank": verdict.rank,
        "relativity": verdict.relativity,
        "parts": None if verdict.parts is None else dict(verdict.parts),
    }


def listing_data(outcome: ListOutcome) -> GetMemoryData:
    """`data` of get/memory."""
    return GetMemoryData(
        memory_detail_list=[fact(view) for view in outcome.facts],
        preference_detail_list=[preference(view) for view in outcome.preferences],
        tool_memory_detail_list=[tool(view) for view in outcome.tools],
        skill_detail_list=[skill(view) for view in outcome.skills],
        total=outcome.total,
        size=outcome.size,
        current=outcome.page,
        pages=outcome.pages,
    )


def fact(view: MemoryView) -> MemoryDetail:
    """One entry of `memory_detail_list`."""
    return MemoryDetail(
        memory_key=view.key,
        memory_value=view.value,
        memory_type=view.item.kind.value,
        memory_time=view.item.event_from,
        confidence=view.item.confidence,
        tags=list(own_tags(view.item.tags)),
        **_shared(view),
    )


def preference(view: MemoryView) -> PreferenceDetail:
    """One entry of `preference_detail_list`."""
    return PreferenceDetail(
        preference=view.value,
        preference_type=view.item.kind.value,
        reasoning=view.item.reasoning,
        **_shared(view),
    )


def tool(view: MemoryView) -> ToolMemoryDetail:
    """One entry of `tool_memory_detail_list`."""
    return ToolMemoryDetail(
        tool_type=view.item.kind.value,
        tool_value=view.value,
        tool_used_status=view.item.info.get(TOOL_STATUS) or [],
        experience=view.item.background or None,
        **_shared(view),
    )


def skill(view: MemoryView) -> SkillDetail:
    """One entry of `skill_detail_list`."""
    info = view.item.info
    return SkillDetail(
        skill_value=info.get(SKILL) or {"name": view.key, "procedure": view.value},
        skill_type="generated" if info.get(FORM) == GENERATED else "uploaded",
        confidence=view.item.confidence,
        tags=list(own_tags(view.item.tags)),
        **_shared(view),
    )


def _shared(view: MemoryView) -> dict[str, Any]:
    item = view.item
    return {
        "id": item.id,
        "owner": item.cube.kind.value,
        "create_time": item.created_at,
        "update_time": item.updated_at,
        "conversation_id": item.conversation_id,
        "status": item.status.value,
        "relativity": None if view.relativity is None else round(view.relativity, 6),
        "sources": sources(item, {}),
        "info": public_info(item),
    }


def sources(item: MemoryItem, messages: Mapping[str, Message]) -> list[SourceDetail]:
    """Where a memory was taken from; with `messages`, their words as well."""
    return [
        SourceDetail(type="file", content=None, **_passage(item, source))
        if source.file_id is not None
        else SourceDetail(
            type="chat",
            role=source.role,
            chat_time=source.chat_time,
            message_id=source.message_id,
            content=_span(messages.get(source.message_id), source.start, source.end),
            lang=_language(messages.get(source.message_id)),
        )
        for source in item.sources
    ]


def _passage(item: MemoryItem, source: Source) -> dict[str, Any]:
    """Where in which file a memory stands."""
    return {
        "message_id": source.message_id or None,
        "role": source.role or None,
        "chat_time": source.chat_time,
        "file_id": source.file_id,
        "file_name": item.info.get(FILE_NAME),
        "page": source.page,
        "start": source.start,
        "end": source.end,
    }


def _span(message: Message | None, start: int | None, end: int | None) -> str | None:
    return None if message is None else message.text[start:end]


def _language(message: Message | None) -> str | None:
    if message is None:
        return None
    return "zh" if is_chinese(message.text) else "en"


def public_info(item: MemoryItem) -> dict[str, Any]:
    """The caller's own metadata, without the store's marks."""
    return {k: v for k, v in item.info.items() if not k.startswith(RESERVED_INFO_PREFIX)}


def one_memory(outcome: MemoryOutcome) -> MemoryById:
    """`data` of GET get/memory/{id}: flat and nested."""
    view, item = outcome.view, outcome.view.item
    cited = sources(item, outcome.sources)
    kind = "PreferenceMemory" if item.kind in PREFERENCE_KINDS else item.kind.value
    info = public_info(item)
    return MemoryById(
        id=item.id,
        memory_id=item.id,
        memory=view.value,
        memory_key=view.key,
        memory_value=view.value,
        memory_type=kind,
        status=item.status.value,
        tags=list(own_tags(item.tags)),
        confidence=item.confidence,
        conversation_id=item.conversation_id,
        create_time=item.created_at,
        update_time=item.updated_at,
        sources=cited,
        info=info,
        metadata=MemoryMetadata(
            memory_type=kind,
            status=item.status.value,
            key=view.key,
            tags=list(own_tags(item.tags)),
            created_at=item.created_at,
            updated_at=item.updated_at,
            background=item.background,
            user_id=item.cube.owner if item.cube.kind is CubeKind.USER else None,
            session_id=item.conversation_id,
            info=info,
            sources=cited,
        ),
    )


def message_list(messages: Sequence[Message], zone: tzinfo) -> list[MessageDetail]:
    """Entries of `message_detail_list`, times as text in the server's zone."""
    return [
        MessageDetail(
            id=m.id,
            role=m.role,
            content=m.text or " ".join(f"[{part['type']}]" for part in m.parts if "type" in part),
            create_time=_clock_text(m.chat_time, zone),
            update_time=_clock_text(m.updated_at, zone),
        )
        for m in messages
    ]


def _clock_text(ms: int, zone: tzinfo) -> str:
    return datetime.fromtimestamp(ms / 1000, tz=zone).strftime("%Y-%m-%d %H:%M:%S")
