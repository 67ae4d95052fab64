"""Problems as values: a code, a place, a message, a cure.

Every code stands in `CODES`, the one registry; `docs/reference/diagnostics.md` documents each
(a test compares the two). The shape follows compilers and esbuild: `path:line:col: error C101 message`,
then the line of text with a caret, then the hint.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

Level = Literal["error", "warning", "info"]

LEVELS: tuple[Level, ...] = ("error", "warning", "info")

#: code -> (default level, what it is about in a few words). Codes are stable: never reused, never renumbered.
#: C = config, D = document, T = translation, L = layout (templates), P = plan and output, S = sources,
#: H = hosts, V = versions that were in force, X = publishing.
CODES: dict[str, tuple[Level, str]] = {
    "S001": ("error", "file is not valid UTF-8"),
    "S002": ("error", "file or folder cannot be read"),
    "S003": ("error", "project has no config.yaml"),
    "S004": ("error", "file name is not usable"),
    "S005": ("error", "output folder would overwrite the project"),
    "S006": ("error", "file is there already"),
    "C001": ("error", "YAML syntax"),
    "C002": ("error", "YAML alias, anchor or tag is not allowed"),
    "C003": ("error", "key is written twice"),
    "C101": ("error", "unknown key"),
    "C102": ("error", "wrong type"),
    "C103": ("error", "required key is missing"),
    "C104": ("error", "value is not allowed"),
    "C201": ("error", "language tag is unknown"),
    "C202": ("error", "navigation names an unknown page"),
    "C203": ("error", "service declaration contradicts itself"),
    "C204": ("error", "cookie lives longer than the policy allows"),
    "C205": ("error", "origin is not a plain https origin"),
    "C206": ("error", "fact has no usable value"),
    "C207": ("error", "source language is not among the languages"),
    "C208": ("error", "level of a check cannot be set so"),
    "C301": ("error", "value may not go live"),
    "C302": ("error", "security contact has expired"),
    "C303": ("warning", "security contact expires soon, or lasts longer than a year"),
    "D101": ("error", "front matter is missing or not closed"),
    "D102": ("error", "text has nothing to show"),
    "D103": ("error", "policy version is not named by a date"),
    "D104": ("error", "layout, form or service is unknown"),
    "D105": ("error", "policy has no version in force"),
    "D106": ("error", "two versions of a policy begin on one day"),
    "D201": ("error", "raw HTML in Markdown"),
    "D202": ("error", "emphasis with underscores"),
    "D203": ("error", "link target does not exist"),
    "D204": ("error", "anchor does not exist"),
    "D205": ("error", "heading id is used twice"),
    "D206": ("error", "image without a text alternative"),
    "D207": ("error", "placeholder is unknown"),
    "D208": ("error", "attribute list inside a text"),
    "D209": ("error", "e-mail address is obfuscated"),
    "D210": ("error", "unsafe link"),
    "D211": ("error", "heading levels skip or start too high"),
    "D212": ("error", "invisible or control character"),
    "D213": ("warning", "text is still to be written"),
    "D301": ("error", "override is older than its source"),
    "D302": ("error", "override links or states something else than its source"),
    "D303": ("error", "override belongs to no document or language"),
    "T001": ("error", "catalog syntax"),
    "T002": ("error", "catalog header"),
    "T003": ("error", "catalog belongs to no document or language"),
    "T004": ("error", "message is written twice"),
    "T005": ("warning", "catalog lacks messages of its source: run `translations sync`"),
    "T006": ("error", "interface catalog is incomplete"),
    "T010": ("error", "catalog is of a newer policysite"),
    "T011": ("error", "no message has this id"),
    "T012": ("error", "file cannot be adopted"),
    "T101": ("error", "translation renders to other markup than its source"),
    "T102": ("error", "links differ from the source"),
    "T103": ("error", "placeholders differ from the source"),
    "T104": ("error", "markup or control character a translation may not hold"),
    "T105": ("error", "e-mail address is obfuscated"),
    "T106": ("error", "numbers differ from the source"),
    "T107": ("error", "digits of another script"),
    "T108": ("error", "invisible character"),
    "T109": ("error", "protected name is missing"),
    "T110": ("error", "digits of two scripts in one number"),
    "T111": ("error", "waiver cannot be used"),
    "T112": ("error", "waiver of a rule that guards the site"),
    "T113": ("error", "coverage is below what the site promises"),
    "T201": ("info", "translation is incomplete"),
    "T301": ("warning", "name is nearly right"),
    "T302": ("warning", "term is not translated as in the glossary"),
    "T303": ("warning", "one word in two spellings"),
    "T304": ("warning", "one text in two translations"),
    "T305": ("warning", "text is not translated"),
    "T306": ("warning", "word stands twice"),
    "T307": ("warning", "the same thing is offered twice"),
    "T308": ("warning", "negation is lost"),
    "T309": ("warning", "sentence ends with the wrong mark"),
    "T310": ("warning", "reader is addressed informally"),
    "T311": ("warning", "subject and verb are of two persons"),
    "T312": ("warning", "spelling is wrong in this script"),
    "T313": ("warning", "list marks or dashes are mixed"),
    "T314": ("info", "length is unusual"),
    "T315": ("warning", "waiver is not needed"),
    "T316": ("warning", "link stands outside its sentence"),
    "T317": ("warning", "translation waits for approval"),
    "T318": ("warning", "catalog has messages its source has not"),
    "L001": ("error", "template syntax"),
    "L002": ("error", "template failed"),
    "L003": ("error", "template is missing"),
    "L004": ("error", "asset is missing"),
    "P001": ("error", "two writers of one output path"),
    "P002": ("error", "path leaves the output folder"),
    "P003": ("error", "home page is missing"),
    "P004": ("error", "page holds inline script or style"),
    "P005": ("error", "page can reach an origin it may not"),
    "H001": ("error", "host takes fewer or shorter rules than the site needs"),
    "H002": ("warning", "host takes fewer files than the site has"),
    "H003": ("warning", "host cannot choose among so many languages"),
    "H004": ("error", "two hosts read one file"),
    "V001": ("error", "locked version was changed"),
    "V002": ("error", "version or amendment is dated before what is locked"),
    "V003": ("warning", "version says the same as the one before"),
    "V004": ("error", "locked version has no file"),
    "V005": ("error", "versions.lock cannot be trusted"),
    "V006": ("warning", "version in force is not locked"),
    "X001": ("error", "another build holds the output folder"),
    "X002": ("error", "output could not be written"),
    "X003": ("error", "part of a site was built from other inputs"),
    "X004": ("error", "parts of a site do not cover it exactly once"),
    "X005": ("error", "not a part of a site, or a damaged one"),
}


class Place(Struct, frozen=True, order=True):
    """Where: project-relative POSIX path, 1-based line and column (0 = the whole file), that line's text."""

    path: str
    line: int = 0
    col: int = 0
    text: str = ""

    def __str__(self) -> str:
        parts = [self.path]
        if self.line:
            parts.append(str(self.line))
            if self.col:
                parts.append(str(self.col))
        return ":".join(parts)


