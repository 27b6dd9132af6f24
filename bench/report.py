"""Figures as a table for people and as JSON under bench/results/ (which git ignores)."""

import json
import os
import platform
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Row:
    """One figure: a latency, or a single value, or both.

    Args:
        name: what was measured.
        p50_ms, p95_ms, p99_ms: percentiles of a latency.
        ratio: p50 over the p50 of the bare embedding of the same kind of text in the same run.
        value: a single number, in `unit`.
        goal: what it should be, in words.
    """

    name: str
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    ratio: float | None = None
    value: float | None = None
    unit: str = ""
    goal: str = ""


def show(title: str, rows: list[Row]) -> None:
    """Print a table."""
    table = Table(title=title)
    table.add_column("what")
    for name in ("p50 ms", "p95 ms", "p99 ms", "x embedding", "value"):
        table.add_column(name, justify="right")
    table.add_column("goal")
    for row in rows:
        value = (
            ""
            if row.value is None
            else f"{row.value:,.{2 if abs(row.value) < 10 else 0}f} {row.unit}"
        )
        numbers = [_number(n) for n in (row.p50_ms, row.p95_ms, row.p99_ms, row.ratio)]
        table.add_row(row.name, *numbers, value, row.goal)
    Console(width=None if os.isatty(1) else 130).print(table)


def save(name: str, rows: list[Row]) -> Path:
    """Write the rows with the machine they were measured on; the file."""
    RESULTS.mkdir(exist_ok=True)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    path = RESULTS / f"{name}-{stamp}.json"
    machine = {
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
        "python": platform.python_version(),
        "system": platform.platform(),
    }
    content = {"machine": machine, "rows": [asdict(row) for row in rows]}
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")
    return path


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f}"
