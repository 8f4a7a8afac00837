"""The access log's rows: what their root commits to, and how a person stands in them."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.access import access_root, month_of, pack, pseudonym, pseudonyms, unpack
from gateway.core.hmac_key import HmacKey
from gateway.core.ledger import NO_ACCESS
from gateway.core.model import Access, AccessCall, Effect
from tests.support import merkle
from tests.support.records import COMMON
from tests.support.scene import CONTEXT, NOW, NUMBER, OTHER_NUMBER

ROWS = [Access(bytes([number]) * 16, 1 + number % 2, number) for number in range(5)]

CALL_CHANGES: list[dict[str, Any]] = [
    {"at": NOW + timedelta(microseconds=1)},
    {"caller": "plain2"},
    {"rpc": COMMON.rpc + "x"},
    {"register_revision": COMMON.register_revision + 1},
    {"effects": (Effect.DELAYED,)},
    *({"context": CONTEXT._replace(**{name: "x"})} for name in CONTEXT._fields),
    # a text moved from one field into the next
    {"context": CONTEXT._replace(request_id="re", procedure_code="q-1" + CONTEXT.procedure_code)},
]
ROW_CHANGES: list[dict[str, Any]] = [{"subject": b"x" * 16}, {"outcome": 3}, {"fields": 1 << 26}]


def test_nobody_touched_is_zeros() -> None:
    """32 of them."""
    assert access_root(COMMON, []) == NO_ACCESS == bytes(32)


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_the_root_is_an_rfc_6962_root_over_the_rows(count: int) -> None:
    """Recomputed from the bytes of each row."""
    request_id, procedure, unit, officer, dossier = CONTEXT
    asker = hashlib.sha256(f"dancu.asker.v1\n{request_id}\n{officer}".encode()).digest()
    call = (NOW.isoformat(), COMMON.caller, COMMON.rpc, procedure, unit, dossier)
    told = "\n".join(("dancu.access.v1", *call, f"{COMMON.register_revision}\n"))
    common = hashlib.sha256(told.encode() + asker).digest()
    data = [
        common + row.subject + bytes([row.outcome]) + row.fields.to_bytes(4, "big")
        for row in ROWS[:count]
    ]
    assert access_root(COMMON, ROWS[:count]) == merkle.tree_hash(data)


@pytest.mark.parametrize("change", CALL_CHANGES, ids=str)
def test_the_root_changes_with_any_part_of_the_call(change: dict[str, Any]) -> None:
    """Caller, method, time, revision and each part of the context."""
    changed = COMMON._replace(**change)
    assert changed != COMMON
    assert access_root(changed, ROWS) != access_root(COMMON, ROWS)


@pytest.mark.parametrize("change", ROW_CHANGES, ids=str)
@pytest.mark.parametrize("position", range(len(ROWS)))
def test_the_root_changes_with_any_field_of_any_row(change: dict[str, Any], position: int) -> None:
    """Subject, outcome and disclosed fields of every row."""
    rows = list(ROWS)
    rows[position] = rows[position]._replace(**change)
    assert access_root(COMMON, rows) != access_root(COMMON, ROWS)


@given(st.lists(st.sampled_from(ROWS), max_size=8), st.lists(st.sampled_from(ROWS), max_size=8))
def test_no_two_lists_of_rows_have_one_root(one: list[Access], other: list[Access]) -> None:
    """A row that vanished, came twice or moved changes the root."""
    assert (access_root(COMMON, one) == access_root(COMMON, other)) == (one == other)


def test_a_person_is_the_same_within_a_month() -> None:
    """One key, one number: one pseudonym of 16 bytes."""
    key = HmacKey(b"k" * 32)
    assert pseudonym(key, NUMBER) == pseudonym(key, NUMBER)
    assert len(pseudonym(key, NUMBER)) == 16
    assert pseudonym(key, NUMBER) != pseudonym(key, OTHER_NUMBER)
    numbers = [NUMBER, OTHER_NUMBER]
    assert pseudonyms(key, numbers) == [pseudonym(key, one) for one in numbers]


def test_a_person_is_another_under_the_next_key() -> None:
    """Without the keys, months cannot be linked."""
    assert pseudonym(HmacKey(b"k" * 32), NUMBER) != pseudonym(HmacKey(b"l" * 32), NUMBER)


@given(st.binary(max_size=64), st.binary(max_size=200))
def test_the_prepared_key_is_hmac(key: bytes, message: bytes) -> None:
    """The same value as the standard library's HMAC-SHA-256."""
    assert HmacKey(key).digest(message) == hmac.digest(key, message, "sha256")


