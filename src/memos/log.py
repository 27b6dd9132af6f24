"""Logging set-up. Library code only calls `logging.getLogger(__name__)`; edges call `configure`.

Events are constant text with `extra={...}` fields: ids, counts, durations, hashes. Never memory
text, prompts or keys. Errors, also those of libraries, are told by type and place: their text and
the values of the frames they went through may be what somebody said, or a key.
"""

import logging
import sys
import traceback
from typing import Literal

import structlog

_DEEPEST_FRAMES = 12
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
            processors=[
                _without_values,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                renderer,
            ],
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
    places = _places(error)
    return places[-1] if places else "unknown"


def _places(error: BaseException) -> list[str]:
    return [
        f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} in {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]


def _without_values(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Replace a traceback by the type of the error and the places it went through."""
    event.pop("stack_info", None)
    raised = event.pop("exc_info", None)
    if raised is True:
        raised = sys.exc_info()
    error = raised[1] if isinstance(raised, tuple) else raised
    if isinstance(error, BaseException):
        event.setdefault("error", type(error).__name__)
        event["trace"] = " > ".join(_places(error)[-_DEEPEST_FRAMES:])
    # Further lines of a library's event are its reprs: asyncio shows the error that nobody awaited.
    event["event"] = str(event["event"]).partition("\n")[0]
    return event
