"""The vectors refused for a key: key sets, roles, signatures, dates, revocation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from dancu.v1 import statement_pb2 as pb
from tests.vectors import good
from tests.vectors import scene as v
from tests.vectors import signer as s
from tests.vectors.bad_envelopes import bad

FIELD = 2**255 - 19
PLAIN = v.Draft()


def vectors() -> Iterator[v.Vector]:
    """All of them."""
    plain = v.sealed(v.Draft())
    for variant, about, key_set in _untrusted():
        yield bad(f"KEYSET_UNTRUSTED-{variant}", about, plain, key_set=key_set)
    for variant, about, message in _malformed():
        signed = v.sign_key_set(message)
        yield bad(f"KEYSET_MALFORMED-{variant}", about, plain, key_set=signed)
    yield bad("KEYSET_ROLLBACK", "Version 7 after 8.", plain, lowest_version=8)
    late = v.sign_key_set(v.key_set(issued_at=v.stamp("2026-03-01T08:05:01")))
    yield bad("TIME_IN_FUTURE-key-set", "A key set made 301 s from now.", plain, key_set=late)
    yield from _signatures()
    yield from _dates()
    yield from _revocations()


def _untrusted() -> Iterator[tuple[str, str, bytes]]:
    main, plain = v.key_set(), v.MAIN_KEY_SET
    proven = pb.SignedStatement.FromString(plain)
    proven.log_proof.CopyFrom(v.seal(v.Draft()).log_proof)
    edited = pb.SignedStatement.FromString(plain)
    edited.statement.value = v.serialise(v.key_set(version=8))
    stolen = v.key_set()
    stolen.keys[0].public_key = v.STRANGER.public
    demoted = v.key_set()
    demoted.keys[0].role = pb.KEY_ROLE_STATEMENT
    revoked = v.key_set()
    revoked.keys[0].revoked_at.CopyFrom(v.stamp("2026-02-01"))
    stranger = v.key_set(keys=[*v.keys(), v.key(v.STRANGER, pb.KEY_ROLE_ROOT)])
    yield "empty", "No key set.", b""
    yield "no-protobuf", "Not a protobuf message.", b"\xff" * 40
    yield "envelope", "Two encodings of one envelope.", plain + s.field(4, b"")
    yield "content", "A signed value that is no KeySet.", _signed_junk()
    yield "type", "A type that is not KeySet.", v.sign_key_set(main, type_url=v.PREFIX + "KeySet ")
    yield "log-proof", "A key set with a log proof.", proven.SerializeToString()
    yield "unsigned", "No signature.", v.sign_key_set(main, [])
    yield (
        "other-root",
        "Signed by a root that nobody pinned.",
        v.sign_key_set(stranger, [v.STRANGER]),
    )
    yield (
        "unlisted-root",
        "Signed by a key that it does not list.",
        v.sign_key_set(main, [v.STRANGER]),
    )
    yield "statement-key", "Signed by a statement key.", v.sign_key_set(main, [v.STATEMENT])
    yield "edited", "Changed after it was signed.", edited.SerializeToString()
    yield "stolen-id", "Another key under the pinned id.", _signed_as_root(stolen, v.STRANGER)
    yield "demoted", "The pinned key is listed in another role.", v.sign_key_set(demoted)
    yield "revoked", "The root says that it is revoked.", v.sign_key_set(revoked)


def _signed_junk() -> bytes:
    signed = v.envelope(v.PREFIX + "KeySet", b"\xff\xff", [v.ROOT])
    return signed.SerializeToString()


def _signed_as_root(key_set: pb.KeySet, signer: s.Signer) -> bytes:
    signed = pb.SignedStatement.FromString(v.sign_key_set(key_set, [signer]))
    signed.signatures[0].key_id = v.ROOT.key_id
    return signed.SerializeToString()


def _malformed() -> Iterator[tuple[str, str, pb.KeySet]]:
    def changed(change: Callable[[pb.Key], object], position: int = 1) -> pb.KeySet:
        key_set = v.key_set()
        change(key_set.keys[position])
        return key_set

    def with_key(public: bytes) -> pb.KeySet:
        key = v.key(v.STATEMENT, pb.KEY_ROLE_STATEMENT)
        key.public_key, key.key_id = public, s.okp_thumbprint(public)
        return v.key_set(keys=[*v.keys(), key])

    def little(number: int) -> bytes:
        return number.to_bytes(32, "little")

    def field_of(name: str, value: object, position: int = 1) -> pb.KeySet:
        return changed(lambda key: setattr(key, name, value), position)

    log = 7  # position of the log's key
    again = v.key(v.STATEMENT, pb.KEY_ROLE_STATEMENT)
    other_role = v.key(v.LOG, pb.KEY_ROLE_STATEMENT)
    p256 = v.key(v.STATEMENT_P256, pb.KEY_ROLE_CHECKPOINT, [v.ORIGIN])
    yield "wrong-id", "An id that is not the key's.", field_of("key_id", "x" * 43)
    yield "twice", "A key listed twice.", v.key_set(keys=[*v.keys(), again])
    yield "two-roles", "A key in two roles.", v.key_set(keys=[*v.keys(), other_role])
    yield "no-role", "A key without a role.", field_of("role", 0)
    yield "unknown-role", "A role of the future.", field_of("role", 9)
    yield "no-algorithm", "A key without an algorithm.", field_of("algorithm", 0)
    yield "wrong-algorithm", "An Ed25519 key as ES256.", field_of("algorithm", 2)
    yield "short-key", "A key of 31 bytes.", with_key(v.STATEMENT.public[:31])
    yield "small-order-1", "The neutral point.", with_key(little(1))
    yield "small-order-2", "The point of order 2.", with_key(little(FIELD - 1))
    yield "small-order-4", "A point of order 4.", with_key(little(0))
    yield "small-order-8", "A point of order 8.", with_key(_order_eight())
    yield "non-canonical", "A y of the field's size.", with_key(little(FIELD + 3))
    yield "off-curve", "No point of the curve.", with_key(little(2))
    yield "p256-off-curve", "No point of P-256.", _p256_off_curve()
    yield "p256-compressed", "A compressed point.", field_of("public_key", b"\x02" * 33, 2)
    yield "p256-checkpoint", "A log that signs with P-256.", v.key_set(keys=[*v.keys()[:2], p256])
    yield "no-note-key", "A log without a name.", changed(lambda k: k.ClearField("note_keys"), log)
    yield "note-key-id", "A note key id that is wrong.", changed(_wrong_note_key, log)
    yield "note-key-type", "A note key id of a witness.", changed(_witness_note_key, log)
    yield "note-key-name", "A name with a blank.", changed(_blank_note_key, log)
    yield "bad-time", "Nanoseconds below 0.", changed(_bad_time)
    yield "no-expiry", "A key set without expiry.", v.key_set(expires_at=None)
    yield "no-issue", "A key set without a date.", v.key_set(issued_at=None)


def _order_eight() -> bytes:
    return bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa")


def _p256_off_curve() -> pb.KeySet:
    public = b"\x04" + b"\x01" * 64
    x = s.b64u(b"\x01" * 32)
    key = v.key(v.STATEMENT_P256, pb.KEY_ROLE_STATEMENT)
    key.public_key = public
    key.key_id = s.thumbprint(f'{{"crv":"P-256","kty":"EC","x":"{x}","y":"{x}"}}')
    return v.key_set(keys=[*v.keys()[:2], key])


def _wrong_note_key(key: pb.Key) -> None:
    key.note_keys[1].note_key_id = b"\0\0\0\0"


def _witness_note_key(key: pb.Key) -> None:
    key.note_keys[1].note_key_id = s.note_key_id(v.ORIGIN, 4, v.LOG.public)


def _blank_note_key(key: pb.Key) -> None:
    key.note_keys[1].name = "a log"
    key.note_keys[1].note_key_id = s.note_key_id("a log", 1, v.LOG.public)


def _bad_time(key: pb.Key) -> None:
    key.not_after.CopyFrom(Timestamp(seconds=1_800_000_000, nanos=-1))


def _signatures() -> Iterator[v.Vector]:
    def signed_by(*signers: s.Signer) -> bytes:
        return v.sealed(v.Draft(signers=signers))

    def forged(signature: bytes, draft: v.Draft = PLAIN) -> bytes:
        signed = v.seal(draft)
        signed.signatures[0].signature = signature
        return signed.SerializeToString()

    good_signature = v.seal(v.Draft()).signatures[0].signature
    p256 = v.Draft(signers=(v.STATEMENT_P256,))
    r_s = v.seal(p256).signatures[0].signature
    s_number = int.from_bytes(good_signature[32:], "little")
    malleable = good_signature[:32] + (s_number + _ed25519_order()).to_bytes(32, "little")
    high = (s.P256_ORDER - int.from_bytes(r_s[32:], "big")).to_bytes(32, "big")
    yield bad("KEY_UNKNOWN", "A key that is not listed.", signed_by(v.STRANGER))
    yield bad("KEY_UNKNOWN-second", "The second is not.", signed_by(v.STATEMENT, v.STRANGER))
    for variant, signer in {"root": v.ROOT, "log": v.LOG, "witness": v.WITNESS_1}.items():
        yield bad(f"KEY_WRONG_ROLE-{variant}", f"Signed by a {variant} key.", signed_by(signer))
    invalid = {
        "other-statement": ("A signature over another statement.", forged(v.STATEMENT.sign(b""))),
        "short": ("63 bytes.", forged(good_signature[:63])),
        "long": ("65 bytes.", forged(good_signature + b"\0")),
        "ed25519-s": ("S + L: the same signature in another form.", forged(malleable)),
        "p256-high-s": (
            "n - s: the same signature in another form.",
            forged(r_s[:32] + high, p256),
        ),
        "p256-zero": ("r and s are 0.", forged(b"\0" * 64, p256)),
        "p256-der": ("DER instead of r and s.", forged(b"\x30\x44" + r_s, p256)),
    }
    for variant, (about, data) in invalid.items():
        yield bad(f"SIGNATURE_INVALID-{variant}", about, data)


def _ed25519_order() -> int:
    return 2**252 + 27742317777372353535851937790883648493


def _dates() -> Iterator[v.Vector]:
    def issued(signer: s.Signer, at: str, nanos: int = 0) -> bytes:
        body = v.identity(issued_at=v.stamp(at, nanos))
        return v.sealed(v.Draft(body, signers=(signer,)))

    early, late = "2026-02-09T23:59:59", v.RETIRED_AFTER
    yield bad("KEY_NOT_YET_VALID", "A nanosecond early.", issued(v.FUTURE, early, 999_999_999))
    yield bad("KEY_NOT_YET_VALID-published", "Only published.", issued(v.PUBLISHED, v.ISSUED))
    yield bad("KEY_EXPIRED", "A nanosecond after it was retired.", issued(v.RETIRED, late, 1))
    tomorrow = issued(v.STATEMENT, "2026-03-01T08:05:00", 1)
    yield bad("TIME_IN_FUTURE", "300 seconds and a nanosecond from now.", tomorrow)
    late_witness = (v.WITNESS_1, v.W1, v.seconds("2026-03-01T09:00:00"))
    body = v.identity(issued_at=v.stamp("2026-03-01T08:05:01"))
    yield bad(
        "TIME_IN_FUTURE-late-witness",
        "301 seconds from now, whatever a witness says that saw it in an hour.",
        v.sealed(v.Draft(body, witnesses=(late_witness,))),
        witnesses=good.TRUSTED,
        quorum=1,
    )
    before = ((v.WITNESS_1, v.W1, v.seconds("2026-02-01T02:59:04")),)
    yield bad(
        "TIME_IN_FUTURE-witness",
        "A witness saw it 301 seconds before it was issued.",
        v.sealed(v.Draft(witnesses=before)),
        witnesses=good.TRUSTED,
        quorum=1,
    )
    stale = {"result": "INDETERMINATE", "at": "2027-01-01T00:00:01"}
    yield bad("KEYSET_EXPIRED", "A second after the key set expired.", v.sealed(v.Draft()), **stale)


def _revocations() -> Iterator[v.Vector]:
    unknown = {"result": "INDETERMINATE"}
    revoked = v.Draft(signers=(v.REVOKED,))
    about = "The key was revoked since, and no witness says when it signed."
    yield bad("KEY_REVOKED-no-witness", about, v.sealed(revoked), **unknown)
    moment = unknown | {"at": v.REVOKED_AT}
    yield bad("KEY_REVOKED-moment", "Checked when it was revoked.", v.sealed(revoked), **moment)
    second = v.Draft(signers=(v.STATEMENT, v.REVOKED))
    yield bad("KEY_REVOKED-second", "The second key was.", v.sealed(second), **unknown)
    log = v.Draft(logs=(v.LOG_REVOKED,))
    yield bad("KEY_REVOKED-log", "The log's key was.", v.sealed(log), **unknown)
    stale = unknown | {"at": "2027-02-01"}
    yield bad("KEY_REVOKED-stale", "And the key set is old.", v.sealed(revoked), **stale)
    trusting: dict[str, Any] = {"witnesses": good.TRUSTED, "quorum": 1}
    for variant, draft in {"after": revoked, "log-after": log}.items():
        seen = ((v.WITNESS_1, v.W1, v.seconds(v.REVOKED_AT)),)
        data = v.sealed(replace(draft, witnesses=seen))
        yield bad(f"KEY_REVOKED-{variant}", "Seen only when it was revoked.", data, **trusting)
