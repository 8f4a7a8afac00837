"""A command that forgot its credentials is told so, and not that nobody is there."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clients.tls_probe import speaks_tls
from gateway.commands.tree import app
from tests.rpc.gateways import Running
from tests.rpc.strict import strictly_serving

CLAIM = ["079088000001", "--name", "Trần Minh Khôi", "--birth-date", "1988-03-14"]


async def test_without_credentials_against_tls(data_dir: Path) -> None:
    """A gateway that wants TLS is recognised, and what to do is named."""
    async with strictly_serving(data_dir) as strict:
        where = ["--server", strict.address, "--data-dir", str(data_dir), "--timeout", "2"]
        result = await asyncio.to_thread(CliRunner().invoke, app, ["verify", *CLAIM, *where])
    assert result.exit_code == 3
    assert "it wants TLS" in result.stderr
    assert "--credentials FILE" in result.stderr
    assert "dancu dev" not in result.stderr


@pytest.mark.asyncio(loop_scope="module")
async def test_plain_text_is_no_tls(shared: Running) -> None:
    """A gateway without TLS is not taken for one with it."""
    assert not await asyncio.to_thread(speaks_tls, shared.grpc)


def test_nobody_speaks_no_tls() -> None:
    """Where nobody listens there is no TLS either."""
    assert not speaks_tls("127.0.0.1:1")
