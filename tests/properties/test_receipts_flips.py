"""Whatever is changed in a statement, it is refused; whatever is thrown at it, it answers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.receipts import (
    ItemNotFoundError,
    RefusedError,
    Result,
    Trust,
    Verdict,
    Witness,
    is_item_receipt,
    load_key_set,
    open_item,
    verify,
    verify_item,
    verify_offline,
)
from dancu.v1 import statement_pb2 as pb
from tests.vectors import good
from tests.vectors import scene as v

AT = datetime(2026, 3, 1, tzinfo=UTC)
WITNESSES = tuple(Witness(name, key) for name, key in good.TRUSTED)
PLAIN = Trust(roots=frozenset({v.ROOT.key_id}))
QUORUM = Trust(roots=PLAIN.roots, witnesses=WITNESSES, quorum=2)
KEY_SET = load_key_set(v.MAIN_KEY_SET, PLAIN, AT)
SEALED = v.sealed(v.Draft())
EVERYTHING = v.sealed(
    v.Draft(signers=(v.STATEMENT, v.STATEMENT_P256), witnesses=good.COSIGNED.witnesses)
)
few = settings(max_examples=200, deadline=None)


def _check(data: bytes, trust: Trust = PLAIN) -> Verdict:
    return verify(data, KEY_SET, at=AT, trust=trust)


def _flips(data: bytes, start: int = 0) -> list[bytes]:
    """All inputs that differ from `data` in one bit, at or after the byte `start`."""
    number = int.from_bytes(data, "big")
    return [
        (number ^ 1 << bit).to_bytes(len(data), "big") for bit in range(8 * (len(data) - start))
    ]


def test_every_flipped_bit_of_a_statement_is_refused() -> None:
    """No bit of the whole SignedStatement can change unnoticed."""
    assert _check(SEALED).result is Result.VALID
    accepted = [flip for flip in _flips(SEALED) if _check(flip).result is not Result.INVALID]
    assert accepted == []


def test_every_flipped_bit_of_a_witnessed_statement_is_refused() -> None:
    """Nor in Ed25519 and P-256 signatures and a proof that needs its two witnesses."""
    assert _check(EVERYTHING, QUORUM).result is Result.VALID
    flips = _flips(EVERYTHING, EVERYTHING.rindex(v.STATEMENT.key_id.encode()) - 5)
    assert [f for f in flips if _check(f, QUORUM).result is not Result.INVALID] == []


def test_flips_pass_only_in_cosignature_lines_of_nobody() -> None:
    """Without trusted witnesses their lines are ignored, and nothing else of the proof is."""
    text = pb.SignedStatement.FromString(EVERYTHING).log_proof.tlog_proof
    ignored = text[text.index("\N{EM DASH} witness") :].encode()
    proof, lines = EVERYTHING.index(b"c2sp.org"), EVERYTHING.index(ignored)
    passing = [f for f in _flips(EVERYTHING, proof) if _check(f).result is not Result.INVALID]
    assert len(passing) > 4 * len(ignored)
    for flip in passing:
        assert flip[:lines] == EVERYTHING[:lines]
        assert flip[lines + len(ignored) :] == EVERYTHING[lines + len(ignored) :]


def test_every_truncation_is_refused() -> None:
    """No beginning of a statement is a statement."""
    assert all(_check(SEALED[:end]).result is Result.INVALID for end in range(len(SEALED)))


def test_every_dropped_and_every_doubled_byte_is_refused() -> None:
    """One byte less or one byte twice, wherever."""
    for at in range(len(SEALED)):
        assert _check(SEALED[:at] + SEALED[at + 1 :]).result is Result.INVALID
        assert _check(SEALED[:at] + SEALED[at : at + 1] + SEALED[at:]).result is Result.INVALID


def test_every_flipped_bit_of_a_key_set_is_refused() -> None:
    """No bit of a key set can change unnoticed either."""
    small = v.sign_key_set(v.key_set(keys=v.keys()[:2]))
    assert load_key_set(small, PLAIN, AT).version == 7
    for flip in _flips(small):
        verdict = verify_offline(SEALED, flip, at=AT, trust=PLAIN)
        assert verdict.refusal == "KEYSET_UNTRUSTED"


def test_every_flipped_bit_of_an_item_is_refused() -> None:
    """Nor a bit of the item, its type or its salt in one item's receipt."""
    receipt = good.item_receipt(1)
    assert verify_item(receipt, KEY_SET, at=AT, trust=PLAIN).result is Result.VALID
    item = receipt.rindex(v.PREFIX.encode()) - 4
    for flip in _flips(receipt, item):
        assert verify_item(flip, KEY_SET, at=AT, trust=PLAIN).result is Result.INVALID


@few
@given(st.binary(max_size=400), st.binary(max_size=400))
def test_random_bytes_are_answered(statement: bytes, key_set: bytes) -> None:
    """Noise gets a verdict, never an exception."""
    assert verify_offline(statement, key_set, at=AT, trust=PLAIN).result is Result.INVALID
    assert verify_item(statement, KEY_SET, at=AT, trust=PLAIN).result is Result.INVALID
    assert not is_item_receipt(statement) or statement[0] == 0x0A
    with pytest.raises((RefusedError, ItemNotFoundError)):
        open_item(statement, 0)


@few
@given(st.integers(0, len(SEALED)), st.integers(0, 40), st.binary(max_size=40))
def test_spliced_statements_are_refused(start: int, length: int, patch: bytes) -> None:
    """A stretch of a statement replaced by noise is refused, unless it is the same bytes."""
    spliced = SEALED[:start] + patch + SEALED[start + length :]
    assert (_check(spliced).result is Result.VALID) == (spliced == SEALED)


@few
@given(st.text(max_size=300))
def test_random_proof_text_is_malformed(text: str) -> None:
    """Noise in the proof's place, in an envelope that fits."""
    signed = pb.SignedStatement.FromString(SEALED)
    signed.log_proof.tlog_proof = text or "x"
    assert _check(signed.SerializeToString()).refusal == "LOG_PROOF_MALFORMED"


@few
@given(
    st.sampled_from(["IdentityVerification", "CitizenDisclosure", "BatchIdentityVerification"]),
    st.binary(max_size=200),
)
def test_signed_noise_is_malformed(name: str, value: bytes) -> None:
    """Noise that a statement key did sign."""
    signed = v.envelope(v.PREFIX + name, value or b"x", [v.STATEMENT])
    assert _check(signed.SerializeToString()).refusal == "STATEMENT_MALFORMED"


@few
@given(
    st.builds(
        pb.Key,
        key_id=st.text(max_size=50),
        role=st.integers(0, 5),
        algorithm=st.integers(0, 3),
        public_key=st.binary(max_size=70),
        note_keys=st.lists(
            st.builds(pb.NoteKey, name=st.text(max_size=9), note_key_id=st.binary(max_size=5))
        ),
    )
)
def test_random_keys_in_a_signed_key_set_are_malformed(key: pb.Key) -> None:
    """Noise as a key, in a key set that a pinned root did sign."""
    key_set = v.sign_key_set(v.key_set(keys=[*v.keys(), key]))
    verdict = verify_offline(SEALED, key_set, at=AT, trust=PLAIN)
    assert verdict.refusal == "KEYSET_MALFORMED"
