"""What models took, and what projects may use. Counting is buffered as in `ledger.py`."""

import threading
from typing import Any

from sqlalchemy import Connection, delete, select

from memos.records.base import ModelUsageRow
from memos.records.sql.database import insert_into
from memos.records.sql.ledger import SqlLedger, day_of
from memos.records.sql.tables import budget, model_usage

_COUNTS = ("calls", "failures", "input_tokens", "output_tokens", "milliseconds")
_Place = tuple[str, str, str, str, str]
"""Project, day, operation, role, model."""


class ModelBuffer:
    """What models took since the last flush. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[_Place, tuple[int, ...]] = {}

    def add(self, place: _Place, counts: tuple[int, ...]) -> None:
        """Add counts, in the order of the columns."""
        with self._lock:
            held = self._held.get(place, (0,) * len(_COUNTS))
            self._held[place] = tuple(a + b for a, b in zip(held, counts, strict=True))

    def take(self) -> dict[_Place, tuple[int, ...]]:
        """Empty the buffer."""
        with self._lock:
            taken, self._held = self._held, {}
        return taken


class SqlModelLedger(SqlLedger):
    """The bookkeeping of models and budgets."""

    _models: ModelBuffer

    def add_model_usage(self, row: ModelUsageRow) -> None:
        """Count calls of a model (buffered: written at least every second and on close)."""
        day = row.day or day_of(self._clock.now_ms())
        place = (row.project_id, day, row.operation, row.role, row.model)
        self._models.add(place, tuple(getattr(row, name) for name in _COUNTS))
        self._flush_when_due()

    def model_usage(
        self, project_id: str | None = None, since_day: str | None = None
    ) -> list[ModelUsageRow]:
        """What models took, by project, day, operation, role and model."""
        self.flush()
        query = select(model_usage).order_by(*model_usage.primary_key.columns)
        if project_id is not None:
            query = query.where(model_usage.c.project_id == project_id)
        if since_day is not None:
            query = query.where(model_usage.c.day >= since_day)
        return self._database.read(
            lambda connection: [
                ModelUsageRow(**row) for row in connection.execute(query).mappings()
            ]
        )

    def budgets(self, project_id: str) -> dict[str, int]:
        """What a project may use, by name, where that differs from the settings."""
        query = select(budget.c.name, budget.c.amount).where(budget.c.project_id == project_id)
        return self._database.read(
            lambda connection: {row.name: row.amount for row in connection.execute(query)}
        )

    def set_budget(self, project_id: str, name: str, amount: int | None) -> None:
        """Set what a project may use; None goes back to the settings. Raises ConflictError."""

        def job(connection: Connection) -> None:
            mine = (budget.c.project_id == project_id, budget.c.name == name)
            connection.execute(delete(budget).where(*mine))
            if amount is not None:
                values = {"project_id": project_id, "name": name, "amount": amount}
                connection.execute(insert_into(connection, budget), values)

        self._database.write(job)

    def flush(self) -> None:
        """Write what is buffered. What cannot be written is kept for the next flush."""
        super().flush()
        counted = self._models.take()
        if not counted:
            return
        written = False
        try:
            self._database.write(lambda connection: _write(connection, counted))
            written = True
        finally:
            if not written:
                for place, counts in counted.items():
                    self._models.add(place, counts)


def _write(connection: Connection, counted: dict[_Place, tuple[int, ...]]) -> None:
    add = insert_into(connection, model_usage)
    more: dict[str, Any] = {name: model_usage.c[name] + add.excluded[name] for name in _COUNTS}
    names = ("project_id", "day", "operation", "role", "model")
    rows = [
        dict(zip(names, place, strict=True)) | dict(zip(_COUNTS, counts, strict=True))
        # In one order everywhere, so that two processes on PostgreSQL cannot deadlock.
        for place, counts in sorted(counted.items())
    ]
    connection.execute(
        add.on_conflict_do_update(index_elements=model_usage.primary_key, set_=more), rows
    )
