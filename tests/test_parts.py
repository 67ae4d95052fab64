"""A site built in parts: merged, it is the site that one build makes; parts that do not fit are refused."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
import yaml
from msgspec.structs import replace

from policysite import pipeline
from policysite.commands import building, deploying
from policysite.core.diagnostics import Diagnostic
from policysite.core.model import HOSTS, BuildOptions
from policysite.load.sources import read_sources
from policysite.publish.manifest import MANIFEST_PATH, Manifest, Part, parse_manifest
from policysite.publish.parts import fit
from policysite.request import BuildRequest, Terminal
from tests.helpers import mini
from tests.helpers.machine import ROOT
from tests.helpers.projects import DATE
from tests.helpers.site import site_languages
from tests.test_ci_files import run

SITES = ROOT / "tests" / "sites"


class Said:
    """A Terminal that keeps what is said."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.terminal = Terminal(self.lines.append, self.lines.append)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def build(project: Path, output: Path, **options: object) -> None:
    said = Said()
    request = BuildRequest(project, output, build_date=DATE, cache=False)
    request = replace(request, **options)
    assert building.build(request, said.terminal) == 0, said.text


def merged(project: Path, parts: Sequence[Path], output: Path) -> tuple[int, str]:
    said = Said()
    return building.merge(project, parts, output, said.terminal), said.text


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = mini.write(tmp_path / "site")
    config = folder / "config.yaml"
    hosts = ", ".join(host for host in HOSTS if host != "cloudflare")  # shares a file with netlify (H004)
    config.write_text(config.read_text(encoding="utf-8") + f"hosts: [{hosts}]\n", encoding="utf-8")
    return folder


@pytest.fixture
def parts(project: Path, tmp_path: Path) -> list[Path]:
    found = [tmp_path / "one", tmp_path / "two"]
    for folder, tags in zip(found, (("en", "bn"), ("ar",)), strict=True):
        build(project, folder, languages=tags)
    return found


# ── merged = built at once ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("split", ["en,bn ar", "ar en,bn", "bn en ar", "en,bn,ar"])
@pytest.mark.parametrize("precompress", [False, True])
def test_the_merged_site_is_the_one_that_one_build_makes(
    project: Path, tmp_path: Path, split: str, precompress: bool
) -> None:
    folders = []
    for index, tags in enumerate(split.split()):
        folders.append(tmp_path / f"part-{index}")
        build(project, folders[-1], languages=tuple(tags.split(",")), precompress=precompress)
    code, text = merged(project, folders, tmp_path / "merged")
    assert code == 0, text
    build(project, tmp_path / "once", precompress=precompress)
    assert tree(tmp_path / "merged") == tree(tmp_path / "once")


def test_the_shipped_site_in_parts_is_the_shipped_site(tmp_path: Path) -> None:
    for name, tags in (("one", ("bn",)), ("two", tuple(tag for tag in site_languages() if tag != "bn"))):
        build(ROOT, tmp_path / name, languages=tags, base_url="https://staging.test")
    code, text = merged(ROOT, [tmp_path / "one", tmp_path / "two"], tmp_path / "merged")
    assert code == 0, text
    build(ROOT, tmp_path / "once", base_url="https://staging.test")
    assert tree(tmp_path / "merged") == tree(tmp_path / "once")


def test_a_part_holds_its_own_pages_and_nothing_of_the_whole_site(parts: list[Path]) -> None:
    one, two = (tree(folder) for folder in parts)
    assert one.keys() & two.keys() == {MANIFEST_PATH}
    assert all(re.match(r"(app/)?ar/|build-manifest", path) for path in two)
    assert all(re.match(r"(app/)?(en|bn)/|build-manifest", path) for path in one)


def test_every_problem_is_found_in_one_part(project: Path) -> None:
    for tag in ("bn", "ar"):
        file = project / "translations" / tag / "LC_MESSAGES" / "home.po"
        known = file.read_text(encoding="utf-8")
        file.write_text(known.replace("Acme", "Akme"), encoding="utf-8")  # T301, an error in each language
    sources, _ = read_sources(project)

    def found(*tags: str) -> set[Diagnostic]:
        return set(pipeline.prepare(sources, BuildOptions(DATE, languages=tags or None))[1])

    assert found() == found("en") | found("bn") | found("ar")
    for tag in ("bn", "ar"):
        own = found(tag) - found("en")
        assert {item.place.path.split("/")[1] for item in own} == {tag}


# ── parts that do not fit ───────────────────────────────────────────────────────────────────────


def _edited(project: Path, parts: list[Path]) -> None:
    file = project / "content" / "contact.md"
    file.write_text(file.read_text(encoding="utf-8") + "\nMore.\n", encoding="utf-8")


def _of_another_day(project: Path, parts: list[Path]) -> None:
    build(project, parts[1], languages=("ar",), build_date=date(2031, 1, 1))


def _of_another_address(project: Path, parts: list[Path]) -> None:
    build(project, parts[1], languages=("ar",), base_url="https://staging.test")


def _compressed(project: Path, parts: list[Path]) -> None:
    build(project, parts[1], languages=("ar",), precompress=False)


def _twice(project: Path, parts: list[Path]) -> None:
    build(project, parts[1], languages=("ar", "bn"))


def _missing(project: Path, parts: list[Path]) -> None:
    build(project, parts[0], languages=("en",))


def _whole(project: Path, parts: list[Path]) -> None:
    build(project, parts[1])


