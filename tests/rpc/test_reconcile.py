"""ReconcileCitizens over the wire: real stores, a real channel, and the documented people."""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing as shutting
from datetime import date
from pathlib import Path

import grpc
import pytest

from dancu.v1 import citizen_pb2
from dancu.v1.citizen_pb2 import CODE_EPOCH_LEGACY, SEX_FEMALE, SEX_MALE
from mock_population_db.partial_date import PartialDate
from mock_population_db.personas import PersonaClaim, personas_for
from tests.rpc.gateways import CONTEXT, Running, audited, serving
from tests.rpc.raw import RawClient, claim, failure_of
from tests.rpc.reconciling import (
    Stream,
    chunk,
    closing,
    digest_of,
    items_of,
    opening,
    record,
    stated,
)

CAST = personas_for(date(2026, 1, 1)).personas
MATCHED, CORRECTED, NOT_VERIFIED, AMBIGUOUS, INVALID = 1, 2, 3, 4, 5
SUPERSEDED, DECEASED, DUPLICATE, REPAIRED = 1, 2, 3, 4
FIRST = [record(claim(), "a"), record(claim(full_name="Trần Minh Khai"), "b")]
SECOND = [record(claim("079190000002", "Hồ Thị Bích Thủy", (1990, 9, 2)), "c")]


@pytest.fixture
def stream(raw: RawClient) -> Stream:
    """A stream of a plain caller."""
    return Stream(raw)


def claimed(told: PersonaClaim) -> citizen_pb2.CitizenClaim:
    """A persona's claim."""
    birth = PartialDate.parse(told.birth_date)
    return claim(
        told.personal_id,
        told.full_name,
        (birth.year, birth.month, birth.day),
        told.old_id_number,
    )


async def test_the_cast_gets_the_verdicts_of_every_other_call(stream: Stream) -> None:
    """Whoever is VERIFIED is MATCHED; whoever is not is NOT_VERIFIED, but for changed numbers."""
    await stream.open()
    records = [record(claimed(one.claim), one.slug) for one in CAST]
    items = items_of(await stream.answer(0, records))
    assert [item.row_key for item in items] == [one.slug for one in CAST]
    for one, item in zip(CAST, items, strict=True):
        if SUPERSEDED in item.flags:
            assert item.verdict == MATCHED
            assert item.current_personal_id not in ("", one.claim.personal_id)
        else:
            expected = {MATCHED} if one.expect == "VERIFIED" else {NOT_VERIFIED, AMBIGUOUS}
            assert item.verdict in expected, one.slug
    told = {flag for item in items for flag in item.flags}
    assert told >= {SUPERSEDED, DECEASED, DUPLICATE}
    assert {item.verdict for item in items} == {MATCHED, NOT_VERIFIED, AMBIGUOUS}


async def test_a_session_from_opening_to_closing(
    stream: Stream, raw: RawClient, data_dir: Path
) -> None:
    """Standing, answers that are signed, recorded and chained, and the closing."""
    standing = await stream.open()
    assert (standing.session_id, standing.next_chunk_number, standing.closed) == ("s1", 0, False)
    assert standing.max_chunks_in_flight == 4
    first, second = await stream.answer(0, FIRST), await stream.answer(1, SECOND)
    closed = await stream.close()
    assert (closed.chunk_count, closed.record_count) == (2, 3)
    one, other = stated(raw, first), stated(raw, second)
    assert (one.chunk_number, one.previous_digest) == (0, bytes(32))
    assert (other.chunk_number, other.previous_digest) == (1, digest_of(first))
    assert one.header.rpc == "dancu.v1.SyncService/ReconcileCitizens"
    for position, item in enumerate(first.items):
        salt = hmac.digest(first.item_seed, position.to_bytes(4, "big"), "sha256")
        digest = hashlib.sha256(b"dancu.item.v1\n" + salt + item.value).digest()
        assert one.item_digests[position] == digest
    assert [item.verdict for item in items_of(first)] == [MATCHED, NOT_VERIFIED]
    report = audited(data_dir)
    assert (report.leaves, report.accesses) == (2, 3)


async def test_a_chunk_sent_again_gets_the_same_message(
    raw: RawClient, data_dir: Path, running: Running
) -> None:
    """Byte for byte, on this stream, on another, after a restart, and after the closing."""
    stream = Stream(raw)
    await stream.open()
    for number, records in ((0, FIRST), (1, SECOND), (0, FIRST)):
        await stream.answer(number, records)
    await stream.close()
    first, second = stream.raw[1], stream.raw[2]
    assert stream.raw[3] == first
    again = Stream(raw)
    assert (await again.open()).closed
    await again.answer(1, SECOND)
    await again.answer(0, FIRST)
    assert again.raw[1:] == [second, first]
    async with serving(data_dir) as other, RawClient(other) as client:
        elsewhere = Stream(client)
        await elsewhere.open()
        await elsewhere.answer(0, FIRST)
        assert elsewhere.raw[1] == first
        elsewhere.call.cancel()
    assert audited(data_dir).leaves == 2


