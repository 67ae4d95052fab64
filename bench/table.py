"""Figures as a Markdown table."""

from __future__ import annotations

from collections.abc import Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with aligned columns; the first column is text, the others are figures."""
    widths = [max(len(line[index]) for line in (head, *rows)) for index in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell.rjust(width) if index else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    rule = [("-" * width) if not index else ("-" * (width - 1) + ":") for index, width in enumerate(widths)]
    return "\n".join([line(head), line(rule), *map(line, rows)])
