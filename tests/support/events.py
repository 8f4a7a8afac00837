"""Events as the contract's messages, and a register of events that fails when it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from google.type.date_pb2 import Date

from dancu.v1 import citizen_pb2, context_pb2
from dancu.v1 import population_event_pb2 as pb
from dancu.v1 import population_event_service_pb2 as service
from mock_population_db.changes import Change, ChangeCause, ChangeKind, ChangePage, ChangeQuery
from mock_population_db.events import (
    KINDS,
    Annulment,
    Applied,
    EventState,
    EventUnknown,
    RequestReused,
    Submission,
)
from mock_population_db.store.errors import PopulationUnavailable
from tests.support.scene import AS_OF, NOW

SUBMIT = "/dancu.v1.PopulationEventService/SubmitPopulationEvent"
GET = "/dancu.v1.PopulationEventService/GetPopulationEvent"
ANNUL = "/dancu.v1.PopulationEventService/AnnulPopulationEvent"

COMMUNE = "25747"  # of Hồ Chí Minh City, in the codes in force from 2025-07-01
TODAY = (2026, 1, 1)  # of the registers that tests are run on


def day(year: int, month: int = 0, of_month: int = 0) -> Date:
    """A date of the contract."""
    return Date(year=year, month=month, day=of_month)


def paper(number: str = "12/2026") -> pb.LegalDocument:
    """A document without faults."""
    return pb.LegalDocument(
        number=number, book="01", issued_date=day(*TODAY), authority="UBND phường"
    )


def event(**what: Any) -> pb.PopulationEvent:
    """An event of today, e.g. ``event(card_loss=...)``."""
    return pb.PopulationEvent(
        document=paper(), effective_date=day(*TODAY), registered_date=day(*TODAY), **what
    )


def submitting(
    reported: pb.PopulationEvent,
    context: context_pb2.RequestContext,
    expected_revision: int = 0,
) -> bytes:
    """The bytes of a report."""
    return service.SubmitPopulationEventRequest(
        context=context, event=reported, expected_revision=expected_revision
    ).SerializeToString()


def annulling(event_id: str, context: context_pb2.RequestContext) -> bytes:
    """The bytes of an annulment."""
    return service.AnnulPopulationEventRequest(
        context=context, event_id=event_id, document=paper("HUY-1"), reason="đăng ký nhầm"
    ).SerializeToString()


def asking_for(event_id: str, context: context_pb2.RequestContext) -> bytes:
    """The bytes of a question about an event."""
    return service.GetPopulationEventRequest(context=context, event_id=event_id).SerializeToString()


def birth(
    mother: citizen_pb2.CitizenClaim | None,
    father: citizen_pb2.CitizenClaim | None = None,
    given: str = "An",
    **more: Any,
) -> pb.PopulationEvent:
    """A girl is born."""
    return event(
        birth=pb.BirthEvent(
            name=citizen_pb2.PersonName(family="Trần", middle="Thị", given=given),
            birth_date=day(2025, 12, 30),
            sex=citizen_pb2.SEX_FEMALE,
            mother=mother,
            father=father,
            registration_commune_code=COMMUNE,
            **more,
        )
    )


@dataclass
class FakeEvents:
    """A register that keeps events in a list. Its rules are whatever ``refuse`` raises."""

    applied: list[Applied] = field(default_factory=list)
    submissions: list[Submission] = field(default_factory=list)
    refuse: Exception | None = None
    down: bool = False
    changed: Callable[[Submission], Sequence[str]] = lambda _: ()
    confirmed_before: list[datetime] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)  # after which events was asked

    async def apply(self, submission: Submission) -> Applied:
        """Take an event in, once."""
        await asyncio.sleep(0)
        self._check()
        key = (submission.reporter, submission.rpc, submission.request_id)
        known = await self.find_request(*key)
        if known is not None:
            if known.fingerprint != submission.fingerprint:
                raise RequestReused
            return replace(known, repeated=True)
        if self.refuse is not None:
            raise self.refuse
        return self._take(submission)

    async def find_event(self, event_id: str) -> Applied:
        """An event that was taken in."""
        self._check()
        for one in self.applied:
            if one.event_id == event_id:
                return one
        raise EventUnknown(event_id)

    async def find_request(self, reporter: str, rpc: str, request_id: str) -> Applied | None:
        """The event that a request made."""
        self._check()
        key = (reporter, rpc, request_id)
        found = (one for one in self.applied if (one.reporter, one.rpc, one.request_id) == key)
        return next(found, None)

    async def events_after(self, event_id: str, limit: int) -> Sequence[Applied]:
        """The events after this one."""
        self._check()
        self.pages.append(event_id)
        return [one for one in self.applied if one.event_id > event_id][:limit]

    async def confirm_pending(self, before: datetime) -> int:
        """Remembers that it was asked."""
        self._check()
        self.confirmed_before.append(before)
        return 0

    async def find_changes(self, query: ChangeQuery) -> ChangePage:
        """Whose records were changed."""
        one = next(one for one in self.applied if one.first_revision == query.start)
        submission = self.submissions[self.applied.index(one)]
        changes = [_change(query.start, number) for number in self.changed(submission)]
        return ChangePage(tuple(changes), one.last_revision, one.last_revision, 0, {})

    async def wait_beyond(self, revision: int) -> int:
        """Nobody waits here."""
        raise NotImplementedError

    def _check(self) -> None:
        if self.down:
            raise PopulationUnavailable("down")

    def _take(self, submission: Submission) -> Applied:
        number = len(self.applied) + 1
        what = submission.what
        taken = Applied(
            f"BD-{number}",
            KINDS[type(what)],
            EventState.APPLIED,
            getattr(what, "person", ""),
            number,
            number,
            submission.recorded_at,
            submission.reporter,
            submission.rpc,
            submission.request_id,
            submission.fingerprint,
            submission.original,
            submission.signature,
        )
        if isinstance(what, Annulment):
            (at,) = [at for at, one in enumerate(self.applied) if one.event_id == what.event_id]
            self.applied[at] = replace(
                self.applied[at], state=EventState.ANNULLED, annulled_by=taken.event_id
            )
        self.applied.append(taken)
        self.submissions.append(submission)
        return taken


def _change(revision: int, number: str) -> Change:
    return Change(
        revision, ChangeKind.DOCUMENT, number, ("documents",), ChangeCause.SUBMITTED, NOW, AS_OF
    )
