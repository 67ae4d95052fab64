"""The scale curve as an SVG: seconds, peak memory and cost of a page, by number of pages; light and dark."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

_WIDTH, _HEIGHT, _GAP = 260, 200, 70
_TOP, _LEFT = 40, 56

_STYLE = """\
svg { font: 12px system-ui, sans-serif; color-scheme: light dark; }
text { fill: #24292f; }
.grid { stroke: #d0d7de; stroke-width: 1; }
.ours { stroke: #0b6bcb; fill: none; stroke-width: 2; }
.peer { stroke: #8a6d00; fill: none; stroke-width: 1.5; stroke-dasharray: 5 3; }
.ours-dot, .ours-text { fill: #0b6bcb; }
.peer-dot, .peer-text { fill: #8a6d00; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .grid { stroke: #30363d; }
  .ours { stroke: #6cb6ff; }
  .peer { stroke: #e3b341; }
  .ours-dot, .ours-text { fill: #6cb6ff; }
  .peer-dot, .peer-text { fill: #e3b341; }
}"""

_Row = Mapping[str, Any]

#: Title and value of each panel. All axes are logarithmic, so that a steady cost is a straight line.
PANELS: tuple[tuple[str, Callable[[_Row], float]], ...] = (
    ("seconds (wall)", lambda row: row["wall"]),
    ("peak memory, MB", lambda row: row["peak"] / 1e6),
    ("ms CPU a page", lambda row: row["cpu"] * 1000 / row["pages"]),
)


def plot(rows: Sequence[_Row]) -> str:
    """The picture. rows: figures of one or more tools (`tool`, `pages`, `wall`, `cpu`, `peak`), the first
    tool's drawn strongest. At least one row."""
    tools = list(dict.fromkeys(row["tool"] for row in rows))
    width = _LEFT + len(PANELS) * (_WIDTH + _GAP)
    height = _TOP + _HEIGHT + 50
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}">',
        f"<title>{escape(', '.join(tools))}: seconds, peak memory and cost of a page</title>",
        f"<style>{_STYLE}</style>",
    ]
    for index, (title, value) in enumerate(PANELS):
        parts += _panel(rows, tools, title, value, _LEFT + index * (_WIDTH + _GAP))
    for index, tool in enumerate(tools):
        kind = "peer" if index else "ours"
        parts.append(
            f'<text class="{kind}-text" x="{_LEFT + index * 110}" y="{height - 6}">{escape(tool)}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def _panel(
    rows: Sequence[_Row], tools: Sequence[str], title: str, value: Callable[[_Row], float], left: int
) -> Iterator[str]:
    across = _scale([row["pages"] for row in rows], left, left + _WIDTH)
    up = _scale([value(row) for row in rows], _TOP + _HEIGHT, _TOP)
    yield f'<text x="{left}" y="{_TOP - 16}">{escape(title)}</text>'
    for tick in _ticks([value(row) for row in rows]):
        at = f"{up(tick):.1f}"
        yield f'<line class="grid" x1="{left}" x2="{left + _WIDTH}" y1="{at}" y2="{at}"/>'
        yield f'<text x="{left - 6}" y="{at}" text-anchor="end" dominant-baseline="middle">{tick:g}</text>'
    for pages in sorted({row["pages"] for row in rows}):
        at = f"{across(pages):.1f}"
        yield f'<text x="{at}" y="{_TOP + _HEIGHT + 18}" text-anchor="middle">{pages:,}</text>'
    for index, tool in enumerate(tools):
        kind = "peer" if index else "ours"
        own = sorted((row for row in rows if row["tool"] == tool), key=lambda row: row["pages"])
        points = [(across(row["pages"]), up(value(row))) for row in own]
        yield f'<polyline class="{kind}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>'
        for x, y in points:
            yield f'<circle class="{kind}-dot" cx="{x:.1f}" cy="{y:.1f}" r="3"/>'


def _bounds(values: Sequence[float]) -> tuple[float, float]:
    """Powers of ten that hold all values, one apart at least."""
    low = math.floor(math.log10(min(values)))
    high = math.ceil(math.log10(max(values)))
    return 10.0**low, 10.0 ** max(high, low + 1)


def _scale(values: Sequence[float], start: float, end: float) -> Callable[[float], float]:
    low, high = _bounds(values)
    length = math.log10(high / low)
    return lambda value: start + (end - start) * math.log10(value / low) / length


def _ticks(values: Sequence[float]) -> list[float]:
    low, high = _bounds(values)
    return [low * 10**power for power in range(round(math.log10(high / low)) + 1)]
