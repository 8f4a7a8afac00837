"""Bytes that no client library would send: answered properly or refused by name, never UNKNOWN."""

from __future__ import annotations

import random

import grpc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dancu.v1 import identity_service_pb2
from tests.rpc.gateways import Running, audited
from tests.rpc.raw import (
    BATCH,
    LOOKUP,
    PROOF,
    RESOLVE,
    VERIFY,
    Failure,
    RawClient,
    claim,
    failure_of,
    read_failure,
    verify_request,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

METHODS = (VERIFY, BATCH, LOOKUP, RESOLVE, PROOF)
GOOD = verify_request().SerializeToString()
MEBIBYTE = 2**20


async def outcome_of(raw: RawClient, method: str, request: bytes) -> Failure | None:
    """None for an answer, which must verify; else the failure."""
    try:
        answer = await raw.send(method, request)
    except grpc.aio.AioRpcError as error:
        return read_failure(error)
    if method in (VERIFY, LOOKUP, RESOLVE):  # all three have the statement as field 1
        raw.checked(identity_service_pb2.VerifyIdentityResponse.FromString(answer).signed)
    return None


def assert_ours(failure: Failure | None) -> None:
    """A failure must be by a name of our table, in both languages."""
    if failure is None:
        return
    assert failure.code in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.OUT_OF_RANGE)
    assert failure.domain == "dancu"
    assert failure.reason in {
        "MALFORMED_MESSAGE", "UNKNOWN_FIELDS", "INVALID_FIELD", "LEAF_OUT_OF_RANGE",
    }  # fmt: skip
    assert set(failure.texts) == {"en", "vi"}


def tagged(number: int, content: bytes) -> bytes:
    """A length-delimited field."""
    assert len(content) < 128
    return bytes([number << 3 | 2, len(content)]) + content


def in_claim(content: bytes) -> bytes:
    """A request whose claim has these fields besides its own."""
    return verify_request(claim()).SerializeToString() + tagged(2, content)


MALFORMED = {
    "truncated": GOOD[:-1],
    "no-utf8": in_claim(tagged(3, b"Tr\xcc\xed Minh Kh\xabi")),  # TCVN3 or VNI bytes
    "lone-surrogate": in_claim(tagged(3, b"\xed\xa0\x80")),
    "overlong-utf8": in_claim(tagged(3, b"\xc0\xaf")),
    "endless-varint": GOOD + b"\x12" + b"\xff" * 11,
    "length-beyond-the-end": GOOD + b"\x12\x7f",
    "negative-length": GOOD + b"\x12" + b"\xff" * 9 + b"\x01",
    "field-number-0": GOOD + b"\x02\x00",
    "wire-type-7": GOOD + b"\x17",
    "group-not-closed": GOOD + b"\x7b",
    "group-closed-by-another": GOOD + b"\x7b\x84\x01",
    "groups-nested-deeply": GOOD + b"\x7b" * 100_000 + b"\x7c" * 100_000,
}
UNKNOWN = {
    "field-99": GOOD + b"\x9a\x06\x01a",
    "in-the-claim": in_claim(tagged(9, b"x")),
    "in-the-date": in_claim(tagged(4, tagged(9, b"x"))),
    "wrong-wire-type": GOOD + b"\x10\x01",
    "a-group": GOOD + b"\x7b\x7c",
    "largest-number": GOOD + b"\xfa\xff\xff\xff\x0f\x00",
}


@pytest.mark.parametrize("case", MALFORMED)
async def test_malformed_messages(shared_raw: RawClient, case: str) -> None:
    """Bytes that are no message are MALFORMED_MESSAGE."""
    failure = await failure_of(shared_raw.send(VERIFY, MALFORMED[case]))
    assert failure.reason == "MALFORMED_MESSAGE"
    assert_ours(failure)


@pytest.mark.parametrize("case", UNKNOWN)
async def test_unknown_fields(shared_raw: RawClient, case: str) -> None:
    """A question that was only half understood is not answered."""
    failure = await failure_of(shared_raw.send(VERIFY, UNKNOWN[case]))
    assert failure.reason == "UNKNOWN_FIELDS"
    assert_ours(failure)


async def test_duplicate_fields_count_as_protobuf_says(shared_raw: RawClient) -> None:
    """The last value counts, and the statement tells which one was asked about."""
    stated = await shared_raw.verify(in_claim(tagged(3, b"TRAN MINH KHOI")))
    assert stated.claim.full_name == "TRAN MINH KHOI"
    assert stated.outcome == 1


async def test_long_varints_that_still_fit(shared_raw: RawClient) -> None:
    """A length written with more bytes than needed is read like the short one."""
    context = verify_request().context.SerializeToString()
    overlong = b"\x0a" + bytes([len(context) | 0x80]) + b"\x80\x80\x00" + context
    stated = await shared_raw.verify(overlong + GOOD)
    assert stated.outcome == 1


async def test_messages_are_at_most_4_mebibytes(shared_raw: RawClient) -> None:
    """A larger message is refused before it is read, compressed or not."""
    huge = verify_request(claim(full_name="A" * 5 * MEBIBYTE)).SerializeToString()
    for compression in (grpc.Compression.NoCompression, grpc.Compression.Gzip):
        failure = await failure_of(shared_raw.send(VERIFY, huge, compression=compression))
        assert failure.code is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_a_message_just_below_the_limit_is_read(shared_raw: RawClient) -> None:
    """What fits is judged by its fields, and compression is allowed."""
    long = verify_request(claim(full_name="A" * 3 * MEBIBYTE)).SerializeToString()
    failure = await failure_of(shared_raw.send(VERIFY, long, compression=grpc.Compression.Gzip))
    assert failure.rules == {"claim.full_name": "TOO_LONG"}
    answer = await shared_raw.send(VERIFY, GOOD, compression=grpc.Compression.Gzip)
    assert answer


async def test_nothing_at_all(shared_raw: RawClient) -> None:
    """An empty message is a request whose every required field is missing."""
    for method in (VERIFY, BATCH, LOOKUP, RESOLVE):
        failure = await failure_of(shared_raw.send(method, b""))
        assert failure.reason == "INVALID_FIELD"
        assert failure.rules["context.officer_id"] == "REQUIRED"


async def test_random_and_mangled_bytes(shared_raw: RawClient, shared: Running) -> None:
    """Six hundred random or damaged requests: each is refused by name or answered and recorded."""
    chance = random.Random(20_260_101)  # noqa: S311 - a fixed seed is wanted, not secrecy
    answered = 0
    before = audited(shared.data_dir).leaves
    for _ in range(600):
        request = bytearray(GOOD if chance.random() < 0.7 else chance.randbytes(60))
        for _ in range(chance.randrange(4)):
            request[chance.randrange(len(request))] = chance.randrange(256)
        method = chance.choice((VERIFY, LOOKUP, RESOLVE))
        failure = await outcome_of(shared_raw, method, bytes(request))
        assert_ours(failure)
        answered += failure is None
    assert 0 < answered < 600
    assert audited(shared.data_dir).leaves == before + answered


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(method=st.sampled_from(METHODS), sent=st.binary(max_size=200))
async def test_any_bytes(shared_raw: RawClient, method: str, sent: bytes) -> None:
    """Whatever is sent to whichever method, the status is ours."""
    assert_ours(await outcome_of(shared_raw, method, sent))