def test_a_key_of_more_than_a_block_is_refused() -> None:
    """Such keys would have to be hashed first; nothing here has one."""
    with pytest.raises(ValueError, match="one block"):
        HmacKey(bytes(65))


def test_a_month_is_counted_in_utc() -> None:
    """The last moment of one and the first of the next."""
    end = datetime(2026, 1, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    assert month_of(end) == "2026-01"
    assert month_of(end + timedelta(microseconds=1)) == "2026-02"


calls = st.builds(
    lambda caller, officer, day, effects, refused: COMMON._replace(
        caller=caller,
        context=CONTEXT._replace(officer_id=officer),
        at=NOW + timedelta(day),
        effects=tuple(sorted(effects)),
        refused=refused,
    ),
    st.sampled_from(["", "plain", "ê 1"]),
    st.sampled_from(["", "officer", "ê 1"]),
    st.integers(0, 1000),
    st.sets(st.sampled_from(Effect)),
    st.integers(0, 1000),
)
touched = st.lists(st.tuples(calls, st.lists(st.sampled_from(ROWS), max_size=3)), max_size=3)


@given(touched)
def test_what_is_stored_reads_back(sent: list[tuple[AccessCall, list[Access]]]) -> None:
    """Any number of calls in a row, with any number of people."""
    stored = b"".join(pack(call, rows) for call, rows in sent)
    assert list(unpack(stored)) == [(call, tuple(rows)) for call, rows in sent]


def test_how_many_were_refused_is_no_part_of_a_row() -> None:
    """Whoever holds a row proves it by what evidence.md says is in it."""
    assert access_root(COMMON._replace(refused=2), ROWS) == access_root(COMMON, ROWS)


def test_a_person_is_twenty_one_bytes() -> None:
    """Whatever was disclosed: the log grows by so much."""
    assert len(pack(COMMON, ROWS)) - len(pack(COMMON, [])) == 21 * len(ROWS)


def test_no_changed_bit_reads_back_the_same() -> None:
    """Refused, or other rows: never the same ones from other bytes."""
    stored = pack(COMMON, ROWS)
    before = list(unpack(stored))
    for at in range(8 * len(stored)):
        changed = bytearray(stored)
        changed[at // 8] ^= 1 << at % 8
        try:
            assert list(unpack(bytes(changed))) != before
        except ValueError:
            continue


@pytest.mark.parametrize("cut", [1, 7, 8, 20, 21, 22])
def test_what_was_cut_off_is_refused(cut: int) -> None:
    """Also at the boundary of a row."""
    stored = pack(COMMON, ROWS)[:-cut]
    with pytest.raises(ValueError, match="no access rows"):
        list(unpack(stored))


@pytest.mark.parametrize("stored", [None, 7, "text"])
def test_what_is_no_bytes_is_refused(stored: Any) -> None:
    """A damaged file can hold anything."""
    with pytest.raises(ValueError, match="no access rows"):
        list(unpack(stored))


def test_a_moment_is_written_in_its_own_zone() -> None:
    """Also when an equal one was written in another zone just before."""
    there = COMMON.at.astimezone(timezone(timedelta(hours=7)))
    written = [pack(COMMON._replace(at=at), ROWS) for at in (COMMON.at, there, COMMON.at)]
    assert [call.at.isoformat() for one in written for call, _ in unpack(one)] == [
        at.isoformat() for at in (COMMON.at, there, COMMON.at)
    ]
