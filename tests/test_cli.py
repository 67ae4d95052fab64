from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from policysite import __version__
from policysite.cache import CACHE_FOLDER
from policysite.cli import cli, main
from policysite.commands import building
from policysite.request import BuildRequest, today
from policysite.translate.po import parse_po
from policysite.translate.sync import message_id
from tests.helpers import mini
from tests.helpers.machine import ROOT


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
    """`run("check")` is `policysite check` in the small project, in this process."""
    monkeypatch.chdir(project)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")  # 2026-01-01

    def call(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["policysite", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Done(ended.value.code, out, err)

    return call


def process(*arguments: str, cwd: Path = ROOT, **environment: str) -> Done:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", **environment},
        capture_output=True,
        text=True,
    )
    return Done(done.returncode, done.stdout, done.stderr)


BUILD_PY = str(ROOT / "build.py")


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def every_command(group: click.Group = cli, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = [path]
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += every_command(command, (*path, name))
        else:
            found.append((*path, name))
    return found


# ── help ────────────────────────────────────────────────────────────────────────────────────────


def test_the_commands() -> None:
    assert set(every_command()) >= {
        *((), ("build",), ("check",), ("serve",)),
        *(("translations",), ("translations", "sync"), ("translations", "status")),
        *(("translations", "add"), ("translations", "adopt"), ("translations", "approve")),
        *(("policy",), ("policy", "diff"), ("policy", "lock"), ("policy", "revise"), ("policy", "amend")),
    }


@pytest.mark.parametrize("path", every_command(), ids=lambda path: " ".join(path) or "policysite")
def test_every_command_and_option_has_help(path: tuple[str, ...]) -> None:
    done = CliRunner().invoke(cli, [*path, "--help"])
    assert done.exit_code == 0
    assert done.output.startswith(f"Usage: cli {' '.join(path)}".rstrip())
    command: click.Command = cli
    for name in path:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Argument):  # Click has no help for these: the command's own names it
            assert parameter.human_readable_name.strip("[].") in done.output
            continue
        assert isinstance(parameter, click.Option)
        assert parameter.help, parameter.name
        assert parameter.opts[0] in done.output


def test_version_and_short_help(run: Run) -> None:
    assert run("--version") == Done(0, f"policysite, version {__version__}\n", "")
    assert run("-h").out == run("--help").out != ""
    assert run("build", "-h").code == 0


# ── build ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "arguments", [(), ("build",), ("--jobs", "1"), ("--no-cache",), ("--format", "text")]
)
def test_build_is_what_runs_without_a_command(run: Run, project: Path, arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.code == 0
    assert done.out.startswith("Built 7 pages in 3 languages (en, bn, ar): ")
    assert (project / "dist" / "en" / "privacy" / "index.html").is_file()
    assert (project / CACHE_FOLDER).exists() == (arguments != ("--no-cache",))


def test_nothing_shows_progress_in_a_pipe(run: Run) -> None:
    done = run()
    assert "Rendering" not in done.out + done.err
    assert "\r" not in done.out + done.err
    assert "\x1b" not in done.out + done.err


def test_warnings_go_to_stderr_and_stop_nothing(run: Run) -> None:
    done = run("build")
    assert "warning T005" in done.err
    assert "T005" not in done.out
    assert "2 warnings, 1 info." in done.out


def test_the_output_and_the_project_can_be_elsewhere(run: Run, project: Path, tmp_path: Path) -> None:
    os.chdir("/")
    done = run("--project", str(project), "--output", str(tmp_path / "out" / "site"))
    assert done.code == 0
    assert (tmp_path / "out" / "site" / "index.html").is_file()
    assert not (project / "dist").exists()


def test_the_same_input_gives_the_same_folder(run: Run, project: Path) -> None:
    run("build", "--jobs", "1", "--no-cache")
    first = files(project / "dist")
    run("build", "--jobs", "2")
    assert files(project / "dist") == first
    done = run("build", "--jobs", "2")
    assert "4 of 4 documents unchanged" in done.out
    assert files(project / "dist") == first


def test_the_date_decides_the_versions(run: Run, project: Path) -> None:
    page = project / "dist" / "en" / "privacy" / "index.html"
    assert run("--date", "2025-10-14").code == 0
    assert "We keep nothing" in page.read_text()
    assert run("build", "--date", "2025-10-15").code == 0
    assert "We keep logs" in page.read_text()
    assert json.loads((project / "dist" / "build-manifest.json").read_text())["build_date"] == "2025-10-15"


@pytest.mark.parametrize(
    ("epoch", "day"),
    [("0", date(1970, 1, 1)), ("1767225599", date(2025, 12, 31)), ("1767225600", date(2026, 1, 1))],
)
def test_the_epoch_of_reproducible_builds_is_the_day(
    monkeypatch: pytest.MonkeyPatch, epoch: str, day: date
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    assert today() == day
    assert BuildRequest(Path(), build_date=date(2020, 1, 1)).options().build_date == date(2020, 1, 1)


def test_another_address(run: Run, project: Path) -> None:
    assert run("--base-url", "https://staging.test:8443/").code == 0
    assert "Sitemap: https://staging.test:8443/sitemap.xml" in (project / "dist" / "robots.txt").read_text()


# ── problems ────────────────────────────────────────────────────────────────────────────────────


def test_an_error_leaves_the_site_as_it_was(run: Run, project: Path) -> None:
    assert run().code == 0
    before = files(project / "dist")
    (project / "content" / "contact.md").write_text(mini.CONTACT + "\n<b>\n")
    done = run()
    assert done.code == 1
    assert done.out == ""
    assert "content/contact.md:12:1: error D201" in done.err
    assert done.err.endswith("Nothing was written: 1 error, 2 warnings, 1 info.\n")
    assert files(project / "dist") == before


def test_an_error_of_a_template_is_found_while_rendering(run: Run, project: Path) -> None:
    (project / "templates" / "home.html").write_text("a\n{{ nothing }}\n")
    for command in ("build", "check"):
        done = run(command)
        assert done.code == 1
        assert "templates/home.html:2:1: error L002 'nothing' is undefined" in done.err
    assert not (project / "dist").exists()


def test_a_date_before_everything_is_a_problem_and_no_crash(run: Run) -> None:
    for command in ("build", "check"):
        done = run(command, "--date", "2001-01-01")
        assert done.code == 1
        assert "error D105" in done.err


def test_a_folder_without_config_is_a_problem(run: Run, tmp_path: Path) -> None:
    done = run("--project", str(tmp_path))
    assert done.code == 1
    assert "error S003" in done.err
    assert list(tmp_path.iterdir()) == [tmp_path / "project"]


def test_check_writes_nothing(run: Run, project: Path) -> None:
    before = files(project)
    done = run("check")
    assert done.code == 0
    assert done.out.startswith("Checked ")
    assert files(project) == before


# ── formats ─────────────────────────────────────────────────────────────────────────────────────


def test_json_of_a_build(run: Run, project: Path) -> None:
    done = run("--format", "json")
    assert (done.code, done.err) == (0, "")
    found = done.json()
    assert (found["ok"], found["pages"], found["languages"]) == (True, 7, ["en", "bn", "ar"])
    assert found["rendered"] == 4
    assert {item["code"] for item in found["problems"]} == {"T005", "T201"}
    assert run("--format", "json").json()["rendered"] == 0
    written = [path for path in files(project / "dist") if path != "build-manifest.json"]
    assert found["files"] == len(written)
    assert found["bytes"] == sum(len(files(project / "dist")[path]) for path in written)


def test_json_of_a_preview_and_of_a_merge_is_one_document_too(run: Run, project: Path) -> None:
    found = run("build", "--preview", "--format", "json").json()
    assert found["ok"]
    assert found["output"] == "preview"
    assert found["pages"] > 0
    assert run("build", "--languages", "en,bn,ar", "--output", str(project / "part")).code == 0
    found = run("merge", str(project / "part"), "--format", "json").json()
    assert found["ok"]
    assert (found["output"], found["parts"]) == ("dist", 1)
    assert found["files"] + 1 == len(files(project / "dist"))


def test_json_of_a_failure(run: Run, project: Path) -> None:
    (project / "config.yaml").write_text("site: [")
    for arguments in (("build", "--format", "json"), ("translations", "sync", "--format", "json")):
        done = run(*arguments)
        assert (done.code, done.err) == (1, "")
        assert done.json()["ok"] is False
        assert [item["code"] for item in done.json()["problems"]] == ["C001"]
    done = run("check", "--format", "json")
    assert (done.code, [item["code"] for item in done.json()]) == (1, ["C001"])


def test_json_of_a_check(run: Run) -> None:
    done = run("check", "--format", "json")
    assert (done.code, done.err) == (0, "")
    assert {item["path"] for item in done.json()} == {
        "translations/ar/LC_MESSAGES/home.po",
        "translations/bn/LC_MESSAGES/privacy.po",
    }


def test_github_annotations(run: Run, project: Path) -> None:
    (project / "content" / "contact.md").write_text(mini.CONTACT + "\n<b>\n")
    for command in ("build", "check"):
        done = run(command, "--format", "github")
        assert (done.code, done.err) == (1, "")
        rows = done.out.strip().split("\n")
        assert rows[0].startswith("::error file=content/contact.md,line=12,col=1,title=D201::")
        assert all(row.startswith(("::error ", "::warning ", "::notice ")) for row in rows)


# ── usage ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nothing",), "No such command 'nothing'"),
        (("build", "extra"), "unexpected extra argument"),
        (("--nothing",), "No such option"),
        (("--project", "/does/not/exist"), "does not exist"),
        (("--jobs", "0"), "--jobs"),
        (("--date", "yesterday"), "write it as 2025-10-15"),
        (("--date", "2025-02-30"), "write it as 2025-10-15"),
        (("--date", "20251015"), "write it as 2025-10-15"),
        (("--date", "2025-W42-3"), "write it as 2025-10-15"),
        (("--base-url", "staging.test"), "not scheme and host"),
        (("--base-url", "ftp://a.test"), "not scheme and host"),
        (("--base-url", "https://a.test/path"), "not scheme and host"),
        (("--base-url", "https://a.test?x"), "not scheme and host"),
        (("--base-url", "https://a.test#x"), "not scheme and host"),
        (("--base-url", "https://a b"), "not scheme and host"),
        (("--base-url", "https://["), "not scheme and host"),
        (("--base-url", "https://u:p@a.test"), "not scheme and host"),
        (("--base-url", 'https://a.test"><script>'), "not scheme and host"),
        (("--format", "xml"), "--format"),
        (("serve", "--port", "70000"), "--port"),
        (("serve", "--host", "0.0.0.0"), ""),
        (("translations", "nothing"), "No such command 'nothing'"),
    ],
)
def test_usage_is_told_and_exits_with_2(
    run: Run, project: Path, arguments: tuple[str, ...], words: str
) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert "Error:" in done.err
    assert words in done.err
    assert not (project / "dist").exists()


