"""Logging set-up. Library code only calls `logging.getLogger(__name__)`; edges call `configure`.

Events are constant text with `extra={...}` fields: ids, counts, durations, hashes. Never memory
text, prompts or keys.
"""

import logging
import sys
import traceback
from typing import Literal

import structlog

_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(level: str = "INFO", style: Literal["console", "json"] = "console") -> None:
    """Send every log record of the process to standard error in one format.

    Args:
        level: lowest level shown (`DEBUG`, `INFO`, `WARNING`, `ERROR`).
        style: `console` for people, `json` for machines.
    """
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if style == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("httpx", "httpx2", "httpcore", "alembic", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def origin_of(error: BaseException) -> str:
    """Where an error was raised, as `file:line in function`.

    Unexpected errors are logged by this and their type, because the text of a foreign exception
    may quote what it choked on.
    """
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return "unknown"
    last = frames[-1]
    return f"{last.filename.rsplit('/', 1)[-1]}:{last.lineno} in {last.name}"
