from __future__ import annotations

from datetime import date

import pytest

from policysite.core.model import Document, VersionId
from policysite.load.documents import load_document

HEAD = "---\ntitle: T\ndescription: D\n---\n"


def good(path: str, text: str = HEAD + "\nText.\n") -> Document:
    document, problems = load_document(path, text)
    assert problems == ()
    assert document is not None
    return document


def bad(path: str, text: str = HEAD + "\nText.\n") -> list[tuple[str, str]]:
    document, problems = load_document(path, text)
    assert document is None
    return [(item.code, str(item.place)) for item in problems]


@pytest.mark.parametrize(
    ("path", "key", "version", "locale"),
    [
        ("content/about.md", "about", None, None),
        ("content/delete-data.pt-BR.md", "delete-data", None, "pt-BR"),
        ("content/about.es-419.md", "about", None, "es-419"),
        ("content/privacy/2025-10.md", "privacy", VersionId("2025-10", date(2025, 10, 1), "month"), None),
        (
            "content/privacy/2025-10-15.bn.md",
            "privacy",
            VersionId("2025-10-15", date(2025, 10, 15), "day"),
            "bn",
        ),
    ],
)
def test_the_path_says_which_document_it_is(
    path: str, key: str, version: VersionId | None, locale: str | None
) -> None:
    document = good(path)
    assert (document.key, document.version, document.locale) == (key, version, locale)
    assert document.slug == key
    assert document.layout == ("policy" if version else "page")
    assert document.is_policy == (version is not None)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("content/About.md", "S004"),
        ("content/a--b.md", "S004"),
        ("content/a b.md", "S004"),
        ("content/a/b/c.md", "S004"),
        ("content/a.b.c.md", "S004"),
        ("content/.md", "S004"),
        ("content/a\nb.md", "S004"),
        ("content/privacy/latest.md", "D103"),
        ("content/privacy/2025-13.md", "D103"),
        ("content/privacy/২০২৫-১০.md", "D103"),
        ("content/Privacy/2025-10.md", "S004"),
    ],
)
def test_paths_that_name_nothing(path: str, code: str) -> None:
    assert [found for found, _ in bad(path)] == [code]


def test_front_matter_becomes_fields_in_a_fixed_order_with_places() -> None:
    text = (
        "---\nsummary:\n  - One\n  - Two\nlead: L\ndescription: D\ntitle: বাংলা\nnav_title: N\n"
        "slug: other\nnumbered: true\nnoindex: true\nsource_digest: abc\n---\n\nBody {{ x }}\n"
    )
    document = good("content/about.md", text)
    assert [(name, field.text, field.place.line, field.place.col) for name, field in document.fields] == [
        ("title", "বাংলা", 7, 8),
        ("nav_title", "N", 8, 12),
        ("description", "D", 6, 14),
        ("lead", "L", 5, 7),
        ("summary", "One", 3, 5),
        ("summary", "Two", 4, 5),
    ]
    assert document.fields[0][1].place.text == "title: বাংলা"
    assert (document.slug, document.numbered, document.noindex, document.source_digest) == (
        "other",
        True,
        True,
        "abc",
    )
    assert (document.body, document.body_line) == ("\nBody {{ x }}\n", 14)


def test_the_home_page_has_no_slug() -> None:
    assert good("content/home.md", HEAD.replace("title", "layout: home\nslug: x\ntitle", 1) + "a").slug == ""


def test_a_rule_in_the_body_is_no_front_matter() -> None:
    assert good("content/a.md", HEAD + "a\n\n---\n\nb\n").body == "a\n\n---\n\nb\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [("D101", "content/a.md:1:1")]),
        ("Text\n", [("D101", "content/a.md:1:1")]),
        ("---\ntitle: T\n", [("D101", "content/a.md:1:1")]),
        (" ---\ntitle: T\n---\n", [("D101", "content/a.md:1:1")]),
        (HEAD, [("D102", "content/a.md")]),
        (HEAD + " \n\t\n", [("D102", "content/a.md")]),
        ("---\ntitle: a: b\n---\nx", [("C001", "content/a.md:2:9")]),
        ("---\ntitle: T\n---\nx", [("C103", "content/a.md:2:1")]),
        ("---\n---\nx", [("C102", "content/a.md:2:1")]),
        (HEAD.replace("title", "layout: policy\ntitle", 1) + "x", [("D104", "content/a.md:2:9")]),
        (HEAD.replace("title", "layout: form\ntitle", 1) + "x", [("D104", "content/a.md:2:9")]),
        (HEAD.replace("title", "form: contact\ntitle", 1) + "x", [("D104", "content/a.md:2:7")]),
        (
            HEAD.replace("title", "layout: policy\nform: contact\ntitle", 1),
            [("D104", "content/a.md:2:9"), ("D104", "content/a.md:3:7"), ("D102", "content/a.md")],
        ),
    ],
)
def test_what_is_refused_and_where(text: str, found: list[tuple[str, str]]) -> None:
    assert bad("content/a.md", text) == found


def test_a_policy_is_no_page() -> None:
    text = HEAD.replace("title", "layout: page\ntitle", 1) + "x"
    assert bad("content/privacy/2025-10.md", text) == [("D104", "content/privacy/2025-10.md:2:9")]
