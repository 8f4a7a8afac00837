"""The vectors refused for what is said, and for the log: contents, context, proof, witnesses."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from dancu.v1 import citizen_pb2, reconciliation_pb2
from dancu.v1 import statement_pb2 as pb
from tests.vectors import accesses, confirmations, good, sync
from tests.vectors import scene as v
from tests.vectors import signer as s
from tests.vectors.bad_envelopes import bad


def vectors() -> Iterator[v.Vector]:
    """All of them."""
    for variant, about, body in (
        *_statements(),
        *confirmations.malformed(),
        *accesses.malformed(),
        *sync.malformed(),
    ):
        yield bad(f"STATEMENT_MALFORMED-{variant}", about, v.sealed(v.Draft(body)))
    yield bad("STATEMENT_MALFORMED-no-protobuf", "Signed noise.", _signed(b"\xff" * 20))
    nested = _signed(v.serialise(v.identity()) + b"\x7b" * 5000 + b"\x7c" * 5000)
    yield bad("STATEMENT_MALFORMED-nested", "5,000 groups within each other.", nested)
    stranger = v.Draft(v.identity(issuer="somebody-else"))
    yield bad("ISSUER_MISMATCH", "Another issuer's statement.", v.sealed(stranger))
    yield from _contexts()
    yield from _sync_items()
    yield from _proofs()
    yield from _logs()
    yield from _inclusions()
    yield from _witnesses()


def _statements() -> Iterator[tuple[str, str, v.Statement]]:
    yes, ambiguous = citizen_pb2.OUTCOME_VERIFIED, citizen_pb2.OUTCOME_AMBIGUOUS
    header = v.header()
    yield "no-header", "No header.", pb.IdentityVerification(claim=v.CLAIM, outcome=yes)
    yield "no-salt", "No salt.", v.identity(salt=b"")
    yield "short-salt", "A salt of 31 bytes.", v.identity(salt=v.SALT[:31])
    yield "real", "Not marked as simulated.", v.identity(simulated=False)
    yield "no-time", "No issued_at.", v.identity(issued_at=None)
    yield "bad-time", "A second too many.", v.identity(issued_at=Timestamp(seconds=253402300800))
    yield "no-outcome", "No outcome.", pb.IdentityVerification(header=header, claim=v.CLAIM)
    yield "new-outcome", "An unknown outcome.", _with_outcome(7)
    yield "ambiguous", "Only a resolution may be ambiguous.", _with_outcome(ambiguous)
    yield "disclosure", "A disclosure without an outcome.", pb.CitizenDisclosure(header=header)
    yield "resolution", "A resolution without an outcome.", pb.IdentifierResolution(header=header)
    yield "no-items", "A batch of nothing.", pb.BatchIdentityVerification(header=header)
    short = pb.BatchIdentityVerification(header=header, item_digests=[b"\0" * 32, b"\0" * 31])
    yield "short-digest", "An item digest of 31 bytes.", short


def _with_outcome(outcome: int) -> pb.IdentityVerification:
    body = v.identity()
    body.outcome = outcome  # type: ignore[assignment]  # proto3 enums are open
    return body


def _signed(value: bytes) -> bytes:
    signed = v.envelope(v.PREFIX + "IdentityVerification", value, [v.STATEMENT])
    signed.log_proof.CopyFrom(v.seal(v.Draft()).log_proof)
    return signed.SerializeToString()


def _contexts() -> Iterator[v.Vector]:
    plain = v.sealed(v.Draft())
    others = {
        "type_url": v.PREFIX + "CitizenDisclosure",
        "audience": "another",
        "request_id": "req-0002",
        "request_digest": hashlib.sha256(b"another").digest(),
        "personal_id": "098085000124",
        "old_id_number": "012345678",
        "full_name": "Nguyễn Thị Mẫn",
        "birth_date": (1985, 7, 0),
    }
    for name, value in others.items():
        about = f"Another {name} was expected."
        yield bad(f"CONTEXT_MISMATCH-{name}", about, plain, expected={name: value})
    yield bad(
        "CONTEXT_MISMATCH-batch",
        "A batch statement names nobody: its item must be opened.",
        v.sealed(v.Draft(good.batch())),
        expected={"personal_id": "098085000101"},
    )


def _sync_items() -> Iterator[v.Vector]:
    other = sync.records()[0]
    other.verdict = reconciliation_pb2.RECORD_VERDICT_CORRECTED
    about = "A record with another verdict than the chunk commits to."
    yield bad("CONTEXT_MISMATCH-record", about, sync.record_receipt(0, other), kind="item")
    about = "A record whose claim is another than expected."
    wanted = {"personal_id": "098085000124"}
    receipt = sync.record_receipt(0)
    yield bad("CONTEXT_MISMATCH-record-claim", about, receipt, kind="item", expected=wanted)


def _with_proof(text: str, access_root: bytes = v.ACCESS_ROOT) -> bytes:
    signed = v.seal(v.Draft())
    signed.log_proof.tlog_proof, signed.log_proof.access_root = text, access_root
    return signed.SerializeToString()


def _proofs() -> Iterator[v.Vector]:
    text = v.seal(v.Draft()).log_proof.tlog_proof
    header, index, first, *rest = text.split("\n")
    head_at = text.index("\n\n") + 2
    line = text[text.index("\N{EM DASH}") :]
    unproven = v.seal(v.Draft())
    unproven.ClearField("log_proof")
    yield bad("LOG_PROOF_MISSING", "No proof.", unproven.SerializeToString())
    stray = first[:-2] + chr(ord(first[-2]) + 1) + "="  # the last two bits of base64 are unused
    texts = {
        "header": ("Version 2 of the format.", text.replace("@v1", "@v2")),
        "extra": ("Extra data.", text.replace("index", "extra AAAA\nindex")),
        "leading-zero": ("An index with a leading zero.", text.replace("index 5", "index 05")),
        "plus": ("An index with a sign.", text.replace("index 5", "index +5")),
        "full-width": ("An index in full-width digits.", text.replace("index 5", "index \uff15")),
        "big-index": ("An index of 2⁶³.", text.replace("index 5", f"index {2**63}")),
        "two-blanks": ("Two blanks.", text.replace("index 5", "index  5")),
        "crlf": ("Lines end with CR LF.", text.replace("\n", "\r\n")),
        "stray-bits": ("Base64 with stray bits.", text.replace(first, stray)),
        "no-padding": ("Base64 without padding.", text.replace(first, first[:-1])),
        "url-base64": ("A hash of 31 bytes.", text.replace(first, s.b64(b"\0" * 31))),
        "many-hashes": ("64 hashes.", "\n".join([header, index, *[first] * 64, *rest[2:]])),
        "no-checkpoint": ("No checkpoint.", text[: head_at - 1]),
        "no-blank": ("No blank line.", text.replace("\n\n", "\n")),
        "four-lines": ("A checkpoint with an extension.", text.replace("\n\n—", "\nx\n\n—")),
        "no-origin": ("An empty origin.", text.replace(v.ORIGIN + "\n", "\n")),
        "size": ("A size with a leading zero.", text.replace("\n11\n", "\n011\n")),
        "no-signature": ("No signature line.", text[: text.index("\N{EM DASH}")]),
        "many-lines": ("17 signature lines.", text + line * 16),
        "hyphen": ("A hyphen instead of the dash.", text.replace("\N{EM DASH}", "-")),
        "name": ("A name with a plus.", text + line.replace("log", "l+g")),
        "short-line": ("A line with a key id only.", text + s.note_line("x", b"\0" * 4)),
        "no-newline": ("The last line does not end.", text[:-1]),
        "unended-line": ("More text without a newline.", text + "more"),
        "control": ("A control character.", text.replace(v.ORIGIN + "\n", v.ORIGIN + "\t\n")),
        "trailing-line": ("A blank line after it.", text + "\n"),
    }
    for variant, (about, changed) in texts.items():
        yield bad(f"LOG_PROOF_MALFORMED-{variant}", about, _with_proof(changed))
    short = _with_proof(text, v.ACCESS_ROOT[:31])
    yield bad("LOG_PROOF_MALFORMED-access-root", "An access root of 31 bytes.", short)


def _logs() -> Iterator[v.Vector]:
    unlisted = "dancu.example/log/2"
    other = v.Draft(v.identity(log_origin=unlisted), origin=unlisted)
    yield bad("LOG_ORIGIN_UNKNOWN-unlisted", "A log that is not listed.", v.sealed(other))
    witness = v.Draft(v.identity(log_origin=v.W1), logs=(v.WITNESS_1,), origin=v.W1)
    yield bad("LOG_ORIGIN_UNKNOWN-role", "A witness is no log.", v.sealed(witness))
    moved = v.Draft(origin=v.OLD_ORIGIN)
    yield bad("LOG_ORIGIN_UNKNOWN-header", "Another log than the header names.", v.sealed(moved))
    name = "CHECKPOINT_SIGNATURE_INVALID"
    yield bad(name, "Signed by a stranger.", v.sealed(v.Draft(logs=(v.STRANGER,))))
    statement = v.Draft(logs=(v.STATEMENT,))
    yield bad(f"{name}-role", "Signed by a statement key.", v.sealed(statement))
    text = v.seal(v.Draft()).log_proof.tlog_proof
    wrong = s.note_line(v.ORIGIN, s.note_key_id(v.ORIGIN, 1, v.LOG_NEXT.public) + b"\0" * 64)
    yield bad(f"{name}-second", "One right line and one wrong.", _with_proof(text + wrong))
    long = text[: text.index("\N{EM DASH}")] + _long_log_line(text)
    yield bad(f"{name}-long", "A signature of 65 bytes.", _with_proof(long))
    renamed = text.replace("\N{EM DASH} " + v.ORIGIN, "\N{EM DASH} " + v.OLD_ORIGIN)
    yield bad(f"{name}-name", "A name that the key id is not of.", _with_proof(renamed))
    start = text.index("\N{EM DASH}")
    former = text[:start] + s.log_line(v.LOG, v.OLD_ORIGIN, _head(text))
    yield bad(f"{name}-former", "Signed under the log's former name.", _with_proof(former))


def _long_log_line(text: str) -> str:
    signature = v.LOG.sign(_head(text).encode()) + b"\0"
    return s.note_line(v.ORIGIN, s.note_key_id(v.ORIGIN, 1, v.LOG.public) + signature)


def _head(text: str) -> str:
    """The three lines of the checkpoint in a proof."""
    return text[text.index("\n\n") + 2 : text.index("\n\N{EM DASH}")]


def _inclusions() -> Iterator[v.Vector]:
    name = "INCLUSION_INVALID"
    text = v.seal(v.Draft()).log_proof.tlog_proof
    lines = text.split("\n")
    no = v.seal(v.Draft(good.not_verified()))
    no.log_proof.CopyFrom(v.seal(v.Draft()).log_proof)
    yield bad(name, "A valid proof of another statement.", no.SerializeToString())
    texts = {
        "index": ("Another index.", text.replace("index 5", "index 4")),
        "index-is-size": ("An index that the tree does not have.", text.replace("x 5", "x 11")),
        "short-path": ("A hash is missing.", "\n".join(lines[:2] + lines[3:])),
        "long-path": ("A hash too many.", "\n".join(lines[:3] + lines[2:])),
        "order": ("Two hashes change places.", "\n".join([*lines[:2], *lines[3:1:-1], *lines[4:]])),
    }
    for variant, (about, changed) in texts.items():
        yield bad(f"{name}-{variant}", about, _with_proof(changed))
    zeros = _with_proof(text, b"\0" * 32)
    yield bad(f"{name}-access-root", "The access rows are denied.", zeros)
    empty = f"{v.ORIGIN}\n0\n{s.b64(hashlib.sha256(b'').digest())}\n"
    proof = f"c2sp.org/tlog-proof@v1\nindex 0\n\n{empty}\n{s.log_line(v.LOG, v.ORIGIN, empty)}"
    yield bad(f"{name}-empty-log", "A log without leaves.", _with_proof(proof))


def _witnesses() -> Iterator[v.Vector]:
    def cosigned(*witnesses: tuple[s.Signer, str, int]) -> bytes:
        return v.sealed(v.Draft(witnesses=witnesses))

    second = v.seconds(good.SEEN_1)
    first = (v.WITNESS_1, v.W1, second)
    trusting: dict[str, Any] = {"witnesses": good.TRUSTED, "quorum": 2}
    missing = "WITNESS_QUORUM_MISSING"
    yield bad(f"{missing}-none", "Nobody cosigned.", cosigned(), **trusting)
    yield bad(f"{missing}-one", "One of two.", cosigned(first), **trusting)
    twice = cosigned(first, (v.WITNESS_1, v.W1, second + 60))
    yield bad(f"{missing}-twice", "One witness twice is one.", twice, **trusting)
    renamed = cosigned(first, (v.WITNESS_1, v.W2, second))
    yield bad(f"{missing}-renamed", "One witness under two names.", renamed, **trusting)
    text = v.seal(v.Draft(witnesses=(first,))).log_proof.tlog_proof
    key_id = s.note_key_id(v.W1, 4, v.WITNESS_1.public)
    plain = s.note_line(v.W1, key_id + second.to_bytes(8, "big") + b"\0" * 64)
    untimed = s.note_line(v.W1, key_id + b"\0" * 64)
    endless = replace(v.Draft(), witnesses=((v.WITNESS_1, v.W1, 2**63 - 1),))
    invalid = {
        "forged": ("A wrong cosignature, though none is required.", _with_proof(text + plain)),
        "untimed": ("A cosignature without a time.", _with_proof(text + untimed)),
        "endless": ("A time after the year 9999.", v.sealed(endless)),
    }
    for variant, (about, data) in invalid.items():
        inputs = trusting | {"quorum": 0}
        yield bad(f"WITNESS_SIGNATURE_INVALID-{variant}", about, data, **inputs)
