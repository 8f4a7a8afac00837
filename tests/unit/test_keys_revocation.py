"""Revocation: what is lost, and that nothing more is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from clients.receipts.times import from_datetime
from gateway.core.signing import PublicKey, Role, State
from gateway.store.errors import StoreError
from gateway.store.keys import load_or_create
from gateway.store.keys.changing import list_keys, revoke, rotate
from tests.support.key_rings import ISSUER, LEAD, keys_of, opened, trusted
from tests.support.scene import NOW, ORIGIN


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data directory with keys."""
    load_or_create(tmp_path, ISSUER, ORIGIN, NOW)
    return tmp_path


def test_a_revoked_key_is_followed_at_once(folder: Path) -> None:
    """By a new one, backdated, so that a clock put back does not bring the old one back."""
    (old,) = keys_of(folder, Role.STATEMENT)
    since = NOW - timedelta(hours=3)
    revoke(folder, old.key_id[:10], since, NOW)
    old, new = keys_of(folder, Role.STATEMENT)
    assert (old.state(NOW), new.state(NOW)) == (State.REVOKED, State.ACTIVE)
    assert trusted(folder).keys[old.key_id].revoked_at == from_datetime(since)
    ring = opened(folder)
    for at in (NOW, since - timedelta(hours=1), NOW + timedelta(days=1)):
        assert ring.statement(at).key_id == new.key_id


def test_a_revoked_successor_does_not_end_its_role(folder: Path) -> None:
    """The former key has an end already, so another one follows."""
    new = rotate(folder, Role.STATEMENT, NOW, LEAD)
    revoke(folder, new.key_id, NOW, NOW)
    late = NOW + timedelta(days=30)
    assert opened(folder).statement(late).key_id == keys_of(folder, Role.STATEMENT)[-1].key_id


def test_revoking_what_is_not_in_use_makes_no_key(folder: Path) -> None:
    """A retired key is revoked, and the active one goes on."""
    old, new = keys_of(folder, Role.STATEMENT)[0], rotate(folder, Role.STATEMENT, NOW, LEAD)
    late = NOW + timedelta(days=1)
    revoke(folder, old.key_id, late, late)
    assert [key.key_id for key in keys_of(folder, Role.STATEMENT)] == [old.key_id, new.key_id]
    assert opened(folder, late).statement(late).key_id == new.key_id


def test_a_key_revoked_before_its_successors_time_leaves_no_gap(folder: Path) -> None:
    """Until the published successor takes over, a third key signs."""
    (old,) = keys_of(folder, Role.STATEMENT)
    planned = rotate(folder, Role.STATEMENT, NOW, timedelta(days=1))
    revoke(folder, old.key_id, NOW, NOW)
    ring = opened(folder)
    assert ring.statement(NOW).key_id not in (old.key_id, planned.key_id)
    assert ring.statement(NOW + timedelta(days=2)).key_id == planned.key_id


@pytest.mark.parametrize(
    ("which", "at", "complaint"),
    [
        (lambda _keys: "no-such-key", NOW, "0 keys have an id"),
        (lambda _keys: "", NOW, "3 keys have an id"),
        (lambda keys: keys[0].key_id, NOW, "a root cannot be revoked"),
        (lambda keys: keys[1].key_id, NOW + timedelta(seconds=1), "not from later"),
    ],
    ids=["unknown", "ambiguous", "root", "later"],
)
def test_revoking_needs_a_key_and_a_moment(
    folder: Path, which: Callable[[tuple[PublicKey, ...]], str], at: datetime, complaint: str
) -> None:
    """What cannot be revoked is told, and nothing changes."""
    before = (folder / "keys" / "keys.json").read_bytes()
    with pytest.raises(StoreError, match=complaint):
        revoke(folder, which(list_keys(folder)[0].keys), at, NOW)
    assert (folder / "keys" / "keys.json").read_bytes() == before


def test_a_key_is_revoked_once(folder: Path) -> None:
    """A second date would say that the first was wrong."""
    (old,) = keys_of(folder, Role.STATEMENT)
    revoke(folder, old.key_id, NOW, NOW)
    with pytest.raises(StoreError, match="is revoked since 2026-03-04T05:06:07Z"):
        revoke(folder, old.key_id, NOW, NOW)
