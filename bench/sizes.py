"""Bytes of all script and style that each kind of page loads, beside two consent libraries (npm).

The peers are counted with the files their documentation asks for, and without the style of a site, which
ours includes.
"""

from __future__ import annotations

import gzip
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import brotli

from bench.table import table

ROOT = Path(__file__).parent.parent
NODE = ROOT / "node_modules"

#: kind of page -> its path in the English site.
KINDS = {
    "home (chat)": "en/index.html",
    "live": "en/live/index.html",
    "policy": "en/privacy/index.html",
    "cookies": "en/cookies/index.html",
    "form": "en/contact/index.html",
    "not found": "en/404.html",
    "app copy": "app/en/privacy/index.html",
    "analytics frame": "analytics/index.html",
    "chooser": "index.html",
}

#: npm package -> the files a site loads for its banner and settings.
PEERS = {
    "vanilla-cookieconsent": ("dist/cookieconsent.umd.js", "dist/cookieconsent.css"),
    "klaro": ("dist/klaro.js",),
    "klaro, style apart": ("dist/klaro-no-css.js", "dist/klaro.min.css"),
}

_LOADED = re.compile(r'<(?:script|link rel="stylesheet")[^>]*?(?:src|href)="(/[^"]+\.(?:js|css))"')


def row(name: str, files: Sequence[Path]) -> list[str]:
    """name, then raw, gzip and brotli bytes of the scripts, of the styles, and of both."""
    cells = [name]
    chosen = [[file.read_bytes() for file in files if file.suffix == suffix] for suffix in (".js", ".css")]
    for data in (*chosen, [*chosen[0], *chosen[1]]):
        sizes = [
            sum(map(len, data)),
            sum(len(gzip.compress(part, 9, mtime=0)) for part in data),
            sum(len(brotli.compress(part, quality=11)) for part in data),
        ]
        cells.append(" / ".join(f"{size:,}" for size in sizes))
    return cells


def main() -> None:
    """Builds the shipped site into a temporary folder and prints the table."""
    from policysite.cli import cli

    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        cli.main(["build", "--project", str(ROOT), "--output", str(site)], standalone_mode=False)
        rows = []
        for kind, path in KINDS.items():
            loaded = dict.fromkeys(_LOADED.findall((site / path).read_text(encoding="utf-8")))
            rows.append(row(kind, [site / name.lstrip("/") for name in loaded]))
    for name, files in PEERS.items():
        package = NODE / name.split(",")[0]
        rows.append(row(f"npm {name}", [package / file for file in files]))
    print(table(["bytes: raw / gzip 9 / brotli 11", "script", "style", "both"], rows))
