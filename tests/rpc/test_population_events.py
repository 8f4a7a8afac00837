"""Events over the wire, into a real register and back out of it."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from dancu.v1 import access_history_service_pb2 as history
from dancu.v1 import citizen_pb2, statement_pb2
from dancu.v1 import population_event_pb2 as pb
from dancu.v1 import population_event_service_pb2 as service
from gateway.core.errors import Unavailable
from gateway.engines.sqlite import register_info, submitted_events
from gateway.store.sqlite import SqliteRecords
from tests.rpc.gateways import Running, audited, serving
from tests.rpc.raw import (
    ACCESSES,
    RawClient,
    claim,
    failure_of,
    request_context,
    verify_request,
)
from tests.support.events import (
    ANNUL,
    GET,
    SUBMIT,
    annulling,
    asking_for,
    birth,
    day,
    event,
    submitting,
)

FATHER = claim()
MOTHER = claim("079190000002", "Hồ Thị Bích Thuỷ", (1990, 9, 2))
WIFE = claim("276198000011", "Phan Quỳnh Chi", (1998, 11, 5))
HUSBAND = claim("062098000045", "A Thuận", (1998, 12, 24))
LOSS = event(card_loss=pb.CardLossEvent(person=FATHER))


async def report(
    raw: RawClient, request_id: str, reported: pb.PopulationEvent, expected: int = 0
) -> pb.EventRecord:
    """Report an event; what its receipt says, verified."""
    sent = submitting(reported, request_context(request_id), expected)
    return receipt(raw, await raw.send(SUBMIT, sent))


def receipt(raw: RawClient, answer: bytes) -> pb.EventRecord:
    """What an answer says; that of all three methods has one form."""
    signed = service.SubmitPopulationEventResponse.FromString(answer).signed
    stated = raw.checked(signed)
    assert isinstance(stated, statement_pb2.EventReceipt)
    return stated.record


async def refusal(
    raw: RawClient, request_id: str, reported: pb.PopulationEvent, expected: int = 0
) -> str:
    """Report an event that must be refused; returns the reason."""
    sent = submitting(reported, request_context(request_id), expected)
    return (await failure_of(raw.send(SUBMIT, sent))).reason


def child(number: str, given: str = "An") -> citizen_pb2.CitizenClaim:
    """The child of ``birth``."""
    return claim(number, f"Trần Thị {given}", (2025, 12, 30))


async def outcome(raw: RawClient, one: citizen_pb2.CitizenClaim) -> tuple[int, int]:
    """Whether somebody verifies, and with what status."""
    said = await raw.verify(verify_request(one).SerializeToString())
    return int(said.outcome), int(said.person.status)


async def test_a_birth_gets_its_number(raw: RawClient) -> None:
    """By the rule: province of registration, century and sex, year; and the child verifies."""
    said = await report(raw, "E-1", birth(MOTHER, FATHER))
    assert said.personal_id[:6] == "079325"
    assert said.state == pb.EVENT_STATE_APPLIED
    assert 0 < said.first_revision <= said.last_revision
    assert await outcome(raw, child(said.personal_id)) == (1, 1)


async def test_a_second_report_of_the_same_child(raw: RawClient) -> None:
    """Is a possible duplicate, unless the office says that it has checked."""
    one = await report(raw, "E-1", birth(MOTHER, FATHER))
    assert await refusal(raw, "E-2", birth(MOTHER)) == "POSSIBLE_DUPLICATE"
    other = await report(raw, "E-3", birth(MOTHER, FATHER, not_a_duplicate=True))
    assert other.personal_id != one.personal_id


async def test_twins_are_no_duplicates(raw: RawClient) -> None:
    """Each says which of how many it is; the second report of one of them is a duplicate."""
    twins = [
        birth(MOTHER, FATHER, given, children_in_birth=2, birth_order=at)
        for at, given in ((1, "Bình"), (2, "Châu"))
    ]
    born = [await report(raw, f"E-{at}", one) for at, one in enumerate(twins)]
    assert len({one.personal_id for one in born}) == 2
    assert await refusal(raw, "E-9", twins[1]) == "POSSIBLE_DUPLICATE"


async def test_what_stands_in_the_way_travels_as_a_precondition(raw: RawClient) -> None:
    """With the reason as its type and the field as its subject, and no data of anybody."""
    await report(raw, "E-1", LOSS)
    sent = submitting(LOSS, request_context("E-2"))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await raw.send(SUBMIT, sent)
    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    trailers = dict(caught.value.trailing_metadata() or ())
    details = status_pb2.Status.FromString(trailers["grpc-status-details-bin"]).details
    found = error_details_pb2.PreconditionFailure()
    assert any(one.Unpack(found) for one in details)
    (violation,) = found.violations
    assert (violation.type, violation.subject) == ("NO_CARD", "event.card_loss.person")
    assert violation.description


async def test_unknown_and_mismatch_are_refused_alike(raw: RawClient) -> None:
    """The same reason, sentence and field."""
    told = []
    for at, one in enumerate((claim("079088000999"), claim(full_name="Sai Tên"))):
        sent = submitting(event(divorce=pb.DivorceEvent(person=one)), request_context(f"E-{at}"))
        failure = await failure_of(raw.send(SUBMIT, sent))
        del failure.told["trace"]
        told.append(failure)
    assert told[0] == told[1]
    assert told[0].reason == "PERSON_NOT_VERIFIED"


async def test_a_hundred_retries_at_once(running: Running, raw: RawClient) -> None:
    """One effect, one leaf, one charge, and a hundred answers of the same bytes."""
    sent = submitting(birth(MOTHER, FATHER), request_context("E-1"))
    told = await asyncio.gather(*(raw.send(SUBMIT, sent) for _ in range(100)))
    assert len(set(told)) == 1
    report = audited(running.data_dir)
    assert (report.leaves, report.accesses) == (1, 3)  # mother, father and child


async def test_two_gateways_on_one_store(data_dir: Path) -> None:
    """Whichever takes the event in, both give the same answer at once."""
    sent = [
        submitting(birth(MOTHER, not_a_duplicate=True), request_context(f"E-{at}"))
        for at in range(10)
    ]
    async with (
        serving(data_dir) as one,
        serving(data_dir) as other,
        RawClient(one) as first,
        RawClient(other) as second,
    ):
        told = await asyncio.gather(
            *(raw.send(SUBMIT, each) for each in sent for raw in (first, second))
        )
    assert told[::2] == told[1::2]
    assert audited(data_dir).leaves == len(list(submitted_events(data_dir / "population.db"))) == 10


async def test_an_answer_outlives_the_gateway(data_dir: Path) -> None:
    """The same bytes after a restart, though they were not sent twice before."""
    sent = submitting(LOSS, request_context("E-1"))
    told = []
    for _ in range(2):
        async with serving(data_dir) as running, RawClient(running) as raw:
            told.append(await raw.send(SUBMIT, sent))
    assert told[0] == told[1]
    assert audited(data_dir).leaves == 1


async def test_another_payload_under_the_same_request_id(raw: RawClient) -> None:
    """Is refused, and what came first stands."""
    await report(raw, "E-1", LOSS)
    sent = submitting(birth(MOTHER), request_context("E-1"))
    failure = await failure_of(raw.send(SUBMIT, sent))
    assert (failure.code, failure.reason) == (
        grpc.StatusCode.ALREADY_EXISTS,
        "REQUEST_ID_REUSED",
    )


async def test_a_writer_who_reads_first(raw: RawClient) -> None:
    """Is refused when somebody named was changed after what was read, and only then."""
    before = (await raw.verify()).header.register_revision
    await report(raw, "E-1", event(card_loss=pb.CardLossEvent(person=FATHER)), before)
    divorce = birth(MOTHER, FATHER)
    assert await refusal(raw, "E-2", divorce, before) == "REVISION_MOVED"
    now = (await raw.verify()).header.register_revision
    await report(raw, "E-2", divorce, now)


async def test_an_annulled_birth(raw: RawClient) -> None:
    """Nobody verifies by its number any more; annulling it again is refused."""
    born = await report(raw, "E-1", birth(MOTHER, FATHER))
    sent = annulling(born.event_id, request_context("A-1"))
    answer = await raw.send(ANNUL, sent)
    said = receipt(raw, answer)
    assert (said.event_id, said.state) == (born.event_id, pb.EVENT_STATE_ANNULLED)
    assert said.annulled_by
    assert await raw.send(ANNUL, sent) == answer
    assert (await outcome(raw, child(born.personal_id)))[0] == 2
    again = annulling(born.event_id, request_context("A-2"))
    failure = await failure_of(raw.send(ANNUL, again))
    assert (failure.code, failure.reason) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "EVENT_ANNULLED",
    )


async def test_an_event_as_it_is_now(raw: RawClient) -> None:
    """Asked for by its id, each time anew; unknown ones are not found."""
    born = await report(raw, "E-1", birth(MOTHER, FATHER))
    asked = asking_for(born.event_id, request_context("G-1"))
    assert receipt(raw, await raw.send(GET, asked)) == born
    failure = await failure_of(raw.send(GET, asking_for("BD-9999999999", request_context("G-2"))))
    assert (failure.code, failure.reason) == (grpc.StatusCode.NOT_FOUND, "EVENT_NOT_FOUND")
    failure = await failure_of(raw.send(GET, asking_for("no id", request_context("G-2"))))
    assert failure.reason == "EVENT_NOT_FOUND"


async def test_a_number_that_waits(data_dir: Path) -> None:
    """The newborn verifies with NUMBER_PENDING until it is confirmed, by itself."""
    async with serving(data_dir, number_delay=1.5) as running, RawClient(running) as raw:
        born = await report(raw, "E-1", birth(MOTHER, FATHER))
        assert born.state == pb.EVENT_STATE_NUMBER_PENDING
        assert await outcome(raw, child(born.personal_id)) == (1, 5)
        asked = asking_for(born.event_id, request_context("G-1"))
        for _ in range(200):
            now = receipt(raw, await raw.send(GET, asked)).state
            if now == pb.EVENT_STATE_APPLIED:
                break
            await asyncio.sleep(0.1)
        assert now == pb.EVENT_STATE_APPLIED
        assert await outcome(raw, child(born.personal_id)) == (1, 1)


async def test_everybody_whose_record_changed_sees_it(data_dir: Path) -> None:
    """A divorce names one of the two; the history of the other tells of it, too."""
    marriage = pb.MarriageEvent(wife=WIFE, husband=HUSBAND)
    async with serving(data_dir, "explain") as running, RawClient(running) as raw:
        await report(raw, "E-1", event(marriage=marriage))
        await report(raw, "E-2", event(divorce=pb.DivorceEvent(person=WIFE)))
        asked = history.ListAccessesRequest(context=request_context("H-1"), claim=HUSBAND)
        answer = history.ListAccessesResponse.FromString(
            await raw.send(ACCESSES, asked.SerializeToString())
        )
    seen = statement_pb2.AccessHistory.FromString(answer.signed.statement.value).entries
    assert [one.rpc.rpartition("/")[2] for one in seen] == ["SubmitPopulationEvent"] * 2


async def test_a_dispute_changes_nobody(raw: RawClient) -> None:
    """The register keeps it; no revision comes of it."""
    dispute = pb.AccessDisputeEvent(person=FATHER, leaf_index=0, row_index=0, statement="Vì sao?")
    said = await report(raw, "E-1", event(access_dispute=dispute))
    assert (said.first_revision, said.last_revision, said.personal_id) == (
        0,
        0,
        FATHER.personal_id,
    )


@pytest.fixture
async def crashed(data_dir: Path, built: Path) -> Path:
    """A directory whose register has an event that the log knows nothing of."""
    async with serving(data_dir) as running, RawClient(running) as raw:
        await report(raw, "E-1", LOSS)
    for name in ("gateway.db", "gateway.db-wal", "gateway.db-shm", "keys/log.json"):
        (data_dir / name).unlink(missing_ok=True)
    shutil.copy(built / "gateway.db", data_dir)
    return data_dir


async def test_a_start_after_a_crash(crashed: Path) -> None:
    """The receipt is in the log before anybody is answered, and is given to who asks again."""
    assert [one.invariant for one in audited(crashed).findings] == ["EVENT_RECEIPT"]
    async with serving(crashed) as running:
        assert audited(crashed).leaves == 1
        async with RawClient(running) as raw:
            said = await report(raw, "E-1", LOSS)
    assert said.state == pb.EVENT_STATE_APPLIED
    assert audited(crashed).leaves == 1


async def test_a_birth_that_two_systems_report(data_dir: Path) -> None:
    """The second one is told of a possible duplicate, not that somebody else was first."""
    async with (
        serving(data_dir) as one,
        serving(data_dir, "full") as other,
        RawClient(one) as first,
        RawClient(other) as second,
    ):
        born = await report(first, "E-1", birth(MOTHER, FATHER))
        assert await refusal(second, "E-1", birth(MOTHER, FATHER)) == "POSSIBLE_DUPLICATE"
        asked = asking_for(born.event_id, request_context("G-1"))
        assert (await failure_of(second.send(GET, asked))).reason == "EVENT_NOT_FOUND"


DEAD = claim("004049000035", "Nông Văn Dền", (1949, 10, 19))
NOWHERE = claim("091083000044", "Trần Văn Lênh", (1983, 6, 28))
YEAR_ONLY = claim("040048000014", "Nguyễn Văn Tư", (1948, 0, 0))


@pytest.mark.parametrize(
    ("reported", "reason"),
    [
        (event(death=pb.DeathEvent(person=DEAD, date=day(2025))), "ALREADY_DEAD"),
        (
            event(
                departure=pb.DepartureEvent(person=NOWHERE, kind=pb.RESIDENCE_EVENT_KIND_PERMANENT)
            ),
            "NO_RESIDENCE",
        ),
        (event(death=pb.DeathEvent(person=YEAR_ONLY, date=day(1947))), "BEFORE_BIRTH"),
    ],
    ids=["death-of-the-dead", "departure-from-nowhere", "death-before-the-year-of-birth"],
)
async def test_events_that_cannot_be(
    running: Running, raw: RawClient, reported: pb.PopulationEvent, reason: str
) -> None:
    """They are refused and recorded, and the register is as it was."""
    before = register_info(running.data_dir / "population.db").revision
    assert await refusal(raw, "E-1", reported) == reason
    assert register_info(running.data_dir / "population.db").revision == before
    assert audited(running.data_dir).leaves == 1


async def test_somebody_whose_birth_year_alone_is_known(raw: RawClient) -> None:
    """Dies in the year of birth, as far as the register can tell, or later."""
    death = pb.DeathEvent(person=YEAR_ONLY, date=day(1948))
    said = await report(raw, "E-1", event(death=death))
    assert said.personal_id == YEAR_ONLY.personal_id
    assert (await raw.verify(verify_request(YEAR_ONLY).SerializeToString())).person.status == 2


async def test_the_operator_sees_where_an_event_ended(data_dir: Path) -> None:
    """The decision that is kept names the check that failed, and nobody."""
    stranger = event(divorce=pb.DivorceEvent(person=claim(full_name="Sai Tên")))
    async with serving(data_dir) as running, RawClient(running) as raw:
        await refusal(raw, "E-1", stranger)
        await report(raw, "E-2", LOSS)
        await refusal(raw, "E-3", LOSS)
    kept = (data_dir / "decisions.jsonl").read_text("utf-8")
    failed = [
        [check["name"] for check in json.loads(line)["checks"] if check["result"] == "failed"]
        for line in kept.splitlines()
    ]
    assert failed == [["match"], ["state"]]
    assert claim().personal_id not in kept


async def test_a_correction_whose_receipt_failed(
    running: Running, raw: RawClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The register has it, and the person no longer verifies by the old name: asked again, once."""
    name = citizen_pb2.PersonName(family="Trần", middle="Minh", given="Khoa")
    correction = pb.CorrectionEvent(person=FATHER, name=name)
    sent = submitting(event(correction=correction), request_context("E-1"))

    async def fails(*_: object) -> None:
        raise Unavailable("RECORD_STORE_UNAVAILABLE", "down", "down")

    with monkeypatch.context() as patched:
        patched.setattr(SqliteRecords, "commit", fails)
        assert (await failure_of(raw.send(SUBMIT, sent))).reason == "RECORD_STORE_UNAVAILABLE"
    assert (await outcome(raw, FATHER))[0] == 2
    first = await raw.send(SUBMIT, sent)
    assert receipt(raw, first).personal_id == FATHER.personal_id
    assert await raw.send(SUBMIT, sent) == first
    assert len(list(submitted_events(running.data_dir / "population.db"))) == 1
