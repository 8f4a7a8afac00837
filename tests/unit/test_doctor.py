"""``dancu doctor``: databases, keys, certificates, callers, the policy, and the command itself."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from gateway import datadir
from gateway.commands.doctor import doctor
from gateway.config import DevConfig, ServeConfig
from gateway.core.caller import Caller, Unit
from gateway.doctor import machine, stores, trust
from gateway.doctor.examination import examine
from gateway.doctor.finding import Finding, Level
from gateway.store.authority import TestAuthority
from gateway.store.callers import add_callers
from gateway.store.credentials import issue_credentials
from gateway.store.keys.changing import revoke
from gateway.store.mark import remember
from gateway.store.sqlite import open_records
from tests.architecture.pages import read, tables

NOW = datetime.now(UTC)
CHECKS = tables(read("observability.md"), "check", "looks at")
DOCUMENTED = {name for row in CHECKS for name in re.findall(r"\w+", row["check"])}
FREE = {"port": 0, "control_port": 0, "log_port": 0, "metrics_port": 0}
POLICY = """
[[grant]]
callers = ["H26"]
procedures = ["*"]
rpcs = ["VerifyIdentity"]
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory as a first ``dancu dev`` makes it."""
    path = tmp_path_factory.mktemp("doctor") / "data"
    datadir.prepare(DevConfig(data_dir=path, population=50, seed=7), lambda _done: None)
    return path


@pytest.fixture
def config(built: Path, tmp_path: Path) -> DevConfig:
    """Settings of a copy."""
    return DevConfig(data_dir=Path(shutil.copytree(built, tmp_path / "data")), port=0)


@pytest.fixture
def strict(config: DevConfig, tmp_path: Path) -> ServeConfig:
    """The same as ``dancu serve`` would run it, with all that it needs."""
    authority = TestAuthority.create(tmp_path / "pki", NOW)
    authority.issue_server(["localhost", "127.0.0.1"], NOW)
    enrol(config.data_dir, authority, "H26")
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY, "utf-8")
    return ServeConfig(
        data_dir=config.data_dir,
        port=0,
        policy=policy,
        tls_certificate=tmp_path / "pki" / "server.pem",
        tls_key=tmp_path / "pki" / "server.key.pem",
        tls_client_ca=tmp_path / "pki" / "ca.pem",
    )


def enrol(data_dir: Path, authority: TestAuthority | None, caller: str) -> None:
    """A caller with a key, and a certificate if there is an authority."""
    folder = data_dir.parent / "callers"
    issued = issue_credentials(folder, caller, "dancu-simulator", authority, NOW)
    thumbprints = frozenset({issued.thumbprint}) if issued.thumbprint else frozenset()
    enrolled = Caller(caller, caller, {"000.00.00.X": Unit("u")}, (issued.jwk,), thumbprints)
    add_callers(data_dir / "callers.db", [enrolled], NOW)


def findings(found: Iterator[Finding]) -> dict[str, Finding]:
    """By check; a remedy stands with whatever is not well, and only there."""
    by_check = {one.check: one for one in found}
    assert all(bool(one.remedy) is (one.level is not Level.OK) for one in by_check.values())
    return by_check


def level_of(check: str, found: Iterator[Finding]) -> Level:
    """How a check ended."""
    return findings(found)[check].level


def test_all_is_well(config: DevConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new data directory: whatever is not well is the machine's doing."""
    monkeypatch.setattr(machine, "_is_synchronised", lambda: True)
    monkeypatch.setattr(machine, "_durable_appends", lambda _folder: [0.001])
    found = findings(examine(config, NOW))
    of_the_machine = {"disk", "open_files", "clock"}
    assert {one for one in found if found[one].level is not Level.OK} <= of_the_machine
    assert "50 citizens" in found["register"].found


