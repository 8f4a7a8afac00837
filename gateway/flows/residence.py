"""Confirming residence and household: the numbered story of ``verification.py``.

Everybody whose data an answer shows is touched by it, and gets an access row of their own.
"""

from __future__ import annotations

from gateway.core import confirmations, validation
from gateway.core.decision import decide, keys_to_disclose, verified_citizen
from gateway.core.model import Call, Claim
from gateway.core.policy import fields_to_disclose
from gateway.core.residence import FIELD_OF, RESIDENCE_FIELDS, household_of
from gateway.flows.admission import Gate
from gateway.flows.moment import Moment, Prepared, Receipt


class Residence:
    """Answers what paper household books proved."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def confirm_residence(self, call: Call, claim: Claim) -> Receipt:
        """Where a verified person is registered, and lives.

        Raises:
            CallError: as ``Verification.verify_identity``; also when no field of it is granted.
        """
        validation.check(call.context, claim)  # (1)
        async with self._gate.admit(call) as admitted:  # (2)
            grant = admitted.grant
            # one field is enough for an answer; the others are withheld
            granted = grant.fields.intersection(RESIDENCE_FIELDS)
            shown = granted or fields_to_disclose(RESIDENCE_FIELDS, grant)

            def judge(moment: Moment) -> Prepared:
                admitted.check_guesses(moment, (claim,))
                snapshot = moment.snapshot
                decision = decide(claim, snapshot, explain=False)  # (4) (5)
                admitted.note(decision)
                citizen = verified_citizen(claim, decision, snapshot)
                message, fields = confirmations.residence(
                    moment.header(call, grant.policy_version),
                    claim,
                    decision,
                    citizen,
                    snapshot,
                    shown,
                )
                return moment.sign(call, message, (moment.touched(decision, fields),))  # (6)

            keys = keys_to_disclose(claim, households=True)
            return await admitted.ask(keys, judge)  # (3), then judge, (7), (8)

    async def get_household(self, call: Call, claim: Claim, wanted: int) -> Receipt:
        """The household of a verified person, its members as far as the grant goes.

        Args:
            call: the call.
            claim: what is claimed of the person.
            wanted: which household, a number of ``ResidenceKind``; 0 for the permanent one.

        Raises:
            CallError: as ``Verification.verify_identity``; also when ``wanted`` is no kind of
                household, or residences of that kind are not granted.
        """
        kind = validation.check_household(call.context, claim, wanted)  # (1)
        async with self._gate.admit(call) as admitted:  # (2)
            grant = admitted.grant
            fields_to_disclose((FIELD_OF[kind],), grant)

            def judge(moment: Moment) -> Prepared:
                admitted.check_guesses(moment, (claim,))
                snapshot = moment.snapshot
                decision = decide(claim, snapshot, explain=False)  # (4) (5)
                admitted.note(decision)
                citizen = verified_citizen(claim, decision, snapshot)
                home = household_of(citizen, kind, snapshot) if citizen else None
                extract, rows = None, [moment.touched(decision)]
                if citizen and home:
                    extract, seen = confirmations.household_extract(
                        home, citizen, grant, snapshot.as_of
                    )
                    rows = [
                        moment.touched_person(one.number, decision.outcome, one.fields)
                        for one in seen
                    ]
                message = confirmations.household(
                    moment.header(call, grant.policy_version), claim, decision, kind, extract
                )
                return moment.sign(call, message, rows)  # (6)

            keys = keys_to_disclose(claim, households=True)
            return await admitted.ask(keys, judge)  # (3), then judge, (7), (8)
