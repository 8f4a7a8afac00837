"""The counter: what it asks the gateway for a dossier, and what it does with each answer.

What to copy from it:

- the receipt goes into the dossier whatever the answer was, yes or no;
- "not verified" means asking the person again, not sending them away;
- verified is not alive: read the status, and the notices;
- what the register knows is looked up, not asked for a second time;
- an event is on disk with its request id before it is sent, so that it counts once;
- when the gateway cannot be reached, the dossier waits.

Not handled: an answer that does not verify (UntrustedAnswer) and a right that is missing
(PERMISSION_DENIED). Both must stop the counter and reach the administrator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from enum import Enum

import grpc
from google.protobuf.json_format import MessageToDict

from clients.procedures.dossier import Dossier
from clients.sdk import (
    Assertion,
    AttributesAnswer,
    CallContext,
    Claim,
    EventAnswer,
    Gateway,
    HouseholdAnswer,
    IdentityAnswer,
    LookupAnswer,
    Outcome,
    OutcomeUnknown,
    PersonStatus,
    Refused,
    ResidenceAnswer,
    Unreachable,
    WatchedAnswer,
)
from dancu.v1.citizen_pb2 import Citizen
from dancu.v1.population_event_pb2 import PopulationEvent

Answer = IdentityAnswer | LookupAnswer | ResidenceAnswer | HouseholdAnswer | AttributesAnswer
Say = Callable[[str, str], None]
"""Told who does what, for the transcript."""

# ABORTED: somebody was changed since the look-up; when it is run again, it looks again
_LATER = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.ABORTED,
    }
)


class Step(Enum):
    """What the counter does when it cannot go on."""

    ASK_AGAIN = "compare number, name and birth date with the person's papers"
    SEE_OFFICER = "a civil status officer decides"
    WAIT = "keep the dossier and go on later: nothing is lost"


class Stopped(Exception):
    """The procedure cannot go on now. Run again later, it goes on with the same dossier."""

    def __init__(self, step: Step, why: str) -> None:
        super().__init__(f"{why}: {step.value}")
        self.step = step
        self.why = why


class Counter:
    """One officer at one counter.

    Args:
        gateway: The link.
        context: Who asks; procedure and dossier come from each dossier.
        office: What stands on its papers as the authority.
        say: See ``Say``.
    """

    def __init__(self, gateway: Gateway, context: CallContext, office: str, say: Say) -> None:
        self.office = office
        self.say = say
        self._gateway = gateway
        self._context = context

    async def identify(self, dossier: Dossier, who: str, claim: Claim) -> IdentityAnswer:
        """Xác thực: is this who they say, and alive? ``who`` names them in the dossier."""
        self.say("officer", f"types in number, name and birth date of the {who}")
        with _stopping():
            answer = await self._gateway.verify_identity(
                **asdict(claim), context=dossier.context(self._context)
            )
        self._keep(dossier, f"{who}-identity", answer)
        person = answer.person
        if person and (person.status is not PersonStatus.ALIVE or person.notices):
            notices = [each.name for each in person.notices]
            self.say("gateway", f"take note: {', '.join([person.status.name, *notices])}")
        if person and person.status is not PersonStatus.ALIVE:
            raise Stopped(Step.SEE_OFFICER, f"the {who} is {person.status.name}")
        return answer

    async def fill(self, dossier: Dossier, who: str, claim: Claim, fields: Sequence[str]) -> None:
        """Tra cứu: fill the form from the register; what it has, the citizen is not asked."""
        self.say("officer", f"looks the {who} up, and the form fills itself")
        with _stopping():
            answer = await self._gateway.lookup_citizen(
                **asdict(claim), fields=fields, context=dossier.context(self._context)
            )
        self._keep(dossier, f"{who}-fields", answer)
        found = MessageToDict(answer.citizen or Citizen(), preserving_proto_field_name=True)
        dossier.fill(who, found)
        self.say("form", f"{who}: {', '.join(found)}")

    async def residence(self, dossier: Dossier, who: str, claim: Claim) -> ResidenceAnswer:
        """Xác nhận cư trú, instead of the paper household book."""
        self.say("officer", f"asks where the {who} lives, not for a paper book")
        with _stopping():
            answer = await self._gateway.confirm_residence(
                **asdict(claim), context=dossier.context(self._context)
            )
        self._keep(dossier, f"{who}-residence", answer)
        return answer

    async def household(self, dossier: Dossier, who: str, claim: Claim) -> HouseholdAnswer:
        """Who lives in the household of permanent residence."""
        self.say("officer", f"asks who lives with the {who}")
        with _stopping():
            answer = await self._gateway.get_household(
                **asdict(claim), context=dossier.context(self._context)
            )
        self._keep(dossier, f"{who}-household", answer)
        return answer

    async def confirm(
        self, dossier: Dossier, who: str, claim: Claim, assertions: Sequence[Assertion]
    ) -> bool:
        """Xác minh: is all of this so? Nothing else of the person is shown for it."""
        self.say("officer", f"asks whether what the {who} says is so")
        with _stopping():
            answer = await self._gateway.verify_attributes(
                assertions, **asdict(claim), context=dossier.context(self._context)
            )
        self._keep(dossier, f"{who}-attributes", answer)
        return answer.all_true

    async def report(
        self, dossier: Dossier, what: str, event: PopulationEvent, *, revision: int
    ) -> EventAnswer:
        """Report what happened; ``revision`` is of the answer that the decision rests on.

        When somebody who is named was changed since, the event is not taken in.
        """
        sending = dossier.sending(what, event, revision)
        self.say("officer", f"reports the {what}")
        with _stopping():
            try:
                answer = await self._gateway.submit_event(
                    sending.event,
                    expected_revision=sending.expected_revision,
                    request_id=sending.request_id,
                    context=dossier.context(self._context),
                )
            except Refused as error:  # and so not taken in; else it were OutcomeUnknown
                dossier.refused(what, error.reason)
                raise
        file = dossier.keep(what, answer.evidence)
        self.say("gateway", f"{what}: {answer.state.name}, event {answer.event_id} [{file}]")
        return answer

    async def watch(self, dossier: Dossier, claims: Sequence[Claim]) -> WatchedAnswer:
        """Đăng ký theo dõi: what happens to these citizens comes by the feed (``following``)."""
        self.say("officer", "registers for what happens to them from now on")
        with _stopping():
            answer = await self._gateway.update_watched(
                claims, context=dossier.context(self._context)
            )
        file = dossier.keep("watched", answer.evidence)
        followed = answer.added.count(Outcome.VERIFIED)
        self.say("gateway", f"watched: {followed} more, {answer.watched_count} in all [{file}]")
        return answer

    def _keep(self, dossier: Dossier, what: str, answer: Answer) -> None:
        file = dossier.keep(what, answer.evidence)
        self.say("gateway", f"{what}: {answer.outcome.name} [{file}]")
        if not answer.verified:
            raise Stopped(Step.ASK_AGAIN, f"{what}: {answer.outcome.name}")


@contextmanager
def _stopping() -> Iterator[None]:
    """Turn what is nobody's defect into the step that comes next."""
    try:
        yield
    except (Unreachable, OutcomeUnknown) as error:
        raise Stopped(Step.WAIT, str(error)) from error
    except Refused as error:
        if error.code in _LATER:
            raise Stopped(Step.WAIT, error.officer_vi or error.reason) from error
        if error.code is grpc.StatusCode.FAILED_PRECONDITION:
            raise Stopped(Step.SEE_OFFICER, error.reason) from error
        raise
