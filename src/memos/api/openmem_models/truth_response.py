"""Answers about the history and the life of a memory."""

from pydantic import Field

from memos.api.openmem_models.response import Data, Envelope, Item, Time


class MemoryVersion(Item):
    """One version. Times are ms; `recorded_until` is null for the present one of its id.

    `reason` says why the version came: added, superseded, reinstated, corrected, replaced, merged,
    updated, restored, archived, expired, frozen, activated, quarantined, reverted, read, changed.
    `cause` names what brought it (`type` message, memory, key, task or policy, and its `id`).
    """

    memory_id: str
    version: int
    status: str
    reason: str
    cause: dict[str, str] | None = None
    message_ids: list[str] = Field(default_factory=list)
    memory_key: str | None = None
    memory_value: str | None = None
    memory_type: str | None = None
    confidence: float | None = None
    recorded_from: Time = None
    recorded_until: Time = None
    event_from: Time = None
    event_until: Time = None


class MemoryTransition(Item):
    """One change of state: when, from what to what, why, and what caused it."""

    memory_id: str
    at: Time = None
    old: str | None = None
    new: str | None = None
    reason: str = ""
    cause: dict[str, str] | None = None


class MemoryHistoryData(Data):
    """`data` of get/memory/history, oldest first.

    `stage` is the memory's state with "generated" for one never handed out, `uses` how often it
    was, `transitions` every change of state of the memories in the history.
    """

    memory_id: str = ""
    stage: str = ""
    uses: int = 0
    transitions: list[MemoryTransition] = Field(default_factory=list)
    versions: list[MemoryVersion] = Field(default_factory=list)


class MemoryHistoryResponse(Envelope):
    """Answer of get/memory/history."""

    data: MemoryHistoryData = MemoryHistoryData()


class ChangedMemoryData(Data):
    """`data` of update/memory and restore/memory: the memory as it is now."""

    success: bool = False
    memory_id: str = ""
    version: int = 0
    status: str = ""
    memory_value: str | None = None
    memory_key: str | None = None


class ChangedMemoryResponse(Envelope):
    """Answer of update/memory and restore/memory."""

    data: ChangedMemoryData = ChangedMemoryData()
