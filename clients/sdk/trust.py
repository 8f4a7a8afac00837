"""Whom a connection believes, and the check that every answer passes before it is handed over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from google.protobuf.message import DecodeError

from clients import receipts
from clients.receipts import Expectations, Refusal, Result, TrustedKeySet, Verdict, Witness
from clients.sdk.errors import UntrustedAnswer
from dancu.v1 import statement_pb2

_log = logging.getLogger(__name__)

# Reasons that a newer key set may settle: it lists a new key for statements, a new log, or a
# new key for a log's checkpoints, or it is fresh.
_KEY_SET_TOO_OLD = frozenset(
    {
        Refusal.KEY_UNKNOWN,
        Refusal.LOG_ORIGIN_UNKNOWN,
        Refusal.CHECKPOINT_SIGNATURE_INVALID,
        Refusal.KEYSET_EXPIRED,
    }
)

_seen: dict[str, int] = {}
"""The highest key set version that each root vouched for in this process: a gateway that shows
a newer one to one connection and an older one to the next is not believed."""


def _say_first_use(roots: frozenset[str]) -> None:
    _log.warning("nothing was pinned: trusting root %s on first use", ", ".join(sorted(roots)))


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom to believe. Make one with ``pinned``, ``from_files`` or ``on_first_use``.

    Attributes:
        anchor: Pinned roots and witnesses; without roots nothing is pinned yet.
        key_set: The key set to begin with, as a SignedStatement; None to fetch one.
        on_roots: Told the roots when they are taken over on first use; None where that is
            not allowed.
    """

    anchor: receipts.Trust
    key_set: bytes | None = None
    on_roots: Callable[[frozenset[str]], None] | None = None

    @classmethod
    def pinned(
        cls,
        roots: Iterable[str],
        *,
        key_set: bytes | None = None,
        witnesses: tuple[Witness, ...] = (),
        quorum: int = 0,
    ) -> Trust:
        """Believe key sets that one of these root keys signed, by their ids."""
        anchor = receipts.Trust(frozenset(roots), witnesses=witnesses, quorum=quorum)
        return cls(anchor, key_set)

    @classmethod
    def from_files(cls, root: Path, key_set: Path | None = None) -> Trust:
        """Believe the roots of a ``root.pub``; begin with a ``keyset.binpb`` if given.

        Raises:
            OSError: A file cannot be read.
            receipts.TrustError: ``root`` holds no root keys.
        """
        roots = receipts.read_roots(root.read_text(encoding="utf-8"))
        return cls.pinned(roots, key_set=key_set.read_bytes() if key_set else None)

    @classmethod
    def on_first_use(
        cls,
        tell: Callable[[frozenset[str]], None] = _say_first_use,
        *,
        key_set: bytes | None = None,
    ) -> Trust:
        """Believe whoever answers first, and nobody else for as long as the connection lasts.

        Whoever stands between you and the gateway on that first call can state what they
        like. Good for trying things out; in earnest, get ``root.pub`` by another way and pin
        it.

        Args:
            tell: Called once with the root ids that are believed from then on, to be shown
                or kept. By default they are logged as a warning.
            key_set: The key set to begin with, if it is not to be fetched.
        """
        return cls(receipts.Trust(frozenset()), key_set, tell)


class Checker:
    """Verifies the answers of one gateway; fetches key sets when it needs them."""

    def __init__(self, trust: Trust, fetch: Callable[[], Awaitable[bytes]]) -> None:
        self._anchor = trust.anchor
        self._given = trust.key_set
        self._on_roots = trust.on_roots
        self._fetch = fetch
        self._key_set: TrustedKeySet | None = None
        self._loading = asyncio.Lock()

    async def check(self, receipt: bytes, expected: Expectations) -> Verdict:
        """Verify a statement, with a newer key set if it needs one.

        Returns:
            A VALID verdict.

        Raises:
            UntrustedAnswer: The statement, or the key set, does not verify.
            Refused, Unreachable: The key set could not be fetched.
        """
        key_set = await self.key_set()
        verdict = self._verify(receipt, key_set, expected)
        if verdict.refusal in _KEY_SET_TOO_OLD:
            verdict = self._verify(receipt, await self.newer_than(key_set), expected)
        if verdict.result is not Result.VALID:
            # INDETERMINATE is for those who read old dossiers; a fresh answer has no excuse
            raise UntrustedAnswer(
                verdict.refusal or Refusal.ENVELOPE_MALFORMED, verdict.detail, receipt
            )
        return verdict

    async def key_set(self) -> TrustedKeySet:
        """The key set in use; the given or a fetched one at the first call."""
        async with self._loading:
            if self._key_set is None:
                self._key_set = self._accept_given() or self._accept(await self._fetch())
            return self._key_set

    async def newer_than(self, old: TrustedKeySet) -> TrustedKeySet:
        """Fetch the current key set, unless another call has done so meanwhile."""
        async with self._loading:
            if self._key_set is None or self._key_set is old:
                self._key_set = self._accept(await self._fetch())
            return self._key_set

    def _verify(self, receipt: bytes, key_set: TrustedKeySet, expected: Expectations) -> Verdict:
        return receipts.verify(
            receipt, key_set, at=datetime.now(UTC), trust=self._anchor, expected=expected
        )

    def _accept_given(self) -> TrustedKeySet | None:
        """The key set to begin with; None if there is none, or a newer one was seen."""
        try:
            return self._accept(self._given) if self._given else None
        except UntrustedAnswer as error:
            if error.refusal is not Refusal.KEYSET_ROLLBACK:
                raise
            return None

    def _accept(self, signed: bytes) -> TrustedKeySet:
        """Check a key set; remember its version, and on first use its roots."""
        first_use = self._on_roots if not self._anchor.roots else None
        anchor = replace(self._anchor, roots=_signers(signed)) if first_use else self._anchor
        lowest = max(anchor.lowest_version, *(_seen.get(root, 0) for root in anchor.roots), 0)
        anchor = replace(anchor, lowest_version=lowest)
        try:
            key_set = receipts.load_key_set(signed, anchor, datetime.now(UTC))
        except receipts.RefusedError as error:
            raise UntrustedAnswer(error.refusal, error.detail, signed) from error
        if first_use:
            first_use(key_set.vouched_by)
            anchor = replace(anchor, roots=key_set.vouched_by)
        self._anchor = replace(anchor, lowest_version=key_set.version)
        _seen.update(dict.fromkeys(key_set.vouched_by, key_set.version))
        return key_set


def _signers(signed: bytes) -> frozenset[str]:
    """Who claims to have signed a key set; load_key_set finds out whether it is true."""
    try:
        message = statement_pb2.SignedStatement.FromString(signed)
    except DecodeError:
        return frozenset()
    return frozenset(each.key_id for each in message.signatures)
