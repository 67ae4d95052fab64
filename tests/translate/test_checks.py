from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from policysite.core.diagnostics import Diagnostic
from policysite.core.locales import plural_header
from policysite.core.model import Catalog, Language, Message
from policysite.translate.checks import Checkable, check_header, check_language, check_state
from policysite.translate.inlines import Facets, facets
from policysite.translate.po import parse_po
from policysite.translate.rules.scope import scope_of

LATIN = "0123456789"
FR = Language("fr", "fr", "français", "French", "ltr", "Latn", LATIN, "reviewed")
BN = Language("bn", "bn", "বাংলা", "Bangla", "ltr", "Beng", "০১২৩৪৫৬৭৮৯", "reviewed")


def check_catalog(
    catalog: Catalog, language: Language, protected_terms: tuple[str, ...], markdown: bool = True
) -> list[Diagnostic]:
    """Every problem of one catalog translated from English, without a glossary."""
    scope = scope_of(language, "en", protected_terms)
    return list(check_language([Checkable(catalog, (), markdown)], scope))


def problems(source: str, target: str, language: Language = FR, markdown: bool = True) -> list[Diagnostic]:
    catalog = Catalog(
        "a.po", language.tag, "a", "\n\nmsgid\nmsgstr", (Message(source, (target,), line=3, msgstr_line=4),)
    )
    return check_catalog(catalog, language, ("Acme", "iOS"), markdown=markdown)


def codes(source: str, target: str, language: Language = FR, markdown: bool = True) -> set[str]:
    return {item.code for item in problems(source, target, language, markdown)}


@pytest.mark.parametrize(
    ("source", "target", "language"),
    [
        ("**Bold** and *em*", "*em* et **gras**", FR),
        ("[a](/x/) [b](/y/)", "[b](/y/) [a](/x/)", FR),
        ("{{ a }} {{b}}", "{{b}} {{ a }}", FR),
        ("in 90 days or 1,000", "৯০ দিন বা ১,০০০", BN),
        ("1.5", "1,5", FR),
        ("[a](/2025/)", "[ক](/2025/)", BN),
        ("Acme on iOS", "Acme sur iOS", FR),
        ("x", "র‍্যাব", BN),
        ("say `1 <b>`", "dire `1 <b>`", FR),
        ("", "", FR),
    ],
)
def test_good_translations(source: str, target: str, language: Language) -> None:
    assert problems(source, target, language) == []


@pytest.mark.parametrize(
    ("source", "target", "code"),
    [
        ("a **b**", "a b", "T101"),
        ("a b", "a *b*", "T101"),
        ("a", "a  \nb", "T101"),
        ("[a](/x/)", "a", "T101"),
        ("[a](/x/)", "[a](/y/)", "T102"),
        ("[a](/x/)", "[a](javascript:alert(1))", "T102"),
        ("[a](/x/)", "[a](/x/)[b](/x/)", "T102"),
        ("[a](https://a.test)", "[a](https://а.test)", "T102"),
        ("{{ a }}", "{{ b }}", "T103"),
        ("{{ a }}", "x", "T103"),
        ("a", "<script>alert(1)</script>", "T104"),
        ("a", "</p>", "T104"),
        ("a", "<!-- x", "T104"),
        ("a", "a {: onclick=x }", "T104"),
        ("a", "[TOC]", "T104"),
        ("a", "\x02klzzwxh:0001\x03", "T104"),
        ("a", "\ue0000\ue001", "T104"),
        ("write to us", "[email protected]", "T105"),
        ("90 days", "60 jours", "T106"),
        ("90 days", "des jours", "T106"),
        ("x", "12", "T106"),
        ("90 days", "90 জours ৯", "T107"),
        ("a", "a\u202eb", "T108"),
        ("a", "a\u200bb", "T108"),
        ("a", "a\u200db", "T108"),
        ("a", "e\u0301", "T108"),
        ("Acme", "Akme", "T109"),
        ("iOS", "IOS", "T109"),
        ("Acme", "Acmes", "T109"),
    ],
)
def test_bad_translations(source: str, target: str, code: str) -> None:
    assert code in codes(source, target)


