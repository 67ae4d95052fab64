"""What every test may ask for."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.helpers.machine import ROOT
from tests.helpers.site import build_site

# The machine may be busy with a browser: no example fails for being slow. In CI the examples are the same
# each time (Hypothesis' own "ci" profile).
settings.register_profile("policysite", settings(), deadline=None)
settings.load_profile("policysite")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") and os.environ.get("POLICYSITE_SKIP_BROWSER"):
        pytest.skip("POLICYSITE_SKIP_BROWSER is set")


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of this repository."""
    return ROOT


@pytest.fixture(scope="session")
def built_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of this repository, built once a run, whichever worker comes first."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / "site"
    with (shared / "site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return folder if folder.exists() else build_site(folder)
