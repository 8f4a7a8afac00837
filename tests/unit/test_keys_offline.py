"""An offline root: what the gateway can do without it, and the ceremony in three steps."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from clients.receipts.times import from_datetime
from dancu.v1.statement_pb2 import KEY_ROLE_CHECKPOINT, KEY_ROLE_STATEMENT, KeySet, SignedStatement
from gateway.core.signing import Algorithm, Role, State, signer
from gateway.store.errors import StoreError
from gateway.store.keys import (
    Plan,
    init_keys,
    keyset,
    reserved_origin,
    use_origin,
)
from gateway.store.keys.changing import (
    ask,
    list_keys,
    publish,
    revoke,
    rotate,
    sign_request,
    take_in,
)
from gateway.store.keys.folder import make_key, read_pem
from tests.support.key_rings import ISSUER, opened, trusted
from tests.support.scene import NOW, ORIGIN

LEAD = timedelta(hours=24)


@pytest.fixture
def root_key(tmp_path: Path) -> Path:
    """The root's private key, on its medium; ``data`` is the data directory that it signs for."""
    (tmp_path / "data").mkdir()
    init_keys(tmp_path / "data", ISSUER, ORIGIN, NOW, Plan(root_dir=tmp_path / "medium"))
    (found,) = (tmp_path / "medium").glob("root-*.pem")
    return found


@pytest.fixture
def folder(root_key: Path) -> Path:
    """The data directory."""
    return root_key.parent.parent / "data"


def test_the_root_key_is_on_its_medium_alone(folder: Path, root_key: Path) -> None:
    """With what is to be pinned; the data directory starts without it."""
    private = read_pem(root_key)
    assert not list(folder.rglob("root-*.pem"))
    assert (root_key.parent / "root.pub").read_bytes() == (folder / "root.pub").read_bytes()
    assert signer(private).key_id in (folder / "root.pub").read_text("utf-8")
    assert opened(folder).published.version == 1
    assert trusted(folder).issuer == ISSUER


def test_the_first_log_has_the_name_that_was_signed(folder: Path) -> None:
    """It is named in advance, and no second log gets the name."""
    assert reserved_origin(folder) == ORIGIN
    use_origin(folder, ORIGIN)
    assert reserved_origin(folder) is None
    with pytest.raises(StoreError, match="does not list the log new-log and the root"):
        opened(folder, origin="new-log")
    assert reserved_origin(folder) == "new-log"


def test_a_new_log_needs_the_root(folder: Path, root_key: Path) -> None:
    """After the ceremony the start goes through, under the same name."""
    with pytest.raises(StoreError, match="run `dancu keys publish`"):
        opened(folder, origin="new-log")
    take_in(folder, sign_request(ask(folder, NOW, LEAD), root_key), NOW)
    assert opened(folder, origin=reserved_origin(folder) or "").published.version == 2


def test_a_rotation_waits_for_the_root(folder: Path, root_key: Path) -> None:
    """Until then the old key signs, at any time; then the dates of the request hold."""
    old = opened(folder).statement(NOW).key_id
    new = rotate(folder, Role.STATEMENT, NOW, timedelta(seconds=2))
    assert new.state(NOW) is State.UNPUBLISHED
    later = NOW + timedelta(days=5)
    assert opened(folder, later).statement(later).key_id == old
    with pytest.raises(StoreError, match="waits for `dancu keys publish`"):
        rotate(folder, Role.STATEMENT, later, timedelta(seconds=2))
    signed = sign_request(ask(folder, later, LEAD), root_key)
    take_in(folder, signed, later + timedelta(hours=3))
    ring = opened(folder, later)
    assert ring.statement(later + timedelta(hours=23)).key_id == old
    assert ring.statement(later + timedelta(hours=25)).key_id == new.key_id


def test_a_key_set_that_comes_too_late_is_refused(folder: Path, root_key: Path) -> None:
    """The old key would have ended in the past, and what it signed since would not verify."""
    rotate(folder, Role.STATEMENT, NOW, LEAD)
    signed = sign_request(ask(folder, NOW, LEAD), root_key)
    late = NOW + timedelta(days=2)
    with pytest.raises(StoreError, match="comes too late"):
        take_in(folder, signed, late)
    assert trusted(folder).version == 1
    take_in(folder, sign_request(ask(folder, late, LEAD), root_key), late)
    assert trusted(folder, late).version == 2


