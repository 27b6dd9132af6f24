"""What a feedback means, and what it changed. Values only."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

TASK_MARK = "memos:feedback"
"""Reserved info key of a memory that a feedback wrote: the id of the feedback's task."""
CLOSED_BY = "memos:closed_by"
"""Reserved info key of a memory that a feedback archived: the id of the feedback's task."""
VOTED = "memos:voted"
"""Reserved info key: the last votes as `TASK:+1`, so that each counts once and can be taken back."""
CORRECTED = "memos:corrected"
"""Reserved tag of a memory that is archived because a user said that it was never true."""
VERSION = "memos:version"
"""Reserved tag of an archived memory whose text was rewritten by a replacement."""
_LISTED = 1000


class FeedbackKind(str, Enum):
    """What a user wants with a feedback."""

    NONE = "none"
    REPLACEMENT = "replacement"
    CORRECTION = "correction"
    ADDITION = "addition"
    PREFERENCE = "preference"
    FORGETTING = "forgetting"
    VOTE = "vote"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Feedback:
    """A feedback as understood.

    Args:
        kind: what is wanted.
        old: the value that is wrong or is to be replaced; empty when it is not said.
        new: the value that takes its place.
        topic: what a value is of, in "change TOPIC to NEW".
        statement: what is true from now on, or what is to be forgotten.
        wrong: what memory held was never true (not: it changed).
        vote: +1 or -1 for a vote, else 0.
        targets: ids of the memories meant, when a model named them.
    """

    kind: FeedbackKind
    old: str = ""
    new: str = ""
    topic: str = ""
    statement: str = ""
    wrong: bool = False
    vote: int = 0
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Updated:
    """A memory that another took the place of."""

    id: str
    archived_id: str


@dataclass(frozen=True, slots=True)
class Record:
    """What a feedback changed, by ids only.

    Args:
        kind: how it was understood.
        add: memories written beside the others.
        update: memories written in place of others, which are archived.
        delete: memories erased.
        voted: memories whose votes changed.
        archived: memories archived with nothing in their place, by taking back an addition.
        shared: memories written, archived or voted on in the public memory and in knowledge bases.
        lost: memories that were erased by the feedback that was to be taken back: they are gone.
        undone: the task of the feedback that was taken back.
    """

    kind: FeedbackKind
    add: tuple[str, ...] = ()
    update: tuple[Updated, ...] = ()
    delete: tuple[str, ...] = ()
    voted: tuple[str, ...] = field(default=())
    archived: tuple[str, ...] = field(default=())
    shared: tuple[str, ...] = field(default=())
    lost: tuple[str, ...] = field(default=())
    undone: str = ""

    @property
    def changes(self) -> int:
        """Number of memories touched."""
        parts = (self.add, self.update, self.delete, self.voted, self.archived, self.shared)
        return sum(len(part) for part in parts)

    def turned(self) -> "Record":
        """What taking this record back does."""
        back = tuple(Updated(u.archived_id, u.id) for u in self.update)
        return Record(FeedbackKind.UNDO, update=back, archived=self.add)

    def to_json(self) -> dict[str, Any]:
        """JSON form for the audit trail and the answer; at most 1000 ids of each sort."""
        return {
            "kind": self.kind.value,
            "add": list(self.add[:_LISTED]),
            "update": [{"id": u.id, "archived_id": u.archived_id} for u in self.update[:_LISTED]],
            "delete": list(self.delete[:_LISTED]),
            "voted": list(self.voted[:_LISTED]),
            "archived": list(self.archived[:_LISTED]),
            "shared": list(self.shared[:_LISTED]),
            "lost": list(self.lost[:_LISTED]),
            "undone": self.undone,
            "changes": self.changes,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Record":
        """Read `to_json` back."""
        return cls(
            FeedbackKind(data["kind"]),
            tuple(data["add"]),
            tuple(Updated(u["id"], u["archived_id"]) for u in data["update"]),
            tuple(data["delete"]),
            tuple(data["voted"]),
            tuple(data.get("archived") or ()),
            tuple(data.get("shared") or ()),
            tuple(data.get("lost") or ()),
            str(data.get("undone") or ""),
        )
