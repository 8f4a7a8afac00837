"""What the SDK makes of assertions, and of statements that answer something else."""

from __future__ import annotations

import pytest

from clients.sdk import (
    Assertion,
    Attribute,
    CodeEpoch,
    MaritalStatus,
    PersonStatus,
    SaidAddress,
    SaidPerson,
    UntrustedAnswer,
)
from clients.sdk.exchange import require_same
from dancu.v1 import attribute_pb2

PERSON = SaidPerson(full_name="Lê Văn Ba", personal_id="001060000001")


@pytest.mark.parametrize(
    "assertion",
    [
        *(Assertion(each, PERSON) for each in list(Attribute)[:5]),
        Assertion(Attribute.CURRENT_ADDRESS, SaidAddress(commune_code="00097")),
        Assertion(
            Attribute.CURRENT_ADDRESS,
            SaidAddress(province_code="01", code_epoch=CodeEpoch.LEGACY),
        ),
        Assertion(Attribute.MARITAL_STATUS, MaritalStatus.MARRIED),
        Assertion(Attribute.VITAL_STATUS, PersonStatus.DEAD),
    ],
    ids=lambda one: one.attribute.value,
)
def test_assertions_there_and_back(assertion: Assertion) -> None:
    """What is sent is what a statement's assertion is read as."""
    message = assertion.to_message()
    assert message.WhichOneof("attribute") == assertion.attribute.value
    assert Assertion.of(message) == assertion


def test_attributes_are_the_contracts() -> None:
    """All of them, by the same names."""
    fields = attribute_pb2.Assertion.DESCRIPTOR.fields
    assert [each.value for each in Attribute] == [field.name for field in fields]


@pytest.mark.parametrize(
    "assertion",
    [
        Assertion(Attribute.FATHER, MaritalStatus.MARRIED),
        Assertion(Attribute.MARITAL_STATUS, PERSON),
        Assertion(Attribute.CURRENT_ADDRESS, PERSON),
    ],
)
def test_what_cannot_be_said(assertion: Assertion) -> None:
    """A status is not said of a father, nor a name of a status."""
    with pytest.raises(TypeError):
        assertion.to_message()


def test_an_answer_to_another_question_is_not_trusted() -> None:
    """What a statement repeats must be what was asked; the receipt is kept in the error."""
    require_same(1, 1, b"receipt")
    with pytest.raises(UntrustedAnswer) as caught:
        require_same([PERSON], [], b"receipt")
    assert caught.value.receipt == b"receipt"
