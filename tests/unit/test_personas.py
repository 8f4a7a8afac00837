"""The built-in personas keep to their rules, and the document to the code."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from mock_population_db import divisions
from mock_population_db.citizen import (
    Address,
    Citizen,
    CodeEpoch,
    Conversion,
    DocumentStatus,
    Household,
    NumberStatus,
    Residence,
    Sex,
    VitalStatus,
)
from mock_population_db.partial_date import PartialDate
from mock_population_db.personas import (
    PERSONAS,
    Expectation,
    Persona,
    left_unconverted,
    personas_for,
    rows_of,
    to_json,
    to_markdown,
)

AS_OF = date(2026, 1, 1)
SLUGS = {one.slug: one for one in PERSONAS}
PEOPLE = {who.identity.personal_id: who for one in PERSONAS for who in one.citizens}
HOMES = {home.household_id: home for one in PERSONAS for home in one.households}
STEPS = {step.former: step for who in PEOPLE.values() for step in who.number_history}

every_persona = pytest.mark.parametrize("persona", PERSONAS, ids=SLUGS)
everybody = pytest.mark.parametrize("who", PEOPLE.values(), ids=PEOPLE)

# the outcomes that the personas were made for
ASKED_FOR = {
    "ordinary", "child-without-card", "newborn-number-pending", "twin-elder", "twin-younger",
    "born-abroad", "born-after-2025-07", "birth-year-only", "birth-month-only",
    "genuine-1-january", "centenarian", "one-syllable-name", "minority-name", "very-long-name",
    "two-part-surname", "whole-name-in-one-field", "d-look-alike",
    "sex-corrected-number-pending", "sex-corrected-renumbered", "sex-corrected-former-number",
    "number-chain-first", "number-chain-second", "number-chain-present", "shared-old-number",
    "shared-old-number-other", "ambiguous-old-number", "dead", "death-annulled",
    "declared-missing", "no-permanent-residence", "temporary-residence",
    "temporary-residence-expired", "commune-split", "household-head-dead", "nationality-empty",
}  # fmt: skip


def test_the_committed_document_is_the_generated_one() -> None:
    """docs/personas.md is what the module writes."""
    committed = Path(__file__).parents[2] / "docs" / "personas.md"
    assert committed.read_text(encoding="utf-8") == to_markdown(PERSONAS)


def test_every_outcome_has_its_persona() -> None:
    """The stable slugs that clients' tests name are there, each once."""
    assert SLUGS.keys() >= ASKED_FOR
    assert len(SLUGS) == len(PERSONAS)


@every_persona
def test_personas_are_described_plainly(persona: Persona) -> None:
    """Slugs are kebab-case, descriptions one sentence that a table can hold."""
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", persona.slug)
    assert persona.about.endswith(".")
    assert "|" not in persona.about + persona.claim.full_name
    assert len(persona.claim.full_name) <= 100


@every_persona
def test_claims_are_well_formed(persona: Persona) -> None:
    """A claim has a number, a name and a date that exists."""
    claim = persona.claim
    assert re.fullmatch(r"(\d{12})?", claim.personal_id)
    assert re.fullmatch(r"(\d{9})?", claim.old_id_number)
    assert claim.personal_id or claim.old_id_number
    assert claim.full_name
    assert PartialDate.parse(claim.birth_date).exists()


@every_persona
def test_numbers_and_dates_of_a_claim_decide_as_expected(persona: Persona) -> None:
    """VERIFIED needs one record with all numbers claimed; names are tested with matching."""
    claim = persona.claim
    owners = [
        who
        for who in PEOPLE.values()
        if claim.personal_id in ("", who.identity.personal_id)
        and claim.old_id_number in ("", who.identity.old_id_number)
    ]
    if persona.expect is Expectation.VERIFIED:
        (owner,) = [who for who in owners if _may_be_born(who, claim.birth_date)]
        assert owner.identity.number_status is not NumberStatus.CANCELLED
        assert owner in persona.citizens


def _may_be_born(who: Citizen, claimed: str) -> bool:
    birth, asked = who.identity.birth_date, PartialDate.parse(claimed)
    if birth is None:
        return False
    return asked in (birth, PartialDate(birth.year, birth.month or 1, birth.day or 1))


