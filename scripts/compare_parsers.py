"""Compares document libraries by what is left of the same document in several formats.

`pip install kreuzberg pdf-oxide pdfplumber legacy-doc` (those that are missing are left out), then
`PYTHONPATH=src:tests python scripts/compare_parsers.py`. With LibreOffice installed its DOC and PDF
are compared too.
"""

import importlib
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import documents
from memos.parsers.base import ParseLimits
from memos.parsers.read import read_document


def kreuzberg(library: ModuleType, path: Path) -> str:
    """Markdown of the whole file."""
    config = library.ExtractionConfig(output_format="markdown")
    return library.extract_file_sync(path, config=config).content


def office_oxide(library: ModuleType, path: Path) -> str:
    """Markdown of an Office file."""
    return library.Document.open(str(path)).to_markdown()


def pdf_oxide(library: ModuleType, path: Path) -> str:
    """Markdown of a PDF, page by page."""
    pdf = library.PdfDocument(str(path))
    return "\n".join(pdf.to_markdown(page) for page in range(pdf.page_count()))


def pdfplumber(library: ModuleType, path: Path) -> str:
    """Text and tables of a PDF."""
    lines = []
    with library.open(path) as pdf:
        for page in pdf.pages:
            lines.append(page.extract_text())
            for table in page.extract_tables():
                lines += ["|" + "|".join(cell or "" for cell in row) + "|" for row in table]
    return "\n".join(lines)


def legacy_doc(library: ModuleType, path: Path) -> str:
    """Text of an old Word file."""
    return library.extract_text(path.read_bytes()).text


def ours(_: ModuleType, path: Path) -> str:
    """What MemOS reads."""
    read = read_document(path, path.name, ParseLimits())
    return "\n".join(block.text for block in read.blocks)


READERS: dict[str, tuple[str, Callable[[ModuleType, Path], str]]] = {
    "MemOS": ("memos", ours),
    "kreuzberg": ("kreuzberg", kreuzberg),
    "office_oxide": ("office_oxide", office_oxide),
    "pdf_oxide": ("pdf_oxide", pdf_oxide),
    "pdfplumber": ("pdfplumber", pdfplumber),
    "legacy-doc": ("legacy_doc", legacy_doc),
}


def files(folder: Path) -> Iterator[tuple[str, Path]]:
    """The same document in several formats, by label."""
    for ending in ("docx", "xlsx", "pptx", "pdf"):
        path = folder / f"policy.{ending}"
        documents.PRODUCERS[ending](path)
        yield ending, path
    bare = folder / "bare.pdf"
    documents.pdf(bare, ruled=False)
    yield "pdf, table without rules", bare
    if documents.OFFICE:
        made = folder / "office"
        made.mkdir()
        for ending in ("doc", "pdf"):
            label = f"{ending} of LibreOffice"
            yield label, documents.convert(folder / "policy.docx", ending, made)


def scores(text: str) -> tuple[float, float]:
    """Shares of the sentences, and of the table's rows, that are there whole."""
    flat = re.sub(r"\s+", "", text)
    words = sum(re.sub(r"\s+", "", each) in flat for each in documents.WORDS)
    lines = [line.strip() for line in text.splitlines() if "|" in line]
    rows = {
        tuple(cell.strip() for cell in line.removeprefix("|").removesuffix("|").split("|"))
        for line in lines
    }
    found = sum(tuple(row) in rows for row in documents.ROWS)
    return words / len(documents.WORDS), found / len(documents.ROWS)


def main() -> int:
    """Print a row a file and reader: share of sentences, share of table rows."""
    with tempfile.TemporaryDirectory() as folder:
        for label, path in files(Path(folder)):
            for name, (module, read) in READERS.items():
                try:
                    library = importlib.import_module(module)
                    words, rows = scores(read(library, path))
                except Exception as error:  # noqa: BLE001 - not installed, or not for this format
                    print(f"{label:26} {name:14} {type(error).__name__}")
                    continue
                print(f"{label:26} {name:14} {words:.2f} {rows:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
