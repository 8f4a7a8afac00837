"""``dancu sync watch`` against the real server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from typer.testing import CliRunner, Result

from gateway.commands.tree import app
from tests.rpc.gateways import Running

PERSONA = ["079088000001", "--name", "Trần Minh Khôi", "--birth-date", "1988-03-14"]
Watch = Callable[..., Awaitable[Result]]


@pytest.fixture
def watch(running: Running) -> Watch:
    """Run ``dancu sync watch ARGS`` in a thread, beside the gateway's event loop."""
    where = ["--server", running.grpc, "--data-dir", str(running.data_dir)]

    async def run(command: str, *arguments: str) -> Result:
        line = ["sync", "watch", command, *where, *arguments]
        return await asyncio.to_thread(CliRunner().invoke, app, line)

    return run


async def test_who_is_verified_is_listed_until_taken_off(watch: Watch) -> None:
    """Exit code 0 on the list, 1 not verified."""
    added = await watch("add", *PERSONA)
    assert (added.exit_code, added.stdout) == (0, "on the list\n1 watched\n")
    wrong = await watch("add", *PERSONA[:-1], "1988-03-15", "--json")
    assert (wrong.exit_code, json.loads(wrong.stdout)["added"]) == (1, ["NOT_VERIFIED"])
    assert (await watch("list")).stdout == "079088000001\n"
    removed = await watch("remove", "079088000001", "079190000002")
    assert (removed.exit_code, removed.stdout) == (0, "1 taken off\n0 watched\n")
    assert json.loads((await watch("list", "--json")).stdout) == {"personal_ids": []}


async def test_a_malformed_number_is_bad_usage(watch: Watch) -> None:
    """The gateway names the field."""
    result = await watch("remove", "12")
    assert result.exit_code == 2
    assert "remove[0]" in result.stderr
