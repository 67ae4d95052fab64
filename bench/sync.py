"""Updating a catalog: ours beside Babel's `Catalog.update` and GNU `msgmerge`, on the same input.

Time: 2,000 messages, 200 of them changed, from text to text (msgmerge with the start of its process).
Quality: bench/data/edits.yaml, edits of policy texts with the predecessor a person would name.

    right    the new text got the translation of (one of) the texts it was made from
    wrong    it got another one, though it is new or was made from something else
    missed   it got none, though it was made from a text that had one
    new      it got none, and there was none to get
"""

from __future__ import annotations

import io
import os
import random
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from babel.messages.pofile import read_po, write_po
from msgspec.structs import replace

from policysite import pipeline
from policysite.core.diagnostics import Place
from policysite.core.model import Catalog, Language, Message
from policysite.load.sources import read_sources
from policysite.translate.extract import Source
from policysite.translate.po import format_po, parse_po
from policysite.translate.sync import empty_catalog, sync_catalog

ROOT = Path(__file__).parent.parent
EDITS = Path(__file__).parent / "data" / "edits.yaml"

BENGALI = Language("bn", "bn", "বাংলা", "Bangla", "ltr", "Beng", "০১২৩৪৫৬৭৮৯", "reviewed")

_MARK = re.compile(r"⟦(\d+)⟧")


@dataclass(frozen=True)
class Text:
    """A segment: its text and kind; origins: numbers of the old texts it may be said to be made from."""

    text: str
    kind: str
    origins: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Case:
    """What a tool gets. old: in catalog order; new: in source order."""

    old: tuple[Text, ...]
    new: tuple[Text, ...]

    @property
    def fresh(self) -> tuple[Text, ...]:
        """The new texts that are not among the old ones."""
        known = {text.text for text in self.old}
        return tuple(text for text in self.new if text.text not in known)


Tool = Callable[[str, str, Sequence[Source]], str]
"""(catalog, template, the same as values) → the updated catalog."""


def ours(catalog: str, template: str, sources: Sequence[Source]) -> str:
    """`translations sync`: read, match, write."""
    parsed, problems = parse_po("a.po", catalog, "bn", "a")
    assert not problems
    return format_po(sync_catalog(parsed, sources, BENGALI)[0])


def babel(catalog: str, template: str, sources: Sequence[Source]) -> str:
    """Babel's `pybabel update`, with its fuzzy matching."""
    parsed = read_po(io.BytesIO(catalog.encode()), locale="bn")
    parsed.update(read_po(io.BytesIO(template.encode())))
    out = io.BytesIO()
    write_po(out, parsed)
    return out.getvalue().decode()


def msgmerge(catalog: str, template: str, sources: Sequence[Source]) -> str:
    """GNU gettext's `msgmerge --previous`."""
    program = shutil.which("msgmerge")
    if program is None:
        raise SystemExit("msgmerge is not installed (package gettext)")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "a.po").write_text(catalog, encoding="utf-8")
        Path(folder, "a.pot").write_text(template, encoding="utf-8")
        command = [program, "--previous", "--quiet", "--output-file=-", "a.po", "a.pot"]
        return subprocess.run(command, cwd=folder, capture_output=True, check=True).stdout.decode()


TOOLS: tuple[tuple[str, Tool], ...] = (("policysite", ours), ("msgmerge", msgmerge), ("Babel", babel))


# ── what they get ───────────────────────────────────────────────────────────────────────────────


def written(case: Case) -> tuple[str, str, tuple[Source, ...]]:
    """A case as catalog, template and values. A translation is its number and its source, links included."""
    head = replace(empty_catalog(BENGALI, "a"), messages=())
    messages = {
        text.text: Message(text.text, (f"⟦{number}⟧ {text.text}",), auto_comments=(text.kind,))
        for number, text in enumerate(case.old)
    }
    catalog = replace(head, messages=tuple(messages.values()))
    new = {text.text: text for text in case.new}
    empty = tuple(Message(text.text, auto_comments=(text.kind,)) for text in new.values())
    sources = tuple(
        Source(text.text, None, None, (text.kind,), (Place("content/a.md", line),))
        for line, text in enumerate(new.values(), 1)
    )
    return format_po(catalog), format_po(replace(head, messages=empty)), sources


def shipped_texts() -> list[Text]:
    """The English texts of this repository's policies and pages."""
    found, _ = read_sources(ROOT)
    translated, _ = pipeline.translate(found)
    assert translated is not None
    texts = [
        Text(source.msgid, source.comments[0])
        for domain, sources in translated.sources
        if domain != "site"
        for source in sources
    ]
    return list({text.text: text for text in texts}.values())


def edits(between: int) -> Case:
    """All edits in one document, with unchanged texts between them (`between` of them after each edit)."""
    filler = iter(shipped_texts())
    old: list[Text] = []
    new: list[Text] = []
    late: list[Text] = []

    def unchanged(count: int) -> None:
        for text in [text for _, text in zip(range(count), filler, strict=False)]:
            old.append(text)
            new.append(text)

    unchanged(3)
    for case in yaml.safe_load(EDITS.read_text(encoding="utf-8")):
        begin = len(old)
        old += [_text(raw, frozenset()) for raw in case["before"]]
        after = [_text(raw, frozenset(begin + at for at in raw["from"])) for raw in case["after"]]
        (late if case.get("moved") else new).extend(after)
        unchanged(between)
    unchanged(3)
    return Case(tuple(old), (*new, *late))


