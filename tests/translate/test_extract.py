from __future__ import annotations

from policysite.core.model import Config, TextFile
from policysite.core.strings import STRINGS
from policysite.load.config import load_config
from policysite.load.documents import load_document
from policysite.render.templates import syntax_problems
from policysite.translate.extract import Source, document_sources, site_sources
from policysite.translate.segments import parse_document
from tests.helpers import mini


def config(text: str = mini.CONFIG) -> Config:
    found, problems = load_config("config.yaml", text)
    assert found is not None, problems
    return found


def of_template(text: str) -> list[tuple[str | None, str, str | None, tuple[str, ...], tuple[str, ...]]]:
    sources, problems = site_sources([TextFile("a.html", text)], config())
    assert problems == ()
    return [
        (item.context, item.msgid, item.plural, item.comments, item.references)
        for item in sources
        if item.references[0].startswith("templates/")
    ]


def test_every_way_to_mark_a_text_is_found() -> None:
    text = (
        '{{ _("One") }}\n{{ gettext("Two") }}\n{{ ngettext("%(num)s day", "%(num)s days", 2) }}\n'
        '{{ pgettext("verb", "Open") }}\n{% trans %}\n  Three\n  lines\n{% endtrans %}\n'
        "{% trans n=3 %}One {{ n }} thing{% pluralize %}{{ n }} things{% endtrans %}\n"
    )
    assert [row[:3] for row in of_template(text)] == [
        (None, "One", None),
        (None, "Two", None),
        (None, "%(num)s day", "%(num)s days"),
        ("verb", "Open", None),
        (None, "Three lines", None),
        (None, "One %(n)s thing", "%(n)s things"),
    ]
    assert [row[4] for row in of_template(text)][:4] == [
        (f"templates/a.html:{line}",) for line in (1, 2, 3, 4)
    ]


def test_notes_to_translators_come_along() -> None:
    text = '{# translators: a verb #}\n{{ _("Open") }}\n{# not for them #}\n{{ _("Close") }}\n'
    assert [row[3] for row in of_template(text)] == [("a verb",), ()]


def test_equal_texts_become_one_message_with_all_places() -> None:
    text = '{{ _("One") }}\n\n{{ _("One") }}{{ pgettext("x", "One") }}\n{{ ngettext("One", "Many", 2) }}\n'
    assert of_template(text) == [
        (None, "One", "Many", (), ("templates/a.html:1", "templates/a.html:3", "templates/a.html:4")),
        ("x", "One", None, (), ("templates/a.html:3",)),
    ]


def test_what_config_says_is_translated_too() -> None:
    sources, _ = site_sources([], config())
    assert [(item.msgid, item.references[0].split(":")[0]) for item in sources] == [
        ("Plain words for grown-ups", "config.yaml"),
        *((text, "policysite/core/strings.py") for text, _ in STRINGS),
        ("Keeps your choice.", "config.yaml"),
        ("Remembers your choice.", "config.yaml"),
        ("Counts visits.", "config.yaml"),
        ("Tells browsers apart.", "config.yaml"),
    ]
    line = mini.CONFIG.split("\n").index("      - name: consent") + 1
    assert next(item for item in sources if item.msgid == "Remembers your choice.").references == (
        f"config.yaml:{line}",
    )


def test_no_tagline_no_message() -> None:
    sources, _ = site_sources([], config(mini.CONFIG.replace("  tagline: Plain words for grown-ups\n", "")))
    assert all(sources)
    assert all(item.msgid for item in sources)


def test_a_broken_template_is_told_in_the_words_of_the_renderer() -> None:
    template = TextFile("a.html", "ok\n{% if x %}\n")
    _, problems = site_sources([template], config())
    assert problems == syntax_problems([template])
    assert [(item.code, item.place.line) for item in problems] == [("L001", 2)]


def test_a_policy_lists_its_newest_version_first() -> None:
    documents = []
    for path, text in (
        ("content/privacy/2024-05.md", mini.PRIVACY_OLD),
        ("content/privacy/2025-10-15.md", mini.PRIVACY_NEW),
    ):
        document, _ = load_document(path, text)
        assert document is not None
        documents.append(parse_document(document))
    sources = document_sources(documents)
    assert [source.msgid for source in sources] == [
        "Privacy policy",
        "What we keep.",
        "We keep logs.",
        "Your rights",
        "You may ask.",
        "When",
        "At once.",
        "We keep nothing.",
    ]
    assert sources[0].references == ("content/privacy/2025-10-15.md:2", "content/privacy/2024-05.md:2")
    assert sources[3].comments == ("heading",)


def test_the_key_of_a_message_is_context_and_text() -> None:
    assert Source("a", None, "c", (), ()).key == ("c", "a")
