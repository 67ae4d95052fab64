"""The benchmark on a tiny corpus with a peer of its own: no network, no real peer, no figure is judged."""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bench import results, scale, shards, speed
from bench.__main__ import NAMES
from bench.corpus import COMMONMARK, SIZES, VARIANTS, Article, Corpus, Variant, Words
from bench.measure import Cost, Failed, figures, interleaved, ratios, run
from bench.options import Options, parse
from bench.peers.eleventy import eleventy
from bench.peers.hugo import hugo
from bench.peers.mkdocs import mkdocs
from bench.peers.model import Tool, Wrong, faults, front_matter
from bench.peers.ours import policysite
from bench.peers.pelican import pelican
from bench.peers.zola import zola
from bench.plot import plot
from bench.speed import Project
from bench.tools import ENVIRONMENT

FAKE = Path(__file__).parent / "fake.py"
TINY = Corpus(2, 3)


def _edit(corpus: Corpus, folder: Path, article: Article, words: Words) -> None:
    file = folder / words.tag / f"{article.slug}.json"
    file.parent.mkdir(exist_ok=True)
    page = {
        **front_matter(article, words),
        "tag": words.tag,
        "tags": [one.tag for one in corpus.languages],
        "body": article.body(words, COMMONMARK),
    }
    file.write_text(json.dumps(page), encoding="utf-8")


def _write(corpus: Corpus, folder: Path) -> None:
    for article in corpus.articles():
        for words in corpus.languages:
            _edit(corpus, folder, article, words)


def fake(name: str = "Hugo") -> Tool:
    return Tool(
        name=name,
        version="0",
        write=_write,
        edit=_edit,
        command=lambda folder, output: [sys.executable, FAKE, folder, output],
        page=lambda output, words, slug: output / words.tag / slug / "index.html",
        keeps=("cache",),
    )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    found = Project(fake(), TINY, tmp_path / "fake")
    found.cold()
    return found


# ── the check of what a tool wrote ──────────────────────────────────────────────────────────────


def test_a_tool_that_wrote_every_page_passes(project: Project) -> None:
    project.check()
    assert list(faults(project.tool, TINY, project.output)) == []


def _page(project: Project) -> Path:
    return project.output / TINY.languages[1].tag / "policy-0002" / "index.html"


def _replaced(old: str, new: str) -> Callable[[Path], None]:
    def change(page: Path) -> None:
        text = page.read_text(encoding="utf-8")
        assert old in text
        page.write_text(text.replace(old, new), encoding="utf-8")

    return change


def _cut(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    page.write_text(text[: len(text) // 3], encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (Path.unlink, "missing"),
        (_replaced('lang="bn"', 'lang="fr"'), "its language is fr"),
        (_replaced("<h1>", "<h1>x"), "without its title"),
        (_cut, "without its sentence from the middle"),
        (_replaced('hreflang="ar"', 'class="ar"'), "2 hreflang links"),
        (_replaced("<table", "<div"), "without <table"),
        (_replaced("<h1>", "{{ page }}<h1>"), "with markup that nobody obeyed"),
    ],
)
def test_a_wrong_page_is_found(project: Project, spoil: Callable[[Path], None], fault: str) -> None:
    if fault == "without its title":
        title = front_matter(TINY.article(2), TINY.languages[1])["title"]
        spoil = _replaced(f"<h1>{title}", "<h1>")
    spoil(_page(project))
    assert any(fault in found for found in faults(project.tool, TINY, project.output))
    with pytest.raises(Wrong, match="policy-0002"):
        project.check()


def test_an_edit_that_does_not_show_is_found(project: Project) -> None:
    project.edit()
    project.tool = replace(project.tool, command=lambda folder, output: [sys.executable, "-c", ""])
    with pytest.raises(Wrong, match="does not show an edit"):
        project.edit()


def test_a_cold_build_begins_without_output_and_cache(project: Project) -> None:
    marker = project.output / "old"
    marker.touch()
    (project.source / "cache").write_text("old", encoding="utf-8")
    project.cold()
    assert not marker.exists()
    assert (project.source / "cache").read_text(encoding="utf-8") == "warm"


@pytest.mark.parametrize("variant", VARIANTS)
def test_policysite_takes_part_like_any_tool(variant: Variant, tmp_path: Path) -> None:
    corpus = Corpus(1, 2)
    project = Project(policysite(variant=variant), corpus, tmp_path / "ours")
    project.cold()
    project.check()
    project.again()
    project.edit()


# ── measuring ───────────────────────────────────────────────────────────────────────────────────


def test_time_and_memory_of_children_are_counted(tmp_path: Path) -> None:
    busy = "x = bytearray(60_000_000); n = sum(i * i for i in range(2_000_000)); import time; time.sleep(0.3)"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}], check=True)"
    folder = tmp_path / "run"
    folder.mkdir()
    cost = run([sys.executable, "-c", child], folder, ENVIRONMENT, memory=True)
    idle = run([sys.executable, "-c", "pass"], folder, ENVIRONMENT, memory=True)
    assert cost.peak > 60_000_000 > idle.peak
    assert cost.cpu > idle.cpu > 0
    assert cost.wall > 0.3


