"""What a second build does, what it leaves alone, and what `explain` says of it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import click
import pytest

from policysite.cache import CACHE_FOLDER, SPARE, read_kept, write_kept
from policysite.commands import building
from policysite.core.reports import Format
from policysite.publish.manifest import MANIFEST_PATH
from policysite.request import BuildRequest, Terminal
from tests.helpers import mini
from tests.helpers.machine import ROOT

DAY = date(2026, 1, 1)
HOME_PO = "translations/bn/LC_MESSAGES/home.po"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return mini.write(tmp_path / "site")


def said(call: Callable[[Terminal], int], form: Format = "json") -> str:
    lines: list[str] = []
    call(Terminal(lines.append, lines.append, form))
    return "\n".join(lines)


def build(project: Path, day: date = DAY, cache: bool = True, output: Path | None = None) -> int:
    """How many documents were rendered; a build that fails fails the test."""
    request = BuildRequest(project, output, None, day, cache=cache)
    report = json.loads(said(lambda terminal: building.build(request, terminal)))
    assert report["ok"], report
    return int(report["rendered"])


def edit(project: Path, path: str, old: str, new: str) -> None:
    file = project / path
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def marks(folder: Path) -> dict[str, tuple[int, int]]:
    """path → inode and time of the content of each file."""
    found = {}
    for file in folder.rglob("*"):
        if file.is_file():
            status = file.stat()
            found[file.relative_to(folder).as_posix()] = (status.st_ino, status.st_mtime_ns)
    return found


def test_nothing_changed_nothing_written(project: Path) -> None:
    assert build(project) == 4
    before, folder = marks(project / "dist"), (project / "dist").stat().st_ino
    for _ in range(3):
        assert build(project) == 0
    assert marks(project / "dist") == before
    assert (project / "dist").stat().st_ino == folder


def test_one_edit_renders_one_document_and_leaves_the_other_files(project: Path) -> None:
    build(project)
    build(project)
    before = marks(project / "dist")
    edit(project, HOME_PO, "স্বাগতম", "শুভেচ্ছা")
    assert build(project) >= 1
    after = marks(project / "dist")
    edit(project, "content/contact.md", "Write to", "Always write to")
    assert build(project) == 1
    last = marks(project / "dist")
    assert before.keys() == after.keys() == last.keys()
    changed = {path for path in last if last[path] != after[path]}
    assert "en/contact/index.html" in changed
    assert not {path for path in changed if "privacy" in path}
    assert last["en/privacy/index.html"] == before["en/privacy/index.html"]


def test_a_day_on_which_nothing_begins_renders_nothing(project: Path) -> None:
    build(project)
    assert build(project, date(2026, 1, 2)) == 0
    manifest = json.loads((project / "dist" / MANIFEST_PATH).read_text(encoding="utf-8"))
    assert manifest["build_date"] == "2026-01-02"
    assert build(project, date(2025, 10, 1)) >= 1  # another version is in force


def test_another_output_folder_gets_the_whole_site(project: Path, tmp_path: Path) -> None:
    build(project)
    assert build(project, output=tmp_path / "other") == 0
    assert marks(tmp_path / "other").keys() == marks(project / "dist").keys()
    assert build(project) == 0


def deleted(dist: Path) -> None:
    (dist / "en" / "index.html").unlink()


def tampered(dist: Path) -> None:
    file = dist / "en" / "index.html"
    status = file.stat()
    data = file.read_bytes()
    file.write_bytes(data[:-2] + b"x\n")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def added(dist: Path) -> None:
    (dist / "extra.html").write_text("extra")


def emptied_folder(dist: Path) -> None:
    (dist / "extra").mkdir()


def other_mode(dist: Path) -> None:
    (dist / "en" / "index.html").chmod(0o600)


def other_name(dist: Path) -> None:
    os.link(dist / "en" / "index.html", dist.parent / "another-name.html")


@pytest.mark.parametrize("harm", [deleted, tampered, added, emptied_folder, other_mode, other_name])
def test_what_somebody_did_to_the_site_is_put_right(project: Path, harm: Callable[[Path], None]) -> None:
    build(project)
    build(project)
    clean = {path: (project / "dist" / path).read_bytes() for path in marks(project / "dist")}
    harm(project / "dist")
    assert build(project) == 0
    assert {path: (project / "dist" / path).read_bytes() for path in marks(project / "dist")} == clean
    status = (project / "dist" / "en" / "index.html").stat()
    assert stat.S_IMODE(status.st_mode) == 0o644
    spare = project / CACHE_FOLDER / SPARE / "en" / "index.html"
    assert status.st_nlink == 1 + (spare.exists() and spare.samefile(project / "dist" / "en" / "index.html"))


@pytest.mark.parametrize("harm", [deleted, tampered, added, emptied_folder, other_mode, other_name])
def test_nor_does_it_matter_between_edits(project: Path, harm: Callable[[Path], None]) -> None:
    """The tree before the last has names of the same files; what is done to one is seen in both."""
    for folder in ("dist", f"{CACHE_FOLDER}/{SPARE}"):
        for old, new in (("Write to", "Always write to"), ("Always write to", "Write to")):
            edit(project, "content/contact.md", old, new)
            build(project)
        assert (project / CACHE_FOLDER / SPARE / "en" / "index.html").stat().st_nlink == 2
        harm(project / folder)
        edit(project, "content/contact.md", "Write to", "Do write to")
        build(project)
        assert build(project) == 0
        found = {path: (project / "dist" / path).read_bytes() for path in marks(project / "dist")}
        build(project, cache=False, output=project.parent / "clean")
        clean = project.parent / "clean"
        assert found == {path: (clean / path).read_bytes() for path in marks(clean)}
        assert stat.S_IMODE((project / "dist" / "en" / "index.html").stat().st_mode) == 0o644
        edit(project, "content/contact.md", "Do write to", "Write to")
        (project / "another-name.html").unlink(missing_ok=True)


def test_a_damaged_page_of_the_cache_costs_time_only(project: Path) -> None:
    build(project)
    clean = {path: (project / "dist" / path).read_bytes() for path in marks(project / "dist")}
    for file in (project / CACHE_FOLDER / "pages").iterdir():
        file.write_bytes(file.read_bytes()[:-1])
    for file in sorted((project / "dist").rglob("index.html")):
        file.write_text("somebody else's")
    build(project)
    assert {path: (project / "dist" / path).read_bytes() for path in clean} == clean


@pytest.mark.parametrize("state", [None, (), (1, [], [], 5), (0, [], [], {}), (1, [(1, 2)], [], {}), b"x"])
def test_a_state_of_another_shape_is_none(project: Path, state: object) -> None:
    build(project)
    assert write_kept(project / CACHE_FOLDER / "state", state)
    assert build(project) == 0  # the steps are still known
    assert build(project) == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_cache_costs_time_only(project: Path) -> None:
    folder = project / CACHE_FOLDER
    folder.mkdir()
    folder.chmod(0o500)
    try:
        assert (build(project), build(project)) == (4, 4)
    finally:
        folder.chmod(0o700)


def test_a_cache_folder_that_is_a_file_costs_time_only(project: Path) -> None:
    (project / CACHE_FOLDER).write_text("no folder")
    assert (build(project), build(project)) == (4, 4)


def test_without_cache_nothing_is_kept(project: Path) -> None:
    assert (build(project, cache=False), build(project, cache=False)) == (4, 4)
    assert not (project / CACHE_FOLDER).exists()


def test_errors_come_again_and_the_site_stays(project: Path) -> None:
    build(project)
    before = marks(project / "dist")
    edit(project, "content/contact.md", "## By post", "<b>## By post")
    request = BuildRequest(project, None, None, DAY)
    reports = [json.loads(said(lambda terminal: building.build(request, terminal))) for _ in range(2)]
    assert [report["ok"] for report in reports] == [False, False]
    assert reports[0]["problems"] == reports[1]["problems"]
    assert marks(project / "dist") == before
    edit(project, "content/contact.md", "<b>## By post", "## By post")
    assert build(project) == 0


SCRIPT = """
import sys
sys.argv = ["policysite", "build", "--date", "2026-01-01"]
from policysite.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
heavy = {"babel", "markdown", "jsonschema", "jinja2", "yaml", "regex", "brotli", "watchfiles"}
print("loaded:", *sorted(heavy & sys.modules.keys()))
"""


def test_a_build_with_nothing_to_do_loads_no_libraries(project: Path) -> None:
    def loaded() -> str:
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            cwd=project,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.splitlines()[-1]

    first = loaded()
    assert "babel" in first
    assert "jsonschema" not in first  # nothing is wrong with config and front matter (`schema.fits`)
    assert loaded() == "loaded:"


def test_two_builds_at_once_leave_one_whole_site(project: Path) -> None:
    script = "from policysite.cli import main; main()"
    command = [sys.executable, "-c", script, "build", "--date", "2026-01-01"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = [
        subprocess.Popen(command, cwd=project, env=environment, stdout=subprocess.DEVNULL) for _ in range(3)
    ]
    assert [one.wait() for one in running] == [0, 0, 0]
    together = {path: (project / "dist" / path).read_bytes() for path in marks(project / "dist")}
    build(project, cache=False)
    assert {path: (project / "dist" / path).read_bytes() for path in marks(project / "dist")} == together
    assert build(project) == 0
    assert [file.name for file in project.iterdir() if file.name.startswith(".")] == [CACHE_FOLDER]


# ── explain ─────────────────────────────────────────────────────────────────────────────────────


def explained(project: Path, path: str, form: Format = "text") -> str:
    return said(lambda terminal: building.explain(project, path, terminal), form)


def test_an_output_nobody_knows_is_a_usage_error(project: Path) -> None:
    with pytest.raises(click.UsageError, match="run `policysite build`"):
        explained(project, "en/index.html")
    build(project)
    with pytest.raises(click.UsageError, match=r"en/index\.html"):
        explained(project, "en/indes.html")


def test_the_first_build_knows_nothing_of_before(project: Path) -> None:
    build(project)
    for path in ("en/contact/index.html", "/en/contact/", "dist/en/contact/index.html", "en/contact"):
        text = explained(project, path)
        assert text.startswith("en/contact/index.html: rebuilt by the step “render contact en”")
        assert "nothing was known of it" in text


@pytest.mark.parametrize(
    ("path", "old", "new", "output", "wanted"),
    [
        (HOME_PO, "স্বাগতম", "শুভেচ্ছা", "bn/index.html", f"{HOME_PO} changed: 1 of 4 texts"),
        ("content/contact.md", "Write to", "Do write to", "/en/contact/", ".md changed: 1 of 4 parts"),
        ("content/contact.md", '"Contact"', '"Letters"', "/bn/", "titles and addresses of all pages changed"),
        ("config.yaml", "minimum_age: 18", "minimum_age: 21", "bn/index.html", "config.yaml: facts changed"),
        ("templates/base.html", "<nav", "<p>x</p><nav", "bn/index.html", "templates: base.html changed"),
        ("translations/bn/LC_MESSAGES/site.po", "মেনু", "তালিকা", "bn/index.html", "interface: bn changed"),
        ("assets/style.css", "{", "{color:red;", "bn/index.html", "assets: style.css changed"),
    ],
)
def test_each_input_is_named(project: Path, path: str, old: str, new: str, output: str, wanted: str) -> None:
    build(project)
    edit(project, path, old, new)
    build(project)
    assert wanted in explained(project, output)
    build(project)
    assert "not rebuilt, since the build had nothing to do" in explained(project, output)


def test_what_did_not_change_says_so(project: Path) -> None:
    build(project)
    edit(project, "content/contact.md", "Write to", "Do write to")
    build(project)
    assert "not rebuilt, since nothing it is made from changed" in explained(project, "/en/privacy/")
    assert "every build writes this file anew" in explained(project, MANIFEST_PATH)
    record = json.loads(explained(project, "/en/contact/", "json"))
    assert (record["fate"], record["step"], record["outcome"]) == ("rebuilt", "render contact en", "built")
    assert [row["input"] for row in record["reasons"]] == ["content/contact.md"]


def test_new_and_gone_inputs_and_versions_in_force(project: Path) -> None:
    build(project, date(2025, 10, 1))
    build(project)
    assert "in force changed" in explained(project, "/en/privacy/")
    older = project / "content/privacy/2023-01.md"
    older.write_bytes((project / "content/privacy/2024-05.md").read_bytes())
    build(project)
    assert "2023-01.md is new" in explained(project, "/en/privacy/")
    older.unlink()
    build(project)
    assert "2023-01.md is gone" in explained(project, "/en/privacy/")


def test_a_translation_is_seen_by_the_pages_of_its_language(project: Path) -> None:
    build(project)
    edit(project, HOME_PO, "বয়সীদের জন্য", "বয়সের মানুষের জন্য")
    edit(project, "translations/bn/LC_MESSAGES/site.po", "মেনু", "তালিকা")
    build(project)
    assert "site.po" not in (text := explained(project, "/bn/"))
    assert f"{HOME_PO} changed" in text
    assert "interface: bn changed" in text
    for other in ("/en/", "/ar/"):
        assert "not rebuilt" in explained(project, other)


def test_other_code_is_the_reason_for_everything(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(project)
    monkeypatch.setattr("policysite.incremental.code_digest", lambda ledger: "other")
    assert build(project) == 4
    assert "another version than before" in explained(project, "/en/privacy/")


def test_a_history_that_cannot_be_read_is_none(project: Path) -> None:
    build(project)
    assert read_kept(project / CACHE_FOLDER / "last")
    assert write_kept(project / CACHE_FOLDER / "last", 5)
    with pytest.raises(click.UsageError):
        explained(project, "/en/")
