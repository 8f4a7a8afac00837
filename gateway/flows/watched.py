"""The caller's list: whose changes it wants (đăng ký theo dõi biến động của công dân).

Who is put on it is verified like any claim, and recorded as such: the story of
``verification.py``. The list itself is changed last, so that it never holds anybody of whom
nothing is recorded; a caller that got no answer asks again.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.core import watched
from gateway.core.changes import watched_citizens
from gateway.core.decision import decide
from gateway.core.model import Call, Claim, Decision
from gateway.flows.admission import Gate
from gateway.flows.moment import Moment, Prepared, Receipt
from gateway.flows.outages import register_unavailable
from gateway.flows.watching import Watching
from mock_population_db.snapshot import Keys
from mock_population_db.store.errors import PopulationUnavailable


class WatchedCitizens:
    """Changes and shows callers' lists."""

    def __init__(self, gate: Gate, watching: Watching) -> None:
        self._gate = gate
        self._watching = watching

    async def update(self, call: Call, add: Sequence[Claim], remove: Sequence[str]) -> Receipt:
        """Take citizens off the list, then put others on it.

        Raises:
            CallError: as ``Verification.batch_verify_identities``; also when the list is full.
        """
        watched.check_update(call.context, add, remove)  # (1)
        verified: frozenset[str] = frozenset()
        revision = 0
        async with self._gate.admit(call, len(add)) as admitted:  # (2)
            version = admitted.grant.policy_version
            before = await self._present(call)

            def judge(moment: Moment) -> Prepared:
                nonlocal verified, revision
                admitted.check_guesses(moment, add)
                decisions = _decided(add, moment)  # (4) (5)
                verified, revision = watched.verified_numbers(decisions), moment.snapshot.revision
                after = watched.listed(call.caller, before, verified, remove)
                head = moment.header(call, version)
                removed = len(before.intersection(remove))
                message = watched_citizens(head, decisions, removed, len(after))
                return moment.sign(call, message, [moment.touched(one) for one in decisions])  # (6)

            receipt = await admitted.ask(_keys(add), judge)  # (3), then judge, (7), (8)
        await self._watching.change(call.caller, verified, frozenset(remove), revision)
        return receipt

    async def list_page(self, call: Call, page_size: int, page_token: str) -> tuple[list[str], str]:
        """One page of the list, and the token of the next; empty on the last.

        Raises:
            CallError: malformed, refused, or out of reach.
        """
        watched.check_page(call, page_size, page_token)  # (1)
        async with self._gate.admit(call, 0):  # (2)
            return watched.page_of(call, await self._present(call), page_size, page_token)

    async def _present(self, call: Call) -> frozenset[str]:
        """Who is on the list, by the numbers that they have now."""
        try:
            return await self._watching.present(call.caller)
        except PopulationUnavailable as error:
            raise register_unavailable() from error


def _decided(claims: Sequence[Claim], moment: Moment) -> list[Decision]:
    return [decide(claim, moment.snapshot, explain=False) for claim in claims]


def _keys(claims: Sequence[Claim]) -> Keys:
    numbers = tuple(claim.personal_id for claim in claims if claim.personal_id)
    return Keys(numbers, tuple(one.old_id_number for one in claims if not one.personal_id))
