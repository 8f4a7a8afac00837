"""What ``keys.json`` says: every key ever made, and what the next key set shall say of it.

Pure: each change is a new book. Dates are given when a key set tells of them, not before:
a key whose dates nobody could know would make answers that nobody can verify.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from gateway.core.signing import Algorithm, PublicKey, Role, State
from gateway.store.errors import StoreError

FORMAT = 1
# a clock that jumps back by hours must not make answers older than their key
BACKDATED = timedelta(days=1)
# the former key is good for this long beside the new one: clocks of two gateways differ
OVERLAP = timedelta(seconds=60)

_GONE = (State.RETIRED, State.REVOKED)


@dataclass(frozen=True, slots=True)
class Book:
    """Every key ever made. Keys are never deleted."""

    issuer: str
    keys: tuple[PublicKey, ...]
    version: int = 0  # the highest that a key set of this book has
    offline_root: bool = False
    reserved_origin: str | None = None  # named in advance, no log has it yet

    @property
    def roots(self) -> tuple[PublicKey, ...]:
        """What verifiers pin."""
        return tuple(key for key in self.keys if key.role is Role.ROOT)

    def key(self, key_id: str) -> PublicKey:
        """The key with this id, or the only one whose id begins so.

        Raises:
            StoreError: there is none, or several.
        """
        found = [key for key in self.keys if key.key_id.startswith(key_id)]
        if len(found) != 1:
            raise StoreError(f"{len(found)} keys have an id that begins with {key_id!r}")
        return found[0]

    def names(self, origin: str) -> bool:
        """Whether a key signs for the log."""
        return any(origin in key.note_names for key in self.keys)

    def with_key(self, key: PublicKey) -> Book:
        """With a new key; one for checkpoints signs for the latest log."""
        origins = [each.note_names[-1] for each in self.keys if each.note_names]
        if key.role is Role.CHECKPOINT:
            key = replace(key, note_names=tuple(origins[-1:]))
        return replace(self, keys=(*self.keys, key))

    def with_origin(self, origin: str, now: datetime) -> Book:
        """With a log's name among those that the checkpoint keys sign under."""

        def named(key: PublicKey) -> PublicKey:
            if key.role is not Role.CHECKPOINT or key.state(now) in _GONE:
                return key
            return replace(key, note_names=(*key.note_names, origin))

        return replace(self, keys=tuple(map(named, self.keys)), reserved_origin=origin)

    def revoking(self, key_id: str, at: datetime) -> Book:
        """With a key that is not to be trusted from ``at`` on."""
        gone = replace(self.key(key_id), revoked_at=at)
        return replace(
            self, keys=tuple(gone if key.key_id == gone.key_id else key for key in self.keys)
        )

    def lasting(self, role: Role, now: datetime) -> list[PublicKey]:
        """Keys of a role that sign now, or will as soon as published, with no end in sight."""
        return [
            key
            for key in self.keys
            if key.role is role
            and (key.not_after, key.revoked_at) == (None, None)
            and (key.not_before is None or key.not_before <= now)
        ]

    def dated(self, now: datetime, lead: timedelta) -> Book:
        """With dates for the keys that have none.

        A key that follows another takes over after ``lead``, so that everybody knows of it
        first. One that nobody stands in for is active at once, and backdated.
        """
        keys = {key.key_id: key for key in self.keys}
        for key in self.keys:
            if key.not_before is not None:
                continue
            former = [one for one in self.lasting(key.role, now) if one.not_before is not None]
            start = _whole_seconds(now + lead) if former else first_moment(now)
            keys[key.key_id] = replace(key, not_before=start)
            for one in former:
                keys[one.key_id] = replace(one, not_after=start + OVERLAP)
        return replace(self, keys=tuple(keys.values()))

    def reconciled(self, version: int, published: Iterable[PublicKey]) -> Book:
        """With what a key set of this version has told: its dates stand, and its keys."""
        if version < self.version:
            return self
        told = {key.key_id: key for key in published}
        keys = [_as_told(key, told.pop(key.key_id, None)) for key in self.keys]
        return replace(self, keys=(*keys, *told.values()), version=version)

    def to_json(self) -> str:
        """The content of ``keys.json``."""
        book = {
            "format": FORMAT,
            "issuer": self.issuer,
            "key_set_version": self.version,
            "offline_root": self.offline_root,
            "reserved_origin": self.reserved_origin,
            "keys": [_key_to_json(key) for key in self.keys],
        }
        return json.dumps(book, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Book:
        """Read ``keys.json``.

        Raises:
            StoreError: another format.
            ValueError, KeyError, TypeError: damaged.
        """
        raw = json.loads(text)
        if raw["format"] != FORMAT:
            raise StoreError(f"keys.json has format {raw['format']}, this dancu reads {FORMAT}")
        return cls(
            raw["issuer"],
            tuple(_key_from_json(key) for key in raw["keys"]),
            raw["key_set_version"],
            raw.get("offline_root", False),
            raw.get("reserved_origin"),
        )


def first_moment(now: datetime) -> datetime:
    """From when a key is active that is needed at once."""
    return (now - BACKDATED).replace(microsecond=0)


def _whole_seconds(moment: datetime) -> datetime:
    """Not before this moment."""
    return (moment + timedelta(seconds=1, microseconds=-1)).replace(microsecond=0)


def _as_told(key: PublicKey, told: PublicKey | None) -> PublicKey:
    """A key with what a key set says of it, and what only the book knows yet."""
    if told is None:
        return key
    return replace(
        key,
        not_before=told.not_before,
        not_after=told.not_after,
        revoked_at=key.revoked_at or told.revoked_at,
        note_names=tuple(dict.fromkeys((*told.note_names, *key.note_names))),
    )


def _key_to_json(key: PublicKey) -> dict[str, Any]:
    return {
        "key_id": key.key_id,
        "role": key.role.name,
        "algorithm": key.algorithm.name,
        "public_key": base64.b64encode(key.raw).decode(),
        "not_before": key.not_before.isoformat() if key.not_before else None,
        "not_after": key.not_after.isoformat() if key.not_after else None,
        "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
        "note_names": list(key.note_names),
    }


def _key_from_json(raw: dict[str, Any]) -> PublicKey:
    return PublicKey(
        raw["key_id"],
        Role[raw["role"]],
        base64.b64decode(raw["public_key"]),
        _moment(raw["not_before"]),
        _moment(raw["not_after"]),
        _moment(raw["revoked_at"]),
        tuple(raw["note_names"]),
        Algorithm[raw.get("algorithm", Algorithm.ED25519.name)],
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
