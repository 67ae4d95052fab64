from __future__ import annotations

import pytest

from policysite.core.model import Project
from policysite.load.project import load_project
from tests.helpers import mini


def changed(**changes: str | bytes | None) -> tuple[Project | None, list[tuple[str, str]]]:
    """The small project with files replaced, added or (None) removed; its problems."""
    sources = mini.sources()
    for path, data in changes.items():
        if data is None:
            del sources[path]
        else:
            sources[path] = data.encode() if isinstance(data, str) else data
    project, problems = load_project(sources)
    return project, [(item.code, str(item.place)) for item in problems]


def loaded(**changes: str | bytes | None) -> Project:
    project, problems = changed(**changes)
    assert problems == []
    assert project is not None
    return project


def test_every_file_goes_to_its_kind() -> None:
    project = loaded(**{"content/contact.bn.md": mini.CONTACT, "README.md": "ignored"})
    assert [document.path for document in project.documents] == [
        "content/contact.md",
        "content/home.md",
        "content/not-found.md",
        "content/privacy/2024-05.md",
        "content/privacy/2025-10-15.md",
    ]
    assert [document.path for document in project.overrides] == ["content/contact.bn.md"]
    assert ("bn", "privacy") in [(tag, domain) for tag, domain, _ in project.catalogs]
    assert {template.path for template in project.templates} >= {"base.html", "home.html"}
    assert {asset.path for asset in project.assets} == {"style.css", "dot.svg"}


def test_texts_lose_byte_order_marks_and_carriage_returns() -> None:
    plain = loaded()
    data = b"\xef\xbb\xbf" + mini.CONTACT.replace("\n", "\r\n").encode()
    assert loaded(**{"content/contact.md": data}).documents == plain.documents
    old = mini.CONTACT.replace("\n", "\r").encode()
    assert loaded(**{"content/contact.md": old}).documents == plain.documents


def test_bytes_of_pictures_are_kept() -> None:
    project = loaded(**{"assets/x.png": b"\x89PNG\r\n\xff"})
    assert [asset.data for asset in project.assets if asset.path == "x.png"] == [b"\x89PNG\r\n\xff"]


@pytest.mark.parametrize(
    ("path", "data", "found"),
    [
        ("content/contact.md", b"---\ntitle: \xe0\xa6", ("S001", "content/contact.md:2:8")),
        ("templates/base.html", "é".encode() + b"\xff", ("S001", "templates/base.html:1:2")),
        ("assets/style.css", b"\xff", ("S001", "assets/style.css:1:1")),
        (
            "translations/bn/LC_MESSAGES/home.po",
            b'msgid "\xff"',
            ("S001", "translations/bn/LC_MESSAGES/home.po:1:8"),
        ),
        ("content/notes.txt", b"x", ("S004", "content/notes.txt")),
        (
            "translations/fr/LC_MESSAGES/home.po",
            b"",
            ("T003", "translations/fr/LC_MESSAGES/home.po"),
        ),
        ("translations/bn/home.po", b"", ("T003", "translations/bn/home.po")),
        (
            "translations/bn/LC_MESSAGES/hme.po",
            b"",
            ("T003", "translations/bn/LC_MESSAGES/hme.po"),
        ),
        ("content/contact.fr.md", mini.CONTACT.encode(), ("D303", "content/contact.fr.md")),
        ("content/contact.en.md", mini.CONTACT.encode(), ("D303", "content/contact.en.md")),
        ("content/other.bn.md", mini.CONTACT.encode(), ("D303", "content/other.bn.md")),
        (
            "content/privacy/2023-01.bn.md",
            mini.PRIVACY_OLD.encode(),
            ("D303", "content/privacy/2023-01.bn.md"),
        ),
        (
            "content/contact.md",
            mini.CONTACT.replace("title", "embed: chat\ntitle", 1).encode(),
            ("D104", "content/contact.md"),
        ),
    ],
)
def test_what_is_refused_and_where(path: str, data: bytes, found: tuple[str, str]) -> None:
    project, problems = changed(**{path: data})
    assert problems == [found]
    assert project is not None


def test_without_a_config_problems_of_documents_are_found_all_the_same() -> None:
    project, problems = changed(**{"config.yaml": "site: [", "content/contact.md": "no front matter"})
    assert project is None
    assert [code for code, _ in problems] == ["C001", "D101"]


def test_no_file_at_all_is_a_problem() -> None:
    project, problems = load_project({})
    assert project is None
    assert [item.code for item in problems] == ["C102"]
