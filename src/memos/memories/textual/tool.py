"""Tool memories of a cube: descriptions by version, and uses merged by what was asked for."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from memos.embedders.base import Embedder
from memos.graph_dbs.base import GraphStore, NodeWrite
from memos.memories.textual.tool_record import (
    STATUS,
    Record,
    chain_tag,
    name_tag,
    record_info,
    record_of,
    record_tags,
    use_tag,
)
from memos.memories.textual.tool_text import (
    Tally,
    experience_of,
    tallies,
    tool_status,
    value_of,
)
from memos.memories.textual.tree_text_memory.organize.normalise import content_hash
from memos.memories.textual.tree_text_memory.organize.organizer import Provenance
from memos.memories.textual.tree_text_memory.organize.tags import fitting_tags
from memos.memories.textual.tree_text_memory.organize.timeline import RESERVED, SUPERSEDED
from memos.types.clock import Clock, derived_id
from memos.types.filters import Condition, Field, Operator, all_of
from memos.types.history import Change, Reason
from memos.types.memory import (
    ORIGIN,
    TOOL_KINDS,
    Edge,
    EdgeKind,
    MemoryItem,
    MemoryKind,
    MemoryStatus,
)
from memos.types.scope import Cube, Scope
from memos.types.tool import ToolReading, ToolSchema, ToolUse

SAME_TASK = 0.45
"""Least cosine of two requests, above that of unrelated texts, at which uses of the same tools are
merged: 10 of 12 pairs of requests of one task lie above, none of 54 others
(scripts/measure_tool_recall.py)."""
_MOST_CANDIDATES = 16
_EVERYTHING = 10**6
_LONGEST_WORDS = 2000
_PARTS = re.compile(r"[\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SCHEMA = frozenset({MemoryKind.TOOL_SCHEMA})
_TRAJECTORY = frozenset({MemoryKind.TOOL_TRAJECTORY})


@dataclass(slots=True)
class _Changes:
    """What one reading changes in a cube.

    Nodes by id as they will be; of those whose text changes, the words to index and the text to
    embed; edges; and what has to go.
    """

    nodes: dict[str, MemoryItem] = field(default_factory=dict)
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


class ToolMemories:
    """Writes what was read about tools into a cube.

    Args:
        graph: the memory graph.
        embedder: makes the vectors.
        clock: gives record times.
    """

    def __init__(self, graph: GraphStore, embedder: Embedder, clock: Clock) -> None:
        self._graph = graph
        self._embedder = embedder
        self._clock = clock

    def learn(self, cube: Cube, reading: ToolReading, provenance: Provenance) -> list[str]:
        """Store what was read; ids of the memories it is now in. Repeating it changes nothing.

        A description that differs from the one known becomes a new version; the old one is
        archived. A use joins the memory of the same tools and a like request, or makes one.

        Args:
            cube: where to.
            reading: what was read.
            provenance: what all of it shares; its `info` marks the origin of public copies.

        Raises:
            StoreUnavailableError: the graph cannot be written.
            ModelUnavailableError: the embedder cannot be reached.
        """
        changes = _Changes()
        ids = [self._describe(cube, schema, provenance, changes) for schema in reading.schemas]
        ids += [self._follow(cube, use, provenance, changes) for use in reading.uses]
        self._write(cube, changes)
        return list(dict.fromkeys(ids))

    def forget(self, cube: Cube, message_ids: frozenset[str]) -> list[str]:
        """Take out what rests on erased messages.

        Memories of several uses are told anew from those that are left.

        Returns:
            Ids of the memories with nothing left, for the caller to delete.
        """
        found = self._graph.find(Scope.of(cube), TOOL_KINDS, limit=_EVERYTHING).items
        changes = _Changes()
        gone = []
        for item in found:
            if not any(source.message_id in message_ids for source in item.sources):
                continue
            record = record_of(item).without(message_ids)
            if item.kind is MemoryKind.TOOL_SCHEMA or not record.uses:
                gone.append(item.id)
            else:
                self._tell(item, record, changes)
        self._write(cube, changes, Change(Reason.ERASED))
        return gone

    def _describe(
        self, cube: Cube, schema: ToolSchema, provenance: Provenance, changes: _Changes
    ) -> str:
        value = _schema_text(schema)
        digest = content_hash(value)
        known = self._versions(cube, schema.name, provenance, changes)
        current = next((i for i in known if i.status is MemoryStatus.ACTIVATED), None)
        if current is not None and current.content_hash == digest:
            return current.id
        for former in known:
            if former.content_hash == digest and schema.source in former.sources:
                return former.id  # read before: a later message has described it anew since
        version = max((item.version for item in known), default=0) + 1
        origin = provenance.info.get(ORIGIN, "")
        item = replace(
            self._blank(cube, MemoryKind.TOOL_SCHEMA, provenance),
            id=derived_id(cube.uid, origin, "tool schema", schema.name, version, digest),
            key=schema.name,
            value=value,
            version=version,
            event_from=schema.at,
            sources=(schema.source,),
            content_hash=digest,
        )
        item = replace(item, tags=(*self._fitting(item, provenance.tags), name_tag(schema.name)))
        changes.nodes[item.id] = item
        changes.texts[item.id] = _schema_words(schema)
        if current is not None:
            changes.nodes[current.id] = replace(
                current,
                status=MemoryStatus.ARCHIVED,
                event_until=schema.at,
                tags=(*current.tags, SUPERSEDED),
                updated_at=self._clock.now_ms(),
            )
            changes.edges.append(Edge(item.id, EdgeKind.SUPERSEDES, current.id))
        return item.id

    def _versions(
        self, cube: Cube, name: str, provenance: Provenance, changes: _Changes
    ) -> list[MemoryItem]:
        where = all_of(
            Condition(Field.TAGS, Operator.CONTAINS, name_tag(name)), _of_origin(provenance)
        )
        stored = self._graph.find(Scope.of(cube), _SCHEMA, where, limit=_EVERYTHING).items
        fresh = [i for i in changes.nodes.values() if i.kind is MemoryKind.TOOL_SCHEMA]
        found = {item.id: item for item in [*stored, *fresh] if item.key == name}
        return list(found.values())

    def _follow(self, cube: Cube, use: ToolUse, provenance: Provenance, changes: _Changes) -> str:
        home = self._home(cube, use, provenance, changes)
        known = self._holding(cube, use, provenance, changes)
        if known is not None and (home is None or known.id != home.id):
            rest = record_of(known).without_use(use.id)
            if rest.uses:
                self._tell(known, rest, changes)
            else:
                changes.gone.append(known.id)
        if home is None:
            origin = provenance.info.get(ORIGIN, "")
            home = replace(
                self._blank(cube, MemoryKind.TOOL_TRAJECTORY, provenance),
                id=derived_id(cube.uid, origin, "tool use", use.id, *use.chain),
                event_from=use.at,
            )
        if not home.tags and provenance.tags:
            named = replace(home, key=use.request, value=value_of((use,), {}))
            home = replace(home, tags=self._fitting(named, provenance.tags))
        self._tell(home, record_of(home).with_use(use), changes)
        return home.id

    def _home(
        self, cube: Cube, use: ToolUse, provenance: Provenance, changes: _Changes
    ) -> MemoryItem | None:
        """The memory of the same tools whose last request is most like this one, if any is."""
        tag = chain_tag(use.chain)
        where = all_of(Condition(Field.TAGS, Operator.CONTAINS, tag), _of_origin(provenance))
        stored = self._graph.find(Scope.of(cube), _TRAJECTORY, where, limit=_MOST_CANDIDATES).items
        found = {item.id: item for item in stored if item.status is MemoryStatus.ACTIVATED}
        found.update({i.id: i for i in changes.nodes.values() if tag in i.tags})
        candidates = [
            (item, record.uses[-1].request)
            for item in found.values()
            if item.id not in changes.gone and (record := record_of(item)).uses
        ]
        if not candidates:
            return None
        vectors = self._embedder.embed([use.request, *(asked for _, asked in candidates)])
        cosines = vectors[1:] @ vectors[0] - self._embedder.profile.mean_cosine
        best = max(range(len(candidates)), key=lambda n: (float(cosines[n]), candidates[n][0].id))
        item, asked = candidates[best]
        same = use.request == asked or bool(use.request and asked and cosines[best] >= SAME_TASK)
        return item if same else None

    def _holding(
        self, cube: Cube, use: ToolUse, provenance: Provenance, changes: _Changes
    ) -> MemoryItem | None:
        """The memory that has this use already, from an earlier reading of the same request."""
        for item in changes.nodes.values():
            if use_tag(use.id) in item.tags:
                return item
        where = all_of(
            Condition(Field.TAGS, Operator.CONTAINS, use_tag(use.id)), _of_origin(provenance)
        )
        found = self._graph.find(Scope.of(cube), _TRAJECTORY, where, limit=1).items
        return changes.nodes.get(found[0].id, found[0]) if found else None

    def _tell(self, item: MemoryItem, record: Record, changes: _Changes) -> None:
        """Bring a memory's text in line with its uses."""
        if not record.uses:
            changes.gone.append(item.id)
            return
        counts = tallies(record.uses, record.counts)
        value = value_of(record.uses, counts)
        own = tuple(tag for tag in item.tags if not tag.startswith(RESERVED))
        told = replace(
            item,
            key=record.uses[-1].request[:60] or ", ".join(record.uses[-1].chain),
            value=value,
            background=experience_of(record.uses),
            tags=(*own, *record_tags(record)),
            sources=record.sources,
            content_hash=content_hash(value),
            confidence=_confidence(record, counts),
            info={
                **item.info,
                **record_info(record),
                STATUS: tool_status(record.uses, counts),
            },
        )
        if told != item or item.id in changes.nodes:
            changes.nodes[item.id] = replace(told, updated_at=self._clock.now_ms())
            changes.texts[item.id] = _use_words(record)

    def _write(self, cube: Cube, changes: _Changes, why: Change | None = None) -> None:
        gone = set(changes.gone)
        nodes = [item for item in changes.nodes.values() if item.id not in gone]
        texts = [changes.texts[item.id][1] for item in nodes if item.id in changes.texts]
        vectors = iter(self._embedder.embed(texts)) if texts else iter(())
        writes = [
            NodeWrite(item, changes.texts[item.id][0], next(vectors), change=why)
            if item.id in changes.texts
            else NodeWrite(item, keep=True, change=why)
            for item in nodes
        ]
        scope = Scope.of(cube)
        if writes:
            self._graph.put(scope, writes, changes.edges)
        stored = [item.id for item in self._graph.get(scope, sorted(gone))]
        if stored:
            self._graph.delete(scope, stored)

    def _blank(self, cube: Cube, kind: MemoryKind, provenance: Provenance) -> MemoryItem:
        now = self._clock.now_ms()
        return MemoryItem(
            id="",
            cube=cube,
            kind=kind,
            value="",
            speaker="tool",
            created_at=now,
            updated_at=now,
            conversation_id=provenance.conversation_id,
            agent_id=provenance.agent_id,
            app_id=provenance.app_id,
            info=dict(provenance.info),
        )

    def _fitting(self, item: MemoryItem, candidates: Sequence[str]) -> tuple[str, ...]:
        """The caller's tags that fit a memory."""
        if not candidates:
            return ()
        vectors = self._embedder.embed([item.key, *candidates])
        mean = self._embedder.profile.mean_cosine
        return fitting_tags(candidates, item.value, vectors[1:] @ vectors[0], mean)


