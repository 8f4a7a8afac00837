"""``dancu dev`` from start to end, and every way in which it cannot start."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import signal
import socket
import sqlite3
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from clients.sdk import list_personas
from tests.e2e.server import dancu, dev, failing_dev
from tests.rpc.gateways import SEED, SIZE, audited
from tests.rpc.raw import RawClient

CALLS = 30  # a gateway lets one connection have so many under way
_IN_FLIGHT = re.compile(
    r'^dancu_calls_in_flight\{.*method="VerifyIdentity".*\} (\S+)$', re.MULTILINE
)
PERSONAS = """slug,personal_id,full_name,birth_date
fine,001090000099,Nguyễn Thị Thử,1990-05-12
bad-number,00109000009O,Nguyễn Thị Thử,1990-05-12
bad-date,001090000098,Nguyễn Thị Thử,1990-02-30
"""


async def test_from_nothing_to_an_answer(tmp_path: Path) -> None:
    """A first run builds everything, answers, drains on SIGTERM and exits 0."""
    with dev(tmp_path / "data", "--population", "500", "--seed", "3") as server:
        async with RawClient(server.running) as raw:
            stated = await raw.verify()
        assert stated.outcome == 1
        assert len(await list_personas(server.running.control)) > 50
        assert server.terminate() == 0
    log = server.log.read_text("utf-8")
    assert "SIMULATOR" in log
    assert "no credentials are checked" in log
    assert audited(tmp_path / "data").leaves == 1


async def test_sigterm_lets_running_calls_end(data_dir: Path) -> None:
    """Calls that run when SIGTERM comes are answered; the exit code is 0 and the log holds."""
    slow = data_dir.with_name("slow.toml")
    slow.write_text('[[profile]]\nname = "slow"\nlatency = 3.0\n', "utf-8")
    with dev(data_dir, "--profiles", str(slow)) as server:
        async with RawClient(server.running) as raw:
            calls = [asyncio.ensure_future(raw.verify()) for _ in range(CALLS)]
            while await asyncio.to_thread(_in_flight, server.running.metrics) < CALLS:
                assert not any(call.done() for call in calls), "too slow to see them all"
            code = await asyncio.to_thread(server.terminate)
            answers = await asyncio.gather(*calls)
    assert code == 0
    assert len(answers) == CALLS
    assert audited(data_dir).leaves == CALLS


async def test_two_gateways_on_one_data_directory(data_dir: Path) -> None:
    """Two processes share one log: no index is given twice, and both answer throughout."""
    log = data_dir.with_name("second.log")
    with dev(data_dir) as first, dev(data_dir, "--as", "explain", log=log) as second:
        async with (
            first.running.connect() as one,
            second.running.connect(audience="explain") as two,
        ):
            answers = await asyncio.gather(
                *(
                    sdk.verify_identity(
                        personal_id="079088000001",
                        full_name="Trần Minh Khôi",
                        birth_date="1988-03-14",
                    )
                    for sdk in (one, two) * 150
                )
            )
        assert {first.terminate(), second.terminate()} == {0}
    assert sorted(answer.evidence.log_index for answer in answers) == list(range(300))
    assert audited(data_dir).findings == []


async def test_a_paused_process(data_dir: Path) -> None:
    """Calls to a process that is stopped for a while are answered when it goes on."""
    with dev(data_dir) as server:
        async with RawClient(server.running) as raw:
            await raw.verify()
            calls = [asyncio.ensure_future(raw.verify()) for _ in range(50)]
            await asyncio.sleep(0.01)
            server.process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(0.7)
            server.process.send_signal(signal.SIGCONT)
            await asyncio.gather(*calls)
    assert audited(data_dir).findings == []


def test_a_busy_port(data_dir: Path) -> None:
    """A port in use is named, with what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for option in ("--port", "--control-port", "--log-port"):
            line = failing_dev(data_dir, option, str(port))
            assert f"127.0.0.1:{port}" in line
            assert "in use" in line
            assert option in line


async def test_the_port_is_its_own(data_dir: Path) -> None:
    """A second gateway cannot join the servers that share it; after a crash it is there again."""
    other = Path(shutil.copytree(data_dir, data_dir.with_name("other")))
    with dev(data_dir) as server:
        port = server.running.grpc.rpartition(":")[2]
        assert "in use" in failing_dev(other, "--port", port)
        async with RawClient(server.running) as raw:
            await raw.verify()
            server.process.kill()
            await asyncio.to_thread(server.process.wait)
    with dev(other, "--port", port) as server:
        async with RawClient(server.running) as raw:
            await raw.verify()


def test_another_population_than_the_one_there(data_dir: Path) -> None:
    """--population, --seed or --as-of that differ from the register's are refused."""
    for option, value in (("--population", "17"), ("--seed", "5"), ("--as-of", "2025-01-01")):
        line = failing_dev(data_dir, option, value)
        assert option in line
        assert value in line
        assert "--data-dir" in line


