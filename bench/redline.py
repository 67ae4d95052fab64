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

Planted moves: in each newer text, sections are moved by half the text, one after the other. The redline must
mark the same words as before, and say of that section that it moved and of no other (`planted`).

    python -m bench.redline FOLDER thresholds

tells how the totals change with each threshold of `plan/redline.py`.
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

from policysite.core import redline as redline_module
from policysite.core import spans as span_memo
from policysite.core import words as word_memo
from policysite.core.alignment import common
from policysite.core.markdown import parse
from policysite.core.model import Block, Redline, Wording
from policysite.core.redline import redline, wording_of
from policysite.core.spans import spans, text_of
from policysite.core.words import weight, words

_WORDPRESS = "Terms of Service/WordPress.com/EN-Terms-of-Service.md"

#: Repository, path, the commit after which and the commit with which a version began. The rules were made
#: with these in view.
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

#: Chosen by a program when the rules were done, so that nobody could fit the rules to them: of all commits
#: with at least 4 lines added and deleted, 10 to 300 in all, in files named after a policy, the first by
#: SHA-256 of repository, path and commit, one a path, up to 6 a repository.
UNSEEN = (
    ("basecamp/policies", "abuse/index.md", "4eaed07~1", "4eaed07"),
    ("basecamp/policies", "privacy/regulations/index.md", "f4a18d1~1", "f4a18d1"),
    ("basecamp/policies", "privacy/index.md", "05950a6~1", "05950a6"),
    ("basecamp/policies", "privacy/company-processors/index.md", "f7a804e~1", "f7a804e"),
    (
        "github/site-policy",
        "Policies/privacy-policies/github-general-privacy-statement.md",
        "f737baa~1",
        "f737baa",
    ),
    ("github/site-policy", "Policies/github-terms-of-service.md", "7a72ae0~1", "7a72ae0"),
    (
        "github/site-policy",
        "Policies/github-company-policies/github-gifts-and-entertainment-policy.md",
        "31615f9~1",
        "31615f9",
    ),
    (
        "github/site-policy",
        "Policies/github-terms/github-marketplace-developer-agreement.md",
        "0ebf5df~1",
        "0ebf5df",
    ),
    ("github/site-policy", "Policies/github-terms/github-event-code-of-conduct.md", "0212bff~1", "0212bff"),
    (
        "github/site-policy",
        "Policies/github-terms/github-terms-for-additional-products-and-features.md",
        "494824d~1",
        "494824d",
    ),
    ("Automattic/legalmattic", _WORDPRESS, "c895b78~1", "c895b78"),
    ("Automattic/legalmattic", "Terms of Service/ID-Ketentuan-Layanan.md", "01aa379~1", "01aa379"),
    ("Automattic/legalmattic", "Terms of Service/WordPress.com/ZH-CN-服务条款.md", "025bdb4~1", "025bdb4"),
    (
        "Automattic/legalmattic",
        "Terms of Service/WordPress.com/ID-Ketentuan-Layanan.md",
        "d37cc67~1",
        "d37cc67",
    ),
    ("Automattic/legalmattic", "Terms of Service/ZH-TW-服務條款.md", "468a0da~1", "468a0da"),
    (
        "Automattic/legalmattic",
        "Terms of Service/WordPress.com/RU-Условия-оказания-услуг.md",
        "453a659~1",
        "453a659",
    ),
    ("mozilla/legal-docs", "zh-CN/firefox_privacy_notice.md", "e7fa9171~1", "e7fa9171"),
    ("mozilla/legal-docs", "firefox_privacy_notice/cs.md", "6e856c83~1", "6e856c83"),
    ("mozilla/legal-docs", "id/firefox_privacy_notice.md", "49b3d0f9~1", "49b3d0f9"),
    ("mozilla/legal-docs", "websites_privacy_notice/cs.md", "ff7f3be7~1", "ff7f3be7"),
    ("mozilla/legal-docs", "mozilla_privacy_policy/sr.md", "ba10ddc2~1", "ba10ddc2"),
    ("mozilla/legal-docs", "ko/websites_privacy_notice.md", "d3b0aaa8~1", "d3b0aaa8"),
)

REPOSITORIES = tuple(sorted({pair[0] for pair in (*PAIRS, *UNSEEN)}))


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
        made += 1
        said = moved_headings(found) - moved_headings(before)
        same = ours(found)[0].words == ours(before)[0].words
        recognised += same and said == {section.before} and moved_headings(before) <= moved_headings(found)
    return recognised, made


def moved_headings(found: Redline) -> set[Block]:
    """The headings, as they were, of the sections that are said to have moved."""
    return {one.before for one in found.sections if one.moved and one.before}


