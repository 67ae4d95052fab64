"""The shipped site on nginx with the configuration made for it, as its visitors get it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from policysite.cli import cli
from tests.helpers.projects import write
from tests.helpers.servers import TlsServer, nginx_tls
from tests.helpers.site import sources_for

HOST = "ohmegull.com"


@contextmanager
def served_site() -> Iterator[tuple[Path, TlsServer]]:
    """The folder of the built site, and the server that answers for `HOST` with it."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        project = write(sources_for("nginx"), folder / "project")
        site, state = folder / "site", folder / "nginx"
        state.mkdir()
        cli.main(["build", "--project", str(project), "--output", str(site)], standalone_mode=False)
        with nginx_tls(site, state, HOST) as server:
            yield site, server


def languages(site: Path) -> list[str]:
    """The languages of a built site, in the order of their names."""
    return sorted(page.parent.name for page in site.glob("*/privacy") if (page / "index.html").is_file())
