"""Routes of the history and the life of memories."""

from fastapi import APIRouter

from memos.api.gateway import Call, Gateway
from memos.api.openmem_models import MemoryHistoryData, MemoryHistoryRequest, MemoryVersion
from memos.handlers.history import HistoryEntry
from memos.mem_os.truth import Truth


def add_truth_routes(router: APIRouter, gateway: Gateway, truth: Truth) -> None:
    """Add the routes to the Cloud API."""
    routes = TruthRoutes(truth)
    gateway.post(router, "get/memory/history", MemoryHistoryRequest, routes.history)


class TruthRoutes:
    """What each endpoint does with a checked request. Runs on worker threads."""

    def __init__(self, truth: Truth) -> None:
        self._truth = truth

    def history(self, call: Call, body: MemoryHistoryRequest) -> MemoryHistoryData:
        """Every version of a memory and of those it replaced, and why each came."""
        entries = self._truth.history(call.caller, body.memory_id)
        return MemoryHistoryData(
            memory_id=body.memory_id, versions=[_version(entry) for entry in entries]
        )


def _version(entry: HistoryEntry) -> MemoryVersion:
    version, item = entry.version, entry.version.item
    kind, _, name = version.change.by.partition(":")
    return MemoryVersion(
        memory_id=item.id,
        version=item.version,
        status=item.status.value,
        reason=version.change.reason.value,
        cause={"type": kind, "id": name} if name else None,
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
