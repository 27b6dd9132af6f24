"""Profiles: named fields of a user or an agent, after a template, kept among the memories.

A profile is one node that marks the binding to its template and one node per field. The field
nodes are ordinary facts: searches find them, listings show them, and deleting one of them, or the
user, takes them out like any other memory. Nothing of a profile is stored twice.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from memos.embedders.base import Embedder
from memos.errors import InvalidInputError, NotFoundError
from memos.graph_dbs.base import GraphStore, NodeWrite
from memos.handlers.caller import Caller
from memos.mem_scheduler.gate import SubjectGate
from memos.memories.textual.tree_text_memory.organize.normalise import content_hash
from memos.types.clock import Clock, derived_id
from memos.types.filters import Condition, Field, Operator, all_of
from memos.types.history import ADDED, Change, Reason
from memos.types.memory import MemoryItem, MemoryKind, MemoryStatus
from memos.types.scope import Cube, Scope

TAG = "memos:profile"
FIELD = "memos:profile_field"
VALUE = "memos:profile_value"
TEMPLATE = "profile_template_id"
MAX_FIELDS = 200
MAX_DEPTH = 4
MAX_NAME_CHARS = 100
MAX_VALUE_CHARS = 2000
_KINDS = frozenset({MemoryKind.USER})
_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile as it is now. Times are ms UTC; fields are nested by the parts of their names."""

    template_id: str
    fields: dict[str, Any]
    created_at: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class ProfileEdit:
    """What to change of a profile.

    Args:
        template_id: which profile.
        fields: fields to set, nested; others stay as they are.
        remove: names of fields to take out, parts joined by dots; a part above takes all below.
    """

    template_id: str
    fields: Mapping[str, Any]
    remove: Sequence[str] = ()


class _Place(NamedTuple):
    """Whose profile, after which template."""

    cube: Cube
    template_id: str


class Profiles:
    """The use cases behind `bind/profile_template`, `edit/profile` and `delete/profile`."""

    def __init__(
        self, graph: GraphStore, embedder: Embedder, *, gate: SubjectGate, clock: Clock
    ) -> None:
        self._graph = graph
        self._embedder = embedder
        self._gate = gate
        self._clock = clock

    def bind(self, subjects: Sequence[tuple[str, Cube]]) -> list[Profile]:
        """Give each subject a profile after its template; one that is there stays as it is."""
        bound = []
        for template_id, cube in subjects:
            with self._gate.shared(cube.uid):
                marker = _marker(cube, template_id, self._clock.now_ms())
                if not self._graph.get(Scope.of(cube), [marker.id]):
                    self._graph.put(Scope.of(cube), [NodeWrite(marker, change=ADDED)])
                bound.append(self._one(cube, template_id))
        return bound

    def edit(self, caller: Caller, cube: Cube, edit: ProfileEdit) -> Profile:
        """Set and remove fields; the former values stay in the fields' histories.

        Raises:
            NotFoundError: the subject has no such profile (40001).
            InvalidInputError: a field's name or value cannot be kept, or there are too many.
        """
        wanted = dict(_flat(edit.fields))
        with self._gate.shared(cube.uid):
            nodes = self._nodes(cube, edit.template_id)
            gone = [node for name, node in nodes.items() if name and _is_named(name, edit.remove)]
            if len(nodes.keys() | wanted.keys()) - len(gone) > MAX_FIELDS + 1:
                raise InvalidInputError(f"a profile has at most {MAX_FIELDS} fields")
            writes = self._writes(caller, _Place(cube, edit.template_id), wanted, nodes)
        if gone:
            self._delete(cube, [node.id for node in gone if node.info[FIELD] not in wanted])
        with self._gate.shared(cube.uid):
            self._graph.put(Scope.of(cube), writes)
            return self._one(cube, edit.template_id)

    def delete(self, cube: Cube, template_id: str) -> None:
        """Erase a profile with all its fields and their histories.

        Raises:
            NotFoundError: the subject has no such profile (40001).
        """
        self._delete(cube, [node.id for node in self._nodes(cube, template_id).values()])

    def of(self, cube: Cube) -> list[Profile]:
        """Every profile of a subject, oldest first."""
        where = all_of(Condition(Field.TAGS, Operator.CONTAINS, TAG))
        found = self._graph.find(Scope.of(cube), _KINDS, where, limit=_MOST).items
        by_template: dict[str, list[MemoryItem]] = {}
        for item in found:
            by_template.setdefault(str(item.info.get(TEMPLATE)), []).append(item)
        profiles = [_profile(template, items) for template, items in by_template.items()]
        return sorted(profiles, key=lambda p: (p.created_at, p.template_id))

    def _one(self, cube: Cube, template_id: str) -> Profile:
        return _profile(template_id, list(self._nodes(cube, template_id).values()))

    def _nodes(self, cube: Cube, template_id: str) -> dict[str, MemoryItem]:
        """The nodes of a profile by field name; that of the binding under the empty name."""
        where = all_of(
            Condition(Field.TAGS, Operator.CONTAINS, TAG),
            Condition(None, Operator.EQ, template_id, info_key=TEMPLATE),
        )
        found = self._graph.find(Scope.of(cube), _KINDS, where, limit=_MOST).items
        if not found:
            raise NotFoundError(
                "there is no such profile; bind/profile_template makes one",
                field=TEMPLATE,
            )
        return {str(item.info.get(FIELD, "")): item for item in found}

    def _writes(
        self,
        caller: Caller,
        place: _Place,
        wanted: Mapping[str, Any],
        nodes: Mapping[str, MemoryItem],
    ) -> list[NodeWrite]:
        now = self._clock.now_ms()
        items = [
            _field(place, name, value, (nodes.get(name), now)) for name, value in wanted.items()
        ]
        if not items:
            return []
        vectors = self._embedder.embed([item.value for item in items])
        change = Change(Reason.UPDATED, caller.key)
        return [
            NodeWrite(
                item,
                item.value,
                vector,
                change=change if item.info[FIELD] in nodes else ADDED,
            )
            for item, vector in zip(items, vectors, strict=True)
        ]

    def _delete(self, cube: Cube, ids: Sequence[str]) -> None:
        with self._gate.exclusive(cube.uid):
            self._graph.delete(Scope.of(cube), list(ids))


