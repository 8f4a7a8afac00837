"""``dancu sync reconcile`` against the real gateway, each in a process of its own."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.e2e.server import DANCU, PATIENCE, Server, dancu, dev

ROWS = 4_000
CHUNK = 50
UNHURRIED = """
[[profile]]
name = "unhurried"
rpc = "dancu.v1.SyncService/ReconcileCitizens"
drip = { low = 0.02, high = 0.03 }
"""  # or a file would be through before it is noticed that it has begun


@pytest.fixture
def profiles(data_dir: Path) -> Path:
    """A gateway's profiles by which a file takes a while."""
    path = data_dir.with_name("profiles.toml")
    path.write_text(UNHURRIED, encoding="utf-8")
    return path


@pytest.fixture
def people(data_dir: Path) -> Path:
    """The register's people, three times over, some with planted errors."""
    exported = data_dir.with_name("people.csv")
    done = dancu("population", "export", "--data-dir", str(data_dir), "--limit", "2000",
                 "--out", str(exported))  # fmt: skip
    assert done.returncode == 0, done.stderr
    with exported.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    path = data_dir.with_name("records.csv")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["STT", "SO_CCCD", "HO_TEN", "NGAY_SINH", "sex"])
        for number, row in enumerate((rows * 3)[:ROWS]):
            name = "Ai Đó" if number % 500 == 7 else row["full_name"]
            sex = {"1": "Nữ", "2": "Nam"}[row["sex"]] if number % 400 == 3 else row["sex"]
            writer.writerow([number, row["personal_id"], name, row["birth_date"], sex])
    return path


def _command(server: Server, file: Path, out: Path) -> list[str]:
    mapping = "personal_id=SO_CCCD,full_name=HO_TEN,birth_date=NGAY_SINH"
    return [
        "sync", "reconcile", str(file), "--out", str(out), "--map", mapping,
        "--chunk-size", str(CHUNK), "--server", server.running.grpc,
        "--data-dir", str(server.running.data_dir), "--json",
    ]  # fmt: skip


def _start(server: Server, file: Path, out: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own command
        [*DANCU, *_command(server, file, out)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def _wait_for_rows(process: subprocess.Popen[str], out: Path) -> None:
    """Until the result has begun to grow; a process that is done by then is as good."""
    part = out.with_name(out.name + ".part")
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        if part.exists() and part.stat().st_size > 20_000:
            return
        time.sleep(0.005)


def _require_whole(file: Path, out: Path) -> Counter[str]:
    """Same rows, same order; returns the verdicts."""
    with (
        file.open(encoding="utf-8", newline="") as before,
        out.open(encoding="utf-8", newline="") as after,
    ):
        given, found = list(csv.reader(before)), list(csv.reader(after))
    assert [row[: len(given[0])] for row in found] == given
    planted = {row[0] for row in found[1:] if row[5] == "CORRECTED"}
    assert planted == {str(number) for number in range(3, ROWS, 400)} - _unverified(found)
    return Counter(row[5] for row in found[1:])


def _unverified(rows: list[list[str]]) -> set[str]:
    return {row[0] for row in rows[1:] if row[5] in {"NOT_VERIFIED", "INVALID"}}


def _require_proof(server: Server, out: Path) -> None:
    keys = server.running.data_dir / "keyset.binpb"
    bundle = out.with_name(out.name + ".bundle")
    checked = dancu("sync", "verify-bundle", str(bundle), "--keys", str(keys), "--json")
    assert checked.returncode == 0, checked.stdout
    assert json.loads(checked.stdout)["records"] == ROWS


def test_interrupted_killed_and_gone_on_with(data_dir: Path, people: Path, profiles: Path) -> None:
    """Ctrl-C, then kill -9, then to the end: nothing is lost, double or charged twice."""
    out = people.with_name("result.csv")
    with dev(data_dir, "--profiles", str(profiles)) as server:
        first = _start(server, people, out)
        _wait_for_rows(first, out)
        first.send_signal(signal.SIGINT)
        _, told = first.communicate(timeout=PATIENCE)
        assert first.returncode == 130, told
        assert "give the same command again" in told
        second = _start(server, people, out)
        _wait_for_rows(second, out)
        os.kill(second.pid, signal.SIGKILL)
        second.communicate(timeout=PATIENCE)
        assert second.returncode == -signal.SIGKILL
        last = dancu(*_command(server, people, out))
        assert last.returncode == 1, last.stderr
        summary = json.loads(last.stdout)
        _require_proof(server, out)
        assert server.terminate() == 0
    verdicts = _require_whole(people, out)
    assert summary["verdicts"] == verdicts
    assert summary["rows"] == sum(verdicts.values()) == ROWS
    assert summary["flags"]["DUPLICATE_IN_SESSION"] >= ROWS - 2_000
    assert verdicts["NOT_VERIFIED"] >= ROWS // 500
    assert not out.with_name("result.csv.journal").exists()


def test_the_gateway_goes_and_comes_back(data_dir: Path, people: Path, profiles: Path) -> None:
    """A gateway killed in the midst of a file is waited for; the result is whole."""
    out = people.with_name("result.csv")
    log = data_dir.with_name("second.log")
    with dev(data_dir, "--profiles", str(profiles)) as server:
        port = server.running.grpc.rpartition(":")[2]
        process = _start(server, people, out)
        _wait_for_rows(process, out)
        server.kill()
        with dev(data_dir, "--port", port, log=log) as again:
            _, told = process.communicate(timeout=PATIENCE)
            assert process.returncode == 1, told
            assert "the connection was lost" in told
            _require_proof(again, out)
    _require_whole(people, out)
