from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from policysite.core.diagnostics import Place
from policysite.core.locales import plural_header
from policysite.core.markdown import SEGMENTER_VERSION
from policysite.core.model import Catalog, Language, Message
from policysite.translate.extract import Source
from policysite.translate.po import format_po, parse_po, previous_message
from policysite.translate.sync import (
    MIGRATIONS,
    Change,
    SyncSummary,
    empty_catalog,
    message_id,
    plural_count,
    segmenter_problems,
    segmenter_version,
    sync_catalog,
)

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
    new = Change(message_id("a", (None, "a")), "added", "a")
    assert summary == SyncSummary(after.path, "bn", "a", 2, (new,))
    assert summary.kept == 1
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
    assert (first.count("retired"), second.count("revived"), second.count("added")) == (1, 1, 0)


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
    assert after.header[:2] == before.header
    missing = ["MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Plural-Forms"]
    assert [name for name, _ in after.header[2:]] == [*missing, "X-Segmenter-Version"]
    assert after.header_entry.user_comments == ("by A",)


# ── texts that changed ──────────────────────────────────────────────────────────────────────────

LOGS = "We keep the server logs for 30 days."
LOGS_NOW = "We keep the server logs for 90 days and then delete them."
RIGHTS = "You have the right to object at any time."


def test_a_changed_text_keeps_its_translation_as_fuzzy() -> None:
    old = catalog(
        Message(LOGS, ("লগ ৩০ দিন।",), user_comments=("mine",), auto_comments=("paragraph",)),
        Message(RIGHTS, ("আপত্তি",)),
    )
    after, summary = sync_catalog(old, [source(LOGS_NOW), source(RIGHTS)], BN)
    new, _, kept = after.messages
    assert (new.msgid, new.msgstr, new.user_comments) == (LOGS_NOW, ("লগ ৩০ দিন।",), ("mine",))
    assert new.fuzzy
    assert new.previous == (f'msgid "{LOGS}"',)
    assert (kept.msgid, kept.msgstr, kept.obsolete) == (LOGS, ("লগ ৩০ দিন।",), True)
    assert summary.changes == (Change(message_id("a", (None, LOGS_NOW)), "fuzzy", LOGS_NOW, LOGS),)
    assert (summary.kept, summary.total) == (1, 2)


def test_a_text_that_changes_back_is_as_it_was() -> None:
    old = catalog(Message(LOGS, ("লগ ৩০ দিন।",)))
    there = written(synced(old, source(LOGS_NOW)))
    back = written(synced(there, source(LOGS)))
    assert [(item.msgid, item.msgstr, item.fuzzy) for item in back.messages] == [
        (LOGS, ("লগ ৩০ দিন।",), False)
    ]


def test_a_text_that_changes_twice_remembers_what_was_translated() -> None:
    once = written(synced(catalog(Message(LOGS, ("লগ",))), source(LOGS_NOW)))
    twice = written(synced(once, source(LOGS_NOW.replace("90", "60"))))
    assert twice.messages[0].previous == (f'msgid "{LOGS}"',)
    assert [item.msgid for item in twice.messages[1:]] == [
        LOGS
    ]  # the copy in between held nothing of its own


def test_what_a_translator_did_to_a_fuzzy_copy_is_kept() -> None:
    once = written(synced(catalog(Message(LOGS, ("লগ",))), source(LOGS_NOW)))
    edited = replace(once, messages=(replace(once.messages[0], msgstr=("নতুন",)), *once.messages[1:]))
    gone = synced(edited)
    assert {item.msgstr for item in gone.messages} == {("লগ",), ("নতুন",)}


def test_a_split_text_gives_its_translation_to_each_part() -> None:
    both = f"{RIGHTS} {LOGS}"
    after = synced(
        catalog(Message(both, ("দুই",), auto_comments=("paragraph",))), source(RIGHTS), source(LOGS)
    )
    assert [(item.msgid, item.msgstr, item.fuzzy) for item in after.messages[:2]] == [
        (RIGHTS, ("দুই",), True),
        (LOGS, ("দুই",), True),
    ]


def test_merged_texts_give_both_translations() -> None:
    old = catalog(Message(RIGHTS, ("এক",), user_comments=("x",)), Message(LOGS, ("দুই",)))
    merged, *kept = synced(old, source(f"{RIGHTS} {LOGS}")).messages
    assert (merged.msgstr, merged.user_comments, merged.fuzzy) == (("এক দুই",), ("x",), True)
    assert merged.previous[0].startswith("msgid")
    assert [item.msgid for item in kept] == [RIGHTS, LOGS]


