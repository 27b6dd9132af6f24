"""Makes the same document in every format that is read, with the usual libraries as producers."""

import csv
import io
import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

TITLE = "Travel policy"
PARAGRAPHS = {
    "Hotels": [
        "Hotels in Berlin are limited to 140 euros a night, breakfast included.",
        "Whoever stays longer than two weeks rents a flat; the office helps to find one.",
    ],
    "差旅制度": ["办公软件的采购限额为八百元。超出部分需要经理批准。", "出差须提前三天申请。"],
}
ITEMS = ["Book early", "Keep every receipt", "提前告知经理"]
ROWS = [
    ["City", "Limit", "Remark"],
    ["Berlin", "140", "breakfast"],
    ["上海", "900", "含早餐"],
    ["Paris", "180", ""],
    ["Rome", "150", "city tax extra"],
]
WORDS = [text for texts in PARAGRAPHS.values() for text in texts] + ITEMS + list(PARAGRAPHS)


def docx(path: Path) -> None:
    import docx

    document = docx.Document()
    document.core_properties.title = TITLE
    document.add_heading(TITLE, 0)
    for heading, texts in PARAGRAPHS.items():
        document.add_heading(heading, 1)
        for text in texts:
            document.add_paragraph(text)
    document.add_heading("Limits", 2)
    for item in ITEMS:
        document.add_paragraph(item, style="List Bullet")
    table = document.add_table(rows=0, cols=3)
    for row in ROWS:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    document.sections[0].header.paragraphs[0].text = "running head"
    document.save(str(path))


def xlsx(path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Limits"
    for row in ROWS:
        sheet.append(row)
    text = book.create_sheet("制度")
    for heading, texts in PARAGRAPHS.items():
        for each in (heading, *texts):
            text.append([each])
    for item in ITEMS:
        text.append([item])
    book.save(path)


def pptx(path: Path) -> None:
    from pptx import Presentation
    from pptx.util import Inches

    deck = Presentation()
    for heading, texts in (*PARAGRAPHS.items(), ("Rules", ITEMS)):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = heading
        slide.placeholders[1].text = "\n".join(texts)
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Limits"
    table = slide.shapes.add_table(len(ROWS), 3, Inches(1), Inches(2), Inches(6), Inches(2)).table
    for y, row in enumerate(ROWS):
        for x, cell in enumerate(row):
            table.cell(y, x).text = cell
    deck.save(str(path))


def pdf(path: Path, *, ruled: bool = True, pages: int = 1) -> None:
    from reportlab.lib import colors
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import (
        ListFlowable,
        ListItem,
        PageBreak,
        Paragraph,
        SimpleDocTemplate,
        Table,
        TableStyle,
    )

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    styles = getSampleStyleSheet()

    def text(words: str, style: str) -> Paragraph:
        chosen = styles[style]
        if not words.isascii():
            chosen = chosen.clone("zh", fontName="STSong-Light", wordWrap="CJK")
        return Paragraph(words, chosen)

    drawn = [("FONTNAME", (0, 0), (-1, -1), "STSong-Light")]
    if ruled:
        drawn.append(("GRID", (0, 0), (-1, -1), 0.5, colors.black))
    story = []
    for number in range(pages):
        story.append(text(TITLE if number == 0 else f"Part {number + 1}", "Title"))
        for heading, texts in PARAGRAPHS.items():
            story.append(text(heading, "Heading1"))
            story.extend(text(each, "Normal") for each in texts)
        story.append(text("Limits", "Heading2"))
        items = [ListItem(text(item, "Normal")) for item in ITEMS]
        story.append(ListFlowable(items, bulletType="bullet"))
        story.append(Table(ROWS, style=TableStyle(drawn)))
        story.append(PageBreak())

    def margins(canvas, document) -> None:
        canvas.drawString(60, 20, f"Company paper, page {document.page}")

    template = SimpleDocTemplate(str(path), pagesize=A4, title=TITLE)
    template.build(story, onFirstPage=margins, onLaterPages=margins)


def markdown(path: Path) -> None:
    path.write_text(_markdown(), encoding="utf-8")


def text(path: Path, encoding: str = "utf-8") -> None:
    parts = [TITLE]
    for heading, texts in PARAGRAPHS.items():
        parts += [heading, *texts]
    parts.append("\n".join(f"- {item}" for item in ITEMS))
    parts.append("\n".join("\t".join(row) for row in ROWS))
    path.write_bytes("\n\n".join(parts).encode(encoding))


def html(path: Path) -> None:
    body = [f"<h1>{TITLE}</h1>"]
    for heading, texts in PARAGRAPHS.items():
        body.append(f"<h2>{heading}</h2>" + "".join(f"<p>{each}</p>" for each in texts))
    body.append("<ul>" + "".join(f"<li>{item}</li>" for item in ITEMS) + "</ul>")
    rows = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in ROWS)
    page = (
        f"<!doctype html><html><head><title>{TITLE}</title><meta charset=utf-8>"
        "<style>p { color: red }</style></head><body><nav>menu <a href=/>home</a></nav>"
        f"<main><div>{''.join(body)}<table>{rows}</table></div></main>"
        "<script>alert('no')</script><p hidden>unseen</p></body></html>"
    )
    path.write_text(page, encoding="utf-8")


