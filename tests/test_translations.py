"""The `translations` commands in a small project: what an editor types, reads, and finds in the catalogs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from policysite.cli import main
from policysite.commands import translating
from policysite.core.model import Catalog, Message
from policysite.translate.po import format_po, parse_po
from policysite.translate.sync import message_id
from tests.helpers import mini
from tests.helpers.machine import find_program


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Done]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return mini.write(tmp_path / "project")


@pytest.fixture
def run(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("sync")` is `policysite translations sync` in the small project, in this process."""
    monkeypatch.chdir(project)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")  # 2026-01-01

    def call(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["policysite", "translations", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Done(ended.value.code, out, err)

    return call


def po(project: Path, locale: str, domain: str) -> Path:
    return project / "translations" / locale / "LC_MESSAGES" / f"{domain}.po"


def read(path: Path) -> Catalog:
    catalog, problems = parse_po("a.po", path.read_text(encoding="utf-8"), "bn", path.stem)
    assert problems == ()
    return catalog


def message(path: Path, msgid: str) -> Message:
    return next(item for item in read(path).messages if item.msgid == msgid)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (path, old)
    path.write_text(text.replace(old, new), encoding="utf-8")


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


HOME = "content/home.md"
LINKED = "Acme is for people of {{ minimum_age }} or over. Read the [privacy policy](/privacy/#rights)."


# ── sync ────────────────────────────────────────────────────────────────────────────────────────


def test_a_dry_run_says_all_and_writes_nothing(run: Run, project: Path) -> None:
    edit(project / HOME, "or over. Read", "or older. Read")
    before = files(project)
    done = run("sync", "--language", "bn", "--dry-run")
    assert done.code == 0
    name = message_id("home", (None, LINKED.replace("or over", "or older")))
    assert "translations/bn/LC_MESSAGES/home.po: 4 messages: 3 kept, 1 fuzzy\n" in done.out
    assert f"  {name}  home (bn)\n" in done.out
    assert "was “Acme is for people of {{ minimum_age }} or over." in done.out
    assert done.out.endswith("Nothing was written (--dry-run).\n")
    assert files(project) == before
    run("sync", "--language", "bn")
    assert message(po(project, "bn", "home"), LINKED.replace("or over", "or older")).fuzzy


def test_another_link_needs_no_translator(run: Run, project: Path) -> None:
    edit(project / HOME, "/privacy/#rights", "/privacy/")
    record = next(
        row
        for row in run("sync", "--format", "json").json()
        if row["path"].endswith("bn/LC_MESSAGES/home.po")
    )
    assert (record["kept"], record["carried"], record["fuzzy"]) == (3, 1, 0)
    assert [(change["outcome"], change["was"]) for change in record["changes"]] == [("carried", LINKED)]
    carried = message(po(project, "bn", "home"), LINKED.replace("#rights", ""))
    assert carried.usable
    assert "](/privacy/)" in carried.msgstr[0]


def test_an_unchanged_meaning_is_said_by_id(run: Run, project: Path) -> None:
    edit(project / HOME, "or over. Read", "or older. Read")
    new = LINKED.replace("or over", "or older")
    run("sync")
    done = run("sync", "--unchanged-meaning", message_id("home", (None, new)))
    assert done.code == 0
    assert "3 kept, 1 unchanged in meaning" in done.out
    kept = message(po(project, "bn", "home"), new)
    assert kept.usable
    assert kept.user_comments[-1].startswith('unchanged-meaning: "Acme is for people')
    before = files(project)
    done = run("sync", "--unchanged-meaning", "0123abcd")
    assert done.code == 1
    assert "error T011 no text of this site has the id “0123abcd”" in done.err
    assert files(project) == before


def test_a_kill_while_writing_leaves_the_old_catalog(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(project / HOME, "or over. Read", "or older. Read")
    before = files(project)
    seen: list[int] = []

    def full(descriptor: int) -> None:
        seen.append(descriptor)
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    done = run("sync")
    assert done.code == 1
    assert "error X002 cannot be written" in done.err
    assert seen
    assert files(project) == before


@pytest.mark.parametrize(
    "garbage",
    [
        b"\xff\xfe\x00m",
        b'msgid "x\nmsgstr "precious"\n',
        b"<<<<<<< ours\n",
        b'\nmsgid "Welcome to Acme"\nmsgstr "b"\n',
    ],
)
def test_a_damaged_catalog_is_reported_and_never_touched(run: Run, project: Path, garbage: bytes) -> None:
    path = po(project, "bn", "home")
    path.write_bytes(path.read_bytes() + garbage)
    before = files(project)
    for command in (("sync",), ("approve", "bn", "--all"), ("add", "fr")):
        done = run(*command)
        assert done.code == 1
        assert "translations/bn/LC_MESSAGES/home.po" in done.err
        assert "Traceback" not in done.err
        assert files(project) == before


def test_what_sync_writes_passes_msgfmt(run: Run, project: Path) -> None:
    run("sync")
    for path in sorted((project / "translations").rglob("*.po")):
        done = subprocess.run(
            [str(find_program(None, "msgfmt")), "-c", "-o", os.devnull, str(path)], capture_output=True
        )
        assert done.returncode == 0, (path, done.stderr.decode())


# ── what other tools wrote ──────────────────────────────────────────────────────────────────────


def test_a_catalog_from_weblate_and_msgmerge_goes_through(run: Run, project: Path) -> None:
    """Tools reorder headers, wrap otherwise, write RFC 3339 dates and their own plural formula."""
    path = po(project, "ar", "site")
    text = path.read_text(encoding="utf-8")
    catalog = read(path)
    fields = dict(catalog.header)
    fields["PO-Revision-Date"] = "2025-10-01T10:00:00+00:00"
    fields["X-Generator"] = "Weblate 5.13"
    fields["Plural-Forms"] = (
        "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5;"
    )
    other = Catalog(
        catalog.path,
        "ar",
        "site",
        "",
        catalog.messages,
        tuple(reversed(fields.items())),
        Message("", user_comments=("Anybody <a@b.c>, 2025.",)),
    )
    path.write_text(format_po(other), encoding="utf-8")
    for program in ("msgcat", "msgattrib"):
        done = subprocess.run(
            [str(find_program(None, program)), "--width=40", str(path)], capture_output=True, check=True
        )
        path.write_bytes(done.stdout)
        assert run("sync", "--language", "ar").code == 0
        after = read(path)
        needed = {"MIME-Version": "1.0", "Content-Transfer-Encoding": "8bit", "X-Segmenter-Version": "1"}
        assert dict(after.header) == {**fields, **needed}
        assert after.header_entry.user_comments == ("Anybody <a@b.c>, 2025.",)
        assert after.translations() == catalog.translations()
    assert text != path.read_text(encoding="utf-8")


# ── add ─────────────────────────────────────────────────────────────────────────────────────────


def test_add_makes_catalogs_and_edits_nothing(run: Run, project: Path) -> None:
    before = files(project)
    done = run("add", "pt_br")
    assert done.code == 0
    assert "Brazilian Portuguese" in done.out or "Portuguese (Brazil) (pt-BR): 5 new catalogs" in done.out
    assert "  pt-BR:\n    published: false\n" in done.out
    after = files(project)
    assert {path: after[path] for path in before} == before
    made = sorted(path for path in after if path not in before)
    assert [Path(path).stem for path in made] == ["contact", "home", "not-found", "privacy", "site"]
    header = dict(read(po(project, "pt_BR", "home")).header)
    assert (header["Language"], header["X-Segmenter-Version"]) == ("pt_BR", "1")
    assert header["Plural-Forms"].startswith("nplurals=")
    edit(
        project / "config.yaml", "languages:\n  en:\n", "languages:\n  en:\n  pt-BR:\n    published: false\n"
    )
    again = run("add", "pt-BR")
    assert "0 new catalogs" in again.out
    assert "config.yaml" not in again.out
    assert run("sync", "--language", "pt-BR").out == "5 catalogs are up to date, 0 of them changed.\n"


@pytest.mark.parametrize(("tag", "said"), [("xx-yy", "CLDR"), ("en", "written in"), ("../../x", "CLDR")])
def test_add_refuses_what_is_no_language(run: Run, project: Path, tag: str, said: str) -> None:
    before = files(project)
    done = run("add", tag)
    assert done.code == 1
    assert "error C201" in done.err
    assert said in done.err
    assert files(project) == before


def test_templates_are_what_gettext_can_start_a_language_from(
    run: Run, project: Path, tmp_path: Path
) -> None:
    assert run("template").out == "5 templates written to translations/templates/.\n"
    before = files(project)
    assert run("template").code == 0
    assert files(project) == before
    template = project / "translations" / "templates" / "privacy.pot"
    command = [
        str(find_program(None, "msginit")),
        "--no-translator",
        "-l",
        "fr",
        "-i",
        str(template),
        "-o",
        "-",
    ]
    done = subprocess.run(command, capture_output=True, check=True, cwd=tmp_path)
    catalog, problems = parse_po("a.po", done.stdout.decode(), "fr", "privacy")
    assert problems == ()
    assert dict(catalog.header)["Language"] == "fr"
    assert [item.msgid for item in catalog.messages][:2] == ["Privacy policy", "What we keep."]
    assert run("sync").code == 0  # templates are no catalogs of a language


# ── status ──────────────────────────────────────────────────────────────────────────────────────


def test_status_counts_what_is_stale_and_names_what_waits(run: Run, project: Path) -> None:
    edit(project / HOME, "or over. Read", "or older. Read")
    run("sync")
    new = LINKED.replace("or over", "or older")
    rows = {(row["language"], row["domain"]): row for row in run("status", "--json").json()}
    row = rows["bn", "home"]
    words = len(new.split())
    assert (row["percent"], row["fuzzy"], row["stale_words"], row["words_left"]) == (75, 1, words, words)
    line = next(item.line for item in read(po(project, "bn", "home")).messages if item.msgid == new)
    name = message_id("home", (None, new))
    assert row["waiting"] == [{"id": name, "state": "fuzzy", "line": line, "text": new}]
    assert run("status", "--format", "json").out == run("status", "--json").out
    assert f"  {name}  fuzzy    “Acme is for people" in run("status", "--ids").out


# ── approve ─────────────────────────────────────────────────────────────────────────────────────


def waiting(project: Path, *translations: tuple[str, str]) -> Path:
    """contact.po in Bengali with these fuzzy translations."""
    path = po(project, "bn", "contact")
    path.parent.mkdir(parents=True, exist_ok=True)
    entries = "".join(
        f'\n#, fuzzy\n#| msgid "before"\nmsgid "{source}"\nmsgstr "{target}"\n'
        for source, target in translations
    )
    head = 'msgid ""\nmsgstr ""\n"Language: bn\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    path.write_text(head + entries, encoding="utf-8")
    return path


GOOD = ("Contact", "যোগাযোগ")
BAD = ("We have **no** letter box.", "আমাদের চিঠির বাক্স নেই।")
POST = ("By post", "ডাকযোগে")


def test_approve_takes_what_passes_the_checks(run: Run, project: Path) -> None:
    path = waiting(project, GOOD, BAD, POST)
    done = run("approve", "bn", "--all")
    assert done.code == 1
    assert "2 translations approved, 1 stay fuzzy because of the errors above." in done.out
    assert "contact.po:14:1: error T101" in done.err
    states = {item.msgid: (item.fuzzy, item.previous) for item in read(path).messages}
    assert states == {GOOD[0]: (False, ()), BAD[0]: (True, ('msgid "before"',)), POST[0]: (False, ())}


def test_approve_by_id_and_by_document(run: Run, project: Path) -> None:
    path = waiting(project, GOOD, POST)
    done = run("approve", "bn", message_id("contact", (None, POST[0])))
    assert (done.code, done.out) == (0, "1 translation approved.\n")
    assert [item.fuzzy for item in read(path).messages] == [True, False]
    assert run("approve", "bn", "--document", "home").out == "0 translations approved.\n"
    assert run("approve", "bn", "--document", "contact").out == "1 translation approved.\n"
    assert not any(item.fuzzy for item in read(path).messages)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("bn",), 2, "say what to approve"),
        (("bn", "--all", "--document", "home"), 2, "say what to approve"),
        (("bn", "12345678"), 1, "error T011"),
        (("bn", "--document", "contcat"), 1, "did you mean “contact”?"),
        (("fr", "--all"), 1, "“fr” is no translation of this site"),
    ],
)
def test_approve_says_what_it_cannot_do(
    run: Run, project: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    waiting(project, GOOD)
    before = files(project)
    done = run("approve", *arguments)
    assert done.code == code
    assert said in done.err
    assert files(project) == before


# ── adopt ───────────────────────────────────────────────────────────────────────────────────────

OLD_FILE = """\
# যোগাযোগ

লিখুন: [help@acme.test](mailto:help@acme.test)।

## ডাকযোগে

আমাদের চিঠির বাক্স **নেই**।

| একটি |
| --- |
| পুরনো সারণি |
"""


def test_adopt_imports_as_fuzzy_and_drops_nothing(run: Run, project: Path, tmp_path: Path) -> None:
    file = tmp_path / "contact.bn.md"
    file.write_text(OLD_FILE, encoding="utf-8")
    done = run("adopt", "bn", str(file))
    assert done.code == 0, done.err
    assert "contact.bn.md fits content/contact.md" in done.out
    assert "4 translations imported as fuzzy into translations/bn/LC_MESSAGES/contact.po" in done.out
    assert "2 texts could not be aligned, and became comments:" in done.out
    path = po(project, "bn", "contact")
    got = {item.msgid: (item.msgstr[0], item.fuzzy) for item in read(path).messages if item.msgstr[0]}
    assert got == {
        "Contact": ("যোগাযোগ", True),
        "Write to [{{ contact_email }}](mailto:{{ contact_email }}).": (
            "লিখুন: [help@acme.test](mailto:help@acme.test)।",
            True,
        ),
        "By post": ("ডাকযোগে", True),
        "We have **no** letter box.": ("আমাদের চিঠির বাক্স **নেই**।", True),
    }
    assert message(path, "We have **no** letter box.").user_comments == (
        "not aligned, from contact.bn.md, line 9 (cell): একটি",
        "not aligned, from contact.bn.md, line 11 (cell): পুরনো সারণি",
    )
    before = files(project)
    assert run("adopt", "bn", str(file), "--document", "contact").code == 0
    assert files(project) == before
    assert str(tmp_path) not in path.read_text(encoding="utf-8")


def test_adopt_never_overwrites_a_translation(run: Run, project: Path, tmp_path: Path) -> None:
    path = waiting(project, ("By post", "আমার নিজের"))
    file = tmp_path / "old.md"
    file.write_text(OLD_FILE, encoding="utf-8")
    record = run("adopt", "bn", str(file), "--format", "json").json()
    assert (record["source"], record["imported"], record["beside"]) == ("content/contact.md", 3, 1)
    assert [item["kind"] for item in record["not_aligned"]] == ["cell", "cell"]
    mine = message(path, "By post")
    assert mine.msgstr == ("আমার নিজের",)
    assert mine.user_comments == ("adopted from old.md, line 5 (heading): ডাকযোগে",)


@pytest.mark.parametrize(
    ("data", "arguments", "said"),
    [
        (b"\xff\xfe", (), "error S001"),
        (b"", (), "error T012"),
        (b"---\ntitle: [\n---\n\ntext\n", (), "error C001"),
        (b"- a\n- b\n- c\n- d\n- e\n- f\n- g\n- h\n- i\n", (), "error T012"),
        (OLD_FILE.encode(), ("--document", "kontact"), "did you mean “contact”?"),
    ],
)
def test_adopt_refuses_what_it_cannot_place(
    run: Run, project: Path, tmp_path: Path, data: bytes, arguments: tuple[str, ...], said: str
) -> None:
    file = tmp_path / "old.md"
    file.write_bytes(data)
    before = files(project)
    done = run("adopt", "bn", str(file), *arguments)
    assert done.code == 1
    assert said in done.err
    assert "Traceback" not in done.err
    assert files(project) == before


def test_the_outcomes_of_a_sync_have_names() -> None:
    names = [outcome for outcome, _ in translating._OUTCOMES]
    assert len(set(names)) == len(names) == 6
