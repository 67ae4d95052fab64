"""The site of this repository on real servers. Everything below this folder is marked `browser`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from policysite import pipeline
from policysite.core.diagnostics import has_errors
from policysite.core.model import BuildOptions
from policysite.render.hosts.model import HostSite
from tests.helpers.projects import DATE, write
from tests.helpers.servers import SERVERS, Server
from tests.helpers.site import sources_for

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)


@dataclass(frozen=True, slots=True)
class BuiltForHosts:
    """A site on disk, and the model its configuration was made from."""

    folder: Path
    model: HostSite
    files: tuple[str, ...]


#: What tests.helpers.languages expects answers of.
LANGUAGES = ("en", "bn", "ar")

#: What makes the optional files below /.well-known/.
MORE = f"""
security:
  contact: ["mailto:security@ohmegull.com"]
  expires: {DATE.year}-10-01
apps:
  android:
    com.ohmegull.app: ["{":".join(["AB"] * 32)}"]
  ios: [AB12CD34EF.com.ohmegull.app]
"""


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> BuiltForHosts:
    """The built site with precompressed files."""
    prepared, problems = pipeline.prepare(
        sources_for("nginx, apache, caddy", MORE, LANGUAGES), BuildOptions(DATE)
    )
    assert prepared is not None
    steps = list(pipeline.render(prepared, precompress=True))
    assert not has_errors((*problems, *(item for step in steps for item in step.diagnostics)))
    made = {file.path: file.data for step in steps for file in step.files}
    headers = [row for step in steps for row in step.headers]
    served = [path for path in made if not path.startswith(".hosts/") and path != ".htaccess"]
    model = pipeline.host_model(prepared, headers, served, True)
    folder = write(made, tmp_path_factory.mktemp("served") / "site")
    # What a careless upload may leave there: nobody may read it.
    for path in (".env", ".git/config", "en/.secret", ".well-known/.secret"):
        write({path: b"secret"}, folder)
    return BuiltForHosts(folder, model, tuple(made))


@pytest.fixture(scope="session", params=sorted(SERVERS))
def server(
    request: pytest.FixtureRequest, site: BuiltForHosts, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Each of the servers, with that site."""
    with SERVERS[request.param](site.folder, tmp_path_factory.mktemp(request.param)) as running:
        yield running