def test_the_place_is_the_line_of_the_translation() -> None:
    (item,) = problems("a **b**", "a b")
    assert (str(item.place), item.place.text) == ("a.po:4:1", "msgstr")


def test_foreign_digits_are_wrong_only_where_the_language_has_its_own() -> None:
    assert codes("90 days", "90 দিন", BN) == {"T107"}
    assert codes("90 days", "৯০ দিন", BN) == set()
    assert codes("90 days", "९० दिन", BN) == {"T107"}


def test_what_is_not_published_is_not_checked() -> None:
    for message in (
        Message("a", ("<b>",), flags=("fuzzy",)),
        Message("a", ("<b>",), obsolete=True),
        Message("a", ("",)),
    ):
        assert check_catalog(Catalog("a.po", "fr", "a", "", (message,)), FR, ()) == []


def test_interface_texts_are_plain() -> None:
    assert codes("*", "**x** [a](b)", markdown=False) == set()
    assert codes("a", "<b>", markdown=False) == {"T104"}
    assert codes("Hi %(name)s", "Salut %(nom)s", markdown=False) == {"T103"}
    assert codes("Hi %(name)s", "Salut %(name)r", markdown=False) == {"T103"}


def plural(*forms: str) -> set[str]:
    message = Message("one day of %(name)s", forms, plural="%(num)s days of %(name)s", line=1)
    catalog = Catalog("a.po", "fr", "a", "", (message,))
    return {item.code for item in check_catalog(catalog, FR, (), markdown=False)}


def test_a_plural_form_may_leave_out_the_number_but_name_nothing_new() -> None:
    assert plural("un jour de %(name)s", "%(num)s jours de %(name)s") == set()
    assert plural("un jour", "deux jours") == set()
    assert plural("un jour de %(nom)s", "%(num)s jours") == {"T103"}
    assert plural("un jour", "%(nmu)s jours") == {"T103"}
    assert plural("un jour", "<b>") == {"T104"}


def test_a_text_too_long_is_refused_unread() -> None:
    begun = time.perf_counter()
    assert codes("a [b](/c/)", "[" * 3_000) == {"T104"}
    codes("a" * 100, "{{" + " " * 900)  # was cubic
    assert time.perf_counter() - begun < 2


HOSTILE = st.sampled_from(
    [
        *(
            "<",
            ">",
            "script",
            "</p>",
            "![",
            "](",
            ")",
            "[",
            "javascript:",
            "data:",
            "{:",
            "}",
            "{{",
            "}}",
            "&#",
        ),
        *(
            "\x02",
            "\x03",
            "\ue000",
            "\u202e",
            "`",
            "*",
            "**",
            "\n",
            "  \n",
            "%(",
            "%",
            "title",
            '"',
            "a",
            " ",
        ),
    ]
)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(
    st.lists(HOSTILE, max_size=20).map("".join),
    st.sampled_from(["a", "**a** [b](/c/)", "`x` {{ a }}", "![a](/b)"]),
)
def test_no_translation_raises(target: str, source: str) -> None:
    problems(source, target)
    problems(source, target, markdown=False)


def header(text: str, body: str = 'msgid "a"\nmsgid_plural "b"\nmsgstr[0] "x"\nmsgstr[1] "y"\n') -> list[str]:
    rows = "".join(f'"{row}\\n"\n' for row in text.split("|") if row)
    catalog, faults = parse_po("a.po", f'msgid ""\nmsgstr ""\n{rows}\n{body}', "fr", "a")
    assert faults == ()
    return [item.message for item in check_header(catalog, FR, plural_header("fr"))]


GOOD = "Content-Type: text/plain; charset=UTF-8|Language: fr|Plural-Forms: nplurals=2; plural=(n > 1);"