def _marker(cube: Cube, template_id: str, now: int) -> MemoryItem:
    """The node of a binding: never recalled, without words."""
    return MemoryItem(
        id=derived_id(cube.uid, TAG, template_id),
        cube=cube,
        kind=MemoryKind.USER,
        value="",
        key=template_id,
        tags=(TAG,),
        status=MemoryStatus.ARCHIVED,
        created_at=now,
        updated_at=now,
        info={TEMPLATE: template_id},
    )


def _field(
    place: _Place, name: str, value: object, was: tuple[MemoryItem | None, int]
) -> MemoryItem:
    (cube, template_id), (before, now) = place, was
    text = _text_of(name, value)
    return MemoryItem(
        id=derived_id(cube.uid, TAG, template_id, name),
        cube=cube,
        kind=MemoryKind.USER,
        value=text,
        key=name,
        tags=(TAG,),
        version=1 if before is None else before.version + 1,
        created_at=now if before is None else before.created_at,
        updated_at=now,
        content_hash=content_hash(text),
        info={TEMPLATE: template_id, FIELD: name, VALUE: value},
    )


def _profile(template_id: str, items: Sequence[MemoryItem]) -> Profile:
    fields: dict[str, Any] = {}
    for item in sorted(items, key=lambda i: str(i.info.get(FIELD, ""))):
        if name := str(item.info.get(FIELD, "")):
            *above, last = name.split(".")
            place = fields
            for part in above:
                place = place.setdefault(part, {})
            place[last] = _value_of(name, item)
    return Profile(
        template_id,
        fields,
        min(item.created_at for item in items),
        max(item.updated_at for item in items),
    )


def _value_of(name: str, item: MemoryItem) -> object:
    """A field's value; its text, when somebody changed that since."""
    value = item.info.get(VALUE)
    if item.value == _text_of(name, value):
        return value
    return item.value.removeprefix(f"{_label(name)}: ")


def _text_of(name: str, value: object) -> str:
    return f"{_label(name)}: {_words(value)}"


def _label(name: str) -> str:
    return name.replace(".", " · ").replace("_", " ")


def _words(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_words, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _is_named(name: str, removed: Sequence[str]) -> bool:
    return any(name == each or name.startswith(f"{each}.") for each in removed)


def _flat(fields: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Fields by their full names. Null is the same as not given.

    Raises:
        InvalidInputError: a name or a value cannot be kept.
    """
    for part, value in fields.items():
        name = (*above, part)
        if not part.strip() or "." in part or len(part) > MAX_NAME_CHARS or len(name) > MAX_DEPTH:
            raise InvalidInputError(
                f"a field's name has 1 to {MAX_NAME_CHARS} characters without a dot, and fields"
                f" are nested at most {MAX_DEPTH} deep",
                field="metadata",
            )
        if isinstance(value, Mapping):
            yield from _flat(value, name)
        elif value is not None:
            if len(_words(value)) > MAX_VALUE_CHARS:
                raise InvalidInputError(
                    f"a field's value has at most {MAX_VALUE_CHARS} characters", field="metadata"
                )
            yield ".".join(name), value
