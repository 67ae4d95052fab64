from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path

import pytest
from babel.messages.pofile import normalize
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from policysite.core.model import Catalog, Message
from policysite.translate import po
from policysite.translate.po import format_po, parse_po, previous_message, previous_rows
from tests.helpers.machine import ROOT, find_program

some = settings(
    max_examples=120, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)

ODD = '" \\\n\r\t\a\b\f\v\x00\x1b\x7f\x85\u2028\u2029.-{}#~|'

LONG = ["word " * 40, "x" * 300, "https://a.test/" + "b/" * 60, "a-b-c" * 30, "one\n" * 3, "é\u2028" * 50]
texts = st.text(max_size=8) | st.text("ab " + ODD, max_size=12) | st.sampled_from(LONG)
#: A comment as a reader of lines can give it back: one line without white space at its end.
comments = texts.map(lambda text: re.sub(r"[\n\r]", "", text).rstrip())
references = st.sampled_from(["content/a.md:3", "config.yaml", "templates/" + "x" * 60 + ".html:12", "b:1"])


@st.composite
def messages(draw: st.DrawFn) -> Message:
    plural = draw(st.none() | texts)
    previous: tuple[str, ...] = ()
    if draw(st.booleans()):
        was = Message(draw(texts), context=draw(st.none() | texts), plural=draw(st.none() | texts))
        previous = previous_rows(was)
    return Message(
        msgid=draw(texts.filter(bool)),
        msgstr=tuple(draw(st.lists(texts, min_size=1, max_size=1 if plural is None else 4))),
        plural=plural,
        context=draw(st.none() | texts),
        user_comments=tuple(draw(st.lists(comments, max_size=3))),
        auto_comments=tuple(draw(st.lists(comments.map(str.strip), max_size=2))),
        references=tuple(draw(st.lists(references, max_size=5))),
        flags=tuple(draw(st.lists(st.sampled_from(["fuzzy", "python-format", "no-wrap"]), unique=True))),
        previous=previous,
        obsolete=draw(st.booleans()),
    )


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    unique = {message.key: message for message in draw(st.lists(messages(), max_size=5))}
    ordered = sorted(unique.values(), key=lambda message: message.obsolete)
    header = (("Language", "bn"), ("X-Own", draw(st.sampled_from(["", "a: b", "x"]))))
    entry = Message("", ("",), user_comments=tuple(draw(st.lists(comments, max_size=2))))
    marks = st.sampled_from(["# ", "#. ", "#: ", "#, ", "#| ", "#~| ", "#"])
    tail = draw(st.lists(st.tuples(marks, comments).map(lambda row: "".join(row).rstrip()), max_size=3))
    return Catalog("a.po", "bn", "a", "", tuple(ordered), header, entry, tuple(tail))


def parsed(text: str) -> Catalog:
    catalog, problems = parse_po("a.po", text, "bn", "a")
    assert problems == ()
    return catalog


def faults(text: str) -> list[tuple[str, int]]:
    return [(item.code, item.place.line) for item in parse_po("a.po", text, "bn", "a")[1]]


def bare(message: Message) -> Message:
    return replace(message, line=0, msgstr_line=0)


def essence(catalog: Catalog) -> tuple[object, ...]:
    entry = replace(bare(catalog.header_entry), msgstr=())
    return (catalog.header, entry, [bare(message) for message in catalog.messages], catalog.tail)


# ── round trips ─────────────────────────────────────────────────────────────────────────────────


@settings(some, max_examples=200)
@given(catalogs())
def test_what_is_written_is_read_back(catalog: Catalog) -> None:
    text = format_po(catalog)
    assert essence(parsed(text)) == essence(catalog)
    assert format_po(parsed(text)) == text


