"""``dancu keys``: what an operator types, and what comes of it."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from clients.receipts.keys import Ed25519Key, Es256Key
from gateway.commands.keys import app
from tests.support.key_rings import trusted


def dancu_keys(*arguments: str | Path) -> Result:
    """Run ``dancu keys``."""
    return CliRunner().invoke(app, [str(each) for each in arguments])


def done(*arguments: str | Path) -> Result:
    """Run it; it must go well."""
    result = dancu_keys(*arguments)
    assert result.exit_code == 0, result.output
    return result


def refused(*arguments: str | Path) -> str:
    """Run it; it must end with one line that says why."""
    result = dancu_keys(*arguments)
    assert result.exit_code == 1
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    return line.removeprefix("error: ")


def listed(data_dir: Path) -> dict[str, Any]:
    """What ``list --json`` says."""
    found: dict[str, Any] = json.loads(done("list", "--data-dir", data_dir, "--json").stdout)
    return found


def states(data_dir: Path) -> list[tuple[str, str]]:
    """Role and state of every key."""
    return [(key["role"], key["state"]) for key in listed(data_dir)["keys"]]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data directory with keys."""
    done("init", "--data-dir", tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def offline(tmp_path: Path) -> Path:
    """A data directory whose root's key lies in ``medium`` beside it."""
    done("init", "--data-dir", tmp_path / "data", "--offline-root", tmp_path / "medium")
    return tmp_path / "data"


def root_key_of(data_dir: Path) -> Path:
    """The private key of an offline root."""
    (found,) = (data_dir.parent / "medium").glob("root-*.pem")
    return found


def version(data_dir: Path) -> int:
    """The key set's version, as the independent verifier reads it."""
    return trusted(data_dir, datetime.now(UTC)).version


def test_init_makes_keys_once(data_dir: Path) -> None:
    """A key set is there at once; a second time is refused."""
    assert version(data_dir) == 1
    assert states(data_dir) == [
        ("ROOT", "active"),
        ("STATEMENT", "active"),
        ("CHECKPOINT", "active"),
    ]
    assert "holds keys already" in refused("init", "--data-dir", data_dir)


def test_rotating(data_dir: Path) -> None:
    """The new key is listed as published, and the table shows both."""
    result = done("rotate", "checkpoint", "--data-dir", data_dir)
    ids = [key["key_id"] for key in listed(data_dir)["keys"] if key["role"] == "CHECKPOINT"]
    assert len(ids) == 2
    assert all(key_id in result.stdout for key_id in ids)
    assert states(data_dir)[-1] == ("CHECKPOINT", "published")
    assert version(data_dir) == 2
    assert "rotate again after that" in refused("rotate", "checkpoint", "--data-dir", data_dir)


def test_revoking(data_dir: Path) -> None:
    """By the beginning of its id; an active one takes its place."""
    key_id = listed(data_dir)["keys"][1]["key_id"]
    done("revoke", key_id[:12], "--data-dir", data_dir, "--at", "2026-01-01")
    revoked = listed(data_dir)["keys"][1]
    assert (revoked["state"], revoked["revoked_at"]) == ("revoked", "2026-01-01T00:00:00+00:00")
    assert states(data_dir)[-1] == ("STATEMENT", "active")


@pytest.mark.parametrize(
    ("at", "complaint"),
    [("yesterday", "--at yesterday: not an ISO 8601 time"), ("9999-01-01", "not from later")],
)
def test_revoking_at_no_time(data_dir: Path, at: str, complaint: str) -> None:
    """A moment that is none, or to come."""
    key_id = listed(data_dir)["keys"][1]["key_id"]
    assert complaint in refused("revoke", key_id, "--data-dir", data_dir, "--at", at)


def test_an_id_that_looks_like_an_option(data_dir: Path) -> None:
    """One in 64 begins with a dash; it is taken for an id all the same."""
    assert "-aGw" in refused("revoke", "-aGw", "--data-dir", data_dir)


def test_publishing_on_the_spot(data_dir: Path) -> None:
    """Where the root is, a new key set is issued."""
    done("publish", "--data-dir", data_dir)
    assert version(data_dir) == 2


def test_the_ceremony(offline: Path, tmp_path: Path) -> None:
    """Request at the gateway, signature at the root, publication at the gateway."""
    done("rotate", "statement", "--data-dir", offline)
    assert states(offline)[-1] == ("STATEMENT", "unpublished")
    assert not listed(offline)["all_published"]
    done("publish", "--data-dir", offline)
    signed = tmp_path / "signed"
    request = (offline / "keyset.request").rename(tmp_path / "request")
    signing = ("--root-key", root_key_of(offline), "--request", request, "--signed", signed)
    shown = done("publish", *signing).stdout  # no data directory there
    assert all(key["key_id"] in shown for key in listed(offline)["keys"])
    assert version(offline) == 1
    done("publish", "--data-dir", offline, "--signed", signed)
    assert version(offline) == 2
    assert states(offline)[-1] == ("STATEMENT", "published")
    assert listed(offline)["all_published"]


def test_the_ceremony_in_one(offline: Path) -> None:
    """With the root's medium at the gateway for a moment."""
    done("rotate", "statement", "--data-dir", offline)
    done("publish", "--data-dir", offline, "--root-key", root_key_of(offline))
    assert states(offline)[-1] == ("STATEMENT", "published")


def test_files_that_are_not_there(offline: Path, tmp_path: Path) -> None:
    """One line each."""
    missing = tmp_path / "missing"
    assert "cannot read" in refused("publish", "--data-dir", offline, "--signed", missing)
    assert "cannot read" in refused("publish", "--data-dir", offline, "--root-key", missing)
    both = ("--root-key", root_key_of(offline), "--request", missing)
    assert "cannot read" in refused("publish", *both)
    nowhere = missing / "request"
    assert "cannot write" in refused("publish", "--data-dir", offline, "--request", nowhere)


@pytest.mark.parametrize("command", [("list",), ("rotate", "statement"), ("jwks",), ("publish",)])
def test_a_directory_without_keys(tmp_path: Path, command: tuple[str, ...]) -> None:
    """Nothing is made by the way."""
    assert "cannot use the keys" in refused(*command, "--data-dir", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_lost_key_set_is_told(data_dir: Path) -> None:
    """The list still shows the keys; what reads the key set says that there is none."""
    (data_dir / "keyset.binpb").unlink()
    assert "there is no key set" in done("list", "--data-dir", data_dir).stderr
    assert "has no key set" in refused("jwks", "--data-dir", data_dir)


def test_the_jwk_set(tmp_path: Path) -> None:
    """Public members only, ids that are thumbprints, and no revoked key."""
    done("init", "--data-dir", tmp_path, "--statement-algorithm", "es256")
    key_id = listed(tmp_path)["keys"][1]["key_id"]
    done("revoke", key_id, "--data-dir", tmp_path)
    keys = json.loads(done("jwks", "--data-dir", tmp_path).stdout)["keys"]
    assert sorted((key["role"], key["kty"], key["alg"]) for key in keys) == [
        ("CHECKPOINT", "OKP", "EdDSA"),
        ("ROOT", "OKP", "EdDSA"),
        ("STATEMENT", "EC", "ES256"),
    ]
    for key in keys:
        assert key["kid"] == _thumbprint(key)
        assert key.keys() <= {"kty", "crv", "x", "y", "kid", "use", "alg", "role"}


def _thumbprint(key: dict[str, str]) -> str:
    """By the code of the independent verifier."""
    if key["kty"] == "OKP":
        return Ed25519Key(_decoded(key["x"])).thumbprint()
    return Es256Key(b"\x04" + _decoded(key["x"]) + _decoded(key["y"])).thumbprint()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
