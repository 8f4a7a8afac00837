"""Reports events, each until it is answered; sometimes twice at once, or with another payload."""

from __future__ import annotations

import asyncio

from clients.sdk import EventAnswer, Gateway, OutcomeUnknown, Refused, Unreachable
from dancu.v1 import population_event_service_pb2 as service
from tests.torture.clients.setup import Setup, is_temporary, packed, pause, start
from tests.torture.clients.way import Way
from tests.torture.journal import Journal
from tests.torture.story import Report, Story, Taken, other_payload, paper_of

FIRST, OTHER = "a", "b"  # payloads of one request id
HANDS = 4  # stories that one submitter tells at the same time
_ATTEMPT = 1.0  # seconds that the SDK goes on by itself
_TRICKS = ("none", "twice", "rivals", "again", "other")
_WEIGHTS = (40, 15, 10, 20, 15)


class Submitter:
    """Reports one event after the other, with a journal of its own."""

    def __init__(self, setup: Setup, hand: int, ways: list[Way]) -> None:
        name = f"{setup.name}.{hand}"
        self._setup = setup
        self._journal = Journal(setup.journal_path.with_name(f"{name}.journal"))
        self._ways = ways
        people = setup.cast().lively[setup.name]
        self._story = Story(setup.seed, name, people[hand::HANDS])

    async def run(self) -> None:
        """Go on from where the journal ends, until told to finish."""
        for entry in self._journal.entries:
            if "done" in entry:
                self._story.next()
                self._story.tell(Taken(**entry["taken"]) if entry["taken"] else None)
        while not self._setup.finishing() or self._unfinished():
            await self._step()

    def _unfinished(self) -> bool:
        """Whether the journal's last report has no end yet."""
        return bool(self._journal.entries) and "done" not in self._journal.entries[-1]

    async def _step(self) -> None:
        step = self._story.step
        report, chance = self._story.next()
        trick = chance.choices(_TRICKS, _WEIGHTS)[0]
        if report.event is None and trick in ("rivals", "other"):
            trick = "again"
        sent = [FIRST, OTHER] if trick == "rivals" else [FIRST] * (1 + (trick == "twice"))
        answers = await asyncio.gather(
            *(self._ask(way, report, payload) for way, payload in enumerate(sent))
        )
        if trick == "again":
            await self._ask(1, report, FIRST)
        if trick == "other":
            await self._ask(1, report, OTHER)
        taken = next((one for one in answers if one is not None), None)
        told = (
            {
                "event_id": taken.event_id,
                "personal_id": taken.personal_id,
                "last_revision": taken.last_revision,
            }
            if taken
            else None
        )
        self._journal.add(done=step, taken=told)
        self._story.tell(Taken(**told) if told else None)  # type: ignore[arg-type]

    async def _ask(self, way: int, report: Report, payload: str) -> EventAnswer | None:
        """Send a report until it is answered or refused, and write down which."""
        self._journal.add(
            sent=report.request_id,
            payload=payload,
            event=packed(_bytes_of(report, payload)),
            annuls=report.annuls,
            effect=report.effect,
        )
        while True:
            try:
                answer = await self._send(self._ways[way].gateway, report, payload)
            except (Unreachable, OutcomeUnknown):
                self._ways[way].turn()
                await pause()
            except Refused as error:
                if not is_temporary(error):
                    self._journal.add(
                        refused=report.request_id,
                        payload=payload,
                        code=error.code.name,
                        reason=error.reason,
                    )
                    return None
                self._ways[way].turn()
                await pause()
            else:
                self._journal.add(
                    answered=report.request_id,
                    payload=payload,
                    event_id=answer.event_id,
                    first=answer.first_revision,
                    last=answer.last_revision,
                    receipt=packed(answer.evidence.receipt),
                )
                return answer

    @staticmethod
    async def _send(gateway: Gateway, report: Report, payload: str) -> EventAnswer:
        if report.event is None:
            return await gateway.annul_event(
                report.annuls,
                document=paper_of(report.request_id),
                reason="torture",
                request_id=report.request_id,
                patience=_ATTEMPT,
            )
        event = report.event if payload == FIRST else other_payload(report.event)
        return await gateway.submit_event(
            event,
            expected_revision=report.expected_revision,
            request_id=report.request_id,
            patience=_ATTEMPT,
        )


def _bytes_of(report: Report, payload: str) -> bytes:
    """What is reported, to be found again in the register; empty for an annulment."""
    if report.event is None:
        return b""
    event = report.event if payload == FIRST else other_payload(report.event)
    request = service.SubmitPopulationEventRequest(event=event)
    return request.event.SerializeToString(deterministic=True)


async def submit(setup: Setup, _journal: Journal) -> None:
    """Report events over two connections at a time."""
    async with setup.connect(0) as first, setup.connect(1) as second:
        hands = [Submitter(setup, hand, [first.copy(), second.copy()]) for hand in range(HANDS)]
        await asyncio.gather(*(hand.run() for hand in hands))


if __name__ == "__main__":
    start(submit)
