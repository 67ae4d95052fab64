"""What a page may load, and the headers that say so."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policysite.core.model import Isolation, Service
from policysite.load.config import load_config
from policysite.render.headers import (
    loads,
    origin_problems,
    page_headers,
    quick_loads,
    reading,
    slow_loads,
    with_meta_policy,
)
from tests.helpers.machine import ROOT
from tests.helpers.mini import CONFIG

EMBED = """\
  chat:
    kind: embed
    name: Chat
    category: embed
    provider: Chat
    purpose: Chats.
    embed_url: https://chat.test/frame?x=1
    features: [camera, fullscreen]
"""
CONFIGURED, PROBLEMS = load_config("config.yaml", CONFIG.replace("navigation:", EMBED + "navigation:"))


def chat() -> Service:
    assert PROBLEMS == ()
    assert CONFIGURED is not None
    return CONFIGURED.services[-1]


def analytics() -> Service:
    assert CONFIGURED is not None
    [service] = [service for service in CONFIGURED.services if service.kind == "google-analytics"]
    return service


def header(
    html: str,
    name: str,
    *,
    analytics: Service | None = None,
    isolation: Isolation = "frame",
    embed: Service | None = None,
) -> str:
    return dict(page_headers(loads(html), analytics, isolation, embed))[name]


def directives(
    html: str,
    *,
    analytics: Service | None = None,
    isolation: Isolation = "frame",
    embed: Service | None = None,
) -> dict[str, str]:
    policy = header(html, "Content-Security-Policy", analytics=analytics, isolation=isolation, embed=embed)
    return {name: value for name, _, value in (part.partition(" ") for part in policy.split("; "))}


def faults(html: str, embed: Service | None = None) -> list[str]:
    assert CONFIGURED is not None
    found = origin_problems(loads(html), "home", "home.html", CONFIGURED, "https://acme.test", embed)
    return [item.message.split(" ")[3] for item in found]


def test_a_page_that_loads_nothing_may_only_ask_its_own_host() -> None:
    assert directives("<p>Hello</p>") == {
        "default-src": "'none'",
        "script-src": "'none'",
        "frame-src": "'none'",
        "form-action": "'none'",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
    }


def test_analytics_in_a_frame_leaves_the_page_without_foreign_origins() -> None:
    found = directives("<p>Hello</p>", analytics=analytics())
    assert found["frame-src"] == "'self'"
    assert not any("google" in value for value in found.values())


def test_analytics_in_the_page_is_allowed_what_it_declares_and_no_more() -> None:
    found = directives("<p>Hello</p>", analytics=analytics(), isolation="page")
    assert found["script-src"] == "https://www.googletagmanager.com"
    assert found["connect-src"] == "'self' https://www.google-analytics.com"
    assert found["frame-src"] == "'none'"
    assert "require-trusted-types-for" not in found  # Google's script is not written for them


def test_scripts_are_allowed_by_hash_and_only_those() -> None:
    html = (
        '<script src="/a.js" integrity="sha384-A"></script><script src="/b.js" integrity="sha384-B"></script>'
    )
    assert directives(html)["script-src"] == "'sha384-A' 'sha384-B'"
    assert directives('<script src="/a.js"></script>')["script-src"] == "'none'"


def test_styles_and_pictures_of_the_site_are_allowed() -> None:
    found = directives('<link rel="stylesheet" href="/a.css"><img src="/a.svg" alt="">')
    assert (found["style-src"], found["img-src"]) == ("'self'", "'self'")


def test_the_frame_of_the_page_is_allowed_also_inside_a_template() -> None:
    html = '<template><iframe src="https://chat.test/frame?x=1"></iframe></template>'
    assert directives(html, embed=chat())["frame-src"] == "https://chat.test"
    assert directives(html, analytics=analytics())["frame-src"] == "'self' https://chat.test"


def test_camera_is_delegated_to_the_frame_and_denied_elsewhere() -> None:
    assert 'camera=(self "https://chat.test")' in header("", "Permissions-Policy", embed=chat())
    assert 'fullscreen=(self "https://chat.test")' in header("", "Permissions-Policy", embed=chat())
    assert "camera=()" in header("", "Permissions-Policy")
    assert "microphone=()" in header("", "Permissions-Policy", embed=chat())


def test_a_form_may_only_go_where_it_goes() -> None:
    assert directives('<form action="https://forms.test/x"></form>')["form-action"] == "https://forms.test"
    assert directives('<form action=""></form>')["form-action"] == "'self'"


@pytest.mark.parametrize(
    ("html", "address"),
    [
        ('<img src="https://evil.test/p.gif">', "https://evil.test/p.gif"),
        ('<img srcset="/a.png 1x, https://evil.test/b.png 2x">', "https://evil.test/b.png"),
        ('<script src="//evil.test/x.js"></script>', "//evil.test/x.js"),
        ('<link rel="preconnect" href="https://evil.test">', "https://evil.test"),
        ('<link rel="stylesheet" href="https://evil.test/a.css">', "https://evil.test/a.css"),
        ('<template><img src="https://evil.test/t.gif"></template>', "https://evil.test/t.gif"),
        ('<form action="https://evil.test/"></form>', "https://evil.test/"),
        ('<video poster="https://evil.test/v.jpg"></video>', "https://evil.test/v.jpg"),
        ('<a href="/" ping="https://evil.test/p">x</a>', "https://evil.test/p"),
        ('<object data="data:text/html,x"></object>', "data:text/html,x"),
        ('<meta http-equiv="refresh" content="0; url=https://evil.test/">', "https://evil.test/"),
        ('<iframe src="https://chat.test/frame"></iframe>', "https://chat.test/frame"),
    ],
)
def test_an_undeclared_origin_is_a_problem(html: str, address: str) -> None:
    assert faults(html) == [address]


def test_links_and_declared_frames_are_no_problem() -> None:
    assert (
        faults('<a href="https://elsewhere.test/">x</a><img src="/a.png"><img src="https://acme.test/b.png">')
        == []
    )
    assert faults('<iframe src="https://chat.test/frame"></iframe>', chat()) == []
    assert faults('<form action="mailto:a@b.test"></form>') == []


def test_everything_that_loads_is_seen_once() -> None:
    found = loads('<img src="/a.png"><img src="/a.png"><link rel="canonical" href="https://x.test/">')
    assert found.of("img") == ("/a.png",)
    assert {kind for kind, _, _ in found.items} == {"img"}


POLICY = (("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),)
PAGE = '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>x</title></head>'


@pytest.mark.parametrize(
    ("hosts", "expected"), [((), True), (("s3",), True), (("netlify", "s3"), True), (("netlify",), False)]
)
def test_a_page_brings_its_policy_where_a_host_sends_no_headers(
    hosts: tuple[str, ...], expected: bool
) -> None:
    meta = """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; base-uri 'none'">"""
    found = with_meta_policy(PAGE, POLICY, hosts)
    charset = '<meta charset="utf-8">\n'
    assert found == (PAGE.replace(charset, f"{charset}{meta}\n") if expected else PAGE)


