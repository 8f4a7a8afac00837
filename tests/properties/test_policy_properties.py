"""The compiled policy decides as one who reads the rules from top to bottom would."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.errors import Refused
from gateway.core.policy import RPCS, Grant, Policy, Rule, conflicts
from tests.support.scene import CALL

CALLERS = ("a", "b", "c")
PROCEDURES = ("1", "2", "*")
METHODS = tuple(RPCS)[:3]
MOMENTS = (0.0, 1.0, 2.0, 3.0, 4.0)


def some(values: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    """Some of them, at least one."""
    return st.frozensets(st.sampled_from(values), min_size=1)


@st.composite
def rules(draw: st.DrawFn) -> list[Rule]:
    """Rules that a file could have: none at odds with another."""
    kept: list[Rule] = []
    for number in range(draw(st.integers(0, 8))):
        first, end = sorted(
            draw(st.lists(st.sampled_from(MOMENTS), min_size=2, max_size=2, unique=True))
        )
        grant = Grant(frozenset(), valid_from=first, valid_until=end, line=number + 1)
        one = Rule(draw(some(CALLERS)), draw(some(PROCEDURES)), draw(some(METHODS)), grant)
        if not any(conflicts([*kept, one])):
            kept.append(one)
    return kept


def naive(kept: list[Rule], caller: str, procedure: str, rpc: str, now: float) -> int | str:
    """The line of the grant that decides, or the reason for a refusal."""
    mine = [one for one in kept if caller in one.callers]
    if not mine:
        return "CALLER_NOT_GRANTED"
    here = [one for one in mine if one.procedures & {procedure, "*"}]
    if not here:
        return "PROCEDURE_NOT_GRANTED"
    these = [one.grant for one in here if rpc in one.rpcs and procedure in one.procedures] or [
        one.grant for one in here if rpc in one.rpcs
    ]
    if not these:
        return "RPC_NOT_GRANTED"
    for grant in these:
        if grant.valid_from <= now < grant.valid_until:
            return grant.line
    return "GRANT_NOT_YET_VALID" if any(now < one.valid_from for one in these) else "GRANT_EXPIRED"


@settings(max_examples=200, deadline=None)
@given(rules())
def test_the_table_decides_as_the_rules_say(kept: list[Rule]) -> None:
    """Every caller × procedure × RPC × moment, granted or not."""
    policy = Policy("v", kept)
    for caller in (*CALLERS, "d"):
        for procedure in ("1", "2", "3"):
            for rpc in METHODS:
                context = CALL.context._replace(procedure_code=procedure)
                call = CALL._replace(caller=caller, rpc=RPCS[rpc], context=context)
                for now in (-1.0, *MOMENTS, 2.5):
                    try:
                        decided: int | str = policy.authorise(call, now).line
                    except Refused as error:
                        decided = error.reason
                    assert decided == naive(kept, caller, procedure, rpc, now)
