"""Pictures of the site as phones and desktops show it, light and dark: `make screenshots`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from tests.helpers import cdn
from tests.helpers.chromium import Visitors, launch
from tests.helpers.machine import ROOT
from tests.helpers.site import build_site

SIZES = {"phone": (390, 844), "desktop": (1280, 800)}


@click.command()
@click.option("--languages", default="en,bn,ar", show_default=True, help="Folders of the site to visit.")
@click.option("--output", type=click.Path(path_type=Path), default=ROOT / "screenshots", help="Where to.")
@click.option("--full/--window", default=True, help="The whole page, or what the window shows at first.")
def main(languages: str, output: Path, full: bool) -> None:
    """Builds the site and writes OUTPUT/<language>/<page>-<phone|desktop>-<light|dark>.png."""
    with tempfile.TemporaryDirectory() as scratch:
        site = build_site(Path(scratch) / "site")
        with cdn.serve(site) as origin, launch() as browser:
            visitors = Visitors(browser, origin)
            for language in languages.split(","):
                for file in sorted((site / language).rglob("*.html")):
                    _take(visitors, site, file, output / language, full)
    click.echo(f"Pictures are in {output}")


def _take(visitors: Visitors, site: Path, file: Path, folder: Path, full: bool) -> None:
    path = "/" + file.relative_to(site).as_posix().removesuffix("index.html")
    name = "-".join(path.removesuffix(".html").strip("/").split("/")[1:]) or "home"
    folder.mkdir(parents=True, exist_ok=True)
    for size, (width, height) in SIZES.items():
        for scheme in ("light", "dark"):
            visit = visitors(path, width=width, height=height, color_scheme=scheme, touch=size == "phone")
            visit.page.screenshot(path=folder / f"{name}-{size}-{scheme}.png", full_page=full)
            visitors.close()


if __name__ == "__main__":
    main()
