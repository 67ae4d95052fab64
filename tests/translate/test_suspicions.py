"""A suspicion never hides a finding: a rule that is not run would have found nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policysite.core.model import Catalog, Glossary, GlossaryTerm, Message
from policysite.core.quick import SEPARATOR
from policysite.load.config import load_config
from policysite.translate import checks, inlines
from policysite.translate.checks import PLURAL_RULES, RULES, Checkable, check_alone
from policysite.translate.inlines import _Reader, facets, plain_facets, read_all, read_facets, read_plainly
from policysite.translate.lexicons import Spelling, lexicon
from policysite.translate.rules.columns import Column, Table, may_be_joined
from policysite.translate.rules.scope import Pair, Scope, readable, scope_of
from policysite.translate.words import seed, undotted
from tests.helpers.mini import CONFIG

TAGS = ("hi", "ur", "tr", "de", "fr", "es", "pt-BR", "ru", "id", "ja", "zh-Hans", "el", "bn")
LANGUAGES, _ = load_config(
    "config.yaml", CONFIG.replace("  bn:\n", "".join(f"  {tag}:\n" for tag in TAGS), 1)
)

REFERENCES = (("note", ("/note/", None)),)

#: What the rules look for, and what comes near it.
MARKED = (
    *("**bold**", "*em*", "`code`", "[link](/terms/)", "[link](/other/).", "[x][note]", "![](a.png)", "a_b"),
    *(
        "{{ days }}",
        "{{days}}",
        "%(count)s",
        "%(n)d",
        "https://a.test/1?b=2",
        "me@a.test",
        "{: #id }",
        "[TOC]",
    ),
    *(
        "<b>",
        "<!--",
        "a < b",
        "&amp;",
        "&#x301;",
        "\\*",
        "[email protected]",
        "EMAIL\xa0PROTECTED",
        "a (at) b",
    ),
    *("a [@] b", "1,000", "1.000,5", "12", "०१", "٣", "1২", "IPv4", "\ufeff", "\u200d", "\u200c", "\u200b"),
    *("\x02", "\ue010", "\ue011", "{{ a", "a }}"),
    *("\u0301", "e\u0301", "\u09af\u09bc", "\u0651", "İ", "i\u0307", "ı", "ß", "ſ", "ς", "\u2028", "\x0b"),
    *(
        "Ohmegull",
        "Ohmegul",
        "GDPR",
        "personal data",
        "Cookies",
        "cookie",
        "COOKIES",
        "not",
        "never",
        "no longer",
    ),
    *("the the", "word word.", "(word word)", "-word word", "a or a", "- item", "• ", "–", " — ", "..", "…"),
    *(".", "?", "!", ":", ";", "।", "。", "؟", "۔", "৷", "|", ",", "，", "аa", "xж", "e.g.", "Inc."),
)


def scopes() -> Iterator[Scope]:
    assert LANGUAGES is not None
    for language in LANGUAGES.translations:
        terms = (GlossaryTerm("personal data", ("a b", "\u0645\u0644")), GlossaryTerm("Cookie", ("cookie",)))
        yield scope_of(language, "en", ("Ohmegull", "GDPR"), Glossary(language.tag, "glossary.yaml", terms))


SCOPES = tuple(scopes())


def words_of(tag: str) -> tuple[str, ...]:
    known = lexicon(tag)
    lists = (known.negation, known.informal, known.alternatives, known.doubles, known.doubles_only or ())
    clashing = (words for clash in known.clashes for words in (clash.subject, clash.verb, clash.unless))
    found = [word.strip("*") for words in (*lists, *clashing) for word in words]
    found += [word for word, _ in known.numbers]
    found += [held for spelling in known.spellings for held in spelling.holds]
    return tuple(found) or ("x",)


def texts(tag: str) -> st.SearchStrategy[str]:
    words = st.sampled_from(words_of(tag))
    piece = st.one_of(
        words, words, words.map(str.upper), words.map(str.title), st.sampled_from(MARKED), st.text(max_size=3)
    )
    twice = st.tuples(piece, st.sampled_from([" ", "\u00a0", "  "])).map(lambda row: row[0] + row[1] + row[0])
    said = st.one_of(piece, piece, twice)
    return st.lists(st.tuples(said, st.sampled_from([" ", " ", ""])).map("".join), max_size=8).map("".join)


def exact_pair(source: str, target: str, table: Table) -> Pair:
    """A pair as its two texts alone are read."""
    read = (lambda text: read_facets(text, table.references)) if table.markdown else plain_facets
    theirs, ours = read(source), read(target)
    read_texts = (readable(theirs.text), readable(ours.text))
    return Pair(source, target, *read_texts, table.scope, table.references, table.markdown, theirs, ours)


def rows_of(tag: str) -> st.SearchStrategy[list[tuple[str, str]]]:
    """(source, translation) of a catalog, as it may be written by anybody."""
    target = texts(tag)
    same = target.map(lambda text: (text, text))
    return st.lists(st.one_of(st.tuples(texts("en"), target), same), min_size=1, max_size=4)


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope.language.tag)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), markdown=st.booleans())
def test_no_rule_finds_what_nobody_suspects(scope: Scope, data: st.DataObject, markdown: bool) -> None:
    rows = data.draw(rows_of(scope.language.tag))
    if not all(map(may_be_joined, chain.from_iterable(rows))):
        rows = rows[:1]
    table = Table(rows, scope, REFERENCES, markdown)
    for suspicion, rule in (*RULES, *PLURAL_RULES):
        suspected = suspicion(table)
        for row, (source, target) in enumerate(rows):
            if row not in suspected:
                assert list(rule(exact_pair(source, target, table))) == [], rule.__name__


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=rows_of("ru"), markdown=st.booleans())
def test_texts_are_read_together_as_each_alone(rows: list[tuple[str, str]], markdown: bool) -> None:
    (scope,) = (scope for scope in SCOPES if scope.language.tag == "ru")
    if not all(map(may_be_joined, chain.from_iterable(rows))):
        rows = rows[:1]
    table = Table(rows, scope, REFERENCES, markdown)
    for row, (source, target) in enumerate(rows):
        assert table.pair(row) == exact_pair(source, target, table)


MARKED_ROW = st.lists(
    st.sampled_from((*MARKED, *"*_`[]()!{}\n ", "](/a/)", "**", "{{ a_b }}")), max_size=9
).map("".join)


@settings(max_examples=500, deadline=None)
@given(st.lists(st.one_of(MARKED_ROW, st.text(max_size=5)), max_size=5))
def test_facets_of_many_texts_are_those_of_each(raws: list[str]) -> None:
    assert read_all(raws, REFERENCES) == [read_facets(raw, REFERENCES) for raw in raws]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=rows_of("bn"), alone=st.integers(0, 3))
def test_a_catalog_is_checked_as_its_messages_alone(rows: list[tuple[str, str]], alone: int) -> None:
    """Neither its neighbours nor a separator in its text change what the rules on one message say of it."""
    (scope,) = (scope for scope in SCOPES if scope.language.tag == "bn")
    rows[alone % len(rows)] = (rows[alone % len(rows)][0], f"{SEPARATOR}{rows[alone % len(rows)][1]}")
    messages = [Message(source, (target,)) for source, target in rows if target]

    def found(*some: Message) -> list[tuple[str, str]]:
        catalog = Catalog("x.po", scope.language.tag, "x", "", some)
        problems = check_alone(Checkable(catalog, REFERENCES), scope).problems
        return [(one.code, one.message) for one in problems]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checks, "CATALOG_RULES", ())
        assert found(*messages) == [one for message in messages for one in found(message)]


@given(
    st.lists(st.text("abİ\u0307\u0301ß-", max_size=4), min_size=1, max_size=5), st.text("abß-", max_size=2)
)
def test_a_column_answers_for_each_of_its_texts(texts: list[str], needle: str) -> None:
    column = Column(texts)
    assert column.holding(needle) == {row for row, text in enumerate(texts) if needle in text}
    pattern = re.compile("[a-]|ß+")
    assert column.matching(pattern) == {row for row, text in enumerate(texts) if pattern.search(text)}
    assert column.changed(str.casefold).changed(undotted).texts == [seed(text) for text in texts]


#: (language, source, translation) without a fault.
CLEAN = (
    ("bn", "We keep your messages for a short time.", "আমরা আপনার বার্তা অল্প সময় রাখি।"),
    ("de", "We keep your messages for a short time.", "Wir bewahren Ihre Nachrichten kurz auf."),
    ("ru", "We keep your messages for a short time.", "Мы недолго храним ваши сообщения."),
    ("ja", "We keep your messages for a short time.", "メッセージは短期間のみ保存します。"),
)


@pytest.mark.parametrize(("tag", "source", "target"), CLEAN)
def test_a_clean_text_raises_no_suspicion(tag: str, source: str, target: str) -> None:
    (scope,) = (scope for scope in SCOPES if scope.language.tag == tag)
    table = Table([(source, target)], scope)
    assert [rule.__name__ for suspicion, rule in RULES if suspicion(table)] == []


def spellings() -> Iterator[Spelling]:
    for scope in SCOPES:
        yield from scope.lexicon.spellings


@pytest.mark.parametrize("spelling", list(spellings()), ids=lambda spelling: spelling.why)
@given(data=st.data())
def test_every_match_of_a_spelling_holds_what_it_must(spelling: Spelling, data: st.DataObject) -> None:
    assert spelling.holds
    text = data.draw(st.from_regex(spelling.find))
    assert any(held in text for held in spelling.holds)


HTML = (
    *(
        "text",
        "<strong>",
        "</strong>",
        "<em>",
        "</em>",
        "<code>",
        "</code>",
        "<br />",
        "<br>",
        "<code />",
        "&amp;",
    ),
    *(
        '<a href="/a/?b=1&amp;c=2">',
        "</a>",
        '<img alt="" src="x.png" />',
        '<img alt="a" src="y&quot;.png" />',
        "&",
    ),
    *(
        "<",
        ">",
        "<!-- c -->",
        "<script>",
        "</script>",
        "<a href='b'>",
        "<A HREF=c>",
        "&#x41;",
        "&copy",
        "<title>",
    ),
    *("a < b", '<a title="x" href="/t/">', "<h2>", "</h2>", "\n", "<p >", "</p >", '<a href="x"title="y">'),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(HTML), max_size=8).map("".join))
def test_plain_html_is_read_as_its_parser_reads_it(html: str) -> None:
    plainly, slowly = _Reader(), _Reader()
    if not read_plainly(html, plainly):
        return
    slowly.feed(html)
    slowly.close()
    for name in ("tags", "links", "images", "images_without_alt"):
        assert getattr(plainly, name) == getattr(slowly, name)
    assert "".join(plainly.text) == "".join(slowly.text)


@given(
    st.lists(
        st.sampled_from((*MARKED, "{{ a_b }}", "{{ _a }}", "{{ b_ }}", "{{\na }}", " ")), max_size=6
    ).map("".join)
)
def test_a_text_with_placeholders_only_is_read_as_markdown_reads_it(raw: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inlines, "_PLAIN_PLACEHOLDER", re.compile(r"(?!)"))
        slowly = read_facets(raw, REFERENCES)
    assert read_facets(raw, REFERENCES) == slowly


MARKS = (
    "**",
    "*",
    "`",
    "``",
    "[",
    "](/a/)",
    "](",
    ")",
    "!",
    "_",
    "  \n",
    "\n",
    " ",
    "a",
    "b c",
    "é",
    ">",
    "{{ x }}",
    "&",
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from((*MARKS, *MARKED)), max_size=10).map("".join))
def test_facets_without_html_are_those_of_the_html(raw: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inlines, "quick_parts", lambda text: None)
        patch.setattr(inlines, "read_plainly", lambda html, reader: False)
        slowly = read_facets(raw, REFERENCES)
    assert read_facets(raw, REFERENCES) == slowly


@given(texts("en"))
def test_what_is_remembered_is_what_is_read(text: str) -> None:
    assert facets(text) == read_facets(text)