SHIPPED = sorted((ROOT / "translations").rglob("*.po"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT / "translations")))
def test_shipped_catalogs_are_written_as_they_are_read(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert format_po(parsed(text)) == text


FULL = """\
# Translators:
# A Person <a@b.c>, 2025
msgid ""
msgstr ""
"Language: bn\\n"
"X-Weird:  two: colons \\n"
"PO-Revision-Date: 2025-10-01T10:00:00Z\\n"

#. note
#: content/a.md:3 content/b.md:4
#: content/c.md:5
#, fuzzy, python-format
#| msgctxt "old"
#| msgid "was"
msgctxt "menu"
msgid "%(num)s day"
msgid_plural "%(num)s days"
msgstr[0] "এক"
msgstr[1] ""
"দুই\\n"
"তিন"

#   kept   as it is
#
msgid "tab\\tquote\\"slash\\\\ octal\\101 hex\\x41"
msgstr "x"

#~| msgid "older"
#~ msgctxt "menu"
#~ msgid "gone"
#~ msgstr ""
#~ "one "
#~ "two"
"""


def test_everything_a_translator_wrote_is_read() -> None:
    catalog = parsed(FULL)
    day, odd, gone = catalog.messages
    assert catalog.header == (
        ("Language", "bn"),
        ("X-Weird", "two: colons"),
        ("PO-Revision-Date", "2025-10-01T10:00:00Z"),
    )
    assert catalog.header_entry.user_comments == ("Translators:", "A Person <a@b.c>, 2025")
    assert bare(day) == Message(
        msgid="%(num)s day",
        msgstr=("এক", "দুই\nতিন"),
        plural="%(num)s days",
        context="menu",
        auto_comments=("note",),
        references=("content/a.md:3", "content/b.md:4", "content/c.md:5"),
        flags=("fuzzy", "python-format"),
        previous=('msgctxt "old"', 'msgid "was"'),
    )
    assert (day.line, day.msgstr_line) == (16, 18)
    assert odd.msgid == 'tab\tquote"slash\\ octalA hexA'
    assert odd.user_comments == ("  kept   as it is", "")
    assert (gone.msgid, gone.msgstr, gone.obsolete) == ("gone", ("one two",), True)
    assert gone.previous == ('msgid "older"',)


def test_only_approved_complete_messages_are_published() -> None:
    text = (
        'msgid "a"\nmsgstr "1"\n\n#, fuzzy\nmsgid "b"\nmsgstr "2"\n\nmsgid "c"\nmsgstr ""\n\n'
        '#~ msgid "d"\n#~ msgstr "4"\n\nmsgid "e"\nmsgid_plural "f"\nmsgstr[0] "5"\nmsgstr[1] "6"\n'
    )
    assert parsed(text).translations() == {"a": "1"}
    assert [message.msgid for message in parsed(text).messages if message.usable] == ["a", "e"]


def test_comments_after_the_last_entry_stay_at_the_end() -> None:
    text = 'msgid ""\nmsgstr "Language: bn\\n"\n\nmsgid "a"\nmsgstr "b"\n\n# to do\n#\n#. note\n#, fuzzy\n'
    assert parsed(text).tail == ("# to do", "#", "#. note", "#, fuzzy")
    assert format_po(parsed(text)) == text
    alone = 'msgid ""\nmsgstr ""\n\n# nothing yet\n'
    assert format_po(parsed(alone)) == alone


def test_a_header_line_that_is_no_field_stays() -> None:
    text = 'msgid ""\nmsgstr ""\n"Language: bn\\n"\n"made by hand\\n"\n"X-Own: 1\\n"\n'
    assert parsed(text).header == (("Language", "bn"), ("", "made by hand"), ("X-Own", "1"))
    assert format_po(parsed(text)) == text


def test_flags_that_stay_are_flags() -> None:
    """gettext 0.26 writes `no-wrap` and the format flags as `#=`."""
    assert parsed('#, fuzzy\n#= no-wrap, c-format\nmsgid "a"\nmsgstr "b"\n').messages[0].flags == (
        "fuzzy",
        "no-wrap",
        "c-format",
    )


def test_previous_rows_name_an_entry() -> None:
    was = Message("a\nb " * 30, context='say "x"', plural="c")
    found = previous_message(Message("new", previous=previous_rows(was)))
    assert found is not None
    assert (found.key, found.plural) == (was.key, was.plural)
    assert previous_message(Message("new")) is None
    assert previous_message(Message("new", previous=("anything",))) is None


# ── what cannot be read ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('msgid "a\nmsgstr "b"\n', [("T001", 1)]),
        ('msgid "a"\nmsgstr "b" c\n', [("T001", 2)]),
        ('msgid "a"\nmsgstr b\n', [("T001", 2)]),
        ('msgid "a"\n\nmsgid "b"\nmsgstr "c"\n', [("T001", 1)]),
        ('msgstr "b"\n', [("T001", 1)]),
        ('"lost"\n', [("T001", 1)]),
        ("<<<<<<< HEAD\n", [("T001", 1)]),
        ('msgid "a"\nmsgstr "b"\nmsgstr "c"\n', [("T001", 3)]),
        ('msgid "a"\nmsgstr[0] "b"\nmsgstr[1] "c"\n', [("T001", 1)]),
        ('\nmsgctxt "x"\n', [("T001", 2)]),
        ('msgid "a"\nmsgstr "1"\n\nmsgid "a"\nmsgstr "2"\n', [("T004", 4)]),
        ('msgid "a"\nmsgstr "1"\n\n#~ msgid "a"\n#~ msgstr "2"\n', [("T004", 4)]),
        ('msgctxt "x"\nmsgid "a"\nmsgstr ""\n\nmsgid "a"\nmsgstr ""\n', []),
    ],
)
def test_faults_have_their_line(text: str, found: list[tuple[str, int]]) -> None:
    assert faults(text) == found