async def test_other_fields_are_compared_and_corrected(stream: Stream) -> None:
    """The register's values where they differ; what is repaired is shown as it was asked."""
    await stream.open()
    person = claim("79088000001", "TRẦN  MINH\u00a0KHÔI")
    person.ClearField("birth_date")
    told = record(
        person,
        sex=SEX_FEMALE,
        permanent_commune_code="00004",
        code_epoch=CODE_EPOCH_LEGACY,
        nationality="vn",
        birth_date_text="14/03/1988",
    )
    (item,) = items_of(await stream.answer(0, [told]))
    assert (item.verdict, list(item.flags)) == (CORRECTED, [REPAIRED])
    assert item.claim == claim(full_name="TRẦN MINH KHÔI")
    fields = {one.field: (int(one.agreement), one.register_value) for one in item.fields}
    assert fields["sex"] == (2, "MALE")
    assert fields["nationality"] == (1, "")
    agreement, legacy = fields["permanent_commune_code"]
    assert agreement == 2
    (again,) = items_of(
        await stream.answer(
            1,
            [
                record(
                    claim(),
                    sex=SEX_MALE,
                    permanent_commune_code=legacy,
                    code_epoch=CODE_EPOCH_LEGACY,
                )
            ],
        )
    )
    assert (again.verdict, list(again.flags)) == (MATCHED, [DUPLICATE])


async def test_a_malformed_record_refuses_nothing_but_itself(stream: Stream) -> None:
    """Its violations stand in its item; the others are answered."""
    await stream.open()
    bad = record(claim("123", "", (1990, 2, 30)), "x" * 65)
    items = items_of(await stream.answer(0, [FIRST[0], bad, FIRST[1]]))
    assert [item.verdict for item in items] == [MATCHED, INVALID, NOT_VERIFIED]
    assert {one.field: one.rule for one in items[1].violations} == {
        "row_key": "ROW_KEY",
        "claim.personal_id": "PERSONAL_ID_FORMAT",
        "claim.full_name": "NAME_REQUIRED",
        "claim.birth_date": "NO_SUCH_DATE",
    }
    assert not items[1].HasField("claim")


async def test_unknown_and_disagreeing_have_items_of_one_length(stream: Stream) -> None:
    """Dead, superseded, unknown: nothing shows through that name and birth date did not open."""
    await stream.open()
    numbers = [one.claim.personal_id for one in CAST if one.claim.personal_id]
    asked = [*dict.fromkeys(numbers), "000000000000", "099999999999"]
    wrong = [record(claim(number, "Không Có Ai")) for number in asked]
    result = await stream.answer(0, wrong[:100])
    assert {item.verdict for item in items_of(result)} == {NOT_VERIFIED}
    assert not any(item.flags or item.fields for item in items_of(result))
    assert len({len(item.value) for item in result.items[1:]}) == 1  # the index 0 is not written