def _of_origin(provenance: Provenance) -> Condition | None:
    """In the public cube, each subject's copies are its own."""
    origin = provenance.info.get(ORIGIN)
    return None if origin is None else Condition(None, Operator.EQ, origin, info_key=ORIGIN)


def _schema_text(schema: ToolSchema) -> str:
    """The description as JSON, the documented value of a ToolSchemaMemory."""
    value = {
        "name": schema.name,
        "description": schema.description,
        "parameters": schema.parameters,
    }
    return json.dumps(value, ensure_ascii=False)


def _schema_words(schema: ToolSchema) -> tuple[str, str]:
    told = [_plain(schema.name), schema.description]
    properties = schema.parameters.get("properties")
    for name, rules in (properties if isinstance(properties, dict) else {}).items():
        described = rules.get("description") if isinstance(rules, dict) else ""
        told.append(f"{_plain(name)} {described if isinstance(described, str) else ''}".strip())
    text = ". ".join(part for part in told if part)[:_LONGEST_WORDS]
    return f"{schema.name} {text}", text


def _use_words(record: Record) -> tuple[str, str]:
    """Words: all that was asked, called and answered. To embed: what was asked."""
    asked = list(dict.fromkeys(use.asked for use in reversed(record.uses) if use.asked))
    last = record.uses[-1]
    called = [
        f"{s.tool} {_plain(s.tool)} {' '.join(v for _, v in s.arguments)}" for s in last.steps
    ]
    results = [step.result for step in last.steps if step.result]
    words = " ".join([*asked, *dict.fromkeys(called), *results])[:_LONGEST_WORDS]
    meant = last.request or " ".join(dict.fromkeys([*map(_plain, last.chain), *results]))
    return words, meant[:_LONGEST_WORDS]


def _plain(name: str) -> str:
    """`get_weather` and `getWeather` as words."""
    return " ".join(_PARTS.sub(" ", _CAMEL.sub(" ", name)).split())


def _confidence(record: Record, counts: Mapping[str, Tally]) -> float:
    """0.99 for what always worked, down to 0.5 for what never did."""
    calls = sum(tally.calls for tally in counts.values())
    failures = sum(tally.failures for tally in counts.values())
    return round(0.99 - 0.49 * failures / calls, 4) if calls and record.uses else 0.7
