"""The registry of callers and the commands that change it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner, Result

from gateway.commands.demo_callers import demo_callers
from gateway.commands.tree import app
from gateway.core.caller import Caller, Unit, check_unit
from gateway.core.errors import Refused, Unavailable
from gateway.store.callers import CallerRegistry, add_callers, change_caller, open_callers
from gateway.store.errors import StoreError

NOW = datetime(2026, 1, 1, tzinfo=UTC)
UNIT = "000.00.00.H26"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A registry with one caller."""
    path = tmp_path / "callers.db"
    add_callers(path, [Caller("H26", "Hà Nội", {UNIT: Unit()}, ("{}",))], NOW)
    return path


@pytest.fixture
def registry(path: Path) -> Iterator[CallerRegistry]:
    """What a running gateway holds of it."""
    with open_callers(path) as found:
        yield found


def dancu(*arguments: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(app, list(arguments))


def test_every_change_is_seen_at_the_next_look(path: Path, registry: CallerRegistry) -> None:
    """Many changes, as quick as they come: not one is seen late."""
    assert registry.find("H26") == Caller("H26", "Hà Nội", {UNIT: Unit()}, ("{}",), generation=1)
    for generation in range(2, 50):
        active = generation % 2 == 0
        change_caller(path, "H26", _revived if active else _revoked, NOW)
        found = registry.find("H26")
        assert found is not None
        assert (found.active, found.generation) == (active, generation)


def test_a_file_put_in_its_place_is_seen_at_the_next_look(
    path: Path, registry: CallerRegistry, tmp_path: Path
) -> None:
    """Also where counter and generation are those of the file before."""
    for name in ("first", "second"):
        copied = tmp_path / "copied.db"
        add_callers(copied, [Caller("H26", name, {UNIT: Unit()}, ("{}",))], NOW)
        copied.replace(path)
        found = registry.find("H26")
        assert found is not None
        assert found.name == name
    path.unlink()
    with pytest.raises(Unavailable):
        registry.find("H26")


def test_callers_that_did_not_change_are_kept(path: Path, registry: CallerRegistry) -> None:
    """A change of one caller leaves what is known of the others as it is."""
    before = registry.find("H26")
    add_callers(path, [Caller("H29", "TP HCM", {UNIT: Unit("counter", frozenset({"CB"}))})], NOW)
    found = registry.find("H29")
    assert found is not None
    assert found.units == {UNIT: Unit("counter", frozenset({"CB"}))}
    assert registry.find("H26") is before
    assert registry.find("H99") is None


def test_a_change_that_is_not_committed_is_not_seen(path: Path, registry: CallerRegistry) -> None:
    """A change that fails halfway changes nothing."""

    def broken(_old: Caller) -> Caller:
        raise ValueError("broken")

    with pytest.raises(StoreError):
        change_caller(path, "H26", broken, NOW)
    found = registry.find("H26")
    assert found is not None
    assert found.generation == 1


def test_a_damaged_registry_lets_nobody_in(path: Path, registry: CallerRegistry) -> None:
    """What cannot be read is no list to let anybody in by."""
    assert registry.find("H26")
    path.write_bytes(b"damaged" * 100)
    with pytest.raises(Unavailable):
        registry.find("H26")


@pytest.mark.parametrize("caller_id", ["", "../H26", "a b", "x" * 65, ".hidden", "é"])
def test_ids_that_cannot_be(tmp_path: Path, caller_id: str) -> None:
    """An id is a plain name: it is also a file's."""
    with pytest.raises(StoreError, match="cannot be a caller's id"):
        add_callers(tmp_path / "callers.db", [Caller(caller_id)], NOW)


def test_enrolled_once(path: Path) -> None:
    """Enrolling somebody again is refused, and with it everybody of the same list."""
    with pytest.raises(StoreError, match="H26 is enrolled already"):
        add_callers(path, [Caller("H01"), Caller("H26")], NOW)
    with open_callers(path) as registry:
        assert registry.find("H01") is None


@pytest.mark.parametrize(
    ("unit", "officer", "reason"),
    [
        (UNIT, "CB-1", None),
        (UNIT, "CB-2", "OFFICER_UNKNOWN"),
        (UNIT, "", "OFFICER_UNKNOWN"),
        ("000.00.01.H26", "anybody", None),
        ("000.00.02.H26", "CB-1", "UNIT_NOT_OF_CALLER"),
        ("", "CB-1", "UNIT_NOT_OF_CALLER"),
    ],
)
def test_units_and_officers(unit: str, officer: str, reason: str | None) -> None:
    """A unit must be enrolled; an officer too, where the unit lists its officers."""
    units = {UNIT: Unit("", frozenset({"CB-1"})), "000.00.01.H26": Unit()}
    if reason is None:
        check_unit(units, unit, officer)
        return
    with pytest.raises(Refused) as caught:
        check_unit(units, unit, officer)
    assert caught.value.reason == reason


def test_the_demo_registry_has_the_real_shape() -> None:
    """15 ministries and 63 provinces, with a counter for every commune of before 2025-07-01."""
    found = {one.id: one for one in demo_callers()}
    assert [len([one for one in found if one[0] == kind]) for kind in "GH"] == [15, 63]
    codes = [code for one in found.values() for code in one.units or {}]
    assert len(codes) == len(set(codes)) > 10_000 + 63 * 4
    hanoi = found["H01"]
    assert hanoi.name == "UBND Hà Nội"
    assert (hanoi.units or {})["000.01.10.H01"].name == (
        "Bộ phận một cửa, Phường Phúc Xá, Quận Ba Đình"
    )
    for one in found.values():
        for code, unit in (one.units or {}).items():
            assert code.endswith(f".{one.id}")
            assert len(code) <= 35
            assert unit.officers
            assert max(map(len, unit.officers)) <= 20


def test_one_command_makes_everything_that_serve_asks_for(tmp_path: Path) -> None:
    """Signing keys, a test CA, the server's certificate and a client's."""
    data, pki = tmp_path / "data", tmp_path / "pki"
    done = dancu("keys", "init", "--data-dir", str(data), "--tls", str(pki), "--caller", "A")
    assert done.exit_code == 0
    assert {path.name for path in data.iterdir()} >= {"keyset.binpb", "root.pub"}
    made = {str(path.relative_to(pki)) for path in pki.rglob("*") if path.is_file()}
    assert made >= {"ca.pem", "server.pem", "server.key.pem", "callers/A.pem"}

    alone = dancu("keys", "init", "--data-dir", str(data), "--caller", "A")
    assert alone.exit_code != 0
    assert "--tls" in alone.output


def test_the_commands(tmp_path: Path) -> None:
    """Enrol, show, rotate, revoke: each says what holds afterwards."""
    pki, data = tmp_path / "pki", ("--data-dir", str(tmp_path), "--json")
    assert dancu("keys", "init-tls", "--out", str(pki), "--caller", "A").exit_code == 0
    keys = [_public_key(tmp_path / f"{name}.pem") for name in "12"]
    certificate = str(pki / "callers" / "A.pem")

    added = _json(
        *("callers", "add", "A", "--name", "Sở", "--key", keys[0], "--certificate", certificate),
        *("--unit", UNIT, "--unit", "U2", "--officer", f"{UNIT}=CB-1", *data),
    )
    assert (added["status"], added["generation"]) == ("ACTIVE", 1)
    assert added["units"] == [
        {"code": UNIT, "name": "", "officers": ["CB-1"]},
        {"code": "U2", "name": "", "officers": []},
    ]
    assert len(added["certificates"]) == 1

    both = _json("callers", "rotate-key", "A", "--key", keys[1], "--keep-old", *data)
    assert both["keys"][1:] == added["keys"]
    new = _json("callers", "rotate-key", "A", "--key", keys[1], *data)
    assert new["keys"] == both["keys"][:1]
    assert new["certificates"] == added["certificates"]

    assert _json("callers", "revoke", "A", *data)["status"] == "REVOKED"
    assert _json("callers", "show", "A", *data)["generation"] == 4
    (listed,) = _json("callers", "list", *data)
    assert (listed["id"], listed["status"], listed["units"]) == ("A", "REVOKED", 2)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("show", "B"), "B is not enrolled"),
        (("revoke", "B"), "nobody is enrolled"),
        (("rotate-key", "B"), "nothing to rotate to"),
        (("add", "B", "--name", "b", "--unit", "U", "--key", "{private}"), "no public key"),
        (("add", "B", "--name", "b", "--unit", "U", "--key", "missing"), "no public key"),
        (
            ("add", "B", "--name", "b", "--unit", "U", "--key", "{public}", "--officer", "V=1"),
            "--officer V=1: write CODE=OFFICER",
        ),
        (
            (
                *("add", "B", "--name", "b", "--unit", "U", "--key", "{public}"),
                *("--certificate", "{public}"),
            ),
            "no certificate",
        ),
    ],
)
def test_what_the_commands_refuse(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    """A mistake is told in one line, and changes nothing."""
    public = _public_key(tmp_path / "key.pem")
    private = str(tmp_path / "key.pem.private")
    filled = [one.format(private=private, public=public) for one in arguments]
    done = dancu("callers", *filled, "--data-dir", str(tmp_path))
    assert done.exit_code == 1
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "callers.db").exists()


