"""What the tests of this folder may ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from policysite.publish.writer import _exchange


@pytest.fixture
def exchanges(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skips where the file system of the tests cannot exchange two names."""
    folder: Path = tmp_path_factory.mktemp("exchange")
    for name in ("one", "two"):
        (folder / name).mkdir()
    if not _exchange(folder / "one", folder / "two"):
        pytest.skip("no atomic exchange on this file system")