# ── translations ────────────────────────────────────────────────────────────────────────────────


def test_sync_brings_every_catalog_up_to_date(run: Run, project: Path) -> None:
    done = run("translations", "sync")
    assert done.code == 0
    assert "translations/bn/LC_MESSAGES/privacy.po: 8 messages: 5 kept, 1 fuzzy, 2 new" in done.out
    path = project / "translations" / "bn" / "LC_MESSAGES" / "privacy.po"
    catalog, faults = parse_po("p", path.read_text(), "bn", "privacy")
    assert faults == ()
    assert catalog.translations()["You may ask."] == "আপনি জিজ্ঞাসা করতে পারেন।"
    assert "T005" not in run("check").err
    before = files(project / "translations")
    assert run("translations", "sync").out == "10 catalogs are up to date, 0 of them changed.\n"
    assert files(project / "translations") == before
    assert not [path for path in before if path.rpartition("/")[2].startswith(".")]


def test_sync_of_one_language(run: Run, project: Path) -> None:
    before = files(project / "translations" / "ar")
    records = run("translations", "sync", "--language", "bn", "--format", "json").json()
    assert {record["path"].split("/")[1] for record in records} == {"bn"}
    assert files(project / "translations" / "ar") == before
    done = run("translations", "sync", "--language", "fr")
    assert done.code == 1
    assert "“fr” is no translation of this site" in done.err


