"""Citizens written as rows read back equal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_population_db import divisions
from mock_population_db.citizen import (
    Address,
    BloodType,
    Citizen,
    CodeEpoch,
    Conversion,
    Document,
    DocumentKind,
    DocumentStatus,
    Household,
    Identity,
    MaritalStatus,
    NumberStatus,
    PersonName,
    Relation,
    Relative,
    Residence,
    ResidenceKind,
    Sex,
    VitalStatus,
)
from mock_population_db.partial_date import PartialDate
from mock_population_db.store import decode, packing
from mock_population_db.store.decode import Surroundings
from mock_population_db.store.encode import encode
from mock_population_db.store.extra import Extra, dump_extra, load_extra
from mock_population_db.store.records import CitizenRow, HouseholdRow, StayRow, StepRow

AS_OF = date(2026, 1, 1)
HERE = divisions.address_in("00004", CodeEpoch.Y2025, Conversion.SPLIT, former="00016", detail="1")
HOME = Household(5, ResidenceKind.PERMANENT, HERE)

_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_word = _text.filter(bool)
_days = st.dates(date(1900, 1, 1), AS_OF)
_later = st.none() | st.dates(AS_OF, date(2060, 1, 1))
_numbers = st.integers(10**9, 10**12 - 1).map("{:012d}".format)
_old = st.just("") | st.integers(0, 10**9 - 1).map("{:09d}".format)
_births = st.none() | _days.map(lambda day: PartialDate(day.year, day.month, day.day))
_communes = st.sampled_from(
    [
        divisions.address_in("00004", CodeEpoch.Y2025),
        divisions.address_in("00001", CodeEpoch.LEGACY),
        Address("79"),
        Address(country="DE", detail="Berlin"),
        Address("", "99999", CodeEpoch.LEGACY),
    ]
)
_relatives = st.none() | st.builds(Relative, _text, st.just("") | _numbers, _old, _text)
_cards = st.builds(
    Document,
    st.sampled_from(DocumentKind),
    _numbers,
    st.none() | _days,
    _later,
    st.sampled_from(DocumentStatus),
)
_since = st.none() | _days
_stays = st.builds(
    Residence,
    st.just(ResidenceKind.TEMPORARY),
    st.just(HERE),
    _since,
    _later,
    st.sampled_from([0, 5]),
    st.none() | st.sampled_from(Relation),
)
_permanent = st.builds(
    Residence,
    st.just(ResidenceKind.PERMANENT),
    st.just(HERE),
    _since,
    st.none(),
    household_id=st.just(5),
    relation=st.none() | st.sampled_from(Relation),
)
_identities = st.builds(
    Identity,
    _numbers,
    st.builds(PersonName, _text, _text, _text),
    _births,
    _old,
    st.sampled_from(VitalStatus),
    st.sampled_from(NumberStatus),
    st.booleans(),
)
_citizens = st.builds(
    Citizen,
    _identities,
    st.sampled_from(Sex),
    st.lists(_word, max_size=2).map(tuple),
    st.sampled_from(["", "01", "55"]),
    st.sampled_from(["", "00", "07"]),
    st.sampled_from(["VN", "", "LA"]),
    st.sampled_from(BloodType),
    st.sampled_from(MaritalStatus),
    *[st.none() | _communes] * 3,
    st.none() | _permanent,
    st.none() | _stays,
    st.none() | _stays.map(lambda stay: stay._replace(kind=ResidenceKind.CURRENT)),
    st.sampled_from(["", "HSCT-0000000005", "other"]),
    *[_relatives] * 4,
    st.lists(_cards, max_size=3).map(tuple),
    _births,
    _text,
    _text,
)


def _read_back(citizen: Citizen) -> Citizen:
    """The citizen, through rows and named rows."""
    rows = encode([citizen], [HOME])
    (row,) = rows.citizens
    around = Surroundings(
        households={HOME.household_id: HouseholdRow(*rows.households[0])},  # type: ignore[arg-type]  # rows are untyped
        stays={row[0]: [StayRow(*stay) for stay in rows.stays]},  # type: ignore[dict-item, arg-type]  # as above
        steps={row[0]: [StepRow(*step) for step in rows.steps]},  # type: ignore[dict-item, arg-type]  # as above
    )
    return decode.citizen(CitizenRow(*row), around, AS_OF)  # type: ignore[arg-type]  # as above


@given(_citizens)
def test_a_citizen_reads_back_equal(citizen: Citizen) -> None:
    """Nothing that the citizen type can say is lost or changed."""
    told = replace(citizen, number_history=decode.history(citizen.identity, ()))
    assert _read_back(told) == told


@given(st.integers(1, 10**12 - 1))
def test_numbers_keep_their_leading_zeros(number: int) -> None:
    """A number is 12 digits again, whatever it began with."""
    assert packing.pack_number(packing.personal_id(number)) == number
    assert len(packing.personal_id(number)) == 12


def test_most_people_have_nothing_extra() -> None:
    """What has its default value takes no room."""
    assert dump_extra(Extra()) is None
    assert load_extra(None) == Extra()
    assert dump_extra(Extra(phone="1")) == '{"phone":"1"}'


@pytest.mark.parametrize(
    "wrong",
    [
        {"permanent_residence": Residence(ResidenceKind.PERMANENT, HERE, household_id=6)},
        {"permanent_residence": Residence(ResidenceKind.PERMANENT, HERE)},
        {"permanent_residence": Residence(ResidenceKind.CURRENT, HERE, household_id=5)},
        {"permanent_residence": Residence(ResidenceKind.PERMANENT, HERE, None, AS_OF, 5)},
        {"permanent_residence": Residence(ResidenceKind.PERMANENT, Address(), household_id=5)},
        {"temporary_residence": Residence(ResidenceKind.CURRENT, HERE)},
        {"temporary_residence": Residence(ResidenceKind.TEMPORARY, Address(country="DE"))},
        {"current_residence": Residence(ResidenceKind.CURRENT, Address("79", "00004"))},
    ],
)
def test_what_no_row_can_hold_is_refused(wrong: dict[str, Residence]) -> None:
    """A residence without its household, abroad, or of the wrong kind is an error."""
    person = Citizen(Identity("001090123456", PersonName(), None))
    with pytest.raises(ValueError, match=r"household|commune|kind|residence"):
        encode([replace(person, **wrong)], [HOME])  # type: ignore[arg-type]  # fields by name
