"""What a persona is, and short ways to write people, homes and papers.

Personas' numbers lie in the block 000000 to 000999 of their prefix (digits 7 to 12), their
old numbers below 001000000 and their households below 1000: the generator draws none of
these, so a population holds its personas without a clash.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from mock_population_db.citizen import (
    Address,
    Citizen,
    CodeEpoch,
    Conversion,
    Document,
    DocumentKind,
    Household,
    Identity,
    MaritalStatus,
    NumberStatus,
    NumberStep,
    PersonName,
    Relation,
    Relative,
    Residence,
    ResidenceKind,
    Sex,
    VitalStatus,
)
from mock_population_db.partial_date import PartialDate
from mock_population_db.store.decode import TWELVE_DIGITS, residence_file_number

_NEW_CODES_FROM = PartialDate(2025, 7, 1)
_CARD_KINDS = (
    (date(2024, 7, 1), DocumentKind.CAN_CUOC),
    (date(2021, 1, 1), DocumentKind.CCCD_CHIP),
    (date(2016, 1, 1), DocumentKind.CCCD_BARCODE),
)
_RENEWAL_AGES = (25, 40, 60)


class Expectation(StrEnum):
    """What ``VerifyIdentity`` answers to a persona's claim."""

    VERIFIED = "VERIFIED"
    NOT_VERIFIED = "NOT_VERIFIED"


@dataclass(frozen=True, slots=True)
class PersonaClaim:
    """What a client sends. One of the numbers may be empty, not both."""

    personal_id: str  # 12 digits
    old_id_number: str  # 9 digits
    full_name: str
    birth_date: str  # YYYY, YYYY-MM or YYYY-MM-DD


@dataclass(frozen=True, slots=True)
class Persona:
    """A claim whose answer is known, and the people that must be on file for it."""

    slug: str  # stable, kebab-case
    about: str  # one sentence
    expect: Expectation
    claim: PersonaClaim
    citizens: tuple[Citizen, ...] = ()  # in the register; empty when there is nobody
    households: tuple[Household, ...] = ()  # where they live


class Site(NamedTuple):
    """A legacy commune and the commune that it (or its greater part) went to."""

    province: str
    commune: str
    province_2025: str
    commune_2025: str


TAN_DINH = Site("79", "26734", "79", "26737")  # Quận 1, TP. Hồ Chí Minh
PHUC_XA = Site("01", "00001", "01", "00097")  # Quận Ba Đình, Hà Nội
CONG_VI = Site("01", "00007", "01", "00008")  # divided between Ngọc Hà and Giảng Võ
HA_GIANG = Site("02", "00691", "08", "00691")  # now in Tuyên Quang
SONG_HIEN = Site("04", "01267", "04", "01273")  # Cao Bằng
YEN_THINH = Site("15", "04249", "15", "04279")  # Yên Bái, now in Lào Cai
QUAN_TOAN = Site("31", "11296", "31", "11602")  # Hải Phòng
HAM_RONG = Site("38", "14755", "38", "14758")  # Thanh Hóa
DONG_VINH = Site("40", "16663", "40", "16681")  # Nghệ An
TAY_LOC = Site("46", "19750", "46", "19753")  # Huế
HOA_HIEP_BAC = Site("48", "20194", "48", "20194")  # Đà Nẵng
NHON_BINH = Site("52", "21550", "52", "21601")  # Bình Định, now in Gia Lai
KON_TUM = Site("62", "23281", "51", "23293")  # now in Quảng Ngãi
TAN_LAP = Site("66", "24118", "66", "24121")  # Đắk Lắk
RACH_GIA = Site("91", "30733", "91", "30742")  # Kiên Giang, now in An Giang
CAI_KHE = Site("92", "31117", "92", "31120")  # Cần Thơ


def verified(slug: str, about: str, claim: PersonaClaim, *scene: Citizen | Household) -> Persona:
    """A persona whose claim agrees with the register."""
    return _persona(slug, about, Expectation.VERIFIED, claim, scene)


def refused(slug: str, about: str, claim: PersonaClaim, *scene: Citizen | Household) -> Persona:
    """A persona whose claim does not agree with the register."""
    return _persona(slug, about, Expectation.NOT_VERIFIED, claim, scene)


