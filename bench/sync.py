"""`translations sync` beside Babel's `Catalog.update` (fuzzy matching on) and gettext's `msgmerge`.

Time: a catalog of 2,000 messages of which 200 changed, the same for all three; reading and writing left out
where a tool lets us (msgmerge does both: its start and its files are in its figure). Quality: the edits of
data/edits.yaml, one document: of each text after an edit, is the proposed predecessor the right one?
"""

from __future__ import annotations

import io
import random
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import yaml
from babel.messages.catalog import Catalog as BabelCatalog
from babel.messages.pofile import read_po, write_po

from bench.table import table
from policysite.core.diagnostics import Place
from policysite.core.model import Catalog, Language, Message
from policysite.translate.extract import Source
from policysite.translate.po import format_po, parse_po
from policysite.translate.sync import empty_catalog, sync_catalog

EDITS = Path(__file__).parent / "data" / "edits.yaml"
BN = Language("bn", "bn", "বাংলা", "Bangla", "ltr", "Beng", "০১২৩৪৫৬৭৮৯", "reviewed")
PATH = "content/privacy/2025-10.md"


class Text(NamedTuple):
    """A segment and its kind."""

    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Case:
    """Texts before and after, in order; right: text after → the texts it may come from (empty: none)."""

    before: list[Text]
    after: list[Text]
    right: dict[str, tuple[str, ...]]


def edits() -> Case:
    """The edits of data/edits.yaml as one document, with an unchanged text between any two."""
    case = Case([], [], {})
    moved: list[Text] = []
    for number, row in enumerate(yaml.safe_load(EDITS.read_text(encoding="utf-8"))):
        anchor = Text(f"Clause {number}: this sentence is the same in both versions.", "paragraph")
        before = [Text(item["text"], item.get("kind", "paragraph")) for item in row.get("before", ())]
        after = [Text(item["text"], item.get("kind", "paragraph")) for item in row.get("after", ())]
        case.before.extend((anchor, *before))
        case.after.append(anchor)
        (moved if row.get("moved") else case.after).extend(after)
        for item in row.get("after", ()):
            case.right[item["text"]] = tuple(before[index].text for index in item.get("from", ()))
    case.after.extend(moved)
    return case


def large(count: int = 2000, changes: int = 200) -> Case:
    """A long document of random sentences; in the changed ones a few words are others."""
    chance = random.Random(7)
    words = [
        f"{a}{b}"
        for a in ("da", "po", "li", "ver", "con", "sent", "log")
        for b in ("ta", "cy", "er", "ing", "al", "or")
    ]
    texts = list(
        dict.fromkeys(" ".join(chance.choices(words, k=chance.randint(6, 24))) for _ in range(count))
    )
    after = list(texts)
    for index in chance.sample(range(len(texts)), changes):
        parts = after[index].split()
        for at in chance.sample(range(len(parts)), max(1, len(parts) // 6)):
            parts[at] = f"new{chance.randint(0, 999)}"
        after[index] = " ".join(parts)
    right: dict[str, tuple[str, ...]] = {}
    right.update((new, (old,)) for old, new in zip(texts, after, strict=True) if old != new)
    return Case(
        [Text(text, "paragraph") for text in texts], [Text(text, "paragraph") for text in after], right
    )


# ── the three tools: texts before and after → text after → its proposed predecessor ─────────────────


def _sources(texts: list[Text]) -> list[Source]:
    return [
        Source(text.text, None, None, (text.kind,), (Place(PATH, index + 5),))
        for index, text in enumerate(texts)
    ]


def _catalog(texts: list[Text]) -> Catalog:
    rows = [
        Message(
            source.msgid,
            (f"bn: {source.msgid}",),
            auto_comments=source.comments,
            references=source.references,
        )
        for source in _sources(texts)
    ]
    return replace(empty_catalog(BN, "privacy"), messages=tuple(rows))


def ours(case: Case) -> tuple[float, dict[str, str]]:
    catalog, sources = _catalog(case.before), _sources(case.after)
    start = time.perf_counter()
    result, _ = sync_catalog(catalog, sources, BN)
    seconds = time.perf_counter() - start
    rows = [message for message in result.messages if not message.obsolete]
    return seconds, _proposed([(message.msgid, message.msgstr[0]) for message in rows])


def babel(case: Case) -> tuple[float, dict[str, str]]:
    catalog = read_po(io.BytesIO(format_po(_catalog(case.before)).encode()), locale="bn")
    template = BabelCatalog()
    for index, text in enumerate(case.after):
        template.add(text.text, locations=[(PATH, index + 5)])
    start = time.perf_counter()
    catalog.update(template)
    seconds = time.perf_counter() - start
    write_po(io.BytesIO(), catalog)
    return seconds, _proposed([(str(row.id), str(row.string)) for row in catalog if row.id])


def msgmerge(case: Case) -> tuple[float, dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        old, new = Path(folder) / "bn.po", Path(folder) / "new.pot"
        old.write_text(format_po(_catalog(case.before)), encoding="utf-8")
        template = replace(
            _catalog(case.after),
            messages=tuple(replace(message, msgstr=("",)) for message in _catalog(case.after).messages),
        )
        new.write_text(format_po(template), encoding="utf-8")
        start = time.perf_counter()
        done = subprocess.run(
            ["msgmerge", "--quiet", "--previous", str(old), str(new)],
            capture_output=True,
            text=True,
            check=True,
        )
        seconds = time.perf_counter() - start
    merged, _ = parse_po("bn.po", done.stdout, "bn", "privacy")
    rows = [message for message in merged.messages if not message.obsolete]
    return seconds, _proposed([(message.msgid, message.msgstr[0]) for message in rows])


def _proposed(rows: list[tuple[str, str]]) -> dict[str, str]:
    """Translations here are “bn: ” and the text they were made from."""
    return {msgid: text.removeprefix("bn: ") for msgid, text in rows if text}


TOOLS: dict[str, Callable[[Case], tuple[float, dict[str, str]]]] = {
    "policysite translations sync": ours,
    "Babel Catalog.update": babel,
    "msgmerge --previous": msgmerge,
}


def judged(case: Case, proposed: dict[str, str]) -> tuple[int, int, int]:
    """(right, wrong, missed): a new text that got a predecessor counts as wrong."""
    right = wrong = missed = 0
    for text, origins in case.right.items():
        found = proposed.get(text)
        if found in origins or (found is None and not origins):
            right += 1
        elif found is None:
            missed += 1
        else:
            wrong += 1
    return right, wrong, missed


def main() -> None:
    """Prints the table."""
    small, big = edits(), large()
    rows = []
    for name, tool in TOOLS.items():
        seconds, proposed = tool(big)
        right, wrong, missed = judged(big, proposed)
        _, of_edits = tool(small)
        good, bad, none = judged(small, of_edits)
        rows.append([name, f"{seconds:.3f}", f"{right} / {wrong} / {missed}", f"{good} / {bad} / {none}"])
    head = [
        f"{len(big.before):,} messages, {len(big.right)} changed; {len(small.right)} edits",
        "seconds",
        "changed: right / wrong / missed",
        "edits: right / wrong / missed",
    ]
    print(table(head, rows))
