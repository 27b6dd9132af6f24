"""Reading pictures, and pages that are pictures, in processes of their own."""

import base64
import binascii
from dataclasses import asdict
from pathlib import Path

from pydantic import BaseModel, ValidationError

from memos.errors import DocumentError
from memos.parsers.base import ImageContent, ImageLimits
from memos.parsers.process import BlockAnswer, ProcessOptions, ReadingProcesses
from memos.types.document import Block

# The text engine maps its models and its threads' memory: more address space than it uses.
_OPTIONS = ProcessOptions(processes=1, memory=4 * 2**30)


class ProcessImageReader:
    """The reader of pictures that runs in processes of its own. Close it when done."""

    def __init__(self, options: ProcessOptions | None = None) -> None:
        self._processes = ReadingProcesses("memos.parsers.image:read_request", options or _OPTIONS)

    def read(self, path: Path, limits: ImageLimits) -> ImageContent:
        """What a picture shows.

        Raises:
            DocumentError: see `ImageReader`.
        """
        request = {"path": str(path.resolve()), "limits": asdict(limits)}
        answer = self._processes.ask(request, limits.seconds)
        try:
            found = _Answer.model_validate(answer)
            small = base64.b64decode(found.small, validate=True)
        except (ValidationError, binascii.Error) as error:
            raise DocumentError("the picture is broken: its reader failed") from error
        return ImageContent(
            format=found.format,
            width=found.width,
            height=found.height,
            small=small,
            taken_at=found.taken_at,
            place=found.place,
            lines=None if found.lines is None else tuple(found.lines),
        )

    def read_page(self, path: Path, number: int, seconds: float) -> tuple[Block, ...] | None:
        """What stands on a page of a PDF; None when no text engine is installed.

        Raises:
            DocumentError: see `memos.parsers.base.PageReader`.
        """
        answer = self._processes.ask({"path": str(path.resolve()), "page": number}, seconds)
        try:
            blocks = _PageAnswer.model_validate(answer).blocks
        except ValidationError as error:
            raise DocumentError("a page is broken: its reader failed") from error
        return None if blocks is None else tuple(each.block() for each in blocks)

    def close(self) -> None:
        """End the processes."""
        self._processes.close()


class _PageAnswer(BaseModel):
    blocks: list[BlockAnswer] | None


class _Answer(BaseModel):
    format: str
    width: int
    height: int
    taken_at: str | None
    place: tuple[float, float] | None
    lines: list[str] | None
    small: str
