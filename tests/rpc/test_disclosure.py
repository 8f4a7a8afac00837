"""LookupCitizen: what is shown, what is not recorded, what is withheld, and what is refused."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.type.date_pb2 import Date

from clients.sdk import FieldStatus, Gateway, Outcome, Refused
from dancu.v1 import citizen_pb2, identity_service_pb2
from gateway.core.access import unpack
from gateway.core.policy import FIELDS, SENSITIVE
from tests.rpc.gateways import Running, audited, serving
from tests.rpc.raw import LOOKUP, RawClient, claim, failure_of, request_context

ORDINARY: dict[str, Any] = {
    "personal_id": "079088000001",
    "full_name": "Trần Minh Khôi",
    "birth_date": "1988-03-14",
}
STATELESS: dict[str, Any] = {
    "personal_id": "002087000041",
    "full_name": "Giàng A Páo",
    "birth_date": "1987-04-09",
}


async def test_all_fields_are_accounted_for(sdk: Gateway) -> None:
    """Without a mask every field has a status, in the contract's order, sensitive ones withheld."""
    answer = await sdk.lookup_citizen(**ORDINARY)
    assert answer.verified
    assert tuple(answer.fields) == FIELDS
    withheld = {path for path, status in answer.fields.items() if status is FieldStatus.WITHHELD}
    assert withheld == SENSITIVE
    assert answer.fields["father"] is FieldStatus.NOT_RECORDED


async def test_present_means_that_the_value_is_there(sdk: Gateway) -> None:
    """Exactly the fields that are PRESENT have a value."""
    answer = await sdk.lookup_citizen(**ORDINARY)
    assert answer.citizen is not None
    present = {path for path, status in answer.fields.items() if status is FieldStatus.PRESENT}
    assert present == {descriptor.name for descriptor, _ in answer.citizen.ListFields()}
    citizen = answer.citizen
    assert (citizen.personal_id, citizen.old_id_number) == ("079088000001", "000000001")
    assert citizen.name.full == "Trần Minh Khôi"
    assert citizen.birth_date.date == Date(year=1988, month=3, day=14)
    assert citizen.birth_date.precision == citizen_pb2.DATE_PRECISION_DAY
    assert citizen.sex == citizen_pb2.SEX_MALE
    assert citizen.spouse.full_name == "Hồ Thị Bích Thủy"
    assert citizen.person_status == citizen_pb2.PERSON_STATUS_ALIVE
    assert citizen.permanent_residence.address.code_epoch == citizen_pb2.CODE_EPOCH_Y2025


async def test_an_empty_nationality_is_not_recorded(sdk: Gateway) -> None:
    """A field that the register lacks is NOT_RECORDED, which is not an empty value."""
    answer = await sdk.lookup_citizen(**STATELESS, fields=["nationality"])
    assert dict(answer.fields) == {"nationality": FieldStatus.NOT_RECORDED}


async def test_a_mask_narrows_what_is_shown(sdk: Gateway) -> None:
    """Only the fields asked for are disclosed, in the contract's order."""
    answer = await sdk.lookup_citizen(**ORDINARY, fields=["sex", "name"])
    assert list(answer.fields) == ["name", "sex"]
    assert answer.citizen is not None
    assert {descriptor.name for descriptor, _ in answer.citizen.ListFields()} == {"name", "sex"}


async def test_a_full_grant_opens_sensitive_fields(data_dir: Path) -> None:
    """Ethnic group, religion and blood type are shown where granted by name."""
    async with serving(data_dir, "full") as ready, ready.connect(audience="full") as sdk:
        answer = await sdk.lookup_citizen(**ORDINARY)
    assert FieldStatus.WITHHELD not in answer.fields.values()
    assert answer.citizen is not None
    assert answer.citizen.ethnic_code == "01"


async def test_nothing_is_shown_of_an_unverified_claim(sdk: Gateway) -> None:
    """A claim that does not agree discloses neither fields nor what exists."""
    answer = await sdk.lookup_citizen(**(ORDINARY | {"birth_date": "1988-03-15"}))
    assert answer.outcome is Outcome.NOT_VERIFIED
    assert answer.citizen is None
    assert answer.person is None
    assert not answer.fields


async def test_by_the_old_number(sdk: Gateway) -> None:
    """Of two people with one old number, the one that agrees is shown."""
    answer = await sdk.lookup_citizen(
        old_id_number="000000031", full_name="Võ Thị Kim Ngân", birth_date="1972-05-23",
        fields=["personal_id"],
    )  # fmt: skip
    assert answer.citizen is not None
    assert answer.citizen.personal_id == "079172000032"


async def test_a_surplus_field_is_refused_and_recorded(
    running: Running, sdk: Gateway, data_dir: Path
) -> None:
    """Asking by name for what is not granted is refused; the refusal is a leaf."""
    with pytest.raises(Refused) as refused:
        await sdk.lookup_citizen(**ORDINARY, fields=["name", "religion_code", "blood_type"])
    assert refused.value.code is grpc.StatusCode.PERMISSION_DENIED
    assert refused.value.reason == "FIELD_NOT_GRANTED"
    assert "religion_code, blood_type" in str(refused.value)
    report = audited(data_dir)
    assert (report.leaves, report.accesses) == (1, 0)


async def test_what_was_disclosed_is_in_the_access_row(sdk: Gateway, data_dir: Path) -> None:
    """The access row has a bit for each field that was shown, and none for what was not."""
    await sdk.lookup_citizen(**ORDINARY, fields=["name", "sex", "father"])
    with contextlib.closing(sqlite3.connect(data_dir / "gateway.db")) as db:
        (packed,) = db.execute("SELECT accesses FROM window").fetchone()
    ((_, (row,)),) = unpack(packed)
    assert row.fields == 1 << FIELDS.index("name") | 1 << FIELDS.index("sex")


async def test_a_read_mask_is_bounded(raw: RawClient) -> None:
    """A field named again and again makes no receipt that is too large to be verified."""
    request = identity_service_pb2.LookupCitizenRequest(
        context=request_context(), claim=claim(), read_mask={"paths": ["name"] * 200_000}
    )
    failure = await failure_of(raw.send(LOOKUP, request.SerializeToString()))
    assert failure.code is grpc.StatusCode.INVALID_ARGUMENT
    assert failure.rules == {"read_mask": "PATH_COUNT"}


@pytest.mark.parametrize("path", ["name.full", "no_such", "", "NAME", "079088000001"])
async def test_unknown_paths_are_malformed(raw: RawClient, path: str) -> None:
    """A path that is no top-level field is refused with a list to choose from, not repeated."""
    request = identity_service_pb2.LookupCitizenRequest(
        context=request_context(), claim=claim(), read_mask={"paths": ["sex", path]}
    )
    failure = await failure_of(raw.send(LOOKUP, request.SerializeToString()))
    assert failure.code is grpc.StatusCode.INVALID_ARGUMENT
    assert failure.rules == {"read_mask": "UNKNOWN_FIELD"}
    assert "permanent_residence" in failure.violations[0].description
    assert "079088000001" not in failure.texts["en"]
