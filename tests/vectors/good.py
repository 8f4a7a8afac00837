"""The vectors that must be VALID: every type, every key kind, and each limit from inside."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import replace

from google.protobuf.field_mask_pb2 import FieldMask
from google.type.date_pb2 import Date

from dancu.v1 import citizen_pb2
from dancu.v1 import statement_pb2 as pb
from tests.vectors import accesses, confirmations, sync
from tests.vectors import scene as v
from tests.vectors import signer as s

SEED = hashlib.sha256(b"vector item seed").digest()
SEEN_1, SEEN_2 = "2026-02-01T03:10:00", "2026-02-01T04:00:00"
COSIGNED = v.Draft(
    witnesses=(
        (v.WITNESS_1, v.W1, v.seconds(SEEN_1)),
        (v.WITNESS_2, v.W2, v.seconds(SEEN_2)),
    )
)
TRUSTED = ((v.W1, v.WITNESS_1.public), (v.W2, v.WITNESS_2.public))
ALL_EXPECTED = {
    "type_url": v.PREFIX + "IdentityVerification",
    "audience": "demo",
    "request_id": "req-0001",
    "request_digest": v.REQUEST_DIGEST,
    "personal_id": "098085000123",
    "old_id_number": "",
    "full_name": "Nguyễn Thị Mẫu",
    "birth_date": (1985, 7, 12),
}


def items() -> list[pb.ItemVerification]:
    """Three items of a batch."""
    outcomes = [
        citizen_pb2.OUTCOME_VERIFIED,
        citizen_pb2.OUTCOME_NOT_VERIFIED,
        citizen_pb2.OUTCOME_VERIFIED,
    ]
    return [
        pb.ItemVerification(
            index=index,
            claim=citizen_pb2.CitizenClaim(
                personal_id=f"0980850001{index:02}",
                full_name="Trần Văn Thử",
                birth_date=Date(year=1948),
            ),
            outcome=outcome,
        )
        for index, outcome in enumerate(outcomes)
    ]


def item_salt(index: int) -> bytes:
    """The salt of one item."""
    return hmac.digest(SEED, index.to_bytes(4, "big"), "sha256")


def item_digest(index: int, item: pb.ItemVerification) -> bytes:
    """What the batch statement says of one item."""
    return hashlib.sha256(
        b"dancu.item.v1\n" + item_salt(index) + item.SerializeToString(deterministic=True)
    ).digest()


def batch() -> pb.BatchIdentityVerification:
    """The batch statement over the items."""
    return pb.BatchIdentityVerification(
        header=v.header(rpc="dancu.v1.IdentityService/BatchVerifyIdentities"),
        item_digests=[item_digest(index, item) for index, item in enumerate(items())],
    )


def item_receipt(index: int, **changes: bytes) -> bytes:
    """An item receipt, of which `signed`, `item`, `salt` or `type_url` may be replaced."""
    value = items()[index].SerializeToString(deterministic=True)
    packed = s.field(1, changes.get("type_url", v.PREFIX.encode() + b"ItemVerification"))
    packed += s.field(2, changes.get("item", value))
    signed = changes.get("signed", v.sealed(v.Draft(batch())))
    return (
        s.field(1, signed) + s.field(2, packed) + s.field(3, changes.get("salt", item_salt(index)))
    )


def disclosure() -> pb.CitizenDisclosure:
    """The answer to a look-up of two fields."""
    return pb.CitizenDisclosure(
        header=v.header(rpc="dancu.v1.IdentityService/LookupCitizen"),
        claim=v.CLAIM,
        outcome=citizen_pb2.OUTCOME_VERIFIED,
        person=v.PERSON,
        read_mask=FieldMask(paths=["name", "sex"]),
        citizen=citizen_pb2.Citizen(
            name=citizen_pb2.PersonName(full="Nguyễn Thị Mẫu"), sex=citizen_pb2.SEX_FEMALE
        ),
        fields=[
            citizen_pb2.FieldDisclosure(path="name", status=citizen_pb2.FIELD_STATUS_PRESENT),
            citizen_pb2.FieldDisclosure(path="sex", status=citizen_pb2.FIELD_STATUS_PRESENT),
        ],
    )


def resolution(outcome: citizen_pb2.Outcome) -> pb.IdentifierResolution:
    """The answer to a look-up by a former number."""
    message = pb.IdentifierResolution(
        header=v.header(rpc="dancu.v1.IdentityService/ResolveIdentifier"),
        claim=citizen_pb2.CitizenClaim(
            old_id_number="012345678", full_name="Lê Thử", birth_date=Date(year=1961, month=5)
        ),
        outcome=outcome,
    )
    if outcome == citizen_pb2.OUTCOME_VERIFIED:
        message.current_personal_id = "098061000456"
    return message


def not_verified() -> pb.IdentityVerification:
    """A claim that did not verify."""
    return pb.IdentityVerification(
        header=v.header(), claim=v.CLAIM, outcome=citizen_pb2.OUTCOME_NOT_VERIFIED
    )


def vectors() -> Iterator[v.Vector]:
    """All of them."""
    yield from _types()
    yield from confirmations.good()
    yield from accesses.good()
    yield from sync.good()
    yield from _keys()
    yield from _logs()
    yield from _witnesses()
    yield from _times()


def _types() -> Iterator[v.Vector]:
    yes = citizen_pb2.OUTCOME_VERIFIED
    plain = v.sealed(v.Draft())
    yield v.Vector("identity-verified", "A yes.", plain)
    yield v.Vector("identity-not-verified", "A no is as valid.", v.sealed(v.Draft(not_verified())))
    yield v.Vector("batch", "Three items, none shown.", v.sealed(v.Draft(batch())))
    yield v.Vector("disclosure", "Two fields of a citizen.", v.sealed(v.Draft(disclosure())))
    yield v.Vector("resolution", "An old number resolved.", v.sealed(v.Draft(resolution(yes))))
    yield v.Vector(
        "resolution-ambiguous",
        "Only a resolution may be ambiguous.",
        v.sealed(v.Draft(resolution(citizen_pb2.OUTCOME_AMBIGUOUS))),
    )
    yield v.Vector(
        "expectations", "Everything that can be expected is.", plain, expected=ALL_EXPECTED
    )
    later = v.identity()
    later.MergeFromString(s.field(15, b"a later version's field"))
    yield v.Vector("unknown-field", "The value may hold unknown fields.", v.sealed(v.Draft(later)))
    yield v.Vector(
        "item",
        "One item of a batch, with its claim expected.",
        item_receipt(1),
        kind="item",
        expected={"personal_id": "098085000101", "birth_date": (1948, 0, 0), "audience": "demo"},
    )


def _keys() -> Iterator[v.Vector]:
    plain = v.sealed(v.Draft())
    p256 = v.Draft(signers=(v.STATEMENT_P256,))
    both = v.Draft(signers=(v.STATEMENT, v.STATEMENT_P256))
    yield v.Vector("p256", "Signed with P-256.", v.sealed(p256))
    yield v.Vector("two-signatures", "Signed with both kinds of key.", v.sealed(both))
    rotated = v.key_set(keys=[*v.keys(), v.key(v.NEW_ROOT, pb.KEY_ROLE_ROOT)])
    both_roots = v.sign_key_set(rotated, [v.ROOT, v.NEW_ROOT])
    for name, root in (("old", v.ROOT), ("new", v.NEW_ROOT)):
        yield v.Vector(
            f"rotated-root-{name}-pinned",
            f"A key set signed by two roots, the {name} one pinned.",
            plain,
            key_set=both_roots,
            roots=(root.key_id,),
        )
    yield v.Vector("lowest-version", "The key set is the lowest accepted.", plain, lowest_version=7)


def _logs() -> Iterator[v.Vector]:
    for index, size in ((0, 1), (0, 2), (1, 2), (2, 3), (6, 7), (8, 11), (10, 11), (63, 64)):
        yield v.Vector(
            f"leaf-{index}-of-{size}",
            f"Leaf {index} of a tree of {size}.",
            v.sealed(v.Draft(index=index, size=size)),
        )
    yield v.Vector(
        "two-log-keys",
        "A checkpoint signed with the old and the new key of the log.",
        v.sealed(v.Draft(logs=(v.LOG, v.LOG_NEXT))),
    )
    old = v.Draft(v.identity(log_origin=v.OLD_ORIGIN), origin=v.OLD_ORIGIN)
    yield v.Vector("old-log", "A proof from the log's former origin.", v.sealed(old))
    signed = v.seal(v.Draft())
    signed.log_proof.tlog_proof += s.note_line("someone.example", b"\1\2\3\4 whatever")
    signed.log_proof.tlog_proof += s.note_line(v.ORIGIN, b"\1\2\3\4 another key id")
    yield v.Vector(
        "unknown-lines",
        "Signature lines by unknown keys are ignored.",
        signed.SerializeToString(deterministic=True),
    )


def _witnesses() -> Iterator[v.Vector]:
    cosigned = v.sealed(COSIGNED)
    for quorum, seen in ((0, None), (1, SEEN_1), (2, SEEN_2)):
        yield v.Vector(
            f"quorum-{quorum}",
            f"Two witnesses signed, {quorum} required.",
            cosigned,
            witnesses=TRUSTED,
            quorum=quorum,
            attested=seen,
        )
    again = replace(
        COSIGNED, witnesses=((v.WITNESS_1, v.W1, v.seconds(SEEN_2)), *COSIGNED.witnesses)
    )
    yield v.Vector(
        "witness-twice",
        "A witness that signed twice counts once, by its first time.",
        v.sealed(again),
        witnesses=TRUSTED,
        quorum=1,
        attested=SEEN_1,
    )
    yield v.Vector(
        "revoked-later",
        "A witness saw the statement before its key was revoked.",
        v.sealed(replace(COSIGNED, signers=(v.REVOKED,))),
        witnesses=TRUSTED,
        quorum=1,
        attested=SEEN_1,
    )


def _times() -> Iterator[v.Vector]:
    def issued(signer: s.Signer, at: str) -> bytes:
        return v.sealed(v.Draft(v.identity(issued_at=v.stamp(at)), signers=(signer,)))

    yield v.Vector("not-revoked-yet", "Checked a second before the revocation.",
                   issued(v.REVOKED, v.ISSUED), at="2026-02-14T23:59:59")  # fmt: skip
    yield v.Vector("retired", "Issued in the last moment of a retired key.",
                   issued(v.RETIRED, v.RETIRED_AFTER))  # fmt: skip
    yield v.Vector("first-moment", "Issued in the first moment of a key.",
                   issued(v.FUTURE, v.ACTIVE_FROM))  # fmt: skip
    yield v.Vector("skew", "Issued 300 seconds after the check: clocks differ.",
                   issued(v.STATEMENT, "2026-03-01T08:05:00"))  # fmt: skip
    yield v.Vector("key-set-last-moment", "The key set expires at the moment of checking.",
                   v.sealed(v.Draft()), at="2027-01-01")  # fmt: skip
