"""Remembers the highest key set version accepted, so that an older one cannot be replayed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from clients.receipts.keyset import TrustedKeySet, load_key_set
from clients.receipts.note import decode_decimal
from clients.receipts.trust import Trust


class StateError(Exception):
    """A state directory that cannot be understood; better than beginning again at 0."""


class RollbackState:
    """A directory with an empty file ``ROOT_KEY_ID.VERSION`` for the last version of each root.

    Per root, because each gateway counts its versions from 1, and one directory may serve
    the statements of several. The version is in the name, and the highest name counts: two
    processes that remember at the same time cannot lower it, and no crash can spoil it.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def load_key_set(self, keyset_bytes: bytes, trust: Trust, at: datetime) -> TrustedKeySet:
        """As `keyset.load_key_set`, refusing versions below the one remembered, and remembering.

        Raises StateError or OSError besides RefusedError.
        """
        lowest = max(trust.lowest_version, self.lowest(trust.roots))
        key_set = load_key_set(keyset_bytes, replace(trust, lowest_version=lowest), at)
        self.remember(key_set)
        return key_set

    def lowest(self, roots: Iterable[str]) -> int:
        """The lowest version to accept from any of these roots; 0 when none is known.

        Raises StateError when a file's name does not end in a version.
        """
        return max((version for root in roots for version in self._versions(root)), default=0)

    def remember(self, key_set: TrustedKeySet) -> None:
        """Keep the higher of this version and the one kept already. Makes the directory."""
        self._directory.mkdir(parents=True, exist_ok=True)
        for root in key_set.vouched_by:
            (self._directory / f"{root}.{key_set.version}").touch()
            for version in sorted(self._versions(root))[:-1]:
                (self._directory / f"{root}.{version}").unlink(missing_ok=True)

    def _versions(self, root: str) -> list[int]:
        names = [path.name for path in self._directory.glob(f"{root}.*")]
        try:
            return [decode_decimal(name.removeprefix(f"{root}.")) for name in names]
        except ValueError:
            raise StateError(f"{self._directory} has a file that is not a version") from None