@pytest.mark.parametrize("command", ["add", "demo"])
def test_a_directory_that_is_not_there(tmp_path: Path, command: str) -> None:
    """The command that makes it is told, and neither it nor credentials are made."""
    missing, pki = tmp_path / "data", tmp_path / "pki"
    arguments = {
        "add": ("B", "--name", "b", "--unit", "U", "--key", _public_key(tmp_path / "key.pem")),
        "demo": ("--tls", str(pki)),
    }
    done = dancu("callers", command, *arguments[command], "--data-dir", str(missing))
    assert done.exit_code == 1
    assert f"with `dancu keys init --data-dir {missing}`" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not missing.exists()
    assert not pki.exists()


def test_private_files_are_for_their_owner(tmp_path: Path) -> None:
    """Nothing that init-tls writes can be read by others; a second run keeps the authority."""
    for _ in range(2):
        assert dancu("keys", "init-tls", "--out", str(tmp_path / "pki")).exit_code == 0
    found = {path.name: path.stat().st_mode & 0o077 for path in (tmp_path / "pki").iterdir()}
    assert found == dict.fromkeys(("ca.pem", "ca.key.pem", "server.pem", "server.key.pem"), 0)


def _json(*arguments: str) -> Any:
    done = dancu(*arguments)
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def _revoked(caller: Caller) -> Caller:
    return replace(caller, active=False)


def _revived(caller: Caller) -> Caller:
    return replace(caller, active=True)


def _public_key(path: Path) -> str:
    private = Ed25519PrivateKey.generate()
    encoding = serialization.Encoding.PEM
    path.write_bytes(
        private.public_key().public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    path.with_suffix(".pem.private").write_bytes(
        private.private_bytes(
            encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return str(path)