def test_every_check_is_documented(strict: ServeConfig) -> None:
    """docs/observability.md has each, and no other but that of a database that is not used here."""
    found = findings(examine(strict, NOW))
    assert found.keys() == DOCUMENTED - {"database"}
    assert {one.check for one in found.values() if one.level is Level.FAIL} == set()


def test_before_the_first_start(tmp_path: Path) -> None:
    """Nothing is there, and nothing fails: ``dancu dev`` makes it all. ``dancu serve`` does not."""
    nothing = tmp_path / "none"
    found = findings(examine(DevConfig(data_dir=nothing, port=0), NOW))
    assert {one.level for one in found.values()} <= {Level.OK, Level.WARN}
    found = findings(examine(ServeConfig(data_dir=nothing, port=0), NOW))
    failed = {name for name, one in found.items() if one.level is Level.FAIL}
    assert failed == {"data_dir", "register", "keys", "policy", "callers", "certificate"}
    assert not nothing.exists()


@pytest.mark.parametrize("name", ["population.db", "gateway.db"])
@pytest.mark.parametrize("offset", [0, 4096])
def test_a_damaged_database(config: DevConfig, name: str, offset: int) -> None:
    """Whether its head is gone or a page within."""
    path = config.data_dir / name
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    content[offset : offset + 4096] = b"\xa5" * 4096
    path.write_bytes(bytes(content))
    check = stores.register if name == "population.db" else stores.records
    found = findings(check(config, 5.0))
    assert {one.level for one in found.values()} == {Level.FAIL}


@pytest.mark.parametrize("name", ["population.db", "gateway.db"])
def test_another_schema_version(config: DevConfig, name: str) -> None:
    """Was written by another dancu."""
    with closing(sqlite3.connect(config.data_dir / name)) as db:
        db.execute("UPDATE meta SET value = '99' WHERE key = 'schema_version'")
        db.commit()
    found = findings((stores.register if name == "population.db" else stores.records)(config, 5.0))
    ((check, one),) = found.items()
    assert one.level is Level.FAIL, check
    assert "schema version 99" in one.found