def forget() -> None:
    """Empty every memo, so that the time is that of a first run."""
    span_memo.spans.cache_clear()
    word_memo.weight.cache_clear()
    for memo in (redline_module.said, redline_module.phrases, redline_module._read):
        memo.cache_clear()


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one pair. words, pieces, right (both texts come back): ours, git, wdiff."""

    name: str
    size: float  # KB
    spaced: bool  # whether its script writes spaces between words
    words: tuple[float, float, float]
    least: float
    pieces: tuple[int, int, int]
    links: float
    moved: int
    renumbered: int
    planted: tuple[int, int]
    right: tuple[bool, bool, bool]
    milliseconds: float


def measured(folder: Path, pair: tuple[str, str, str, str]) -> Row:
    """Everything about one pair."""
    name, path, first, second = pair
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
    theirs = git(*plains), wdiff(*plains)
    return Row(
        f"{name} {path.removesuffix('.md').removesuffix('/index')} {second}",
        (len(texts[0].encode()) + len(texts[1].encode())) / 2048,
        sum(weight(word) == 1 for word in words(plains[1])) < len(words(plains[1])) / 3,
        (mine.words, theirs[0].words, theirs[1].words),
        least(*plains),
        (mine.count, theirs[0].count, theirs[1].count),
        links,
        sum(section.moved for section in found.sections),
        sum(section.renumbered for section in found.sections),
        planted(old, new),
        (_whole(found, old, new), theirs[0].gives(*plains), theirs[1].gives(*plains)),
        spent,
    )


_HEAD = (
    *("pair", "KB", "words: ours", "git", "wdiff", "least", "pieces: ours", "git", "wdiff", "links"),
    *("moved", "renumbered", "planted", "ms"),
)


def table(rows: Sequence[Row]) -> None:
    """Print the pairs and their sums."""
    print(f"| {' | '.join(_HEAD)} |")
    print("| --- |" + " ---: |" * (len(_HEAD) - 1))
    for row in rows:
        counts = [row.size, *row.words, row.least, *row.pieces, row.links, row.moved, row.renumbered]
        cells = [row.name, *(f"{count:.0f}" for count in counts)]
        cells += [f"{row.planted[0]}/{row.planted[1]}", f"{row.milliseconds:.0f}"]
        print(f"| {' | '.join(cells)} |")
    print()
    for spaced, label in ((True, "scripts with spaces"), (False, "scripts without spaces")):
        some = [row for row in rows if row.spaced == spaced]
        sums = [sum(row.words[tool] for row in some) for tool in range(3)]
        pieces = [sum(row.pieces[tool] for row in some) for tool in range(3)]
        lowest = sum(row.least for row in some)
        print(
            f"{len(some)} in {label}: words {sums[0]:.0f} (git {sums[1]:.0f}, wdiff {sums[2]:.0f}, "
            f"least {lowest:.0f}), pieces {pieces[0]} (git {pieces[1]}, wdiff {pieces[2]})"
        )
    right = [sum(row.right[tool] for row in rows) for tool in range(3)]
    print(f"Both versions come back: ours {right[0]}, git {right[1]}, wdiff {right[2]} of {len(rows)}.")
    hits, made = (sum(row.planted[index] for row in rows) for index in (0, 1))
    print(f"Planted moves recognised: {hits} of {made}.")
    slow = [row.milliseconds / row.size * 10 for row in rows]
    print(f"Milliseconds for 10 KB: median {median(slow):.1f}, most {max(slow):.1f}.")


def thresholds(folder: Path) -> None:
    """Print words and pieces of all pairs with each threshold a little lower and higher."""
    pairs = []
    for name, path, first, second in (*PAIRS, *UNSEEN):
        texts = [version(folder, name, revision, path) for revision in (first, second)]
        pairs.append([wording_of(parse(text)) for text in texts])

    def total() -> str:
        answers = [ours(redline(old, new))[0] for old, new in pairs]
        return f"{sum(one.words for one in answers):.0f} words, {sum(one.count for one in answers)} pieces"

    print(f"as they are: {total()}")
    for name in ("_SAME_BLOCK", "_ONLY_BLOCK", "_SAME_SECTION", "_SAME_ELSEWHERE", "_SAME_PART"):
        value = getattr(redline_module, name)
        for step in (-0.1, 0.1):
            setattr(redline_module, name, value + step)
            print(f"{name} {value + step:.2f}: {total()}")
        setattr(redline_module, name, value)


def main(arguments: Sequence[str]) -> int:
    """Print the tables."""
    match list(arguments):
        case [folder]:
            for title, pairs in (("Seen while the rules were made", PAIRS), ("Unseen", UNSEEN)):
                print(f"## {title}\n")
                table([measured(Path(folder), pair) for pair in pairs])
                print()
            return 0
        case [folder, "thresholds"]:
            thresholds(Path(folder))
            return 0
        case _:
            print(__doc__)
            return 2


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
