"""Making keys and opening them: what a start and ``dancu keys init`` do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from gateway.core.errors import Unavailable
from gateway.core.signing import Algorithm, Role, signer
from gateway.store.errors import StoreError
from gateway.store.keys import keyset, publishing
from gateway.store.keys.book import Book, first_moment
from gateway.store.keys.folder import (
    ROOT_FILE,
    KeyFolder,
    file_name,
    locked,
    make_key,
    read_pem,
    replace_file,
    root_lines,
    write_private,
)
from gateway.store.keys.ring import KeyRing, make_ring


@dataclass(frozen=True, slots=True)
class Plan:
    """What keys to make."""

    statement_algorithm: Algorithm = Algorithm.ED25519
    root_dir: Path | None = None  # where the root's private key goes; None = to the others


def init_keys(data_dir: Path, issuer: str, origin: str, now: datetime, plan: Plan) -> Book:
    """Make the keys of a data directory, and its first key set, which lists a log to come.

    Raises:
        StoreError: there are keys already, or a file cannot be written.
    """
    with locked(data_dir) as folder:
        if folder.private_dir.exists():
            raise StoreError(f"{folder.private_dir} holds keys already; they are never replaced")
        _create(folder, issuer, now, plan)
        book = folder.read_book().with_origin(origin, now)
        folder.write_book(book)
        if plan.root_dir is None:
            return publishing.issue(folder, book, now)
        (root,) = book.roots
        private = read_pem(plan.root_dir / file_name(root))
        unsigned = publishing.ask(folder, book, now, publishing.LEAD)
        return publishing.take_in(folder, book, keyset.sign(unsigned, signer(private)), now)


def load_or_create(data_dir: Path, issuer: str, origin: str, now: datetime) -> KeyRing:
    """Open the keys of a data directory, making them on first run.

    Where the root is, the key set is signed anew when it is lost or damaged, when ``origin``
    or a key is not in it yet, or when it expires soon; a lost ``root.pub`` is written again.

    Raises:
        StoreError: a file is missing, damaged, of another version, or cannot be written; or
            the root is offline and has to sign first.
    """
    with locked(data_dir) as folder:
        if not folder.private_dir.exists():
            _create(folder, issuer, now, Plan())
        book = read_book(folder)
        if not book.names(origin):
            book = book.with_origin(origin, now)
            folder.write_book(book)
        if not book.offline_root:
            book = _with_root(folder, book, now)
        if not folder.root_path.exists():
            folder.write_roots(book)
        ring = _open_ring(folder, book, origin)
        _check_active(ring, book, now)
        return ring


def read_book(folder: KeyFolder) -> Book:
    """The book, with what the key set tells, kept from now on. Raises StoreError, OSError."""
    book = folder.read_book()
    published = folder.published(book)
    told = book.reconciled(published.version, published.keys) if published else book
    if told != book:
        folder.write_book(told)
    return told


def reserved_origin(data_dir: Path) -> str | None:
    """The name that the key set already lists for the next log; None if it lists none.

    Raises:
        StoreError: ``keys.json`` cannot be read.
    """
    with locked(data_dir) as folder:
        return folder.read_book().reserved_origin if folder.private_dir.exists() else None


def use_origin(data_dir: Path, origin: str) -> None:
    """Remember, before anything is answered, that a log has this name: no other takes it.

    Raises:
        StoreError: ``keys.json`` cannot be read or written.
    """
    with locked(data_dir) as folder:
        book = folder.read_book()
        if book.reserved_origin == origin:
            folder.write_book(replace(book, reserved_origin=None))


def checkpoint_keys(data_dir: Path, origin: str) -> tuple[bytes, ...]:
    """The public keys, 32 bytes each, that sign or signed the checkpoints of a log.

    Raises:
        StoreError: no key of this data directory signs for that log.
    """
    folder = KeyFolder(data_dir)
    try:
        keys = folder.read_book().keys
    except OSError as error:
        raise StoreError(f"cannot read {folder.book_path}: {error}") from error
    found = tuple(key.raw for key in keys if origin in key.note_names)
    if not found:
        raise StoreError(f"{folder.book_path} has no key for the log {origin}")
    return found


def _create(folder: KeyFolder, issuer: str, now: datetime, plan: Plan) -> None:
    # under another name until complete: a start that dies halfway leaves no half ring
    draft = folder.private_dir.with_name("keys.new")
    draft.mkdir(mode=0o700, exist_ok=True)
    root_dir = plan.root_dir or draft
    root_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    root = replace(make_key(root_dir, Role.ROOT), not_before=first_moment(now))
    keys = (
        root,
        make_key(draft, Role.STATEMENT, plan.statement_algorithm),
        make_key(draft, Role.CHECKPOINT),
    )
    if plan.root_dir:
        replace_file(plan.root_dir / ROOT_FILE, root_lines([root]).encode())
    book = Book(issuer, keys, offline_root=plan.root_dir is not None)
    write_private(draft / folder.book_path.name, book.to_json())
    draft.rename(folder.private_dir)


def _with_root(folder: KeyFolder, book: Book, now: datetime) -> Book:
    for root in book.roots:
        folder.read_private(root)  # a lost one is told now, not in a year
    if publishing.must_issue(book, folder.published(book), now):
        return publishing.issue(folder, book, now)
    return book


def _open_ring(folder: KeyFolder, book: Book, origin: str) -> KeyRing:
    published = folder.published(book)
    if published is None:
        raise StoreError(
            f"{folder.key_set_path} is missing or damaged and the root key is offline; put back "
            "a copy, or run `dancu keys publish`"
        )
    if published.version < book.version:
        raise StoreError(
            f"{folder.key_set_path} is version {published.version}, but version {book.version} "
            "was published; put back the newer one, or run `dancu keys publish`"
        )
    if origin not in published:
        raise StoreError(
            f"{folder.key_set_path} does not list the log {origin} and the root key is offline; "
            "run `dancu keys publish`"
        )
    return make_ring(published, folder.read_private)


def _check_active(ring: KeyRing, book: Book, now: datetime) -> None:
    try:
        ring.statement(now)
        ring.checkpoint(now)
    except Unavailable as error:
        how = "run `dancu keys publish`" if book.offline_root else "is the clock right?"
        raise StoreError(
            f"no statement or checkpoint key of the published key set is active now; {how}"
        ) from error
