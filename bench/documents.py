"""`python -m bench.documents`: a long PDF through parser, chunker and a whole add.

With `--scanned`, pictures of its pages instead. Pages a second, and the largest resident memory of the process that reads and of the one that
remembers.
"""

import argparse
import base64
import random
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil
from typing_extensions import Self

from bench.report import Row, save, show
from bench.server import KEY
from bench.texts import statement
from memos.chunkers.structure import StructureChunker
from memos.configs.settings import Settings
from memos.handlers.add import AddCommand, IncomingMessage
from memos.handlers.caller import Caller
from memos.mem_os.bootstrap import build
from memos.parsers.base import ParseLimits
from memos.parsers.process import ProcessParser
from memos.parsers.process_image import ProcessImageReader

_STEP_S = 0.02


class Peak:
    """The largest resident memory of this process and of a child, in MB; CPU seconds of a child."""

    def __init__(self) -> None:
        self.own = self.children = self.child_cpu = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        me = psutil.Process()
        while not self._ended.wait(_STEP_S):
            self.own = max(self.own, me.memory_info().rss / 2**20)
            for child in me.children():
                with suppress(psutil.NoSuchProcess):
                    self.children = max(self.children, child.memory_info().rss / 2**20)
                    used = child.cpu_times()
                    self.child_cpu = max(self.child_cpu, used.user + used.system)


def long_pdf(path: Path, pages: int, seed: int = 1) -> None:
    """A PDF with a heading and about 450 words a page, and a table on every fifth."""
    from reportlab.lib import colors
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table, TableStyle

    chance, styles, story = random.Random(seed), getSampleStyleSheet(), []
    grid = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black)])
    for number in range(pages):
        story.append(Paragraph(f"Section {number + 1}", styles["Heading1"]))
        for _ in range(5):
            words = " ".join(statement(chance, chance.randrange(10**6)) for _ in range(7))
            story.append(Paragraph(words, styles["BodyText"]))
        if number % 5 == 0:
            rows = [["City", "Limit", "Code"]]
            rows += [[f"City {n}", str(chance.randrange(900)), f"c{n}"] for n in range(6)]
            story.append(Table(rows, style=grid))
        story.append(PageBreak())
    SimpleDocTemplate(str(path), pagesize=A4).build(story)


def scanned_pdf(path: Path, pages: int) -> None:
    """The same pages as pictures of 150 dots an inch, as a scanner makes them."""
    import pypdfium2

    typed = path.with_name("typed.pdf")
    long_pdf(typed, pages)
    with pypdfium2.PdfDocument(typed) as pdf:
        pictures = [pdf[n].render(scale=150 / 72).to_pil().convert("L") for n in range(pages)]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], resolution=150)


def read_scanned(path: Path, pages: int) -> list[Row]:
    """Parse a scan: each page drawn and its text found, in a process of its own."""
    images = ProcessImageReader()
    parser = ProcessParser(images)
    with Peak() as peak:
        begun = time.perf_counter()
        document = parser.parse(path, path.name, ParseLimits())
        parsed = time.perf_counter() - begun
    parser.close()
    images.close()
    letters = sum(len(block.text) for block in document.blocks)
    return [
        Row(
            f"scan read, {letters // pages:,} characters a page",
            value=pages / parsed,
            unit="pages/s",
        ),
        Row("CPU of the reading process, a page", value=peak.child_cpu / pages, unit="s"),
        Row("RSS of the reading process", value=peak.children, unit="MB"),
    ]


def read(path: Path, pages: int) -> list[Row]:
    """Parse in a process of its own, then chunk."""
    parser = ProcessParser(ProcessImageReader())
    with Peak() as peak:
        begun = time.perf_counter()
        document = parser.parse(path, path.name, ParseLimits(pages=pages))
        parsed = time.perf_counter() - begun
        begun = time.perf_counter()
        chunks = StructureChunker().chunk(document)
        cut = time.perf_counter() - begun
    parser.close()
    return [
        Row("PDF parsed", value=pages / parsed, unit="pages/s"),
        Row("RSS of the reading process", value=peak.children, unit="MB"),
        Row(
            f"{len(document.blocks):,} blocks cut into {len(chunks):,} chunks", value=cut, unit="s"
        ),
    ]


def remember(path: Path, pages: int, folder: Path) -> list[Row]:
    """Add the PDF as part of a message and do the work behind the answer."""
    settings = Settings(
        data_dir=folder, bootstrap_api_key=KEY, embedded_worker=False, tokens_per_minute=0
    )
    system = build(settings)
    try:
        system.start()
        system.embedder.embed(["warm up"])
        before = psutil.Process().memory_info().rss / 2**20
        caller = Caller(system.records.projects()[0].id, "bench")
        data = base64.b64encode(path.read_bytes()).decode()
        part = {"type": "file", "file": {"file_data": data, "filename": path.name}}
        message = IncomingMessage("user", "", system.clock.now_ms(), parts=(part,))
        with Peak() as peak:
            begun = time.perf_counter()
            system.add(caller, AddCommand("reader", [message]))
            answered = time.perf_counter() - begun
            begun = time.perf_counter()
            system.worker.drain()
            done = time.perf_counter() - begun
    finally:
        system.close()
    return [
        Row("add answered", value=answered * 1000, unit="ms"),
        Row("read, embedded and remembered", value=pages / done, unit="pages/s"),
        Row("the same in all", value=done, unit="s"),
        Row("RSS of the server process, above its start", value=peak.own - before, unit="MB"),
    ]


def _scanned(pages: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scan.pdf"
        scanned_pdf(path, pages)
        rows = read_scanned(path, pages)
    show(f"a scan of {pages} pages", rows)
    print(f"saved as {save('scans', rows)}")
    return 0


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.documents", description=__doc__)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--scanned", type=int, default=0, help="pages of a scan; only that is read")
    arguments = parser.parse_args()
    if arguments.scanned:
        return _scanned(arguments.scanned)
    pages = arguments.pages
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.pdf"
        long_pdf(path, pages)
        rows = [*read(path, pages), *remember(path, pages, Path(folder) / "data")]
    show(f"a PDF of {pages} pages", rows)
    print(f"saved as {save('documents', rows)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
