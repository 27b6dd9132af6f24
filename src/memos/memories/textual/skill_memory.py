"""Skills in cubes: uploaded ones in knowledge bases, generated ones of each user."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from memos.embedders.base import Embedder
from memos.graph_dbs.base import Bucket, GraphStore, NodeWrite, RecallQuery, RecallWeights
from memos.memories.textual.skill import SkillPackage
from memos.memories.textual.skill_compose import Written, compose
from memos.memories.textual.skill_evidence import (
    EVIDENCE,
    Evidence,
    evidence_json,
    evidence_of,
)
from memos.memories.textual.skill_markdown import skill_markdown
from memos.memories.textual.tree_text_memory.organize.normalise import content_hash
from memos.memories.textual.tree_text_memory.organize.timeline import SUPERSEDED
from memos.types.clock import Clock, derived_id
from memos.types.filters import Condition, Field, Operator, all_of
from memos.types.history import Change, Reason
from memos.types.memory import (
    PREFERENCE_KINDS,
    SKILL_KINDS,
    Edge,
    EdgeKind,
    MemoryItem,
    MemoryKind,
    MemoryStatus,
    Source,
)
from memos.types.scope import Cube, Scope
from memos.types.skill import Clue, ClueKind, Skill, TaskRun

SKILL = "memos:skill"
"""Reserved info key: the documented `skill_value`."""
FORM = "memos:skill_form"
"""Reserved info key: `generated`, `md` or `zip`."""
FILE = "memos:skill_file"
"""Reserved info key of an uploaded skill: digest and name of its file."""
GENERATED, UPLOADED = "generated", "uploaded"
GENERATED_TAG = "memos:skill:generated"
_TOPIC_TAG = "memos:skill-topic:"
_BY = "memos:skill_task"
SAME_GOAL = 0.42
"""Least cosine of two requests, above that of unrelated texts, at which tasks of no known kind are
of one kind: 10 of 12 pairs of one task lie above, none of 54 others
(scripts/measure_tool_recall.py)."""
_BEARS_ON = 0.25
_MOST_CANDIDATES = 8
_MOST_RELATED = 4
_MOST_SOURCES = 50
_EVERYTHING = 10**6
_LONGEST_MEANT = 600
_LONGEST_WORDS = 6000
_OPEN = frozenset({MemoryStatus.ACTIVATED, MemoryStatus.GENERATED})


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """Where an uploaded skill's file is kept: its own id, its content's digest, its name."""

    file_id: str
    digest: str
    name: str


@dataclass(frozen=True, slots=True)
class Origin:
    """What a generated skill's last task was done in."""

    task_id: str
    agent_id: str | None = None
    app_id: str | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn from tasks.

    Args:
        evidence: the tasks.
        written: the skill; None while there is too little for one.
        related: preferences told elsewhere that went into it.
    """

    evidence: Evidence
    written: Written | None = None
    related: Sequence[Clue] = ()

    @property
    def skill(self) -> Skill:
        """The skill, or what stands for it before there is enough to write one."""
        if self.written is not None:
            return self.written.skill
        runs, title = self.evidence.runs, self.evidence.title
        return Skill(title, runs[-1].goal if runs else title)


class SkillMemories:
    """Keeps skills.

    Args:
        graph: the memory graph.
        embedder: makes the vectors.
        clock: gives record times.
    """

    def __init__(self, graph: GraphStore, embedder: Embedder, clock: Clock) -> None:
        self._graph = graph
        self._embedder = embedder
        self._clock = clock

    def upload(
        self, cube: Cube, package: SkillPackage, file: UploadedFile, marks: Mapping[str, Any]
    ) -> str:
        """Keep an uploaded skill; its id. Repeating it with the same file changes nothing.

        Args:
            cube: the knowledge base.
            package: the skill.
            file: where its file is kept.
            marks: further keys of `info`.
        """
        now = self._clock.now_ms()
        skill = package.skill
        item = MemoryItem(
            id=derived_id(cube.uid, "skill file", file.file_id),
            cube=cube,
            kind=MemoryKind.SKILL,
            key=skill.name,
            value=package.markdown,
            tags=(UPLOADED,),
            confidence=1.0,
            created_at=now,
            updated_at=now,
            content_hash=content_hash(package.markdown),
            sources=(Source("", "", file_id=file.file_id),),
            info={
                **marks,
                SKILL: skill.to_json(),
                FORM: package.form,
                FILE: {"digest": file.digest, "name": file.name},
            },
        )
        known = self._graph.get(Scope.of(cube), [item.id])
        if not known or known[0].content_hash != item.content_hash:
            self._put(cube, item, skill)
        return item.id

    def match(self, cube: Cube, run: TaskRun) -> MemoryItem | None:
        """The generated skill, or candidate of one, that a task belongs to."""
        tag = _TOPIC_TAG + run.topic if run.topic else GENERATED_TAG
        where = all_of(Condition(Field.TAGS, Operator.CONTAINS, tag))
        if run.topic:
            still = Condition(Field.STATUS, Operator.IN, tuple(s.value for s in _OPEN))
            found = self._graph.find(Scope.of(cube), SKILL_KINDS, all_of(where, still), limit=1)
            return found.items[0] if found.items else None
        bucket = Bucket(SKILL_KINDS, _MOST_CANDIDATES, where, _OPEN)
        vector = self._embedder.embed([run.goal])[0]
        hits = self._graph.recall(Scope.of(cube), RecallQuery("", vector, (bucket,)))[0]
        goals = [
            (hit.item, r.goal)
            for hit in hits
            if (evidence := evidence_of(hit.item)) is not None and not evidence.topic
            for r in evidence.runs[-3:]
        ]
        if not goals:
            return None
        cosines = self._embedder.embed([goal for _, goal in goals]) @ vector
        best = max(range(len(goals)), key=lambda n: (float(cosines[n]), goals[n][0].id))
        same = float(cosines[best]) - self._embedder.profile.mean_cosine >= SAME_GOAL
        return goals[best][0] if same else None

    def related(self, cube: Cube, run: TaskRun) -> list[Clue]:
        """Preferences of the user, told outside of the task, that bear on it."""
        vector = self._embedder.embed([f"{run.title}. {run.goal}"])[0]
        mean = self._embedder.profile.mean_cosine
        query = RecallQuery(
            "",
            vector,
            (Bucket(PREFERENCE_KINDS, _MOST_RELATED),),
            weights=RecallWeights(mean_cosine=mean),
        )
        hits = self._graph.recall(Scope.of(cube), query)[0]
        own = set(run.message_ids)
        return [
            Clue(ClueKind.PREFERENCE, hit.item.value, hit.item.sources[0], hit.item.created_at)
            for hit in hits
            if hit.own >= _BEARS_ON
            and hit.item.sources
            and not any(source.message_id in own for source in hit.item.sources)
        ]

    def evolve(self, cube: Cube, known: MemoryItem | None, drawn: Drawn, origin: Origin) -> str:
        """Store what became of a skill: a candidate, a first or a new version.

        A new version is written when what the skill says changed; else evidence and confidence are
        brought up to date.

        Returns:
            Id of the current node.
        """
        if known is not None and known.info.get(_BY) == origin.task_id:
            return known.id
        now = self._clock.now_ms()
        former = known if known is not None and _says_else(known, drawn.written) else None
        goes_on = known is not None and former is None
        node = known if goes_on and known else self._node(cube, known, drawn, origin.task_id)
        item = _filled(node, drawn)
        info = {**item.info, _BY: origin.task_id}
        item = replace(item, info=info, updated_at=now, **_place(drawn.evidence, origin))
        self._put(cube, item, drawn.skill, evidence=drawn.evidence, former=former)
        return item.id

    def end(self, cube: Cube, known: MemoryItem, origin: Origin) -> None:
        """Archive a skill: the user wants it no more."""
        now = self._clock.now_ms()
        ended = replace(
            known,
            status=MemoryStatus.ARCHIVED,
            updated_at=now,
            event_until=now,
            tags=tuple(dict.fromkeys((*known.tags, SUPERSEDED))),
            info={**known.info, _BY: origin.task_id},
        )
        self._graph.put(Scope.of(cube), [NodeWrite(ended, keep=True)])

    def forget(self, cube: Cube, message_ids: frozenset[str]) -> list[str]:
        """Take out what rests on erased messages; ids of skills with nothing left to say.

        What is left is told anew by rules: a model's words may hold anything it read.
        """
        where = all_of(Condition(Field.TAGS, Operator.CONTAINS, GENERATED_TAG))
        gone = []
        for item in self._graph.find(Scope.of(cube), SKILL_KINDS, where, limit=_EVERYTHING).items:
            evidence = evidence_of(item)
            cited = any(source.message_id in message_ids for source in item.sources)
            if evidence is None or not (cited or evidence.rests_on(message_ids)):
                continue
            drawn = Drawn(evidence.without(message_ids))
            drawn = replace(drawn, written=compose(drawn.evidence))
            if item.status not in _OPEN or not drawn.evidence.runs:
                gone.append(item.id)
                continue
            told = replace(_filled(item, drawn), updated_at=self._clock.now_ms())
            erased = Change(Reason.ERASED)
            self._put(cube, told, drawn.skill, evidence=drawn.evidence, change=erased)
        return gone

    def _node(self, cube: Cube, known: MemoryItem | None, drawn: Drawn, by: str) -> MemoryItem:
        """The node to write: a first one, or the successor of the known one."""
        now = self._clock.now_ms()
        root = drawn.evidence.runs[0].id if known is None else known.id
        return MemoryItem(
            id=derived_id(cube.uid, "skill", root, by),
            cube=cube,
            kind=MemoryKind.SKILL,
            value="",
            version=1 if known is None else known.version + 1,
            created_at=now,
            updated_at=now,
        )

    def _put(
        self,
        cube: Cube,
        item: MemoryItem,
        skill: Skill,
        *,
        evidence: Evidence | None = None,
        former: MemoryItem | None = None,
        change: Change | None = None,
    ) -> None:
        goals = [] if evidence is None else [run.goal for run in evidence.runs[-3:]]
        meant = ". ".join([skill.name, skill.description[:_LONGEST_MEANT], *goals])
        told = (skill.procedure, skill.experience, skill.preference, skill.examples)
        words = " ".join([meant, *(line for lines in told for line in lines), skill.additional])
        vector = self._embedder.embed([meant])[0]
        writes = [NodeWrite(item, words[:_LONGEST_WORDS], vector, change=change)]
        edges = []
        if former is not None:
            archived = replace(
                former,
                status=MemoryStatus.ARCHIVED,
                updated_at=item.updated_at,
                tags=tuple(dict.fromkeys((*former.tags, SUPERSEDED))),
                info={**former.info, EVIDENCE: _only_marks(former)},
            )
            writes.append(NodeWrite(archived, keep=True))
            edges.append(Edge(item.id, EdgeKind.SUPERSEDES, former.id))
        self._graph.put(Scope.of(cube), writes, edges)


def _only_marks(former: MemoryItem) -> dict[str, Any] | None:
    """What a former version keeps of its evidence: which messages it rests on."""
    evidence = evidence_of(former)
    return None if evidence is None else evidence_json(replace(evidence, runs=(), clues=()))


def _says_else(known: MemoryItem, written: Written | None) -> bool:
    """Whether an activated skill would say something else than it does."""
    if known.status is not MemoryStatus.ACTIVATED or written is None:
        return False
    return bool(known.info.get(SKILL) != written.skill.to_json())


def _filled(item: MemoryItem, drawn: Drawn) -> MemoryItem:
    """A node with the text and evidence it is to hold."""
    evidence, written, skill = drawn.evidence, drawn.written, drawn.skill
    value = skill_markdown(skill) if written else ""
    tags = [GENERATED, written.tag] if written else [GENERATED]
    if evidence.topic:
        tags.append(_TOPIC_TAG + evidence.topic)
    cited = [clue.source for clue in [*evidence.standing(), *drawn.related]]
    return replace(
        item,
        key=skill.name,
        value=value,
        status=MemoryStatus.ACTIVATED if written else MemoryStatus.GENERATED,
        tags=(*tags, GENERATED_TAG),
        confidence=written.confidence if written else 0.3,
        content_hash=content_hash(value),
        sources=tuple(dict.fromkeys(cited))[-_MOST_SOURCES:],
        info={
            **item.info,
            SKILL: skill.to_json(),
            FORM: GENERATED,
            EVIDENCE: evidence_json(evidence),
        },
    )


def _place(evidence: Evidence, origin: Origin) -> dict[str, Any]:
    return {
        "conversation_id": evidence.runs[-1].conversation_id,
        "event_from": evidence.runs[0].at,
        "agent_id": origin.agent_id,
        "app_id": origin.app_id,
    }