def test_the_same_options_again(data_dir: Path) -> None:
    """Options that agree with the register are no error; SIGTERM right after READY is heeded."""
    with dev(data_dir, "--population", str(SIZE), "--seed", str(SEED)) as server:
        assert server.terminate() == 0


@pytest.mark.parametrize("file", ["population.db", "gateway.db", "keys/keys.json"])
def test_damaged_files(data_dir: Path, file: str) -> None:
    """A damaged file is named in one line."""
    path = data_dir / file
    path.write_bytes(b"\xff" * path.stat().st_size)
    assert file in failing_dev(data_dir)


@pytest.mark.parametrize("file", ["population.db", "gateway.db"])
def test_an_empty_file(data_dir: Path, file: str) -> None:
    """A file of no bytes, as a full disk leaves it, is named in one line."""
    (data_dir / file).write_bytes(b"")
    assert file in failing_dev(data_dir)


@pytest.mark.parametrize("file", ["population.db", "gateway.db"])
def test_files_of_another_version(data_dir: Path, file: str) -> None:
    """A store of another schema version is not touched."""
    with closing(sqlite3.connect(data_dir / file, isolation_level=None)) as db:
        changed = db.execute("UPDATE meta SET value = '99' WHERE key = 'schema_version'")
        assert changed.rowcount == 1
    line = failing_dev(data_dir)
    assert file in line
    assert "99" in line


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    """A directory that cannot be made is named in one line."""
    blocked = tmp_path / "a-file"
    blocked.write_text("")
    for place in (blocked, blocked / "data", Path("/proc/dancu")):
        assert str(place) in failing_dev(place, "--population", "50")


def test_a_missing_key(data_dir: Path) -> None:
    """A key that is gone is named; no other takes its place."""
    (key,) = (data_dir / "keys").glob("statement-*.pem")
    key.unlink()
    assert key.name in failing_dev(data_dir)
    assert not key.exists()


def test_lost_keys(data_dir: Path) -> None:
    """A log without its keys is not continued with new ones."""
    shutil.rmtree(data_dir / "keys")
    assert "restore keys/" in failing_dev(data_dir)
    assert not (data_dir / "keys").exists()


def test_mistakes_in_a_personas_file(data_dir: Path, tmp_path: Path) -> None:
    """Every mistake of a personas file is told with its line, and nobody is added."""
    file = tmp_path / "people.csv"
    file.write_text(PERSONAS, "utf-8")
    line = failing_dev(data_dir, "--personas", str(file))
    assert f"{file}:3: personal_id" in line
    assert f"{file}:4: birth_date" in line
    assert not (data_dir / "personas.json").exists()
    assert "no-such.csv" in failing_dev(data_dir, "--personas", str(tmp_path / "no-such.csv"))


async def test_personas_of_the_user(data_dir: Path, tmp_path: Path) -> None:
    """People from a file are answered, listed, and stay for the next start."""
    file = tmp_path / "people.csv"
    file.write_text("".join(PERSONAS.splitlines(keepends=True)[:2]), "utf-8")
    for arguments in (("--personas", str(file)), ()):
        with dev(data_dir, *arguments) as server:
            async with server.running.connect() as sdk:
                answer = await sdk.verify_identity(
                    personal_id="001090000099", full_name="NGUYEN THI THU", birth_date="1990-05-12"
                )
            assert answer.verified
            assert (await list_personas(server.running.control))[-1].slug == "fine"


def test_an_unknown_caller(data_dir: Path) -> None:
    """--as somebody unknown names those who are known."""
    line = failing_dev(data_dir, "--as", "nobody")
    assert "plain" in line
    assert "full" in line


def test_the_log_is_verified_from_the_command_line(data_dir: Path) -> None:
    """``dancu ledger verify`` exits 1 and names what was tampered with."""
    done = dancu("ledger", "verify", "--json", "--data-dir", str(data_dir))
    assert (done.returncode, json.loads(done.stdout)["holds"]) == (0, True)
    with closing(sqlite3.connect(data_dir / "gateway.db", isolation_level=None)) as db:
        db.execute("UPDATE head SET size = 1")
    done = dancu("ledger", "verify", "--json", "--data-dir", str(data_dir))
    assert done.returncode == 1
    assert "HEAD" in {one["invariant"] for one in json.loads(done.stdout)["findings"]}


def test_files_are_the_owners_alone(data_dir: Path) -> None:
    """Keys and records are readable by their owner only."""
    for path in (data_dir / "keys", *(data_dir / "keys").iterdir(), data_dir / "gateway.db"):
        assert path.stat().st_mode & 0o077 == 0


def _in_flight(metrics: str) -> int:
    """How many calls of VerifyIdentity are under way."""
    with urllib.request.urlopen(f"http://{metrics}/metrics", timeout=10) as page:
        (value,) = _IN_FLIGHT.findall(page.read().decode())
    return int(float(value))
