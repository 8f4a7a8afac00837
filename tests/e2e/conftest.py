"""Data directories for processes: built once, copied for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rpc.gateways import build, copy_of


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory that no test changes."""
    return build(tmp_path_factory.mktemp("built") / "data")


@pytest.fixture
def data_dir(built: Path, tmp_path: Path) -> Path:
    """A data directory of the test's own."""
    return copy_of(built, tmp_path / "data")