def test_a_revocation_waits_for_the_root(folder: Path, root_key: Path) -> None:
    """And takes effect with its replacement when it is published."""
    old = opened(folder).statement(NOW).key_id
    revoke(folder, old, NOW, NOW)
    assert trusted(folder).keys[old].revoked_at is None
    take_in(folder, sign_request(ask(folder, NOW, LEAD), root_key), NOW)
    assert trusted(folder).keys[old].revoked_at == from_datetime(NOW)
    assert opened(folder).statement(NOW).key_id != old


def test_what_was_decided_after_the_request_waits_for_the_next(
    folder: Path, root_key: Path
) -> None:
    """A key that is made while the request is away is not lost, and not in use."""
    unsigned = ask(folder, NOW, LEAD)
    new = rotate(folder, Role.STATEMENT, NOW, LEAD)
    take_in(folder, sign_request(unsigned, root_key), NOW)
    book, published = list_keys(folder)
    assert published is not None
    assert book.key(new.key_id).state(NOW) is State.UNPUBLISHED
    assert new.key_id not in {key.key_id for key in published.keys}


def test_a_signed_key_set_is_taken_in_once(folder: Path, root_key: Path) -> None:
    """An older one, or the same again, changes nothing."""
    first = sign_request(ask(folder, NOW, LEAD), root_key)
    take_in(folder, first, NOW)
    with pytest.raises(StoreError, match="not newer than what was published"):
        take_in(folder, first, NOW)
    assert trusted(folder).version == 2


def test_only_the_root_signs(folder: Path, tmp_path: Path, root_key: Path) -> None:
    """A request unsigned, signed by another, or changed after signing is refused."""
    unsigned = ask(folder, NOW, LEAD)
    stranger = make_key(tmp_path, Role.ROOT)
    other = tmp_path / f"root-{stranger.key_id[:16]}.pem"
    with pytest.raises(StoreError, match=f"does not list the root {stranger.key_id}"):
        sign_request(unsigned, other)
    envelope = SignedStatement.FromString(sign_request(unsigned, root_key))
    content = KeySet.FromString(envelope.statement.value)
    content.version += 1
    envelope.statement.value = content.SerializeToString(deterministic=True)
    for offered in (unsigned, envelope.SerializeToString(), b"", b"\xff"):
        with pytest.raises(StoreError, match="the signed key set cannot be used"):
            take_in(folder, offered, NOW)
    assert trusted(folder).version == 1


@pytest.mark.parametrize("junk", [b"", b"\xff", b"root key"])
def test_the_root_signs_key_sets_only(root_key: Path, junk: bytes) -> None:
    """Nothing else that is put before it."""
    with pytest.raises(StoreError, match="the request cannot be signed: the bytes are no key set"):
        sign_request(junk, root_key)


def _edited(folder: Path, root_key: Path, edit: str) -> bytes:
    """A request that was changed on the way to the root, which signs what it is shown."""
    envelope = SignedStatement.FromString(ask(folder, NOW, LEAD))
    content = KeySet.FromString(envelope.statement.value)
    statement = next(key for key in content.keys if key.role == KEY_ROLE_STATEMENT)
    if edit == "dropped":
        content.keys.remove(statement)
    elif edit == "moved":
        statement.not_before.FromDatetime(NOW)
    elif edit == "doubled":
        content.keys.append(statement)
    elif edit == "in another role":
        statement.role = KEY_ROLE_CHECKPOINT
    elif edit == "another's":
        content.issuer = "somebody"
    else:
        extra = make_key(root_key.parent, Role.STATEMENT)
        content.keys.add(
            key_id=extra.key_id, role=statement.role, algorithm=1, public_key=extra.raw
        )
    envelope.statement.value = content.SerializeToString(deterministic=True)
    return sign_request(envelope.SerializeToString(deterministic=True), root_key)


