"""Who looked at my data: the numbered story of ``verification.py``, ending in the access log.

The log is searched before the window, in its own time: others must not wait for it. So the
register is read twice, and both reads must agree on whose numbers were searched for.
"""

from __future__ import annotations

from typing import NamedTuple

from gateway.core import history, paging, validation
from gateway.core.decision import decide, keys_to_disclose, verified_citizen
from gateway.core.model import Call, Claim
from gateway.flows.admission import Gate
from gateway.flows.moment import Moment, Prepared, Receipt
from gateway.flows.outages import register_unavailable
from gateway.flows.ports import AccessLog, Register
from mock_population_db.snapshot import Snapshot
from mock_population_db.store.errors import PopulationUnavailable


class HistoryReceipt(NamedTuple):
    """One page's statement, and the token of the next."""

    receipt: Receipt
    next_page_token: str


class AccessHistory:
    """Tells a person who asked about them."""

    def __init__(self, gate: Gate, register: Register, log: AccessLog) -> None:
        self._gate = gate
        self._register = register
        self._log = log

    async def list_accesses(
        self, call: Call, claim: Claim, page_size: int, page_token: str
    ) -> HistoryReceipt:
        """One page of a verified person's history; it is itself recorded as an access.

        Raises:
            CallError: as ``Verification.verify_identity``; also for a token that is not of this
                request, and while the log's index is being built.
        """
        validation.check(call.context, claim)  # (1)
        page = paging.read_page(call, claim, page_size, page_token)
        async with self._gate.admit(call) as admitted:  # (2)
            version = admitted.grant.policy_version
            numbers = _numbers(claim, await self._read(claim))
            # unknown and mismatch search for nobody: they must look, and cost, alike
            found = await self._log.accesses(numbers, page) if numbers else None
            token = paging.next_token(call, claim, found) if found else ""

            def judge(moment: Moment) -> Prepared:
                admitted.check_guesses(moment, (claim,))
                decision = decide(claim, moment.snapshot, explain=False)  # (4) (5)
                admitted.note(decision)
                if _numbers(claim, moment.snapshot) != numbers:
                    raise register_unavailable()
                head = moment.header(call, version)
                message = history.history(head, claim, decision, found, token)
                return moment.sign(call, message, (moment.touched(decision),))  # (6)

            receipt = await admitted.ask(keys_to_disclose(claim), judge)  # (3), judge, (7), (8)
        return HistoryReceipt(receipt, token)

    async def _read(self, claim: Claim) -> Snapshot:
        try:
            return await self._register.read(keys_to_disclose(claim))
        except PopulationUnavailable as error:
            raise register_unavailable() from error


def _numbers(claim: Claim, snapshot: Snapshot) -> frozenset[str]:
    """All numbers of the person that a claim verifies for."""
    decision = decide(claim, snapshot, explain=False)
    return history.numbers_of(verified_citizen(claim, decision, snapshot))