def test_no_time_for_all_pages(config: DevConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is said, and is no fault; without a limit all are read."""
    monkeypatch.setattr("gateway.store.inspection._STEPS", 1)
    hurried = findings(stores.register(config, -1.0))["register"]
    assert hurried.level is Level.OK
    assert "--deep" in hurried.found
    assert "--deep" not in findings(stores.register(config, None))["register"].found


def test_a_log_that_is_not_the_newest(config: DevConfig) -> None:
    """``keys/log.json`` knows of more leaves than there are."""
    with closing(sqlite3.connect(config.records_path)) as db:
        (checkpoint,) = db.execute("SELECT checkpoint FROM head").fetchone()
    origin, _, rest = checkpoint.split("\n", 2)
    remember(config.log_mark_path, f"{origin}\n7\n{rest}")
    found = findings(stores.records(config, 5.0))["records"]
    assert found.level is Level.FAIL
    assert "LOG_ROLLED_BACK" in found.found


def test_a_register_behind_the_log(config: DevConfig) -> None:
    """The log has seen more of it than there is."""
    assert level_of("register_and_log", stores.register_and_log(config)) is Level.OK
    with closing(sqlite3.connect(config.records_path)) as db:
        db.execute("UPDATE head SET revision = 99")
        db.commit()
    assert level_of("register_and_log", stores.register_and_log(config)) is Level.FAIL


def test_callers(strict: ServeConfig) -> None:
    """One that lacks a certificate is a warning; when nobody can call it fails."""
    assert level_of("callers", stores.callers(strict)) is Level.OK
    enrol(strict.data_dir, None, "H29")
    found = findings(stores.callers(strict))["callers"]
    assert found.level is Level.WARN
    assert "H29" in found.found
    strict.callers_path.unlink()
    assert level_of("callers", stores.callers(strict)) is Level.FAIL
    strict.callers_path.write_bytes(b"\xa5" * 9000)
    assert level_of("callers", stores.callers(strict)) is Level.FAIL


def test_keys_that_others_may_read(config: DevConfig) -> None:
    """A warning that names the file."""
    (pem,) = (config.data_dir / "keys").glob("statement-*.pem")
    pem.chmod(0o640)
    found = findings(trust.keys(config, NOW))
    assert found["keys"].level is Level.WARN
    assert pem.name in found["keys"].found
    assert found["key_set"].level is Level.OK


@pytest.mark.parametrize("damage", ["gone", "damaged", "another"])
def test_a_private_key_that_cannot_sign(config: DevConfig, damage: str) -> None:
    """It is missing, no key, or not the one that is published."""
    keys = config.data_dir / "keys"
    (pem,) = keys.glob("statement-*.pem")
    (other,) = keys.glob("checkpoint-*.pem")
    pem.unlink()
    if damage != "gone":
        pem.write_bytes(b"no key" if damage == "damaged" else other.read_bytes())
    assert level_of("keys", trust.keys(config, NOW)) is Level.FAIL


def test_no_key_is_active(config: DevConfig) -> None:
    """The clock was put back to before the keys."""
    found = findings(trust.keys(config, NOW - timedelta(days=900)))
    assert found["keys"].level is Level.FAIL
    assert "active" in found["keys"].found


def test_a_log_without_keys(config: DevConfig) -> None:
    """They were lost: no new ones may take their place."""
    shutil.rmtree(config.data_dir / "keys")
    found = findings(trust.keys(config, NOW))["keys"]
    assert found.level is Level.FAIL
    assert "backup" in found.remedy


@pytest.mark.parametrize(
    ("days", "level"), [(0, Level.OK), (330, Level.OK), (340, Level.WARN), (370, Level.FAIL)]
)
def test_time_that_the_key_set_has_left(config: DevConfig, days: int, level: Level) -> None:
    """It lasts for 365 days."""
    found = findings(trust.keys(config, NOW + timedelta(days=days)))
    assert found["key_set"].level is level


def test_a_key_set_that_is_not_there(config: DevConfig) -> None:
    """Or is not signed by the root, or older than the one before."""
    path = config.data_dir / "keyset.binpb"
    before = path.read_bytes()
    path.write_bytes(before[:-10])
    assert level_of("key_set", trust.keys(config, NOW)) is Level.FAIL
    path.write_bytes(before)
    (key,) = (config.data_dir / "keys").glob("statement-*.pem")
    revoke(config.data_dir, key.stem.removeprefix("statement-"), NOW, NOW)
    path.write_bytes(before)
    found = findings(trust.keys(config, NOW))["key_set"]
    assert found.level is Level.FAIL
    assert "was published before" in found.found


@pytest.mark.parametrize("days", [0, 70, 100])
def test_time_that_certificates_have_left(strict: ServeConfig, days: int) -> None:
    """Those of the test authority last for 90 days."""
    found = findings(trust.certificates(strict, NOW + timedelta(days=days)))
    level = {0: Level.OK, 70: Level.WARN, 100: Level.FAIL}[days]
    assert found["certificate"].level is level
    if level is not Level.FAIL:
        assert found["client_ca"].level is level


@pytest.mark.parametrize(
    ("host", "level"),
    [
        ("127.0.0.1", Level.OK),
        ("LOCALHOST", Level.OK),
        ("0.0.0.0", Level.OK),  # noqa: S104 - a setting
        ("::1", Level.WARN),
        ("gateway.example", Level.WARN),
    ],
)
def test_names_of_a_certificate(strict: ServeConfig, host: str, level: Level) -> None:
    """A client compares them with where it connects to."""
    found = findings(trust.certificates(replace(strict, host=host), NOW))["certificate"]
    assert found.level is level
    assert "localhost" in found.found


def test_a_certificate_without_names(strict: ServeConfig, tmp_path: Path) -> None:
    """No client of today takes it, wherever it connects to."""
    authority = TestAuthority.open(tmp_path / "pki")
    authority.issue_server([], NOW)
    found = findings(trust.certificates(replace(strict, host="::"), NOW))["certificate"]
    assert (found.level, "without a name" in found.found) == (Level.WARN, True)


def test_certificates_that_do_not_do(strict: ServeConfig, tmp_path: Path) -> None:
    """Not of one pair, damaged, or not set."""
    other = replace(strict, tls_key=tmp_path / "pki" / "ca.key.pem")
    assert level_of("certificate", trust.certificates(other, NOW)) is Level.FAIL
    unset = replace(strict, tls_client_ca=None)
    assert level_of("certificate", trust.certificates(unset, NOW)) is Level.FAIL
    (tmp_path / "pki" / "server.pem").write_text("no certificate")
    assert level_of("certificate", trust.certificates(strict, NOW)) is Level.FAIL


def test_a_policy_with_mistakes(strict: ServeConfig) -> None:
    """The first is told, with the command that tells all."""
    assert strict.policy is not None
    strict.policy.write_text(POLICY.replace("VerifyIdentity", "NoSuchRpc"), "utf-8")
    found = findings(trust.policy(strict))["policy"]
    assert found.level is Level.FAIL
    assert "NoSuchRpc" in found.found
    assert "dancu policy check" in found.remedy


app = typer.Typer()
app.command()(doctor)


def run(*arguments: str | Path) -> tuple[int, str]:
    """Run ``dancu doctor``: exit code and standard output."""
    result = CliRunner().invoke(app, [*map(str, arguments)], env={"COLUMNS": "200"})
    return result.exit_code, result.stdout


@pytest.fixture
def serve_file(strict: ServeConfig, tmp_path: Path) -> Path:
    """A configuration of ``dancu serve``."""
    path = tmp_path / "serve.toml"
    lines = [
        'data_dir = "data"',
        'policy = "policy.toml"',
        'tls_certificate = "pki/server.pem"',
        'tls_key = "pki/server.key.pem"',
        'tls_client_ca = "pki/ca.pem"',
        *(f"{name} = {port}" for name, port in FREE.items()),
    ]
    path.write_text("\n".join(lines))
    return path


def test_the_command(serve_file: Path, strict: ServeConfig) -> None:
    """A table that says what to do, and 1 as soon as something fails."""
    code, output = run("--config", serve_file)
    assert code == 0
    assert "FAIL" not in output.replace("0 FAIL", "")
    strict.population_path.unlink()
    code, output = run("--config", serve_file)
    assert code == 1
    assert "dancu population build" in output


def test_the_command_for_scripts(serve_file: Path, tmp_path: Path) -> None:
    """As JSON, the same; ``--data-dir`` goes before what the file says."""
    code, output = run("--config", serve_file, "--json", "--deep")
    told = json.loads(output)
    assert (code, told["worst"] in ("OK", "WARN")) == (0, True)
    assert {one["check"] for one in told["findings"]} == DOCUMENTED - {"database"}
    assert set(told["findings"][0]) == {"check", "level", "found", "remedy"}
    code, output = run("--config", serve_file, "--json", "--data-dir", tmp_path / "none")
    assert (code, json.loads(output)["worst"]) == (1, "FAIL")


async def test_it_changes_nothing(config: DevConfig) -> None:
    """But for a file that it removes: beside a gateway that has the log open, too."""
    async with open_records(config.records_path) as records:
        await records.checkpoint()
        before = {path: path.read_bytes() for path in config.data_dir.rglob("*") if path.is_file()}
        list(examine(config, NOW))
        after = {path: path.read_bytes() for path in config.data_dir.rglob("*") if path.is_file()}
    assert before.keys() == after.keys()
    ignored = {path for path in before if path.name.endswith(("-shm", "-wal"))}
    assert {path for path in before if before[path] != after[path]} <= ignored