@everybody
def test_numbers_keep_the_rule_of_numbers(who: Citizen) -> None:
    """Province or country of registration, century and sex, year, and the reserved block."""
    number = who.identity.personal_id
    assert re.fullmatch(r"\d{6}000\d{3}", number)
    assert who.identity.old_id_number <= "000999999"
    place, birth = who.birth_registration_place, who.identity.birth_date
    assert place is not None
    assert (number[0] == "0") == (place.country == "VN")
    if place.country == "VN":
        assert number[1:3] == place.province_code
    if birth is not None:
        assert number[4:6] == f"{birth.year % 100:02d}"
        assert int(number[3]) // 2 == birth.year // 100 - 19
    if who.identity.number_status is not NumberStatus.UNDER_CORRECTION:
        assert who.sex == (Sex.FEMALE if int(number[3]) % 2 else Sex.MALE)


def test_former_numbers_belong_to_nobody() -> None:
    """A cancelled number leads on, and nobody has it."""
    twelve = {former: step for former, step in STEPS.items() if len(former) == 12}
    assert twelve
    assert not twelve.keys() & PEOPLE.keys()
    assert all(former[6:9] == "000" for former in twelve)
    assert {step.successor for step in twelve.values()} <= PEOPLE.keys() | twelve.keys()


def test_old_numbers_are_shared_only_where_that_is_the_point() -> None:
    """Two 9-digit numbers have two owners, the others one."""
    owners = Counter(who.identity.old_id_number for who in PEOPLE.values())
    del owners[""]
    assert {old for old, count in owners.items() if count > 1} == {"000000031", "000000033"}


@pytest.mark.parametrize("home", HOMES.values(), ids=[str(number) for number in HOMES])
def test_households_stand_in_real_communes(home: Household) -> None:
    """Numbers lie in the reserved range, the head lives there, the address exists."""
    assert 0 < home.household_id < 1000
    residents = {who.identity.personal_id for who in PEOPLE.values() if home in _homes_of(who)}
    assert residents
    assert home.head in residents | {""}
    _check_address(home.address)


def _homes_of(who: Citizen) -> list[Household]:
    stays = (who.permanent_residence, who.temporary_residence, who.current_residence)
    return [HOMES[stay.household_id] for stay in stays if stay and stay.household_id]


@everybody
def test_places_are_real(who: Citizen) -> None:
    """Every commune code names a commune of its epoch, in the province that is told."""
    stays = (who.permanent_residence, who.temporary_residence, who.current_residence)
    places = (who.birth_place, who.birth_registration_place, who.native_place)
    for address in (*places, *(stay.address for stay in stays if stay)):
        assert address is not None
        if address.country == "VN":
            _check_address(address)


def _check_address(address: Address) -> None:
    assert divisions.province_of(address.commune_code, address.epoch) == address.province_code != ""
    if address.conversion in (Conversion.WHOLE, Conversion.SPLIT):
        targets = divisions.successors(address.former_commune_code)
        assert targets[0] == address.commune_code
        assert (len(targets) > 1) == (address.conversion is Conversion.SPLIT)


@everybody
def test_relatives_are_on_file(who: Citizen) -> None:
    """Parents are older, spouses name each other, and all are told as the register has them."""
    for parent in (who.father, who.mother):
        if parent:
            assert PEOPLE[parent.personal_id].identity.name.full == parent.name
            assert PEOPLE[parent.personal_id].identity.birth_date < who.identity.birth_date  # type: ignore[operator]  # parents and children have dates
    if who.spouse:
        other = PEOPLE[who.spouse.personal_id].spouse
        assert other is not None
        assert other.personal_id == who.identity.personal_id


@everybody
def test_nothing_lies_after_the_as_of_date(who: Citizen) -> None:
    """On 2026-01-01 everything has happened, and every card told as valid is."""
    stays = (who.permanent_residence, who.temporary_residence, who.current_residence)
    began = [stay.since for stay in stays if stay and stay.since]
    issued = [card.issued for card in who.documents if card.issued]
    assert all(day < AS_OF for day in began + issued)
    for card in who.documents:
        assert card.status is DocumentStatus.VALID
        assert card.expires is None or card.expires >= AS_OF