@pytest.mark.parametrize(
    ("messages", "code", "reason"),
    [
        ([chunk(0, FIRST)], grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD"),
        ([closing()], grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD"),
        ([opening(""), chunk(0, FIRST)], grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD"),
    ],
)
async def test_a_stream_begins_with_opening(
    stream: Stream, messages: list[object], code: grpc.StatusCode, reason: str
) -> None:
    """And with a name."""
    failure = await stream.failure(*messages)  # type: ignore[arg-type]  # parametrised
    assert (failure.code, failure.reason) == (code, reason)


@pytest.mark.parametrize(
    ("message", "code", "reason"),
    [
        (opening(), grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD"),
        (chunk(1, []), grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD"),
        (chunk(2, SECOND), grpc.StatusCode.FAILED_PRECONDITION, "CHUNK_OUT_OF_ORDER"),
        (chunk(0, SECOND), grpc.StatusCode.ALREADY_EXISTS, "CHUNK_CHANGED"),
    ],
)
async def test_errors_end_the_stream_and_not_the_session(
    raw: RawClient, message: object, code: grpc.StatusCode, reason: str
) -> None:
    """Another stream goes on where the session stands."""
    stream = Stream(raw)
    await stream.open()
    await stream.answer(0, FIRST)
    failure = await stream.failure(message)  # type: ignore[arg-type]  # parametrised
    assert (failure.code, failure.reason) == (code, reason)
    after = Stream(raw)
    assert (await after.open()).next_chunk_number == 1
    await after.answer(1, SECOND)
    await after.close()


async def test_a_session_has_one_context(raw: RawClient) -> None:
    """Opened with another it is refused."""
    await Stream(raw).open()
    context = CONTEXT.to_message("REQ-2")
    failure = await failure_of(Stream(raw).open(context=context))
    assert (failure.code, failure.reason) == (grpc.StatusCode.ALREADY_EXISTS, "SESSION_CHANGED")


async def test_a_chunk_that_expired(raw: RawClient, data_dir: Path) -> None:
    """Eight days after the closing the answer is gone, and the standing says so."""
    stream = Stream(raw)
    await stream.open()
    await stream.answer(0, FIRST)
    await stream.close()
    with shutting(sqlite3.connect(data_dir / "gateway.db")) as db, db:
        db.execute("UPDATE session SET closed = closed - 8 * 86400")
    late = Stream(raw)
    standing = await late.open()
    assert (standing.first_kept_chunk_number, standing.closed) == (1, True)
    failure = await late.failure(chunk(0, FIRST))
    assert (failure.code, failure.reason) == (grpc.StatusCode.OUT_OF_RANGE, "CHUNK_EXPIRED")


async def test_the_latest_stream_goes_on(raw: RawClient) -> None:
    """The one before is told, and ends."""
    before, after = Stream(raw), Stream(raw)
    await before.open()
    await before.answer(0, FIRST)
    assert (await after.open()).next_chunk_number == 1
    failure = await failure_of(before.next())
    assert failure.code is grpc.StatusCode.FAILED_PRECONDITION
    assert failure.reason == "SESSION_TAKEN_OVER"
    await after.answer(1, SECOND)


@pytest.fixture
async def hurried(data_dir: Path, tmp_path: Path) -> AsyncIterator[RawClient]:
    """A caller with a small quota that fills up quickly."""
    policy = tmp_path / "policy.toml"
    policy.write_text(
        """
[[grant]]
callers = ["plain"]
procedures = ["*"]
rpcs = ["ReconcileCitizens"]
fields = ["sex"]

[[quota]]
callers = ["plain"]
procedures = ["*"]
per_second = 20
burst = 4
""",
        "utf-8",
    )
    async with serving(data_dir, policy=policy) as running, RawClient(running) as client:
        yield client


async def test_a_session_parks_and_goes_on(hurried: RawClient) -> None:
    """The quota is used up: the caller is told until when, and has nothing to do."""
    stream = Stream(hurried)
    await stream.open()
    people = [record(claim(), str(number)) for number in range(4)]
    await stream.answer(0, people)
    await stream.send(chunk(1, people), closing())
    parked = (await stream.next()).parked
    assert (parked.chunk_number, parked.reason) == (1, "QUOTA_RATE_EXCEEDED")
    assert parked.HasField("resumes_at")
    assert (await stream.next()).result.chunk_number == 1
    assert (await stream.next()).closed.chunk_count == 2


async def test_a_chunk_that_never_fits_is_refused(hurried: RawClient) -> None:
    """With the reason that a batch would get."""
    stream = Stream(hurried)
    await stream.open()
    failure = await stream.failure(chunk(0, [record(claim())] * 5))
    assert failure.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert failure.reason == "QUOTA_BATCH_TOO_LARGE"


async def test_a_full_chunk_is_answered(stream: Stream, data_dir: Path) -> None:
    """1,000 records, one leaf, one access row each."""
    await stream.open()
    result = await stream.answer(0, [record(claim(), str(number)) for number in range(1000)])
    assert [item.index for item in items_of(result)] == list(range(1000))
    report = audited(data_dir)
    assert (report.leaves, report.accesses) == (1, 1000)


async def test_a_damaged_residence_is_the_registers_failure(stream: Stream, data_dir: Path) -> None:
    """As everywhere else: nothing is answered, and the caller may try again."""
    with shutting(sqlite3.connect(data_dir / "population.db", isolation_level=None)) as db:
        db.execute("UPDATE household SET epoch = 77")
    await stream.open()
    lived_in = record(claim(), permanent_commune_code="00004", code_epoch=CODE_EPOCH_LEGACY)
    failure = await stream.failure(chunk(0, [lived_in]))
    assert failure.code is grpc.StatusCode.UNAVAILABLE
    assert failure.reason == "REGISTER_UNAVAILABLE"
    assert audited(data_dir).leaves == 0