def test_a_command_that_fails_is_told_with_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="exit code 3\nno such page"):
        run(["sh", "-c", "echo no such page; exit 3"], tmp_path, ENVIRONMENT)


def test_rounds_are_interleaved_in_turns_and_memory_has_a_round_of_its_own() -> None:
    order: list[tuple[str, bool]] = []

    def task(name: str) -> Callable[[bool], Cost]:
        def runs(memory: bool) -> Cost:
            order.append((name, memory))
            return Cost(9.0, 9.0, 5) if memory else Cost(1.0, 1.0)

        return runs

    costs = interleaved({"a": task("a"), "b": task("b")}, 2)
    assert order == [("a", False), ("b", False), ("b", False), ("a", False), ("a", True), ("b", True)]
    assert costs["a"] == [Cost(1.0, 1.0, 5)] * 2


def test_ratios_are_taken_round_by_round() -> None:
    ours, theirs = [Cost(1, 1), Cost(9, 1), Cost(3, 1)], [Cost(2, 1), Cost(9, 1), Cost(2, 1)]
    assert ratios(ours, theirs) == (1.0, 0.5, 1.5)
    found = figures(ours)
    assert (found.wall, found.least_wall, found.most_wall) == (3, 1, 9)


# ── a whole run ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Options:
    monkeypatch.setitem(SIZES, "S", (2, 3))
    return Options(
        ("speed",), tmp_path / "work", tmp_path / "results", sizes=("S",), rounds=1, pages=(20, 40)
    )


