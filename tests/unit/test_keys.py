"""The keys of a data directory: made once, kept to the owner, told to the world."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.core.signing import NOTE_ED25519, Role, note_key_id, raw_public, thumbprint
from gateway.store.errors import StoreError
from gateway.store.keys import checkpoint_keys, load_or_create
from gateway.store.keys.keyset import KEY_SET_LIFE
from gateway.store.keys.publishing import KEY_SET_RENEWAL
from tests.support.key_rings import ISSUER, opened, trusted
from tests.support.scene import NOW, ORIGIN

OTHER_ORIGIN = "dancu-simulator/log/other"


def private_file(folder: Path, role: Role) -> Path:
    """The file of the private key of a role."""
    (found,) = (folder / "keys").glob(f"{role.name.lower()}-*.pem")
    return found


def edit_book(folder: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    """Change ``keys.json``."""
    path = folder / "keys" / "keys.json"
    book = json.loads(path.read_text("utf-8"))
    edit(book)
    path.write_text(json.dumps(book), "utf-8")


def pem(private: Any, *, password: bytes | None = None) -> bytes:
    """A private key as a PEM file."""
    how = (
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption()
    )
    encoded: bytes = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how
    )
    return encoded


def test_private_keys_are_the_owners_alone(tmp_path: Path) -> None:
    """0700 for the folder, 0600 for what is in it, whatever the umask."""
    before = os.umask(0)
    try:
        opened(tmp_path)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    modes = {
        path.name.split("-")[0]: stat.S_IMODE(path.stat().st_mode)
        for path in (tmp_path / "keys").iterdir()
    }
    assert modes == dict.fromkeys(["root", "statement", "checkpoint", "keys.json"], 0o600)


def test_public_files_hold_no_private_key(tmp_path: Path) -> None:
    """What may be given away: the key set and the root to pin."""
    opened(tmp_path)
    raws = [
        private.private_bytes_raw()
        for role in (Role.ROOT, Role.STATEMENT, Role.CHECKPOINT)
        if isinstance(
            private := serialization.load_pem_private_key(
                private_file(tmp_path, role).read_bytes(), password=None
            ),
            Ed25519PrivateKey,
        )
    ]
    assert len(raws) == 3
    for name in ("keyset.binpb", "root.pub"):
        public = (tmp_path / name).read_bytes()
        assert not any(raw in public for raw in raws)


def test_a_start_finds_the_keys_of_the_last(tmp_path: Path) -> None:
    """The same keys and the same key set, to the byte."""
    first, second = opened(tmp_path), opened(tmp_path, now=NOW + timedelta(days=1))
    assert first.key_set == second.key_set
    assert first.statement(NOW).key_id == second.statement(NOW).key_id
    assert first.checkpoint(NOW).key_id == second.checkpoint(NOW).key_id
    assert first.issuer == second.issuer == ISSUER


def test_the_issuer_is_the_one_that_the_keys_were_made_for(tmp_path: Path) -> None:
    """Another name later does not rename who states."""
    opened(tmp_path)
    assert load_or_create(tmp_path, "somebody-else", ORIGIN, NOW).issuer == ISSUER


def test_each_role_has_its_own_key(tmp_path: Path) -> None:
    """Three keys, known by their thumbprints."""
    ring = opened(tmp_path)
    keys = trusted(tmp_path).keys
    assert {key.role for key in keys.values()} == {Role.ROOT, Role.STATEMENT, Role.CHECKPOINT}
    assert keys[ring.statement(NOW).key_id].role == Role.STATEMENT
    checkpoint = ring.checkpoint(NOW)
    assert keys[checkpoint.key_id].role == Role.CHECKPOINT
    assert checkpoint.key_id == thumbprint(raw_public(checkpoint.private))


def test_the_key_set_verifies_with_the_pinned_root(tmp_path: Path) -> None:
    """By the verifier that shares no code with the gateway."""
    opened(tmp_path)
    key_set = trusted(tmp_path)
    assert (key_set.version, key_set.issuer) == (1, ISSUER)
    assert key_set.expires_at - key_set.issued_at == KEY_SET_LIFE.total_seconds() * 1e9
    (key,) = key_set.checkpoint_keys(ORIGIN)
    (public,) = checkpoint_keys(tmp_path, ORIGIN)
    assert key.note_keys == {(ORIGIN, note_key_id(ORIGIN, public, NOTE_ED25519))}


def test_a_new_log_is_added_to_the_old(tmp_path: Path) -> None:
    """Statements of the former log still verify; the version grows."""
    opened(tmp_path)
    opened(tmp_path, origin=OTHER_ORIGIN)
    key_set = trusted(tmp_path)
    assert key_set.version == 2
    (key,) = key_set.checkpoint_keys(ORIGIN)
    assert {name for name, _ in key.note_keys} == {ORIGIN, OTHER_ORIGIN}
    assert checkpoint_keys(tmp_path, ORIGIN) == checkpoint_keys(tmp_path, OTHER_ORIGIN)


def test_a_key_set_is_renewed_before_it_expires(tmp_path: Path) -> None:
    """Not a day sooner than needed, and with the same keys."""
    first = opened(tmp_path)
    due = NOW + KEY_SET_LIFE - KEY_SET_RENEWAL
    assert opened(tmp_path, now=due).key_set == first.key_set
    late = due + timedelta(seconds=1)
    renewed = opened(tmp_path, now=late)
    assert renewed.key_set != first.key_set
    assert renewed.statement(late).key_id == first.statement(NOW).key_id
    assert trusted(tmp_path, late).version == 2


def test_a_start_that_died_halfway_leaves_no_half_ring(tmp_path: Path) -> None:
    """A folder under its draft name is begun again."""
    draft = tmp_path / "keys.new"
    draft.mkdir(mode=0o700)
    (draft / "root-half.pem").write_text("-----BEGIN", "utf-8")
    opened(tmp_path)
    assert trusted(tmp_path).version == 1
    assert not draft.exists()


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_text("", "utf-8"),
        lambda path: path.write_text("{", "utf-8"),
        lambda path: path.write_text("[]", "utf-8"),
        lambda path: path.write_text('{"format": 1}', "utf-8"),
        lambda path: path.write_bytes(b"\xff\xfe"),
    ],
    ids=["empty", "cut", "list", "bare", "binary"],
)
def test_a_damaged_book_is_told_by_name(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    """One line that names the file."""
    opened(tmp_path)
    damage(tmp_path / "keys" / "keys.json")
    for use in (opened, lambda folder: checkpoint_keys(folder, ORIGIN)):
        with pytest.raises(StoreError, match=r"keys\.json is damaged; restore"):
            use(tmp_path)


def test_a_book_of_another_format_is_refused(tmp_path: Path) -> None:
    """It may mean something else by the same words."""
    opened(tmp_path)
    edit_book(tmp_path, lambda book: book.update(format=2))
    with pytest.raises(StoreError, match="has format 2, this dancu reads 1"):
        opened(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        pem(Ed25519PrivateKey.generate(), password=b"secret"),
    ],
    ids=["empty", "cut", "encrypted"],
)
def test_a_damaged_private_key_is_told_by_name(tmp_path: Path, content: bytes) -> None:
    """Which of them, and what to do."""
    opened(tmp_path)
    path = private_file(tmp_path, Role.STATEMENT)
    path.write_bytes(content)
    with pytest.raises(StoreError, match=rf"{path.name} is damaged; restore"):
        opened(tmp_path)


@pytest.mark.parametrize(
    "other",
    [Ed25519PrivateKey.generate(), generate_private_key(SECP256R1())],
    ids=["another", "another kind"],
)
def test_a_wrong_private_key_is_told_by_name(tmp_path: Path, other: Any) -> None:
    """A key that keys.json does not name signs nothing."""
    opened(tmp_path)
    path = private_file(tmp_path, Role.CHECKPOINT)
    path.write_bytes(pem(other))
    with pytest.raises(StoreError, match=rf"{path.name} is not the key that keys\.json names"):
        opened(tmp_path)


def test_a_missing_book_is_an_error(tmp_path: Path) -> None:
    """New keys in place of lost ones would make all that was signed untrusted."""
    opened(tmp_path)
    (tmp_path / "keys" / "keys.json").unlink()
    with pytest.raises(StoreError, match=r"keys\.json"):
        opened(tmp_path)


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"\n\xff")])
def test_a_lost_key_set_is_signed_again(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    """With the same keys, and a version that verifiers have not seen yet."""
    first = opened(tmp_path)
    damage(tmp_path / "keyset.binpb")
    second = opened(tmp_path)
    assert trusted(tmp_path).version == 2
    assert second.statement(NOW).key_id == first.statement(NOW).key_id


def test_a_lost_root_is_written_again(tmp_path: Path) -> None:
    """To the byte: it says which key to pin, and that has not changed."""
    first = opened(tmp_path)
    before = (tmp_path / "root.pub").read_bytes()
    (tmp_path / "root.pub").unlink()
    assert opened(tmp_path).key_set == first.key_set
    assert (tmp_path / "root.pub").read_bytes() == before


def test_an_older_key_set_that_was_put_back_is_replaced(tmp_path: Path) -> None:
    """Verifiers would refuse it: they have seen the newer."""
    opened(tmp_path)
    old = (tmp_path / "keyset.binpb").read_bytes()
    opened(tmp_path, origin=OTHER_ORIGIN)
    (tmp_path / "keyset.binpb").write_bytes(old)
    opened(tmp_path, origin=OTHER_ORIGIN)
    assert trusted(tmp_path).version == 3
    assert len(trusted(tmp_path).checkpoint_keys(OTHER_ORIGIN)) == 1


def test_a_missing_private_key_is_an_error(tmp_path: Path) -> None:
    """It is not made anew."""
    opened(tmp_path)
    path = private_file(tmp_path, Role.ROOT)
    path.unlink()
    with pytest.raises(StoreError, match=path.name):
        opened(tmp_path)


def test_a_log_that_no_key_signs_for_is_an_error(tmp_path: Path) -> None:
    """Also where there are no keys at all."""
    with pytest.raises(StoreError, match=r"cannot read .*keys\.json"):
        checkpoint_keys(tmp_path, ORIGIN)
    opened(tmp_path)
    with pytest.raises(StoreError, match=f"no key for the log {OTHER_ORIGIN}"):
        checkpoint_keys(tmp_path, OTHER_ORIGIN)


def test_keys_are_valid_for_a_clock_that_jumps_back(tmp_path: Path) -> None:
    """By hours: not_before lies a day before the keys were made."""
    ring = opened(tmp_path)
    key = trusted(tmp_path).keys[ring.statement(NOW).key_id]
    assert key.not_before is not None
    assert key.not_before <= (NOW - timedelta(hours=23)).timestamp() * 1e9
