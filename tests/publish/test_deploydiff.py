"""What a deploy has to do, and that a site is never broken on the way."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policysite.commands import deploying
from policysite.core.model import OutputFile
from policysite.core.reports import Format
from policysite.publish.deploydiff import DeployDiff, deploy_diff
from policysite.publish.manifest import MANIFEST_PATH, Manifest, entry_of, manifest_bytes, manifest_file
from policysite.request import Terminal
from tests.helpers import cdn

BASE = "https://acme.test"


def manifest(files: dict[str, str]) -> Manifest:
    entries = sorted(entry_of(OutputFile(path, text.encode())) for path, text in files.items())
    return Manifest("0", date(2026, 1, 1), BASE, tuple(entries))


def diff(old: dict[str, str] | None, new: dict[str, str]) -> DeployDiff:
    made = manifest(new)
    return deploy_diff(None if old is None else manifest(old), made, entry_of(manifest_file(made)))


OLD = {
    "_headers": "old",
    "assets/site.1.css": "1",
    "en/index.html": "site.1",
    "en/index.html.br": "site.1",
    "en/gone/index.html": "gone",
    "robots.txt": "robots",
}
NEW = {
    "_headers": "new",
    "assets/site.2.css": "2",
    "en/index.html": "site.2",
    "en/index.html.br": "site.2",
    "en/new/index.html": "new",
    "robots.txt": "robots",
    "sitemap.xml": "new",
}


def test_the_order_is_safe():
    found = diff(OLD, NEW)
    assert [entry.path for entry in found.upload] == [
        "assets/site.2.css",
        "sitemap.xml",
        "_headers",
        "en/index.html",
        "en/index.html.br",
        "en/new/index.html",
        MANIFEST_PATH,
    ]
    assert found.delete == ("en/gone/index.html", "assets/site.1.css")


def test_caches_forget_what_changed_under_both_addresses():
    assert diff(OLD, NEW).purge == (
        f"{BASE}/assets/site.1.css",
        f"{BASE}/build-manifest.json",
        f"{BASE}/en/",
        f"{BASE}/en/gone/",
        f"{BASE}/en/gone/index.html",
        f"{BASE}/en/index.html",
        f"{BASE}/en/new/",
        f"{BASE}/en/new/index.html",
        f"{BASE}/sitemap.xml",
    )


def test_the_same_site_needs_nothing():
    assert diff(OLD, OLD).empty
    assert diff(OLD, OLD).purge == ()


def test_a_first_deploy_uploads_all_and_purges_nothing():
    found = diff(None, OLD)
    assert {entry.path for entry in found.upload} == {*OLD, MANIFEST_PATH}
    assert found.delete == ()
    assert found.purge == ()


_SITES = st.sets(st.integers(0, 5), min_size=1).map(
    lambda numbers: {
        **{f"assets/a.{number}.js": str(number) for number in numbers},
        **{f"en/{number % 3}/index.html": f"assets/a.{number}.js" for number in sorted(numbers)},
    }
)


@given(_SITES, _SITES)
def test_no_page_ever_loads_what_is_not_there(old: dict[str, str], new: dict[str, str]) -> None:
    found = diff(old, new)
    live = dict(old)

    def whole() -> bool:
        return all(text in live for path, text in live.items() if path.endswith(".html"))

    for entry in found.upload:
        if entry.path != MANIFEST_PATH:
            live[entry.path] = new[entry.path]
        assert whole()
    for path in found.delete:
        del live[path]
        assert whole()
    assert live == new


def run(old: str, new: str, form: Format = "text") -> tuple[int, str, str]:
    out: list[str] = []
    err: list[str] = []
    code = deploying.deploydiff(old, new, Terminal(out.append, err.append, form))
    return code, "\n".join(out), "\n".join(err)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    for name, files in (("old", OLD), ("new", NEW)):
        (tmp_path / name).mkdir()
        (tmp_path / name / MANIFEST_PATH).write_bytes(manifest_bytes(manifest(files)))
    return tmp_path / "old", tmp_path / "new"


def test_manifests_come_from_files_folders_and_addresses(folders: tuple[Path, Path]):
    old, new = folders
    expected = run(str(old), str(new))
    assert expected[0] == 0
    assert expected[1].startswith("upload assets/site.2.css\n")
    assert expected[1].endswith("7 files to upload (1 KB), 2 to delete, 9 to purge.")
    assert run(str(old / MANIFEST_PATH), new.as_uri()) == expected
    with cdn.serve(old) as address:
        assert run(address, str(new)) == expected
        assert run(f"{address}/{MANIFEST_PATH}", str(new)) == expected
        code, _, err = run(f"{address}/nothing/{MANIFEST_PATH}", str(new))
        assert code == 1
        assert "S002 no manifest can be read here: Not Found" in err


def test_the_result_for_tools(folders: tuple[Path, Path]):
    old, new = map(str, folders)
    record = json.loads(run(old, new, form="json")[1])
    assert record["upload"][0]["path"] == "assets/site.2.css"
    assert set(record["upload"][0]) == {"path", "sha256", "size"}
    assert record["delete"] == ["en/gone/index.html", "assets/site.1.css"]
    assert json.loads(run("-", new, form="json")[1])["purge"] == []
    assert run(old, old)[1] == "Nothing to do: both are the same site."


@pytest.mark.parametrize(
    "source", ["nowhere", "https://[bad", "http://127.0.0.1:1/", "ftp://x/y", "-", "file:///nowhere"]
)
def test_what_is_no_manifest_is_a_problem(folders: tuple[Path, Path], source: str):
    code, out, err = run(str(folders[0]), source)
    assert (code, out) == (1, "")
    assert " error S002 " in err
    assert "- for a first deploy" in err


def test_a_foreign_file_is_a_problem(tmp_path: Path):
    (tmp_path / "x.json").write_text("{}")
    assert "S002" in run("-", str(tmp_path / "x.json"))[2]