def test_a_catalog_that_cannot_be_read_is_not_overwritten(run: Run, project: Path) -> None:
    path = project / "translations" / "bn" / "LC_MESSAGES" / "home.po"
    path.write_text(path.read_text() + '\nmsgid "x\nmsgstr "precious"\n')
    before = files(project / "translations")
    done = run("translations", "sync")
    assert done.code == 1
    assert "error T001" in done.err
    assert files(project / "translations") == before


def test_status_says_what_readers_see(run: Run) -> None:
    rows = {
        (row["language"], row["domain"]): row
        for row in run("translations", "status", "--format", "json").json()
    }
    assert rows["bn", "privacy"] == {
        "language": "bn",
        "domain": "privacy",
        "total": 8,
        "translated": 5,
        "percent": 62,
        "fuzzy": 0,
        "stale_words": 0,
        "words_left": 6,
        "shown": "version 2024-05",
        "waiting": [
            {"id": message_id("privacy", (None, text)), "state": "missing", "line": 0, "text": text}
            for text in ("We keep logs.", "When", "At once.")
        ],
    }
    assert rows["ar", "contact"]["shown"] == "the English page"
    assert rows["ar", "home"]["shown"] == "1 text in English"
    assert rows["ar", "site"]["shown"] == "complete"
    table = run("translations", "status").out.split("\n")
    heads = "language document done fuzzy stale words words left readers see"
    assert table[0].split() == heads.split()
    assert any(
        row.split() == ["bn", "privacy", "62", "%", "0", "0", "6", "version", "2024-05"] for row in table
    )


