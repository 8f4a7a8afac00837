"""Authenticating citizens: the main path.

    (1) validate   the shape of what was sent
    (2) authorise  the caller's unit, grant and quota; default deny
    (3) look up    the register, one read for the whole window
    (4) match      number, name and birth date
    (5) state      does the number count, does the person live, what to take note of
    (6) sign       the statement's exact bytes
    (7) record     durably: whom it touched, and the statement's place in the log
    (8) answer     with the proof that it is recorded

No record, no answer: when (7) fails, nothing of (4) to (6) leaves the house. "Not
verified" is an answer; it is signed and recorded like any other.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from gateway.core import items, statement, validation
from gateway.core.decision import decide, keys_to_resolve, keys_to_verify, resolve
from gateway.core.model import Call, Claim
from gateway.flows.admission import Gate
from gateway.flows.moment import Moment, Prepared, Receipt
from mock_population_db.snapshot import Keys

SEED_SIZE = 32  # bytes


@dataclass(frozen=True, slots=True)
class BatchReceipt:
    """A batch's statement, and beside it the items that it commits to."""

    receipt: Receipt
    items: Sequence[bytes]
    seed: bytes


class Verification:
    """Answers identity questions."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def verify_identity(self, call: Call, claim: Claim) -> Receipt:
        """Do this number, name and birth date belong together?

        Raises:
            CallError: malformed, refused, or out of reach; see ``core/errors.py``.
        """
        validation.check(call.context, claim)  # (1)
        async with self._gate.admit(call) as admitted:  # (2)
            grant = admitted.grant

            def judge(moment: Moment) -> Prepared:
                admitted.check_guesses(moment, (claim,))
                decision = decide(claim, moment.snapshot, explain=grant.explain)  # (4) (5)
                admitted.note(decision)
                head = moment.header(call, grant.policy_version)
                message = statement.verification(head, claim, decision)
                return moment.sign(call, message, (moment.touched(decision),))  # (6)

            keys = keys_to_verify(claim, explain=grant.explain)
            return await admitted.ask(keys, judge)  # (3), then judge, (7), (8)

    async def batch_verify_identities(
        self, call: Call, claims: Sequence[Claim], sent: Sequence[bytes]
    ) -> BatchReceipt:
        """The same for many claims at once, with one statement that commits to each item.

        Args:
            call: as it arrived.
            claims: what is claimed.
            sent: the same claims as bytes of their messages, which the items repeat.

        Raises:
            CallError: as ``verify_identity``; one malformed claim refuses the batch.
        """
        validation.check_batch(call.context, claims)  # (1)
        seed = os.urandom(SEED_SIZE)
        values: list[bytes] = []
        async with self._gate.admit(call, len(claims)) as admitted:  # (2)
            grant = admitted.grant

            def judge(moment: Moment) -> Prepared:
                admitted.check_guesses(moment, claims)
                decisions = [
                    decide(claim, moment.snapshot, explain=grant.explain) for claim in claims
                ]  # (4) (5)
                values.extend(map(items.item, count(), sent, decisions))
                digests = items.digests(seed, values)
                message = statement.batch(moment.header(call, grant.policy_version), digests)
                return moment.sign(call, message, moment.all_touched(decisions))  # (6)

            keys = all_keys(claims, explain=grant.explain)
            receipt = await admitted.ask(keys, judge)  # (3), then judge, (7), (8)
        return BatchReceipt(receipt, values, seed)

    async def resolve_identifier(self, call: Call, claim: Claim) -> Receipt:
        """From an old or cancelled number to the current one.

        Raises:
            CallError: as ``verify_identity``.
        """
        validation.check(call.context, claim)  # (1)
        async with self._gate.admit(call) as admitted:  # (2)
            version = admitted.grant.policy_version

            def judge(moment: Moment) -> Prepared:
                admitted.check_guesses(moment, (claim,))
                found = resolve(claim, moment.snapshot)  # (4) (5)
                admitted.note(found.decision)
                message = statement.resolution(moment.header(call, version), claim, found)
                return moment.sign(call, message, (moment.touched(found.decision),))  # (6)

            return await admitted.ask(keys_to_resolve(claim), judge)  # (3), judge, (7), (8)


def all_keys(claims: Sequence[Claim], *, explain: bool) -> Keys:
    """``keys_to_verify`` of many claims at once."""
    numbers = tuple(claim.personal_id for claim in claims if claim.personal_id)
    old_numbers = tuple(claim.old_id_number for claim in claims if not claim.personal_id)
    return Keys(numbers, old_numbers, former=numbers if explain else ())
