"""What a window's decisions rest on, and what they come to."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from google.protobuf.message import Message

from gateway.core import access, statement
from gateway.core.hmac_key import HmacKey
from gateway.core.model import Access, AccessCall, Call, Decision, Effect, Outcome
from gateway.core.signing import Signer
from gateway.core.statement import Draft, Issuer, Statement
from gateway.flows.ports import Entry, KeptKey, SessionStep, ToKeep
from mock_population_db.snapshot import Snapshot

_new = tuple.__new__  # a named tuple in half the time: bulk calls make thousands a second
_SALTS_AT_ONCE = 16


class Receipt(NamedTuple):
    """A statement that is signed and durably recorded, ready to be given out."""

    statement: Statement
    tlog_proof: str
    access_root: bytes


class Keep(NamedTuple):
    """That an answer is to be kept, for which request, and what travels beside it."""

    key: KeptKey
    fingerprint: bytes
    beside: bytes = b""
    step: SessionStep | None = None


class Signed(NamedTuple):
    """A signed statement that waits to be recorded."""

    statement: Statement
    entry: Entry


class Prepared(NamedTuple):
    """A statement that waits to be signed, with the rows of those it touched bound to it."""

    draft: Draft
    signers: Sequence[Signer]
    call: AccessCall
    rows: Sequence[Access]
    root: bytes  # over the rows
    keep: Keep | None

    def signed(self) -> Signed:
        """Sign it.

        After all of its window are decided: what signing needs, and what deciding needs, would
        push each other out of the processor's caches at each call.
        """
        draft, signers, call, rows, root, keep = self
        made = draft.signed(signers)
        if Effect.WRONG_SIGNATURE in call.effects:
            made = statement.spoil(made)
        kept = None
        if keep:
            kept = ToKeep(keep.key, keep.fingerprint, made, keep.beside, keep.step)
        return Signed(made, Entry(draft.digest, root, call, rows, kept))


def _salts() -> Iterator[bytes]:
    """Salts for headers, without end; the system is asked for several at once."""
    while True:
        drawn = os.urandom(_SALTS_AT_ONCE * statement.SALT_SIZE)
        for at in range(0, len(drawn), statement.SALT_SIZE):
            yield drawn[at : at + statement.SALT_SIZE]


@dataclass(frozen=True, slots=True)
class Moment:
    """What every decision of one window rests on."""

    issuer: Issuer
    snapshot: Snapshot
    at: datetime
    pseudonym_key: HmacKey
    common_header: bytes
    salts: Iterator[bytes] = field(default_factory=_salts)

    def header(self, call: Call, policy_version: str) -> statement.Header:
        """The header of a statement for this call, and of the policy that decided it."""
        head = statement.header(self.common_header, call, policy_version, next(self.salts))
        if call.effects:  # it may be signed with another key
            head.key_ids[:] = [one.key_id for one in self.issuer.signers_of(call)]
        return head

    def pseudonym(self, number: str) -> bytes:
        """How a number stands in the access log, whether it exists or not."""
        return access.pseudonym(self.pseudonym_key, number)

    def touched(self, decision: Decision, fields: int = 0) -> Access:
        """The access row of one decision."""
        return self.touched_person(decision.subject, decision.outcome, fields)

    def all_touched(self, decisions: Sequence[Decision]) -> list[Access]:
        """The access rows of a bulk call, which shows no more than outcomes."""
        subjects = access.pseudonyms(self.pseudonym_key, [one.subject for one in decisions])
        return [
            _new(Access, (subject, int(one.outcome), 0))
            for subject, one in zip(subjects, decisions, strict=True)
        ]

    def touched_person(self, number: str, outcome: Outcome, fields: int) -> Access:
        """The access row of somebody who is shown in an answer about another person."""
        return Access(self.pseudonym(number), int(outcome), fields)

    def touched_people(self, fields: Mapping[str, int], outcome: Outcome) -> list[Access]:
        """The access rows of many who are shown in one answer: fields as bits, by number."""
        subjects, told = access.pseudonyms(self.pseudonym_key, fields), int(outcome)
        return [
            _new(Access, (subject, told, bits))
            for subject, bits in zip(subjects, fields.values(), strict=True)
        ]

    def sign(
        self, call: Call, message: Message, rows: Sequence[Access], keep: Keep | None = None
    ) -> Prepared:
        """Have a statement signed, and bind the rows of those it touched to it."""
        return self._bound(call, statement.draft(message), rows, keep)

    def refuse(
        self,
        call: Call,
        reason: str,
        policy_version: str,
        rows: Sequence[Access] = (),
        count: int = 1,
    ) -> Prepared:
        """Have the refusal of a call signed, or of several alike."""
        message = statement.refusal(self.header(call, policy_version), reason, count)
        return self._bound(call, statement.draft(message), rows, None, count)

    def sign_bytes(
        self, call: Call, type_url: str, value: bytes, rows: Sequence[Access]
    ) -> Prepared:
        """The same for a statement that is serialised already."""
        return self._bound(call, statement.draft_of(type_url, value), rows, None)

    def _bound(
        self,
        call: Call,
        draft: Draft,
        rows: Sequence[Access],
        keep: Keep | None,
        refused: int = 0,
    ) -> Prepared:
        revision = self.snapshot.revision
        common = AccessCall(
            self.at, call.caller, call.rpc, call.context, revision, call.effects, refused
        )
        root = access.access_root(common, rows)
        return Prepared(draft, self.issuer.signers_of(call), common, rows, root, keep)


Decide = Callable[[Moment], Prepared]
"""Steps 4 to 6 for one call, but for the signing, as a pure function. Raises NotYet."""


class NotYet(Exception):
    """Raised by a decision: there is nothing to record yet, and what was charged stands."""