# ── policies ────────────────────────────────────────────────────────────────────────────────────

NEWEST = "content/privacy/2025-10-15.md"
LOCK = "content/privacy/versions.lock"


def edit(project: Path, old: str, new: str, path: str = NEWEST) -> None:
    file = project / path
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_diff_shows_what_changed_with_the_newest_version(run: Run) -> None:
    done = run("policy", "diff", "privacy")
    assert (done.code, done.err) == (0, "")
    assert "We keep [-nothing-]{+logs+}." in done.out
    assert "\x1b" not in done.out  # no terminal
    assert run("policy", "diff", "privacy", "2025-10-15").out == done.out
    assert run("policy", "diff", "privacy", "2024-05", "2025-10-15").out == done.out
    back = run("policy", "diff", "privacy", "2025-10-15", "2024-05").out
    assert "We keep [-logs-]{+nothing+}." in back


def test_diff_in_every_format(run: Run) -> None:
    assert (
        "We keep <del>nothing</del><ins>logs</ins>."
        in run("policy", "diff", "privacy", "--format", "markdown").out
    )
    assert "<ins><span" in run("policy", "diff", "privacy", "--format", "html").out
    assert run("policy", "diff", "privacy", "--format", "json").json()["edited"] is True
    assert "You may ask." in run("policy", "diff", "privacy", "--whole").out
    assert "You may ask." not in run("policy", "diff", "privacy").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("terms",), "no policy is called “terms”; there is: privacy"),
        (("privacy", "2024-05"), "there is no version of “privacy” before 2024-05"),
        (("privacy", "2020-01"), "no version of “privacy” is “2020-01”; there is: 2024-05, 2025-10-15"),
        (("privacy", "--language", "xx"), "“xx” is no language of this site"),
        (("privacy", "--language", "bn"), "2025-10-15 of “privacy” is not complete in “bn”"),
        (("privacy", "--locked"), "2025-10-15 is not in versions.lock"),
    ],
)
def test_diff_of_what_there_is_not(run: Run, arguments: tuple[str, ...], said: str) -> None:
    done = run("policy", "diff", *arguments)
    assert done.code == 2
    assert said in done.err


