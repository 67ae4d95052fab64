"""Pictures of the site as phones and desktops show it, light and dark: `make screenshots`.

Beside the pictures of each language stand the contact sheets: all languages of one page in one picture.

`make screenshots ARGS=--readme` makes the picture of the README, `docs/img/privacy-page.webp`.
"""

from __future__ import annotations

import base64
import html
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import click
from playwright.sync_api import Browser

from tests.helpers import cdn
from tests.helpers.chromium import Visitors, launch
from tests.helpers.machine import ROOT
from tests.helpers.site import build_site, site_languages

SIZES = {"phone": (390, 844), "desktop": (1280, 800)}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

#: Of a contact sheet, by size: columns; pixels of a picture's width; pixels of its top that are shown.
SHEETS = {"phone": (7, 300, 649), "desktop": (4, 560, 350)}

_SHEET = """<!doctype html><title>{title}</title><style>
body {{ display: grid; grid-template-columns: repeat({columns}, {width}px); inline-size: max-content;
    gap: 12px; margin: 12px; background: #888; font: 15px sans-serif }}
figure {{ margin: 0 }}
img {{ display: block; inline-size: 100%; block-size: {height}px; object-fit: cover; object-position: top }}
</style>{figures}"""

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
@click.option("--languages", default="", help="Tags with commas between them; without it, every language.")
@click.option("--pages", default="", help="Names of pages, such as home,privacy; without it, every page.")
@click.option("--output", type=click.Path(path_type=Path), default=ROOT / "screenshots", help="Where to.")
@click.option("--full/--window", default=True, help="The whole page, or what the window shows at first.")
@click.option("--readme", is_flag=True, help="Only the picture of the README.")
def main(languages: str, pages: str, output: Path, full: bool, readme: bool) -> None:
    """Builds the site and writes OUTPUT/<language>/<page>-<phone|desktop>-<light|dark>.png, and the contact
    sheets OUTPUT/sheets/<page>-<phone|desktop>-<light|dark>.png."""
    with tempfile.TemporaryDirectory() as scratch:
        site = build_site(Path(scratch) / "site")
        with cdn.serve(site) as origin, launch() as browser:
            visitors = Visitors(browser, origin)
            if readme:
                README_PICTURE.write_bytes(_beside(visitors, "/en/privacy/"))
                click.echo(f"{README_PICTURE.relative_to(ROOT)} written")
                return
            tags = languages.split(",") if languages else site_languages()
            wanted = pages.split(",") if pages else []
            for tag in tags:
                for file in sorted((site / tag).rglob("*.html")):
                    if not wanted or _name(site, file) in wanted:
                        _take(visitors, site, file, output / tag, full)
            _sheets(browser, tags, output)
    click.echo(f"Pictures are in {output}, all languages of a page beside each other in {output / 'sheets'}")


def _sheets(browser: Browser, tags: Sequence[str], output: Path) -> None:
    """Writes a contact sheet for each picture that a language has."""
    folder = output / "sheets"
    folder.mkdir(exist_ok=True)
    for name in sorted({path.name for tag in tags for path in (output / tag).glob("*.png")}):
        columns, width, height = SHEETS["phone" if "-phone-" in name else "desktop"]
        figures = "".join(
            f'<figure><img src="../{html.escape(tag)}/{name}" alt=""><figcaption>{tag}</figcaption></figure>'
            for tag in tags
            if (output / tag / name).exists()
        )
        sheet = folder / name.replace(".png", ".html")
        sheet.write_text(
            _SHEET.format(title=name, columns=columns, width=width, height=height, figures=figures), "utf-8"
        )
        page = browser.new_page(viewport={"width": columns * (width + 12) + 12, "height": height})
        page.goto(sheet.absolute().as_uri())
        page.screenshot(path=folder / name, full_page=True)
        page.close()
        sheet.unlink()


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
    name = _name(site, file)
    folder.mkdir(parents=True, exist_ok=True)
    for size, (width, height) in SIZES.items():
        for scheme in SCHEMES:
            visit = visitors(path, width=width, height=height, color_scheme=scheme, touch=size == "phone")
            visit.page.screenshot(path=folder / f"{name}-{size}-{scheme}.png", full_page=full)
            visitors.close()


def _name(site: Path, file: Path) -> str:
    """What a page is called in file names: `home`, `privacy`, `privacy-2025-10`, `404`."""
    parts = file.relative_to(site).with_suffix("").parts[1:]
    return "-".join(part for part in parts if part != "index") or "home"


if __name__ == "__main__":
    main()
