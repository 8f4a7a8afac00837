"""ConfirmResidence and GetHousehold through the real server, persona by persona."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio

from clients.sdk import (
    FieldStatus,
    Gateway,
    HeadState,
    Household,
    HouseholdRelation,
    Outcome,
    PersonStatus,
    Refused,
    ResidenceKind,
    ResidenceState,
)
from dancu.v1 import citizen_pb2, residence_service_pb2
from gateway.core.access import month_of, pseudonym, unpack
from gateway.core.disclosure import bits_of
from gateway.core.hmac_key import HmacKey
from gateway.core.model import Access
from tests.rpc.gateways import copy_of, serving
from tests.rpc.raw import HOUSEHOLD, RawClient, claim, failure_of, request_context


def _about(number: str, name: str, birth: str) -> dict[str, Any]:
    return {"personal_id": number, "full_name": name, "birth_date": birth}


ORDINARY = _about("079088000001", "Trần Minh Khôi", "1988-03-14")
WORKER = _about("062098000045", "A Thuận", "1998-12-24")
STUDENT = _about("052099000046", "Phan Minh Trí", "1999-05-31")
HOMELESS = _about("091083000044", "Trần Văn Lênh", "1983-06-28")
SPLIT = _about("001085000047", "Nguyễn Tiến Đạt", "1985-10-26")
UNCONVERTED = _about("001176000048", "Trần Thị Kim Liên", "1976-03-08")
WIDOW = _about("052155000037", "Trần Thị Nguyệt", "1955-09-18")
DEAD = _about("004049000035", "Nông Văn Dền", "1949-10-19")
NEWBORN = _about("001325000006", "Vũ Ngọc Diệp", "2025-12-20")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def explaining(
    built: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Gateway]:
    """A caller that may see the members of households, for the whole module."""
    data_dir = copy_of(built, tmp_path_factory.mktemp("explain") / "data")
    async with serving(data_dir, "explain") as ready, ready.connect(audience="explain") as sdk:
        yield sdk


async def _household(
    sdk: Gateway, about: dict[str, Any], kind: ResidenceKind = ResidenceKind.PERMANENT
) -> Household:
    answer = await sdk.get_household(**about, kind=kind)
    assert answer.verified
    assert answer.household is not None
    return answer.household


@pytest.mark.asyncio(loop_scope="module")
async def test_temporary_residence_elsewhere(shared_sdk: Gateway) -> None:
    """Both residences are told, each with its own household, and both count."""
    answer = await shared_sdk.confirm_residence(**WORKER)
    home, lodging = answer.permanent, answer.temporary
    assert home is not None
    assert lodging is not None
    assert (home.address.province_code, lodging.address.province_code) == ("51", "79")
    assert (home.in_force, lodging.in_force) == (True, True)
    assert (home.household_kind, lodging.household_kind) == (
        ResidenceKind.PERMANENT,
        ResidenceKind.TEMPORARY,
    )
    assert (lodging.since, lodging.until) == ("2025-03-01", "2027-02-28")
    assert lodging.relation_to_head is HouseholdRelation.HEAD
    assert answer.current is None
    assert answer.fields["current_residence"] is FieldStatus.NOT_RECORDED
    assert answer.residence_file_number == "HSCT-0000000031"


@pytest.mark.asyncio(loop_scope="module")
async def test_an_expired_temporary_residence_is_marked(shared_sdk: Gateway) -> None:
    """It is still on file, is told, and counts no more on the register's day."""
    answer = await shared_sdk.confirm_residence(**STUDENT)
    assert answer.temporary is not None
    assert answer.temporary.state is ResidenceState.EXPIRED
    assert answer.temporary.until == "2025-08-31"
    assert answer.temporary.household_kind is ResidenceKind.UNSPECIFIED
    assert answer.permanent is not None
    assert answer.permanent.in_force


