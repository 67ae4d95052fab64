"""How good and how fast is the redline? On real revisions of public policies, against git and wdiff.

    python -m bench.redline FOLDER

FOLDER holds git repositories of `REPOSITORIES` (`owner+name/repo`, `owner/name` or `name.git`); nothing of
their texts is kept. wdiff and git must be installed.

The measure. Each tool gets the same plain texts, one block a line, and marks what was deleted and inserted.
Its answer is checked: without insertions it must be the old text, without deletions the new one (white space
aside). Among right answers the better one marks fewer words (`words`: deleted and inserted words, counted
alike for all; a cluster of a script without spaces counts half) in fewer stretches (`pieces`). `least` is
what no tool can go below that does not know of moved text. Changes of links and styles, which only the
redline sees, are left out of its count here and shown as `links`. Times are of the processor, the best of
three first runs.

Planted moves: in each newer text, sections are moved one after the other, and the redline must say of that
section that it moved, of no other, and mark the same words as before.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from policysite.core import spans as span_memo
from policysite.core import words as word_memo
from policysite.core.markdown import parse
from policysite.core.model import Redline, Wording
from policysite.core.spans import spans, text_of
from policysite.core.words import weight, words
from policysite.plan import redline as redline_module
from policysite.plan.alignment import common
from policysite.plan.redline import redline, wording_of

_WORDPRESS = "Terms of Service/WordPress.com/EN-Terms-of-Service.md"

#: Repository, path, the commit after which and the commit with which a version began.
PAIRS = (
    ("basecamp/policies", "privacy/index.md", "b7991cb~1", "40002bd"),
    ("basecamp/policies", "privacy/index.md", "0a72aec", "8fce58f"),
    ("basecamp/policies", "privacy/index.md", "f2016cc", "3a92567"),
    ("basecamp/policies", "privacy/index.md", "be9b44b~1", "be9b44b"),
    ("basecamp/policies", "terms/index.md", "9ddba6f~1", "9ddba6f"),
    ("basecamp/policies", "terms/index.md", "b21ea89~1", "b21ea89"),
    ("basecamp/policies", "abuse/index.md", "25ad56c~1", "25ad56c"),
    ("github/site-policy", "Policies/github-privacy-statement.md", "c1d1298~1", "c1d1298"),
    ("github/site-policy", "Policies/github-privacy-statement.md", "103bd8b~1", "103bd8b"),
    ("github/site-policy", "Policies/github-terms-of-service.md", "3063a03~1", "3063a03"),
    ("github/site-policy", "Policies/github-terms/github-terms-of-service.md", "a4234fc~1", "a4234fc"),
    ("github/site-policy", "Policies/privacy-policies/github-subprocessors.md", "1137c48~1", "1137c48"),
    ("github/site-policy", "Policies/privacy-policies/github-subprocessors.md", "04834c0~1", "04834c0"),
    ("Automattic/legalmattic", "Privacy-Policy.md", "a556cc7~1", "a556cc7"),
    ("Automattic/legalmattic", "Privacy-Policy.md", "84e5b95~1", "84e5b95"),
    (
        "Automattic/legalmattic",
        "Terms of Service/WordPress.com/EN-Terms-of-Service.md",
        "b9d4852~1",
        "b9d4852",
    ),
    (
        "Automattic/legalmattic",
        "Terms of Service/WordPress.com/EN-Terms-of-Service.md",
        "933c768~1",
        "933c768",
    ),
    (
        "Automattic/legalmattic",
        "Terms of Service/WordPress.com/EN-Terms-of-Service.md",
        "ffad8c2~1",
        "ffad8c2",
    ),
    ("Automattic/legalmattic", "Cookie-Policy.md", "e4d7734~1", "e4d7734"),
    ("mozilla/legal-docs", "en/firefox_privacy_notice.md", "e89fac46~1", "e89fac46"),
    ("mozilla/legal-docs", "en/firefox_privacy_notice.md", "cd43f0e4~1", "cd43f0e4"),
    ("mozilla/legal-docs", "en/firefox_privacy_notice.md", "6e773a70~1", "6e773a70"),
    ("mozilla/legal-docs", "de/firefox_privacy_notice.md", "8a5aab51~1", "8a5aab51"),
    ("mozilla/legal-docs", "ja/firefox_privacy_notice.md", "8a5aab51~1", "8a5aab51"),
    ("mozilla/legal-docs", "ja/firefox_privacy_notice.md", "85fecee4~1", "85fecee4"),
    ("mozilla/legal-docs", "zh-CN/firefox_privacy_notice.md", "8a5aab51~1", "8a5aab51"),
    ("mozilla/legal-docs", "zh-CN/firefox_privacy_notice.md", "85fecee4~1", "85fecee4"),
)

REPOSITORIES = tuple(sorted({pair[0] for pair in PAIRS}))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool marked: (kind, text) in order, kind as in a run."""

    pieces: tuple[tuple[str, str], ...]

    @property
    def count(self) -> int:
        """Stretches that are marked."""
        return sum(1 for kind, text in self.pieces if kind != "equal" and amount(text))

    @property
    def words(self) -> float:
        """Words that are marked."""
        return sum(amount(text) for kind, text in self.pieces if kind != "equal")

    def gives(self, old: str, new: str) -> bool:
        """Whether both texts come back, white space aside."""
        return all(
            _squeezed("".join(text for kind, text in self.pieces if kind != gone)) == _squeezed(wanted)
            for gone, wanted in (("insert", old), ("delete", new))
        )


