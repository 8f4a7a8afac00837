"""Citizens and households, written as rows of the register.

The reverse of ``mock_population_db.store.decode``: what is written here reads back equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mock_population_db.citizen import (
    Address,
    Citizen,
    CodeEpoch,
    Document,
    DocumentKind,
    DocumentStatus,
    Household,
    Relative,
    Residence,
    ResidenceKind,
)
from mock_population_db.store import decode, packing
from mock_population_db.store.extra import Extra, dump_extra
from mock_population_db.store.records import CitizenRow, HouseholdRow, PersonRows, StayRow, StepRow
from mock_population_db.store.rows import Row, Rows

_ROLES = ("father", "mother", "spouse")


def encode(
    citizens: Iterable[Citizen], households: Iterable[Household], *, persona: bool = False
) -> Rows:
    """Rows of these people and the households they live in.

    Args:
        citizens: each once.
        households: all that the citizens' residences name; their members are read off the
            citizens, so ``members`` may be empty.
        persona: whether these rows may be replaced by later ones.

    Raises:
        ValueError: a citizen holds what the register's tables cannot.
    """
    people = tuple(citizens)
    homes = {home.household_id: home for home in households}
    addresses = {number: home.address for number, home in homes.items()}
    known = {one.identity.personal_id: as_kin(one) for one in people}
    return Rows(
        citizens=_plain(_citizen_row(one, addresses, known, persona=persona) for one in people),
        households=_plain(household_row(home) for home in homes.values()),
        stays=_plain(row for one in people for row in _stay_rows(one, addresses)),
        steps=_plain(row for one in people for row in _step_rows(one)),
    )


def encode_person(
    one: Citizen,
    homes: Mapping[int, Address],
    known: Mapping[str, Relative],
    *,
    persona: bool,
) -> PersonRows:
    """The rows of one person, whose number steps stay as they are.

    Args:
        one: the person.
        homes: addresses of all that the person's residences name, by id.
        known: relatives as the register tells them, by personal number.
        persona: whether these rows may be replaced by later ones.

    Raises:
        ValueError: the person holds what the register's tables cannot.
    """
    row = _citizen_row(one, homes, known, persona=persona)
    return PersonRows(row, tuple(_stay_rows(one, homes)))


def as_kin(one: Citizen) -> Relative:
    """How a citizen is told of as somebody's relative."""
    person = one.identity
    return Relative(person.name.full, person.personal_id, person.old_id_number, one.nationality)


