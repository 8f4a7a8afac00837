"""Which rule governs which event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mock_population_db import events
from mock_population_db.events import EventRefused, Submission
from mock_population_db.rules import (
    birth,
    cards,
    correction,
    death,
    departure,
    dispute,
    marriage,
    renumbering,
    residence,
)
from mock_population_db.rules.plan import Needs, Plan, Scene


@dataclass(frozen=True, slots=True)
class Rule:
    """What one kind of event needs to read, and what it does."""

    _needs: Callable[[Any], Needs]
    _plan: Callable[[Any, Submission, Scene], Plan]

    def needs(self, what: events.What, submission: Submission) -> Needs:
        """What to read; it depends on the event alone."""
        del submission  # no rule looks at it yet; the seam lets one
        return self._needs(what)

    def plan(self, what: events.What, submission: Submission, scene: Scene) -> Plan:
        """What to write.

        Args:
            what: the event, of the kind that this rule is for.
            submission: its dates and papers.
            scene: what ``needs`` asked for.

        Raises:
            EventRefused: something stands in the way; the codes are in ``refusals.REFUSALS``.
        """
        _check_dates(submission, scene)
        return self._plan(what, submission, scene)


def _check_dates(submission: Submission, scene: Scene) -> None:
    """An event holds before it is registered, and nothing is registered tomorrow."""
    if submission.effective > submission.registered:
        raise EventRefused("EFFECTIVE_AFTER_REGISTRATION", "effective")
    if submission.registered > scene.today:
        raise EventRefused("REGISTERED_IN_FUTURE", "registered")


RULES: dict[type, Rule] = {
    events.Birth: Rule(birth.needs, birth.plan),
    events.Death: Rule(death.needs, death.plan),
    events.Marriage: Rule(marriage.needs_marriage, marriage.plan_marriage),
    events.Divorce: Rule(marriage.needs_divorce, marriage.plan_divorce),
    events.ResidenceRegistration: Rule(residence.needs, residence.plan),
    events.Departure: Rule(departure.needs, departure.plan),
    events.Correction: Rule(correction.needs, correction.plan),
    events.CardIssue: Rule(cards.needs_issue, cards.plan_issue),
    events.CardLoss: Rule(cards.needs_loss, cards.plan_loss),
    events.Renumbering: Rule(renumbering.needs, renumbering.plan),
    events.AccessDispute: Rule(dispute.needs, dispute.plan),
}
"""By type of event. Annulments and confirmed numbers are the store's own business."""
