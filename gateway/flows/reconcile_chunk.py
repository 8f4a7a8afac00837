"""One chunk of records: how it is decided, signed and kept, and given out once more.

(1) prepare    mend what has one reading, check the shape
(2) authorise  as every call; a want of quota parks the session instead
(3) look up    the register, at one revision
(4) compare    record by record
(5) chain      to the statement of the chunk before
(6) sign       one statement that commits to each item
(7) record     durably: whom it touched, the statement, the answer itself, where it stands
(8) answer
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple

from gateway.core import reconciled, sealing
from gateway.core.access import pseudonyms
from gateway.core.errors import CallError, Unavailable
from gateway.core.items import digests as item_digests
from gateway.core.model import Access, Call
from gateway.core.reconciliation import OUTCOMES, judge, keys_to_reconcile
from gateway.core.records import Asked, Record, prepare
from gateway.core.seen import Seen
from gateway.flows.admission import Admission
from gateway.flows.moment import Keep, Moment, Prepared, Receipt
from gateway.flows.ports import Kept, KeptKey, Session, SessionStep

SEED_SIZE = 32  # bytes
_LEVEL = 1  # of compression: halves an answer in a millisecond; more takes longer than it saves
_LENGTH = struct.Struct(">I")
_new = tuple.__new__  # a named tuple in half the time: there is one for each record


class Chunk(NamedTuple):
    """Records of a session, in order."""

    number: int
    records: Sequence[Record]
    body: bytes  # the chunk's deterministic serialisation


class Answer(NamedTuple):
    """A chunk's statement, and beside it the items that it commits to."""

    number: int
    receipt: Receipt
    items: Sequence[bytes]
    seed: bytes


@dataclass(slots=True)
class Line:
    """Where a session stands in memory: ahead of the records by what is being recorded."""

    name: str
    session: int
    number: int  # of the next chunk to be decided
    tip: bytes  # digest of the statement before it
    seen: Seen
    error: CallError | None = field(default=None)  # nothing more is decided after it

    @classmethod
    def of(cls, name: str, session: Session) -> Line:
        """The line that goes on where the records end."""
        return cls(name, session.key, session.next_chunk, session.tip, Seen(session.salt))

    def check(self, number: int) -> None:
        """Whether this chunk is the next one: its statement names the one before.

        Raises:
            CallError: the chunk before was not answered.
        """
        if self.error is not None:
            raise self.error
        if number != self.number:
            raise chunk_before_failed()

    def advance(self, tip: bytes) -> None:
        """The next chunk was decided."""
        self.number += 1
        self.tip = tip


async def answer_chunk(line: Line, call: Call, chunk: Chunk, admitted: Admission) -> Answer:
    """Steps (1) and (3) to (8) of a chunk that was let in.

    Raises:
        CallError: nothing was answered, and nothing after it will be.
    """
    asked = [prepare(record) for record in chunk.records]  # (1)
    seed = os.urandom(SEED_SIZE)
    items: list[bytes] = []

    def decide(moment: Moment) -> Prepared:
        line.check(chunk.number)
        claims = [one.claim for one in asked if not one.violations]
        admitted.check_guesses(moment, claims)
        rows = _compare(asked, items, line.seen, moment, admitted.grant.fields)  # (4)
        digests = item_digests(seed, items)
        head = moment.header(call, admitted.grant.policy_version)
        message = reconciled.chunk(head, line.name, chunk.number, line.tip, digests)  # (5)
        prepared = moment.sign(call, message, rows, _keep(line, call, chunk, seed, items, moment))
        line.advance(prepared.draft.digest)
        return prepared  # (6)

    try:
        keys = keys_to_reconcile(asked, admitted.grant.fields)
        receipt = await admitted.ask(keys, decide)  # (3), then decide, (7), (8)
    except CallError as error:
        line.error = line.error or error
        raise
    return Answer(chunk.number, receipt, items, seed)


def fingerprint(chunk: Chunk) -> bytes:
    """By which a chunk that is sent again is known to be the same."""
    return hashlib.sha256(chunk.body).digest()


def answer_again(chunk: Chunk, kept: Kept) -> Answer:
    """The answer that was kept for this very chunk."""
    packed = zlib.decompress(sealing.unseal(chunk.body, kept.beside))
    receipt = Receipt(kept.statement, kept.tlog_proof, kept.access_root)
    return Answer(chunk.number, receipt, _unpack(packed[SEED_SIZE:]), packed[:SEED_SIZE])


def key_of(call: Call, name: str, number: int) -> KeptKey:
    """Which chunk an answer is kept for."""
    return KeptKey(call.caller, call.rpc, name, number)


def chunk_before_failed() -> Unavailable:
    """The error for a chunk whose predecessor has no answer."""
    return Unavailable(
        "CHUNK_BEFORE_FAILED",
        "the chunk before was not answered; open the session again and go on from where it stands",
        "khối trước chưa được trả lời; hãy mở lại phiên và tiếp tục từ vị trí của phiên",
    )


def _compare(
    asked: Sequence[Asked],
    items: list[bytes],
    seen: Seen,
    moment: Moment,
    granted: frozenset[str],
) -> list[Access]:
    """Fill in the items; returns whom they touched.

    Step by step for all of them, which is never slower than record by record.
    """
    again = [
        not one.violations and seen.note(one.claim.personal_id or one.claim.old_id_number)
        for one in asked
    ]
    snapshot = moment.snapshot
    found = [
        judge(one, snapshot, granted, duplicate=duplicate)
        for one, duplicate in zip(asked, again, strict=True)
    ]
    items.extend(map(reconciled.item, count(), asked, found))
    touched = [one for one in found if one.subject]
    subjects = pseudonyms(moment.pseudonym_key, [one.subject for one in touched])
    return [
        _new(Access, (subject, OUTCOMES[one.verdict], one.disclosed))
        for subject, one in zip(subjects, touched, strict=True)
    ]


def _keep(
    line: Line, call: Call, chunk: Chunk, seed: bytes, items: Sequence[bytes], moment: Moment
) -> Keep:
    answer = zlib.compress(seed + _pack(items), _LEVEL)
    step = SessionStep(
        line.session,
        chunk.number,
        line.tip,
        len(items),
        line.seen.take_fresh(),
        int(moment.at.timestamp()),
    )
    return Keep(
        key_of(call, line.name, chunk.number),
        fingerprint(chunk),
        sealing.seal(chunk.body, answer, os.urandom(sealing.NONCE_SIZE)),
        step,
    )


def _pack(items: Sequence[bytes]) -> bytes:
    return b"".join([part for one in items for part in (_LENGTH.pack(len(one)), one)])


def _unpack(packed: bytes) -> list[bytes]:
    items, at = [], 0
    while at < len(packed):
        (length,) = _LENGTH.unpack_from(packed, at)
        at += _LENGTH.size
        items.append(packed[at : at + length])
        at += length
    return items
