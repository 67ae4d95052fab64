from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from policysite.core.diagnostics import Place
from policysite.core.locales import plural_header
from policysite.core.model import Catalog, Language, Message
from policysite.translate.extract import Source
from policysite.translate.po import format_po, parse_po
from policysite.translate.sync import SyncSummary, empty_catalog, plural_count, sync_catalog

BN = Language("bn", "bn", "বাংলা", "Bangla", "ltr", "Beng", "০১২৩৪৫৬৭৮৯", "reviewed")
AR = replace(BN, tag="ar", locale="ar", english_name="Arabic")


def source(msgid: str, plural: str | None = None, context: str | None = None) -> Source:
    return Source(msgid, plural, context, ("paragraph",), (Place("content/a.md", 3),))


def catalog(*messages: Message) -> Catalog:
    return replace(empty_catalog(BN, "a"), messages=messages)


def synced(before: Catalog, *sources: Source) -> Catalog:
    return sync_catalog(before, sources, BN)[0]


def written(before: Catalog) -> Catalog:
    """What the next run reads from the file."""
    after, problems = parse_po(before.path, format_po(before), before.tag, before.domain)
    assert problems == ()
    return after


def test_a_new_catalog_has_a_full_header() -> None:
    header = dict(empty_catalog(AR, "privacy").header)
    assert header["Language"] == "ar"
    assert header["Content-Type"] == "text/plain; charset=UTF-8"
    assert header["Plural-Forms"] == plural_header("ar")
    assert plural_count(AR) == 6
    assert empty_catalog(AR, "privacy").path == "translations/ar/LC_MESSAGES/privacy.po"


def test_new_messages_come_in_the_order_of_the_source() -> None:
    after, summary = sync_catalog(catalog(Message("b", ("খ",))), [source("a"), source("b")], BN)
    assert [(item.msgid, item.msgstr) for item in after.messages] == [("a", ("",)), ("b", ("খ",))]
    assert after.messages[0].auto_comments == ("paragraph",)
    assert after.messages[0].references == ("content/a.md:3",)
    assert summary == SyncSummary(after.path, 2, 1, 1, 0, 0)
    assert summary.changed


def test_what_leaves_the_source_is_kept_and_comes_back() -> None:
    mine = Message("a", ("ক",), user_comments=("mine",), flags=("fuzzy",), previous=('msgid "z"',))
    without, first = sync_catalog(catalog(mine), [source("b")], BN)
    assert [item.msgid for item in without.messages] == ["b", "a"]
    assert without.messages[1].obsolete
    again, second = sync_catalog(written(without), [source("a"), source("b")], BN)
    revived = again.messages[0]
    assert (revived.msgstr, revived.user_comments, revived.flags, revived.previous, revived.obsolete) == (
        ("ক",),
        ("mine",),
        ("fuzzy",),
        ('msgid "z"',),
        False,
    )
    assert (first.retired, second.revived, second.added) == (1, 1, 0)


def test_an_untranslated_message_goes_unless_somebody_wrote_a_comment() -> None:
    after = synced(catalog(Message("a"), Message("b", user_comments=("ask the lawyer",))))
    assert [(item.msgid, item.obsolete) for item in after.messages] == [("b", True)]


def test_contexts_are_other_messages() -> None:
    after = synced(catalog(Message("a", ("ক",), context="x")), source("a"))
    assert [(item.context, item.msgstr, item.obsolete) for item in after.messages] == [
        (None, ("",), False),
        ("x", ("ক",), True),
    ]


def test_a_message_gets_the_plural_forms_of_its_language() -> None:
    after, _ = sync_catalog(empty_catalog(AR, "a"), [source("%(num)s day", "%(num)s days")], AR)
    assert after.messages[0].msgstr == ("",) * 6
    assert after.messages[0].flags == ("python-format",)


def test_a_new_plural_text_makes_the_translation_wait() -> None:
    old = Message("day", ("দিন", "দিনগুলি"), plural="days")
    same = synced(catalog(old), source("day", "days"))
    assert not same.messages[0].fuzzy
    after = synced(catalog(old), source("day", "all days"))
    assert after.messages[0].fuzzy
    assert after.messages[0].previous == ('msgid "day"', 'msgid_plural "days"')
    assert after.messages[0].msgstr == old.msgstr


def test_forms_too_many_are_kept_as_comments() -> None:
    after = synced(catalog(Message("day", ("এক", "দুই", "তিন"), plural="days")), source("day"))
    assert after.messages[0].msgstr == ("এক",)
    assert after.messages[0].user_comments == ("earlier msgstr[1]: দুই", "earlier msgstr[2]: তিন")
    assert after.messages[0].fuzzy


def test_headers_and_their_comments_are_not_touched() -> None:
    before = replace(
        catalog(),
        header=(("X-Own", "1"), ("Language", "bn")),
        header_entry=Message("", user_comments=("by A",)),
    )
    after = written(synced(before, source("a")))
    assert after.header == before.header
    assert after.header_entry.user_comments == ("by A",)


IDS = [(None, "a"), (None, "b"), ("x", "a"), (None, "%(n)s c"), ("x", "d\ne")]
Wanted = tuple[tuple[str | None, str], str | None]  # context and text, plural text
one_wanted = st.tuples(st.sampled_from(IDS), st.sampled_from([None, "plural", "other plural"]))
sources = st.lists(one_wanted, unique_by=lambda one: one[0], max_size=len(IDS))
steps = st.lists(sources, min_size=1, max_size=4)


@settings(max_examples=120, derandomize=True, deadline=None)
@given(steps, st.booleans())
def test_nothing_a_translator_wrote_is_ever_lost(path: list[list[Wanted]], fuzzy: bool) -> None:
    """Whatever the source went through: each text is still in the file, and a second sync changes nothing."""
    now = catalog()
    seen: set[str] = set()
    for turn, wanted in enumerate(path):
        given_sources = [source(msgid, plural, context) for (context, msgid), plural in wanted]
        now = written(synced(now, *given_sources))
        again, summary = sync_catalog(now, given_sources, BN)
        assert format_po(again) == format_po(now)
        assert not summary.changed
        assert [item.key for item in now.messages if not item.obsolete] == [
            item.key for item in given_sources
        ]
        done = []
        for number, item in enumerate(now.messages):
            if not item.obsolete and not any(item.msgstr):
                forms = tuple(f"t{turn}-{number}-{form}" for form in range(len(item.msgstr)))
                comment = f"c{turn}-{number}"
                seen |= {*forms, comment}
                item = replace(
                    item,
                    msgstr=forms,
                    user_comments=(*item.user_comments, comment),
                    flags=("fuzzy", *item.flags) if fuzzy else item.flags,
                )
            done.append(item)
        now = replace(now, messages=tuple(done))
        text = format_po(now)
        assert all(word in text for word in seen)