@pytest.mark.parametrize(
    "edit", ["dropped", "moved", "doubled", "in another role", "another's", "smuggled in"]
)
def test_what_comes_back_is_what_was_asked_for(folder: Path, root_key: Path, edit: str) -> None:
    """Keys that were published stay as they were, and none comes from elsewhere."""
    signed = _edited(folder, root_key, edit)
    with pytest.raises(StoreError):
        take_in(folder, signed, NOW)
    assert trusted(folder).version == 1


def test_a_revocation_is_not_taken_back(folder: Path, root_key: Path) -> None:
    """A key set without it is refused, whoever signed it."""
    old = opened(folder).statement(NOW).key_id
    revoke(folder, old, NOW, NOW)
    take_in(folder, sign_request(ask(folder, NOW, LEAD), root_key), NOW)
    envelope = SignedStatement.FromString(ask(folder, NOW, LEAD))
    content = KeySet.FromString(envelope.statement.value)
    next(key for key in content.keys if key.key_id == old).ClearField("revoked_at")
    envelope.statement.value = content.SerializeToString(deterministic=True)
    with pytest.raises(StoreError, match="forgets that"):
        take_in(folder, sign_request(envelope.SerializeToString(), root_key), NOW)


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"\xff")])
def test_a_lost_key_set_needs_the_root(folder: Path, root_key: Path, damage: object) -> None:
    """One line says so; after the ceremony its version is a new one."""
    assert callable(damage)
    damage(folder / "keyset.binpb")
    with pytest.raises(StoreError, match=r"missing or damaged and the root key is offline"):
        opened(folder)
    take_in(folder, sign_request(ask(folder, NOW, LEAD), root_key), NOW)
    assert opened(folder).published.version == 2


def test_an_older_key_set_that_was_put_back_is_told(folder: Path, root_key: Path) -> None:
    """Verifiers would refuse what they are given with it."""
    old = (folder / "keyset.binpb").read_bytes()
    take_in(folder, sign_request(ask(folder, NOW, LEAD), root_key), NOW)
    (folder / "keyset.binpb").write_bytes(old)
    with pytest.raises(StoreError, match="is version 1, but version 2 was published"):
        opened(folder)


def test_a_statement_key_that_is_not_published_does_not_start(folder: Path) -> None:
    """All that the key set lists has ended: the gateway says so instead of signing."""
    envelope = SignedStatement.FromString((folder / "keyset.binpb").read_bytes())
    published = keyset.read(envelope.SerializeToString())
    far = NOW - timedelta(days=2)
    assert all(key.state(far) is not State.ACTIVE for key in published.keys)
    with pytest.raises(StoreError, match="is active now; run `dancu keys publish`"):
        opened(folder, far)


def test_without_the_root_nothing_is_issued(folder: Path) -> None:
    """Publishing on the spot needs it."""
    with pytest.raises(StoreError, match="the root key is offline"):
        publish(folder, NOW)


def test_a_lost_root_pub_is_written_again(folder: Path) -> None:
    """It is public, and keys.json knows it."""
    before = (folder / "root.pub").read_bytes()
    (folder / "root.pub").unlink()
    opened(folder)
    assert (folder / "root.pub").read_bytes() == before


def test_keys_are_made_once(folder: Path, tmp_path: Path) -> None:
    """A second time is refused, and leaves nothing on the medium."""
    with pytest.raises(StoreError, match="holds keys already"):
        init_keys(folder, ISSUER, "other", NOW, Plan(root_dir=tmp_path / "second"))
    assert not (tmp_path / "second").exists()


def test_a_chosen_algorithm_stays(tmp_path: Path) -> None:
    """P-256 for statements, also after a rotation; checkpoints and root stay Ed25519."""
    init_keys(tmp_path, ISSUER, ORIGIN, NOW, Plan(Algorithm.ES256))
    rotate(tmp_path, Role.STATEMENT, NOW, timedelta(seconds=2))
    rotate(tmp_path, Role.CHECKPOINT, NOW, timedelta(seconds=2))
    found = {(key.role.name, key.algorithm.name) for key in list_keys(tmp_path)[0].keys}
    assert found == {("ROOT", "ED25519"), ("STATEMENT", "ES256"), ("CHECKPOINT", "ED25519")}
    assert len(trusted(tmp_path).keys) == 5
