"""What is signed: the exact bytes of statements, and what they do not say."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from google.protobuf.message import Message

from dancu.v1 import statement_pb2
from gateway.core import items, statement
from gateway.core.key_set import key_set
from gateway.core.matching import DateLevel, NameLevel
from gateway.core.model import (
    Decision,
    Explanation,
    IdentifierKind,
    Levels,
    Notice,
    Outcome,
    Person,
    Resolution,
    Status,
)
from gateway.core.policy import FIELDS, SENSITIVE
from gateway.core.signing import PublicKey, Role, note_key_id, raw_public
from mock_population_db.citizen import BloodType, Citizen, Sex
from mock_population_db.partial_date import PartialDate
from tests.support.scene import (
    AS_OF,
    BIRTH,
    CALL,
    CHECKPOINT_KEY,
    CONTEXT,
    ISSUER,
    NAME,
    NOW,
    NUMBER,
    ORIGIN,
    REVISION,
    STATEMENT_KEY,
    claim,
    message_of,
    person,
    snapshot,
    step,
)

SALT = b"\x11" * 32
EXACTLY = Levels(NameLevel.EXACT, DateLevel.EXACT)
YES = Decision(
    Outcome.VERIFIED,
    NUMBER,
    Person(IdentifierKind.PERSONAL_ID, Status.DEAD, (Notice.NAME_IN_ONE_FIELD,)),
    EXACTLY,
)
NO = Decision(Outcome.NOT_VERIFIED, NUMBER)
EXPLAINED = Decision(
    Outcome.NOT_VERIFIED,
    NUMBER,
    levels=Levels(NameLevel.PARTIAL, DateLevel.EXACT),
    explanation=Explanation.DATA_MISMATCH,
)


def head(at: datetime = NOW) -> statement.Header:
    """The header of a statement for the usual call."""
    return statement.header(statement.common_header(ISSUER, snapshot(), at), CALL, "test-1", SALT)


def raw(message: Message) -> bytes:
    """The bytes that would be signed."""
    return statement.sign(message, ISSUER.signers).value


def fields_of(message: Message) -> set[str]:
    """Names of the fields that are set."""
    return {descriptor.name for descriptor, _ in message.ListFields()}


def test_a_header_says_all_there_is_to_say() -> None:
    """Every field of StatementHeader, and its value; but for what only a profile does."""
    header = head()
    every = {field.name for field in header.DESCRIPTOR.fields}
    assert fields_of(header) == every - {"simulated_effects"}
    assert (header.issuer, header.audience) == ("dancu-simulator", "plain")
    assert header.rpc == "dancu.v1.IdentityService/VerifyIdentity"
    assert tuple(value for _, value in header.context.ListFields()) == CONTEXT
    assert header.request_digest == CALL.request_digest
    assert header.issued_at.ToDatetime(tzinfo=UTC) == NOW
    day = header.data_as_of
    assert (day.year, day.month, day.day) == (AS_OF.year, AS_OF.month, AS_OF.day)
    assert header.register_revision == REVISION
    assert header.policy_version == "test-1"
    assert list(header.key_ids) == [STATEMENT_KEY.key_id]
    assert header.log_origin == ORIGIN
    assert header.schema_version == 1
    assert header.salt == SALT
    assert header.simulated is True


def test_headers_of_one_moment_do_not_leak_into_each_other() -> None:
    """The common part is made once; each call's part is its own."""
    common = statement.common_header(ISSUER, snapshot(), NOW)
    other = CALL._replace(caller="full", context=CONTEXT._replace(dossier_id=""))
    first = statement.header(common, CALL, "test-1", SALT)
    second = statement.header(common, other, "test-1", b"\x22" * 32)
    assert (first.audience, second.audience) == ("plain", "full")
    assert (first.context.dossier_id, second.context.dossier_id) == ("dossier-1", "")
    assert first.salt != second.salt
    assert statement.header(common, CALL, "test-1", SALT) == first


def test_what_is_signed_is_the_encoding_of_type_and_bytes() -> None:
    """DSSE over the full name and the deterministic serialisation."""
    message = statement.verification(head(), claim(), YES)
    signed = statement.sign(message, ISSUER.signers)
    assert signed.type_url == "type.googleapis.com/dancu.v1.IdentityVerification"
    assert signed.value == message.SerializeToString(deterministic=True)
    kind = signed.type_url.encode()
    encoding = b"DSSEv1 %d %s %d " % (len(kind), kind, len(signed.value)) + signed.value
    assert signed.digest == hashlib.sha256(encoding).digest()
    ((key_id, signature),) = signed.signatures
    assert key_id == STATEMENT_KEY.key_id
    STATEMENT_KEY.private.public_key().verify(signature, encoding)