def amount(text: str) -> float:
    """Words of a text; a cluster of a script without spaces counts half a word."""
    return sum(map(weight, words(text))) / 2


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def repository(folder: Path, name: str) -> Path:
    """The git directory of a repository below the folder."""
    owner, _, short = name.partition("/")
    for path in (folder / f"{owner}+{short}" / "repo", folder / owner / short, folder / f"{short}.git"):
        for found in (path / ".git", path):
            if (found / "HEAD").exists():
                return found
    raise SystemExit(f"{name} is not below {folder}: clone it as {owner}/{short}")


def version(folder: Path, name: str, revision: str, path: str) -> str:
    """A file as it was."""
    command = ["git", f"--git-dir={repository(folder, name)}", "show", f"{revision}:{path}"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)  # front matter is another program's


def plain(wording: Wording) -> str:
    """The text of a wording, one block a line."""
    lines = []
    for block in wording.blocks:
        text = text_of(spans(block.text, wording.references)).replace("\n", " ")
        lines.append(f"{block.number} {text}".strip())
    return "\n".join(lines) + "\n"


# ── the tools ───────────────────────────────────────────────────────────────────────────────────


def ours(found: Redline) -> tuple[Answer, float]:
    """The redline's marks on words, and the words of which only a link or a style changed. A number that
    changed is counted as one word each."""
    pieces: list[tuple[str, str]] = []
    restyled = 0.0
    for section in found.sections:
        for change in section.blocks:
            before = change.before.number if change.before else ""
            after = change.after.number if change.after else ""
            if before == after:
                pieces.append(("equal", f"{after} "))
            else:
                pieces += [("delete", f"{before} "), ("insert", f"{after} ")]
            rows = list(change.runs)
            for index, run in enumerate(rows):
                other = rows[index + 1] if index + 1 < len(rows) else None
                if other and {run.kind, other.kind} == {"delete", "insert"} and run.text == other.text:
                    restyled += amount(run.text)
                    pieces.append(("equal", run.text))
                    rows[index + 1] = other.__class__("equal", ())
                elif run.spans:
                    pieces.append((run.kind, run.text))
            pieces.append(("equal", "\n"))
    return Answer(tuple(_merged(pieces))), restyled


