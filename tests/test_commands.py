"""The shell around the core: what `serve` gets, and what stays when a build fails."""

from __future__ import annotations

from pathlib import Path

from policysite.commands import building
from policysite.request import BuildRequest
from tests.helpers.mini import write
from tests.helpers.projects import DATE


def test_a_preview_keeps_the_headers_of_the_last_good_build(tmp_path: Path) -> None:
    project = write(tmp_path)
    preview = building.Preview(BuildRequest(project, build_date=DATE))
    built = preview.rebuild()
    assert built.files["en/contact/index.html"]
    good = preview.headers("en/contact/index.html")
    assert good["Content-Security-Policy"].startswith("default-src 'none'")
    assert preview.headers("assets/style.css") == {}
    (project / "config.yaml").write_text("site: [")
    assert preview.rebuild().diagnostics
    assert preview.headers("en/contact/index.html") == good