def test_lock_then_edit_then_amend(run: Run, project: Path) -> None:
    done = run("policy", "lock")
    assert done.out == f"{LOCK}: 2024-05, 2025-10-15 locked\n"
    assert run("policy", "lock", "privacy").out == f"{LOCK}: nothing new to lock\n"
    assert run("check").code == 0
    assert run("policy", "amend", "privacy", "2024-05", "--reason", "Typo").code == 1
    edit(project, "You may ask.", "You may ask us.")
    failed = run("build")
    assert failed.code == 1
    assert "V001" in failed.err
    assert "You may ask{+ us+}." in failed.err
    assert not (project / "dist").exists()
    assert "ask{+ us+}." in run("policy", "diff", "privacy", "--locked").out
    done = run("policy", "amend", "privacy", "2025-10-15", "--reason", "A word was left out")
    assert done.code == 0
    assert "2025-10-15 amended on 2026-01-01: A word was left out" in done.out
    assert "V0" not in run("check").err
    text = (project / LOCK).read_text(encoding="utf-8")
    assert 'reason: "A word was left out"' in text
    assert '- "You may ask."' in text
    early = run("policy", "amend", "privacy", "2025-10-15", "--reason", "x", "--date", "2025-12-01")
    assert early.code == 1


def test_an_amendment_is_not_dated_before_the_last(run: Run, project: Path) -> None:
    run("policy", "lock")
    edit(project, "You may ask.", "You may ask us.")
    before = (project / LOCK).read_bytes()
    done = run("policy", "amend", "privacy", "2025-10-15", "--reason", "x", "--date", "2025-10-01")
    assert done.code == 1
    assert "V002" in done.err
    assert (project / LOCK).read_bytes() == before


def test_a_version_that_is_not_locked_needs_no_amendment(run: Run) -> None:
    done = run("policy", "amend", "privacy", "2025-10-15", "--reason", "x")
    assert (done.code, "not locked yet" in done.err) == (2, True)
    assert run("policy", "amend", "privacy", "2025-10-15", "--reason", " ").code == 2


def test_revise_starts_the_next_version_and_locks_the_ones_in_force(run: Run, project: Path) -> None:
    done = run("policy", "revise", "privacy", "--effective", "2026-03-01")
    assert done.code == 0
    copy = project / "content/privacy/2026-03-01.md"
    assert copy.read_bytes() == (project / NEWEST).read_bytes()
    assert (project / LOCK).exists()
    assert "V003" in run("check").err
    edit(project, "You may ask.", "You may ask for a copy.", "content/privacy/2026-03-01.md")
    assert "V0" not in run("check").err
    assert "ask{+ for a copy+}." in run("policy", "diff", "privacy").out
    assert "V006" in run("check", "--date", "2026-03-01").err


@pytest.mark.parametrize("day", ["2025-10-15", "2024-01-01"])
def test_the_next_version_begins_after_the_last(run: Run, project: Path, day: str) -> None:
    done = run("policy", "revise", "privacy", "--effective", day)
    assert done.code == 1
    assert "V002" in done.err
    assert not (project / LOCK).exists()


def test_nothing_is_written_beside_a_lock_that_cannot_be_trusted(run: Run, project: Path) -> None:
    run("policy", "lock")
    edit(project, "We keep logs", "We keep names", LOCK)
    before = (project / LOCK).read_bytes()
    for arguments in (
        ("lock",),
        ("revise", "privacy", "--effective", "2026-03-01"),
        ("amend", "privacy", "2025-10-15", "--reason", "x"),
    ):
        done = run("policy", *arguments)
        assert done.code == 1
        assert "V005" in done.err
    assert (project / LOCK).read_bytes() == before
    assert not (project / "content/privacy/2026-03-01.md").exists()


