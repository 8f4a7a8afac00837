"""The core's own words and the contract's are the same, by number and by name.

The core does not import generated enums; it sends its own numbers. So each pair must agree.
"""

from enum import IntEnum

import pytest
from google.protobuf.descriptor import EnumDescriptor

from dancu.v1 import attribute_pb2, change_pb2, citizen_pb2, residence_pb2, statement_pb2
from gateway.core import attributes, disclosure
from gateway.core.matching import DateLevel, NameLevel
from gateway.core.model import (
    AssertionResult,
    Explanation,
    HeadState,
    IdentifierKind,
    Notice,
    Outcome,
    ResidenceState,
    Status,
)
from gateway.core.policy import FIELDS, SENSITIVE
from gateway.core.residence import RESIDENCE_FIELDS
from gateway.core.signing import Algorithm, Role
from mock_population_db.changes import ChangeCause, ChangeKind
from mock_population_db.citizen import (
    BloodType,
    CodeEpoch,
    Conversion,
    DocumentKind,
    DocumentStatus,
    MaritalStatus,
    Relation,
    ResidenceKind,
    Sex,
    VitalStatus,
)
from mock_population_db.partial_date import PartialDate

CONTRACT: dict[str, EnumDescriptor] = {
    **attribute_pb2.DESCRIPTOR.enum_types_by_name,
    **change_pb2.DESCRIPTOR.enum_types_by_name,
    **citizen_pb2.DESCRIPTOR.enum_types_by_name,
    **residence_pb2.DESCRIPTOR.enum_types_by_name,
    **statement_pb2.DESCRIPTOR.enum_types_by_name,
}
PAIRS: dict[str, type[IntEnum]] = {
    "Outcome": Outcome,
    "PersonStatus": Status,
    "Notice": Notice,
    "NameLevel": NameLevel,
    "DateLevel": DateLevel,
    "IdentifierKind": IdentifierKind,
    "Explanation": Explanation,
    "Sex": Sex,
    "MaritalStatus": MaritalStatus,
    "BloodType": BloodType,
    "CodeEpoch": CodeEpoch,
    "Conversion": Conversion,
    "HouseholdRelation": Relation,
    "DocumentKind": DocumentKind,
    "DocumentStatus": DocumentStatus,
    "ResidenceKind": ResidenceKind,
    "ResidenceState": ResidenceState,
    "HeadState": HeadState,
    "AssertionResult": AssertionResult,
    "ChangeKind": ChangeKind,
    "ChangeCause": ChangeCause,
    "KeyRole": Role,
    "KeyAlgorithm": Algorithm,
}
# these have no enum of their own: both are written by name, in the module that makes messages
WRITTEN_BY_NAME = {"DatePrecision", "FieldStatus"}


def _contract_names(name: str) -> dict[int, str]:
    """Number to name without its prefix; 0, which is never sent, left out."""
    enum = CONTRACT[name]
    prefix = enum.values_by_number[0].name.removesuffix("UNSPECIFIED")
    return {value.number: value.name.removeprefix(prefix) for value in enum.values if value.number}


@pytest.mark.parametrize("name", PAIRS)
def test_enum_agrees(name: str) -> None:
    """Our enum has the contract's numbers and names, and no other; 0 means no data."""
    ours = {member.value: member.name for member in PAIRS[name]}
    assert ours.pop(0, "NO_DATA") == "NO_DATA"
    assert ours == _contract_names(name)


def test_every_enum_of_the_contract_is_compared() -> None:
    """An enum that is added to the contract must be paired here."""
    assert set(CONTRACT) == PAIRS.keys() | WRITTEN_BY_NAME


def test_the_living_and_the_dead_have_the_statuses_of_the_contract() -> None:
    """The register's vital states are the first numbers of PersonStatus."""
    assert {member.value: member.name for member in VitalStatus}.items() <= (
        _contract_names("PersonStatus").items()
    )


def test_fields_are_those_of_citizen_in_order() -> None:
    """Bit i of an access row stands for field i + 1 of the contract's Citizen."""
    descriptor = citizen_pb2.Citizen.DESCRIPTOR
    assert tuple(field.name for field in descriptor.fields) == FIELDS
    assert [field.number for field in descriptor.fields] == [*range(1, len(FIELDS) + 1)]


def test_sensitive_fields_exist() -> None:
    """What is masked by default is a field."""
    assert set(FIELDS) >= SENSITIVE


@pytest.mark.parametrize(
    ("date", "precision"), [("1948", "YEAR"), ("1948-05", "MONTH"), ("1990-05-12", "DAY")]
)
def test_date_precision_counts_the_known_parts(date: str, precision: str) -> None:
    """A date of the register goes out with the precision that the contract names so."""
    message = citizen_pb2.PartialDate()
    disclosure._fill_partial(message, PartialDate.parse(date))
    assert _contract_names("DatePrecision")[message.precision] == precision


def test_attributes_are_those_that_can_be_asserted() -> None:
    """What a grant must have for an assertion is known for each, and is a field."""
    descriptor = attribute_pb2.Assertion.DESCRIPTOR
    assert [field.name for field in descriptor.fields] == list(attributes.FIELD_OF)
    assert set(attributes.FIELD_OF.values()) <= set(FIELDS)


def test_residence_fields_are_in_the_contracts_order() -> None:
    """What a residence is confirmed by stands in the order of Citizen."""
    assert tuple(field for field in FIELDS if field in RESIDENCE_FIELDS) == RESIDENCE_FIELDS
