"""Birth registration, permanent residence, health insurance card: one visit (liên thông khai sinh).

The parents say who they are and what the child is called. All else is on file.

    (1) are the parents who they say? The form fills itself with what is on file
    (2) where does the mother live? The register says so, not a paper book
    (3) the birth is reported: the child has a number
    (4) the child joins the mother's household

The health card is the insurer's: it makes one when the birth comes by its own feed of changes.
"""

from __future__ import annotations

from dataclasses import dataclass

from clients.procedures.counter import Counter, Step, Stopped
from clients.procedures.dossier import Dossier
from clients.sdk import Claim, EventAnswer, HouseholdRelation, Paper, Sex, event_forms

PROCEDURE = "DEMO.BIRTH"
FORM = ("name", "birth_date", "nationality", "native_place", "permanent_residence", "spouse")
"""What the form asks of each parent."""

_PARENT = frozenset({HouseholdRelation.HEAD, HouseholdRelation.SPOUSE})
_CHILD_OF_HEAD = frozenset(
    {HouseholdRelation.SON, HouseholdRelation.DAUGHTER, HouseholdRelation.CHILD_IN_LAW}
)


@dataclass(frozen=True, slots=True)
class BirthNotice:
    """What the parents bring along."""

    mother: Claim
    father: Claim
    child_name: str
    birth_date: str
    sex: Sex

    def child(self, personal_id: str) -> Claim:
        """The child, once there is a number."""
        return Claim(personal_id=personal_id, full_name=self.child_name, birth_date=self.birth_date)


async def register_birth(
    counter: Counter, dossier: Dossier, notice: BirthNotice
) -> list[EventAnswer]:
    """Register a birth and the child's residence; returns what was reported, in order.

    Raises:
        Stopped: It cannot go on now. Called again with the same dossier it goes on.
    """
    # (1) are the parents who they say? The form fills itself with what is on file
    for who, parent in (("father", notice.father), ("mother", notice.mother)):
        await counter.identify(dossier, who, parent)
        await counter.fill(dossier, who, parent, FORM)
    child = {"name": notice.child_name, "birth_date": notice.birth_date, "sex": notice.sex.name}
    dossier.fill("child", child)

    # (2) where does the mother live?
    residence = await counter.residence(dossier, "mother", notice.mother)
    home = residence.permanent
    if home is None or not home.in_force:
        raise Stopped(Step.SEE_OFFICER, "the mother has no permanent residence to register at")
    counter.say("officer", f"reads the address off the answer: {home.address.detail}")

    # (3) the birth is reported
    today = residence.evidence.data_as_of
    event = event_forms.birth(
        Paper(f"{dossier.number}/KS", today, counter.office),
        name=notice.child_name,
        birth_date=notice.birth_date,
        sex=notice.sex,
        commune=home.address.commune_code,
        mother=notice.mother,
        father=notice.father,
    )
    born = await counter.report(
        dossier, "birth", event, revision=residence.evidence.register_revision
    )
    counter.say("officer", f"prints the birth certificate of {born.personal_id}")

    # (4) the child joins the mother's household
    joining = event_forms.joining(
        Paper(f"{dossier.number}/TT", today, counter.office),
        person=notice.child(born.personal_id),
        member=notice.mother,
        relation=_relation(home.relation_to_head, notice.sex),
    )
    resides = await counter.report(dossier, "residence", joining, revision=born.last_revision)
    return [born, resides]


def _relation(mother: HouseholdRelation, sex: Sex) -> HouseholdRelation:
    """The child's relation to the head, by the mother's."""
    if mother in _PARENT:
        return HouseholdRelation.SON if sex is Sex.MALE else HouseholdRelation.DAUGHTER
    if mother in _CHILD_OF_HEAD:
        return HouseholdRelation.GRANDCHILD
    return HouseholdRelation.OTHER_RELATIVE