def _text(raw: dict[str, Any], origins: frozenset[int]) -> Text:
    return Text(raw["text"], raw.get("kind", "paragraph"), origins)


def large(count: int = 2000, changed: int = 200) -> Case:
    """A long document: sentences in the words of the shipped texts (a chain of word pairs), some of them
    edited by replacing, dropping or adding a few words. Always the same one."""
    dice = random.Random(20251015)
    chain: dict[tuple[str, str], list[str]] = {}
    starts: list[tuple[str, str]] = []
    for text in shipped_texts():
        words = text.text.split()
        if len(words) > 4:
            starts.append((words[0], words[1]))
            for one, two, three in zip(words, words[1:], words[2:], strict=False):
                chain.setdefault((one, two), []).append(three)

    def sentence() -> list[str]:
        pair = dice.choice(starts)
        words = [*pair]
        while len(words) < 40 and pair in chain:
            words.append(dice.choice(chain[pair]))
            pair = (pair[1], words[-1])
        return words

    found: dict[str, list[str]] = {}
    while len(found) < count:
        words = sentence() + (sentence() if dice.random() < 0.4 else [])
        if len(words) >= 6:
            found.setdefault(" ".join(words), words)
    old = [Text(text, "paragraph") for text in found]
    chosen = set(dice.sample(range(count), changed))
    new = []
    for number, words in enumerate(found.values()):
        if number not in chosen:
            new.append(old[number])
            continue
        edited = list(words)
        for _ in range(dice.randint(1, 3)):
            at = dice.randrange(len(edited))
            edited[at : at + dice.randint(0, 2)] = sentence()[: dice.randint(0, 3)]
        joined = " ".join(edited)
        if not edited or joined in found:
            joined = " ".join(words) + " Really."
        new.append(Text(joined, "paragraph", frozenset({number})))
    return Case(tuple(old), tuple(new))


# ── what is measured ────────────────────────────────────────────────────────────────────────────


def verdicts(case: Case, updated: str) -> Iterator[tuple[str, Text, frozenset[int]]]:
    """(right, wrong, missed or new; the text; what it got) of each new text."""
    catalog, _ = parse_po("a.po", updated, "bn", "a")
    for text, got in zip(case.fresh, _given(case, catalog), strict=True):
        if got:
            yield ("right" if got <= text.origins else "wrong"), text, got
        else:
            yield ("missed" if text.origins else "new"), text, got


def _given(case: Case, catalog: Catalog) -> Iterator[frozenset[int]]:
    by_id = {message.msgid: message for message in catalog.messages if not message.obsolete}
    for text in case.fresh:
        yield frozenset(int(number) for number in _MARK.findall(by_id[text.text].msgstr[0]))


def timed(tool: Tool, case: Case, runs: int) -> tuple[float, float, str]:
    """Median seconds of a tool on a case: by the clock, and of a processor (a busy machine changes it less);
    and what it wrote."""
    catalog, template, sources = written(case)
    seconds, busy = [], []
    updated = ""
    for _ in range(runs):
        begun, used = time.perf_counter(), sum(os.times()[:4])
        updated = tool(catalog, template, sources)
        seconds.append(time.perf_counter() - begun)
        busy.append(sum(os.times()[:4]) - used)
    return statistics.median(seconds), statistics.median(busy), updated


def main() -> None:
    """Print both tables."""
    case = large()
    print(f"{len(case.old)} messages, {len(case.fresh)} of them changed")
    print(f"{'':<12}{'seconds':>9}{'CPU':>9}{'right':>7}{'wrong':>7}{'missed':>8}")
    for name, tool in TOOLS:
        seconds, busy, updated = timed(tool, case, 1 if tool is babel else 5)
        counts = Counter(verdict for verdict, _, _ in verdicts(case, updated))
        print(
            f"{name:<12}{seconds:>9.3f}{busy:>9.3f}{counts['right']:>7}{counts['wrong']:>7}{counts['missed']:>8}"
        )
    for between in (3, 0):
        case = edits(between)
        print(f"\nbench/data/edits.yaml, {between} unchanged between two edits: {len(case.fresh)} new texts")
        print(f"{'':<12}{'right':>7}{'wrong':>7}{'missed':>8}{'new':>5}")
        for name, tool in TOOLS:
            found = list(verdicts(case, timed(tool, case, 1)[2]))
            counts = Counter(verdict for verdict, _, _ in found)
            print(
                f"{name:<12}{counts['right']:>7}{counts['wrong']:>7}{counts['missed']:>8}{counts['new']:>5}"
            )
            if tool is ours:
                failed = [(verdict, text) for verdict, text, _ in found if verdict in ("wrong", "missed")]
        for verdict, text in failed:
            print(f"  policysite {verdict}: “{text.text}”")
