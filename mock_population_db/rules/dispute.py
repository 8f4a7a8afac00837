"""A citizen disputes an entry of the access history: kept, and nobody's record changes."""

from __future__ import annotations

from mock_population_db.events import AccessDispute, EventRefused, Submission
from mock_population_db.rules.plan import Needs, Plan, Scene


def needs(what: AccessDispute) -> Needs:
    """The person alone."""
    return Needs((what.person,))


def plan(what: AccessDispute, submission: Submission, scene: Scene) -> Plan:
    """Nothing but the subject: heirs may dispute too, so the person need not live."""
    del submission
    if what.person not in scene.people:
        raise EventRefused("PERSON_UNKNOWN", "person")
    return Plan(what.person)
