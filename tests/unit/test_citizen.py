"""The vocabulary: partial dates and names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_population_db.citizen import PersonName
from mock_population_db.partial_date import PartialDate

_DAYS = st.dates().map(lambda day: PartialDate(day.year, day.month, day.day))
_MONTHS = st.builds(PartialDate, st.integers(1, 9999), st.integers(1, 12), st.just(0))
_YEARS = st.integers(1, 9999).map(PartialDate)


@given(_DAYS | _MONTHS | _YEARS)
def test_partial_dates_survive_text_and_number(value: PartialDate) -> None:
    """A date reads back from its text and from its packed form."""
    assert PartialDate.parse(str(value)) == value
    assert PartialDate.from_int(value.to_int()) == value
    assert value.exists()


@pytest.mark.parametrize(
    "text",
    [
        "", "48", "948", "1948-", "1948-5", "1948-05-1", "1948-00", "1948-13", "1948-05-00",
        "1948-00-12", "1948-02-30", "1900-02-29", "0000", "19480512", "1948/05/12", " 1948",
        "1948\n", "-1948", "１９４８", "1948-05-12T00:00", "10000",
    ],
)  # fmt: skip
def test_other_texts_are_no_dates(text: str) -> None:
    """Other shapes, and days that no calendar has, are refused."""
    with pytest.raises(ValueError, match=r"expected YYYY|no such date"):
        PartialDate.parse(text)


@pytest.mark.parametrize(
    ("value", "exists"),
    [
        (PartialDate(2000, 2, 29), True),
        (PartialDate(1900, 2, 29), False),
        (PartialDate(1990, 0, 12), False),
        (PartialDate(1990, 4, 31), False),
        (PartialDate(0), False),
        (PartialDate(1990, -1), False),
    ],
)
def test_a_date_exists_if_a_calendar_has_it(value: PartialDate, exists: bool) -> None:  # noqa: FBT001 - a table's column
    """A day needs its month, and a month its days."""
    assert value.exists() is exists


def test_partial_dates_are_ordered() -> None:
    """What is less precise stands before the days it may mean."""
    dates = [
        PartialDate(1990, 5, 1),
        PartialDate(1990),
        PartialDate(1990, 5),
        PartialDate(1989, 12),
    ]
    assert [str(one) for one in sorted(dates)] == ["1989-12", "1990", "1990-05", "1990-05-01"]


@pytest.mark.parametrize(
    ("name", "full", "in_one_field"),
    [
        (PersonName("Tôn Thất", "Hoài", "Nam"), "Tôn Thất Hoài Nam", False),
        (PersonName(given="PHAN THỊ NGỌC LAN"), "PHAN THỊ NGỌC LAN", True),
        (PersonName(family="PHAN THỊ NGỌC LAN"), "PHAN THỊ NGỌC LAN", True),
        (PersonName(given="Thoih"), "Thoih", False),
        (PersonName("Danh", "", "Sơn"), "Danh Sơn", False),
        (PersonName(), "", False),
    ],
)
def test_names_join_their_parts(name: PersonName, full: str, in_one_field: bool) -> None:  # noqa: FBT001 - a table's column
    """Empty parts leave no blank; several syllables in a lone part are noticed."""
    assert name.full == full
    assert name.in_one_field is in_one_field
