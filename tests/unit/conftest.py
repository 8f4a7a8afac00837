"""A gateway of one file for the tests of the client, and the client's commands beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from clients.sdk import Gateway, Trust
from gateway.commands.tree import app
from tests.unit.client_commands import CLAIM, Run
from tests.unit.client_fake_gateway import AUDIENCE, CONTEXT, FakeGateway, serving
from tests.unit.client_signing import root_file


@pytest.fixture
async def fake() -> AsyncIterator[FakeGateway]:
    """A fake gateway that serves."""
    async with serving(FakeGateway()) as fake:
        yield fake


@pytest.fixture
async def gateway(fake: FakeGateway) -> AsyncIterator[Gateway]:
    """A connection to it that pins its root."""
    trust = Trust.pinned([fake.root.key_id])
    async with Gateway.connect(
        fake.target, trust=trust, context=CONTEXT, audience=AUDIENCE
    ) as gateway:
        yield gateway


@pytest.fixture
def data_dir(fake: FakeGateway, tmp_path: Path) -> Path:
    """A data directory as the gateway leaves it to its clients."""
    (tmp_path / "root.pub").write_text(root_file(fake.root))
    (tmp_path / "keyset.binpb").write_bytes(fake.key_set().SerializeToString())
    return tmp_path


@pytest.fixture
def run() -> Run:
    """Run ``dancu ARGS`` in a thread, beside the gateway's event loop."""

    def invoke(arguments: tuple[str | Path, ...]) -> Result:
        return CliRunner().invoke(app, [str(each) for each in arguments])

    async def run(*arguments: str | Path) -> Result:
        return await asyncio.to_thread(invoke, arguments)

    return run


@pytest.fixture
def ask(run: Run, fake: FakeGateway, data_dir: Path) -> Run:
    """Run a command against the fake gateway, with its data directory."""

    async def ask(command: str, *arguments: str | Path) -> Result:
        return await run(command, "--server", fake.target, "--data-dir", data_dir, *arguments)

    return ask


@pytest.fixture
async def receipt(ask: Run, tmp_path: Path) -> Path:
    """A kept receipt of a verification."""
    path = tmp_path / "receipt.bin"
    await ask("verify", *CLAIM, "--out", path, "--request-id", "r-1")
    return path
