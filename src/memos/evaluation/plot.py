"""Line charts as SVG text. Nothing but strings: no drawing library is needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from memos.evaluation.retrieval import ALL, RetrievalReport

_WIDTH, _HEIGHT = 460, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 16, 34, 134
_LEGEND_COLUMNS, _LEGEND_ROW = 2, 15
_COLOURS = (
    "#1b1b1b", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9",
    "#e69f00", "#7f6000", "#6a3d9a", "#8c8c8c", "#f0e442",
)  # fmt: skip
"""Okabe and Ito's palette, told apart by people who see fewer colours, and a few more; black is
for the whole."""


@dataclass(frozen=True, slots=True)
class Series:
    """A named line; points are (place on the axis from 0 to 1, value from 0 to 1)."""

    name: str
    points: tuple[tuple[float, float], ...]
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines over an axis with the given ticks (place from 0 to 1, label); values run from 0 to 1."""

    title: str
    axis: str
    ticks: tuple[tuple[float, str], ...]
    series: tuple[Series, ...]


def retrieval_svg(report: RetrievalReport) -> str:
    """Recall by number of results for each category, and the calibration curve, side by side."""
    return _page([_recall(report), _calibration(report)])


def _recall(report: RetrievalReport) -> Chart:
    ks = report.options.k
    places = [i / max(len(ks) - 1, 1) for i in range(len(ks))]
    series = tuple(
        Series(
            category,
            tuple((x, row[f"recall@{k}"].mean) for x, k in zip(places, ks, strict=True)),
            dashed=category == ALL,
        )
        for category, row in report.scores.items()
        if row
    )
    ticks = tuple((x, str(k)) for x, k in zip(places, ks, strict=True))
    return Chart("Evidence recall", "results looked at", ticks, series)


def _calibration(report: RetrievalReport) -> Chart:
    bins = report.answerability.calibration
    measured = Series("cited evidence", tuple((b.said, b.cited) for b in bins))
    ideal = Series("ideal", ((0.0, 0.0), (1.0, 1.0)), dashed=True)
    ticks = tuple((i / 5, f"{i / 5:.1f}") for i in range(6))
    return Chart("Calibration", "relevance said", ticks, (ideal, measured))


def _page(charts: Sequence[Chart]) -> str:
    width = _WIDTH * len(charts)
    body = "".join(
        f'<g transform="translate({_WIDTH * i} 0)">{_draw(chart)}</g>'
        for i, chart in enumerate(charts)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{_HEIGHT}" '
        f'viewBox="0 0 {width} {_HEIGHT}" font-family="sans-serif" font-size="11">'
        f'<rect width="100%" height="100%" fill="#fff"/>{body}</svg>\n'
    )


def _draw(chart: Chart) -> str:
    parts = [_text(_LEFT, 20, chart.title, weight="bold")]
    for tenth in range(0, 11, 2):
        y = _y(tenth / 10)
        parts.append(
            f'<line x1="{_LEFT}" y1="{y}" x2="{_WIDTH - _RIGHT}" y2="{y}" stroke="#ddd"/>'
            + _text(_LEFT - 6, y + 4, f"{tenth / 10:.1f}", anchor="end")
        )
    for place, label in chart.ticks:
        parts.append(_text(_x(place), _HEIGHT - _BOTTOM + 16, label, anchor="middle"))
    parts.append(_text(_x(0.5), _HEIGHT - _BOTTOM + 32, chart.axis, anchor="middle"))
    for number, series in enumerate(chart.series):
        parts.append(_line(series, _COLOURS[number % len(_COLOURS)]))
        parts.append(_legend(number, series))
    return "".join(parts)


def _line(series: Series, colour: str) -> str:
    points = [(_x(x), _y(y)) for x, y in series.points if y == y]  # noqa: PLR0124 - not a number
    path = " ".join(f"{x},{y}" for x, y in points)
    dash = ' stroke-dasharray="5 3"' if series.dashed else ""
    dots = "".join(f'<circle cx="{x}" cy="{y}" r="2.5" fill="{colour}"/>' for x, y in points)
    return (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.8"{dash}/>{dots}'
    )


def _legend(number: int, series: Series) -> str:
    row, column = divmod(number, _LEGEND_COLUMNS)
    x = _LEFT + column * (_WIDTH - _LEFT - _RIGHT) / _LEGEND_COLUMNS
    y = _HEIGHT - _BOTTOM + 52 + row * _LEGEND_ROW
    colour = _COLOURS[number % len(_COLOURS)]
    mark = f'<rect x="{x:.1f}" y="{y - 8}" width="8" height="8" fill="{colour}"/>'
    return mark + _text(x + 11, y, series.name)


def _text(x: float, y: float, text: str, *, anchor: str = "start", weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}">'
        f"{escape(text)}</text>"
    )


def _x(place: float) -> float:
    return round(_LEFT + place * (_WIDTH - _LEFT - _RIGHT), 1)


def _y(value: float) -> float:
    return round(_TOP + (1 - value) * (_HEIGHT - _TOP - _BOTTOM), 1)
