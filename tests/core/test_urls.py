from __future__ import annotations

import pytest

from policysite.core import urls


@pytest.mark.parametrize(
    ("tag", "slug", "path", "output"),
    [
        ("bn", "privacy", "/bn/privacy/", "bn/privacy/index.html"),
        ("pt-BR", "", "/pt-BR/", "pt-BR/index.html"),
    ],
)
def test_paths_and_the_files_that_serve_them(tag: str, slug: str, path: str, output: str) -> None:
    assert urls.page_path(tag, slug) == path
    assert urls.output_path(path) == output
    assert urls.output_path("/") == "index.html"


def test_absolute_addresses_are_ascii() -> None:
    assert urls.absolute("https://a.test/", "/bn/x/") == "https://a.test/bn/x/"
    assert urls.absolute("https://a.test", "/বাং/?a=1&b=%20#c") == (
        "https://a.test/%E0%A6%AC%E0%A6%BE%E0%A6%82/?a=1&b=%20#c"
    )


@pytest.mark.parametrize(
    ("target", "parts"),
    [
        ("/privacy/#cookies", ("/privacy/", "cookies")),
        ("#cookies", ("", "cookies")),
        ("/a/?b=1#c", ("/a/", "c")),
        ("/", ("/", "")),
        ("//evil.test/", None),
        ("https://a.test/", None),
        ("privacy/", None),
        ("mailto:a@b.c", None),
    ],
)
def test_internal_links(target: str, parts: tuple[str, str] | None) -> None:
    assert urls.split_internal(target) == parts


@pytest.mark.parametrize(
    ("target", "scheme"),
    [
        ("https://a.test", "https"),
        ("MAILTO:a@b.c", "mailto"),
        ("java\tscript:alert(1)", "javascript"),
        (" \x00javascript:alert(1)", "javascript"),
        ("data:text/html,x", "data"),
        ("/a:b", ""),
        ("a/b", ""),
        ("", ""),
    ],
)
def test_scheme_as_a_browser_reads_it(target: str, scheme: str) -> None:
    assert urls.scheme(target) == scheme
    assert (scheme in urls.SAFE_SCHEMES) == (scheme in ("https", "mailto"))


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("https://a.test", True),
        ("https://*.a.test", True),
        ("https://a.test:8443", True),
        ("https://a.test/", False),
        ("https://a.test/path", False),
        ("http://a.test", False),
        ("https://*", False),
        ("https://a.test; script-src *", False),
        ("https://a.test\n", False),
        ("https://A.test", False),
        ("'self'", False),
    ],
)
def test_origins(text: str, good: bool) -> None:
    assert urls.is_origin(text) is good


def test_origin_of_an_address() -> None:
    assert urls.origin("https://a.test:81/x?y#z") == "https://a.test:81"


@pytest.mark.parametrize(
    "text", ["[email protected]", "email\xa0protected", "a [at] b", "a(at)b.c", "x [@] y"]
)
def test_obfuscated_addresses(text: str) -> None:
    assert urls.OBFUSCATED_EMAIL.search(f"write to {text} now")


@pytest.mark.parametrize("text", ["a@b.c", "look (at it)", "meet at noon", "your e-mail is protected"])
def test_plain_addresses_and_sentences(text: str) -> None:
    assert not urls.OBFUSCATED_EMAIL.search(text)


@pytest.mark.parametrize(
    ("text", "good"),
    [("a", True), ("a-b-9", True), ("-a", False), ("a--b", False), ("A", False), ("", False)],
)
def test_slugs(text: str, good: bool) -> None:
    assert bool(urls.SLUG.match(text)) is good