def _damaged(project: Path, parts: list[Path]) -> None:
    page = parts[1] / "ar" / "index.html"
    page.write_bytes(page.read_bytes().replace(b"<body>", b"<body "))


def _lost(project: Path, parts: list[Path]) -> None:
    (parts[1] / "ar" / "index.html").unlink()


def _empty(project: Path, parts: list[Path]) -> None:
    shutil.rmtree(parts[1])
    parts[1].mkdir()


FAULTS: dict[str, tuple[Callable[[Path, list[Path]], None], str]] = {
    "files": (_edited, "one/build-manifest.json: error X003 it was built from other files than those"),
    "day": (_of_another_day, "two/build-manifest.json: error X003 it was built as of 2031-01-01"),
    "address": (_of_another_address, "error X003 it was built for https://staging.test"),
    "compression": (_compressed, "error X003 only one of it and"),
    "twice": (_twice, "two/build-manifest.json: error X004 the pages in “bn” are in"),
    "missing": (_missing, "one/build-manifest.json: error X004 no part holds the pages in “bn”"),
    "whole": (_whole, "two/build-manifest.json: error X005 this is a whole site"),
    "damaged": (_damaged, "two/ar/index.html: error X005 the file is not the one"),
    "lost": (_lost, "two/ar/index.html: error X005 a file of the part cannot be read"),
    "empty": (_empty, "two: error S002 no manifest can be read here"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_parts_that_do_not_fit_are_refused_and_the_site_stays(
    project: Path, parts: list[Path], tmp_path: Path, name: str
) -> None:
    output = tmp_path / "merged"
    assert merged(project, parts, output)[0] == 0
    before = tree(output)
    spoil, expected = FAULTS[name]
    spoil(project, parts)
    code, text = merged(project, parts, output)
    assert code == 1
    assert expected in text
    assert "Nothing was written" in text
    assert tree(output) == before


def test_other_programs_and_values_are_other_inputs() -> None:
    part = Part(("en",), "s", "p", "v", False)
    manifest = Manifest("1", DATE, "https://a.test", (), None, part)
    assert list(fit({"one": manifest}, part, ["en"])) == []
    for here, word in (
        (replace(part, program="q"), "policysite, Python"),
        (replace(part, values="w"), "POLICYSITE__"),
        (replace(part, sources="t"), "other files"),
    ):
        (found,) = fit({"one": manifest}, here, ["en"])
        assert found.code == "X003"
        assert word in found.message


def test_a_part_is_not_deployed(parts: list[Path], project: Path, tmp_path: Path) -> None:
    build(project, tmp_path / "once")
    said = Said()
    assert deploying.deploydiff(str(tmp_path / "once"), str(parts[0]), said.terminal) == 1
    assert "X005 this is a part of a site (en, bn), not a whole one" in said.text


@pytest.mark.parametrize(
    "part",
    [[], {"languages": "bn"}, {"languages": ["bn"], "sources": "x"}, {"headers": [{"pages": 1}]}, None],
    ids=str,
)
def test_a_part_that_cannot_be_read_is_named(parts: list[Path], part: object) -> None:
    value = json.loads((parts[0] / MANIFEST_PATH).read_bytes())
    value["part"] = {**value["part"], **part} if isinstance(part, dict) and "headers" in part else part
    found = parse_manifest(json.dumps(value).encode())
    assert isinstance(found, tuple)
    assert [item.code for item in found] == ["S002"]
    assert "“part”" in found[0].message


def test_a_language_the_site_does_not_publish_is_no_part(project: Path, tmp_path: Path) -> None:
    said = Said()
    request = BuildRequest(project, tmp_path / "part", build_date=DATE, languages=("bn", "fr"))
    assert building.build(request, said.terminal) == 1
    assert "C201 “fr” is no published language of this site" in said.text
    assert not (tmp_path / "part").exists()


def test_a_part_does_not_go_into_dist(project: Path) -> None:
    done = run(["policysite", "build", "--languages", "bn"], project)
    assert done.returncode == 2
    assert "--output" in done.stderr
    assert not (project / "dist").exists()


# ── the workflow of the how-to ──────────────────────────────────────────────────────────────────


def test_the_workflow_of_the_how_to_builds_the_site(project: Path, tmp_path: Path) -> None:
    text = (ROOT / "docs" / "how-to" / "build-on-several-machines.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    jobs = yaml.safe_load(block)["jobs"]

    def command(job: str, name: str) -> str:
        (found,) = [step["run"] for step in jobs[job]["steps"] if step.get("name") == name]
        return str(found)

    for index, languages in enumerate(jobs["part"]["strategy"]["matrix"]["languages"]):
        shell = command("part", "Build").replace("${{ matrix.languages }}", languages)
        shell = shell.replace("${{ needs.day.outputs.day }}", DATE.isoformat())
        assert "${{" not in shell
        done = run(["sh", "-c", shell], project)
        assert done.returncode == 0, done.stderr
        (project / "parts").mkdir(exist_ok=True)
        (project / "part").rename(project / "parts" / f"part-{index}")
    done = run(["sh", "-c", command("site", "Merge")], project)
    assert done.returncode == 0, done.stderr
    build(project, tmp_path / "once")
    assert tree(project / "dist") == tree(tmp_path / "once")
    assert subprocess.run(["sh", "-n", "-c", jobs["day"]["steps"][0]["run"]], check=False).returncode == 0