def json_file(path: Path) -> None:
    rows = [dict(zip(ROWS[0], row, strict=True)) for row in ROWS[1:]]
    value = {"title": TITLE, "policy": PARAGRAPHS, "items": ITEMS, "limits": rows}
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def xml(path: Path, encoding: str = "utf-8") -> None:
    sections = "".join(
        f"<section name='{heading}'>" + "".join(f"<text>{t}</text>" for t in texts) + "</section>"
        for heading, texts in PARAGRAPHS.items()
    )
    items = "".join(f"<item>{item}</item>" for item in ITEMS)
    rows = "".join("<row>" + "".join(f"<c>{c}</c>" for c in row) + "</row>" for row in ROWS)
    body = f"<policy><title>{TITLE}</title>{sections}<items>{items}</items>{rows}</policy>"
    path.write_bytes(f'<?xml version="1.0" encoding="{encoding}"?>{body}'.encode(encoding))


def csv_file(path: Path, delimiter: str = ",", encoding: str = "utf-8") -> None:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows(ROWS)
    path.write_bytes(buffer.getvalue().encode(encoding))


PRODUCERS: dict[str, Callable[[Path], None]] = {
    "docx": docx,
    "xlsx": xlsx,
    "pptx": pptx,
    "pdf": pdf,
    "md": markdown,
    "txt": text,
    "html": html,
    "json": json_file,
    "xml": xml,
    "csv": csv_file,
}
OFFICE = shutil.which("soffice")
"""LibreOffice, where it is installed."""


def convert(source: Path, ending: str, folder: Path) -> Path:
    """A file saved in another format by LibreOffice."""
    command = [
        str(OFFICE), "--headless", f"-env:UserInstallation=file://{folder}/profile",
        "--convert-to", ending, "--outdir", str(folder), str(source),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder / f"{source.stem}.{ending.split(':')[0]}"


def _markdown() -> str:
    lines = [f"# {TITLE}"]
    for heading, texts in PARAGRAPHS.items():
        lines += [f"## {heading}", *texts]
    lines.append("### Limits")
    lines.append("\n".join(f"- {item}" for item in ITEMS))
    lines.append("\n".join(["|" + "|".join(ROWS[0]) + "|", "|---|---|---|", *_bars(ROWS[1:])]))
    lines.append("```python\nprint('tea')\n```")
    return "\n\n".join(lines)


def _bars(rows: Sequence[Sequence[str]]) -> list[str]:
    return ["|" + "|".join(row) + "|" for row in rows]
