"""Keys as an operator sees them: a table, JSON, and a JWK set."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from gateway.core.signing import Algorithm, PublicKey, jwk
from gateway.store.keys import keyset
from gateway.store.keys.book import Book
from gateway.store.keys.keyset import Published

DATES = "%Y-%m-%d %H:%M:%SZ"
_ALGORITHM_NAMES = {Algorithm.ED25519: "EdDSA", Algorithm.ES256: "ES256"}  # RFC 8037, RFC 7518


def show(book: Book, published: Published | None) -> None:
    """Every key as a table, and what is published of them."""
    show_keys(book.keys)
    if published is None:
        say("there is no key set: run `dancu keys publish`")
        return
    say(f"key set version {published.version}, expires {published.expires_at.strftime(DATES)}")
    if not keyset.same(book.keys, published.keys):
        say("not all of this is published: run `dancu keys publish`")


def show_keys(shown: Sequence[PublicKey]) -> None:
    """Keys as a table, with the states of now."""
    now = datetime.now(UTC)
    table = Table("role", "state", "key", "algorithm", "from", "until", "revoked", box=None)
    for key in shown:
        dates = map(_date, (key.not_before, key.not_after, key.revoked_at))
        table.add_row(key.role.name.lower(), key.state(now), key.key_id, key.algorithm.name, *dates)
    Console(highlight=False, width=200).print(table)


def to_json(book: Book, published: Published | None) -> dict[str, Any]:
    """All that ``show`` shows, for scripts."""
    now = datetime.now(UTC)
    return {
        "issuer": book.issuer,
        "offline_root": book.offline_root,
        "key_set_version": published.version if published else None,
        "key_set_expires_at": published.expires_at.isoformat() if published else None,
        "all_published": published is not None and keyset.same(book.keys, published.keys),
        "keys": [
            {
                "key_id": key.key_id,
                "role": key.role.name,
                "state": key.state(now),
                "algorithm": key.algorithm.name,
                "not_before": key.not_before.isoformat() if key.not_before else None,
                "not_after": key.not_after.isoformat() if key.not_after else None,
                "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
                "note_names": list(key.note_names),
            }
            for key in book.keys
        ],
    }


def jwk_set(published: Published) -> dict[str, Any]:
    """The keys that are not revoked, by RFC 7517."""
    return {"keys": [_jwk(key) for key in published.keys if key.revoked_at is None]}


def say(line: str) -> None:
    """A remark, beside the output."""
    sys.stderr.write(line + "\n")


def _jwk(key: PublicKey) -> dict[str, str]:
    return {
        **jwk(key.raw, key.algorithm),
        "kid": key.key_id,
        "use": "sig",
        "alg": _ALGORITHM_NAMES[key.algorithm],
        "role": key.role.name,
    }


def _date(moment: datetime | None) -> str:
    return moment.strftime(DATES) if moment else ""