def _merged(pieces: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    """Neighbours of one kind are one piece; a line feed ends a piece, as it ends a paragraph."""
    kind, text = "", ""
    for next_kind, next_text in pieces:
        if next_kind == kind and "\n" not in text:
            text += next_text
        else:
            if text:
                yield kind, text
            kind, text = next_kind, next_text
    if text:
        yield kind, text


def git(old: str, new: str) -> Answer:
    """`git diff --word-diff=porcelain`."""
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for name, text in (("old", old), ("new", new)):
            Path(folder, name).write_text(text, encoding="utf-8")
            names.append(str(Path(folder, name)))
        command = ["git", "diff", "--no-index", "--word-diff=porcelain", "-U100000", *names]
        out = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    if not out:
        return Answer((("equal", old),))
    kinds = {" ": "equal", "-": "delete", "+": "insert"}
    rows = out[out.index("\n@@") + 1 :].split("\n")[1:]
    return Answer(tuple((kinds.get(row[:1], "equal"), "\n" if row == "~" else row[1:]) for row in rows))


def wdiff(old: str, new: str) -> Answer:
    """`wdiff`, with marks that no text holds."""
    marks = ("\ue020", "\ue021", "\ue022", "\ue023")
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for name, text in (("old", old), ("new", new)):
            Path(folder, name).write_text(text, encoding="utf-8")
            names.append(str(Path(folder, name)))
        options = [item for pair in zip(("-w", "-x", "-y", "-z"), marks, strict=True) for item in pair]
        out = subprocess.run(["wdiff", *options, *names], capture_output=True, text=True, check=False).stdout
    pieces = []
    for part in re.split("(\ue020.*?\ue021|\ue022.*?\ue023)", out, flags=re.DOTALL):
        if part[:1] == marks[0]:
            pieces.append(("delete", part[1:-1]))
        elif part[:1] == marks[2]:
            pieces.append(("insert", part[1:-1]))
        elif part:
            pieces.append(("equal", part))
    return Answer(tuple(pieces))


def least(old: str, new: str) -> float:
    """Words that must be marked by a tool that knows no moves (longest common subsequence of words)."""
    left, right = ([(word,) for word in words(text) if weight(word)] for text in (old, new))
    kept = sum(amount(left[i][0]) for i, _ in common(left, right))
    return amount(old) + amount(new) - 2 * kept


# ── moves ───────────────────────────────────────────────────────────────────────────────────────


def planted(old: Wording, new: Wording) -> tuple[int, int]:
    """(moves that were recognised, moves that were made), each of one section of the newer text."""
    starts = [index for index, block in enumerate(new.blocks) if block.kind == "heading"]
    made = recognised = 0
    before = redline(old, new)
    partners = {
        change.new: section
        for section in before.sections
        for change in section.blocks
        if change.new is not None and change.block.kind == "heading"
    }
    titles = [block.text for block in new.blocks if block.kind == "heading"]
    for place in range(len(starts)):
        ends = [*starts[1:], len(new.blocks)]
        section = partners.get(starts[place])
        # A section that is new, that moved already, or whose heading another one has, proves nothing.
        if section is None or section.before is None or section.moved or titles.count(titles[place]) > 1:
            continue
        target = (place + len(starts) // 2) % len(starts)
        if target in (place, place + 1) or len(starts) < 4:
            continue
        chosen = new.blocks[starts[place] : ends[place]]
        rest = new.blocks[: starts[place]] + new.blocks[ends[place] :]
        at = rest.index(new.blocks[starts[target]])
        moved = Wording((*rest[:at], *chosen, *rest[at:]), new.references)
        found = redline(old, moved)
        said = [one.heading.text for one in found.sections if one.moved and one.heading]
        earlier = [one.heading.text for one in before.sections if one.moved and one.heading]
        made += 1
        same = ours(found)[0].words == ours(before)[0].words
        # Past a shorter neighbour, it is as true that the neighbours moved past it; no word may be marked.
        recognised += same and len(said) > len(earlier)
    return recognised, made


def forget() -> None:
    """Empty every memo, so that the time is that of a first run."""
    span_memo.spans.cache_clear()
    word_memo.weight.cache_clear()
    for memo in (redline_module.said, redline_module.phrases, redline_module._read):
        memo.cache_clear()


def main(arguments: Sequence[str]) -> int:
    """Print the table."""
    if len(arguments) != 1:
        print(__doc__)
        return 2
    folder = Path(arguments[0])
    print("| pair | KB | words: ours | git | wdiff | least | pieces: ours | git | wdiff | links "
          "| moved / renumbered | planted | ms |")  # fmt: skip
    print("| --- |" + " ---: |" * 12)
    totals = [0.0] * 9
    times, slow = [], []
    right = [0, 0, 0]
    for name, path, first, second in PAIRS:
        texts = [version(folder, name, revision, path) for revision in (first, second)]
        old, new = (wording_of(parse(text)) for text in texts)
        spent = float("inf")
        for _ in range(3):
            forget()
            started = time.process_time()
            found = redline(old, new)
            spent = min(spent, 1000 * (time.process_time() - started))
        mine, links = ours(found)
        plains = plain(old), plain(new)
        theirs = [git(*plains), wdiff(*plains)]
        for index, answer in enumerate((mine, *theirs)):
            right[index] += answer.gives(*plains) if index else _whole(found, old, new)
        size = (len(texts[0].encode()) + len(texts[1].encode())) / 2048
        moved = sum(section.moved for section in found.sections)
        renumbered = sum(section.renumbered for section in found.sections)
        hits, made = planted(old, new)
        row = [mine.words, theirs[0].words, theirs[1].words, least(*plains)]
        row += [mine.count, theirs[0].count, theirs[1].count, hits, made]
        totals = [total + value for total, value in zip(totals, row, strict=True)]
        times.append(spent)
        slow.append(spent / size * 10)
        cells = [f"{name} {Path(path).stem} {second}", f"{size:.0f}", *(f"{value:.0f}" for value in row[:7])]
        cells += [f"{links:.0f}", f"{moved} / {renumbered}", f"{hits}/{made}", f"{spent:.0f}"]
        print(f"| {' | '.join(cells)} |")
    print(f"| all {len(PAIRS)} | | {totals[0]:.0f} | {totals[1]:.0f} | {totals[2]:.0f} | {totals[3]:.0f} "
          f"| {totals[4]:.0f} | {totals[5]:.0f} | {totals[6]:.0f} | | | {totals[7]:.0f}/{totals[8]:.0f} "
          f"| median {median(times):.0f} |")  # fmt: skip
    print(f"\nBoth versions come back: ours {right[0]}, git {right[1]}, wdiff {right[2]} of {len(PAIRS)}.")
    print(f"Milliseconds for 10 KB: median {median(slow):.1f}, most {max(slow):.1f}.")
    return 0


def _whole(found: Redline, old: Wording, new: Wording) -> bool:
    """Whether the runs give both versions, block by block and with styles."""
    changes = [change for section in found.sections for change in section.blocks]
    for wording, side, gone in ((old, "old", "insert"), (new, "new", "delete")):
        for index, block in enumerate(wording.blocks):
            there = [change for change in changes if getattr(change, side) == index]
            text = "".join(run.text for change in there for run in change.runs if run.kind != gone)
            if text != text_of(spans(block.text, wording.references)):
                return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
