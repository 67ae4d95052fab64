"""Precompressed files: what they hold, which files get them, and that nothing of the machine is in them."""

from __future__ import annotations

import gzip

import brotli

from policysite import pipeline
from policysite.core.model import BuildOptions, OutputFile
from policysite.render.compress import compress_file, compressed
from tests.helpers.mini import texts
from tests.helpers.projects import DATE

PAGE = OutputFile("en/index.html", b"<p>words and words and words</p>\n" * 40)


def test_both_give_the_file_back():
    small, zipped = compressed(PAGE)
    assert (small.path, zipped.path) == ("en/index.html.br", "en/index.html.gz")
    assert brotli.decompress(small.data) == gzip.decompress(zipped.data) == PAGE.data
    assert zipped.data[4:8] == b"\0\0\0\0"  # no time (RFC 1952)


def test_assets_are_made_smallest():
    words = " ".join(
        f"rule-{number} {{ color: #{number * 7919 % 4096:03x} }}" for number in range(400)
    ).encode()
    page, asset = (compressed(OutputFile(path, words))[0] for path in ("a.css", "assets/a.css"))
    assert len(asset.data) < len(page.data)


def test_only_texts_that_become_smaller_are_compressed():
    assert compressed(OutputFile("assets/img/a.png", b"\0" * 5000)) == ()
    assert compressed(OutputFile("robots.txt", b"a")) == ()
    assert [file.path for file in compressed(OutputFile("a.svg", b"<svg/>" * 50))] == ["a.svg.br", "a.svg.gz"]
    assert compress_file(None, PAGE).files == compressed(PAGE)


def test_every_text_file_of_a_site_has_both_and_the_rest_is_as_before():
    sources = {path: text.encode() for path, text in texts().items()}
    prepared, _ = pipeline.prepare(sources, BuildOptions(DATE))
    assert prepared is not None
    plain = {file.path: file.data for step in pipeline.render(prepared) for file in step.files}
    more = {
        file.path: file.data for step in pipeline.render(prepared, precompress=True) for file in step.files
    }
    assert {path: data for path, data in more.items() if not path.endswith((".br", ".gz"))} == plain
    for path, data in more.items():
        if path.endswith(".br"):
            assert brotli.decompress(data) == plain[path[:-3]]
        elif path.endswith(".gz"):
            assert gzip.decompress(data) == plain[path[:-3]]
    assert {"404.html.br", "en/404.html.gz", "sitemap.xml.br"} <= more.keys()
