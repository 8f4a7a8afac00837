"""The number is cancelled and another set up (hủy, xác lập lại số định danh cá nhân)."""

from __future__ import annotations

from dataclasses import replace

from mock_population_db.changes import ChangeKind
from mock_population_db.citizen import (
    Citizen,
    Document,
    DocumentKind,
    DocumentStatus,
    NumberStatus,
    Sex,
)
from mock_population_db.events import EventRefused, Renumbering, Submission
from mock_population_db.rules.edits import changed
from mock_population_db.rules.people import on_file
from mock_population_db.rules.plan import Needs, Plan, Scene


def needs(what: Renumbering) -> Needs:
    """The person alone."""
    return Needs((what.person,))


def plan(what: Renumbering, submission: Submission, scene: Scene) -> Plan:
    """A number that tells sex, birth year and province of registration as they stand now.

    Raises:
        EventRefused: PERSON_UNKNOWN, NUMBER_CANCELLED, NUMBER_PENDING, NUMBER_DATA_MISSING.
    """
    del submission  # the store dates the step
    who = on_file(scene, what.person, "person")
    birth = who.identity.birth_date
    if who.identity.number_status is NumberStatus.PENDING:
        raise EventRefused("NUMBER_PENDING", "person", what.person)
    province = _province(who)
    if birth is None or who.sex is Sex.NO_DATA or not province:
        raise EventRefused("NUMBER_DATA_MISSING", "person", what.person)
    number = scene.issue_number(province, who.sex, birth.year)
    person = who.identity._replace(personal_id=number, number_status=NumberStatus.ACTIVE)
    after = replace(who, identity=person, documents=tuple(map(_revoked, who.documents)))
    return Plan(number, (changed(ChangeKind.RENUMBERED, who, after, what.reason),))


def _province(who: Citizen) -> str:
    """That of birth registration, as on file, or else as the former number tells it.

    A birth registered abroad has none: then that of permanent residence. May be empty.
    """
    place, number = who.birth_registration_place, who.identity.personal_id
    if place and place.country == "VN" and place.province_code:
        return place.province_code
    if number.startswith("0"):  # others begin with the code of a country
        return number[1:3]
    return who.permanent_residence.address.province_code if who.permanent_residence else ""


def _revoked(document: Document) -> Document:
    """Cards of 12 digits carry the cancelled number and end with it."""
    if document.kind is DocumentKind.CMND_9 or document.status is not DocumentStatus.VALID:
        return document
    return replace(document, status=DocumentStatus.REVOKED)
