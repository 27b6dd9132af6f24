"""Completes a PDF with the text of its pages that are pictures."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from memos.errors import DocumentError, DocumentTooLargeError
from memos.parsers import block
from memos.parsers.base import PageReader, ScanLimits
from memos.types.document import Block, Document

logger = logging.getLogger(__name__)

NO_ENGINE = (
    "the file holds no text: its pages are pictures, and this server reads none "
    "(its extra `ocr` is not installed)"
)


class ScannedPages:
    """Reads the pages of a document that are pictures.

    A file with words on other pages is never refused for its pictures: those that are not read
    stay named in `Document.scanned`.

    Args:
        reader: reads one page.
        limits: what the pages of one file may ask for.
        monotonic: seconds that pass; measures the time of a file.
    """

    def __init__(
        self,
        reader: PageReader,
        limits: ScanLimits | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reader = reader
        self._limits = limits or ScanLimits()
        self._monotonic = monotonic

    def complete(self, document: Document, path: Path) -> Document:
        """The document with what stands on its scanned pages.

        Raises:
            DocumentError: no page holds a word.
        """
        if not document.scanned:
            return document
        try:
            return self._complete(document, path)
        except DocumentError as error:
            if not document.blocks:
                raise
            logger.info("scanned pages not read", extra={"error": type(error).__name__})
            return document

    def _complete(self, document: Document, path: Path) -> Document:
        scanned = document.scanned
        if len(scanned) > self._limits.pages:
            raise DocumentTooLargeError(
                f"the file has {len(scanned)} scanned pages, more than the "
                f"{self._limits.pages} read; send it in parts"
            )
        found: dict[int, tuple[Block, ...]] = {}
        failed: DocumentError | None = None
        deadline = self._monotonic() + self._limits.seconds
        for number in scanned:
            left = deadline - self._monotonic()
            if left <= 0:
                failed = DocumentTooLargeError(
                    f"reading the scanned pages took longer than {self._limits.seconds:g} seconds"
                )
                break
            try:
                read = self._reader.read_page(path, number, min(left, self._limits.page_seconds))
            except DocumentError as error:
                failed = error
                continue
            if read is None:
                raise DocumentError(NO_ENGINE)
            found[number] = read
        if failed is not None and not document.blocks and not any(found.values()):
            raise failed
        return _merged(document, found)


def _merged(document: Document, found: Mapping[int, tuple[Block, ...]]) -> Document:
    blocks = list(document.blocks)
    for number, read in found.items():
        # What a scanner stamped onto a page stands in its picture as well.
        stamped = [each for each in blocks if each.page == number]
        if _length(read) > _length(stamped):
            blocks = [each for each in blocks if each.page != number]
            blocks += [replace(each, page=number) for each in read]
    blocks.sort(key=lambda each: each.page or 0)
    unread = [number for number in document.scanned if number not in found]
    return block.document(blocks, document.title, document.pages, unread)


def _length(blocks: tuple[Block, ...] | list[Block]) -> int:
    return sum(len(each.text) for each in blocks)