def test_a_fault_shows_the_line_and_the_rest_is_still_read() -> None:
    catalog, problems = parse_po("a.po", 'msgid "a\nmsgstr "b"\n\nmsgid "c"\nmsgstr "d"\n', "bn", "a")
    assert problems[0].place.text == 'msgid "a'
    assert catalog.translations()["c"] == "d"


@some
@given(st.binary(max_size=200), st.data())
@example(b'msgid "\\', None)
def test_no_bytes_raise(data: bytes, more: st.DataObject | None) -> None:
    text = data.decode("utf-8", "replace")
    parse_po("a.po", text, "bn", "a")
    if more is None:
        return
    rows = FULL.split("\n")
    for _ in range(more.draw(st.integers(1, 4))):
        at = more.draw(st.integers(0, len(rows) - 1))
        row = rows[at]
        cut = more.draw(st.integers(0, len(row)))
        rows[at] = (
            row[:cut] + more.draw(st.sampled_from(['"', "\\", "#~ ", "", "msgid", text])) + row[cut + 1 :]
        )
        if more.draw(st.booleans()):
            del rows[more.draw(st.integers(0, len(rows) - 1))]
    catalog, _ = parse_po("a.po", "\n".join(rows), "bn", "a")
    assert essence(parsed(format_po(catalog))) == essence(catalog)


# ── GNU gettext agrees ──────────────────────────────────────────────────────────────────────────


