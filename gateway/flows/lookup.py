"""Looking up citizens: the numbered story of ``verification.py``, ending in a disclosure."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.core import statement, validation
from gateway.core.decision import decide
from gateway.core.model import Call, Claim, Decision
from gateway.core.policy import Policy, fields_to_disclose
from gateway.flows.refusals import recorded
from gateway.flows.window import Moment, Prepared, Receipt, Window
from mock_population_db.citizen import Citizen, Keys, Snapshot


class Lookup:
    """Discloses what a caller may see of a citizen."""

    def __init__(self, policy: Policy, window: Window) -> None:
        self._policy = policy
        self._window = window

    async def lookup_citizen(self, call: Call, claim: Claim, paths: Sequence[str]) -> Receipt:
        """The granted fields of a citizen whose number, name and birth date are known.

        Raises:
            CallError: as ``Verification.verify_identity``; also when a field is asked for by
                name that does not exist or is not granted.
        """
        validation.check(call.context, claim)  # (1)
        async with recorded(self._window, call):
            grant = self._policy.authorise(call.caller)  # (2)
            shown = fields_to_disclose(paths, grant)

        def judge(moment: Moment) -> Prepared:
            decision = decide(claim, moment.snapshot, explain=False)  # (4) (5)
            citizen = _verified_citizen(claim, decision, moment.snapshot)
            message, fields = statement.disclosure(
                moment.header(call), claim, decision, paths, citizen, shown
            )
            return moment.sign(call, message, (moment.touched(decision, fields),))  # (6)

        return await self._window.ask(_keys(claim), judge)  # (3), then judge, (7), (8)


def _keys(claim: Claim) -> Keys:
    """The identity to decide by and the whole citizen, in one read, known number or not."""
    if claim.personal_id:
        return Keys(numbers=(claim.personal_id,), details=(claim.personal_id,))
    return Keys(old_numbers=(claim.old_id_number,), details=(claim.old_id_number,))


def _verified_citizen(claim: Claim, decision: Decision, snapshot: Snapshot) -> Citizen | None:
    if decision.person is None:
        return None
    asked = claim.personal_id or claim.old_id_number
    candidates = snapshot.citizens[asked]
    return next(one for one in candidates if one.identity.personal_id == decision.subject)
