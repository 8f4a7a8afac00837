"""The vocabulary of the register: the one citizen type of the system.

Field names follow Điều 9 of the Law on Identification (Luật Căn cước 2023,
26/2023/QH15); the Vietnamese official term stands beside each. Codes are those
that public client software of the real link uses, where they are known.
Everything here is a plain value: no I/O, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import NamedTuple

from mock_population_db.partial_date import PartialDate


class Sex(IntEnum):
    """Giới tính, by the code of the real link."""

    NO_DATA = 0
    MALE = 1
    FEMALE = 2


class MaritalStatus(IntEnum):
    """Tình trạng hôn nhân, by the code of the real link."""

    NO_DATA = 0
    NEVER_MARRIED = 1
    MARRIED = 2
    DIVORCED_OR_WIDOWED = 3


class BloodType(IntEnum):
    """Nhóm máu, by the code of the real link (00 no data)."""

    NO_DATA = 0
    A = 1
    B = 2
    AB = 3
    O = 4  # noqa: E741 - the blood group's name


class VitalStatus(IntEnum):
    """Whether the person lives (tình trạng chết, mất tích)."""

    ALIVE = 1
    DEAD = 2  # chết
    DECLARED_MISSING = 3  # bị tuyên bố mất tích, by a court
    DECLARED_DEAD = 4  # bị tuyên bố là đã chết, by a court


class NumberStatus(IntEnum):
    """The state of the personal identification number (số định danh cá nhân)."""

    ACTIVE = 1
    PENDING = 2  # set up for a newborn, not yet confirmed (chờ xác lập)
    UNDER_CORRECTION = 3  # to be cancelled and set up again (đang hủy, xác lập lại)
    CANCELLED = 4  # đã hủy


class Relation(IntEnum):
    """Relation to the head of the household (quan hệ với chủ hộ).

    Our own enumeration: the official code list was not found (only ``CH01``, the head).
    """

    HEAD = 1
    SPOUSE = 2
    FATHER = 3
    MOTHER = 4
    FATHER_IN_LAW = 5
    MOTHER_IN_LAW = 6
    SON = 7
    DAUGHTER = 8
    ADOPTED_CHILD = 9
    CHILD_IN_LAW = 10
    GRANDCHILD = 11
    GRANDPARENT = 12
    SIBLING = 13
    NIECE_OR_NEPHEW = 14
    OTHER_RELATIVE = 15
    GUARDIAN_OR_WARD = 16
    LODGER = 17
    EMPLOYEE = 18
    OTHER = 19


class CodeEpoch(IntEnum):
    """When an administrative code is to be read: codes changed meaning on 2025-07-01."""

    LEGACY = 1  # until 2025-06-30: 63 provinces, districts, communes
    Y2025 = 2  # from 2025-07-01: 34 provinces, 3,321 communes (QĐ 19/2025/QĐ-TTg)


class Conversion(IntEnum):
    """How an address came over 2025-07-01."""

    NATIVE = 1  # written in this epoch, nothing to convert
    WHOLE = 2  # the former commune went whole into this one
    SPLIT = 3  # the former commune was divided: the successor is a default
    UNCONVERTED = 4  # still carries the legacy code


class ResidenceKind(IntEnum):
    """Thường trú, tạm trú, nơi ở hiện tại."""

    PERMANENT = 1
    TEMPORARY = 2
    CURRENT = 3


class DocumentKind(IntEnum):
    """Identity documents (giấy tờ tùy thân)."""

    CMND_9 = 1  # chứng minh nhân dân 9 số
    CMND_12 = 2  # chứng minh nhân dân 12 số
    CCCD_BARCODE = 3  # căn cước công dân mã vạch
    CCCD_CHIP = 4  # căn cước công dân gắn chip
    CAN_CUOC = 5  # thẻ căn cước, from 2024-07-01


class DocumentStatus(IntEnum):
    """The state of a document."""

    VALID = 1
    EXPIRED = 2
    REPLACED = 3
    LOST = 4
    REVOKED = 5  # thu hồi
    HELD = 6  # giữ


class PersonName(NamedTuple):
    """A name in the parts it is stored in; a register's parts are not always right.

    Any part may be empty: the whole name is often stored in ``given``.
    """

    family: str = ""  # họ
    middle: str = ""  # chữ đệm
    given: str = ""  # tên

    @property
    def full(self) -> str:
        """The parts joined by one blank (họ, chữ đệm và tên khai sinh)."""
        if self.family and self.middle and self.given:
            return f"{self.family} {self.middle} {self.given}"
        return " ".join(part for part in (self.family, self.middle, self.given) if part)

    @property
    def in_one_field(self) -> bool:
        """Whether several syllables sit in one part while the others are empty."""
        if self.family and self.given:
            return False
        filled = [part for part in (self.family, self.middle, self.given) if part]
        return len(filled) == 1 and " " in filled[0]


class Identity(NamedTuple):
    """What deciding a claim needs of a citizen, and nothing else.

    A named tuple, as its parts: bulk reads make thousands a second, and a frozen dataclass
    takes four times as long to make.
    """

    personal_id: str  # số định danh cá nhân, 12 digits
    name: PersonName
    birth_date: PartialDate | None
    old_id_number: str = ""  # số CMND 9 số, empty when there is none
    vital_status: VitalStatus = VitalStatus.ALIVE
    number_status: NumberStatus = NumberStatus.ACTIVE
    death_annulled: bool = False  # a death was recorded and annulled since


class Address(NamedTuple):
    """An address; its codes mean something only together with ``epoch``.

    A named tuple, as ``Residence``: bulk reads make thousands a second.
    """

    province_code: str = ""  # 2 digits
    commune_code: str = ""  # 5 digits
    epoch: CodeEpoch = CodeEpoch.Y2025
    conversion: Conversion = Conversion.NATIVE
    former_commune_code: str = ""  # the legacy commune, when converted
    detail: str = ""  # số nhà, đường, thôn
    country: str = "VN"  # ISO 3166-1 alpha-2


class Residence(NamedTuple):
    """One residence of a person, and its household if it has one."""

    kind: ResidenceKind
    address: Address
    since: date | None = None
    until: date | None = None  # temporary residence ends (at most two years, renewable)
    household_id: int = 0  # 0 = none
    relation: Relation | None = None  # to the head of that household


@dataclass(frozen=True, slots=True)
class Document:
    """An identity document. The 12-digit kinds carry the personal number itself."""

    kind: DocumentKind
    number: str
    issued: date | None = None
    expires: date | None = None  # None = without term
    status: DocumentStatus = DocumentStatus.VALID


@dataclass(frozen=True, slots=True)
class Relative:
    """A person's father, mother, spouse or legal representative."""

    name: str = ""
    personal_id: str = ""
    old_id_number: str = ""
    nationality: str = ""


