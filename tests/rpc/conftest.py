"""Gateways to test against: a data directory built once, copied for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from clients.sdk import Gateway
from tests.rpc.gateways import Running, build, copy_of, serving
from tests.rpc.raw import RawClient


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory that no test changes."""
    return build(tmp_path_factory.mktemp("built") / "data")


@pytest.fixture
def data_dir(built: Path, tmp_path: Path) -> Path:
    """A data directory of the test's own."""
    return copy_of(built, tmp_path / "data")


@pytest.fixture
async def running(data_dir: Path) -> AsyncIterator[Running]:
    """A gateway whose callers are plain: a yes or a no, ordinary fields."""
    async with serving(data_dir) as ready:
        yield ready


@pytest.fixture
async def sdk(running: Running) -> AsyncIterator[Gateway]:
    """The SDK of a plain caller."""
    async with running.connect() as connected:
        yield connected


@pytest.fixture
async def raw(running: Running) -> AsyncIterator[RawClient]:
    """A plain caller that sends what it likes."""
    async with RawClient(running) as client:
        yield client


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(built: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """A gateway for a whole module, whose tests run in one event loop and change nothing."""
    async with serving(copy_of(built, tmp_path_factory.mktemp("shared") / "data")) as ready:
        yield ready


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_sdk(shared: Running) -> AsyncIterator[Gateway]:
    """The SDK of a plain caller, for a whole module."""
    async with shared.connect() as connected:
        yield connected


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_raw(shared: Running) -> AsyncIterator[RawClient]:
    """A plain caller that sends what it likes, for a whole module."""
    async with RawClient(shared) as client:
        yield client
