"""``dancu event`` against a real gateway: a birth, told once, proved, put back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from clients.event_options import Given, Kind, event_of
from tests.e2e.server import PATIENCE, Server, dancu, dev
from tests.rpc.gateways import Running

FATHER = "079088000001,Trần Minh Khôi,1988-03-14"
MOTHER = "079190000002,Hồ Thị Bích Thủy,1990-09-02"
PAPER = ["--document", "12", "--document-date", "2025-12-31", "--authority", "UBND phường"]
BIRTH = [
    "--kind", "birth", *PAPER, "--name", "Trần Gia Bảo", "--birth-date", "2025-12-28",
    "--sex", "male", "--commune", "26737", "--father", FATHER, "--mother", MOTHER,
]  # fmt: skip


@pytest.fixture
def server(data_dir: Path) -> Iterator[Server]:
    """A gateway whose callers must bring tokens."""
    with dev(data_dir, "--auth", "token") as running:
        yield running


def event(server: Server, command: str, *arguments: str | Path) -> CompletedProcess[str]:
    """Run ``dancu event COMMAND`` as the caller explain."""
    data_dir = server.running.data_dir
    credentials = data_dir / "callers" / "explain.toml"
    where = ("--server", server.running.grpc, "--data-dir", data_dir, "--credentials", credentials)
    return dancu("event", command, *map(str, (*arguments, *where)))


def test_a_birth(server: Server, tmp_path: Path) -> None:
    """The same request has the same receipt, byte for byte; the same child is a duplicate."""
    first, again = tmp_path / "first", tmp_path / "again"
    told = event(server, "submit", *BIRTH, "--request-id", "r-1", "--json", "--out", first)
    assert told.returncode == 0, told.stderr
    born = json.loads(told.stdout)
    assert born["personal_id"].startswith("0792")
    assert born["state"] in ("APPLIED", "NUMBER_PENDING")

    event(server, "submit", *BIRTH, "--request-id", "r-1", "--out", again)
    assert again.read_bytes() == first.read_bytes()
    keys = str(server.running.data_dir / "keyset.binpb")
    checked = json.loads(dancu("receipt", "verify", str(first), "--keys", keys, "--json").stdout)
    assert (checked["result"], checked["statement"]["kind"]) == ("VALID", "birth")

    duplicate = event(server, "submit", *BIRTH)
    assert duplicate.returncode == 1
    assert "(POSSIBLE_DUPLICATE)" in duplicate.stderr
    other = event(server, "submit", *BIRTH, "--not-a-duplicate", "--json")
    assert json.loads(other.stdout)["personal_id"] != born["personal_id"]
    reused = event(server, "submit", *BIRTH, "--twin", "2/2", "--request-id", "r-1")
    assert reused.returncode == 3
    assert "(REQUEST_ID_REUSED)" in reused.stderr

    reason = ["--reason", "nhầm", *PAPER]
    assert event(server, "annul", born["event_id"], *reason).returncode == 0
    shown = event(server, "show", born["event_id"], "--json")
    assert json.loads(shown.stdout)["state"] == "ANNULLED"


def test_a_writer_that_read_too_early(server: Server) -> None:
    """An event that was decided by an older revision is not taken in, and says what to do."""
    person = ["--person", FATHER, "--on", "2025-12-30", *PAPER]
    wife = ["--person", MOTHER, "--on", "2025-12-30", *PAPER]
    assert event(server, "submit", "--kind", "death", *wife).returncode == 0
    refused = event(server, "submit", "--kind", "death", *person, "--expected-revision", "1")
    assert refused.returncode == 3
    assert "(REVISION_MOVED)" in refused.stderr
    assert "look up again" in refused.stderr


def test_a_gateway_that_is_killed(data_dir: Path) -> None:
    """An event that meets a dead gateway waits for the next one, and is answered as before."""
    with dev(data_dir) as first:
        port = first.running.grpc.rpartition(":")[2]
        before = report(first.running)
        first.kill()
        with ThreadPoolExecutor(1) as pool:
            sending = pool.submit(report, first.running)
            with dev(data_dir, "--port", port):
                assert sending.result(PATIENCE) == before


def report(running: Running) -> bytes:
    """Report always the same death; returns the receipt."""
    event = event_of(
        Kind.DEATH,
        Given(
            document="12", document_date="2025-12-31", authority="UBND phường", person=FATHER,
            on="2025-12-30",
        ),
    )  # fmt: skip

    async def send() -> bytes:
        async with running.connect(timeout=2) as gateway:
            answer = await gateway.submit_event(event, request_id="r-1", patience=PATIENCE)
            return answer.evidence.receipt

    return asyncio.run(send())
