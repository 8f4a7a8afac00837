"""Rotation and revocation: which key signs at which moment, and what the world knows of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from clients.receipts import (
    Refusal,
    RefusedError,
    RollbackState,
    Trust,
    read_roots,
)
from clients.receipts.times import from_datetime
from gateway.core.errors import Unavailable
from gateway.core.signing import Role, State
from gateway.store.errors import StoreError
from gateway.store.keys import KeyRing, LiveKeys, checkpoint_keys, load_or_create
from gateway.store.keys.book import BACKDATED, OVERLAP, Book
from gateway.store.keys.changing import list_keys, publish, rotate
from gateway.store.keys.folder import KeyFolder
from gateway.store.keys.keyset import KEY_SET_LIFE
from gateway.store.keys.ring import make_ring
from tests.support.key_rings import ISSUER, LEAD, keys_of, opened, trusted
from tests.support.scene import NOW, ORIGIN

TAKEN_OVER = LEAD + timedelta(seconds=1)  # dates are whole seconds, and not before the lead
ROLES = [Role.STATEMENT, Role.CHECKPOINT]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data directory with keys."""
    load_or_create(tmp_path, ISSUER, ORIGIN, NOW)
    return tmp_path


def active(ring: KeyRing, role: Role, at: datetime) -> str:
    """Who signs at a moment."""
    return (ring.statement if role is Role.STATEMENT else ring.checkpoint)(at).key_id


@pytest.mark.parametrize("role", ROLES)
def test_the_new_key_is_published_before_it_signs(folder: Path, role: Role) -> None:
    """In the key set at once; the old one signs until the new one's first moment."""
    before = active(opened(folder), role, NOW)
    new = rotate(folder, role, NOW, LEAD)
    assert new.key_id in trusted(folder).keys
    assert trusted(folder).version == 2
    assert new.not_before is not None
    assert NOW + LEAD <= new.not_before < NOW + TAKEN_OVER
    ring = opened(folder)
    assert active(ring, role, new.not_before - timedelta(microseconds=1)) == before
    assert active(ring, role, new.not_before) == new.key_id
    assert active(ring, role, new.not_before + timedelta(days=300)) == new.key_id


@pytest.mark.parametrize("role", ROLES)
def test_who_signs_lies_within_its_dates_wherever_the_clock_is(folder: Path, role: Role) -> None:
    """After three rotations, at any moment of the days around."""
    at = NOW
    for _ in range(3):
        rotate(folder, role, at, LEAD)
        at += timedelta(hours=5)
    ring = opened(folder, at)
    dates = {key.key_id: key for key in keys_of(folder, role)}
    signed = set()
    for minutes in range(-23 * 60, 48 * 60, 7):
        moment = NOW + timedelta(minutes=minutes)
        key = dates[active(ring, role, moment)]
        assert key.state(moment) is State.ACTIVE
        signed.add(key.key_id)
    assert signed == dates.keys()


def test_no_key_signs_before_its_time(folder: Path) -> None:
    """A clock that is put back by more than the backdating finds no key, and nothing is signed."""
    ring = opened(folder)
    with pytest.raises(Unavailable) as caught:
        ring.statement(NOW - BACKDATED - timedelta(seconds=1))
    assert caught.value.reason == "NO_ACTIVE_KEY"


def test_a_start_with_such_a_clock_is_refused(folder: Path) -> None:
    """One line that names the clock, before anything listens."""
    with pytest.raises(StoreError, match=r"is active now; is the clock right\?"):
        opened(folder, NOW - timedelta(days=3))


def test_states_follow_from_dates(folder: Path) -> None:
    """Published, active, retired: nothing but time passes between them."""
    new = rotate(folder, Role.STATEMENT, NOW, LEAD)
    old, _ = keys_of(folder, Role.STATEMENT)
    assert new.not_before is not None
    assert old.not_after == new.not_before + OVERLAP
    late = new.not_before + OVERLAP + timedelta(seconds=1)
    moments = [NOW, new.not_before, late]
    assert [old.state(at) for at in moments] == [State.ACTIVE, State.ACTIVE, State.RETIRED]
    assert [new.state(at) for at in moments] == [State.PUBLISHED, State.ACTIVE, State.ACTIVE]
    assert replace(new, not_before=None).state(NOW) is State.UNPUBLISHED


def test_keys_are_never_deleted(folder: Path) -> None:
    """Neither from the key set nor from the disk."""
    at = NOW
    for role in ROLES * 3:
        rotate(folder, role, at, LEAD)
        at += timedelta(minutes=5)
    assert len(trusted(folder, at).keys) == 1 + 2 + 6
    assert len(list((folder / "keys").glob("*.pem"))) == 1 + 2 + 6


def test_a_rotation_ends_before_the_next_begins(folder: Path) -> None:
    """A second one says when; after that it goes through."""
    new = rotate(folder, Role.STATEMENT, NOW, LEAD)
    with pytest.raises(StoreError, match=rf"{new.key_id} takes over at 2026-03-04T05:06:18Z"):
        rotate(folder, Role.STATEMENT, NOW, LEAD)
    rotate(folder, Role.CHECKPOINT, NOW, LEAD)
    rotate(folder, Role.STATEMENT, NOW + TAKEN_OVER, LEAD)


def test_a_new_checkpoint_key_signs_for_the_log_that_is(folder: Path) -> None:
    """Both keys stand for its checkpoints, and the old one alone for a former log's."""
    load_or_create(folder, ISSUER, "dancu-simulator/log/new", NOW)
    rotate(folder, Role.CHECKPOINT, NOW, LEAD)
    assert len(checkpoint_keys(folder, "dancu-simulator/log/new")) == 2
    assert len(checkpoint_keys(folder, ORIGIN)) == 1
    assert len(trusted(folder).checkpoint_keys("dancu-simulator/log/new")) == 2