def test_good_headers() -> None:
    assert header(GOOD) == []
    assert header(GOOD.replace("UTF-8", "utf8")) == []
    assert header("Language: fr", 'msgid "a"\nmsgstr "b"\n') == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the catalog has no header"),
        (GOOD.replace("UTF-8", "ISO-8859-1"), "the header says charset ISO-8859-1"),
        (GOOD.replace("Language: fr", "Language: de"), "the header says Language: de, but this is fr"),
        (GOOD.replace("nplurals=2", "nplurals=3"), "the header's Plural-Forms is not that of French"),
        (GOOD.replace("n > 1", "n != 1"), "the header's Plural-Forms is not that of French"),
        (GOOD.replace("n > 1", "n >>"), "the header's Plural-Forms is not that of French"),
        (GOOD.replace("n > 1", "n / 0"), "the header's Plural-Forms is not that of French"),
        (GOOD.replace("plural=(n > 1);", ""), "the header's Plural-Forms is not that of French"),
        (GOOD.split("|Plural")[0], "the header's Plural-Forms is not that of French"),
    ],
)
def test_bad_headers(text: str, message: str) -> None:
    assert header(text) == [message]


def test_too_few_plural_forms() -> None:
    assert header(GOOD, 'msgid "a"\nmsgid_plural "b"\nmsgstr[0] "x"\n') == [
        "this message has 1 plural forms, not 2"
    ]


def test_the_region_of_a_language_is_written_either_way() -> None:
    catalog = Catalog("a.po", "pt-BR", "a", "", (), (("Language", "pt_BR"),))
    assert list(check_header(catalog, replace(FR, tag="pt-BR", locale="pt_BR"), "")) == []


# ── the state of a catalog ──────────────────────────────────────────────────────────────────────


def state(messages: str, coverage: int = 0, complete: bool = True) -> list[tuple[str, int]]:
    catalog, faults = parse_po("a.po", messages, "fr", "a")
    assert faults == ()
    keys = [(None, "one"), (None, "two"), (None, "three"), (None, "four")]
    language = replace(FR, coverage=coverage)
    return [(item.code, item.place.line) for item in check_state(catalog, language, keys, complete)]


ALL = "".join(f'msgid "{text}"\nmsgstr "x"\n\n' for text in ("one", "two", "three", "four"))


def test_a_finished_catalog_has_nothing_to_report() -> None:
    assert state(ALL, coverage=100) == []


def test_coverage_counts_what_is_translated_and_approved() -> None:
    without = ALL.replace('"three"\nmsgstr "x"', '"three"\nmsgstr ""')
    assert state(without, coverage=75) == []
    assert state(without, coverage=76) == [("T113", 0)]
    assert state("#, fuzzy\n" + ALL, coverage=75) == [("T317", 2)]
    assert state("#, fuzzy\n" + ALL, coverage=76) == [("T317", 2), ("T113", 0)]


def test_what_is_too_much_is_reported_where_the_source_is_known() -> None:
    more = ALL + 'msgid "five"\nmsgstr "x"\n'
    assert state(more) == [("T318", 13)]
    assert state(more, complete=False) == []
    assert state(more.replace('"one"', '"eins"')) == [("T005", 0)]
    assert state(ALL + '#~ msgid "five"\n#~ msgstr "x"\n') == []


@settings(max_examples=300, derandomize=True, deadline=None)
@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs", "Co", "Cc"], exclude_characters="\\`*_[]<>&{}!"))
)
def test_a_text_without_marks_is_read_as_it_is_written(text: str) -> None:
    """The shortcut past Markdown in `facets` changes nothing: with code after it, a text is parsed."""
    text = text.strip() or "x"
    long_way = facets(f"{text} `x`")
    assert facets(text) == Facets((), (), (), text, 0)
    assert long_way == Facets((("code", 1),), (), (), f"{text} ", 0)
