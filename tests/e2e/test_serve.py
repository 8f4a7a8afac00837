"""``dancu serve`` as an operator meets it: what it refuses, what it says, and one whole way."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.server import DANCU, PATIENCE, dancu
from tests.rpc.gateways import copy_of

POLICY = """
[[grant]]
callers = ["H01"]
procedures = ["*"]
rpcs = ["VerifyIdentity"]
"""
SETTINGS = """
data_dir = "data"
port = 0
policy = "policy.toml"
tls_certificate = "pki/server.pem"
tls_key = "pki/server.key.pem"
tls_client_ca = "pki/ca.pem"
"""
PERSON = ("079088000001", "--name", "Trần Minh Khôi", "--birth-date", "1988-03-14")


def refusal(config: Path) -> list[str]:
    """The lines of a ``dancu serve`` that must not start."""
    done = dancu("serve", "--config", str(config))
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()


@contextlib.contextmanager
def serve(config: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run it for the length of the block; also its address."""
    with (
        config.with_suffix(".log").open("w", encoding="utf-8") as stderr,
        subprocess.Popen(  # noqa: S603 - our own command
            [*DANCU, "serve", "--config", str(config)],
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        try:
            ready = process.stdout.readline()
            assert ready.startswith("READY grpc="), config.with_suffix(".log").read_text("utf-8")
            yield process, ready.split()[1].removeprefix("grpc=")
        finally:
            process.kill()


def test_everything_missing_is_told_at_once(tmp_path: Path) -> None:
    """Where there is nothing, each thing that is missing has its line, with what makes it."""
    config = tmp_path / "serve.toml"
    config.write_text('data_dir = "data"\n', "utf-8")
    head, *lines = refusal(config)
    assert head == f"error: cannot serve, {len(lines)} things are missing:"
    assert [line.split(":")[0].strip() for line in lines] == [
        "register",
        "keys",
        "TLS",
        "TLS",
        "TLS",
        "policy",
        "callers",
    ]
    assert not (tmp_path / "data").exists()


def test_mistakes_of_the_configuration(tmp_path: Path) -> None:
    """Unknown settings and wrong types are told together, each with its line."""
    config = tmp_path / "serve.toml"
    config.write_text('port = "50051"\n\nprot = 1\n[tls]\nkey = ""\n', "utf-8")
    head, *lines = refusal(config)
    assert head == "error: the configuration has mistakes:"
    assert [line.strip().removeprefix(f"{config}:")[:2] for line in lines] == ["1:", "3:", "4:"]


@pytest.fixture(scope="module")
def made(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with all that ``dancu serve`` needs, made by the commands themselves.

    No test changes it.
    """
    folder = tmp_path_factory.mktemp("site")
    data, pki = str(copy_of(built, folder / "data")), str(folder / "pki")
    (folder / "policy.toml").write_text(POLICY, "utf-8")
    (folder / "serve.toml").write_text(SETTINGS, "utf-8")
    for arguments in (
        ("keys", "init-tls", "--out", pki),
        ("callers", "demo", "--data-dir", data, "--tls", pki),
    ):
        done = dancu(*arguments)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def site(made: Path, tmp_path: Path) -> Path:
    """Such a directory of the test's own."""
    return copy_of(made, tmp_path / "site")


def test_a_certificate_without_its_key(site: Path) -> None:
    """A key that is another's is told before anything listens."""
    shutil.copy(site / "pki" / "ca.key.pem", site / "pki" / "server.key.pem")
    head, line = refusal(site / "serve.toml")
    assert head == "error: cannot serve, 1 things are missing:"
    assert line.endswith(f"server.key.pem is not the key of {site / 'pki' / 'server.pem'}")


@pytest.mark.parametrize("damaged", ["server.pem", "server.key.pem", "ca.pem"])
def test_a_damaged_file_is_named(site: Path, damaged: str) -> None:
    """Which of the three TLS files cannot be used is told."""
    (site / "pki" / damaged).write_text("-----BEGIN", "utf-8")
    head, line = refusal(site / "serve.toml")
    assert head == "error: cannot serve, 1 things are missing:"
    assert line.strip().startswith(f"TLS: {site / 'pki' / damaged} holds no ")


def test_damaged_files_are_lines_among_the_others(site: Path) -> None:
    """A registry of callers, a private key of each kind: all are told at once, with what to do."""
    callers = site / "data" / "callers.db"
    callers.write_bytes(b"no database" * 100)
    (statement,) = (site / "data" / "keys").glob("statement-*.pem")
    statement.unlink()
    (checkpoint,) = (site / "data" / "keys").glob("checkpoint-*.pem")
    checkpoint.write_text("-----BEGIN", "utf-8")
    tls = site / "pki" / "server.key.pem"
    tls.unlink()
    head, *lines = (line.strip() for line in refusal(site / "serve.toml"))
    assert head == "error: cannot serve, 4 things are missing:"
    assert lines[:3] == [
        f"keys: {statement} is missing; restore it from a backup",
        f"keys: {checkpoint} is damaged; restore it from a backup",
        f"TLS: cannot read {tls}: No such file or directory; check its path and rights",
    ]
    assert lines[3].startswith(f"callers: cannot use the callers in {callers}: ")
    assert "; restore it from a backup, or put it away and use `dancu callers add`" in lines[3]


def test_the_whole_way(site: Path) -> None:
    """Enrolled, answered, refused a procedure's RPC, rotated, revoked; then drained, exit 0."""
    data, credentials = str(site / "data"), str(site / "pki" / "callers" / "H01.toml")
    with serve(site / "serve.toml") as (process, address):
        asking = (
            *("--server", address, "--data-dir", data, "--credentials", credentials),
            *("--unit", "000.00.00.H01", "--officer", "CB-H01-00.00-1"),
        )
        verified = dancu("verify", *PERSON, *asking, "--json")
        assert verified.returncode == 0, verified.stderr
        assert json.loads(verified.stdout)["verified"]

        assert "RPC_NOT_GRANTED" in dancu("lookup", *PERSON, *asking).stderr

        token = dancu("token", "--credentials", credentials)
        assert token.stdout.count(".") == 2
        called = dancu(
            "call", "GetCheckpoint", "{}", "--server", address, "--credentials", credentials
        )
        assert "checkpoint" in json.loads(called.stdout)

        revoked = dancu("callers", "revoke", "H01", "--data-dir", data, "--json")
        assert json.loads(revoked.stdout)["status"] == "REVOKED"
        again = dancu("verify", *PERSON, *asking)
        assert again.returncode == 3
        assert "CALLER_REVOKED" in again.stderr

        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    assert dancu("ledger", "verify", "--data-dir", data).returncode == 0


def test_several_workers(site: Path) -> None:
    """As strict as one: mutual TLS and a token at each; they drain together."""
    config, credentials = site / "serve.toml", str(site / "pki" / "callers" / "H01.toml")
    config.write_text(SETTINGS + "workers = 2\n", "utf-8")
    with serve(config) as (process, address):
        asking = ("--server", address, "--data-dir", str(site / "data"))
        officer = ("--unit", "000.00.00.H01", "--officer", "CB-H01-00.00-1")
        for _ in range(3):
            done = dancu("verify", *PERSON, *asking, *officer, "--credentials", credentials)
            assert done.returncode == 0, done.stderr
        assert dancu("verify", *PERSON, *asking, *officer).returncode == 3
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    assert dancu("ledger", "verify", "--data-dir", str(site / "data")).returncode == 0


@pytest.mark.parametrize("number", ["0", "65", "true"])
def test_a_number_of_workers_that_cannot_be(tmp_path: Path, number: str) -> None:
    """Is a mistake like any other."""
    config = tmp_path / "serve.toml"
    config.write_text(f"workers = {number}\n", "utf-8")
    _, line = refusal(config)
    assert line.strip().startswith(f"{config}:1: workers must be ")