def test_a_retired_keys_file_may_be_gone(folder: Path) -> None:
    """It signs no more; one that has no end must be there."""
    old = keys_of(folder, Role.STATEMENT)[0]
    new = rotate(folder, Role.STATEMENT, NOW, LEAD)
    (folder / "keys" / f"statement-{old.key_id[:16]}.pem").unlink()
    late = NOW + timedelta(days=2)
    assert opened(folder, late).statement(late).key_id == new.key_id
    (folder / "keys" / f"statement-{new.key_id[:16]}.pem").unlink()
    with pytest.raises(StoreError, match=f"statement-{new.key_id[:16]}"):
        opened(folder, late)


def test_a_rotation_that_died_halfway_loses_no_answer(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not published: the old key signs on; later its successor's dates begin anew."""
    (old,) = keys_of(folder, Role.STATEMENT)

    def die(_self: KeyFolder, _envelope: bytes) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(KeyFolder, "write_key_set", die)
        with pytest.raises(StoreError, match="disk full"):
            rotate(folder, Role.STATEMENT, NOW, LEAD)
    assert trusted(folder).version == 1
    later = NOW + timedelta(days=9)
    ring = opened(folder, later)
    assert trusted(folder, later).version == 3  # 2 may have been seen by somebody
    assert ring.statement(later).key_id == old.key_id
    _, new = keys_of(folder, Role.STATEMENT)
    assert new.state(later) is State.PUBLISHED
    assert new.state(later + timedelta(minutes=1)) is State.ACTIVE


def test_dates_that_were_published_are_read_back(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Died after the key set: what verifiers were told is what the book says from then on."""
    written = KeyFolder.write_book

    def die_at_the_end(self: KeyFolder, book: Book) -> None:
        if all(key.not_before for key in book.keys):
            raise OSError("disk full")
        written(self, book)

    with monkeypatch.context() as patch:
        patch.setattr(KeyFolder, "write_book", die_at_the_end)
        with pytest.raises(StoreError, match="disk full"):
            rotate(folder, Role.STATEMENT, NOW, LEAD)
    told = trusted(folder)
    assert told.version == 2
    assert opened(folder).published.version == 2
    (folder / "keyset.binpb").unlink()
    opened(folder)  # signed again, from the book alone
    for key in keys_of(folder, Role.STATEMENT):
        assert key.not_before is not None
        assert told.keys[key.key_id].not_before == from_datetime(key.not_before)


def test_publishing_renews_a_key_set(folder: Path) -> None:
    """Without a restart: the same keys, another year."""
    later = NOW + timedelta(days=200)
    publish(folder, later)
    assert trusted(folder, later).version == 2
    assert trusted(folder, later).expires_at == from_datetime(later + KEY_SET_LIFE)
    assert opened(folder, later).statement(later).key_id == opened(folder).statement(NOW).key_id


def test_a_running_gateway_takes_over_what_changed(folder: Path) -> None:
    """Asked again, it has the new key set and its signers."""
    live = LiveKeys(folder, opened(folder))
    assert live.ring().published.version == 1
    new = rotate(folder, Role.STATEMENT, NOW, LEAD)
    assert live.ring().published.version == 2
    assert live.ring().statement(NOW + TAKEN_OVER).key_id == new.key_id
    assert live.ring() is live.ring()


def _older(path: Path) -> None:
    path.with_suffix(".old").replace(path)


def _foreign(path: Path) -> None:
    other = path.parent / "other"
    other.mkdir()
    load_or_create(other, ISSUER, ORIGIN, NOW)
    rotate(other, Role.STATEMENT, NOW, LEAD)
    rotate(other, Role.CHECKPOINT, NOW, LEAD)
    (other / "keyset.binpb").replace(path)


@pytest.mark.parametrize(
    "spoil",
    [Path.unlink, lambda path: path.write_bytes(b"\xff\xff"), _older, _foreign],
    ids=["gone", "damaged", "older", "another root's"],
)
def test_a_running_gateway_keeps_what_it_has(folder: Path, spoil: Callable[[Path], object]) -> None:
    """A key set that is gone, damaged, older or of another root changes nothing."""
    path = folder / "keyset.binpb"
    path.with_suffix(".old").write_bytes(path.read_bytes())
    rotate(folder, Role.STATEMENT, NOW, LEAD)
    ring = opened(folder)
    live = LiveKeys(folder, ring)
    live.ring()
    spoil(path)
    assert live.ring() is ring


def test_a_ring_signs_only_with_keys_of_its_key_set(folder: Path) -> None:
    """A private key that no key set lists yet is not in it, wherever its file is."""
    published = list_keys(folder)[1]
    assert published is not None
    rotate(folder, Role.STATEMENT, NOW, LEAD)
    ring = make_ring(published, KeyFolder(folder).read_private)
    assert {key.key_id for key, _ in ring.signers} < {key.key_id for key in published.keys}


def test_an_older_key_set_is_refused_by_who_saw_the_newer(folder: Path, tmp_path: Path) -> None:
    """``--state``, with key sets that were really rotated."""
    trust = Trust(roots=read_roots((folder / "root.pub").read_text("utf-8")))
    old = (folder / "keyset.binpb").read_bytes()
    rotate(folder, Role.STATEMENT, NOW, LEAD)
    new = (folder / "keyset.binpb").read_bytes()
    state = RollbackState(tmp_path / "state")
    assert state.load_key_set(old, trust, NOW).version == 1
    assert state.load_key_set(new, trust, NOW).version == 2
    with pytest.raises(RefusedError) as caught:
        RollbackState(tmp_path / "state").load_key_set(old, trust, NOW)
    assert caught.value.refusal is Refusal.KEYSET_ROLLBACK
