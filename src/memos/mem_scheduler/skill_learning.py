"""Learning skills behind adds: a task of its own for every add that says how things are to be done."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from memos.mem_reader.rules.sentence import sentences
from memos.mem_reader.skills.clue import clue_kind, is_over, opens_task
from memos.mem_reader.skills.model import Material, ModelWriter
from memos.mem_reader.skills.task import TaskReader
from memos.mem_scheduler.gate import SubjectGate
from memos.mem_scheduler.ingest import AddPayload, Write
from memos.memories.textual.skill_compose import RULES, Written, compose
from memos.memories.textual.skill_evidence import Evidence, evidence_of
from memos.memories.textual.skill_memory import SKILL, Drawn, Origin, SkillMemories
from memos.records.base import LATER, MessageRecords, NewTask, Task
from memos.types.clock import derived_id
from memos.types.memory import MemoryItem, MemoryStatus
from memos.types.message import Message
from memos.types.scope import Cube
from memos.types.skill import Clue, ClueKind, Skill, TaskRun

logger = logging.getLogger(__name__)

SKILL_TASK = f"{LATER}skill"
_MOST_MESSAGES = 40
"""So many messages of the conversation are read, whatever its length."""
_MOST_RUNS = 3
_LONGEST_MESSAGE = 4000
_WISHES = frozenset({ClueKind.STEP, ClueKind.PREFERENCE, ClueKind.LESSON, ClueKind.TOOL})


class SkillTrigger:
    """The companion of an add that queues the learning of skills.

    Args:
        records: takes the task.
    """

    def __init__(self, records: MessageRecords) -> None:
        self._records = records

    def prepare(self, cube: Cube, payload: AddPayload, messages: Sequence[Message]) -> Write:
        """Look whether there is anything to learn; what is returned queues the work."""
        if not any(_is_telling(message) for message in messages):
            return lambda _: None

        def queue(task_id: str) -> None:
            work = {
                "message_ids": list(payload.message_ids),
                "conversation_id": payload.conversation_id,
                "agent_id": payload.agent_id,
                "app_id": payload.app_id,
            }
            task = NewTask(derived_id(task_id, SKILL_TASK), SKILL_TASK, work)
            self._records.accept(cube, payload.conversation_id, [], task)

        return queue


def _is_telling(message: Message) -> bool:
    """Whether a user's message brings a task or says how to do one."""
    if message.tool_calls:
        return True
    if message.role != "user":
        return False
    return any(
        opens_task(s.text) or is_over(s.text) or clue_kind(s.text) is not None
        for s in sentences(message.text[:_LONGEST_MESSAGE])
    )


@dataclass(frozen=True, slots=True)
class _Plan:
    """What becomes of one task: a skill written or brought up to date, ended, or left alone."""

    known: MemoryItem | None
    drawn: Drawn
    ended: bool = False
    unchanged: bool = False


class SkillLearning:
    """Makes and evolves skills from the tasks in a conversation. Each run may be repeated safely.

    Args:
        messages: what was said.
        reader: cuts conversations into tasks.
        memories: keeps the skills.
        writer: writes them; without one, or when it fails, the rules do.
        gate: keeps erasures and writing apart.
    """

    def __init__(
        self,
        messages: MessageRecords,
        reader: TaskReader,
        memories: SkillMemories,
        *,
        writer: ModelWriter | None,
        gate: SubjectGate,
    ) -> None:
        self._messages = messages
        self._reader = reader
        self._memories = memories
        self._writer = writer
        self._gate = gate

    def run(self, task: Task) -> int:
        """Learn from the messages of an add; the number of skills touched.

        Messages erased in the meantime yield nothing.
        """
        cube = Cube.parse(task.subject)
        ids = tuple(task.payload["message_ids"])
        origin = Origin(task.id, task.payload.get("agent_id"), task.payload.get("app_id"))
        while True:
            context = self._context(cube, ids, task.payload["conversation_id"])
            runs = self._runs(context, set(ids))
            by_id = {message.id: message for message in context}
            plans = [self._plan(cube, r, [by_id[m] for m in r.message_ids]) for r in runs]
            with self._gate.shared(cube.uid):
                if self._context(cube, ids, task.payload["conversation_id"]) == context:
                    return sum(self._store(cube, plan, origin) for plan in plans)
            logger.info("messages changed while they were read", extra={"task": task.id})

    def _context(self, cube: Cube, ids: Sequence[str], conversation_id: str) -> list[Message]:
        own = self._messages.messages(cube, ids)
        if not own:
            return []
        return self._messages.recent_messages(
            cube, conversation_id, _MOST_MESSAGES, before_sequence=own[-1].sequence + 1
        )

    def _runs(self, context: Sequence[Message], fresh: set[str]) -> list[TaskRun]:
        runs = self._reader.read(context)
        touched = [run for run in runs if not fresh.isdisjoint(run.message_ids)]
        distinct: dict[str, TaskRun] = {}
        for run in touched[-_MOST_RUNS:]:  # two tasks of a kind in one add: the later one teaches
            distinct[run.topic or run.id] = run
        return list(distinct.values())

    def _plan(self, cube: Cube, run: TaskRun, messages: Sequence[Message]) -> _Plan:
        known = self._memories.match(cube, run)
        before = None if known is None else evidence_of(known)
        blank = Evidence(run.topic, run.title, run.chinese)
        evidence = (before or blank).with_run(run)
        active = known is not None and known.status is MemoryStatus.ACTIVATED
        wished = any(clue.kind in _WISHES for clue in evidence.standing())
        if (run.over and active) or (active and not wished):
            return _Plan(known, Drawn(evidence), ended=True)
        if before == evidence:
            return _Plan(known, Drawn(evidence), unchanged=True)
        related = self._memories.related(cube, run)
        written, retired = self._written(messages, evidence, known if active else None, related)
        drawn = Drawn(evidence, written, related)
        return _Plan(known, drawn, ended=retired and active)

    def _written(
        self,
        messages: Sequence[Message],
        evidence: Evidence,
        known: MemoryItem | None,
        related: Sequence[Clue],
    ) -> tuple[Written | None, bool]:
        former = None if known is None else Skill.from_json(known.info[SKILL])
        if self._writer is not None and (evidence.standing() or evidence.support > 1):
            verdict = self._writer.write(Material(messages, evidence, former, related))
            if verdict is not None and (verdict.written or verdict.retired or former is None):
                return verdict.written, verdict.retired
        by_rules = compose(evidence, related)
        if known is None or former is None:
            return by_rules, False
        if by_rules is not None and RULES in known.tags:
            return by_rules, False
        # Rules do not overwrite what a model wrote; nor does a lack of evidence undo a skill.
        tag = next((t for t in known.tags if t.startswith("mode:")), RULES)
        return Written(former, known.confidence, tag), False

    def _store(self, cube: Cube, plan: _Plan, origin: Origin) -> int:
        if plan.unchanged:
            return 0
        if plan.ended:
            if plan.known is not None:
                self._memories.end(cube, plan.known, origin)
            return 1
        self._memories.evolve(cube, plan.known, plan.drawn, origin)
        return 1