def test_a_new_version_of_a_policy_learns_from_the_one_before() -> None:
    """The older version is still in the source, behind the newer one."""
    texts = ["Privacy policy", RIGHTS, LOGS, "At once."]
    old = catalog(*(Message(text, (f"t{number}",)) for number, text in enumerate(texts)))
    newer = ["Privacy policy", RIGHTS, LOGS_NOW, "At once.", LOGS]
    after, summary = sync_catalog(old, [source(text) for text in newer], BN)
    assert [(item.msgstr, item.fuzzy) for item in after.messages] == [
        (("t0",), False),
        (("t1",), False),
        (("t2",), True),
        (("t3",), False),
        (("t2",), False),
    ]
    assert summary.kept == 4


def test_an_untranslated_predecessor_makes_nothing_fuzzy() -> None:
    after, summary = sync_catalog(catalog(Message(LOGS)), [source(LOGS_NOW)], BN)
    assert [(item.msgid, item.fuzzy, item.previous) for item in after.messages] == [(LOGS_NOW, False, ())]
    assert [change.outcome for change in summary.changes] == ["added"]


# ── carried over ────────────────────────────────────────────────────────────────────────────────


def test_another_link_target_is_carried_over() -> None:
    old = Message("See the [cookies](/cookies.html).", ("[কুকি](/cookies.html) দেখুন।",), user_comments=("c",))
    after, summary = sync_catalog(catalog(old), [source("See the [cookies](/cookies/).")], BN)
    assert [(item.msgid, item.msgstr, item.fuzzy, item.user_comments) for item in after.messages] == [
        ("See the [cookies](/cookies/).", ("[কুকি](/cookies/) দেখুন।",), False, ("c",))
    ]
    assert [(change.outcome, change.was) for change in summary.changes] == [("carried", old.msgid)]


def test_interface_texts_carry_over_white_space_only() -> None:
    old = catalog(Message("a  [b](/c)", ("ক",)))
    spaced, _ = sync_catalog(old, [source("a [b](/c)")], BN, markdown=False)
    assert [(item.msgstr, item.fuzzy) for item in spaced.messages] == [(("ক",), False)]
    linked, _ = sync_catalog(old, [source("a  [b](/d)")], BN, markdown=False)
    assert not linked.messages[0].usable


def test_a_fuzzy_translation_is_carried_over_as_fuzzy() -> None:
    old = Message("[a](/b)", ("[ক](/b)",), flags=("fuzzy",), previous=('msgid "z"',))
    after = synced(catalog(old), source("[a](/c)"))
    assert (after.messages[0].msgstr, after.messages[0].fuzzy) == (("[ক](/c)",), True)


# ── --unchanged-meaning ─────────────────────────────────────────────────────────────────────────

ID = message_id("a", (None, LOGS_NOW))
RECORD = f'unchanged-meaning: "{LOGS}"'


def test_an_unchanged_meaning_keeps_the_translation_valid() -> None:
    old = catalog(Message(LOGS, ("লগ",), user_comments=("mine",)))
    after, summary = sync_catalog(old, [source(LOGS_NOW)], BN, unchanged={ID})
    assert (after.messages[0].usable, after.messages[0].previous) == (True, ())
    assert after.messages[0].user_comments == ("mine", RECORD)
    assert summary.count("approved") == 1
    assert written(after).messages[0].user_comments == ("mine", RECORD)


def test_an_unchanged_meaning_can_be_said_later() -> None:
    waiting = written(synced(catalog(Message(LOGS, ("লগ",))), source(LOGS_NOW)))
    after, summary = sync_catalog(waiting, [source(LOGS_NOW)], BN, unchanged={ID})
    assert after.messages[0].usable
    assert after.messages[0].user_comments == (RECORD,)
    assert [(change.outcome, change.was) for change in summary.changes] == [("approved", LOGS)]
    again, nothing = sync_catalog(written(after), [source(LOGS_NOW)], BN, unchanged={ID})
    assert format_po(again) == format_po(after)
    assert not nothing.changed


def test_an_unchanged_meaning_cannot_approve_what_nobody_has_approved() -> None:
    fuzzy = catalog(Message(LOGS, ("লগ",), flags=("fuzzy",)))
    after, summary = sync_catalog(fuzzy, [source(LOGS_NOW)], BN, unchanged={ID})
    assert after.messages[0].fuzzy
    assert [change.outcome for change in summary.changes] == ["fuzzy", "refused"]
    assert summary.kept == 0
    own = catalog(Message(LOGS_NOW, ("লগ",), flags=("fuzzy",), previous=(f'msgid "{LOGS}"',)))
    after, summary = sync_catalog(own, [source(LOGS_NOW)], BN, unchanged={ID})
    assert after.messages[0].fuzzy
    assert not summary.changed


def test_ids_tell_catalogs_contexts_and_texts_apart() -> None:
    keys = [("a", (None, "b")), ("a", ("", "b")), ("ab", (None, "")), ("a", ("b", "")), ("b", (None, "b"))]
    assert len({message_id(domain, key) for domain, key in keys}) == len(keys)
    assert message_id("a", (None, "b")) == "2d8dbcdd"  # printed in reports: it may not change


