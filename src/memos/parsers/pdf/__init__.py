"""PDF: characters by PDFium, layout (paragraphs, headings, tables) by ourselves."""

from memos.parsers.pdf.reader import read_pdf

__all__ = ["read_pdf"]
