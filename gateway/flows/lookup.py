"""Looking up citizens: the numbered story of ``verification.py``, ending in a disclosure."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.core import statement, validation
from gateway.core.decision import decide, keys_to_disclose, verified_citizen
from gateway.core.model import Call, Claim
from gateway.core.policy import fields_to_disclose
from gateway.flows.admission import Gate
from gateway.flows.moment import Moment, Prepared, Receipt


class Lookup:
    """Discloses what a caller may see of a citizen."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def lookup_citizen(self, call: Call, claim: Claim, paths: Sequence[str]) -> Receipt:
        """The granted fields of a citizen whose number, name and birth date are known.

        Raises:
            CallError: as ``Verification.verify_identity``; also when a field is asked for by
                name that does not exist or is not granted.
        """
        validation.check(call.context, claim)  # (1)
        async with self._gate.admit(call) as admitted:  # (2)
            grant = admitted.grant
            shown = fields_to_disclose(paths, grant)

            def judge(moment: Moment) -> Prepared:
                admitted.check_guesses(moment, (claim,))
                decision = decide(claim, moment.snapshot, explain=False)  # (4) (5)
                admitted.note(decision)
                citizen = verified_citizen(claim, decision, moment.snapshot)
                head = moment.header(call, grant.policy_version)
                message, fields = statement.disclosure(head, claim, decision, paths, citizen, shown)
                return moment.sign(call, message, (moment.touched(decision, fields),))  # (6)

            return await admitted.ask(keys_to_disclose(claim), judge)  # (3), judge, (7), (8)