def test_the_cases_are_what_they_are_called() -> None:
    """Each peculiar record has its peculiarity."""

    def who(slug: str) -> Citizen:
        owner = SLUGS[slug].claim.personal_id
        return PEOPLE[owner]

    def stay(residence: Residence | None) -> Residence:
        assert residence is not None
        return residence

    assert who("child-without-card").documents == ()
    assert who("newborn-number-pending").identity.number_status is NumberStatus.PENDING
    assert who("one-syllable-name").identity.name.full.split() == ["Thoih"]
    assert who("whole-name-in-one-field").identity.name.in_one_field
    assert who("d-look-alike").identity.name.family[0] == "\N{LATIN CAPITAL LETTER ETH}"
    assert len(who("very-long-name").identity.name.full) > 95
    assert who("sex-corrected-number-pending").sex is Sex.FEMALE
    assert who("death-annulled").identity.death_annulled
    assert who("death-annulled").identity.vital_status is VitalStatus.ALIVE
    assert who("dead").identity.vital_status is VitalStatus.DEAD
    assert who("declared-missing").identity.vital_status is VitalStatus.DECLARED_MISSING
    assert who("no-permanent-residence").permanent_residence is None
    assert (stay(who("temporary-residence").temporary_residence).until or AS_OF) > AS_OF
    assert (stay(who("temporary-residence-expired").temporary_residence).until or AS_OF) < AS_OF
    head = stay(who("household-head-dead").permanent_residence).household_id
    assert PEOPLE[HOMES[head].head].identity.vital_status is VitalStatus.DEAD
    assert who("nationality-empty").nationality == ""
    birth = who("born-after-2025-07").birth_place
    assert birth is not None
    assert birth.epoch is CodeEpoch.Y2025


def test_what_has_not_happened_is_left_out() -> None:
    """An earlier population holds nobody who is born or dies later, and tells who that is."""
    chosen = personas_for(date(2025, 8, 31))
    left_out = [one.slug for one in chosen.left_out]
    assert left_out == ["newborn-number-pending", "household-head-dead"]
    assert len(chosen.personas) + len(chosen.left_out) == len(PERSONAS)
    assert personas_for(AS_OF).left_out == ()
    assert personas_for(AS_OF).personas == PERSONAS


def test_before_the_rearrangement() -> None:
    """On 2025-06-30 every address is a legacy one, and no card is from the future."""
    day = date(2025, 6, 30)
    chosen = personas_for(day).personas
    people = [who for one in chosen for who in one.citizens]
    homes = {home.household_id: home for one in chosen for home in one.households}
    assert len(chosen) == len(PERSONAS) - 3
    for home in homes.values():
        assert (home.address.epoch, home.address.conversion) == (
            CodeEpoch.LEGACY,
            Conversion.NATIVE,
        )
        _check_address(home.address)
    for who in people:
        for stay in (who.permanent_residence, who.temporary_residence, who.current_residence):
            assert stay is None or stay.address.epoch is CodeEpoch.LEGACY
        assert all(card.issued is None or card.issued <= day for card in who.documents)
    assert len(rows_of(chosen).households) == len(homes)


def test_the_address_that_is_not_converted() -> None:
    """Of the personas' homes one keeps its code on 2025-07-01."""
    (home,) = left_unconverted()
    assert HOMES[home].address.conversion is Conversion.UNCONVERTED


def test_rows_hold_everybody_once() -> None:
    """People and households that several personas share are one row."""
    rows = rows_of(PERSONAS)
    assert Counter(row[0] for row in rows.citizens) == Counter(int(number) for number in PEOPLE)
    assert Counter(row[0] for row in rows.households) == Counter(HOMES.keys())
    assert all(json.loads(str(row[-1]))["persona"] is True for row in rows.citizens)


def test_json_has_the_documented_fields() -> None:
    """Scripts read seven strings."""
    told = to_json(SLUGS["birth-year-only"])
    assert json.loads(json.dumps(told)) == {
        "slug": "birth-year-only",
        "personal_id": "040048000014",
        "old_id_number": "000000014",
        "full_name": "Nguyễn Văn Tư",
        "birth_date": "1948",
        "expect": "VERIFIED",
        "about": "The register knows the year of birth only.",
    }
