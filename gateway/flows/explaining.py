"""What the flow knows of a call's checks, put into words for its trail."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.core.model import Decision, Explanation
from gateway.core.policy import Grant
from gateway.core.quota import Remaining
from gateway.core.trail import Check, Result, mask


def grant_check(grant: Grant) -> Check:
    """The grant that decided: how much it opens, and where it stands."""
    opens = [f"{len(grant.fields)} fields"]
    opens += ["explain"] if grant.explain else []
    opens += ["members"] if grant.members else []
    return Check("grant", Result.PASSED, ", ".join(opens), grant.rule)


def quota_check(rule: str, left: Remaining | None) -> Check:
    """What is left of the day's quota, and where it stands."""
    detail = f"{left.records} records left until {left.reset.isoformat()}" if left else ""
    return Check("quota", Result.PASSED, detail or ("" if rule else "no quota"), rule)


def decision_checks(decision: Decision) -> Iterator[Check]:
    """How a claim came out NOT_VERIFIED: levels where the grant lets them be worked out."""
    number = mask(decision.subject)
    levels, why = decision.levels, decision.explanation
    if why is Explanation.NUMBER_CANCELLED:
        yield Check("match", Result.NOT_KEPT, number)
        yield Check("state", Result.FAILED, why.name)
        return
    said = [number, why.name if why else decision.outcome.name]
    if levels:
        said += [f"name {levels.full_name.name}", f"birth date {levels.birth_date.name}"]
    yield Check("match", Result.FAILED, ", ".join(said))
    yield Check("state", Result.NOT_REACHED)
