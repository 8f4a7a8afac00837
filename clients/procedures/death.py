"""Death registration, deregistration, funeral allowance: one visit (liên thông khai tử).

    (1) is who reports it who they say, and who died on file as alive?
    (2) who lives in the household, and who will be its head?
    (3) is the claimant the widow or widower? Asked before the death ends the marriage on file
    (4) the death is reported
    (5) the residence ends, and the household has a head again

The allowance is the social insurer's to pay: the statement of (3) goes with the dossier.
"""

from __future__ import annotations

from dataclasses import dataclass

from clients.procedures.counter import Counter
from clients.procedures.dossier import Dossier
from clients.sdk import (
    Assertion,
    Attribute,
    Claim,
    EventAnswer,
    Household,
    HouseholdRelation,
    Paper,
    SaidPerson,
    event_forms,
)

PROCEDURE = "DEMO.DEATH"


@dataclass(frozen=True, slots=True)
class DeathNotice:
    """What whoever reports a death brings along."""

    deceased: Claim
    claimant: Claim
    died: str


async def register_death(
    counter: Counter, dossier: Dossier, notice: DeathNotice
) -> list[EventAnswer]:
    """Register a death and what follows from it; returns what was reported, in order.

    Raises:
        Stopped: It cannot go on now. Called again with the same dossier it goes on.
    """
    deceased, claimant = notice.deceased, notice.claimant

    # (1) is who reports it who they say, and who died on file as alive?
    await counter.identify(dossier, "claimant", claimant)
    if not dossier.is_sent("death"):
        await counter.identify(dossier, "deceased", deceased)

    # (2) who lives in the household, and who will be its head?
    household = await counter.household(dossier, "deceased", deceased)
    today = household.evidence.data_as_of

    # (3) is the claimant the widow or widower?
    spouse = Assertion(Attribute.SPOUSE, SaidPerson(personal_id=deceased.personal_id))
    entitled = await counter.confirm(dossier, "claimant", claimant, [spouse])
    counter.say("officer", f"notes for the allowance: {'spouse' if entitled else 'not the spouse'}")

    # (4) the death is reported
    death = await counter.report(
        dossier,
        "death",
        event_forms.death(
            Paper(f"{dossier.number}/KT", today, counter.office), person=deceased, on=notice.died
        ),
        revision=household.evidence.register_revision,
    )

    # (5) the residence ends, and the household has a head again
    home, reported = household.household, [death]
    if home is not None or dossier.is_sent("departure"):
        departure = event_forms.departure(
            Paper(f"{dossier.number}/XTT", today, counter.office),
            person=deceased,
            new_head=claimant if _headed_others(home, deceased.personal_id) else None,
        )
        reported.append(
            await counter.report(dossier, "departure", departure, revision=death.last_revision)
        )
    return reported


def _headed_others(home: Household | None, number: str) -> bool:
    """Whether the person heads a household where others are on file."""
    if home is None or home.member_count == 1:
        return False
    heads = [one for one in home.members if one.relation_to_head is HouseholdRelation.HEAD]
    return any(one.personal_id == number for one in heads)