class Diagnostic(Struct, frozen=True):
    """One problem. `message` says what and why, `hint` says the cure; both are plain sentences."""

    code: str
    level: Level
    place: Place
    message: str
    hint: str = ""

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Order of a report: by place, then code, so that output never depends on stage order."""
        place = self.place
        return (place.path, place.line, place.col, self.code, self.message)


def problem(code: str, place: Place, message: str, hint: str = "") -> Diagnostic:
    """A diagnostic at the code's default level. `code` must stand in `CODES` (else KeyError: a bug)."""
    return Diagnostic(code, CODES[code][0], place, message, hint)


def leveled(diagnostics: Iterable[Diagnostic], levels: Mapping[str, Level]) -> Iterator[Diagnostic]:
    """The diagnostics at the levels a project chose (code → level); codes that are not named keep theirs."""
    for item in diagnostics:
        level = levels.get(item.code, item.level)
        yield item if level == item.level else replace(item, level=level)


def selected(
    diagnostics: Iterable[Diagnostic], select: Sequence[str] = (), ignore: Sequence[str] = ()
) -> Iterator[Diagnostic]:
    """The diagnostics whose code begins with one of `select` (all, without any) and none of `ignore`."""
    for item in diagnostics:
        if (not select or item.code.startswith(tuple(select))) and not item.code.startswith(tuple(ignore)):
            yield item


def place_in(path: str, source: str, line: int, col: int = 0) -> Place:
    """A place whose line text is cut from `source` (the file's whole text)."""
    lines = source.split("\n")
    text = lines[line - 1].rstrip("\r") if 0 < line <= len(lines) else ""
    return Place(path, line, col, text)


def place_at(path: str, source: str, offset: int) -> Place:
    """The place of a character offset (0-based) in `source`."""
    offset = max(0, min(offset, len(source)))
    line = source.count("\n", 0, offset) + 1
    start = source.rfind("\n", 0, offset) + 1
    return place_in(path, source, line, offset - start + 1)


def ordered(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sorted and without exact repeats."""
    return tuple(sorted(dict.fromkeys(diagnostics), key=lambda item: item.sort_key))


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether any of them is an error."""
    return any(item.level == "error" for item in diagnostics)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word closest to a mistyped one, or None when nothing is close."""
    import difflib

    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """A hint that names the nearest known word, else `otherwise`."""
    near = nearest(word, known)
    return f"did you mean “{near}”?" if near else otherwise


def errors_of(diagnostics: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Only the errors, in order."""
    return (item for item in diagnostics if item.level == "error")
