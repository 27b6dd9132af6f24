"""What a generated skill rests on: tasks of the user and what was said in them; kept beside its text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from memos.memories.textual.skill_contrast import takes_back, wish_of
from memos.memories.textual.tree_text_memory.organize.normalise import content_hash
from memos.types.memory import MemoryItem, Source
from memos.types.skill import Clue, ClueKind, TaskRun

EVIDENCE = "memos:skill_evidence"
"""Reserved info key of a generated skill."""
MOST_RUNS = 12
MOST_CLUES = 60
_MOST_SEEN = 2000
_MARK = 8
_WISHES = frozenset({ClueKind.STEP, ClueKind.PREFERENCE, ClueKind.LESSON})
_AGAIN = 2


@dataclass(frozen=True, slots=True)
class Evidence:
    """Tasks of one kind of one user.

    Args:
        topic: name of the known kind of task; empty when it is none of them.
        title: what to call it.
        chinese: language of the user.
        runs: the last tasks, oldest first, without their clues.
        clues: what was said of how to do it, each once, oldest first.
        support: number of tasks so far.
        seen: marks of all messages that were read for it.
    """

    topic: str
    title: str
    chinese: bool
    runs: tuple[TaskRun, ...] = ()
    clues: tuple[Clue, ...] = ()
    support: int = 0
    seen: tuple[str, ...] = ()

    def with_run(self, run: TaskRun) -> "Evidence":
        """With one more task, in place of what was known of the same one."""
        same = {known.id for known in self.runs if _is_same(known, run)} | {run.id}
        known = _without_tasks(self.clues, same)
        runs = [r for r in self.runs if r.id not in same]
        fresh = len(runs) == len(self.runs)
        runs.append(replace(run, clues=()))
        runs.sort(key=lambda r: (r.at, r.id))
        seen = dict.fromkeys([*self.seen, *map(mark_of, run.message_ids)])
        return replace(
            self,
            chinese=run.chinese,
            title=self.title or run.title,
            runs=tuple(runs[-MOST_RUNS:]),
            clues=_bounded(_joined(known, run.clues)),
            support=self.support + fresh,
            seen=tuple(seen)[-_MOST_SEEN:],
        )

    def without(self, message_ids: frozenset[str]) -> "Evidence":
        """Without what rests on these messages."""
        kept = [r for r in self.runs if r.goal_id not in message_ids]
        left = tuple(c for c in self.clues if c.source.message_id not in message_ids)
        marks = {mark_of(m) for m in message_ids}
        return replace(
            self,
            runs=tuple(
                replace(r, message_ids=tuple(m for m in r.message_ids if m not in message_ids))
                for r in kept
            ),
            clues=left,
            support=self.support - len(self.runs) + len(kept),
            seen=tuple(mark for mark in self.seen if mark not in marks),
        )

    def standing(self) -> list[Clue]:
        """Clues that no later one takes back, and shown steps that came again."""
        wishes = [wish_of(c.text) if c.kind in _WISHES else None for c in self.clues]
        kept = []
        for at, clue in enumerate(self.clues):
            if clue.kind is ClueKind.SHOWN and len(clue.tasks) < _AGAIN:
                continue
            wish = wishes[at]
            if wish and any(other and takes_back(other, wish) for other in wishes[at + 1 :]):
                continue
            kept.append(clue)
        return kept

    def rests_on(self, message_ids: frozenset[str]) -> bool:
        """Whether one of these messages was read for it."""
        marks = {mark_of(m) for m in message_ids}
        return not marks.isdisjoint(self.seen)


def mark_of(message_id: str) -> str:
    """A message as it is remembered for erasing: the beginning of its id."""
    return message_id[:_MARK]


def _is_same(known: TaskRun, run: TaskRun) -> bool:
    """Whether two readings are of one task: the same messages, or the run of them goes on."""
    if known.id == run.id:
        return True
    if known.conversation_id != run.conversation_id:
        return False
    return bool(set(known.message_ids) & set(run.message_ids))


def _without_tasks(clues: Sequence[Clue], tasks: set[str]) -> list[Clue]:
    left = []
    for clue in clues:
        kept = tuple(task for task in clue.tasks if task not in tasks)
        if kept:
            left.append(replace(clue, tasks=kept))
    return left


def _joined(known: Sequence[Clue], fresh: Sequence[Clue]) -> list[Clue]:
    """Clues with equal ones made one; the later words and place stand."""
    found: dict[tuple[ClueKind, str], Clue] = {}
    for clue in sorted([*known, *fresh], key=lambda c: c.at):
        key = (clue.kind, content_hash(clue.text))
        before = found.pop(key, None)
        tasks = clue.tasks if before is None else (*before.tasks, *clue.tasks)
        found[key] = replace(clue, tasks=tuple(dict.fromkeys(tasks)))
    return list(found.values())


def _bounded(clues: Sequence[Clue]) -> tuple[Clue, ...]:
    """At most `MOST_CLUES`: shown steps go first, then the oldest."""
    more = len(clues) - MOST_CLUES
    if more <= 0:
        return tuple(clues)
    order = sorted(range(len(clues)), key=lambda n: (clues[n].kind is not ClueKind.SHOWN, n))
    gone = set(order[:more])
    return tuple(clue for n, clue in enumerate(clues) if n not in gone)


def evidence_json(evidence: Evidence) -> dict[str, Any]:
    """The evidence as a value of `info`."""
    return {
        "topic": evidence.topic,
        "title": evidence.title,
        "chinese": evidence.chinese,
        "support": evidence.support,
        "seen": list(evidence.seen),
        "runs": [
            {
                "id": r.id,
                "conversation_id": r.conversation_id,
                "goal": r.goal,
                "goal_id": r.goal_id,
                "topic": r.topic,
                "title": r.title,
                "first": r.first,
                "last": r.last,
                "at": r.at,
                "message_ids": list(r.message_ids),
                "chinese": r.chinese,
            }
            for r in evidence.runs
        ],
        "clues": [
            [c.kind.value, c.text, _source_json(c.source), c.at, list(c.tasks)]
            for c in evidence.clues
        ],
    }


def evidence_of(item: MemoryItem) -> Evidence | None:
    """Read `evidence_json` back; None when the skill was not generated."""
    stored = item.info.get(EVIDENCE)
    if not isinstance(stored, Mapping):
        return None
    return Evidence(
        topic=stored["topic"],
        title=stored["title"],
        chinese=stored["chinese"],
        support=stored["support"],
        seen=tuple(stored["seen"]),
        runs=tuple(
            TaskRun(**{**run, "message_ids": tuple(run["message_ids"])}) for run in stored["runs"]
        ),
        clues=tuple(
            Clue(ClueKind(kind), text, Source(*source), at, tuple(tasks))
            for kind, text, source, at, tasks in stored["clues"]
        ),
    )


def _source_json(source: Source) -> list[Any]:
    return [source.message_id, source.role, source.start, source.end, source.chat_time]
