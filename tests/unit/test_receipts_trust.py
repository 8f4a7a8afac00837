"""What the verifying person brings along: pinned roots, witnesses, remembered versions."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from clients.receipts import (
    RefusedError,
    RollbackState,
    StateError,
    Trust,
    TrustError,
    Witness,
    load_key_set,
    read_roots,
    verify_offline,
)
from dancu.v1 import statement_pb2 as pb
from tests.vectors import scene as v
from tests.vectors import signer as s

AT = datetime(2026, 3, 1, tzinfo=UTC)
TRUST = Trust(roots=frozenset({v.ROOT.key_id}))
LINE = f"{v.ROOT.key_id} ED25519 {s.b64(v.ROOT.public)}\n"
P256_LINE = f"{v.NEW_ROOT.key_id} ES256 {s.b64(v.NEW_ROOT.public)}\n"

NEUTRAL = b"\1" + b"\0" * 31
"""The neutral point of the curve as a key."""


def _key_set(version: int, root: s.Signer = v.ROOT) -> bytes:
    keys = [*v.keys(), v.key(v.NEW_ROOT, pb.KEY_ROLE_ROOT)]
    return v.sign_key_set(v.key_set(version=version, keys=keys), [root])


def test_roots_are_read_from_their_file() -> None:
    """One root a line, of either algorithm; comments and blank lines are skipped."""
    text = f"# dancu simulator\n\n{LINE}{P256_LINE}"
    assert read_roots(text) == {v.ROOT.key_id, v.NEW_ROOT.key_id}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "one two\n",
        LINE.replace("ED25519", "RSA"),
        LINE.replace("ED25519", "ES256"),
        LINE.replace("=", ""),
        LINE.replace(v.ROOT.key_id, v.STRANGER.key_id),
        LINE + "junk\n",
        f"{s.okp_thumbprint(NEUTRAL)} ED25519 {s.b64(NEUTRAL)}\n",
    ],
)
def test_a_root_file_that_is_wrong_is_refused(text: str) -> None:
    """No key, another form, an id that is not the key's: nothing is pinned by mistake."""
    with pytest.raises(TrustError):
        read_roots(text)


def test_a_witness_needs_a_name_and_a_key() -> None:
    """A name that cannot stand in a note, or a key that proves nothing, is refused."""
    for name, key in (("", v.WITNESS_1.public), ("a b", v.WITNESS_1.public), ("w", b"\0" * 32)):
        with pytest.raises(TrustError):
            Witness(name, key)


def test_one_witness_cannot_be_two() -> None:
    """Neither one name nor one key may be listed twice, and a quorum is not negative."""
    first, second = Witness(v.W1, v.WITNESS_1.public), Witness(v.W2, v.WITNESS_2.public)
    for other in (Witness(v.W1, v.WITNESS_2.public), Witness(v.W2, v.WITNESS_1.public)):
        with pytest.raises(TrustError):
            Trust(frozenset(), witnesses=(first, other))
    with pytest.raises(TrustError):
        Trust(frozenset(), witnesses=(first, second), quorum=-1)


def test_an_older_key_set_is_refused_once_a_newer_was_seen(tmp_path: Path) -> None:
    """The state survives the process, and only grows."""
    directory = tmp_path / "state"
    RollbackState(directory).load_key_set(_key_set(8), TRUST, AT)
    state = RollbackState(directory)
    with pytest.raises(RefusedError, match="KEYSET_ROLLBACK"):
        state.load_key_set(_key_set(7), TRUST, AT)
    assert state.load_key_set(_key_set(9), TRUST, AT).version == 9
    state.remember(load_key_set(_key_set(8), TRUST, AT))
    assert state.lowest(TRUST.roots) == 9


def test_versions_are_remembered_by_root(tmp_path: Path) -> None:
    """Two gateways count from 1 each; whoever pins both roots takes the higher."""
    other = Trust(roots=frozenset({v.NEW_ROOT.key_id}))
    state = RollbackState(tmp_path)
    state.load_key_set(_key_set(8), TRUST, AT)
    assert state.load_key_set(_key_set(3, v.NEW_ROOT), other, AT).version == 3
    assert state.lowest(other.roots) == 3
    assert state.lowest(TRUST.roots | other.roots) == 8


def test_a_refused_key_set_is_not_remembered(tmp_path: Path) -> None:
    """A stranger cannot lift the lowest version."""
    state = RollbackState(tmp_path)
    with pytest.raises(RefusedError, match="KEYSET_UNTRUSTED"):
        state.load_key_set(_key_set(99, v.STRANGER), TRUST, AT)
    assert state.lowest(TRUST.roots) == 0


def test_a_refused_statement_still_leaves_the_key_set_remembered(tmp_path: Path) -> None:
    """Step 3 passed: the version counts, whatever becomes of the statement."""
    state = RollbackState(tmp_path)
    forged = v.sealed(v.Draft(signers=(v.STRANGER,)))
    verdict = verify_offline(forged, _key_set(8), at=AT, trust=TRUST, state=state)
    assert verdict.refusal == "KEY_UNKNOWN"
    assert state.lowest(TRUST.roots) == 8


def test_only_the_highest_version_is_kept(tmp_path: Path) -> None:
    """The state does not grow: what another process left behind is tidied up."""
    for version in (2, 4):
        (tmp_path / f"{v.ROOT.key_id}.{version}").touch()
    RollbackState(tmp_path).load_key_set(_key_set(8), TRUST, AT)
    assert [path.name for path in tmp_path.iterdir()] == [f"{v.ROOT.key_id}.8"]


def test_a_spoilt_state_is_not_taken_for_none(tmp_path: Path) -> None:
    """A file that is not a version stops the check."""
    for text in ("", "eight", "08", "-8"):
        file = tmp_path / f"{v.ROOT.key_id}.{text}"
        file.touch()
        with pytest.raises(StateError):
            RollbackState(tmp_path).load_key_set(_key_set(9), TRUST, AT)
        file.unlink()
