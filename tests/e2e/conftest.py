"""What tests of whole programs share: data directories, built once and copied; two gateways."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.server import Server, dev
from tests.rpc.gateways import build, copy_of


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory that no test changes."""
    return build(tmp_path_factory.mktemp("built") / "data")


@pytest.fixture
def data_dir(built: Path, tmp_path: Path) -> Path:
    """A data directory of the test's own."""
    return copy_of(built, tmp_path / "data")


@pytest.fixture
def pair(postgres_url: str, tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    """Two gateways on one PostgreSQL, with the same keys."""
    data = tmp_path / "data"
    with (
        dev(data, "--store", postgres_url, "--population", "500") as one,
        dev(data, log=tmp_path / "other.log") as other,
    ):
        yield one, other
