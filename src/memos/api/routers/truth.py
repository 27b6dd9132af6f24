"""Routes of the history and the life of memories."""

from fastapi import APIRouter

from memos.api.gateway import Call, Gateway
from memos.api.openmem_models import (
    ChangedMemoryData,
    MemoryHistoryData,
    MemoryHistoryRequest,
    MemoryTransition,
    MemoryVersion,
    RestoreMemoryRequest,
    UpdateMemoryRequest,
)
from memos.handlers.history import HistoryEntry
from memos.handlers.lifecycle import UpdateCommand
from memos.mem_os.truth import Truth
from memos.types.lifecycle import Transition
from memos.types.memory import MemoryItem, MemoryStatus


def add_truth_routes(router: APIRouter, gateway: Gateway, truth: Truth) -> None:
    """Add the routes to the Cloud API."""
    routes = TruthRoutes(truth)
    gateway.post(router, "get/memory/history", MemoryHistoryRequest, routes.history)
    gateway.post(router, "update/memory", UpdateMemoryRequest, routes.update, slow=True)
    gateway.post(router, "restore/memory", RestoreMemoryRequest, routes.restore, slow=True)


class TruthRoutes:
    """What each endpoint does with a checked request. Runs on worker threads."""

    def __init__(self, truth: Truth) -> None:
        self._truth = truth

    def history(self, call: Call, body: MemoryHistoryRequest) -> MemoryHistoryData:
        """Every version of a memory and of those it replaced, and why each came."""
        found = self._truth.history(call.caller, body.memory_id)
        return MemoryHistoryData(
            memory_id=body.memory_id,
            versions=[_version(entry) for entry in found.entries],
            stage=found.stage.value,
            uses=found.uses,
            transitions=[_transition(change) for change in found.transitions],
        )

    def update(self, call: Call, body: UpdateMemoryRequest) -> ChangedMemoryData:
        """Change a memory's text, title or state; what it was stays in its history."""
        status = None if body.status is None else MemoryStatus(body.status)
        command = UpdateCommand(body.memory_id, body.content, body.title, status)
        return _changed(self._truth.change.update(call.caller, command))

    def restore(self, call: Call, body: RestoreMemoryRequest) -> ChangedMemoryData:
        """Make a memory hold again, with the text of an earlier version when one is named."""
        item = self._truth.change.restore(call.caller, body.memory_id, body.version)
        return _changed(item)


def _changed(item: MemoryItem) -> ChangedMemoryData:
    return ChangedMemoryData(
        success=True,
        memory_id=item.id,
        version=item.version,
        status=item.status.value,
        memory_value=item.value,
        memory_key=item.key,
    )


def _transition(change: Transition) -> MemoryTransition:
    return MemoryTransition(
        memory_id=change.memory_id,
        at=change.at,
        old=change.old,
        new=change.new,
        reason=change.reason,
        cause=_cause(change.by),
    )


def _cause(by: str) -> dict[str, str] | None:
    kind, _, name = by.partition(":")
    return {"type": kind, "id": name} if name else None


def _version(entry: HistoryEntry) -> MemoryVersion:
    version, item = entry.version, entry.version.item
    return MemoryVersion(
        memory_id=item.id,
        version=item.version,
        status=item.status.value,
        reason=version.change.reason.value,
        cause=_cause(version.change.by),
        message_ids=list(entry.message_ids),
        memory_key=entry.view.key,
        memory_value=entry.view.value,
        memory_type=item.kind.value,
        confidence=item.confidence,
        recorded_from=version.recorded_from,
        recorded_until=version.recorded_until,
        event_from=item.event_from,
        event_until=item.event_until,
    )