def claim(
    who: Citizen,
    *,
    number: str | None = None,
    old: str = "",
    name: str | None = None,
    birth: str | None = None,
) -> PersonaClaim:
    """A claim with the person's number, name and birth date, or with others."""
    person = who.identity
    return PersonaClaim(
        person.personal_id if number is None else number,
        old,
        person.name.full if name is None else name,
        str(person.birth_date) if birth is None else birth,
    )


def household(
    number: int,
    address: Address,
    head: str = "",
    kind: ResidenceKind = ResidenceKind.PERMANENT,
) -> Household:
    """A household; its members are those whose residence names it."""
    return Household(number, kind, address, head)


def converted(site: Site, detail: str, conversion: Conversion = Conversion.WHOLE) -> Address:
    """An address of before 2025-07-01, under the codes that came with that day."""
    return Address(
        site.province_2025, site.commune_2025, CodeEpoch.Y2025, conversion, site.commune, detail
    )


def origin(site: Site, birth: PartialDate | None) -> Address:
    """A place of birth, under the codes of that time."""
    if birth is not None and birth >= _NEW_CODES_FROM:
        return Address(site.province_2025, site.commune_2025)
    return Address(site.province, site.commune, CodeEpoch.LEGACY)


def person(
    number: str,
    name: PersonName,
    birth: str,
    born: Site,
    *,
    home: Household | None = None,
    relation: Relation = Relation.HEAD,
    since: date = date(2012, 6, 1),
    old: str = "",
    sex: Sex | None = None,
    marital: MaritalStatus = MaritalStatus.NEVER_MARRIED,
    ethnic: str = "01",
    card: date | None = None,
    vital: VitalStatus = VitalStatus.ALIVE,
    status: NumberStatus = NumberStatus.ACTIVE,
) -> Citizen:
    """A citizen as registers usually hold one; ``dataclasses.replace`` adds what is rare.

    Args:
        number: 12 digits; the sex is read off the fourth one unless given.
        name: in the parts it is stored in.
        birth: YYYY, YYYY-MM or YYYY-MM-DD; empty = not recorded.
        born: where the birth was registered, and the native place.
        home: the household of permanent residence.
        relation: to its head.
        since: when permanent residence began.
        old: the 9-digit number.
        sex: as recorded.
        marital: marital status.
        ethnic: code of the ethnic group.
        card: when the present card was issued; None = has none.
        vital: whether the person lives.
        status: of the number.
    """
    born_on = PartialDate.parse(birth) if birth else None
    place = origin(born, born_on)
    return Citizen(
        Identity(number, name, born_on, old, vital, status),
        sex=(Sex.FEMALE if int(number[3]) % 2 else Sex.MALE) if sex is None else sex,
        ethnic_code=ethnic,
        religion_code="00",
        marital_status=marital,
        birth_place=place,
        birth_registration_place=place,
        native_place=origin(born, None),
        permanent_residence=_residence(home, relation, since),
        residence_file_number=residence_file_number(home.household_id if home else 0),
        documents=(_card(number, born_on, card),) if card else (),
        number_history=(NumberStep(old, number, None, TWELVE_DIGITS),) if old else (),
    )


def kin(who: Citizen) -> Relative:
    """The person as another one's relative."""
    one = who.identity
    return Relative(one.name.full, one.personal_id, one.old_id_number, who.nationality)


def _persona(
    slug: str,
    about: str,
    expect: Expectation,
    claimed: PersonaClaim,
    scene: tuple[Citizen | Household, ...],
) -> Persona:
    citizens = tuple(one for one in scene if isinstance(one, Citizen))
    households = tuple(one for one in scene if isinstance(one, Household))
    return Persona(slug, about, expect, claimed, citizens, households)


def _residence(home: Household | None, relation: Relation, since: date) -> Residence | None:
    if home is None:
        return None
    return Residence(
        ResidenceKind.PERMANENT,
        home.address,
        since,
        household_id=home.household_id,
        relation=relation,
    )


def _card(number: str, birth: PartialDate | None, issued: date) -> Document:
    kind = next(kind for first, kind in _CARD_KINDS if issued >= first)
    return Document(kind, number, issued, _expiry(birth, issued))


def _expiry(birth: PartialDate | None, issued: date) -> date | None:
    """The next birthday at which a card is renewed, at least two years ahead; or no term."""
    if birth is None:
        return None
    for age in _RENEWAL_AGES:
        birthday = date(birth.year + age, birth.month or 1, birth.day or 1)
        if birthday >= issued.replace(year=issued.year + 2):
            return birthday
    return None
