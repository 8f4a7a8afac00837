"""Rotating and revoking keys, and publishing what was changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from gateway.core.signing import Algorithm, PublicKey, Role, State, signer
from gateway.store.errors import StoreError
from gateway.store.keys import keyset, publishing
from gateway.store.keys.book import Book
from gateway.store.keys.folder import KeyFolder, locked, make_key, read_pem
from gateway.store.keys.keyset import KeySetError, Published
from gateway.store.keys.opening import read_book


def list_keys(data_dir: Path) -> tuple[Book, Published | None]:
    """Every key, and the key set that is published.

    Raises:
        StoreError: there are no keys, or they cannot be read.
    """
    with locked(data_dir) as folder:
        book = read_book(folder)
        return book, folder.published(book)


def rotate(data_dir: Path, role: Role, now: datetime, lead: timedelta) -> PublicKey:
    """Make the successor of a role's key.

    With the root at hand it is published at once, takes over after ``lead``, and the former
    one retires. With an offline root it waits for that.

    Raises:
        StoreError: a rotation is under way, or a file cannot be read or written.
    """
    with locked(data_dir) as folder:
        book = read_book(folder)
        for key in book.keys:
            state = key.state(now)
            if key.role is role and state in (State.UNPUBLISHED, State.PUBLISHED):
                when = (
                    f"takes over at {key.not_before:%Y-%m-%dT%H:%M:%SZ}"
                    if key.not_before
                    else ("waits for `dancu keys publish`")
                )
                raise StoreError(f"the key {key.key_id} {when}; rotate again after that")
        return _with_successor(folder, book, role, now, lead)


def revoke(data_dir: Path, key_id: str, at: datetime, now: datetime) -> Book:
    """Revoke a key from now, or from a past moment on.

    If its role is left without a key, a new one is made that is active as soon as published.

    Raises:
        StoreError: no such key, a root, revoked before, or a moment to come.
    """
    with locked(data_dir) as folder:
        book = read_book(folder)
        key = book.key(key_id)
        if key.role is Role.ROOT:
            raise StoreError("a root cannot be revoked by itself: begin a new data directory")
        if key.revoked_at is not None:
            raise StoreError(f"{key.key_id} is revoked since {key.revoked_at:%Y-%m-%dT%H:%M:%SZ}")
        if at > now:
            raise StoreError("a key is revoked from now or from the past on, not from later")
        book = book.revoking(key.key_id, at)
        if not book.lasting(key.role, now):
            book = book.with_key(make_key(folder.private_dir, key.role, key.algorithm))
        return _publish_or_keep(folder, book, now, publishing.LEAD)


def publish(data_dir: Path, now: datetime) -> Book:
    """Issue a new key set with the root that is here, also when nothing was changed.

    Raises:
        StoreError: the root is offline, or a file cannot be read or written.
    """
    with locked(data_dir) as folder:
        book = read_book(folder)
        if book.offline_root:
            raise StoreError(
                "the root key is offline; give it with --root-key, or ask for a request"
            )
        return publishing.issue(folder, book, now)


def ask(data_dir: Path, now: datetime, lead: timedelta) -> bytes:
    """A request for a key set, to be signed within ``lead``.

    Raises:
        StoreError: a file cannot be read.
    """
    with locked(data_dir) as folder:
        return publishing.ask(folder, read_book(folder), now, lead)


def sign_request(unsigned: bytes, root_key: Path) -> bytes:
    """Sign a request with a root key's file.

    Raises:
        StoreError: it is no request of this root's, or the file is no private key.
    """
    try:
        return keyset.sign(unsigned, signer(read_pem(root_key)))
    except OSError as error:
        raise StoreError(f"cannot read {root_key}: {error}") from error
    except KeySetError as error:
        raise StoreError(f"the request cannot be signed: {error}") from error


def take_in(data_dir: Path, envelope: bytes, now: datetime) -> Book:
    """Publish a key set that came back signed. Raises StoreError, see ``publishing``."""
    with locked(data_dir) as folder:
        return publishing.take_in(folder, read_book(folder), envelope, now)


def _with_successor(
    folder: KeyFolder, book: Book, role: Role, now: datetime, lead: timedelta
) -> PublicKey:
    key = make_key(folder.private_dir, role, _algorithm(book, role))
    return _publish_or_keep(folder, book.with_key(key), now, lead).key(key.key_id)


def _algorithm(book: Book, role: Role) -> Algorithm:
    """That of the newest key of the role."""
    return [key.algorithm for key in book.keys if key.role is role][-1]


def _publish_or_keep(folder: KeyFolder, book: Book, now: datetime, lead: timedelta) -> Book:
    """Publish a changed book, or keep it until an offline root has signed."""
    if not book.offline_root:
        return publishing.issue(folder, book, now, lead)
    folder.write_book(book)
    return book
