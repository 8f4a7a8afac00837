"""Cards, corrections and numbers set up again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from mock_population_db.citizen import Sex
from mock_population_db.events import CardIssue, CardLoss, Correction, Renumbering
from mock_population_db.life.dice import Dice
from mock_population_db.life.drafts import Draft
from mock_population_db.life.names import corrected_name
from mock_population_db.life.places import commune_of
from mock_population_db.life.rates import Happening
from mock_population_db.life.today import Today
from mock_population_db.partial_date import PartialDate
from mock_population_db.rules.cards import RENEWAL_AGES
from mock_population_db.rules.dates import add_years, earliest
from mock_population_db.store.sampling import Glimpse

_NEAR = 2  # years: a card that would run out so soon runs to the next birthday but one
# which part of the corrections is about the name, and about the sex; the others about the birth
_NAMES, _SEXES = 0.6, 0.01
_WRONG_YEARS = 0.08  # of the corrections of whole birth dates


def cards(today: Today, people: Iterable[Glimpse]) -> Iterator[Draft]:
    """A card to the birthday at which it is renewed."""
    for person in people:
        issue = CardIssue(person.number, card_term(person.birth, today.day))
        yield _by_police(today, person, Happening.CARD, issue)


def card_term(birth: int | None, day: date) -> date | None:
    """The last day of a card issued to somebody born then; None without term."""
    if birth is None:
        return None
    born = earliest(PartialDate.from_int(birth))
    birthdays = (add_years(born, age) for age in RENEWAL_AGES)
    return next((one for one in birthdays if one >= add_years(day, _NEAR)), None)


def losses(today: Today, people: Iterable[Glimpse]) -> Iterator[Draft]:
    """Cards that are lost."""
    for person in people:
        yield _by_police(today, person, Happening.CARD_LOSS, CardLoss(person.number))


def corrections(today: Today, people: Iterable[Glimpse]) -> Iterator[Draft]:
    """Names, birth dates and, rarely, sex."""
    for person in people:
        what = _correction(today.dice(person.id), person, today.day)
        yield Draft(Happening.CORRECTION, what, today.office(person), today.day)


def renumberings(today: Today, people: Iterable[Glimpse]) -> Iterator[Draft]:
    """Another number for those whose number tells what is no longer true."""
    for person in people:
        sex_digit = int(person.number[3]) % 2
        sex_told = Sex.FEMALE if sex_digit else Sex.MALE
        reason = "BIRTH_YEAR_CORRECTED" if sex_told == person.sex else "SEX_CORRECTED"
        what = Renumbering(person.number, reason)
        yield _by_police(today, person, Happening.RENUMBERING, what)


def _by_police(
    today: Today, person: Glimpse, happening: Happening, what: CardIssue | CardLoss | Renumbering
) -> Draft:
    return Draft(happening, what, today.police(commune_of(person, today.day)), today.day)


def _correction(dice: Dice, person: Glimpse, day: date) -> Correction:
    if person.birth is None or dice.chance("name", _NAMES):
        year = person.birth // 10_000 if person.birth else day.year
        return Correction(person.number, name=corrected_name(dice, person, year))
    if dice.chance("sex", _SEXES):
        other = Sex.MALE if person.sex == Sex.FEMALE else Sex.FEMALE
        return Correction(person.number, sex=other)
    return Correction(person.number, birth_date=_right_birth(dice, person.birth))


def _right_birth(dice: Dice, birth: int) -> PartialDate:
    """The parts that were missing; of a whole date another day, or another year."""
    known = PartialDate.from_int(birth)
    if known.day and dice.chance("year", _WRONG_YEARS):
        return known._replace(year=known.year - 1, day=min(known.day, 28))
    month = known.month or 1 + dice.below("month", 12)
    return PartialDate(known.year, month, 1 + (known.day + dice.below("day", 27)) % 28)
