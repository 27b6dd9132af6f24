"""Erasures that are finished even if the process that began them dies.

What is to go is written down before anything is touched, and forgotten together with the row of the
audit trail. In between every step may be repeated.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from memos.handlers.receipt import Receipt
from memos.records.base import AuditRow, ErasureRecords, PendingErasure
from memos.types.clock import Clock, derived_id
from memos.types.scope import Cube

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """What an erasure is to remove.

    Args:
        action: name of the deed in the audit trail.
        subject: whose, in words of the audit trail (no name).
        actor: the key that asked for it.
        memories: ids of the memories to go, by cube.
        whole: the cube of a user or agent of whom everything is to go.
        expected: what the receipt will count, by cube, as far as it is known.
    """

    action: str
    subject: str
    actor: str
    memories: Mapping[Cube, Sequence[str]] = field(default_factory=dict)
    whole: Cube | None = None
    expected: Mapping[Cube, Receipt] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """JSON form for the records store."""
        return {
            "action": self.action,
            "subject": self.subject,
            "actor": self.actor,
            "memories": {cube.uid: list(ids) for cube, ids in self.memories.items()},
            "whole": self.whole.uid if self.whole else None,
            "expected": {cube.uid: r.to_json() for cube, r in self.expected.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Plan":
        """Read `to_json` back."""
        return cls(
            data["action"],
            data["subject"],
            data["actor"],
            {Cube.parse(uid): ids for uid, ids in data["memories"].items()},
            Cube.parse(data["whole"]) if data["whole"] else None,
            {Cube.parse(uid): Receipt(**counts) for uid, counts in data["expected"].items()},
        )


class Begun:
    """An erasure under way.

    Args:
        records: remembers it.
        clock: when it ends.
        pending: as it is remembered.
        again: whether another process may have done a part of it.
    """

    def __init__(
        self, records: ErasureRecords, clock: Clock, pending: PendingErasure, *, again: bool
    ) -> None:
        self._records = records
        self._clock = clock
        self.pending = pending
        self.again = again
        self.plan = Plan.from_json(pending.plan)

    def note(self, cube: Cube, receipt: Receipt) -> None:
        """Remember what will be counted for a cube, before it is deleted."""
        expected = {**self.plan.expected, cube: self.counted(cube, receipt)}
        self.plan = replace(self.plan, expected=expected)
        self._records.note_erasure(self.pending.id, self.plan.to_json())

    def counted(self, cube: Cube, receipt: Receipt) -> Receipt:
        """What was removed from a cube, here and by a process that died."""
        return receipt.at_least(self.plan.expected.get(cube, Receipt()))

    def finish(self, receipt: Receipt) -> None:
        """Forget the erasure and put its receipt into the audit trail, once."""
        row = AuditRow(
            at=self._clock.now_ms(),
            project_id=self.pending.project_id,
            actor=self.plan.actor,
            action=self.plan.action,
            subject=self.plan.subject,
            details=receipt.to_json(),
        )
        if self._records.finish_erasure(self.pending.id, row) and self.again:
            logger.info("erasure finished", extra={"action": self.plan.action})


class Erasures:
    """What is being erased.

    Args:
        records: remembers it.
        clock: when.
    """

    def __init__(self, records: ErasureRecords, clock: Clock) -> None:
        self._records = records
        self._clock = clock

    def begin(self, project: str, plan: Plan) -> Begun:
        """Write down what is going to be erased."""
        content, now = plan.to_json(), self._clock.now_ms()
        named = [*content["memories"], *(i for ids in content["memories"].values() for i in ids)]
        id_ = derived_id(project, "erasure", str(now), plan.action, content["whole"] or "", *named)
        pending = PendingErasure(id_, project, content, now)
        self._records.begin_erasure(pending)
        return Begun(self._records, self._clock, pending, again=False)

    def begun(self, before: int) -> list[Begun]:
        """Those that began before a time (ms UTC) and are not finished, oldest first."""
        return [
            Begun(self._records, self._clock, pending, again=True)
            for pending in self._records.pending_erasures(before)
        ]