def test_every_signer_signs_in_the_headers_order() -> None:
    """Two keys, two signatures."""
    two = replace(ISSUER, signers=(STATEMENT_KEY, CHECKPOINT_KEY))
    header = statement.header(statement.common_header(two, snapshot(), NOW), CALL, "test-1", SALT)
    signed = statement.sign(statement.verification(header, claim(), NO), two.signers)
    assert list(header.key_ids) == [key_id for key_id, _ in signed.signatures]


def test_the_same_decision_has_the_same_bytes() -> None:
    """Nothing hidden in a statement: time and salt are all that varies."""
    one, same, later = (
        raw(statement.verification(head(at), claim(), YES))
        for at in (NOW, NOW, NOW + timedelta(microseconds=1))
    )
    assert one == same != later


def test_the_envelope_carries_the_bytes_that_were_signed() -> None:
    """Nothing is serialised twice."""
    signed = statement.sign(statement.verification(head(), claim(), YES), ISSUER.signers)
    envelope = statement_pb2.SignedStatement()
    statement.write_envelope(envelope, signed)
    assert envelope.statement.type_url == signed.type_url
    assert envelope.statement.value == signed.value
    assert [(one.key_id, one.signature) for one in envelope.signatures] == list(signed.signatures)
    assert not envelope.HasField("log_proof")


def test_a_verification_says_whom_it_is_about_and_how_it_ended() -> None:
    """The claim as asked, the person, the levels."""
    message = statement.verification(head(), claim(birth=PartialDate(1948)), YES)
    assert (message.claim.personal_id, message.claim.full_name) == (NUMBER, NAME)
    asked = message.claim.birth_date
    assert (asked.year, asked.month, asked.day) == (1948, 0, 0)
    assert int(message.outcome) == Outcome.VERIFIED
    assert message.person.identifier_used == 1
    assert message.person.status == 2
    assert list(message.person.notices) == [1]
    assert (message.levels.full_name, message.levels.birth_date) == (1, 1)
    assert fields_of(message) == {"header", "claim", "outcome", "person", "levels"}


def test_without_the_grant_a_no_says_no_more() -> None:
    """No person, no level, no reason."""
    message = statement.verification(head(), claim(), NO)
    assert fields_of(message) == {"header", "claim", "outcome"}
    item = statement_pb2.ItemVerification.FromString(items.item(1, message_of(claim()), NO))
    assert fields_of(item) == {"index", "claim", "outcome"}


def test_with_the_grant_a_no_is_explained() -> None:
    """Levels and the reason, and still no person."""
    message = statement.verification(head(), claim(), EXPLAINED)
    assert fields_of(message) == {"header", "claim", "outcome", "levels", "explanation"}
    assert (message.levels.full_name, message.explanation) == (5, 3)


def test_unknown_and_mismatch_have_one_length() -> None:
    """The same claim, whatever the register holds: the very same bytes but for the salt."""
    elsewhere = Decision(Outcome.NOT_VERIFIED, "001090000017")
    unknown, mismatch = (
        raw(statement.verification(head(), claim(), one)) for one in (elsewhere, NO)
    )
    assert unknown == mismatch
    sent = message_of(claim())
    assert items.item(3, sent, elsewhere) == items.item(3, sent, NO)


def test_the_length_of_a_no_does_not_depend_on_the_clock() -> None:
    """Any microsecond: a length that varied would still not vary with the register."""
    lengths = {
        len(raw(statement.verification(head(NOW.replace(microsecond=at)), claim(), NO)))
        for at in (1, 890_000, 999_999)
    }
    assert max(lengths) - min(lengths) <= 4  # a varint of nanoseconds


def test_an_item_digest_is_salted_by_its_place() -> None:
    """SHA-256 over tag, HMAC of the index, and the item's bytes."""
    seed, value = b"\x33" * 32, items.item(7, message_of(claim()), YES)
    salt = hmac.digest(seed, (7).to_bytes(4, "big"), "sha256")
    expected = hashlib.sha256(b"dancu.item.v1\n" + salt + value).digest()
    digests = items.digests(seed, [value] * 9)
    assert digests[7] == expected
    assert len(set(digests)) == 9
    assert items.digests(b"\x34" * 32, [value] * 9)[7] != expected


def test_a_batch_shows_nobody() -> None:
    """Digests in order, and nothing of a claim."""
    digests = [bytes([number]) * 32 for number in range(3)]
    message = statement.batch(head(), digests)
    assert list(message.item_digests) == digests
    assert fields_of(message) == {"header", "item_digests"}
    assert NUMBER.encode() not in raw(message)


