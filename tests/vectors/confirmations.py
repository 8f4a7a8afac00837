"""The statements about residence, household and attributes: as they are, and put together wrongly.

A verifier that let the wrong ones pass would show a reader what nobody confirmed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from google.type.date_pb2 import Date

from dancu.v1 import attribute_pb2 as attribute
from dancu.v1 import citizen_pb2 as citizen
from dancu.v1 import residence_pb2 as residence
from dancu.v1 import statement_pb2 as pb
from tests.vectors import scene as v

ADDRESS = citizen.Address(
    province_code="01",
    commune_code="00097",
    code_epoch=citizen.CODE_EPOCH_Y2025,
    conversion=citizen.CONVERSION_WHOLE,
    former_commune_code="00001",
    detail="1 ngõ Mẫu",
    country="VN",
)
SINCE = Date(year=2012, month=6, day=1)

_S = TypeVar("_S", pb.ResidenceConfirmation, pb.HouseholdExtract, pb.AttributeVerification)

_YES, _NO = citizen.OUTCOME_VERIFIED, citizen.OUTCOME_NOT_VERIFIED
_PRESENT, _NOT_RECORDED = citizen.FIELD_STATUS_PRESENT, citizen.FIELD_STATUS_NOT_RECORDED


def confirmation() -> pb.ResidenceConfirmation:
    """A permanent residence in force, a temporary one that is over, none besides."""
    home = residence.ConfirmedResidence(
        kind=residence.RESIDENCE_KIND_PERMANENT,
        state=residence.RESIDENCE_STATE_IN_FORCE,
        household_kind=residence.RESIDENCE_KIND_PERMANENT,
        address=ADDRESS,
        since=SINCE,
        relation_to_head=citizen.HOUSEHOLD_RELATION_HEAD,
    )
    lodging = residence.ConfirmedResidence(
        kind=residence.RESIDENCE_KIND_TEMPORARY,
        state=residence.RESIDENCE_STATE_EXPIRED,
        address=ADDRESS,
        until=Date(year=2025, month=8, day=31),
    )
    return pb.ResidenceConfirmation(
        header=v.header(rpc="dancu.v1.ResidenceService/ConfirmResidence"),
        claim=v.CLAIM,
        outcome=_YES,
        person=v.PERSON,
        residences=[home, lodging],
        residence_file_number="HSCT-0000000001",
        fields=[
            citizen.FieldDisclosure(path="permanent_residence", status=_PRESENT),
            citizen.FieldDisclosure(path="temporary_residence", status=_PRESENT),
            citizen.FieldDisclosure(path="current_residence", status=_NOT_RECORDED),
            citizen.FieldDisclosure(path="residence_file_number", status=_PRESENT),
        ],
    )


def household() -> pb.HouseholdExtract:
    """A household of two, whose head is dead."""
    members = [
        residence.HouseholdMember(
            personal_id=number,
            full_name=name,
            relation_to_head=relation,
            since=SINCE,
            state=residence.RESIDENCE_STATE_IN_FORCE,
            status=status,
        )
        for number, name, relation, status in (
            (
                "098060000122",
                "Phạm Văn Thử",
                citizen.HOUSEHOLD_RELATION_HEAD,
                citizen.PERSON_STATUS_DEAD,
            ),
            (
                v.CLAIM.personal_id,
                v.CLAIM.full_name,
                citizen.HOUSEHOLD_RELATION_SPOUSE,
                citizen.PERSON_STATUS_ALIVE,
            ),
        )
    ]
    return pb.HouseholdExtract(
        header=v.header(rpc="dancu.v1.ResidenceService/GetHousehold"),
        claim=v.CLAIM,
        outcome=_YES,
        person=v.PERSON,
        kind=residence.RESIDENCE_KIND_PERMANENT,
        household=residence.Household(
            kind=residence.RESIDENCE_KIND_PERMANENT,
            residence_file_number="HSCT-0000000001",
            address=ADDRESS,
            head_state=residence.HEAD_STATE_DEAD,
            member_count=2,
            members=members,
        ),
    )


def attributes() -> pb.AttributeVerification:
    """Three assertions, one answer of each kind."""
    father = attribute.PersonAssertion(full_name="NGUYEN VAN MAU")
    place = attribute.AddressAssertion(commune_code="00097", code_epoch=citizen.CODE_EPOCH_Y2025)
    return pb.AttributeVerification(
        header=v.header(rpc="dancu.v1.IdentityService/VerifyAttributes"),
        claim=v.CLAIM,
        outcome=_YES,
        person=v.PERSON,
        assertions=[
            attribute.Assertion(father=father),
            attribute.Assertion(current_address=place),
            attribute.Assertion(marital_status=citizen.MARITAL_STATUS_MARRIED),
        ],
        results=[
            attribute.ASSERTION_RESULT_TRUE,
            attribute.ASSERTION_RESULT_FALSE,
            attribute.ASSERTION_RESULT_NO_DATA,
        ],
    )


def good() -> Iterator[v.Vector]:
    """Those that must be VALID."""
    counted = household()
    del counted.household.members[0]
    counted.household.members_withheld = True
    homeless = household()
    homeless.ClearField("household")
    unknown = _changed(attributes, lambda said: _deny(said, "results"))
    nobody = _changed(confirmation, _deny_residence)
    for name, about, body in (
        ("residence", "A residence in force and one that is over.", confirmation()),
        ("residence-not-verified", "A no tells of no residence.", nobody),
        ("household", "A household whose head is dead.", household()),
        ("household-counted", "Its members withheld, but for one.", counted),
        ("household-none", "Verified, and in no such household.", homeless),
        ("attributes", "True, false, and no data.", attributes()),
        ("attributes-not-verified", "A no repeats what was asked, without results.", unknown),
    ):
        yield v.Vector(name, about, v.sealed(v.Draft(body)))


def malformed() -> Iterator[tuple[str, str, v.Statement]]:
    """Those that are STATEMENT_MALFORMED: variant, about, body."""
    yield from _malformed_residence()
    yield from _malformed_household()
    yield from _malformed_attributes()


def _malformed_residence() -> Iterator[tuple[str, str, v.Statement]]:
    def changed(change: Callable[[pb.ResidenceConfirmation], object]) -> pb.ResidenceConfirmation:
        return _changed(confirmation, change)

    def say_no(said: pb.ResidenceConfirmation) -> None:
        said.outcome = _NO

    def swap(said: pb.ResidenceConfirmation) -> None:
        said.residences.reverse()

    def lose_state(said: pb.ResidenceConfirmation) -> None:
        said.residences[0].ClearField("state")

    yield "residence-of-nobody", "A residence beside a no.", changed(say_no)
    yield "residence-order", "Residences in another order.", changed(swap)
    yield "residence-state", "A residence in no state.", changed(lose_state)
    yield (
        "residence-missing",
        "A residence that is PRESENT and not there.",
        changed(lambda said: said.residences.pop()),
    )
    yield "residence-fields", "A field is missing.", changed(lambda said: said.fields.pop())
    yield (
        "residence-file",
        "A file number that is PRESENT and not there.",
        changed(lambda said: said.ClearField("residence_file_number")),
    )


def _malformed_household() -> Iterator[tuple[str, str, v.Statement]]:
    def changed(change: Callable[[pb.HouseholdExtract], object]) -> pb.HouseholdExtract:
        return _changed(household, change)

    def say_no(said: pb.HouseholdExtract) -> None:
        said.outcome = _NO

    def ask_current(said: pb.HouseholdExtract) -> None:
        said.kind = said.household.kind = residence.RESIDENCE_KIND_CURRENT

    def ask_other(said: pb.HouseholdExtract) -> None:
        said.kind = residence.RESIDENCE_KIND_TEMPORARY

    def withhold(said: pb.HouseholdExtract) -> None:
        said.household.members_withheld = True

    yield "household-of-nobody", "A household beside a no.", changed(say_no)
    yield "household-kind", "A household of where one lives now.", changed(ask_current)
    yield "household-other", "Another household than asked for.", changed(ask_other)
    yield "household-withheld", "Two shown of those withheld.", changed(withhold)
    yield (
        "household-count",
        "One member less than there are.",
        changed(lambda said: said.household.members.pop()),
    )
    yield (
        "household-head",
        "A head in no state.",
        changed(lambda said: said.household.ClearField("head_state")),
    )
    yield (
        "household-member",
        "A member in no state.",
        changed(lambda said: said.household.members[0].ClearField("state")),
    )


def _malformed_attributes() -> Iterator[tuple[str, str, v.Statement]]:
    def changed(change: Callable[[pb.AttributeVerification], object]) -> pb.AttributeVerification:
        return _changed(attributes, change)

    def say_no(said: pb.AttributeVerification) -> None:
        said.outcome = _NO

    def new_result(said: pb.AttributeVerification) -> None:
        said.results[0] = 9  # type: ignore[call-overload]  # a result of the future

    def say_nothing(said: pb.AttributeVerification) -> None:
        said.assertions[0].ClearField("father")

    def ask_nothing(said: pb.AttributeVerification) -> None:
        del said.assertions[:], said.results[:]

    yield "attributes-of-nobody", "Results beside a no.", changed(say_no)
    yield "attributes-result", "A result of the future.", changed(new_result)
    yield "attributes-nothing", "An assertion that says nothing.", changed(say_nothing)
    yield "attributes-none", "No assertion.", changed(ask_nothing)
    yield (
        "attributes-fewer",
        "A result less than assertions.",
        changed(lambda said: said.results.pop()),
    )


def _changed(make: Callable[[], _S], change: Callable[[_S], object]) -> _S:
    body = make()
    change(body)
    return body


def _deny(said: pb.ResidenceConfirmation | pb.AttributeVerification, *fields: str) -> None:
    said.outcome = _NO
    for field in ("person", *fields):
        said.ClearField(field)


def _deny_residence(said: pb.ResidenceConfirmation) -> None:
    _deny(said, "residences", "residence_file_number", "fields")
