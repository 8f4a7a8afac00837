"""``dancu simulate`` against the real control port."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable

import pytest
from typer.testing import CliRunner, Result

from gateway.commands.tree import app
from tests.rpc.gateways import Running
from tests.rpc.raw import VERIFY, RawClient, failure_of, verify_request

Simulate = Callable[..., Awaitable[Result]]


@pytest.fixture
def simulate(running: Running) -> Simulate:
    """Run ``dancu simulate ARGS`` in a thread, beside the gateway's event loop."""

    async def run(command: str, *arguments: str) -> Result:
        line = ["simulate", command, "--control", running.control, *arguments]
        return await asyncio.to_thread(CliRunner().invoke, app, line)

    return run


EVERYTHING = (
    *("--caller", "plain", "--rpc", "Verify*", "--seed", "7", "--latency", "1ms..2ms"),
    *("--fault", "UNAVAILABLE=0.1", "--fault", "INTERNAL=0.05", "--timeouts", "0.001"),
    *("--lost-answers", "0.002", "--outage", "60s+30s/10m", "--throttle", "100/20"),
    *("--outage", "2030-01-01T08:00:00+07:00+5m", "--drip", "200ms~0.8"),
    *("--wrong-signatures", "0.01"),
)


async def test_what_is_set_is_listed_and_cleared(simulate: Simulate) -> None:
    """Every option reaches the gateway and is shown as it was written."""
    assert (await simulate("set", "all", *EVERYTHING)).exit_code == 0
    listed = (await simulate("list")).stdout
    for told in (
        "latency 1ms..2ms",
        "fault UNAVAILABLE=0.1",
        "timeouts 0.001",
        "lost-answers 0.002",
        "outage 60s+30s/600s",
        "outage 2030-01-01T01:00:00Z+300s",
        "throttle 100/20",
        "drip 200ms~0.8",
        "wrong-signatures 0.01",
    ):
        assert told in listed
    await simulate("set", "other", "--latency", "real-link")
    found = json.loads((await simulate("list", "--json")).stdout)
    assert [one["profile"]["name"] for one in found] == ["all", "other"]
    assert found[1]["profile"]["latency"]["percentiles"]["points"][1]["percentile"] == 50
    assert (await simulate("clear", "all")).stdout == "cleared: all\n"
    assert json.loads((await simulate("clear", "--json")).stdout) == {"cleared": ["other"]}
    assert "no profile" in (await simulate("list")).stdout


async def test_a_profile_that_spares_some_calls(simulate: Simulate) -> None:
    """It does nothing, and is set all the same: another one does not meet them."""
    await simulate("set", "down", "--fault", "UNAVAILABLE=1")
    assert (await simulate("set", "spared", "--rpc", "LookupCitizen")).exit_code == 0
    assert "spared" in (await simulate("list")).stdout


async def test_a_narrow_terminal_shows_all(
    simulate: Simulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table of percentiles is broken between them, and loses none."""
    monkeypatch.setattr("clients.cli_simulate._TABLE_WIDTH", 80)
    await simulate("set", "slow", "--latency", "real-link")
    listed = (await simulate("list")).stdout
    points = re.findall(r"p[\d.]+=[\d.]+m?s", listed)
    assert len(points) == 7
    assert "…" not in listed


async def test_a_profile_works_at_once(simulate: Simulate, raw: RawClient) -> None:
    """The next call meets it, and the list counts it."""
    await simulate("set", "down", "--fault", "UNAVAILABLE=1")
    failure = await failure_of(raw.send(VERIFY, verify_request().SerializeToString()))
    assert failure.reason == "SIMULATED_UNAVAILABLE"
    assert "unavailable 1" in (await simulate("list")).stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--latency", "1x"), "profile.latency"),
        (("--latency", "1x..2"), "write a time"),
        (("--latency", "p50"), "profile.latency"),
        (("--fault", "OK=1"), "CODE=SHARE"),
        (("--fault", "INTERNAL=much"), "is no number"),
        (("--outage", "soon"), "START+DURATION"),
        (("--outage", "2030-01-01T08:00:00+5m"), "zone"),
        (("--throttle", "5/x"), "RATE/BURST"),
        (("--timeouts", "0.7", "--lost-answers", "0.7"), "profile.faults"),
        (("--seed", "7"), "x would do nothing: name an effect, e.g. --latency real-link"),
    ],
)
async def test_bad_usage_is_explained(
    simulate: Simulate, arguments: tuple[str, ...], told: str
) -> None:
    """Exit code 2, and one line that says what is wrong."""
    result = await simulate("set", "x", *arguments)
    assert result.exit_code == 2
    assert told in result.stderr


async def test_refusals_are_told(simulate: Simulate) -> None:
    """Exit code 3, with the gateway's words."""
    result = await simulate("set", "e", "--expired-keys", "1")
    assert result.exit_code == 3
    assert "dancu keys rotate" in result.stderr
    result = await simulate("clear", "none")
    assert (result.exit_code, "PROFILE_NOT_FOUND" in result.stderr) == (3, True)


async def test_another_port_than_the_control_port(simulate: Simulate, running: Running) -> None:
    """The gRPC port has no switches: which one has is said."""
    result = await simulate("list", "--control", running.grpc)
    assert result.exit_code == 3
    assert "is not a control port: by default that is the gRPC port + 2" in result.stderr


async def test_reset_says_what_it_did(simulate: Simulate) -> None:
    """The revision, the day, and how many rows."""
    told = (await simulate("reset", "--json")).stdout
    told = told[told.index("{") :]  # after the line of the gateway's own log
    said = json.loads(told)
    assert (said["register_revision"], said["changed_rows"]) == (2, 0)
    assert said["data_as_of"] == "2026-01-01"
