"""Usage and audit. Counting is buffered: no answer waits for a disk because it was counted."""

import json
import threading
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, select, update

from memos.records.base import AuditRow, UsageRow
from memos.records.sql.database import insert_into
from memos.records.sql.part import Part, dump
from memos.records.sql.tables import api_key, audit, usage

_AUDITED = [column for column in audit.c if column.name != "number"]
_FLUSH_S = 1.0
_NOTE_USE_MS = 60_000
_COUNTS = ("calls", "tokens", "milliseconds")


class Buffer:
    """What was counted since the last flush. Not safe without its lock."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.usage: dict[tuple[str, str, str], list[int]] = {}
        self.key_use: dict[str, int] = {}
        self.key_noted: dict[str, int] = {}
        self.flushed_at = 0.0

    def add(self, place: tuple[str, str, str], counts: tuple[int, int, int]) -> None:
        """Add calls, tokens and milliseconds to a project, day and operation."""
        held = self.usage.setdefault(place, [0, 0, 0])
        for index, count in enumerate(counts):
            held[index] += count

    def take(self, now_s: float) -> tuple[dict[tuple[str, str, str], list[int]], dict[str, int]]:
        """Empty the buffer."""
        taken = self.usage, self.key_use
        self.usage, self.key_use, self.flushed_at = {}, {}, now_s
        return taken


class SqlLedger(Part):
    """The bookkeeping side of the store."""

    _buffer: Buffer

    def add_usage(self, project_id: str, operation: str, tokens: int, milliseconds: int) -> None:
        """Count one call (buffered: written at least every second and on close)."""
        place = (project_id, day_of(self._clock.now_ms()), operation)
        with self._buffer.lock:
            self._buffer.add(place, (1, tokens, milliseconds))
        self._flush_when_due()

    def note_key_use(self, key_id: str, now: int) -> None:
        """Remember that a key was used, once a minute; written with the next flush."""
        with self._buffer.lock:
            if now - self._buffer.key_noted.get(key_id, 0) >= _NOTE_USE_MS:
                self._buffer.key_use[key_id] = self._buffer.key_noted[key_id] = now

    def usage(self, project_id: str | None = None, since_day: str | None = None) -> list[UsageRow]:
        """Usage by project, day and operation."""
        self.flush()
        query = select(usage).order_by(usage.c.project_id, usage.c.day, usage.c.operation)
        if project_id is not None:
            query = query.where(usage.c.project_id == project_id)
        if since_day is not None:
            query = query.where(usage.c.day >= since_day)
        return self._database.read(
            lambda connection: [UsageRow(**row) for row in connection.execute(query).mappings()]
        )

    def audit(self, row: AuditRow) -> None:
        """Append to the audit trail, unless a row with the same mark is there."""
        self._database.write(lambda connection: add_audit_row(connection, row))

    def audited(self, mark: str) -> AuditRow | None:
        """The row of the audit trail with a mark."""
        query = select(*_AUDITED).where(audit.c.mark == mark)

        def job(connection: Connection) -> AuditRow | None:
            row = connection.execute(query).mappings().one_or_none()
            return None if row is None else _audit_row(row)

        return self._database.read(job)

    def audit_rows(self, project_id: str | None = None, limit: int = 100) -> list[AuditRow]:
        """Latest audit rows, newest first."""
        query = select(*_AUDITED).order_by(audit.c.number.desc()).limit(max(limit, 0))
        if project_id is not None:
            query = query.where(audit.c.project_id == project_id)

        def job(connection: Connection) -> list[AuditRow]:
            rows = connection.execute(query).mappings()
            return [_audit_row(row) for row in rows]

        return self._database.read(job)

    def flush(self) -> None:
        """Write what is buffered. What cannot be written is kept for the next flush."""
        with self._buffer.lock:
            counted, used = self._buffer.take(self._clock.monotonic())
        if not counted and not used:
            return
        written = False
        try:
            self._database.write(lambda connection: _write(connection, counted, used))
            written = True
        finally:
            if not written:
                self._keep(counted, used)

    def _keep(self, counted: dict[tuple[str, str, str], list[int]], used: dict[str, int]) -> None:
        with self._buffer.lock:
            for place, (calls, tokens, milliseconds) in counted.items():
                self._buffer.add(place, (calls, tokens, milliseconds))
            self._buffer.key_use = used | self._buffer.key_use

    def _flush_when_due(self) -> None:
        if self._clock.monotonic() - self._buffer.flushed_at >= _FLUSH_S:
            self.flush()


def _write(
    connection: Connection, counted: dict[tuple[str, str, str], list[int]], used: dict[str, int]
) -> None:
    if counted:
        add = insert_into(connection, usage)
        more: dict[str, Any] = {name: usage.c[name] + add.excluded[name] for name in _COUNTS}
        rows = [
            {"project_id": project, "day": day, "operation": operation}
            | dict(zip(_COUNTS, counts, strict=True))
            # In one order everywhere, so that two processes on PostgreSQL cannot deadlock.
            for (project, day, operation), counts in sorted(counted.items())
        ]
        connection.execute(
            add.on_conflict_do_update(index_elements=usage.primary_key, set_=more), rows
        )
    if used:
        note = (
            update(api_key)
            .where(api_key.c.id == bindparam("key_id"))
            .values(last_used_at=bindparam("used_at"))
        )
        rows_used = [{"key_id": key, "used_at": at} for key, at in sorted(used.items())]
        connection.execute(note, rows_used)


def add_audit_row(connection: Connection, row: AuditRow) -> None:
    """Append to the audit trail inside a transaction, unless its mark is there."""
    values = {
        "at": row.at,
        "project_id": row.project_id,
        "actor": row.actor,
        "action": row.action,
        "subject": row.subject,
        "details": dump(row.details),
        "mark": row.mark,
    }
    connection.execute(insert_into(connection, audit).values(**values).on_conflict_do_nothing())


def _audit_row(row: RowMapping) -> AuditRow:
    return AuditRow(**{**row, "details": json.loads(row["details"])})


def day_of(now_ms: int) -> str:
    """The day of a time (ms UTC), YYYY-MM-DD in UTC."""
    return datetime.fromtimestamp(now_ms / 1000, tz=timezone.utc).strftime("%Y-%m-%d")
