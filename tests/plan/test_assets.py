from __future__ import annotations

import base64
import hashlib
import re

import pytest

from policysite.core.model import Asset, OutputFile
from policysite.plan.assets import plan_assets

DOT = OutputFile("img/dot.svg", b"<svg/>")


def planned(*files: OutputFile) -> tuple[dict[str, Asset], list[tuple[str, str]]]:
    assets, problems = plan_assets(files)
    assert [asset.name for asset in assets] == sorted(file.path for file in files)
    return {asset.name: asset for asset in assets}, [(item.code, str(item.place)) for item in problems]


def test_the_address_changes_exactly_with_the_bytes() -> None:
    one, same, other = (
        planned(OutputFile("a/b.min.png", data))[0]["a/b.min.png"] for data in (b"x", b"x", b"y")
    )
    assert one == same
    assert re.fullmatch(r"/assets/a/b\.min\.[0-9a-f]{10}\.png", one.url)
    assert one.url != other.url


def test_integrity_is_that_of_the_published_bytes() -> None:
    assets, _ = planned(OutputFile("a.js", b"// note\nvar  a = 1;\n"))
    asset = assets["a.js"]
    assert b"note" not in asset.data
    wanted = base64.b64encode(hashlib.sha384(asset.data).digest()).decode()
    assert asset.integrity == f"sha384-{wanted}"
    assert asset.url.split(".")[1] == hashlib.sha256(asset.data).hexdigest()[:10]


@pytest.mark.parametrize(
    "written", ["url(../img/dot.svg)", 'url( "../img/dot.svg" )', "url('../img/./dot.svg')"]
)
def test_style_sheets_lead_to_fingerprinted_files(written: str) -> None:
    assets, problems = planned(OutputFile("css/a.css", f"a {{ background: {written} }}".encode()), DOT)
    assert problems == []
    assert f"url({assets['img/dot.svg'].url})".encode() in assets["css/a.css"].data


def test_a_picture_that_changes_changes_the_style_sheet_too() -> None:
    sheet = OutputFile("a.css", b"a{background:url(img/dot.svg)}")
    before, _ = planned(sheet, DOT)
    after, _ = planned(sheet, OutputFile(DOT.path, b"<svg></svg>"))
    assert before["a.css"].url != after["a.css"].url


@pytest.mark.parametrize("address", ["data:image/png;base64,AAAA", "#filter"])
def test_other_addresses_stay(address: str) -> None:
    assets, problems = planned(OutputFile("a.css", f"a{{background:url({address})}}".encode()))
    assert problems == []
    assert address.encode() in assets["a.css"].data


def test_a_file_that_is_missing_is_a_problem_with_a_place() -> None:
    _, problems = planned(OutputFile("css/a.css", b"a{}\nb{background:url(../img/dto.svg)}"), DOT)
    assert problems == [("L004", "assets/css/a.css:2:14")]


def test_a_path_out_of_the_folder_leads_nowhere() -> None:
    _, problems = planned(OutputFile("a.css", b"a{background:url(../config.yaml)}"))
    assert problems == [("L004", "assets/a.css:1:14")]


@pytest.mark.parametrize(
    "written",
    [
        "a { background: url(https://cdn.test/x.png) }",
        "a { background: url('//cdn.test/x.png') }",
        "a { background: URL( HTTPS://cdn.test/x.png ) }",
        'a { background: image-set("https://cdn.test/x.png" 1x) }',
        '@import "https://cdn.test/x.css";',
        "@import url(https://cdn.test/x.css);",
        '@import "other.css";',
    ],
)
def test_a_style_sheet_loads_from_this_site_only(written: str) -> None:
    _, problems = planned(OutputFile("css/a.css", f"/* https://fine.test */\n{written}".encode()), DOT)
    assert {(code, place.rpartition(":")[0]) for code, place in problems} >= {("P005", "assets/css/a.css:2")}


def test_a_foreign_address_in_a_comment_or_a_text_loads_nothing() -> None:
    text = b"/* url(https://cdn.test/x) */ a[href^='https://cdn.test']::after { content: 'https://cdn.test' }"
    _, problems = planned(OutputFile("a.css", text))
    assert problems == []