# ── the ends of a process ───────────────────────────────────────────────────────────────────────


def test_an_interrupt_exits_with_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(building, "build", interrupted)
    done = run("build")
    assert done.code == 130
    assert "Interrupted." in done.err
    assert "Traceback" not in done.err


def test_a_bug_exits_with_3_and_asks_for_a_report(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object) -> int:
        raise RuntimeError("something impossible")

    monkeypatch.setattr(building, "build", broken)
    done = run("build")
    assert done.code == 3
    assert "RuntimeError: something impossible" in done.err
    assert "This is a bug in policysite" in done.err


SIGNALLED = """
import os, signal, time
from policysite.commands import building
from policysite.cli import main
def build(*arguments):
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(60)
building.build = build
main()
"""


def test_control_c_ends_a_real_process(tmp_path: Path) -> None:
    done = process("-c", SIGNALLED, "build", cwd=tmp_path)
    assert done.code == 130
    assert done.err.endswith("Interrupted.\n")


def test_the_door_without_an_install(project: Path, tmp_path: Path) -> None:
    done = process(BUILD_PY, "--output", str(tmp_path / "out"), "--date", "2026-01-01", cwd=project)
    assert done.code == 0
    assert done.out.startswith("Built 7 pages")
    assert (tmp_path / "out" / "index.html").is_file()


def test_a_real_process_has_the_exit_codes(project: Path) -> None:
    assert process(BUILD_PY, "check", "--date", "2026-01-01", cwd=project).code == 0
    assert process(BUILD_PY, "check", "--date", "2001-01-01", cwd=project).code == 1
    assert process(BUILD_PY, "--nothing", cwd=project).code == 2


def test_a_terminal_without_utf_8_still_shows_problems(project: Path) -> None:
    (project / "content" / "contact.md").write_text(mini.CONTACT + "\n<b> বাংলা\n")
    done = process(
        BUILD_PY, "check", cwd=project, LC_ALL="C", PYTHONIOENCODING="ascii:backslashreplace", PYTHONUTF8="0"
    )
    assert done.code == 1
    assert "D201" in done.err


def test_a_reader_that_goes_away_is_no_bug(project: Path) -> None:
    command = [sys.executable, BUILD_PY, "translations", "status", "--format", "json"]
    with subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as started:
        assert started.stdout is not None
        assert started.stderr is not None
        started.stdout.close()
        errors = started.stderr.read().decode()
        assert started.wait() != 3
    assert "bug" not in errors
    assert "Traceback" not in errors


def test_codes_are_selected_and_ignored_by_their_beginning(run: Run) -> None:
    everything = {item["code"] for item in run("check", "--format", "json").json()}
    assert everything == {"T005", "T201"}
    assert run("check", "--format", "json", "--ignore", "T2,T005").json() == []
    assert run("check", "--format", "json", "--select", "C,D2").json() == []
    assert run("check", "--format", "json", "--select", "t201,D").json()
    assert "not selected" in run("check", "--ignore", "T201").out
    wrong = run("check", "--select", "Q9")
    assert wrong.code == 2
    assert "no code begins with “Q9”" in wrong.err


def test_the_exit_code_follows_from_what_is_reported(run: Run, project: Path) -> None:
    catalog = next(project.glob("translations/bn/LC_MESSAGES/home.po"))
    with catalog.open("a", encoding="utf-8") as file:
        file.write('\nmsgid "[One](/a/)"\nmsgstr "[এক](/b/)"\n')
    assert run("check").code == 1
    assert run("check", "--ignore", "T102").code == 0
    assert run("check", "--select", "T2").code == 0
    assert run("build").code == 1  # a build knows no such options


def test_sarif_of_a_check(run: Run) -> None:
    done = run("check", "--format", "sarif")
    assert (done.code, done.err) == (0, "")
    log = json.loads(done.out)
    assert log["version"] == "2.1.0"
    assert {result["ruleId"] for result in log["runs"][0]["results"]} == {"T005", "T201"}