def test_a_run_measures_everyone_in_every_scenario_and_the_page_tells_it(
    options: Options, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    variants = [replace(fake("policysite, overrides"), note="as the peers")]
    record = speed.measure(
        options, fake("policysite"), variants, [fake(), fake("Zola"), replace(fake("Slow"), limit=1)]
    )
    rows = {(row["scenario"], row["tool"]) for row in record["rows"]}
    everyone = {"policysite", "Hugo", "Zola"}
    assert {tool for scenario, tool in rows if scenario == "edit"} == everyone
    assert {tool for scenario, tool in rows if scenario == "no-op"} == everyone
    assert {tool for scenario, tool in rows if scenario == "cold"} == everyone | {
        "policysite, filling its cache",
        "policysite, overrides",
    }
    assert all(row["wall"] > 0 and row["cpu"] > 0 and row["peak"] > 0 for row in record["rows"])
    (ground,) = record["floors"]
    assert ground["files"] >= TINY.pages
    assert not list((tmp_path / "work").rglob("*.html"))  # tidied up
    results.keep(
        options.results, "speed", {**record, "missing": {"Pelican": "no pip"}}, ("size", "scenario", "tool")
    )
    page = tmp_path / "RESULTS.md"
    results.write(options.results, page, tmp_path / "scale.svg")
    text = page.read_text(encoding="utf-8")
    for wanted in (
        "S, cold",
        "new process",
        "Hugo 0",
        "## Floor",
        "Pelican could not be measured here: no pip",
    ):
        assert wanted in text
    assert "S cold, to Hugo" in text
    capsys.readouterr()


def test_the_scale_curve_is_measured_and_drawn(options: Options, tmp_path: Path) -> None:
    records = list(scale.measure(options, fake("policysite"), [fake()]))
    record = {"machine": records[0]["machine"], "rows": [row for one in records for row in one["rows"]]}
    kinds = [(row["kind"], row["tool"], row["pages"]) for row in record["rows"]]
    assert kinds == [
        ("pages", "policysite", 20),
        ("pages", "Hugo", 20),
        ("pages", "policysite", 40),
        ("pages", "Hugo", 40),
        *(("languages", "policysite", 40) for _ in scale.LANGUAGES),
    ]
    results.keep(options.results, "scale", record, ("kind", "tool", "pages", "languages"))
    page, picture = tmp_path / "RESULTS.md", tmp_path / "scale.svg"
    results.write(options.results, page, picture)
    assert "## Scale" in page.read_text(encoding="utf-8")
    root = ElementTree.fromstring(picture.read_text(encoding="utf-8"))
    assert len(root.findall(".//{*}polyline")) == 6  # two tools in three panels
    assert len(root.findall(".//{*}circle")) == 12


def test_parts_are_measured_and_compared(tmp_path: Path) -> None:
    rows = shards.measure(TINY, tmp_path / "shards", policysite(), rounds=1, parts=(2,))
    assert [row[0] for row in rows] == ["1", "2"]


# ── the page ────────────────────────────────────────────────────────────────────────────────────


def _row(
    size: str, scenario: str, tool: str, wall: float, to: dict[str, list[float]], peak: int = 100
) -> dict[str, object]:
    costs = {
        "wall": wall,
        "cpu": wall,
        "least_wall": wall,
        "least_cpu": wall,
        "most_wall": wall,
        "peak": peak,
    }
    about = {"size": size, "scenario": scenario, "tool": tool, "version": "1", "note": "", "rounds": 3}
    return {**about, **costs, "pages": 1000, "to": to}


def test_goals_are_judged_by_ratios(tmp_path: Path) -> None:
    rows = [
        _row("M", "cold", "policysite", 0.7, {"Hugo": [0.7, 0.6, 0.9], "Zola": [1.2, 1.1, 1.3]}),
        _row("M", "cold", "Hugo", 1.0, {}),
        _row("M", "cold", "Pelican", 3.5, {}),
        _row("L", "cold", "policysite", 0.7, {"Hugo": [0.5, 0.4, 0.6]}, peak=20),
        _row("L", "cold", "Hugo", 1.4, {}, peak=100),
    ]
    results.keep(tmp_path, "speed", {"rows": rows}, ("size", "scenario", "tool"))
    results.keep(tmp_path, "serve", {"median_ms": 151, "title": "Serve", "text": "It took a while."})
    found = results.Figures(tmp_path)
    judged = {
        goal.id: (value, goal.met(value))
        for goal in results.GOALS
        if (value := goal.figure(found)) is not None
    }
    assert judged == {
        "cold-m-hugo": (0.7, True),
        "cold-m-zola": (1.2, False),
        "cold-l-hugo": (0.5, True),
        "memory-l-hugo": (0.2, True),
        "serve-m": (151, False),
        "flat": (1.0, True),
        "python-peers": (5.0, False),
    }
    page = tmp_path / "RESULTS.md"
    results.write(tmp_path, page, tmp_path / "scale.svg")
    text = page.read_text(encoding="utf-8")
    assert text.count("**not met**") == 3
    assert text.count("not measured") == len(results.GOALS) - len(judged)
    for goal in ("M cold, ahead of Zola", "save to reloaded page under serve, M"):
        assert f"- **{goal}**: " in text  # what the profile says is left
    assert "It took a while." in text


def test_a_later_run_replaces_what_it_measured_again_and_keeps_the_rest(tmp_path: Path) -> None:
    key = ("size", "scenario", "tool")
    first = [_row("S", "cold", "Hugo", 1, {}), _row("M", "cold", "Hugo", 2, {})]
    results.keep(tmp_path, "speed", {"rows": first, "missing": {"Zola": "old"}}, key)
    results.keep(tmp_path, "speed", {"rows": [_row("M", "cold", "Hugo", 3, {})], "missing": {}}, key)
    record = results.kept(tmp_path, "speed")
    assert [(row["size"], row["wall"]) for row in record["rows"]] == [("S", 1), ("M", 3)]
    assert record["missing"] == {}


def test_a_plot_of_equal_figures_is_a_plot() -> None:
    rows = [{"tool": "a<b", "pages": 100, "wall": 1.0, "cpu": 1.0, "peak": 1_000_000}]
    root = ElementTree.fromstring(plot(rows))
    assert root.tag.endswith("svg")


# ── the projects of the real peers, as far as they can be looked at without the peers ───────────


@pytest.mark.parametrize(
    "tool",
    [
        hugo(Path("hugo"), "0"),
        zola(["zola"], "0"),
        eleventy(Path("modules"), "0"),
        pelican(Path("python"), "0"),
        mkdocs(Path("python"), "0"),
    ],
    ids=lambda tool: tool.name,
)
def test_every_peer_gets_every_text(tool: Tool, tmp_path: Path) -> None:
    project = Project(tool, TINY, tmp_path / "peer")
    texts = [path.read_text(encoding="utf-8") for path in project.source.rglob("*.md")]
    for article in TINY.articles():
        for words in TINY.languages:
            fields = front_matter(article, words)
            (own,) = [text for text in texts if all(field in text for field in fields.values())]
            assert own.count("\n## ") == 13
            assert "{{ " not in own
    assert "«" not in "".join(
        path.read_text(encoding="utf-8") for path in project.source.rglob("*.html") if path.is_file()
    )
    article, words = TINY.article(1, edition=3), TINY.languages[2]
    before = {path: path.read_bytes() for path in project.source.rglob("*.md")}
    tool.edit(TINY, project.source, article, words)
    changed = [path for path, data in before.items() if path.read_bytes() != data]
    assert len(changed) == 1


# ── the command line ────────────────────────────────────────────────────────────────────────────


def test_what_is_asked_for_is_understood(tmp_path: Path) -> None:
    found = parse(
        [
            "speed",
            "--sizes",
            "S,M",
            "--scenarios",
            "cold",
            "--rounds",
            "3",
            "--tools",
            "Hugo",
            "--pages",
            "100,1_000",
        ],
        NAMES,
        tmp_path,
    )
    assert found.names == ("speed",)
    assert (found.sizes, found.scenarios, found.rounds) == (("S", "M"), ("cold",), 3)
    assert (found.tools, found.pages) == (("Hugo",), (100, 1_000))
    assert parse([], NAMES, tmp_path).names == NAMES


@pytest.mark.parametrize("words", [["spead"], ["--sizes", "XL"], ["--scenarios", "warm"], ["--rounds", "0"]])
def test_what_nobody_knows_is_refused(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        parse(words, NAMES, tmp_path)
    assert stopped.value.code == 2
    assert "error:" in capsys.readouterr().err
