"""Death, and what a court declares (khai tử; tuyên bố chết, mất tích)."""

from __future__ import annotations

from dataclasses import replace

from mock_population_db.changes import ChangeKind
from mock_population_db.citizen import Citizen, Household, MaritalStatus, VitalStatus
from mock_population_db.events import Death, EventRefused, Submission
from mock_population_db.rules.dates import earliest
from mock_population_db.rules.edits import changed
from mock_population_db.rules.homes import is_alone
from mock_population_db.rules.people import born_by, is_kin, on_file, spouse_of
from mock_population_db.rules.plan import Edit, Needs, Plan, Scene

# what may follow what: a court's declaration is overtaken by what turns out, never repeated
_MAY_FOLLOW = {
    VitalStatus.ALIVE: frozenset(
        {VitalStatus.DEAD, VitalStatus.DECLARED_DEAD, VitalStatus.DECLARED_MISSING}
    ),
    VitalStatus.DECLARED_MISSING: frozenset({VitalStatus.DEAD, VitalStatus.DECLARED_DEAD}),
    VitalStatus.DECLARED_DEAD: frozenset({VitalStatus.DEAD}),
}


def needs(what: Death) -> Needs:
    """The person, the spouse, and the homes that may be left without a head."""
    return Needs((what.person,), spouses=True, homes=True)


def plan(what: Death, submission: Submission, scene: Scene) -> Plan:
    """The person is dead, the spouse widowed; residences stay until they are deregistered.

    Raises:
        EventRefused: PERSON_UNKNOWN, NUMBER_CANCELLED, ALREADY_DEAD, ALREADY_DECLARED,
            BEFORE_BIRTH, DEATH_AFTER_REGISTRATION.
    """
    who = on_file(scene, what.person, "person")
    _check(what, submission, who)
    person = who.identity._replace(vital_status=what.status, death_annulled=False)
    after = replace(who, identity=person, vital_date=what.on)
    edits = (changed(ChangeKind.DEATH, who, after), *_widowed(scene, who, what.status))
    return Plan(what.person, edits, _left_behind(scene, who))


def _check(what: Death, submission: Submission, who: Citizen) -> None:
    present = who.identity.vital_status
    if present is VitalStatus.DEAD:
        raise EventRefused("ALREADY_DEAD", "person", what.person)
    if what.status not in _MAY_FOLLOW[present]:
        raise EventRefused("ALREADY_DECLARED", "person", what.person)
    born_by(who, what.on, "on")
    if earliest(what.on) > submission.registered:
        raise EventRefused("DEATH_AFTER_REGISTRATION", "on", what.person)


def _widowed(scene: Scene, who: Citizen, status: VitalStatus) -> tuple[Edit, ...]:
    """Death ends a marriage, real or declared; that somebody is missing does not.

    The widow's record goes on naming the dead spouse.
    """
    spouse = spouse_of(scene, who)
    if status is VitalStatus.DECLARED_MISSING or spouse is None:
        return ()
    if spouse.marital_status is not MaritalStatus.MARRIED or not is_kin(spouse.spouse, who):
        return ()
    after = replace(spouse, marital_status=MaritalStatus.DIVORCED_OR_WIDOWED)
    return (changed(ChangeKind.MARITAL_STATUS, spouse, after),)


def _left_behind(scene: Scene, who: Citizen) -> dict[int, Household | None]:
    """Homes where nobody is left to head anything.

    Where others live on, the dead head stays on file as such, and the place counts as vacant,
    until the residence is deregistered and somebody named.
    """
    stays = (who.permanent_residence, who.temporary_residence)
    homes = [scene.households.get(stay.household_id) for stay in stays if stay]
    number = who.identity.personal_id
    return {
        home.household_id: replace(home, head="")
        for home in homes
        if home and home.head == number and is_alone(home, number)
    }
