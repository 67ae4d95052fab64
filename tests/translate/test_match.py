"""Changed texts find their predecessors; bench/data/edits.yaml has edits of the usual kinds."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policysite.core.diagnostics import Place
from policysite.core.model import Catalog, Language, Message
from policysite.translate.extract import Source
from policysite.translate.match import carried, predecessors
from policysite.translate.sync import empty_catalog, message_id, migrated, sync_catalog

BN = Language("bn", "bn", "বাংলা", "Bangla", "ltr", "Beng", "০১২৩৪৫৬৭৮৯", "reviewed")

BEFORE = [
    "What we collect",
    "We collect your e-mail address when you write to us.",
    "Log files hold the address of your browser and the time of your visit.",
    "We keep log files for {{ log_days }} days.",
    "Your rights",
    "You may ask us to delete your data. See the [form](/delete/).",
    "You may ask us for a copy of your data.",
]


def sources(texts: list[str], path: str = "content/a.md", start: int = 5) -> list[Source]:
    return [
        Source(text, None, None, ("paragraph",), (Place(path, start + 2 * index),))
        for index, text in enumerate(texts)
    ]


def catalog(texts: list[str], path: str = "content/a.md") -> Catalog:
    messages = tuple(
        Message(
            source.msgid, (f"bn {source.msgid}",), auto_comments=source.comments, references=source.references
        )
        for source in sources(texts, path)
    )
    return replace(empty_catalog(BN, "a"), messages=messages)


def pairs(before: list[str], after: list[str]) -> dict[str, str]:
    found = predecessors(catalog(before).messages, sources(after))
    return {new[1]: old[1] for new, old in found.items()}


def changed(index: int, text: str) -> list[str]:
    return [*BEFORE[:index], text, *BEFORE[index + 1 :]]


@pytest.mark.parametrize(
    ("index", "text"),
    [
        (1, "We collect your e-mail address and your name when you write to us."),
        (2, "Log files hold the IP address, the browser and the time of every visit."),
        (3, "Log files are kept for {{ log_days }} days."),
        (5, "You can ask us to erase your data: use the [form](/erase/)."),
        (0, "What we collect and why"),
    ],
)
def test_a_changed_text_comes_from_the_one_between_the_same_neighbours(index: int, text: str) -> None:
    assert pairs(BEFORE, changed(index, text)) == {text: BEFORE[index]}


def test_a_new_text_comes_from_nothing() -> None:
    assert pairs(BEFORE, [*BEFORE[:4], "Children must not use this site at all.", *BEFORE[4:]]) == {}


def test_a_text_that_moved_and_changed_is_found() -> None:
    moved = "We keep all log files for {{ log_days }} days."
    assert pairs(BEFORE, [moved, *BEFORE[:3], *BEFORE[4:]]) == {moved: BEFORE[3]}


def test_a_split_paragraph_gives_its_translation_to_one_part_at_least() -> None:
    first, second = "You may ask us to delete your data.", "See the [form](/delete/) for that."
    found = pairs(BEFORE, [*BEFORE[:5], first, second, BEFORE[6]])
    assert found[first] == BEFORE[5]


def test_two_alike_keep_their_order() -> None:
    before = ["You may ask for a copy of it.", "You may ask for a correction of it."]
    after = ["You may always ask for a copy of it.", "You may always ask for a correction of it."]
    assert pairs(before, after) == dict(zip(after, before, strict=True))


def test_a_new_version_of_a_policy_comes_from_the_one_before() -> None:
    old = sources(BEFORE, "content/privacy/2025-10.md")
    texts = changed(2, "Log files hold the address of your browser only.")
    both = [*sources(texts, "content/privacy/2026-03.md"), *old]
    found = predecessors(catalog(BEFORE, "content/privacy/2025-10.md").messages, both)
    assert {new[1]: was[1] for new, was in found.items()} == {texts[2]: BEFORE[2]}


@pytest.mark.parametrize(
    ("old", "new", "translation", "expected"),
    [
        ("See [it](/a/).", "See [it](/b/).", "[এটি](/a/) দেখুন।", "[এটি](/b/) দেখুন।"),
        ("See  it.", "See it.", "এটি দেখুন।", "এটি দেখুন।"),
        ("[a](/a/) [b](/b/)", "[a](/b/) [b](/c/)", "[খ](/b/) [ক](/a/)", "[খ](/c/) [ক](/b/)"),
        ("[a](/a/) [b](/a/)", "[a](/x/) [b](/y/)", "[ক](/a/) [খ](/a/)", "[ক](/x/) [খ](/y/)"),
        ("[a](/a/(b)/c)", "[a](/d/)", "[ক](/a/(b)/c)", "[ক](/d/)"),
        ("See [it](/a/).", "See [that](/a/).", "[এটি](/a/) দেখুন।", None),
        ("[a](/a/) [b](/b/) [c](/a/)", "[a](/x/) [b](/y/) [c](/z/)", "[খ](/b/) [ক](/a/) [গ](/a/)", None),
        ("See [it](/a/).", "See [it](/b/).", "দেখুন।", None),
    ],
)
def test_a_change_of_targets_or_spaces_is_carried_over(
    old: str, new: str, translation: str, expected: str | None
) -> None:
    assert carried(old, new, translation) == expected


def test_sync_carries_makes_fuzzy_and_tells() -> None:
    after = changed(5, "You may ask us to delete your data. See the [form](/delete-data/).")
    after[2] = "Log files hold the address of your browser."
    result, summary = sync_catalog(catalog(BEFORE), sources(after), BN)
    by_id = {message.msgid: message for message in result.messages}
    assert by_id[after[5]].msgstr == (f"bn {after[5]}",)
    assert not by_id[after[5]].fuzzy
    fuzzy = by_id[after[2]]
    assert fuzzy.fuzzy
    assert fuzzy.msgstr == (f"bn {BEFORE[2]}",)
    assert " ".join(fuzzy.previous).startswith('msgid "Log files') or fuzzy.previous[0] == 'msgid ""'
    assert (summary.carried, summary.fuzzy, summary.added, summary.retired) == (1, 1, 0, 2)
    assert summary.waiting == ((message_id((None, after[2])), after[2]),)
    assert [message.msgid for message in result.messages if message.obsolete] == [BEFORE[2], BEFORE[5]]


def test_a_cosmetic_change_keeps_the_translation_with_a_note() -> None:
    after = changed(1, "We collect your email address when you write to us.")
    identity = message_id((None, after[1]))
    for first in ({identity}, set()):
        result, summary = sync_catalog(catalog(BEFORE), sources(after), BN, first)
        if not first:  # said later, when it is fuzzy already
            result, summary = sync_catalog(result, sources(after), BN, {identity})
        message = next(message for message in result.messages if message.msgid == after[1])
        assert not message.fuzzy
        assert message.previous == ()
        assert message.user_comments[-1].startswith("meaning unchanged since ")
        assert summary.confirmed == 1
        assert summary.waiting == ()


def test_a_fuzzy_predecessor_stays_fuzzy() -> None:
    before = catalog(BEFORE)
    waiting = replace(before.messages[5], flags=("fuzzy",), previous=('msgid "old"',))
    before = replace(before, messages=(*before.messages[:5], waiting, *before.messages[6:]))
    after = changed(5, BEFORE[5].replace("/delete/", "/x/"))
    result, _ = sync_catalog(before, sources(after), BN)
    message = next(message for message in result.messages if message.msgid == after[5])
    assert (message.fuzzy, message.previous) == (True, ('msgid "old"',))


def test_a_catalog_of_an_older_segmenter_is_migrated() -> None:
    old = catalog(["A  b.", "C."])
    steps = ((1, lambda msgid: " ".join(msgid.split())),)
    result = migrated(old, steps)
    assert [message.msgid for message in result.messages] == ["A b.", "C."]
    assert [message.msgstr for message in result.messages] == [message.msgstr for message in old.messages]
    unknown = replace(old, header=tuple(row for row in old.header if row[0] != "X-Segmenter-Version"))
    assert migrated(unknown, steps).messages == old.messages


WORDS = st.sampled_from(["we", "you", "data", "logs", "keep", "[x](/a/)", "90", "never", "ask"])
TEXTS = st.lists(st.lists(WORDS, min_size=1, max_size=8).map(" ".join), max_size=12, unique=True)


@settings(max_examples=150, deadline=None)
@given(TEXTS, TEXTS)
def test_nothing_a_translator_wrote_is_lost_and_twice_is_once(before: list[str], after: list[str]) -> None:
    start = catalog(before)
    result, summary = sync_catalog(start, sources(after), BN)
    assert [message.msgid for message in result.messages if not message.obsolete] == after
    kept = {(message.msgid, text) for message in result.messages for text in message.msgstr}
    assert {(message.msgid, message.msgstr[0]) for message in start.messages} <= kept
    counted = summary.kept + summary.added + summary.revived + summary.carried + summary.fuzzy
    assert counted == summary.total == len(after)
    again, second = sync_catalog(result, sources(after), BN)
    assert again == result
    assert not second.changed
