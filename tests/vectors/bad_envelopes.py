"""The vectors refused for their form: the envelope, the type, the set of signatures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dancu.v1 import statement_pb2 as pb
from dancu.v1.citizen_pb2 import OUTCOME_VERIFIED
from tests.vectors import good
from tests.vectors import scene as v
from tests.vectors import signer as s


def bad(name: str, about: str, data: bytes, **inputs: Any) -> v.Vector:
    """A vector that must be refused with the name that its own begins with."""
    return v.Vector(name, about, data, **({"result": "INVALID"} | inputs))


def vectors() -> Iterator[v.Vector]:
    """All of them."""
    for variant, about, data in _envelopes():
        yield bad(f"ENVELOPE_MALFORMED-{variant}", about, data)
    yield from _types()
    yield from _signature_sets()
    yield from _items()


def _envelopes() -> Iterator[tuple[str, str, bytes]]:
    signed = v.seal(v.Draft())
    whole = v.sealed(v.Draft())
    url, value = signed.statement.type_url.encode(), signed.statement.value
    signature = signed.signatures[0]
    sig = s.field(1, signature.key_id.encode()) + s.field(2, signature.signature)
    proof = s.field(1, signed.log_proof.tlog_proof.encode()) + s.field(2, v.ACCESS_ROOT)
    payload = s.field(1, url) + s.field(2, value)
    one, two, three = s.field(1, payload), s.field(2, sig), s.field(3, proof)
    yield "empty", "No bytes at all.", b""
    yield "truncated", "The last byte is missing.", whole[:-1]
    yield "trailing-byte", "One byte more.", whole + b"\0"
    yield "unknown-field", "A field 4.", whole + s.field(4, b"x")
    yield "field-zero", "A field 0.", s.field(0, b"") + whole
    yield "repeated-statement", "Two statements.", one + one + two + three
    yield "repeated-proof", "Two log proofs.", one + two + three + three
    yield "order", "The proof before the signature.", one + three + two
    yield "no-statement", "Nothing is stated.", two + three
    yield "wire-type-varint", "Field 3 as a varint.", one + two + b"\x18\x01"
    yield "wire-type-group", "Field 3 as a group.", one + two + b"\x1b\x1c"
    yield "wire-type-fixed32", "Field 3 as fixed32.", one + two + b"\x1d\0\0\0\0"
    yield "long-tag", "A tag of two bytes where one will do.", b"\x8a\0" + one[1:] + two + three
    yield "long-length", "A length with a needless zero byte.", _long_length(one, two) + three
    yield "unending-length", "A length that never ends.", one + b"\x12" + b"\xff" * 12
    yield "any-repeated-type", "Two type URLs.", s.field(1, s.field(1, url) + payload) + two + three
    yield "any-order", "Value before type.", _flip_any(url, value) + two + three
    yield "any-no-value", "A type and no value.", s.field(1, s.field(1, url)) + two + three
    yield "any-unknown", "A field 3 in Any.", s.field(1, payload + s.field(3, b"")) + two + three
    yield "signature-repeated-id", "Two key ids.", _signature(one, sig[:45] + sig, three)
    yield "signature-no-id", "No key id.", _signature(one, s.field(2, b"x" * 64), three)
    yield "signature-no-bytes", "A key id alone.", _signature(one, sig[:45], three)
    yield "signature-unknown", "A field 3.", _signature(one, sig + s.field(3, b"x"), three)
    yield "proof-no-root", "No access root.", one + two + s.field(3, proof[:-34])
    yield "proof-unknown", "A field 3.", one + two + s.field(3, proof + s.field(3, b""))
    yield "not-utf8", "A type URL that is not UTF-8.", _not_utf8(url, value) + two + three


def _long_length(one: bytes, two: bytes) -> bytes:
    return one + two[:1] + bytes([two[1] | 0x80, 0]) + two[2:]


def _flip_any(url: bytes, value: bytes) -> bytes:
    return s.field(1, s.field(2, value) + s.field(1, url))


def _signature(one: bytes, sig: bytes, three: bytes) -> bytes:
    return one + s.field(2, sig) + three


def _not_utf8(url: bytes, value: bytes) -> bytes:
    return s.field(1, s.field(1, b"\xff" + url[1:]) + s.field(2, value))


def _types() -> Iterator[v.Vector]:
    name = v.PREFIX + "IdentityVerification"
    refusal = pb.Refusal(header=v.header(), reason="QUOTA")
    drafts = {
        "refusal": ("A recorded refusal is no evidence.", v.Draft(refusal)),
        "item": ("An item without its batch.", v.Draft(type_url=v.PREFIX + "ItemVerification")),
        "keyset": ("A key set in the statement's place.", v.Draft(type_url=v.PREFIX + "KeySet")),
        "other-host": (
            "Another prefix.",
            v.Draft(type_url=name.replace("type.googleapis.com", "example.com")),
        ),
        "no-host": ("No prefix.", v.Draft(type_url="dancu.v1.IdentityVerification")),
        "case": ("Other capitals.", v.Draft(type_url=name.lower())),
        "blank": ("A trailing blank.", v.Draft(type_url=name + " ")),
        "version": ("Another version.", v.Draft(type_url=name.replace("v1", "v2"))),
    }
    for variant, (about, draft) in drafts.items():
        yield bad(f"TYPE_NOT_ALLOWED-{variant}", about, v.sealed(draft))


def _signature_sets() -> Iterator[v.Vector]:
    unsigned = v.seal(v.Draft())
    unsigned.ClearField("signatures")
    yield bad("SIGNATURE_SET_MISMATCH-none", "No signature.", unsigned.SerializeToString())
    many: tuple[s.Signer, ...] = (v.STATEMENT, v.STATEMENT_P256, v.RETIRED, v.FUTURE, v.REVOKED)
    yield bad("SIGNATURE_SET_MISMATCH-five", "Five keys.", v.sealed(v.Draft(signers=many)))
    twice = v.Draft(signers=(v.STATEMENT, v.STATEMENT))
    yield bad("SIGNATURE_SET_MISMATCH-twice", "One key twice.", v.sealed(twice))
    names = {
        "order": ("The header names them the other way round.", many[1::-1], many[:2]),
        "fewer": ("A named signature is missing.", many[:2], many[:1]),
        "more": ("A signature that the header does not name.", many[:1], many[:2]),
        "other": ("The header names another key.", many[1:2], many[:1]),
    }
    for variant, (about, named, signers) in names.items():
        body = v.identity(key_ids=[signer.key_id for signer in named])
        draft = v.Draft(body, signers=signers)
        yield bad(f"SIGNATURE_SET_MISMATCH-{variant}", about, v.sealed(draft))


def _items() -> Iterator[v.Vector]:
    def item(name: str, about: str, data: bytes, **inputs: Any) -> v.Vector:
        return bad(name, about, data, kind="item", **inputs)

    receipt = good.item_receipt(1)
    other = good.items()[2].SerializeToString()
    beyond = pb.ItemVerification(index=3, outcome=OUTCOME_VERIFIED).SerializeToString()
    plain = v.sealed(v.Draft())
    yield item("ENVELOPE_MALFORMED-item", "A receipt cut short.", receipt[:-1])
    yield item(
        "ENVELOPE_MALFORMED-item-salt", "A short salt.", good.item_receipt(1, salt=b"\0" * 31)
    )
    yield item("TYPE_NOT_ALLOWED-item-plain", "No batch.", good.item_receipt(1, signed=plain))
    yield item("TYPE_NOT_ALLOWED-item-other", "Another type.", good.item_receipt(1, type_url=b"x"))
    yield item(
        "STATEMENT_MALFORMED-item", "No ItemVerification.", good.item_receipt(1, item=b"\xff")
    )
    yield item(
        "CONTEXT_MISMATCH-item-other", "Not this item's salt.", good.item_receipt(1, item=other)
    )
    yield item(
        "CONTEXT_MISMATCH-item-index", "No such position.", good.item_receipt(1, item=beyond)
    )
    yield item("CONTEXT_MISMATCH-item-salt", "Another salt.", good.item_receipt(1, salt=b"\0" * 32))
    yield item(
        "CONTEXT_MISMATCH-item-claim",
        "Another person expected.",
        receipt,
        expected={"personal_id": "098085000102"},
    )
