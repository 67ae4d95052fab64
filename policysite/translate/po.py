"""PO text ↔ `Catalog`, without loss: comments, flags, references, previous texts, headers, obsolete entries.

Babel's `read_po`/`write_po` drop `X-*` headers and turn `#|` lines into comments, so the file structure is
read here; Babel gives the wrapping of strings (`normalize`) and the plural rules. The grammar is that
of the GNU gettext manual, section “The Format of PO Files”.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from babel.messages.pofile import WORD_SEP, normalize
from msgspec import Struct, field
from msgspec.structs import replace

from policysite.core.diagnostics import Diagnostic, place_in, problem
from policysite.core.model import Catalog, Message
from policysite.translate.words import REMEMBERED

_KEYWORD = re.compile(r"(msgctxt|msgid_plural|msgid|msgstr(?:\[(\d{1,2})\])?)\s*(.*)\Z")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"\Z')
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)")
_PLAIN_ESCAPES = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    '"': '"',
    "\\": "\\",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
}
_WIDTH = 79


class _Draft(Struct):
    """An entry while it is read."""

    user_comments: list[str] = field(default_factory=list)
    auto_comments: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    previous: list[str] = field(default_factory=list)
    context: str | None = None
    msgid: str | None = None
    plural: str | None = None
    msgstr: dict[int, str] = field(default_factory=dict)
    obsolete: bool = False
    line: int = 0
    msgstr_line: int = 0
    last: tuple[str, int] | None = None  # the text a continuation line adds to
    rows: list[str] = field(default_factory=list)  # its comment lines as written

    @property
    def started(self) -> bool:
        return self.msgid is not None or self.context is not None

    @property
    def begun(self) -> bool:
        return bool(self.started or self.rows)

    @property
    def touched(self) -> bool:
        return self.started or bool(
            self.user_comments or self.auto_comments or self.references or self.flags or self.previous
        )


def parse_po(path: str, text: str, tag: str, domain: str) -> tuple[Catalog, tuple[Diagnostic, ...]]:
    """Read a PO file. Never raises; what cannot be read becomes T001/T004 with its line, and is left out.

    text: the decoded file. Returns (catalog, problems).
    """
    reader = _Reader(path, text)
    reader.read()
    header_entry = Message("")
    messages: list[Message] = []
    for message in reader.messages:
        if message.msgid == "" and message.context is None and not message.obsolete:
            header_entry = message
        else:
            messages.append(message)
    if len({message.key for message in messages}) < len(messages):
        messages = _distinct(messages, reader)
    catalog = Catalog(
        path,
        tag,
        domain,
        text,
        tuple(messages),
        _header(header_entry.msgstr[0]),
        header_entry,
        tuple(reader.tail),
    )
    return catalog, tuple(reader.problems)


def _distinct(messages: Sequence[Message], reader: _Reader) -> list[Message]:
    """The first message of each key; T004 for the others."""
    found: list[Message] = []
    seen: dict[tuple[str | None, str], int] = {}
    for message in messages:
        if message.key in seen:  # also obsolete ones: gettext's own tools refuse the file otherwise
            fault = f"this message stands already in line {seen[message.key]}"
            reader.fault(message.line, fault, "keep one of the two", "T004")
        else:
            seen[message.key] = message.line
            found.append(message)
    return found


def _header(text: str) -> tuple[tuple[str, str], ...]:
    """(name, value) of each line; a line that is no field has no name, and is its value."""
    fields = []
    for row in text.split("\n"):
        name, colon, value = row.partition(":")
        if colon and name.strip():
            fields.append((name.strip(), value.strip()))
        elif row.strip():
            fields.append(("", row.strip()))
    return tuple(fields)


class _Reader:
    """The state of one reading: a draft entry, and the entries and problems so far."""

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._text = text
        self._draft = _Draft()
        self.messages: list[Message] = []
        self.problems: list[Diagnostic] = []
        self.tail: list[str] = []  # comments after the last entry

    def fault(self, line: int, message: str, hint: str, code: str = "T001") -> None:
        self.problems.append(problem(code, place_in(self._path, self._text, line, 1), message, hint))

    def read(self) -> None:
        """The whole text: at once where every block is one plainly written entry, else block by block, and
        line by line where a block is not."""
        blocks = self._text.rstrip("\n").split("\n\n")
        messages = plain_entries(blocks)
        if messages is not None:
            self.messages += messages
            return
        following = [*blocks[1:], _STARTS[0]]
        number = 1  # of a block's first line
        for block, after in zip(blocks, following, strict=True):
            alone = not self._draft.begun and after.startswith(_STARTS)
            message = plain_entry(block, number) if alone else None
            if message is not None:
                self.messages.append(message)
            else:
                for line_number, line in enumerate(block.split("\n"), number):
                    self.line(line_number, line.strip())
                if self._draft.msgid is not None and after.startswith(_STARTS):
                    self.close()
            number += block.count("\n") + 2
        self.close()

    def line(self, number: int, line: str) -> None:
        if not line:
            return
        obsolete = line.startswith("#~")
        if obsolete:
            line = line[2:].lstrip()
            if line.startswith("|"):  # `#~| msgid "…"`: the previous text of an obsolete entry
                self._comment_boundary()
                self._draft.previous.append(line[1:].strip())
                self._draft.rows.append("#~" + line)
                return
        elif line.startswith("#"):
            self._comment(line)
            return
        if line.startswith('"'):
            self._continuation(number, line)
        elif line:
            self._keyword(number, line, obsolete)

    def _comment_boundary(self) -> None:
        """A comment after a finished msgstr belongs to the next entry."""
        if self._draft.started:
            self.close()

    def _comment(self, line: str) -> None:
        self._comment_boundary()
        draft = self._draft
        draft.rows.append(line)
        mark, rest = line[1:2], line[2:].strip()
        if mark == ":":
            draft.references.extend(rest.split())
        elif mark in (",", "="):  # gettext 0.26 writes flags that stay (`no-wrap`) with `#=`
            draft.flags.extend(flag.strip() for flag in rest.split(",") if flag.strip())
        elif mark == ".":
            draft.auto_comments.append(rest)
        elif mark == "|":
            draft.previous.append(rest)
        else:
            draft.user_comments.append(line[1:].removeprefix(" "))

    def _keyword(self, number: int, line: str, obsolete: bool) -> None:
        match = _KEYWORD.match(line)
        if match is None:
            self.fault(
                number,
                "this line is no part of a PO file",
                "a text goes between quotes after msgid or msgstr; a comment starts with #",
            )
            return
        keyword, index, argument = match.groups()
        text = self._string(number, argument)
        draft = self._draft
        if keyword == "msgctxt" or (keyword == "msgid" and draft.msgid is not None):
            if draft.started:
                self.close()
            draft = self._draft
        if keyword == "msgctxt":
            draft.context = text
            draft.line = number
            draft.last = ("context", 0)
        elif keyword == "msgid":
            draft.msgid = text
            draft.line = number
            draft.obsolete = obsolete
            draft.last = ("msgid", 0)
        elif draft.msgid is None:
            self.fault(number, f"{keyword} without a msgid before it", "put the msgid line back")
        elif keyword == "msgid_plural":
            draft.plural = text
            draft.last = ("plural", 0)
        else:
            form = int(index or 0)
            if form in draft.msgstr:
                self.fault(number, f"{keyword} is written twice in one entry", "keep one of the two")
            draft.msgstr[form] = text
            draft.msgstr_line = draft.msgstr_line or number
            draft.last = ("msgstr", form)

    def _continuation(self, number: int, line: str) -> None:
        draft = self._draft
        text = self._string(number, line)
        if draft.last is None:
            self.fault(number, "a text stands before any msgid", "put a msgid or msgstr line before it")
            return
        name, form = draft.last
        if name == "context":
            draft.context = (draft.context or "") + text
        elif name == "msgid":
            draft.msgid = (draft.msgid or "") + text
        elif name == "plural":
            draft.plural = (draft.plural or "") + text
        else:
            draft.msgstr[form] += text

    def _string(self, number: int, argument: str) -> str:
        match = _STRING.match(argument)
        if match is None:
            self.fault(
                number,
                "the text is not closed by a quote, or a quote inside it lacks its backslash",
                'write "…" around the text and \\" inside it',
            )
            return argument.strip('"')
        inner = match.group(1)
        return _ESCAPE.sub(_unescape, inner) if "\\" in inner else inner

    def close(self) -> None:
        """Finish the entry that is being read."""
        draft, self._draft = self._draft, _Draft()
        if not draft.touched or draft.msgid is None:
            if draft.context is not None:
                self.fault(draft.line, "msgctxt without a msgid", "put the msgid line back")
            else:
                self.tail += draft.rows
            return
        if not draft.msgstr:
            self.fault(draft.line, "this message has no msgstr", 'add a line msgstr ""')
            draft.msgstr[0] = ""
        forms = tuple(draft.msgstr.get(form, "") for form in range(max(draft.msgstr) + 1))
        if draft.plural is None and len(forms) > 1:
            self.fault(draft.line, "plural forms without msgid_plural", "remove msgstr[1] and the following")
            forms = forms[:1]
        self.messages.append(
            Message(
                msgid=draft.msgid,
                msgstr=forms,
                plural=draft.plural,
                context=draft.context,
                user_comments=tuple(draft.user_comments),
                auto_comments=tuple(draft.auto_comments),
                references=tuple(draft.references),
                flags=tuple(dict.fromkeys(draft.flags)),
                previous=tuple(draft.previous),
                obsolete=draft.obsolete,
                line=draft.line,
                msgstr_line=draft.msgstr_line,
            )
        )


_MSGSTR = '\nmsgstr "'


def plain_entries(blocks: Sequence[str]) -> list[Message] | None:
    """`plain_entry` of each of the blocks that a file consists of, or None if one of them is no such entry.

    What stands after msgstr is looked at for all blocks together: see `plain_entry` for what it consists of.
    """
    parted = [block.partition(_MSGSTR) for block in blocks]
    heads = [_head(head) if keyword else None for head, keyword, _ in parted]
    tails = [tail for _, _, tail in parted]
    escaped: dict[int, str] = {}
    for row, tail in enumerate(tails):
        if "\\" in tail:
            text = _strings(f'"{tail}'.split("\n"))
            if text is None:
                return None
            escaped[row], tails[row] = text, '"'
    joined = "\n\n".join(tails).replace('"\n"', "")
    texts = joined[:-1].split('"\n\n')
    # As many quotes as texts, two line ends between two texts: so there is none inside a text.
    last = len(blocks) - 1
    if len(texts) != len(blocks) or joined.count('"') != len(blocks) or joined.count("\n") != 2 * last:
        return None
    if not joined.endswith('"'):
        return None
    for row, text in escaped.items():
        texts[row] = text
    messages = []
    number = 1
    for known, block, text in zip(heads, blocks, texts, strict=True):
        if known is None:
            return None
        messages.append(_entry_of(known, text, number))
        number += block.count("\n") + 2
    return messages


def _entry_of(known: tuple[Message, int], text: str, number: int) -> Message:
    """An entry that begins in line `number`. known: as `_head` gives it; text: its translation."""
    entry, height = known
    return Message(
        entry.msgid,
        (text,),
        None,
        entry.context,
        entry.user_comments,
        entry.auto_comments,
        entry.references,
        entry.flags,
        entry.previous,
        False,
        number + entry.line,
        number + height,
    )


#: What a block begins with that is no continuation of the one before.
_STARTS = ('msgid "', 'msgctxt "', "# ", "#.", "#:", "#,", "#=", "#|")


def plain_entry(block: str, number: int) -> Message | None:
    """An entry written as gettext's tools write it: comments, msgctxt, msgid, msgstr, nothing else.

    block: the lines between two empty lines, the first of which is line `number`. None for everything else,
    which is read line by line. A block is parted where its msgstr begins: all before it is the same in every
    language, so it is read once (`_head`).
    """
    head, keyword, tail = block.partition(_MSGSTR)
    known = _head(head) if keyword else None
    if known is None:
        return None
    if "\\" in tail:
        text = _strings(f'"{tail}'.split("\n"))
        if text is None:
            return None
    else:
        # Without a backslash, every quote opens or closes a string: those between two lines go away, and
        # what is left is plainly written if its only quote is the last character.
        text = tail.replace('"\n"', "")
        if not text or text.find('"') != len(text) - 1 or "\n" in text:
            return None
        text = text[:-1]
    return _entry_of(known, text, number)


@lru_cache(maxsize=REMEMBERED)
def _head(text: str) -> tuple[Message, int] | None:
    """What stands before a msgstr: (an entry without translation, how many lines it takes). The entry's line
    is counted from 0. None where it is not plainly written."""
    if not text.startswith(_STARTS) or "#~" in text:
        return None
    reader = _Reader("", "")
    rows = text.split("\n")
    for number, row in enumerate(rows):
        if row != row.strip():
            return None
        reader.line(number, row)
    reader.line(len(rows), 'msgstr ""')
    reader.close()
    if len(reader.messages) != 1 or reader.problems or reader.messages[0].plural is not None:
        return None
    return reader.messages[0], len(rows)


def _strings(rows: Sequence[str]) -> str | None:
    """The text of rows of which each is one string between quotes; None where one is not."""
    found = []
    for row in rows:
        match = _STRING.match(row)
        if match is None:
            return None
        inner = match.group(1)
        found.append(_ESCAPE.sub(_unescape, inner) if "\\" in inner else inner)
    return "".join(found)


def _unescape(match: re.Match[str]) -> str:
    code = match.group(1)
    if code in _PLAIN_ESCAPES:
        return _PLAIN_ESCAPES[code]
    if code[0] == "x" and len(code) > 1:
        return chr(int(code[1:], 16))
    if code[0] in "01234567":
        return chr(int(code, 8))
    return "\\" + code


def format_po(catalog: Catalog) -> str:
    """The PO text of a catalog. Reading it back gives the same catalog (line numbers aside)."""
    fields = (f"{name}: {value}\n" if name else f"{value}\n" for name, value in catalog.header)
    header = replace(catalog.header_entry, msgstr=("".join(fields),))
    current = [message for message in catalog.messages if not message.obsolete]
    obsolete = [message for message in catalog.messages if message.obsolete]
    tail = ["".join(f"{row}\n" for row in catalog.tail)] if catalog.tail else []
    return "\n".join([*(_entry(message) for message in (header, *current, *obsolete)), *tail])


def _entry(message: Message) -> str:
    rows = [f"# {comment}".rstrip() for comment in message.user_comments]
    rows += [f"#. {comment}".rstrip() for comment in message.auto_comments]
    rows += _wrapped_references(message.references)
    if message.flags:
        rows.append("#, " + ", ".join(message.flags))
    mark = "#~ " if message.obsolete else ""
    rows += [("#~| " if message.obsolete else "#| ") + row for row in message.previous]
    if message.context is not None:
        rows += _keyword_rows("msgctxt", message.context, mark)
    rows += _keyword_rows("msgid", message.msgid, mark)
    if message.plural is None:
        rows += _keyword_rows("msgstr", message.msgstr[0], mark)
    else:
        rows += _keyword_rows("msgid_plural", message.plural, mark)
        for form, text in enumerate(message.msgstr):
            rows += _keyword_rows(f"msgstr[{form}]", text, mark)
    return "\n".join(rows) + "\n"


def _wrapped_references(references: tuple[str, ...]) -> list[str]:
    rows: list[str] = []
    for reference in references:
        if rows and len(rows[-1]) + 1 + len(reference) <= _WIDTH:
            rows[-1] += " " + reference
        else:
            rows.append("#: " + reference)
    return rows


_LONG_WORD = re.compile(r"\S{1000}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029]")


#: What is written otherwise than it is, or ends a line.
_ESCAPED = re.compile(r'[\\"\t\n\r\v\f\x1c-\x1e\x85\u2028\u2029]')


def _wrapped(text: str) -> list[str]:
    """What `normalize` gives for a text of one line without anything to escape, several times as fast: Babel
    escapes each word to know its length, which was half the time of a sync."""
    width = _WIDTH - 3
    if len(text) + 2 <= width or _LONG_WORD.search(text):
        return [f'"{text}"']
    rows: list[list[str]] = [[]]
    size = 2
    for chunk in WORD_SEP.split(text):
        if rows[-1] and size + len(chunk) >= width:
            rows.append([])
            size = 2
        rows[-1].append(chunk)
        size += len(chunk)
        if size >= width:  # a long word has a row of its own
            rows.append([])
            size = 2
    lines = ["".join(row) for row in rows if row]
    return ['""', *(f'"{line}"' for line in lines)] if len(lines) > 1 else [f'"{text}"']


def _keyword_rows(keyword: str, text: str, mark: str) -> list[str]:
    # Babel looks for a place to break a word at from each of its letters: a very long one stays unbroken.
    if not _ESCAPED.search(text):
        rows = _wrapped(text)
    else:
        rows = normalize(text, width=0 if _LONG_WORD.search(text) else _WIDTH - 3).split("\n")
    rows = [_CONTROL.sub(_escape_control, row) for row in rows]
    return [f"{mark}{keyword} {rows[0]}", *(mark + row for row in rows[1:])]


def _escape_control(match: re.Match[str]) -> str:
    char = match.group()
    return f"\\{ord(char):03o}" if ord(char) < 0x80 else char


def previous_rows(message: Message) -> tuple[str, ...]:
    """The `#|` rows that remember a message's texts (what msgmerge --previous writes)."""
    rows: list[str] = []
    if message.context is not None:
        rows += _keyword_rows("msgctxt", message.context, "")
    rows += _keyword_rows("msgid", message.msgid, "")
    if message.plural is not None:
        rows += _keyword_rows("msgid_plural", message.plural, "")
    return tuple(rows)


def previous_message(message: Message) -> Message | None:
    """The entry that a message's `#|` rows name (context, text, plural), or None without such rows."""
    if not message.previous:
        return None
    reader = _Reader("", "")
    for row in (*message.previous, 'msgstr ""'):
        reader.line(0, row)
    reader.close()
    return reader.messages[0] if reader.messages and not reader.problems else None