def _plain(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Rows without names and enums, so that they print and hash as what is stored."""
    return tuple(tuple(int(one) if isinstance(one, int) else one for one in row) for row in rows)


def _citizen_row(
    one: Citizen, homes: Mapping[int, Address], known: Mapping[str, Relative], *, persona: bool
) -> CitizenRow:
    person = one.identity
    birth = None if person.birth_date is None else person.birth_date.to_int()
    places = _Places.of(one, packing.birth_epoch(birth))
    card, more = _split_documents(one)
    home = _permanent(one.permanent_residence, homes)
    kin = {role: getattr(one, role) for role in _ROLES}
    return CitizenRow(
        id=int(person.personal_id),
        family=person.name.family or None,
        middle=person.name.middle or None,
        given=person.name.given or None,
        birth=birth,
        old_id=packing.pack_number(person.old_id_number),
        vital=person.vital_status,
        number_status=person.number_status,
        death_annulled=int(person.death_annulled),
        sex=one.sex,
        ethnic=packing.pack_number(one.ethnic_code),
        religion=packing.pack_number(one.religion_code),
        nationality=None if one.nationality == "VN" else one.nationality,
        blood=one.blood_type or None,
        marital=one.marital_status or None,
        birth_commune=places.codes.get("birth_place"),
        registered_commune=places.codes.get("birth_registration_place"),
        native_commune=places.codes.get("native_place"),
        household=home.household_id if home else None,
        relation=home.relation if home else None,
        resident_since=packing.pack_day(home.since) if home else None,
        **{role: _number_of(who) for role, who in kin.items()},
        document=card.kind if card else None,
        issued=packing.pack_day(card.issued) if card else None,
        expires=packing.pack_day(card.expires) if card else None,
        vital_date=None if one.vital_date is None else one.vital_date.to_int(),
        extra=dump_extra(
            Extra(
                persona=persona,
                other_names=one.other_names,
                phone=one.phone,
                email=one.email,
                residence_file_number=_own_file_number(one),
                representative=one.representative,
                relatives={
                    role: who
                    for role, who in kin.items()
                    if who and known.get(who.personal_id) != who
                },
                documents=more,
                places=places.others,
            )
        ),
    )


@dataclass(frozen=True, slots=True)
class _Places:
    """The places of a person's origin: those that a commune code says, and the others."""

    codes: dict[str, int]
    others: dict[str, Address]

    @classmethod
    def of(cls, one: Citizen, born_in: CodeEpoch) -> _Places:
        places = cls({}, {})
        places.add("birth_place", one.birth_place, born_in)
        places.add("birth_registration_place", one.birth_registration_place, born_in)
        places.add("native_place", one.native_place, CodeEpoch.LEGACY)
        return places

    def add(self, use: str, address: Address | None, epoch: CodeEpoch) -> None:
        if address is None:
            return
        commune = packing.pack_number(address.commune_code)
        if commune is not None and packing.commune_address(commune, epoch) == address:
            self.codes[use] = commune
        else:
            self.others[use] = address


def _split_documents(one: Citizen) -> tuple[Document | None, tuple[Document, ...]]:
    """The card that the columns hold, if the first document is one, and the rest."""
    if not one.documents:
        return None, ()
    first, *rest = one.documents
    own = one.identity.personal_id
    expected = one.identity.old_id_number if first.kind is DocumentKind.CMND_9 else own
    if first.number == expected and first.status is DocumentStatus.VALID:
        return first, tuple(rest)
    return None, one.documents


def _own_file_number(one: Citizen) -> str | None:
    """The residence file's number where it is not the household's."""
    home = one.permanent_residence
    usual = decode.residence_file_number(home.household_id if home else 0)
    return None if one.residence_file_number == usual else one.residence_file_number


def _permanent(residence: Residence | None, homes: Mapping[int, Address]) -> Residence | None:
    if residence is None:
        return None
    _check_home(residence, homes)
    if residence.kind is not ResidenceKind.PERMANENT or not residence.household_id:
        raise ValueError("permanent residence is in a household")
    if residence.until is not None:
        raise ValueError("permanent residence has no term")
    return residence


def _check_home(residence: Residence, homes: Mapping[int, Address]) -> None:
    if homes.get(residence.household_id) != residence.address:
        raise ValueError(f"no household {residence.household_id} at {residence.address}")


def _stay_rows(one: Citizen, homes: Mapping[int, Address]) -> Iterable[StayRow]:
    for kind, stay in (
        (ResidenceKind.TEMPORARY, one.temporary_residence),
        (ResidenceKind.CURRENT, one.current_residence),
    ):
        if stay is None:
            continue
        if stay.kind is not kind:
            raise ValueError(f"a residence of kind {stay.kind.name} stands as {kind.name}")
        row = StayRow(
            int(one.identity.personal_id),
            kind,
            stay.household_id or None,
            stay.relation,
            packing.pack_day(stay.since),
            packing.pack_day(stay.until),
        )
        if stay.household_id:
            _check_home(stay, homes)
            yield row
        else:
            yield StayRow(*row[:6], *packing.pack_address(stay.address))


def household_row(home: Household) -> HouseholdRow:
    """The row of a household, as far as it is its own."""
    head = packing.pack_number(home.head)
    return HouseholdRow(home.household_id, home.kind, head, *packing.pack_address(home.address))


def _step_rows(one: Citizen) -> Iterable[StepRow]:
    for step in one.number_history:
        if step.reason != decode.TWELVE_DIGITS:  # told from the old number, not stored
            on = packing.pack_day(step.on)
            yield StepRow(int(step.former), int(step.successor), on, step.reason)


def _number_of(who: Relative | None) -> int | None:
    return packing.pack_number(who.personal_id) if who else None
