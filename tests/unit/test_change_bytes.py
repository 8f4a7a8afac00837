"""What is put together by hand is what the library would have written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dancu.v1 import change_pb2, citizen_pb2, statement_pb2
from gateway.core import changes
from gateway.core.change_query import Filter
from gateway.core.changes import View, batch
from gateway.core.disclosure import write_fields
from gateway.core.proto_bytes import varint
from gateway.core.residence_bytes import write_residences
from gateway.core.statement import Header
from mock_population_db.changes import Change, ChangeCause, ChangeKind, ChangePage
from mock_population_db.citizen import Relation, Sex
from mock_population_db.snapshot import Part
from mock_population_db.store import packing
from mock_population_db.store.errors import PopulationUnavailable
from mock_population_db.stored import StoredResidence

PATHS = ("permanent_residence", "temporary_residence", "current_residence")
MOMENT = datetime(2026, 7, 1, 8, 30, 15, 250, tzinfo=UTC)
HEAD = Header(issuer="issuer", register_revision=70_000)
VIEW = View("reader", (), frozenset({"permanent_residence", "sex"}))
ME, OTHER = "001090000001", "001090000002"
_WHOLE = Part(
    permanent_residence=StoredResidence(1, 1, 20200101, None, 4, 2, 1, None, "1 phố Thử"),
    sex=Sex.FEMALE,
)

communes = st.sampled_from([(4, 2, 1, None), (26740, 2, 3, 26734), (79, 1, 4, None)])
days = st.none() | st.dates().map(packing.pack_whole_day)
residences = st.builds(
    lambda home, place, detail: StoredResidence._make((*home, *place, detail)),
    home=st.tuples(
        st.none() | st.integers(0, 10**9),  # household
        st.none() | st.sampled_from(Relation).map(int),
        days,
        days,
    ),
    place=communes,
    detail=st.none() | st.text(max_size=900),  # one byte of length, or two
)


@given(st.tuples(*[st.none() | residences] * 3), st.sets(st.sampled_from(PATHS)))
def test_residences_are_written_as_the_library_does(
    values: tuple[StoredResidence | None, ...], asked: set[str]
) -> None:
    """Whatever of them is recorded, and whichever are asked for."""
    person = Part(**dict(zip(PATHS, values, strict=True)))
    paths = [path for path in PATHS if path in asked]
    message = citizen_pb2.Citizen()
    present = write_fields(message, person, paths)
    told = message.SerializeToString(deterministic=True)
    assert write_residences(person, paths) == (told, present)


@pytest.mark.parametrize(
    "damage", [{"epoch": 77}, {"commune": None}, {"relation_code": 99}, {"since_day": 20260231}]
)
def test_a_residence_that_contradicts_the_schema_is_not_told(damage: Mapping[str, object]) -> None:
    """Whatever of it does: a follower is told that the register is unavailable."""
    broken = _WHOLE.permanent_residence._replace(**damage)
    with pytest.raises(PopulationUnavailable):
        write_residences(Part(permanent_residence=broken), PATHS[:1])


@given(st.integers(1, 2**63 - 1))
def test_numbers_are_written_as_the_library_does(number: int) -> None:
    """From one byte to nine."""
    assert change_pb2.Change(revision=number).SerializeToString() == b"\x08" + varint(number)


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({}, {}),
        ({"kind": ChangeKind.WITHDRAWN, "fields": ()}, {"kind": 12, "paths": []}),
        ({"kind": ChangeKind.RENUMBERED, "former_personal_id": OTHER}, {"kind": 8}),
        ({"event_id": "E-1", "reporter": "reader"}, {"event_id": "E-1"}),
        ({"event_id": "E-1", "reporter": "another"}, {"event_id": ""}),
        ({"cause": ChangeCause.REARRANGEMENT}, {"cause": 3}),
        ({"fields": ("sex",)}, {"paths": ["sex"]}),
        ({"fields": ("permanent_residence", "sex")}, {"paths": ["permanent_residence", "sex"]}),
        ({"fields": ("phone",)}, {"paths": ["phone"]}),
    ],
)
@pytest.mark.parametrize("withdrawn", [False, True])
def test_a_batch_is_written_as_the_library_does(
    parts: Mapping[str, object], told: Mapping[str, object], *, withdrawn: bool
) -> None:
    """Byte by byte, and with what was to be told."""
    page = _page([_change(300, **parts)], {} if withdrawn else {ME: ME})
    made = batch(HEAD, Filter(kinds=(9,)), 7, page, VIEW, {ME: _WHOLE})
    message = statement_pb2.ChangeBatch.FromString(made.value)
    assert message.SerializeToString(deterministic=True) == made.value
    (one,) = message.changes
    assert {name: getattr(one, name) for name in told} == told
    assert (one.revision, one.personal_id, one.recorded_at.nanos) == (300, ME, 250_000)
    assert one.HasField("citizen") is not withdrawn
    assert (message.header, message.start_revision, message.through_revision) == (HEAD, 7, 300)


def test_a_batch_ends_before_it_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the last change that fits, and tells so; the first one goes in at any size."""
    page = _page([_change(300 + at) for at in range(9)], {ME: ME})
    (one,) = statement_pb2.ChangeBatch.FromString(_told(page, 1).value).changes
    for fitting in (1, 2, 8):
        monkeypatch.setattr(changes, "MAX_BATCH_BYTES", fitting * one.ByteSize())
        made = _told(page, 9)
        count = len(statement_pb2.ChangeBatch.FromString(made.value).changes)
        assert (count, made.through) == (fitting, 299 + fitting)
    monkeypatch.setattr(changes, "MAX_BATCH_BYTES", 1)
    assert _told(page, 9).through == 300


def _told(page: ChangePage, count: int) -> changes.Batch:
    """A batch of the first so many changes of a page."""
    some = _page(page.changes[:count], page.current)
    return batch(HEAD, Filter(), 1, some, VIEW, {ME: _WHOLE})


def _change(revision: int, **parts: object) -> Change:
    plain = Change(
        revision,
        ChangeKind.CORRECTION,
        ME,
        ("permanent_residence",),
        ChangeCause.SUBMITTED,
        MOMENT,
        date(2026, 6, 30),
    )
    return plain._replace(**parts)  # type: ignore[arg-type]


def _page(some: list[Change] | tuple[Change, ...], current: dict[str, str]) -> ChangePage:
    return ChangePage(tuple(some), some[-1].revision, 70_000, 0, current)
