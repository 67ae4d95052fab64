"""Clean = cached = parallel, byte for byte: after any row of edits, an incremental build leaves the tree, the
manifest and the report of a build that knows nothing of the past, and so does one with several processes.

POLICYSITE_EDITS=20 makes it try twenty times as many rows, and others each time.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from policysite import pipeline
from policysite.cache import CACHE_FOLDER, code_digest
from policysite.commands import building
from policysite.core.diagnostics import ordered
from policysite.core.model import BuildOptions
from policysite.core.reports import as_records
from policysite.executor import Executor
from policysite.load.sources import read_sources
from policysite.request import BuildRequest, Terminal
from tests.helpers import mini

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")

TIMES = int(os.environ.get("POLICYSITE_EDITS", "1"))
DAYS = (date(2024, 6, 1), date(2025, 10, 1), date(2025, 10, 20), date(2026, 1, 1))
BN = "translations/bn/LC_MESSAGES"

#: Texts to put in place of others, by file: (path, old, new). Each can be done, undone, and meet others.
CHANGES: tuple[tuple[str, str, str], ...] = (
    ("content/home.md", "(/privacy/#rights)", "(/privacy/#when)"),
    ("content/privacy/2025-10-15.md", "### When", "### Whenever"),
    ("content/home.md", "Acme is for people", "Acme is made for people"),
    ("content/home.md", 'title: "Welcome to Acme"', 'title: "Hello from Acme"'),
    ("content/home.md", "(/privacy/#rights)", "(/privacy/#nowhere)"),
    ("content/contact.md", "## By post {: #post }", "## By letter {: #letter }"),
    ("content/contact.md", 'title: "Contact"', 'title: "Write to us"'),
    ("content/contact.md", "---\n\n", "---\n\nA <b>bold</b> word.\n\n"),
    ("content/privacy/2025-10-15.md", "We keep logs.", "We keep log files."),
    ("content/privacy/2024-05.md", "---\n\n", "---\n\nAn older sentence.\n\n"),
    ("config.yaml", "minimum_age: 18", "minimum_age: 21"),
    ("config.yaml", "tagline: Plain words", "tagline: Plainer words"),
    ("config.yaml", "header: [home, privacy]", "header: [privacy, home]"),
    ("config.yaml", "header: [home, privacy]", "header: [home, nowhere]"),
    ("config.yaml", "    status: reviewed\n", "    status: reviewed\n    coverage: 95\n"),
    ("config.yaml", "  ar:\n", "  ar:\n    published: false\n"),
    ("config.yaml", "protected_terms: [Acme]", "protected_terms: []"),
    ("config.yaml", "protected_terms: [Acme]", "levels: {T005: error}\nprotected_terms: [Acme]"),
    ("config.yaml", "site:\n", "# a comment\nsite:\n"),
    ("config.yaml", "facts:\n", "facts:\n\t- x\n"),
    ("templates/base.html", "<nav", "<p>new</p><nav"),
    ("templates/page.html", "{%", "{% if %}{%"),
    ("templates/chooser.html", "<", "<!-- x --><"),
    ("templates/home.html", "{%", "{{ nothing }}{%"),
    ("assets/style.css", "{", "{color:red;"),
    ("assets/dot.svg", "<svg", "<svg id='x'"),
    (f"{BN}/home.po", "স্বাগতম", "শুভেচ্ছা"),
    (f"{BN}/home.po", 'msgstr "', 'msgstr "**'),
    (f"{BN}/site.po", "মেনু", "তালিকা"),
    (f"{BN}/privacy.po", "\n\nmsgid", "\n\n#, fuzzy\nmsgid"),
    (f"{BN}/privacy.po", 'msgid "', 'msgid "x'),
    ("translations/ar/LC_MESSAGES/home.po", "msgstr", "msgst"),
    (f"{BN}/home.po", "\n\nmsgid", '\n\nmsgid "Privacy policy"\nmsgstr "অন্য নীতি"\n\nmsgid'),
    (f"{BN}/privacy.po", "\n\nmsgid", '\n\nmsgid "Contact"\nmsgstr "অন্য যোগাযোগ"\n\nmsgid'),
    (f"{BN}/privacy.po", "\n\nmsgid", "\n\n# check: ignore T304 – on purpose\nmsgid"),
)

#: Whole files that may be there or not.
MORE: tuple[tuple[str, str], ...] = (
    (
        "content/imprint.md",
        '---\ntitle: "Imprint"\ndescription: "Who we are."\n---\n\n## Rights\n\nWe are Acme.\n',
    ),
    ("content/home.bn.md", '---\ntitle: "x"\ndescription: "y"\nsource: "no digest"\n---\n\nOld.\n'),
    ("content/notes.txt", "no page"),
    ("content/privacy/2026-01.md", '---\ntitle: "Privacy"\ndescription: "New."\n---\n\n## Rights\n\nAll.\n'),
    ("translations/bn/glossary.yaml", "terms:\n  logs: [লগ]\n"),
    (f"{BN}/contact.po", mini.po("bn", {"Contact": "যোগাযোগ", "By post": "ডাকে"})),
    (f"{BN}/nothing.po", mini.po("bn", {"Contact": "যোগাযোগ"})),
    ("translations/xx/LC_MESSAGES/home.po", mini.po("xx", {})),
    ("assets/more.css", "p{background:url(dot.svg)}"),
    ("templates/forget.html", "{{ entries | length }}"),
)


@dataclass(frozen=True)
class Edit:
    """One step. what: see `EDITS`; number: which of its kind."""

    what: str
    number: int


@dataclass
class World:
    """A project that is edited, and what decides besides its files."""

    folder: Path
    day: date = DAYS[-1]
    code: int = 0
    precompress: bool = False

    @property
    def dist(self) -> Path:
        return self.folder / "dist"


def change(world: World, number: int) -> None:
    """Do one of CHANGES, or undo it."""
    path, old, new = CHANGES[number % len(CHANGES)]
    file = world.folder / path
    if not file.exists():
        return
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(new, old, 1) if new in text else text.replace(old, new, 1), encoding="utf-8")


def add(world: World, number: int) -> None:
    """Write one of MORE, or remove it."""
    path, text = MORE[number % len(MORE)]
    file = world.folder / path
    if file.exists():
        file.unlink()
    else:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def remove(world: World, number: int) -> None:
    """Remove a file of the project, or write it again as it was."""
    path, text = sorted(mini.texts().items())[number % len(mini.texts())]
    file = world.folder / path
    if file.exists():
        file.unlink()
    else:
        file.write_text(text, encoding="utf-8")


def sly(world: World, number: int) -> None:
    """An edit of the same length in the same file, with the time of the content as before."""
    path = (f"{BN}/home.po", "content/contact.md", "templates/base.html", "assets/style.css")[number % 4]
    file = world.folder / path
    if file.exists():
        status, data = file.stat(), file.read_bytes()
        middle = data.rfind(b"e") if b"e" in data else len(data) - 1
        with file.open("r+b") as stream:
            stream.seek(middle)
            stream.write(b"o")
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def touch(world: World, number: int) -> None:
    """Save without a change, by a new file under the old name."""
    files = sorted(file for file in world.folder.glob("[ct]*/**/*") if file.is_file())
    file = files[number % len(files)]
    other = file.with_name(".new")
    shutil.copy(file, other)
    other.replace(file)


def another_day(world: World, number: int) -> None:
    """The calendar goes on, or back."""
    world.day = DAYS[number % len(DAYS)]


def other_code(world: World, number: int) -> None:
    """Another version of policysite or of a library."""
    world.code = number % 3


def pack(world: World, number: int) -> None:
    """With compressed files or without."""
    world.precompress = bool(number % 2)


def harm_cache(world: World, number: int) -> None:
    """Cut, flip, empty or remove a file of the cache."""
    files = sorted(file for file in (world.folder / CACHE_FOLDER).rglob("*") if file.is_file())
    if files:
        file = files[number % len(files)]
        data = file.read_bytes()
        harms = (data[: len(data) // 2], data[:-1] + b"\x00", b"", None)
        harm = harms[number // len(files) % len(harms)]
        file.unlink() if harm is None else file.write_bytes(harm)


def harm_site(world: World, number: int) -> None:
    """Somebody works on the published files."""
    files = sorted(
        file for file in world.dist.rglob("*") if file.is_file() and file.name != "build-manifest.json"
    )
    if files:
        file = files[number % len(files)]
        match number % 4:
            case 0:
                file.unlink()
            case 1:
                file.write_bytes(file.read_bytes()[::-1])
            case 2:
                (file.parent / "extra.html").write_text("extra")
            case _:
                shutil.rmtree(world.dist)


EDITS: dict[str, Callable[[World, int], None]] = {
    function.__name__: function
    for function in (change, add, remove, sly, touch, another_day, other_code, pack, harm_cache, harm_site)
}


def change_to(text: str) -> Edit:
    """The first of CHANGES that brings a text."""
    return Edit("change", next(index for index, row in enumerate(CHANGES) if text in row[2]))


edits = st.builds(
    Edit,
    st.sampled_from(("change",) * 8 + ("add",) * 3 + ("remove",) * 2 + tuple(EDITS)),
    st.integers(0, 1000),
)


def tree(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()
    }


def build(world: World, *, cache: bool, output: Path) -> tuple[int, dict[str, Any]]:
    """Exit code and report of a build, without what may differ: seconds, and how much was rendered."""
    said: list[str] = []
    terminal = Terminal(said.append, said.append, "json")
    request = BuildRequest(world.folder, output, None, world.day, 1, cache, precompress=world.precompress)
    code = building.build(request, terminal)
    report = json.loads("".join(said))
    return code, {name: report[name] for name in report if name not in ("seconds", "rendered", "output")}


def in_parallel(world: World) -> tuple[dict[str, bytes], list[dict[str, object]]]:
    """Files and problems of a build with two processes, in memory."""
    sources, problems = read_sources(world.folder)
    files: dict[str, bytes] = {}
    if not problems:
        with Executor(2, minimum=2) as executor:
            prepared, problems = pipeline.prepare(sources, BuildOptions(world.day), mapper=executor)
            if prepared is not None:
                packed = world.precompress and prepared.frame.config.precompress
                for step in pipeline.render(prepared, executor, packed):
                    problems = (*problems, *step.diagnostics)
                    files.update((file.path, file.data) for file in step.files)
    return files, as_records(ordered(problems))


@contextmanager
def code_of(world: World):
    """The code counts as another one."""
    real = code_digest
    with mock.patch("policysite.incremental.code_digest", lambda ledger: f"{real(ledger)} {world.code}"):
        yield


def same_everywhere(world: World, spread: bool) -> bool:
    """Build it in every way and compare; whether there was a site to compare."""
    before = tree(world.dist)
    with code_of(world):
        cached = build(world, cache=True, output=world.dist)
    clean_dist = world.folder / "clean"
    shutil.rmtree(clean_dist, ignore_errors=True)
    clean = build(world, cache=False, output=clean_dist)
    assert cached == clean
    if clean[0] == 0:
        assert tree(world.dist) == tree(clean_dist)
    else:
        assert tree(world.dist) == before
    if spread:
        files, problems = in_parallel(world)
        assert problems == clean[1]["problems"]
        if clean[0] == 0:
            wanted = tree(clean_dist)
            del wanted["build-manifest.json"]
            assert files == wanted
    return clean[0] == 0


@settings(
    max_examples=5 * TIMES,
    derandomize=TIMES == 1,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
@given(st.lists(edits, min_size=6, max_size=12))
@example([Edit("touch", 3), Edit("harm_site", 1), change_to("শুভেচ্ছা"), Edit("another_day", 0)])
@example([change_to("অন্য নীতি"), change_to("ignore T304"), change_to("অন্য নীতি")])  # T304, waived, T315
@example([change_to("#when"), change_to("Whenever")])  # a link that loses its anchor in another file
@example([Edit("add", 0), Edit("change", 3), Edit("remove", 7), Edit("remove", 7), Edit("harm_site", 4)])
def test_clean_is_cached_is_parallel(rows: list[Edit]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(mini.write(Path(folder)))
        assert same_everywhere(world, spread=True)
        for index, edit in enumerate(rows):
            EDITS[edit.what](world, edit.number)
            same_everywhere(world, spread=index % 3 == 0)


@pytest.mark.parametrize("number", range(len(CHANGES)), ids=lambda number: CHANGES[number][0])
def test_every_change_can_be_made(number: int) -> None:
    """A text of CHANGES that is nowhere would test nothing."""
    path, old, _ = CHANGES[number]
    assert old in mini.texts()[path]
