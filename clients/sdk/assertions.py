"""What may be said of a person, to be confirmed or denied (xác minh)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from clients.sdk.vocabulary import CodeEpoch, MaritalStatus, PersonStatus
from dancu.v1 import attribute_pb2


class Attribute(StrEnum):
    """What an assertion is about, by its name in the contract."""

    FATHER = "father"
    MOTHER = "mother"
    SPOUSE = "spouse"
    REPRESENTATIVE = "representative"  # the legal representative or guardian
    HOUSEHOLD_HEAD = "household_head"  # of the household of permanent residence
    CURRENT_ADDRESS = "current_address"
    MARITAL_STATUS = "marital_status"
    VITAL_STATUS = "vital_status"


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidPerson:
    """Who somebody is said to be. At least one part; every part that is given must agree.

    Attributes:
        full_name: With or without marks; agrees by the same rules as a claim's.
        personal_id: 12 digits (số định danh cá nhân).
        old_id_number: 9 digits (số CMND 9 số).
    """

    full_name: str = ""
    personal_id: str = ""
    old_id_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidAddress:
    """Where an address is said to be, by the code of its commune or, failing that, its province.

    Attributes:
        commune_code: 5 digits (mã xã). If given, ``province_code`` is not sent.
        province_code: 2 digits (mã tỉnh).
        code_epoch: When the code is to be read: codes changed meaning on 2025-07-01.
    """

    commune_code: str = ""
    province_code: str = ""
    code_epoch: CodeEpoch = CodeEpoch.Y2025


@dataclass(frozen=True, slots=True)
class Assertion:
    """One thing that is said: ``Assertion(Attribute.FATHER, SaidPerson(full_name="…"))``.

    Relatives and the head of the household take a SaidPerson, the address a SaidAddress, the
    two statuses a MaritalStatus and a PersonStatus.
    """

    attribute: Attribute
    said: SaidPerson | SaidAddress | MaritalStatus | PersonStatus

    def to_message(self) -> attribute_pb2.Assertion:
        """The contract's message.

        Raises:
            TypeError: such a thing cannot be said of this attribute.
        """
        said: dict[str, Any] = {self.attribute.value: _value(self.said)}
        return attribute_pb2.Assertion(**said)

    @classmethod
    def of(cls, message: attribute_pb2.Assertion) -> Assertion:
        """Read the contract's message, of which the verifier checked that it says something."""
        attribute = Attribute(message.WhichOneof("attribute"))
        match attribute:
            case Attribute.MARITAL_STATUS:
                return cls(attribute, MaritalStatus(message.marital_status))
            case Attribute.VITAL_STATUS:
                return cls(attribute, PersonStatus(message.vital_status))
            case Attribute.CURRENT_ADDRESS:
                place = message.current_address
                epoch = CodeEpoch(place.code_epoch)
                return cls(
                    attribute,
                    SaidAddress(
                        commune_code=place.commune_code,
                        province_code=place.province_code,
                        code_epoch=epoch,
                    ),
                )
        said: attribute_pb2.PersonAssertion = getattr(message, attribute.value)
        return cls(
            attribute,
            SaidPerson(
                full_name=said.full_name,
                personal_id=said.personal_id,
                old_id_number=said.old_id_number,
            ),
        )


def _value(
    said: SaidPerson | SaidAddress | MaritalStatus | PersonStatus,
) -> attribute_pb2.PersonAssertion | attribute_pb2.AddressAssertion | int:
    match said:
        case SaidPerson():
            return attribute_pb2.PersonAssertion(**asdict(said))
        case SaidAddress():
            epoch: Any = said.code_epoch.value
            place = attribute_pb2.AddressAssertion(code_epoch=epoch)
            if said.commune_code:
                place.commune_code = said.commune_code
            else:
                place.province_code = said.province_code
            return place
    return int(said.value)