# ── older segmenters ────────────────────────────────────────────────────────────────────────────


def test_a_catalog_of_another_extractor_is_migrated() -> None:
    heading = Message("## Your rights {: #rights }", ("## আপনার অধিকার {: #rights }",))
    folded = Message("We keep\n    nothing.", ("আমরা কিছু\nরাখি না।",))
    old = replace(catalog(heading, folded), header=(("Language", "bn"),))
    after, summary = sync_catalog(old, [source("Your rights"), source("We keep nothing.")], BN)
    assert [(item.msgid, item.msgstr) for item in after.messages] == [
        ("Your rights", ("আপনার অধিকার",)),
        ("We keep nothing.", ("আমরা কিছু রাখি না।",)),
    ]
    assert not summary.changed
    assert segmenter_version(after) == SEGMENTER_VERSION
    assert len(MIGRATIONS) == SEGMENTER_VERSION


def test_a_catalog_of_today_is_not_migrated() -> None:
    old = catalog(Message("# 1 {: x }", ("ক",)))
    assert synced(old, source("# 1 {: x }")).messages[0].msgstr == ("ক",)


def test_two_messages_never_become_one() -> None:
    old = replace(catalog(Message("a\nb", ("১",)), Message("a b", ("২",))), header=())
    after = synced(old, source("a b"))
    assert {(item.msgid, item.msgstr, item.obsolete) for item in after.messages} == {
        ("a b", ("২",), False),
        ("a\nb", ("১",), True),
    }


def test_a_catalog_of_a_newer_segmenter_is_refused() -> None:
    text = 'msgid ""\nmsgstr ""\n"Language: bn\\n"\n"X-Segmenter-Version: 99\\n"\n'
    newer, _ = parse_po("a.po", text, "bn", "a")
    assert [(item.code, item.place.line) for item in segmenter_problems(newer)] == [("T010", 4)]
    assert segmenter_problems(catalog()) == ()


# ── properties ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("said", "after"), [("bn_BD", "bn"), ("bn", "bn"), ("", "bn"), ("hi", "hi"), ("bng", "bng")]
)
def test_the_language_is_named_as_the_site_names_it(said: str, after: str) -> None:
    """A catalog of another language stays what it says it is: a check reports it."""
    old = replace(catalog(), header=(("Language", said), ("Plural-Forms", "nplurals=2; plural=n>1;")))
    header = dict(synced(old, source("a")).header)
    assert header["Language"] == after
    assert header["Plural-Forms"] == "nplurals=2; plural=n>1;"


IDS = [
    *((None, "a"), (None, "b"), ("x", "a"), (None, "%(n)s c"), ("x", "d\ne")),
    *((None, LOGS), (None, LOGS_NOW), (None, RIGHTS), (None, f"{RIGHTS} {LOGS}"), ("x", LOGS)),
    *(
        (None, f"[{LOGS}](/a)"),
        (None, f"[{LOGS}](/b)"),
        (None, f"  [{LOGS}](/b)"),
        (None, f"{RIGHTS}  {LOGS}"),
    ),
]
Wanted = tuple[tuple[str | None, str], str | None]  # context and text, plural text
one_wanted = st.tuples(st.sampled_from(IDS), st.sampled_from([None, None, "plural", "other plural"]))
sources = st.lists(one_wanted, unique_by=lambda one: one[0], max_size=len(IDS))
steps = st.lists(sources, min_size=1, max_size=5)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(steps, st.data(), st.booleans())
def test_nothing_a_translator_wrote_is_ever_lost(
    path: list[list[Wanted]], data: st.DataObject, fuzzy: bool
) -> None:
    """Whatever the source went through: each text is still in the file, a second sync changes nothing, and
    the messages are in the order of the source. Translators fill in, and overwrite what a sync proposed."""
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
        text = format_po(now).replace('"\n"', "").replace('"\n#~ "', "")
        assert all(word in text for word in seen)
        done = []
        for number, item in enumerate(now.messages):
            before = previous_message(item)
            proposed = item.fuzzy and before is not None and before.key != item.key
            overwrite = proposed and not item.obsolete and data.draw(st.booleans())
            if overwrite or (not item.obsolete and not any(item.msgstr)):
                forms = tuple(f"t{turn}-{number}-{form}." for form in range(len(item.msgstr)))
                comment = f"c{turn}-{number}."
                seen |= {*forms, comment}
                if item.plural is None and "](/a)" in item.msgid:
                    forms = (f"[{forms[0]}](/a)",)
                item = replace(
                    item,
                    msgstr=forms,
                    user_comments=(*item.user_comments, comment),
                    flags=("fuzzy",) if fuzzy else (),
                    previous=(),
                )
            done.append(item)
        now = replace(now, messages=tuple(done))