def test_the_policy_of_a_page_stands_first_in_its_head() -> None:
    assert with_meta_policy("<HEAD ><script>", POLICY, ()).startswith("<HEAD >\n<meta http-equiv=")


def pages() -> list[str]:
    """Every page of the golden sites."""
    found = sorted((ROOT / "tests" / "sites").glob("*/expected/**/*.html"))
    assert len(found) > 100
    return [path.read_text("utf-8") for path in found]


def test_a_page_is_read_by_patterns_as_by_the_parser() -> None:
    taken = 0
    for page in pages():
        quick = quick_loads(page)
        taken += quick is not None
        assert quick in (None, slow_loads(page))
    assert taken > 0.9 * len(pages())


TAGS = [
    r"<p>",
    r"</p>",
    r"<!--",
    r"-->",
    r"<script¦src='x'>",
    r"</script>",
    r"<SCRIPT¦SRC=y>",
    r"<img¦src=z>",
    r"text¦<",
    r'<script¦src="/a.js"¦integrity="s">',
    r'<a¦href="/x"¦ping="/p">',
    r"<a¦ping>",
    r'<img¦alt="<"¦src="/i">',
    r'<link¦rel="icon¦stylesheet"¦href="/a&amp;b">',
    r'<title>"',
    r'<link¦rel="icon"¦href="/a&copy;b">',
    r"</title>",
    r'<iframe¦src="/f">',
    r"</iframe>",
    r'<form¦action="/s">',
    r"<textarea>",
    r"</textarea>",
    r'<meta¦http-equiv="refresh"¦content="0;url=/r">',
    r'<video¦poster="¦/v¦"¦src="/w">',
    r'<source¦srcset="/a¦1x,¦/b¦2x">',
    r"<br/>",
    r'<input¦formaction="/q"',
    r">",
    r'"¦src="/t"',
    r"<![CDATA[",
    r"<?x?>",
    r"&lt;script¦src=x>",
    r"<imgs¦src=q>",
    r'<use¦xlink:href="/u">',
    r"<style>",
    r'<base¦href="/">',
    r"<noscript>",
    r"</style>",
    r"a¦>¦b",
    r'<a¦b="ping¦x">',
    r'<object¦data="/o">',
    r'<image¦href="/g">',
    r"""<a¦href='"'¦ping="/z">""",
    # What patterns pass over, and what is nearly such a tag.
    r'<p¦class="b">',
    r'<a¦href="/x/"¦hreflang="de"¦rel="external¦noopener">',
    r'<a¦href="¦JavaScript:x">',
    r"""<a¦aria-label="¦onclick='x'"¦href="/y/">""",
    r'<td¦style="x">',
    r'<link¦rel="canonical"¦href="/c">',
    r'<link¦rel="alternate"¦rel="icon"¦href="/d">',
    r'<link¦rel="alternate¦stylesheet"¦href="/e">',
]


INLINE = re.compile(
    r"""<style|<script(?![^>]*\ssrc=)|<[^<>]*\s((style|on[a-z]+)=["']|href=["']?\s*javascript:)""", re.I
)


@given(st.lists(st.sampled_from(TAGS), max_size=8).map("".join))
def test_any_row_of_tags_is_read_alike_or_left_to_the_parser(row: str) -> None:
    page = row.replace("¦", " ")
    assert quick_loads(page) in (None, slow_loads(page))
    if quick_loads(page) is not None:
        inline = INLINE.search(page)
        assert (reading(page)[1] is None) == (inline is None)


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ('<p class="a">style="x" onclick="y"</p>', None),
        ('<script src="/a.js"></script>', None),
        ("<p><script>1</script>", "<script>"),
        ("<style>p { }</style>", "<style"),
        ('<a href="/">a</a><p style="x">', "style="),
        ('<p ONCLICK="x">', "ONCLICK="),
        ('<a href="javascript:x">', 'href="javascript:'),
        ("<!-- --><p onclick='x'>", "onclick='"),
    ],
)
def test_script_and_style_of_a_page_itself_are_found(page: str, found: str | None) -> None:
    _, inline_code = reading(page)
    if found is None:
        assert inline_code is None
    else:
        assert inline_code is not None
        assert found in inline_code.group()
