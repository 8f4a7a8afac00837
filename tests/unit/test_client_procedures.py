"""The example counter: what it keeps, when it stops, and that an event is reported once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2 as details

from clients import receipts
from clients.procedures.counter import Counter, Step, Stopped
from clients.procedures.dossier import Dossier
from clients.sdk import Claim, Gateway, Paper, Refused, Trust, event_forms
from dancu.v1.population_event_pb2 import PopulationEvent
from tests.support.event_desk import FakeEventDesk
from tests.unit.client_fake_gateway import AN, CONTEXT, HOA, refusal, serving

DEATH = event_forms.death(
    Paper("1/KT", "2025-12-31", "UBND phường Giả Định"), person=Claim(**AN), on="2025-12-30"
)


@pytest.fixture
async def desk() -> AsyncIterator[FakeEventDesk]:
    """A register that takes events in."""
    async with serving(FakeEventDesk()) as served:
        assert isinstance(served, FakeEventDesk)
        yield served


@pytest.fixture
async def counter(desk: FakeEventDesk) -> AsyncIterator[Counter]:
    """The counter in front of it."""
    trust = Trust.pinned([desk.root.key_id])
    async with Gateway.connect(desk.target, trust=trust, context=CONTEXT, timeout=1) as gateway:
        yield Counter(gateway, CONTEXT, "UBND phường Giả Định", lambda _who, _what: None)


@pytest.fixture
def dossier(tmp_path: Path) -> Dossier:
    """An empty one."""
    return Dossier(tmp_path / "HS-1", "HS-1", "DEMO.DEATH")


def verdicts(dossier: Dossier, desk: FakeEventDesk) -> list[receipts.Result]:
    """What an auditor says of each statement, years later and offline."""
    key_set = desk.key_set().SerializeToString()
    trust = receipts.Trust(frozenset({desk.root.key_id}))
    return [found.result for _, found in dossier.verdicts(key_set, trust, datetime.now(UTC))]


async def test_identified(counter: Counter, dossier: Dossier, desk: FakeEventDesk) -> None:
    """A yes lies in the dossier, made for it, and stays provable."""
    answer = await counter.identify(dossier, "claimant", Claim(**AN))
    assert answer.evidence.context.dossier_id == "HS-1"
    assert answer.evidence.context.procedure_code == "DEMO.DEATH"
    assert [kept.file for kept in dossier.kept()] == ["01-claimant-identity.receipt"]
    assert verdicts(dossier, desk) == [receipts.Result.VALID]


@pytest.mark.parametrize(
    ("person", "step"),
    [(HOA, Step.SEE_OFFICER), (AN | {"full_name": "Lê Văn Ân"}, Step.ASK_AGAIN)],
    ids=["dead", "mismatch"],
)
async def test_not_to_go_on(
    counter: Counter, dossier: Dossier, desk: FakeEventDesk, person: dict[str, Any], step: Step
) -> None:
    """The dead and the unverified end the procedure, and the answer is kept all the same."""
    with pytest.raises(Stopped) as caught:
        await counter.identify(dossier, "claimant", Claim(**person))
    assert caught.value.step is step
    assert verdicts(dossier, desk) == [receipts.Result.VALID]


async def test_nobody_answers(dossier: Dossier) -> None:
    """When nobody answers the dossier waits, and no statement is made up."""
    trust = Trust.pinned(["root"])
    async with Gateway.connect("127.0.0.1:1", trust=trust, context=CONTEXT, timeout=1) as gateway:
        counter = Counter(gateway, CONTEXT, "UBND", lambda _who, _what: None)
        with pytest.raises(Stopped) as caught:
            await counter.identify(dossier, "claimant", Claim(**AN))
    assert caught.value.step is Step.WAIT
    assert dossier.kept() == []


async def test_reported_once(counter: Counter, dossier: Dossier, desk: FakeEventDesk) -> None:
    """After a crash the event that was written down is sent again, and counts once."""
    written = dossier.sending("death", DEATH, 0)
    other = PopulationEvent()
    other.CopyFrom(DEATH)
    other.registered_date.day += 1  # it is the next day
    for _ in range(2):
        again = Dossier(dossier.folder, "HS-1", "DEMO.DEATH")
        answer = await counter.report(again, "death", other, revision=9)
        assert answer.evidence.request_id == written.request_id
    assert [record.event for record in desk.taken_in] == [DEATH]


@pytest.mark.parametrize(
    ("code", "reason", "step"),
    [
        (grpc.StatusCode.FAILED_PRECONDITION, "ALREADY_DEAD", Step.SEE_OFFICER),
        (grpc.StatusCode.ABORTED, "REVISION_MOVED", Step.WAIT),
    ],
)
async def test_event_that_is_refused(
    counter: Counter,
    dossier: Dossier,
    desk: FakeEventDesk,
    code: grpc.StatusCode,
    reason: str,
    step: Step,
) -> None:
    """What stands in the way is an officer's, what has changed is read again; each is another."""
    desk.fail_with = [refusal(code, reason)]
    first = dossier.sending("death", DEATH, 0)
    with pytest.raises(Stopped) as caught:
        await counter.report(dossier, "death", DEATH, revision=0)
    assert (caught.value.step, caught.value.why) == (step, reason)
    assert not dossier.is_sent("death")
    assert dossier.sending("death", DEATH, 0).request_id != first.request_id


async def test_quota(counter: Counter, dossier: Dossier, desk: FakeEventDesk) -> None:
    """When the quota is used up the dossier waits."""
    desk.fail_with = [refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, "QUOTA_DAY_EXCEEDED")]
    with pytest.raises(Stopped) as caught:
        await counter.identify(dossier, "claimant", Claim(**AN))
    assert caught.value.step is Step.WAIT


async def test_missing_right(counter: Counter, dossier: Dossier, desk: FakeEventDesk) -> None:
    """A right that is missing is the administrator's: it is not taken for a step."""
    info = details.ErrorInfo(reason="RPC_NOT_GRANTED", domain="dancu")
    desk.fail_with = [(grpc.StatusCode.PERMISSION_DENIED, (info,))]
    with pytest.raises(Refused):
        await counter.identify(dossier, "claimant", Claim(**AN))


async def test_exchanged_statement(counter: Counter, dossier: Dossier, desk: FakeEventDesk) -> None:
    """A statement in another one's place is found out."""
    await counter.identify(dossier, "claimant", Claim(**AN))
    await counter.identify(dossier, "claimant", Claim(**AN))
    first, second = (dossier.folder / kept.file for kept in dossier.kept())
    first.write_bytes(second.read_bytes())
    assert verdicts(dossier, desk) == [receipts.Result.INVALID, receipts.Result.VALID]