def run(tmp_path: Path, program: str, *arguments: str, text: str) -> str:
    file = tmp_path / "a.po"
    file.write_text(text, encoding="utf-8", newline="\n")
    done = subprocess.run(
        [str(find_program(None, program)), *arguments, str(file)],
        capture_output=True,
        cwd=tmp_path,
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


UTF8 = ("Content-Type", "text/plain; charset=UTF-8")
PLURALS = ("Plural-Forms", "nplurals=2; plural=(n != 1);")


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("po")


@settings(some, max_examples=30)
@given(catalog=catalogs())
def test_gettext_reads_what_is_written(scratch: Path, catalog: Catalog) -> None:
    # gettext has no NUL and no EOT, wants a msgid and its translation to begin and end alike with a line
    # break, knows two plural forms of Bengali, and takes format flags at their word: not rules of ours.
    def tame(message: Message) -> Message:
        def text(value: str) -> str:
            return value.replace("\0", "").replace("\x04", "").strip("\n").replace("\r", "").replace("%", "")

        return replace(
            message,
            msgid=text(message.msgid) or "x",
            plural=None if message.plural is None else text(message.plural) or "x",
            context=None if message.context is None else text(message.context),
            msgstr=tuple(
                text(form) for form in (*message.msgstr, "", "")[: 1 if message.plural is None else 2]
            ),
            previous=(),
            flags=tuple(flag for flag in message.flags if flag == "fuzzy"),
        )

    tamed = [tame(message) for message in catalog.messages]
    tamed = [message for message in tamed if message.msgstr[0] or not message.obsolete]  # msgcat drops those
    assume(len({message.key for message in tamed}) == len(tamed))
    tail = tuple(row for row in catalog.tail if "|" not in row)  # gettext: a `#|` line needs its message
    tame_catalog = replace(
        catalog, messages=tuple(tamed), header=(("Language", "bn"), UTF8, PLURALS), tail=tail
    )
    text = format_po(tame_catalog)
    run(scratch, "msgfmt", "--check-format", "--check-header", "-o", "/dev/null", text=text)
    theirs = parsed(run(scratch, "msgcat", "--no-wrap", text=text))
    ours = {message.key: (message.msgstr, message.obsolete) for message in tame_catalog.messages}
    assert {message.key: (message.msgstr, message.obsolete) for message in theirs.messages} == ours


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT / "translations")))
def test_gettext_finds_no_fault_in_shipped_catalogs(tmp_path: Path, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    run(tmp_path, "msgfmt", "-c", "-o", "/dev/null", text=text)
    theirs = parsed(run(tmp_path, "msgcat", text=text))
    assert [(message.key, message.msgstr) for message in theirs.messages] == [
        (message.key, message.msgstr) for message in parsed(text).messages
    ]


def test_what_msgmerge_writes_is_read(tmp_path: Path) -> None:
    (tmp_path / "new.pot").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        '#: content/a.md:1\nmsgid "We keep your data for ninety days"\nmsgstr ""\n',
        encoding="utf-8",
    )
    old = (
        'msgid ""\nmsgstr "Language: bn\\nContent-Type: text/plain; charset=UTF-8\\nX-Own: 1\\n"\n\n'
        '# mine\nmsgid "We keep your data for sixty days"\nmsgstr "ষাট দিন"\n\n'
        'msgctxt "c"\nmsgid "gone"\nmsgstr "গেছে"\n'
    )
    file = tmp_path / "a.po"
    file.write_text(old, encoding="utf-8")
    done = subprocess.run(
        [str(find_program(None, "msgmerge")), "--previous", "--quiet", "-o", "-", "a.po", "new.pot"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    catalog = parsed(done.stdout.decode())
    merged, gone = catalog.messages
    assert merged.fuzzy
    assert merged.user_comments == ("mine",)
    assert merged.previous == ('msgid "We keep your data for sixty days"',)
    assert merged.msgstr == ("ষাট দিন",)
    assert (gone.context, gone.msgid, gone.msgstr, gone.obsolete) == ("c", "gone", ("গেছে",), True)
    assert ("X-Own", "1") in catalog.header
    assert parsed(format_po(catalog)).messages[0].previous == merged.previous


@given(st.text("ab -,.é।", max_size=200) | st.sampled_from(LONG))
def test_texts_are_wrapped_as_babel_wraps_them(text: str) -> None:
    assume("x" * 300 not in text)
    written = format_po(Catalog("a.po", "bn", "a", "", (Message("a", (text,)),)))
    assert written.endswith(f"msgstr {normalize(text, width=76)}\n")


def test_a_megabyte_is_written_in_a_moment() -> None:
    begun = time.perf_counter()
    catalog = Catalog(
        "a.po", "bn", "a", "", (Message("a", ("x" * 1_000_000,)), Message("b", ("x " * 500_000,)))
    )
    assert essence(parsed(format_po(catalog))) == essence(catalog)
    assert time.perf_counter() - begun < 15


#: Rows of PO files, and what is almost one.
ROWS = [
    *('msgid "a"', 'msgid ""', 'msgid "b"', 'msgctxt "menu"', 'msgid_plural "as"', 'msgid  "two spaces"'),
    *('msgstr "é"', 'msgstr ""', 'msgstr[0] "x"', 'msgstr[1] "y"', 'msgstr "', "msgstr x", 'msgstr"near"'),
    *('"more\\n"', '"\\""', '"\\x41\\101"', '"', '""', '"a"b"', '"a', 'a"', '"a" ', ' "a"', '"a"\r', '"\\"'),
    *("", "", "", "", " ", "\r", "# a", "#. b", "#: c:1 d:2", "#, fuzzy", "#= no-wrap", "#", '#| msgid "p"'),
    *(
        '#~ msgid "o"',
        '#~ msgstr "o"',
        '#~| msgid "p"',
        "#~",
        "garbage",
        "\ufeff",
        "# check: ignore T106 – x",
    ),
]


#: What stands between two msgstr of a file, and what is almost that.
TAILS = [
    '"',
    'x"',
    '"\n"x"',
    'x"\n"y"',
    '\\n"',
    '\\"',
    "x",
    'x" ',
    '"y"',
    'a""\n"\n"\n"\nb"',
    'x\n"\n"\ny"',
    '"\n"',
]


@some
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([*TAILS[:4] * 4, *TAILS])), max_size=5))
def test_entries_read_together_are_those_read_alone(rows: list[tuple[str, str]]) -> None:
    text = "\n\n".join(f'# c\nmsgid "{name}{at}"\nmsgstr "{tail}' for at, (name, tail) in enumerate(rows))
    quick = parse_po("a.po", text, "bn", "a")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(po, "plain_entry", lambda block, number: None)
        patch.setattr(po, "plain_entries", lambda blocks: None)
        assert parse_po("a.po", text, "bn", "a") == quick


@some
@given(st.lists(st.sampled_from(ROWS), max_size=24).map("\n".join))
@example('msgid "a"\nmsgstr "')
@example('msgid "a"\nmsgstr "x"\n\n"y"')
@example('msgid "a"\nmsgstr "x"\n\nmsgstr[1] "y"')
@example('#. a\nmsgid "a"\nmsgstr "x"\n\n#~ "y"\n')
@example('# a\n\nmsgid "a"\nmsgstr ""\n"x"\n"y"\n\n\n\nmsgid "b"\nmsgstr "z"')
def test_reading_by_blocks_is_reading_by_lines(text: str) -> None:
    """What `plain_entry` and `plain_entries` read at once is what the reader of lines reads."""
    quick = parse_po("a.po", text, "bn", "a")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(po, "plain_entry", lambda block, number: None)
        patch.setattr(po, "plain_entries", lambda blocks: None)
        assert parse_po("a.po", text, "bn", "a") == quick
