"""Pictures of the site as phones and desktops show it, light and dark: `make screenshots`.

`make screenshots ARGS=--readme` makes the picture of the README, `docs/img/privacy-page.webp`.
"""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path

import click

from tests.helpers import cdn
from tests.helpers.chromium import Visitors, launch
from tests.helpers.machine import ROOT
from tests.helpers.site import build_site

SIZES = {"phone": (390, 844), "desktop": (1280, 800)}


README_PICTURE = ROOT / "docs" / "img" / "privacy-page.webp"

#: Desktop and phone beside each other, as WebP. Chromium writes WebP from a canvas only.
_BESIDE = """async ([desktop, phone]) => {
    const load = (data) => createImageBitmap(new Blob([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))]));
    const [left, right] = [await load(desktop), await load(phone)];
    const gap = 40, height = Math.max(left.height, right.height);
    const canvas = new OffscreenCanvas(left.width + gap + right.width, height);
    const context = canvas.getContext("2d");
    const frame = (image, x) => {
        context.drawImage(image, x, 0);
        context.strokeStyle = "#9aa6b6";
        context.strokeRect(x + .5, .5, image.width - 1, image.height - 1);
    };
    frame(left, 0);
    frame(right, left.width + gap);
    const blob = await canvas.convertToBlob({ type: "image/webp", quality: .8 });
    const bytes = new Uint8Array(await blob.arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}"""


@click.command()
@click.option("--languages", default="en,bn,ar", show_default=True, help="Folders of the site to visit.")
@click.option("--output", type=click.Path(path_type=Path), default=ROOT / "screenshots", help="Where to.")
@click.option("--full/--window", default=True, help="The whole page, or what the window shows at first.")
@click.option("--readme", is_flag=True, help="Only the picture of the README.")
def main(languages: str, output: Path, full: bool, readme: bool) -> None:
    """Builds the site and writes OUTPUT/<language>/<page>-<phone|desktop>-<light|dark>.png."""
    with tempfile.TemporaryDirectory() as scratch:
        site = build_site(Path(scratch) / "site")
        with cdn.serve(site) as origin, launch() as browser:
            visitors = Visitors(browser, origin)
            if readme:
                README_PICTURE.write_bytes(_beside(visitors, "/en/privacy/"))
                click.echo(f"{README_PICTURE.relative_to(ROOT)} written")
                return
            for language in languages.split(","):
                for file in sorted((site / language).rglob("*.html")):
                    _take(visitors, site, file, output / language, full)
    click.echo(f"Pictures are in {output}")


def _beside(visitors: Visitors, path: str) -> bytes:
    """WebP of a page's first window on a desktop and on a phone, of one height."""
    taken: list[str] = []
    for width, touch in ((1100, False), (390, True)):
        visit = visitors(path, width=width, height=844, color_scheme="light", touch=touch)
        taken.append(base64.b64encode(visit.page.screenshot(scale="css")).decode())
        visitors.close()
    visit = visitors("/en/", width=100, height=100)
    return base64.b64decode(visit.context.new_page().evaluate(_BESIDE, taken))


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