def test_a_disclosure_shows_the_fields_that_are_granted() -> None:
    """Present, not recorded, withheld: each field is accounted for, and the bits agree."""
    citizen = Citizen(person(), sex=Sex.MALE, religion_code="02", blood_type=BloodType.AB)
    shown = frozenset(FIELDS) - SENSITIVE
    message, bits = statement.disclosure(head(), claim(), YES, [], citizen, shown)
    assert fields_of(message.citizen) == {
        "personal_id",
        "name",
        "birth_date",
        "sex",
        "nationality",
        "person_status",
    }
    told = {one.path: one.status for one in message.fields}
    assert tuple(told) == FIELDS
    present, not_recorded, withheld = 1, 2, 3
    assert {path for path, status in told.items() if status == withheld} == SENSITIVE
    assert told["phone"] == not_recorded
    recorded = {path for path, status in told.items() if status == present}
    assert recorded == fields_of(message.citizen)
    assert {path for bit, path in enumerate(FIELDS) if bits >> bit & 1} == recorded
    assert "levels" not in {field.name for field in message.DESCRIPTOR.fields}


def test_a_disclosure_of_some_fields_speaks_of_those_only() -> None:
    """The mask as asked; fields not asked for are not mentioned."""
    citizen = Citizen(person(), sex=Sex.MALE)
    shown = frozenset({"sex", "phone"})
    message, bits = statement.disclosure(head(), claim(), YES, ["phone", "sex"], citizen, shown)
    assert list(message.read_mask.paths) == ["phone", "sex"]
    assert [one.path for one in message.fields] == ["sex", "phone"]
    assert fields_of(message.citizen) == {"sex"}
    assert bits == 1 << FIELDS.index("sex")


def test_a_disclosure_of_nobody_discloses_nothing() -> None:
    """NOT_VERIFIED: no citizen, no field, no bit."""
    message, bits = statement.disclosure(head(), claim(), NO, ["sex"], None, frozenset(FIELDS))
    assert fields_of(message) == {"header", "claim", "outcome", "read_mask"}
    assert bits == 0


def test_a_resolution_tells_the_steps() -> None:
    """Oldest first, each with its day and reason."""
    steps = (step("001080000027", "001081000028"), step("001081000028", NUMBER))
    found = Resolution(YES, NUMBER, steps)
    message = statement.resolution(head(), claim("001080000027"), found)
    assert message.current_personal_id == NUMBER
    assert [one.former for one in message.steps] == [one.former for one in steps]
    assert all(one.successor == two.former for one, two in pairwise(message.steps))
    assert (message.steps[0].date.year, message.steps[0].reason) == (2024, "SEX_CORRECTED")


@pytest.mark.parametrize(
    "decision", [NO, EXPLAINED, Decision(Outcome.AMBIGUOUS, NUMBER)], ids=["no", "why", "two"]
)
def test_a_resolution_that_leads_nowhere_says_no_more(decision: Decision) -> None:
    """No number, no step, no person, no reason."""
    message = statement.resolution(head(), claim(), Resolution(decision))
    assert fields_of(message) == {"header", "claim", "outcome"}
    assert int(message.outcome) == decision.outcome


def test_a_refusal_names_its_reason_and_nobody() -> None:
    """It says who asked, not about whom."""
    message = statement.refusal(head(), "FIELD_NOT_GRANTED", 1)
    assert fields_of(message) == {"header", "reason", "count"}
    assert NUMBER.encode() not in raw(message)


def test_a_key_set_tells_each_keys_dates_and_names() -> None:
    """Absent dates stay absent; checkpoint keys carry their note ids."""
    public = raw_public(CHECKPOINT_KEY.private)
    checkpoint = PublicKey("c", Role.CHECKPOINT, public, NOW, note_names=(ORIGIN, "example.com/b"))
    gone = PublicKey("s", Role.STATEMENT, b"s" * 32, NOW, NOW, NOW)
    message = key_set(3, "dancu-simulator", NOW, NOW + timedelta(1), [checkpoint, gone])
    assert (message.version, message.issuer) == (3, "dancu-simulator")
    assert message.expires_at.seconds - message.issued_at.seconds == 86_400
    first, second = message.keys
    assert (first.key_id, first.role, first.algorithm) == ("c", 3, 1)
    assert first.public_key == public
    assert not first.HasField("not_after")
    assert not first.HasField("revoked_at")
    assert [(one.name, one.note_key_id) for one in first.note_keys] == [
        (name, note_key_id(name, public, 0x01)) for name in (ORIGIN, "example.com/b")
    ]
    assert second.HasField("not_after")
    assert second.HasField("revoked_at")
    assert not second.note_keys


def test_the_usual_claim_is_the_persons() -> None:
    """What the disclosures above rest on."""
    assert person().birth_date == BIRTH
