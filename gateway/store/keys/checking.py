"""Whether a start could use the keys of a data directory: everything in the way, at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from gateway.core.signing import PublicKey, Role
from gateway.store.errors import StoreError
from gateway.store.keys.book import Book
from gateway.store.keys.folder import KeyFolder
from gateway.store.keys.keyset import Published


def unusable_keys(data_dir: Path, now: datetime) -> Iterator[str]:
    """Why a gateway could not start with these keys, and what to do: a line a file.

    Changes nothing. The file of a key that is over may be gone, and an offline root's is.
    """
    folder = KeyFolder(data_dir)
    try:
        book = folder.read_book()
        published = folder.published(book)
    except (StoreError, OSError) as error:
        yield _told(error)
        return
    for key in _needed(book, published):
        try:
            folder.read_private(key)
        except FileNotFoundError as error:
            if key.not_after is None or key.not_after > now:
                yield _told(error)
        except (StoreError, OSError) as error:
            yield _told(error)


def _needed(book: Book, published: Published | None) -> Iterator[PublicKey]:
    """Those whose private part a start reads; the root's, to publish what is not yet."""
    if published is None:
        keys = book.keys
    elif book.offline_root:
        keys = published.keys
    else:
        keys = book.reconciled(published.version, published.keys).keys
    for key in keys:
        if key.role is Role.ROOT:
            if not book.offline_root:
                yield key
        elif key.revoked_at is None:
            yield key


def _told(error: StoreError | OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{error.filename} is missing; restore it from a backup"
    if isinstance(error, OSError):
        return f"cannot read {error.filename}: {error.strerror}; check its rights"
    return str(error)
