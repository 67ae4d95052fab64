"""`init` and `eject`: a new site is right from the start, and says what its owner must write."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path

import pytest
import yaml

from policysite.cli import main
from policysite.commands import building, starting, translating
from policysite.core.diagnostics import Diagnostic, has_errors
from policysite.core.model import Built
from policysite.load.theme import read_interface, read_starter, theme_files
from policysite.request import BuildRequest, Terminal
from policysite.starter import Answers
from policysite.translate.po import parse_po
from tests.helpers.projects import files_of

DAY = date(2026, 1, 1)
EMBED = "https://player.bakery.shop/embed/1?size=big"
CHOICES = list(product((False, True), (None, EMBED)))

choices = pytest.mark.parametrize(("analytics", "embed"), CHOICES)


def made(folder: Path, analytics: bool, embed: str | None, *languages: str, name: str = "Bakery") -> Path:
    answers = Answers(name, "https://bakery.shop", "hello@bakery.shop", languages, analytics, embed, DAY)
    terminal = Terminal(out=lambda text: None, err=pytest.fail)
    assert starting.init(folder, answers, terminal) == 0
    return folder


def built(project: Path, release: bool = False) -> Built:
    return building.build_in_memory(BuildRequest(project, build_date=DAY, release=release))


def others(problems: tuple[Diagnostic, ...]) -> list[Diagnostic]:
    return [item for item in problems if item.code != "D213"]


def unwritten(project: Path) -> list[tuple[str, int]]:
    """(file, line) of every place to fill in, found without the rule."""
    return [
        (path, number)
        for path, data in files_of(project).items()
        if path.startswith("content/")
        for number, line in enumerate(data.decode().split("\n"), 1)
        for _ in re.findall(r"\[FILL IN", line)
    ]


# ── what is made ────────────────────────────────────────────────────────────────────────────────


@choices
def test_a_new_site_has_no_problem_but_what_its_owner_must_write(
    tmp_path: Path, analytics: bool, embed: str | None
) -> None:
    project = made(tmp_path / "site", analytics, embed, "ar", "bn")
    found = built(project)
    assert others(found.diagnostics) == []
    places = [(item.place.path, item.place.line) for item in found.diagnostics]
    assert sorted(places) == sorted(unwritten(project))
    assert len(places) > 15
    assert {item.level for item in found.diagnostics} == {"warning"}
    for tag in ("en", "ar", "bn"):
        for page in ("", "privacy/", "cookies/", "terms/", "contact/"):
            assert f"{tag}/{page}index.html" in found.files


@choices
def test_a_release_is_refused_until_everything_is_written(
    tmp_path: Path, analytics: bool, embed: str | None
) -> None:
    project = made(tmp_path / "site", analytics, embed)
    codes = {item.code for item in built(project, release=True).diagnostics if item.level == "error"}
    assert codes == {"D213", "C301"}
    for path in (project / "content").rglob("*.md"):
        text = re.sub(r"\[FILL IN[^\]]*\]", "A sentence of the owner.", path.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8")
    config = project / "config.yaml"
    text = re.sub(r"^unconfirmed:\n(  - .*\n)+", "", config.read_text(encoding="utf-8"), flags=re.MULTILINE)
    config.write_text(text.replace("G-EXAMPLE000", "G-AB12CD34EF"), encoding="utf-8")
    assert built(project, release=True).diagnostics == ()


def test_the_pages_follow_from_the_answers(tmp_path: Path) -> None:
    plain = built(made(tmp_path / "plain", False, None)).files
    full = built(made(tmp_path / "full", True, EMBED)).files
    home, with_all = plain["en/index.html"].decode(), full["en/index.html"].decode()
    assert "<iframe" not in home
    assert 'id="consent"' not in home
    assert "en/live/index.html" not in plain
    assert EMBED in with_all
    assert 'id="consent"' in with_all
    assert "Open player.bakery.shop" in with_all
    assert "Google Analytics" not in plain["en/privacy/index.html"].decode()
    assert "Google Analytics" in full["en/cookies/index.html"].decode()


@choices
def test_no_page_speaks_of_what_was_not_declared(tmp_path: Path, analytics: bool, embed: str | None) -> None:
    """Neither the site this repository was made for, nor adults, nor a video chat."""
    for path, data in built(made(tmp_path / "site", analytics, embed)).files.items():
        if path.endswith((".html", ".json", ".xml", ".md")) and "schema" not in path:
            text = data.decode().lower()
            assert not re.search(r"ohmegull|coomeet|adult|video chat", text), path


def test_adults_and_a_video_chat_are_told_where_they_are_declared(tmp_path: Path) -> None:
    project = made(tmp_path / "site", False, EMBED)
    config = project / "config.yaml"
    text = config.read_text(encoding="utf-8").replace("minimum_age: 0", "minimum_age: 18")
    config.write_text(text.replace("[fullscreen]", "[camera, microphone]"), encoding="utf-8")
    home = built(project).files["en/index.html"].decode()
    assert "Open the video chat" in home
    assert "Bakery is for adults only: 18 or over." in home
    assert '<meta name="rating" content="adult">' in home


@pytest.mark.parametrize(
    "name", ['Bäckerei: "Süß" & Söhne', "# 1", "{{ x }}", "<< name >>", "yes", "গাঙচিল \\"]
)
def test_any_name_is_taken_as_it_is(tmp_path: Path, name: str) -> None:
    project = made(tmp_path / "site", True, EMBED, "ar", name=name)
    config = yaml.safe_load((project / "config.yaml").read_text(encoding="utf-8"))
    assert config["site"]["name"] == name
    assert others(built(project).diagnostics) == []


def test_a_language_without_all_its_texts_is_not_published(tmp_path: Path) -> None:
    project = made(tmp_path / "site", False, None, "ar", "ko")
    config = yaml.safe_load((project / "config.yaml").read_text(encoding="utf-8"))
    assert config["languages"]["ar"] == {"status": "unreviewed"}
    assert read_interface("ko") is None
    assert config["languages"]["ko"] == {"published": False}
    assert (project / "translations/ko/LC_MESSAGES/site.po").is_file()


def test_every_language_of_the_starter_is_whole() -> None:
    """Each has all catalogs, without a fuzzy or empty text, and the texts of the theme beside them."""
    paths = [path for path in read_starter() if path.endswith(".po")]
    locales = {path.split("/")[1] for path in paths}
    assert {"ar", "bn"} <= locales
    for locale in locales:
        assert read_interface(locale) is not None
        domains = {path.split("/")[-1] for path in paths if path.split("/")[1] == locale}
        assert domains == {path.split("/")[-1] for path in paths}
    for path in paths:
        catalog, problems = parse_po(path, read_starter()[path].decode(), path.split("/")[1], Path(path).stem)
        assert problems == ()
        assert all(message.usable for message in catalog.messages), path


# ── catalogs of the theme ───────────────────────────────────────────────────────────────────────


def test_sync_and_add_take_the_texts_of_the_theme(tmp_path: Path) -> None:
    project = made(tmp_path / "site", False, None)
    terminal = Terminal(out=lambda text: None, err=pytest.fail)
    assert translating.add(project, "bn", terminal) == 0
    path = project / "translations/bn/LC_MESSAGES/site.po"
    catalog, _ = parse_po(path.name, path.read_text(encoding="utf-8"), "bn", "site")
    assert catalog.translations()["Skip to content"]
    own = path.read_text(encoding="utf-8").replace(catalog.translations()["Skip to content"], "আমার কথা")
    path.write_text(own, encoding="utf-8")
    (project / "config.yaml").write_text(
        (project / "config.yaml").read_text(encoding="utf-8").replace("  en:\n", "  en:\n  bn:\n"),
        encoding="utf-8",
    )
    assert translating.sync(translating.SyncRequest(project), terminal) == 0
    again, _ = parse_po(path.name, path.read_text(encoding="utf-8"), "bn", "site")
    assert again.translations()["Skip to content"] == "আমার কথা"


def test_a_project_without_the_theme_gets_none_of_its_texts(tmp_path: Path) -> None:
    project = made(tmp_path / "site", False, None)
    config = project / "config.yaml"
    config.write_text(config.read_text(encoding="utf-8") + "theme: none\n", encoding="utf-8")
    (project / "templates").mkdir()
    (project / "templates/base.html").write_text("{{ _('Skip to content') }}")
    terminal = Terminal(out=lambda text: None, err=pytest.fail)
    assert translating.add(project, "bn", terminal) == 0
    path = project / "translations/bn/LC_MESSAGES/site.po"
    catalog, _ = parse_po(path.name, path.read_text(encoding="utf-8"), "bn", "site")
    assert "Skip to content" in {message.msgid for message in catalog.messages}
    assert not catalog.translations()


# ── the commands ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")  # 2026-01-01

    def call(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["policysite", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Done(ended.value.code, out, err)

    return call


def test_init_asks_nothing_where_nobody_can_answer(run: Run, tmp_path: Path) -> None:
    done = run("init", "corner-shop")
    assert (done.code, done.err) == (0, "")
    assert "“Corner shop”" in done.out
    config = yaml.safe_load((tmp_path / "corner-shop/config.yaml").read_text(encoding="utf-8"))
    assert list(config["languages"]) == ["en", "ar"]
    assert config["services"] == {}
    assert (tmp_path / "corner-shop/content/privacy/2026-01-01.md").is_file()
    assert run("check", "--project", "corner-shop").code == 0
    assert run("build", "--project", "corner-shop").code == 0


def test_init_overwrites_nothing(run: Run, tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "content").mkdir(parents=True)
    (site / "content/home.md").write_text("mine")
    (site / "README.md").write_text("also mine")
    done = run("init", "site")
    assert done.code == 1
    assert "content/home.md: error S006" in done.err
    assert "README.md" not in done.err
    assert files_of(site) == {"content/home.md": b"mine", "README.md": b"also mine"}
    (site / "content/home.md").unlink()
    assert run("init", "site").code == 0
    assert (site / "README.md").read_text() == "also mine"


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--url", "bakery.shop", "not scheme and host"),
        ("--url", "https://bakery.shop/path", "not scheme and host"),
        ("--languages", "en,klingon", "not a language tag"),
        ("--languages", "en,xx-YY", "not a language tag"),
        ("--analytics", "matomo", "'google', 'none'"),
        ("--embed", "http://player.bakery.shop", "https://"),
        ("--email", "nobody", "not an e-mail address"),
        ("--name", " ", "write the name"),
        ("--name", "a\nb", "write the name"),
    ],
)
def test_a_bad_answer_is_told_and_nothing_is_written(
    run: Run, tmp_path: Path, option: str, value: str, says: str
) -> None:
    done = run("init", "site", option, value)
    assert done.code == 2
    assert says in " ".join(done.err.split())
    assert not (tmp_path / "site").exists()


def test_init_asks_on_a_terminal(tmp_path: Path) -> None:
    """A real terminal: a wrong answer is asked for again."""
    leader, follower = pty.openpty()
    answers = ["Corner Shop", "corner.shop", "https://corner.shop", "", "en,bn", "google", "none"]
    process = subprocess.Popen(
        [sys.executable, "-m", "policysite", "init", "site"],
        cwd=tmp_path,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1767225600"},
    )
    os.close(follower)
    os.write(leader, "".join(f"{answer}\n" for answer in answers).encode())
    said = b""
    while select.select([leader], [], [], 120)[0]:
        try:
            part = os.read(leader, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        said += part
    assert process.wait(timeout=120) == 0, said.decode()
    os.close(leader)
    assert b"Error" in said
    config = yaml.safe_load((tmp_path / "site/config.yaml").read_text(encoding="utf-8"))
    assert config["site"] == {"name": "Corner Shop", "base_url": "https://corner.shop"}
    assert config["facts"]["contact_email"] == "privacy@corner.shop"
    assert list(config["languages"]) == ["en", "bn"]
    assert list(config["services"]) == ["own", "google"]


def test_eject_copies_what_is_then_used(run: Run, tmp_path: Path) -> None:
    run("init", "site")
    project = tmp_path / "site"
    before = built(project).files
    done = run("eject", "templates/wordmark.html", "assets/img/icon.svg", "--project", "site")
    assert (done.code, done.err) == (0, "")
    assert built(project).files == before
    (project / "templates/wordmark.html").write_text('<i aria-hidden="true">mine</i>')
    assert '<i aria-hidden="true">mine</i>' in built(project).files["en/index.html"].decode()
    assert not has_errors(built(project).diagnostics)
    again = run("eject", "templates/wordmark.html", "--project", "site")
    assert again.code == 1
    assert "templates/wordmark.html: error S006" in again.err
    assert "mine" in (project / "templates/wordmark.html").read_text()


def test_eject_lists_and_refuses(run: Run, tmp_path: Path) -> None:
    assert "S003" in run("eject").err
    run("init", "site")
    run("eject", "templates/toc.html", "--project", "site")
    listed = run("eject", "--project", "site").out.splitlines()
    assert [line.split()[0] for line in listed] == list(theme_files())
    assert [line for line in listed if line.endswith("(yours)")] == ["templates/toc.html  (yours)"]
    done = run("eject", "templates/bsae.html", "--project", "site")
    assert done.code == 2
    assert "did you mean “templates/base.html”?" in done.err
