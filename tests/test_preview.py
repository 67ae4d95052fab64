"""What the preview says of a page, and the files of a preview on disk."""

from __future__ import annotations

import json

from policysite import pipeline
from policysite.core.model import BuildOptions, OutputFile
from policysite.preview import REPORTS, TOOLBAR_PATH, PagePreviews, preview_files, without_hosts
from tests.helpers import mini
from tests.helpers.projects import DATE

PO = "translations/bn/LC_MESSAGES/contact.po"
#: The Bengali of the contact page: one text is to be reviewed, one lacks its bold.
CONTACT = mini.po(
    "bn",
    {
        "Contact": "যোগাযোগ",
        "How to reach us.": "আমাদের সঙ্গে যোগাযোগের উপায়।",
        "Write to [{{ contact_email }}](mailto:{{ contact_email }}).": (
            "[{{ contact_email }}](mailto:{{ contact_email }}) ঠিকানায় লিখুন।"
        ),
        "By post": "ডাকে",
        "We have **no** letter box.": "আমাদের কোনো চিঠির বাক্স নেই।",
    },
).replace('msgid "By post"', '#, fuzzy\nmsgid "By post"')


def previews(**changes: str) -> tuple[pipeline.Prepared, PagePreviews]:
    files = {**mini.texts(), **changes}
    prepared, problems = pipeline.prepare(
        {path: text.encode() for path, text in files.items()}, BuildOptions(DATE)
    )
    assert prepared is not None
    return prepared, PagePreviews(prepared, problems)


def test_a_complete_page_has_nothing_to_do() -> None:
    _, pages = previews()
    report = pages.report("bn/index.html")
    assert report is not None
    assert (report.language, report.document, report.words) == ("bn", "content/home.md", 0)
    assert report.translated == report.total > 3
    title = next(text for text in report.texts if text.source == "Welcome to Acme")
    line = (
        mini.texts()["translations/bn/LC_MESSAGES/home.po"].split("\n").index('msgid "Welcome to Acme"') + 1
    )
    assert (title.state, title.place) == ("translated", f"translations/bn/LC_MESSAGES/home.po:{line}")
    assert title.shown in mini.texts()["translations/bn/LC_MESSAGES/home.po"]
    years = next(text for text in report.texts if "or over" in text.source)
    assert "{{" not in years.shown
    assert "[" not in years.shown


def test_texts_to_review_and_to_mend_are_told_with_their_place() -> None:
    _, pages = previews(**{PO: CONTACT})
    report = pages.report("bn/contact/index.html")
    assert report is not None
    post = next(text for text in report.texts if text.source == "By post")
    assert (post.state, post.shown, report.fuzzy, report.words) == ("fuzzy", "By post", 1, 2)
    assert report.translated == report.total - 1
    bold = next(text for text in report.texts if "**no**" in text.source)
    codes = [report.problems[index].code for index in bold.problems]
    assert codes == ["T101"]
    record = json.loads(json.dumps(report.record()))
    assert record["problems"][bold.problems[0]]["code"] == codes[0]
    assert record["texts"][0].keys() == {"shown", "source", "state", "place", "problems"}


def test_english_pages_lead_to_their_document_and_no_page_has_no_report() -> None:
    _, pages = previews()
    report = pages.report("en/contact/index.html")
    assert report is not None
    assert {text.state for text in report.texts} == {"source"}
    post = next(text for text in report.texts if text.source == "By post")
    line = mini.CONTACT.split("\n").index("## By post {: #post }") + 1
    assert post.place == f"content/contact.md:{line}"
    assert pages.report("robots.txt") is None
    assert pages.report("xx/index.html") is None


def test_a_preview_on_disk_has_the_toolbar_and_nothing_for_hosts_or_search_engines() -> None:
    prepared, pages = previews(**{"config.yaml": mini.CONFIG + "hosts: [netlify]\n"})
    bare = without_hosts(prepared)
    steps = list(pipeline.render(bare))
    made: list[OutputFile] = [file for step in steps for file in step.files]
    found = {file.path: file.data for file in preview_files(made, pages, b"script")}
    assert "_headers" not in found
    assert "sitemap.xml" not in found
    assert b"Disallow: /\n" in found["robots.txt"]
    assert found[TOOLBAR_PATH.lstrip("/")] == b"script"
    assert set(pages.outputs) >= {"en/index.html", "bn/privacy/index.html", "en/privacy/2024-05/index.html"}
    for output in {file.path for file in made} & set(pages.outputs):
        assert f'data-report="/{REPORTS}{output}.json"'.encode() in found[output]
        assert b"Content-Security-Policy" not in found[output]
        assert json.loads(found[f"{REPORTS}{output}.json"])["output"] == output
    assert b"preview.js" not in found["index.html"]  # the list of languages is no document