@dataclass(frozen=True, slots=True)
class NumberStep:
    """One step of a number's history: ``former`` was cancelled in favour of ``successor``."""

    former: str  # 12 digits, or 9 for the old identity card
    successor: str  # 12 digits
    on: date | None
    reason: str  # stable UPPER_SNAKE word, e.g. SEX_CORRECTED


@dataclass(frozen=True, slots=True)
class Citizen:
    """A person as the register holds it. Empty strings and None mean: not recorded."""

    identity: Identity
    sex: Sex = Sex.NO_DATA
    other_names: tuple[str, ...] = ()  # tên gọi khác
    ethnic_code: str = ""  # dân tộc, 2 digits
    religion_code: str = ""  # tôn giáo, 2 digits
    nationality: str = "VN"  # quốc tịch, ISO 3166-1 alpha-2; may be empty
    blood_type: BloodType = BloodType.NO_DATA
    marital_status: MaritalStatus = MaritalStatus.NO_DATA
    birth_place: Address | None = None  # nơi sinh
    birth_registration_place: Address | None = None  # nơi đăng ký khai sinh
    native_place: Address | None = None  # quê quán
    permanent_residence: Residence | None = None  # nơi thường trú
    temporary_residence: Residence | None = None  # nơi tạm trú
    current_residence: Residence | None = None  # nơi ở hiện tại
    residence_file_number: str = ""  # số hồ sơ cư trú
    father: Relative | None = None
    mother: Relative | None = None
    spouse: Relative | None = None
    representative: Relative | None = None  # người đại diện hợp pháp
    documents: tuple[Document, ...] = ()
    vital_date: PartialDate | None = None  # of death, or of the court's declaration
    phone: str = ""
    email: str = ""
    number_history: tuple[NumberStep, ...] = ()  # oldest first


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a household."""

    personal_id: str
    name: PersonName
    relation: Relation
    since: date | None = None
    vital_status: VitalStatus = VitalStatus.ALIVE
    until: date | None = None  # of a temporary residence
    old_id_number: str = ""
    number_status: NumberStatus = NumberStatus.ACTIVE


@dataclass(frozen=True, slots=True)
class Household:
    """A household. Permanent and temporary ones differ in head and relations."""

    household_id: int
    kind: ResidenceKind
    address: Address
    head: str = ""  # personal number; empty while the place is vacant
    members: tuple[Member, ...] = ()
    residence_file_number: str = ""  # số hồ sơ cư trú; filled in by the register
