"""Key sets: issued where the root is at hand, or asked for, signed elsewhere and taken in.

With an offline root: (1) ``ask`` on the gateway's machine, (2) ``keyset.sign`` on the root's,
(3) ``take_in`` on the gateway's.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from gateway.core.signing import Algorithm, PublicKey, Role, signer
from gateway.store.errors import StoreError
from gateway.store.keys import keyset
from gateway.store.keys.book import Book
from gateway.store.keys.folder import KeyFolder
from gateway.store.keys.keyset import KeySetError, Published

KEY_SET_RENEWAL = timedelta(days=90)  # left when a start issues a new one
LEAD = timedelta(seconds=10)  # from publishing a key to its first signature


def must_issue(book: Book, published: Published | None, now: datetime) -> bool:
    """Whether the key set is lost, behind the book, or expires soon."""
    return (
        published is None
        or published.version < book.version
        or not keyset.same(published.keys, book.keys)
        or now > published.expires_at - KEY_SET_RENEWAL
    )


def issue(folder: KeyFolder, book: Book, now: datetime, lead: timedelta = LEAD) -> Book:
    """Sign a key set of the book with the root of this data directory.

    Whatever dies in between, no version is given twice and no date is lost: the number is
    written first, then the key set with the dates, which the next to open the book reads back.
    """
    numbered = replace(book, version=book.version + 1)
    folder.write_book(numbered)
    envelope = keyset.request(numbered.dated(now, lead), now)
    for root in book.roots:
        envelope = keyset.sign(envelope, signer(folder.read_private(root)))
    return _write(folder, numbered, keyset.read(envelope))


def ask(folder: KeyFolder, book: Book, now: datetime, lead: timedelta) -> bytes:
    """A key set to be signed elsewhere, and taken in within ``lead``: then new keys take over."""
    numbered = replace(book, version=_next_version(folder, book))
    return keyset.request(numbered.dated(now, lead), now)


def take_in(folder: KeyFolder, book: Book, envelope: bytes, now: datetime) -> Book:
    """Publish a key set that came back signed.

    Raises:
        StoreError: it is not signed by the root, not newer, or drops, changes or forgets what
            was published; or it came so late that answers given since would not verify.
    """
    try:
        offered = keyset.read_signed(envelope, book.roots)
    except KeySetError as error:
        raise StoreError(f"the signed key set cannot be used: {error}") from error
    if offered.version < _next_version(folder, book) or offered.issuer != book.issuer:
        raise StoreError(
            f"the signed key set is version {offered.version} of {offered.issuer}, not newer "
            "than what was published; run `dancu keys publish` for a new request"
        )
    published = folder.published(book)
    for key in published.keys if published else ():
        _check_kept(key, offered, now)
    _check_made_here(book, offered)
    return _write(folder, book, offered)


def _next_version(folder: KeyFolder, book: Book) -> int:
    published = folder.published(book)
    return max(book.version, published.version if published else 0) + 1


def _check_made_here(book: Book, offered: Published) -> None:
    """A key from elsewhere would sign in our name, and one twice would spoil the key set."""
    made = {_identity(key) for key in book.keys}
    told = [_identity(key) for key in offered.keys]
    if len(set(told)) < len(told) or not made.issuperset(told):
        raise StoreError("the signed key set lists a key twice, or one that was not made here")


def _identity(key: PublicKey) -> tuple[str, Role, Algorithm, bytes]:
    return key.key_id, key.role, key.algorithm, key.raw


def _check_kept(key: PublicKey, offered: Published, now: datetime) -> None:
    kept = {each.key_id: each for each in offered.keys}.get(key.key_id)
    if kept is None or (kept.raw, kept.not_before) != (key.raw, key.not_before):
        raise StoreError(f"the signed key set drops or changes the key {key.key_id}")
    if key.revoked_at and kept.revoked_at != key.revoked_at:
        raise StoreError(f"the signed key set forgets that {key.key_id} is revoked")
    if kept.not_after != key.not_after and (kept.not_after is None or kept.not_after <= now):
        raise StoreError(
            f"the signed key set comes too late: {key.key_id} was to end at {kept.not_after} "
            "and has signed since; run `dancu keys publish` for a new request"
        )


def _write(folder: KeyFolder, book: Book, published: Published) -> Book:
    folder.write_key_set(published.envelope)
    told = book.reconciled(published.version, published.keys)
    folder.write_book(told)
    folder.write_roots(told)
    return told
