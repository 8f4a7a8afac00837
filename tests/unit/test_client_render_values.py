"""The register's values in words."""

from __future__ import annotations

from google.type.date_pb2 import Date

from clients.render_values import printable, values_of
from dancu.v1 import citizen_pb2 as c


def test_values_in_words() -> None:
    """Dates as far as known, codes by name, messages as their parts, lists one after another."""
    citizen = c.Citizen(
        name=c.PersonName(full="Lê Văn An", family="Lê", given="An"),
        other_names=["Ân", "Ấn"],
        birth_date=c.PartialDate(date=Date(year=1948), precision=c.DATE_PRECISION_YEAR),
        sex=c.SEX_MALE,
        marital_status=c.MARITAL_STATUS_DIVORCED_OR_WIDOWED,
        permanent_residence=c.Residence(
            address=c.Address(province_code="79", commune_code="26737"),
            since=Date(year=2012, month=6, day=1),
        ),
        documents=[
            c.Document(kind=c.DOCUMENT_KIND_CCCD_CHIP, number="079088000001"),
            c.Document(kind=c.DOCUMENT_KIND_CMND_9),
        ],
    )
    assert values_of(citizen) == {
        "name": "Lê Văn An",
        "other_names": "Ân; Ấn",
        "birth_date": "1948",
        "sex": "male",
        "marital_status": "divorced or widowed",
        "permanent_residence": ("address province_code 79, commune_code 26737, since 2012-06-01"),
        "documents": "kind cccd chip, number 079088000001; cmnd 9",
    }


def test_codes_of_a_later_contract() -> None:
    """A code without a name is shown as its number."""
    assert values_of(c.Document(kind=99)) == {"kind": "99"}  # type: ignore[arg-type]


def test_printable() -> None:
    """Letters with their marks, and blanks of every kind, stay; controls are escaped."""
    kept = "Hồ\u0323 Thi\u0323\u00a0Bích (Thủy) 〇"
    assert printable(kept) == kept
    assert printable("a\nb\x9b\u2028\u200bc") == r"a\nb\x9b\u2028\u200bc"
