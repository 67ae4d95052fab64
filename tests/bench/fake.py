"""A peer that copies Markdown into the barest pages, for tests of the benchmark: fake.py SOURCE OUTPUT."""

from __future__ import annotations

import html
import json
import re
import sys
from pathlib import Path


def main(source: Path, output: Path) -> None:
    """One page for each JSON file of `source`."""
    (source / "cache").write_text("warm", encoding="utf-8")
    for file in sorted(source.glob("*/*.json")):
        page = json.loads(file.read_text(encoding="utf-8"))
        links = "".join(f'<link rel="alternate" hreflang="{tag}" href="/{tag}/">' for tag in page["tags"])
        body = re.sub(r"[*`]|\]\([^)]*\)|\[|\{#\w+\}", "", page["body"])
        marks = "<table><tr><td><strong></strong><code></code></table><ol></ol><ul></ul><h2></h2><h3></h3>"
        path = output / page["tag"] / file.stem / "index.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = f"{links}{marks}<h1>{html.escape(page['title'])}</h1>{html.escape(body)}"
        path.write_text(f'<!doctype html><html lang="{page["tag"]}">{text}</html>', encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
