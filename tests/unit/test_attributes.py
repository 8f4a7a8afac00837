"""What is said of a person: TRUE, FALSE, or NO_DATA where the register cannot decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from gateway.core.attributes import FIELD_OF, fields_answered, fields_asked, judge
from gateway.core.model import Assertion, AssertionResult, SaidPerson, SaidPlace
from mock_population_db.citizen import (
    Address,
    Citizen,
    CodeEpoch,
    Conversion,
    Household,
    MaritalStatus,
    Member,
    NumberStatus,
    PersonName,
    Relation,
    Relative,
    Residence,
    ResidenceKind,
    VitalStatus,
)
from mock_population_db.snapshot import Snapshot
from tests.support.scene import AS_OF, NUMBER, OTHER_NUMBER, REVISION, person

TRUE, FALSE, NO_DATA = AssertionResult
LEGACY, Y2025 = CodeEpoch.LEGACY, CodeEpoch.Y2025

ADDRESS = Address("01", "00097", Y2025, Conversion.WHOLE, "00001")
HEAD = Member(OTHER_NUMBER, PersonName("Lê", "Thị", "Bà"), Relation.HEAD)
HOME = Household(5, ResidenceKind.PERMANENT, ADDRESS, OTHER_NUMBER, (HEAD,))
CITIZEN = Citizen(
    person(),
    marital_status=MaritalStatus.MARRIED,
    permanent_residence=Residence(ResidenceKind.PERMANENT, ADDRESS, household_id=5),
    father=Relative("Lê Văn Hòa", "001060000001"),
    mother=Relative("", "001160000002", "000000002"),
)


def said(full_name: str = "", personal_id: str = "", old: str = "") -> SaidPerson:
    """A person, by what is said."""
    return SaidPerson(full_name, personal_id, old)


def ask(
    attribute: str, value: Any, citizen: Citizen = CITIZEN, home: Household = HOME
) -> AssertionResult:
    """What one assertion is answered."""
    snapshot = Snapshot(REVISION, AS_OF, households={home.household_id: home})
    return judge(Assertion(attribute, value), citizen, snapshot)


def place(commune: str = "", province: str = "", epoch: CodeEpoch = Y2025) -> SaidPlace:
    """An address, by what is said."""
    return SaidPlace(commune, province, epoch)


def at(**changes: Any) -> Citizen:
    """The citizen at a changed address."""
    residence = Residence(ResidenceKind.CURRENT, ADDRESS._replace(**changes))
    return replace(CITIZEN, current_residence=residence)


@pytest.mark.parametrize(
    ("person_said", "result"),
    [
        (said("Lê Văn Hòa"), TRUE),
        (said("Lê Văn Hoà"), TRUE),
        (said("LE VAN HOA"), TRUE),
        (said("LEVANHOA"), TRUE),
        (said("Lê Hòa"), FALSE),
        (said("Lê Văn Hoa"), FALSE),
        (said(personal_id="001060000001"), TRUE),
        (said(personal_id="001060000002"), FALSE),
        (said("Lê Văn Hòa", "001060000001"), TRUE),
        (said("Lê Văn Hòa", "001060000002"), FALSE),
        (said("Lê Văn Khác", "001060000001"), FALSE),
        (said(old="000000001"), NO_DATA),
        (said("Lê Văn Hòa", old="000000001"), NO_DATA),
        (said("Lê Văn Khác", old="000000001"), FALSE),
    ],
)
def test_every_part_must_agree(person_said: SaidPerson, result: AssertionResult) -> None:
    """Names by the rules of claims; one part that differs denies, one not on file leaves open."""
    assert ask("father", person_said) is result


def test_a_relative_without_a_name() -> None:
    """A number alone is compared; a name has nothing to be compared with."""
    assert ask("mother", said(old="000000002")) is TRUE
    assert ask("mother", said("Ai Đó")) is NO_DATA
    assert ask("mother", said("Ai Đó", "001160000009")) is FALSE


@pytest.mark.parametrize("attribute", ["spouse", "representative"])
def test_nobody_on_file(attribute: str) -> None:
    """Nobody to compare with is no data, not a no."""
    assert ask(attribute, said("Ai Đó")) is NO_DATA


def test_the_head_of_the_household() -> None:
    """The one of permanent residence, by name or number."""
    assert ask("household_head", said("le thi ba", OTHER_NUMBER)) is TRUE
    assert ask("household_head", said(personal_id=NUMBER)) is FALSE


@pytest.mark.parametrize(
    "home",
    [
        replace(HOME, head=""),
        replace(HOME, members=(replace(HEAD, vital_status=VitalStatus.DEAD),)),
        replace(HOME, members=(replace(HEAD, vital_status=VitalStatus.DECLARED_MISSING),)),
        replace(HOME, household_id=6),
    ],
    ids=["none", "dead", "missing", "no-household"],
)
def test_a_vacant_place_is_no_data(home: Household) -> None:
    """Nobody can be said to head such a household, the one on file neither."""
    assert ask("household_head", said("Lê Thị Bà"), home=home) is NO_DATA


@pytest.mark.parametrize(
    ("said_place", "result"),
    [
        (place("00097"), TRUE),
        (place("00001"), FALSE),
        (place(province="01"), TRUE),
        (place(province="79"), FALSE),
        (place("00001", epoch=LEGACY), TRUE),
        (place("00097", epoch=LEGACY), FALSE),
        (place(province="01", epoch=LEGACY), NO_DATA),
    ],
)
def test_codes_are_read_in_their_epoch(said_place: SaidPlace, result: AssertionResult) -> None:
    """A legacy commune is compared with the former one; a legacy province with nothing."""
    assert ask("current_address", said_place) is result


def test_a_divided_commune_decides_nothing() -> None:
    """Its successor is a default: neither yes nor no; former commune and province do decide."""
    split = at(conversion=Conversion.SPLIT)
    assert ask("current_address", place("00097"), split) is NO_DATA
    assert ask("current_address", place("00099"), split) is NO_DATA
    assert ask("current_address", place("00001", epoch=LEGACY), split) is TRUE
    assert ask("current_address", place(province="01"), split) is TRUE


def test_an_unconverted_address() -> None:
    """Only the codes of its own time can be compared with it."""
    old = at(
        commune_code="00001",
        epoch=LEGACY,
        conversion=Conversion.UNCONVERTED,
        former_commune_code="",
    )
    assert ask("current_address", place("00001", epoch=LEGACY), old) is TRUE
    assert ask("current_address", place(province="01", epoch=LEGACY), old) is TRUE
    assert ask("current_address", place("00001"), old) is NO_DATA


def test_a_native_address_has_no_former_commune() -> None:
    """What was written in this epoch cannot be compared with a legacy code."""
    native = at(conversion=Conversion.NATIVE, former_commune_code="")
    assert ask("current_address", place("00001", epoch=LEGACY), native) is NO_DATA


def test_an_expired_residence_is_not_where_one_lives() -> None:
    """The permanent residence answers once the temporary one is over."""
    over = Residence(ResidenceKind.TEMPORARY, Address("79", "26737"), until=date(2025, 8, 31))
    citizen = replace(CITIZEN, temporary_residence=over)
    assert ask("current_address", place("26737"), citizen) is FALSE
    assert ask("current_address", place("00097"), citizen) is TRUE
    assert ask("current_address", place("26737"), replace(citizen, permanent_residence=None)) is (
        NO_DATA
    )


@pytest.mark.parametrize(("value", "result"), [(2, TRUE), (1, FALSE), (3, FALSE)])
def test_marital_status(value: int, result: AssertionResult) -> None:
    """By the code of the real link; without data neither yes nor no."""
    assert ask("marital_status", value) is result
    unknown = replace(CITIZEN, marital_status=MaritalStatus.NO_DATA)
    assert ask("marital_status", value, unknown) is NO_DATA


def test_vital_status() -> None:
    """Alive is alive, also while the number is pending."""
    newborn = Citizen(person(number_status=NumberStatus.PENDING))
    assert ask("vital_status", 1, newborn) is TRUE
    assert ask("vital_status", 2, newborn) is FALSE
    dead = Citizen(person(vital_status=VitalStatus.DECLARED_DEAD))
    assert [ask("vital_status", value, dead) for value in (1, 2, 4)] == [FALSE, FALSE, TRUE]


def test_fields_asked_and_answered() -> None:
    """Each field once; what had no data was not told anything about."""
    asked = [Assertion("father", said("A")), Assertion("father", said("B")),
             Assertion("household_head", said("C")), Assertion("vital_status", 1)]  # fmt: skip
    assert fields_asked(asked) == ("father", "permanent_residence", "person_status")
    assert fields_answered(asked, [TRUE, FALSE, NO_DATA, FALSE]) == {"father", "person_status"}
    assert fields_answered([], []) == frozenset()
    assert len(FIELD_OF) == 8
