"""Identity cards: issued, renewed, lost (cấp, đổi, cấp lại, báo mất thẻ căn cước)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise

from mock_population_db.changes import ChangeKind
from mock_population_db.citizen import Citizen, Document, DocumentKind, DocumentStatus, NumberStatus
from mock_population_db.events import CardIssue, CardLoss, EventRefused, Submission
from mock_population_db.partial_date import PartialDate
from mock_population_db.rules.dates import (
    add_years,
    earliest,
    latest,
    may_be_under,
    may_have_turned,
)
from mock_population_db.rules.edits import changed
from mock_population_db.rules.people import born_by, living
from mock_population_db.rules.plan import Needs, Plan, Scene

# Luật Căn cước 2023, Điều 21: a card runs to the next of these birthdays, or to the one after
# when it is issued within two years of the next; after the last it has no term
RENEWAL_AGES = (14, 25, 40, 60)
_SOON = 2  # years

# the kind that was issued from that day
_KINDS = (
    (date(2024, 7, 1), DocumentKind.CAN_CUOC),
    (date(2021, 1, 1), DocumentKind.CCCD_CHIP),
    (date(2016, 1, 1), DocumentKind.CCCD_BARCODE),
    (date.min, DocumentKind.CMND_12),
)
_REPLACED = frozenset({DocumentStatus.VALID, DocumentStatus.EXPIRED})
_UNFIT = {
    NumberStatus.PENDING: "NUMBER_PENDING",
    NumberStatus.UNDER_CORRECTION: "NUMBER_UNDER_CORRECTION",
}


def needs_issue(what: CardIssue) -> Needs:
    """The person alone."""
    return Needs((what.person,))


def plan_issue(what: CardIssue, submission: Submission, scene: Scene) -> Plan:
    """The new card stands first; the one before it is replaced.

    Children under 14 may have a card on request.

    Raises:
        EventRefused: PERSON_UNKNOWN, NUMBER_CANCELLED, PERSON_DEAD, PERSON_DECLARED,
            NUMBER_PENDING, NUMBER_UNDER_CORRECTION, NOT_A_CITIZEN, BEFORE_BIRTH, CARD_TERM.
    """
    who = living(scene, what.person, "person")
    _check_entitled(who)
    day = submission.effective
    born_by(who, PartialDate(day.year, day.month, day.day), "effective")
    if not _fits(who.identity.birth_date, day, what.expires):
        raise EventRefused("CARD_TERM", "expires", what.person)
    kind = next(kind for first, kind in _KINDS if day >= first)
    card = Document(kind, what.person, day, what.expires)
    after = replace(who, documents=(card, *map(_replaced, who.documents)))
    return Plan(what.person, (changed(ChangeKind.DOCUMENT, who, after),))


def needs_loss(what: CardLoss) -> Needs:
    """The person alone."""
    return Needs((what.person,))


def plan_loss(what: CardLoss, submission: Submission, scene: Scene) -> Plan:
    """The card in use is lost.

    Raises:
        EventRefused: PERSON_UNKNOWN, NUMBER_CANCELLED, PERSON_DEAD, PERSON_DECLARED, NO_CARD.
    """
    del submission
    who = living(scene, what.person, "person")
    card = next((one for one in who.documents if one.status is DocumentStatus.VALID), None)
    if card is None:
        raise EventRefused("NO_CARD", "person", what.person)
    lost = replace(card, status=DocumentStatus.LOST)
    after = replace(who, documents=tuple(lost if one is card else one for one in who.documents))
    return Plan(what.person, (changed(ChangeKind.DOCUMENT, who, after),))


def _check_entitled(who: Citizen) -> None:
    person = who.identity
    if unfit := _UNFIT.get(person.number_status):
        raise EventRefused(unfit, "person", person.personal_id)
    if who.nationality not in {"VN", ""}:  # the register often holds none
        raise EventRefused("NOT_A_CITIZEN", "person", person.personal_id)


def _fits(birth: PartialDate | None, issued: date, expires: date | None) -> bool:
    """Whether somebody born then may have a card with that term."""
    if birth is None:
        return True
    if expires is None:
        return may_have_turned(birth, RENEWAL_AGES[-1] - _SOON, issued)
    return expires > issued and any(
        _birthday_may_be(birth, age, expires) for age in _terms(birth, issued)
    )


def _terms(birth: PartialDate, issued: date) -> Iterator[int]:
    """The ages to which a card may run: the next one and, when that is near, the one after."""
    for before, age in pairwise((0, *RENEWAL_AGES)):
        not_yet = may_be_under(birth, age, issued)
        if not_yet and may_have_turned(birth, before - _SOON, issued):
            yield age


def _birthday_may_be(birth: PartialDate, age: int, day: date) -> bool:
    """Whether the birthday may be that day; one on 29 February may be kept on 1 March."""
    first, last = add_years(earliest(birth), age), add_years(latest(birth), age)
    kept_later = (birth.month, birth.day) == (2, 29) and day == date(last.year, 3, 1)
    return first <= day <= last or kept_later


def _replaced(document: Document) -> Document:
    """The former card; what was lost, revoked or held stays what it is."""
    if document.status not in _REPLACED:
        return document
    return replace(document, status=DocumentStatus.REPLACED)
