"""Read memories back: a page of a subject's, or one by id; and the messages of a conversation."""

from dataclasses import dataclass
from typing import Any

from memos.errors import NotFoundError
from memos.graph_dbs.base import GraphReader, Page
from memos.handlers.caller import Caller
from memos.handlers.reach import Reach
from memos.handlers.view import MemoryView, Viewer
from memos.mem_scheduler.ingest import ORIGIN
from memos.memories.textual.tree_text_memory.retrieve.viewpoint import HERE_AND_NOW, Viewpoint
from memos.records.base import MessageRecords, Records, TaskQueue
from memos.records.report import TaskReports
from memos.types.clock import Clock
from memos.types.filters import Group, all_of
from memos.types.lifecycle import is_due
from memos.types.memory import (
    FACT_KINDS,
    LIVE,
    PREFERENCE_KINDS,
    SKILL_KINDS,
    TOOL_KINDS,
    MemoryKind,
    MemoryStatus,
)
from memos.types.message import Message
from memos.types.scope import Cube, Scope

_NOTHING = Page((), 0)


@dataclass(frozen=True, slots=True)
class ListCommand:
    """A page of a subject's memories. `page` counts from 1."""

    user_id: str | None
    agent_id: str | None = None
    page: int = 1
    size: int = 10
    where: Group | None = None
    include_preference: bool = True
    include_tool_memory: bool = True
    include_skill: bool = False
    viewpoint: Viewpoint = HERE_AND_NOW
    statuses: frozenset[MemoryStatus] = LIVE


@dataclass(frozen=True, slots=True)
class ListOutcome:
    """One page per kind of memory. `total` is the largest of the kinds' counts."""

    facts: tuple[MemoryView, ...]
    preferences: tuple[MemoryView, ...]
    tools: tuple[MemoryView, ...]
    skills: tuple[MemoryView, ...]
    total: int
    page: int
    size: int

    @property
    def pages(self) -> int:
        """Number of pages."""
        return -(-self.total // self.size)


@dataclass(frozen=True, slots=True)
class MemoryOutcome:
    """One memory with the messages it rests on (those not erased), by id."""

    view: MemoryView
    sources: dict[str, Message]


class ListMemories:
    """The use cases behind `get/memory`, `GET get/memory/{id}` and `get/message`."""

    def __init__(
        self,
        graph: GraphReader,
        records: Records,
        viewer: Viewer,
        reach: Reach,
        *,
        clock: Clock,
    ) -> None:
        self._graph = graph
        self._clock = clock
        self._messages: MessageRecords = records
        self._tasks: TaskQueue = records
        self._reports: TaskReports = records
        self._viewer = viewer
        self._reach = reach

    def page(self, caller: Caller, command: ListCommand) -> ListOutcome:
        """Memories of a subject, newest first; empty for one never seen."""
        scope = Scope.of(caller.subject(command.user_id, command.agent_id))
        facts = self._find(scope, FACT_KINDS, command)
        preferences = (
            self._find(scope, PREFERENCE_KINDS, command) if command.include_preference else _NOTHING
        )
        tools = self._find(scope, TOOL_KINDS, command) if command.include_tool_memory else _NOTHING
        skills = self._find(scope, SKILL_KINDS, command) if command.include_skill else _NOTHING
        return ListOutcome(
            facts=tuple(self._viewer.views(facts.items)),
            preferences=tuple(self._viewer.views(preferences.items)),
            tools=tuple(self._viewer.views(tools.items)),
            skills=tuple(self._viewer.views(skills.items)),
            total=max(each.total for each in (facts, preferences, tools, skills)),
            page=command.page,
            size=command.size,
        )

    def one(self, caller: Caller, memory_id: str) -> MemoryOutcome:
        """A memory by id, in whatever state: an id once handed out keeps resolving.

        Raises:
            NotFoundError: neither the project nor a knowledge base linked to it has such a memory.
        """
        cube = self._reach.locate(caller, [memory_id]).get(memory_id)
        items = self._graph.get(Scope.of(cube), [memory_id]) if cube else []
        views = self._viewer.views([i for i in items if i.kind is not MemoryKind.SEGMENT])
        if not views:
            raise NotFoundError(
                "no memory of this id; take the id from search/memory or get/memory",
                field="memory_id",
            )
        item = views[0].item
        origin = item.info.get(ORIGIN)
        owner = Cube.parse(origin) if isinstance(origin, str) else item.cube
        if owner.project != caller.project:
            # In a shared knowledge base: what was said in another project stays there.
            return MemoryOutcome(views[0], {})
        return MemoryOutcome(views[0], self._viewer.source_messages(item, owner))

    def messages(
        self, caller: Caller, user_id: str, conversation_id: str, limit: int
    ) -> list[Message]:
        """The last messages of a conversation, oldest first; empty for one never seen."""
        cube = caller.subject(user_id)
        return self._messages.recent_messages(cube, conversation_id, limit)

    def status(self, caller: Caller, task_id: str) -> str:
        """State of a task: `running`, `completed` or `failed`.

        Raises:
            NotFoundError: the project has no such task (50131).
        """
        task = self._tasks.task(caller.project, task_id)
        if task is None:
            raise NotFoundError(
                "no task of this id; take task_id from the answer of the add",
                code=50131,
                field="task_id",
            )
        return task.status

    def report(self, caller: Caller, task_id: str) -> list[dict[str, Any]]:
        """What became of the parts of an add that are not text; empty when it had none."""
        known = self._tasks.task(caller.project, task_id) is not None
        return self._reports.report(task_id) if known else []

    def _find(self, scope: Scope, kinds: frozenset[MemoryKind], command: ListCommand) -> Page:
        viewpoint = command.viewpoint
        page = self._graph.find(
            scope,
            kinds,
            all_of(viewpoint.where(command.statuses), viewpoint.filtered(command.where)),
            limit=command.size,
            offset=(command.page - 1) * command.size,
        )
        seen = viewpoint.items(self._graph, scope, page.items)
        found = [seen[item.id] for item in page.items if item.id in seen]
        if MemoryStatus.EXPIRED not in command.statuses:
            # Their end has come, and the care has not marked them yet.
            present = viewpoint.present(self._clock.now_ms())
            found = [item for item in found if not is_due(item, present)]
        return Page(tuple(found), page.total - (len(page.items) - len(found)))
