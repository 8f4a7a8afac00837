"""The common events, filled in as an office would."""

from __future__ import annotations

from datetime import date

import pytest

from clients.sdk import Claim, HouseholdRelation, Paper, Sex, event_forms
from clients.sdk.aside import Aside
from dancu.v1 import citizen_pb2
from dancu.v1 import population_event_pb2 as pb

PAPER = Paper("12", "2025-12-31", "UBND phường", "01/2025")
AN = Claim(personal_id="001090000013", full_name="Lê Văn An", birth_date="1990-05-12")
HOA = Claim(old_id_number="012345678", full_name="Nguyễn Thị Hoà", birth_date="1948")


@pytest.mark.parametrize(
    ("full", "parts"),
    [
        ("Lê Thị Bích Thủy", ("Lê", "Thị Bích", "Thủy")),
        ("Lê An", ("Lê", "", "An")),
        (" Thoih ", ("", "", "Thoih")),
        ("", ("", "", "")),
    ],
)
def test_parts_of_a_name(full: str, parts: tuple[str, str, str]) -> None:
    """Family first, given name last, the rest between; one word is a given name."""
    name = event_forms.person_name(full)
    assert (name.family, name.middle, name.given, name.full) == (*parts, "")


def test_paper() -> None:
    """The document is said whole; its day may be a date."""
    message = Paper("12", date(2025, 12, 31), "UBND phường", "01/2025").to_message()
    assert message == PAPER.to_message()
    assert (message.number, message.book, message.authority) == ("12", "01/2025", "UBND phường")


def test_days_of_an_event() -> None:
    """Registered on the day of the paper, unless said otherwise; in force from what happened."""
    birth = event_forms.birth(
        PAPER, name="Lê Bảo", birth_date="2025-12-28", sex=Sex.MALE, commune="00070", mother=HOA
    )
    assert (birth.effective_date.day, birth.registered_date.day) == (28, 31)
    whole = event_forms.death(PAPER, person=AN, on="2025-12-29", registered="2025-12-30")
    assert (whole.effective_date.day, whole.registered_date.day) == (29, 30)
    partly = event_forms.death(PAPER, person=AN, on="2025-12")
    assert (partly.effective_date.day, partly.death.date.day) == (31, 0)


def test_twins() -> None:
    """Which of how many is said of twins, and nothing of a single child."""

    def born(order: tuple[int, int] | None) -> pb.BirthEvent:
        return event_forms.birth(
            PAPER,
            name="Lê Bảo",
            birth_date="2025-12-28",
            sex=Sex.FEMALE,
            commune="00070",
            father=AN,
            order=order,
        ).birth

    second, single = born((2, 2)), born(None)
    assert (second.birth_order, second.children_in_birth) == (2, 2)
    assert second.sex == citizen_pb2.SEX_FEMALE
    assert (single.birth_order, single.children_in_birth) == (0, 0)
    assert not single.HasField("mother")


def test_residence() -> None:
    """A household is joined through a member, or founded in a commune."""
    joined = event_forms.joining(PAPER, person=AN, member=HOA, relation=HouseholdRelation.SON)
    assert joined.residence.kind == pb.RESIDENCE_EVENT_KIND_PERMANENT
    assert joined.residence.household_member.old_id_number == "012345678"
    assert joined.residence.relation_to_head == citizen_pb2.HOUSEHOLD_RELATION_SON
    founded = event_forms.founding(
        PAPER, person=AN, commune="00070", address="1 phố Mẫu", until="2026-12-31"
    )
    assert founded.residence.kind == pb.RESIDENCE_EVENT_KIND_TEMPORARY
    assert founded.residence.address_detail == "1 phố Mẫu"


def test_departure() -> None:
    """A new head is named where there is one."""
    left = event_forms.departure(PAPER, person=AN, temporary=True)
    assert left.departure.kind == pb.RESIDENCE_EVENT_KIND_TEMPORARY
    assert not left.departure.HasField("new_head")
    headed = event_forms.departure(PAPER, person=AN, new_head=HOA)
    assert headed.departure.new_head.full_name == "Nguyễn Thị Hoà"


def test_correction() -> None:
    """What is not corrected is left out."""
    event = event_forms.correction(PAPER, person=AN, sex=Sex.FEMALE)
    assert event.correction.sex == citizen_pb2.SEX_FEMALE
    assert not event.correction.HasField("name")
    assert not event.correction.HasField("birth_date")


@pytest.mark.parametrize("day", ["31.12.2025", "", "soon"])
def test_no_day(day: str) -> None:
    """A paper without a day is refused before anything is sent."""
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        Paper("12", day, "UBND phường").to_message()


@pytest.mark.parametrize("sent", ["", "many", "-1", "１０"])
def test_quota_that_is_no_number(sent: str) -> None:
    """What is no count in the trailing metadata is no quota."""
    assert Aside.of({"dancu-quota-remaining": sent}).quota_remaining is None
