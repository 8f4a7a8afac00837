"""What a window's decisions rest on, and what they come to."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from google.protobuf.message import Message

from gateway.core import access, statement
from gateway.core.hmac_key import HmacKey
from gateway.core.model import Access, AccessCall, Call, Decision, Effect, Outcome
from gateway.core.statement import Issuer, Statement
from gateway.flows.ports import Entry, KeptKey, SessionStep, ToKeep
from mock_population_db.citizen import Snapshot


class Receipt(NamedTuple):
    """A statement that is signed and durably recorded, ready to be given out."""

    statement: Statement
    tlog_proof: str
    access_root: bytes


class Prepared(NamedTuple):
    """A signed statement that waits to be recorded."""

    statement: Statement
    entry: Entry


class Keep(NamedTuple):
    """That an answer is to be kept, for which request, and what travels beside it."""

    key: KeptKey
    fingerprint: bytes
    beside: bytes = b""
    step: SessionStep | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """What every decision of one window rests on."""

    issuer: Issuer
    snapshot: Snapshot
    at: datetime
    pseudonym_key: HmacKey
    common_header: statement.Header

    def header(self, call: Call, policy_version: str) -> statement.Header:
        """The header of a statement for this call, and of the policy that decided it."""
        salt = os.urandom(statement.SALT_SIZE)
        head = statement.header(self.common_header, call, policy_version, salt)
        if call.effects:  # it may be signed with another key
            head.key_ids[:] = [one.key_id for one in self.issuer.signers_of(call)]
        return head

    def pseudonym(self, number: str) -> bytes:
        """How a number stands in the access log, whether it exists or not."""
        return access.pseudonym(self.pseudonym_key, number)

    def touched(self, decision: Decision, fields: int = 0) -> Access:
        """The access row of one decision."""
        return self.touched_person(decision.subject, decision.outcome, fields)

    def touched_person(self, number: str, outcome: Outcome, fields: int) -> Access:
        """The access row of somebody who is shown in an answer about another person."""
        return Access(self.pseudonym(number), int(outcome), fields)

    def sign(
        self, call: Call, message: Message, rows: Sequence[Access], keep: Keep | None = None
    ) -> Prepared:
        """Sign a statement and bind the rows of those it touched to it."""
        signed = statement.sign(message, self.issuer.signers_of(call))
        if Effect.WRONG_SIGNATURE in call.effects:
            signed = statement.spoil(signed)
        common = AccessCall(
            self.at, call.caller, call.rpc, call.context, self.snapshot.revision, call.effects
        )
        root = access.access_root(common, rows)
        kept = None
        if keep:
            kept = ToKeep(keep.key, keep.fingerprint, signed, keep.beside, keep.step)
        return Prepared(signed, Entry(signed.digest, root, common, rows, kept))


Decide = Callable[[Moment], Prepared]
"""Steps 4 to 6 for one call, as a pure function. Raises NotYet."""


class NotYet(Exception):
    """Raised by a decision: there is nothing to record yet, and what was charged stands."""
