"""Reporting events, once.

    (1) validate   the shape of what was sent (``rpc/event_wire.py``, while it is read)
    (2) authorise  the caller's unit and grant; is it the authority for such events
    (3) remember   a request that came before is answered with the same bytes, and not charged
    (4) verify     everybody whom the event names, as any claim is verified
    (5) apply      in the register: its rules may find something in the way
    (6) sign       the receipt
    (7) record     durably: whom it touched, the receipt's place in the log, the answer itself
    (8) answer     with the proof that it is recorded

Register and log are two files, and a gateway may die between (5) and (7). So the register
keeps the request with the event, and whoever comes next makes the receipt: the same request
sent again, or ``event_keeping.py``. What stands in the way is recorded as a refusal before
the caller learns of it, because it tells something of people.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from gateway.core import event_receipt, events
from gateway.core.decision import decide
from gateway.core.errors import CallError, Obstructed
from gateway.core.event_receipt import Original
from gateway.core.events import Annulling, Named, Reported, Sent
from gateway.core.model import Call, Decision, Outcome
from gateway.flows.admission import Admission, Gate
from gateway.flows.event_receipts import (
    EventReceipts,
    key_of,
    once,
    register_within_reach,
    stating,
    touched,
)
from gateway.flows.event_turns import Turns, Unstoppable
from gateway.flows.moment import Moment, NotYet, Prepared, Receipt
from gateway.flows.ports import EventRegister, KeptKey
from gateway.flows.verification import all_keys
from mock_population_db.events import (
    KINDS,
    Annulment,
    Applied,
    Birth,
    EventRefused,
    EventUnknown,
    LegalDocument,
    RequestReused,
    RevisionMoved,
    Submission,
    What,
)
from mock_population_db.snapshot import Keys


class PopulationEvents:
    """Takes events in and states what became of them.

    Args:
        gate: who may report.
        register: where events go.
        receipts: what is answered.
        clock: aware, UTC.
        numbers_wait: whether the numbers of births wait to be confirmed, as in life.
    """

    def __init__(
        self,
        gate: Gate,
        register: EventRegister,
        receipts: EventReceipts,
        clock: Callable[[], datetime],
        *,
        numbers_wait: bool = False,
    ) -> None:
        self._gate = gate
        self._register = register
        self._receipts = receipts
        self._clock = clock
        self._numbers_wait = numbers_wait
        self._turns = Turns()
        self._stories = Unstoppable()

    @property
    def pending(self) -> int:
        """How many reports and annulments were begun and have not ended."""
        return len(self._stories)

    async def submit(self, call: Call, sent: Sent, reported: Reported) -> Receipt:
        """Report an event.

        Raises:
            CallError: refused, or something stands in the way, or out of reach. Sent again, the
                same request is never taken in twice.
        """
        return await self._stories.tell(self._submit(call, sent, reported))

    async def annul(self, call: Call, sent: Sent, annulling: Annulling) -> Receipt:
        """Annul an event that the caller reported; raises as ``submit``."""
        return await self._stories.tell(self._annul(call, sent, annulling))

    async def get(self, call: Call, event_id: str) -> Receipt:
        """An event that the caller reported, as it is now.

        Raises:
            CallError: refused, not found, or out of reach.
        """
        async with self._gate.admit(call) as admitted:  # (2)
            found = await self._receipts.own(call, event_id)
            people = once(*Original.unpack(found.original).named, found.personal_id)
            judge = stating(call, admitted.grant.policy_version, found, people)
            return await admitted.ask(Keys(), judge)  # (6) to (8)

    async def make_up(self, applied: Applied) -> None:
        """State an event whose receipt was lost between register and log.

        Raises:
            ValueError: the register does not hold the request.
            CallError: out of reach.
        """
        async with self._turns.hold(KeptKey(applied.reporter, applied.rpc, applied.request_id)):
            if await self._receipts.missing(applied):
                await self._receipts.state(self._gate.window.ask, applied)

    async def finish(self) -> None:
        """Wait until everything that was begun has ended."""
        await self._stories.finish()

    async def _submit(self, call: Call, sent: Sent, reported: Reported) -> Receipt:
        async with self._turns.hold(key_of(call)):
            async with self._gate.admit(call, 0) as admitted:  # (2)
                events.check_competence(admitted.grant, reported.kind, declared=reported.declared)
                known = await self._receipts.remembered(call, sent)  # (3)
            if known is not None:
                return known
            async with self._gate.admit(call, len(reported.named)) as admitted:  # now its quota
                applied = await self._receipts.unstated(call, sent)
                if applied is None:
                    applied = await self._take_in(admitted, call, sent, reported)  # (4) (5)
                return await self._receipts.state(
                    admitted.state, applied, call.effects
                )  # (6) to (8)

    async def _annul(self, call: Call, sent: Sent, annulling: Annulling) -> Receipt:
        async with self._turns.hold(key_of(call)):
            async with self._gate.admit(call, 0):  # (2)
                known = await self._receipts.remembered(call, sent)  # (3)
            if known is not None:
                return known
            async with self._gate.admit(call) as admitted:  # now its quota
                applied = await self._receipts.unstated(call, sent)
                if applied is None:
                    applied = await self._take_back(admitted, call, sent, annulling)  # (5)
                return await self._receipts.state(
                    admitted.state, applied, call.effects
                )  # (6) to (8)

    async def _take_in(
        self, admitted: Admission, call: Call, sent: Sent, reported: Reported
    ) -> Applied:
        try:
            numbers = await _verified(admitted, call, reported.named)  # (4)
        except Obstructed:
            # another gateway may have taken it in just now, and who was changed by it is
            # not whom it names any more
            applied = await self._receipts.unstated(call, sent)
            if applied is None:
                raise
            return applied
        places = (one.place for one in reported.named)
        what = reported.about(dict(zip(places, numbers, strict=True)))
        if self._numbers_wait and isinstance(what, Birth):
            what = replace(what, pending=True)
        submission = replace(
            self._submission(admitted, call, sent, what, reported.document, numbers),
            effective=reported.effective,
            registered=reported.registered,
            expected_revision=reported.expected_revision,
        )
        return await self._apply(admitted, call, submission, numbers)  # (5)

    async def _take_back(
        self, admitted: Admission, call: Call, sent: Sent, annulling: Annulling
    ) -> Applied:
        found = await self._receipts.own(call, annulling.event_id)
        told = Original.unpack(found.original)
        declared = event_receipt.is_declaration(told.request)
        events.check_competence(admitted.grant, found.kind, declared=declared)
        what = Annulment(annulling.event_id, annulling.reason)
        people = once(*told.named, found.personal_id)
        submission = self._submission(admitted, call, sent, what, annulling.document, people)
        return await self._apply(admitted, call, submission, people)

    def _submission(
        self,
        admitted: Admission,
        call: Call,
        sent: Sent,
        what: What,
        document: LegalDocument,
        named: Sequence[str],
    ) -> Submission:
        """An event on its way, dated as its document is."""
        original = Original(sent.raw, admitted.grant.policy_version, tuple(named))
        return Submission(
            what,
            document,
            effective=document.issued,
            registered=document.issued,
            reporter=call.caller,
            rpc=call.rpc,
            request_id=call.context.request_id,
            fingerprint=sent.fingerprint,
            recorded_at=self._clock(),
            original=original.pack(),
            signature=sent.signature,
        )

    async def _apply(
        self, admitted: Admission, call: Call, submission: Submission, people: Sequence[str]
    ) -> Applied:
        """Hand an event to the register; what it finds in the way is recorded."""
        about = ""
        try:
            with register_within_reach():
                return await self._register.apply(submission)
        except EventRefused as refused:
            kind = KINDS[type(submission.what)]
            error: CallError = events.obstacle(refused, kind)
            about = refused.about
        except RevisionMoved:
            error = events.revision_moved()
        except RequestReused:  # by way of another gateway, just now
            raise events.request_id_reused() from None
        except EventUnknown:
            raise events.event_not_found() from None

        def judge(moment: Moment) -> Prepared:
            rows = touched(moment, once(*people, about))
            return moment.refuse(call, error.reason, admitted.grant.policy_version, rows)

        await admitted.ask(Keys(), judge)
        raise error


async def _verified(admitted: Admission, call: Call, named: Sequence[Named]) -> tuple[str, ...]:
    """The personal numbers of whom an event names.

    Raises:
        Obstructed: somebody is not who the event says; it is recorded, and counts as a guess.
    """
    claims = [one.claim for one in named]
    decisions: list[Decision] = []
    wrong: list[CallError] = []

    def judge(moment: Moment) -> Prepared:
        admitted.check_guesses(moment, claims)
        for one in named:
            decision = decide(one.claim, moment.snapshot, explain=False)
            admitted.note(decision)
            decisions.append(decision)
            if decision.outcome is not Outcome.VERIFIED:
                wrong.append(events.person_not_verified(one.field))
        if not wrong:
            raise NotYet
        rows = [moment.touched(decision) for decision in decisions]
        return moment.refuse(call, wrong[0].reason, admitted.grant.policy_version, rows)

    with contextlib.suppress(NotYet):
        await admitted.ask(all_keys(claims, explain=False), judge)
    if wrong:
        raise wrong[0]
    return tuple(decision.subject for decision in decisions)