@pytest.mark.asyncio(loop_scope="module")
async def test_no_permanent_residence_is_an_answer(shared_sdk: Gateway) -> None:
    """VERIFIED, and NOT_RECORDED says that there is none."""
    answer = await shared_sdk.confirm_residence(**HOMELESS)
    assert answer.verified
    assert answer.permanent is None
    assert answer.fields["permanent_residence"] is FieldStatus.NOT_RECORDED
    assert answer.fields["residence_file_number"] is FieldStatus.NOT_RECORDED
    assert answer.current is not None
    assert answer.current.address.commune_code == "31120"
    household = await shared_sdk.get_household(**HOMELESS)
    assert household.verified
    assert household.household is None


@pytest.mark.parametrize(
    ("about", "epoch", "conversion", "former"),
    [
        (SPLIT, citizen_pb2.CODE_EPOCH_Y2025, citizen_pb2.CONVERSION_SPLIT, "00007"),
        (UNCONVERTED, citizen_pb2.CODE_EPOCH_LEGACY, citizen_pb2.CONVERSION_UNCONVERTED, ""),
        (ORDINARY, citizen_pb2.CODE_EPOCH_Y2025, citizen_pb2.CONVERSION_WHOLE, "26734"),
    ],
    ids=["split", "unconverted", "whole"],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_how_an_address_came_over(
    shared_sdk: Gateway, about: dict[str, Any], epoch: int, conversion: int, former: str
) -> None:
    """Each code comes with its epoch and how it came over 2025-07-01, here and in the household."""
    answer = await shared_sdk.confirm_residence(**about)
    assert answer.permanent is not None
    address = answer.permanent.address
    assert (address.code_epoch, address.conversion) == (epoch, conversion)
    assert address.former_commune_code == former
    assert (await _household(shared_sdk, about)).address == address


@pytest.mark.asyncio(loop_scope="module")
async def test_a_plain_caller_learns_how_many(shared_sdk: Gateway) -> None:
    """Members are counted; only the person asked about is shown."""
    home = await _household(shared_sdk, ORDINARY)
    assert (home.member_count, home.members_withheld) == (3, True)
    assert [one.personal_id for one in home.members] == ["079088000001"]
    assert home.members[0].relation_to_head is HouseholdRelation.HEAD
    assert home.head_state is HeadState.IN_PLACE


@pytest.mark.asyncio(loop_scope="module")
async def test_members_with_their_relations(explaining: Gateway) -> None:
    """With the grant: numbers, names, relations, since when."""
    home = await _household(explaining, ORDINARY)
    assert not home.members_withheld
    assert [(one.personal_id, one.relation_to_head.name, one.since) for one in home.members] == [
        ("079088000001", "HEAD", "2012-06-01"),
        ("079190000002", "SPOUSE", "2012-06-01"),
        ("079216000003", "SON", "2016-06-10"),
    ]
    assert home.members[1].full_name == "Hồ Thị Bích Thủy"
    assert home.members[1].old_id_number == "000000002"


@pytest.mark.asyncio(loop_scope="module")
async def test_a_dead_head_leaves_the_place_vacant(explaining: Gateway) -> None:
    """The dead head is on file, told as dead, and heads nobody."""
    home = await _household(explaining, WIDOW)
    assert home.head_state is HeadState.DEAD
    dead, widow = home.members
    assert (dead.relation_to_head, dead.status) == (HouseholdRelation.HEAD, PersonStatus.DEAD)
    assert (widow.relation_to_head, widow.status) == (HouseholdRelation.SPOUSE, PersonStatus.ALIVE)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_household_without_a_head(shared_sdk: Gateway) -> None:
    """Nobody on file as the head."""
    assert (await _household(shared_sdk, DEAD)).head_state is HeadState.NONE


@pytest.mark.asyncio(loop_scope="module")
async def test_a_pending_number_is_told_of_a_member(explaining: Gateway) -> None:
    """A member's status is what VerifyIdentity says of the person."""
    home = await _household(explaining, NEWBORN)
    status = {one.personal_id: one.status for one in home.members}
    assert status["001325000006"] is PersonStatus.NUMBER_PENDING


@pytest.mark.asyncio(loop_scope="module")
async def test_the_temporary_household(explaining: Gateway) -> None:
    """Asked for by kind; it has its own address, file and members."""
    home = await _household(explaining, WORKER, kind=ResidenceKind.TEMPORARY)
    assert home.kind is ResidenceKind.TEMPORARY
    assert home.residence_file_number == "HSCT-0000000032"
    assert home.address.province_code == "79"
    assert [(one.personal_id, one.until) for one in home.members] == [
        ("062098000045", "2027-02-28")
    ]
    student = await explaining.get_household(**STUDENT, kind=ResidenceKind.TEMPORARY)
    assert (student.verified, student.household) == (True, None)  # an address, no household


@pytest.mark.asyncio(loop_scope="module")
async def test_nothing_of_an_unverified_claim(explaining: Gateway) -> None:
    """A claim that does not agree tells nothing, to whomever."""
    wrong = ORDINARY | {"birth_date": "1988-03-15"}
    residence = await explaining.confirm_residence(**wrong)
    assert residence.outcome is Outcome.NOT_VERIFIED
    assert (residence.person, residence.residences, dict(residence.fields)) == (None, (), {})
    household = await explaining.get_household(**wrong)
    assert (household.outcome, household.household) == (Outcome.NOT_VERIFIED, None)


async def _rows(data_dir: Path, caller: str) -> list[Access]:
    """What the ordinary person's household leaves in the access log."""
    async with serving(data_dir, caller) as ready, ready.connect(audience=caller) as sdk:
        await _household(sdk, ORDINARY)
    with contextlib.closing(sqlite3.connect(data_dir / "gateway.db")) as db:
        (packed,) = db.execute("SELECT accesses FROM window").fetchone()
    ((_, rows),) = unpack(packed)
    return list(rows)


def _pseudonyms(data_dir: Path, *numbers: str) -> list[bytes]:
    """How people stand in the log, by the key of the month."""
    with contextlib.closing(sqlite3.connect(data_dir / "gateway.db")) as db:
        ((key,),) = db.execute(
            "SELECT key FROM pseudonym_key WHERE month = ?", (month_of(datetime.now(UTC)),)
        )
    return [pseudonym(HmacKey(key), number) for number in numbers]


async def test_everybody_who_is_shown_is_touched(data_dir: Path) -> None:
    """Each member has an access row of their own, with the fields that were shown of them."""
    rows = await _rows(data_dir, "explain")
    numbers = ("079088000001", "079190000002", "079216000003")
    assert [row.subject for row in rows] == _pseudonyms(data_dir, *numbers)
    shown = {"personal_id", "name", "person_status", "permanent_residence"}
    assert [row.fields for row in rows] == [
        bits_of(shown | {"old_id_number", "residence_file_number"}),
        bits_of(shown | {"old_id_number"}),
        bits_of(shown),
    ]
    assert {row.outcome for row in rows} == {Outcome.VERIFIED.value}


async def test_who_is_only_counted_is_not_touched(data_dir: Path) -> None:
    """Without the grant the one row is that of the person asked about."""
    (row,) = await _rows(data_dir, "plain")
    assert [row.subject] == _pseudonyms(data_dir, "079088000001")


@pytest.mark.parametrize("kind", [3, 9])
async def test_no_such_household(raw: RawClient, kind: int) -> None:
    """Neither where somebody lives now nor an unknown number names a household."""
    request = residence_service_pb2.GetHouseholdRequest(context=request_context(), claim=claim())
    sent = request.SerializeToString() + bytes([0x18, kind])
    failure = await failure_of(raw.send(HOUSEHOLD, sent))
    assert failure.code is grpc.StatusCode.INVALID_ARGUMENT
    assert failure.rules == {"kind": "HOUSEHOLD_KIND"}


async def test_the_claim_is_checked_as_everywhere(sdk: Gateway) -> None:
    """Both RPCs name the mistakes of a claim."""
    bad = ORDINARY | {"personal_id": "123"}
    for ask in (sdk.confirm_residence, sdk.get_household):
        with pytest.raises(Refused) as refused:
            await ask(**bad)
        assert refused.value.violations[0].rule == "PERSONAL_ID_FORMAT"
