"""Verifying attributes: the numbered story of ``verification.py``, with assertions judged."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.core import attributes, confirmations, validation
from gateway.core.decision import decide, keys_to_disclose, verified_citizen
from gateway.core.disclosure import bits_of
from gateway.core.model import Assertion, Call, Claim
from gateway.core.policy import fields_to_disclose
from gateway.flows.admission import Gate
from gateway.flows.moment import Moment, Prepared, Receipt


class Attributes:
    """Says whether what is said of a person is so."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def verify_attributes(
        self, call: Call, claim: Claim, assertions: Sequence[Assertion]
    ) -> Receipt:
        """TRUE, FALSE or NO_DATA for each assertion about a verified person.

        Raises:
            CallError: as ``Verification.verify_identity``; also when an assertion is malformed
                or its attribute is not granted.
        """
        validation.check_assertions(call.context, claim, assertions)  # (1)
        async with self._gate.admit(call) as admitted:  # (2)
            grant = admitted.grant
            fields_to_disclose(attributes.fields_asked(assertions), grant)

            def judge(moment: Moment) -> Prepared:
                admitted.check_guesses(moment, (claim,))
                snapshot = moment.snapshot
                decision = decide(claim, snapshot, explain=False)  # (4) (5)
                admitted.note(decision)
                citizen = verified_citizen(claim, decision, snapshot)
                judged = assertions if citizen else ()
                results = [attributes.judge(one, citizen, snapshot) for one in judged if citizen]
                fields = bits_of(attributes.fields_answered(judged, results))
                message = confirmations.attributes(
                    moment.header(call, grant.policy_version), claim, decision, assertions, results
                )
                return moment.sign(call, message, (moment.touched(decision, fields),))  # (6)

            heads = any(one.attribute == attributes.HEAD for one in assertions)
            keys = keys_to_disclose(claim, households=heads)
            return await admitted.ask(keys, judge)  # (3), then judge, (7), (8)
