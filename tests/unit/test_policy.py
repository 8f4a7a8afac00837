"""Who may see what: nothing without a grant, sensitive fields only by name."""

from __future__ import annotations

from dataclasses import fields

import pytest

from dancu.v1 import (
    access_history_service_pb2,
    citizen_pb2,
    identity_service_pb2,
    population_event_service_pb2,
    residence_service_pb2,
    sync_service_pb2,
)
from gateway.core.errors import MalformedRequest, Refused
from gateway.core.model import Call
from gateway.core.policy import (
    FIELDS,
    RPCS,
    SENSITIVE,
    Grant,
    Policy,
    Rule,
    conflicts,
    fields_to_disclose,
)
from tests.support.policies import DEMO_POLICY
from tests.support.scene import CALL

TWO = Grant(frozenset({"name", "sex"}))
NOW = 1_000.0


def call(caller: str = "one", rpc: str = "LookupCitizen", procedure: str = "1.001") -> Call:
    """A call of somebody's."""
    context = CALL.context._replace(procedure_code=procedure)
    return CALL._replace(caller=caller, rpc=RPCS[rpc], context=context)


def rule(
    grant: Grant,
    callers: str = "one",
    procedures: str = "1.001",
    rpcs: str = "LookupCitizen",
) -> Rule:
    """A rule for callers, procedures and RPCs with blanks between them."""
    return Rule(
        frozenset(callers.split()), frozenset(procedures.split()), frozenset(rpcs.split()), grant
    )


def reason_of(policy: Policy, one: Call, now: float = NOW) -> str:
    """Why a call is refused."""
    with pytest.raises(Refused) as caught:
        policy.authorise(one, now)
    return caught.value.reason


def test_the_fields_are_the_contracts() -> None:
    """The same names in the same order: the bits of access rows depend on it."""
    descriptor = citizen_pb2.Citizen.DESCRIPTOR
    assert tuple(field.name for field in descriptor.fields) == FIELDS
    assert len(FIELDS) <= 32  # an access row has so many bits


def test_the_rpcs_are_the_contracts() -> None:
    """Every RPC about a person can be granted, under its full name."""
    services = (
        identity_service_pb2,
        residence_service_pb2,
        access_history_service_pb2,
        sync_service_pb2,
        population_event_service_pb2,
    )
    files = [module.DESCRIPTOR for module in services]
    assert {
        method.name: f"{service.full_name}/{method.name}"
        for file in files
        for service in file.services_by_name.values()
        for method in service.methods
    } == RPCS


def test_a_grant_opens_nothing_by_itself() -> None:
    """Whoever adds one must say what it opens."""
    defaults = {field.name: field.default for field in fields(Grant)}
    assert (defaults["explain"], defaults["members"]) == (False, False)


def test_who_has_a_grant_gets_it() -> None:
    """That one, of that caller, procedure and RPC, and it knows its policy."""
    policy = Policy("v7", [rule(TWO), rule(Grant(frozenset(FIELDS)), "other")])
    found = policy.authorise(call(), NOW)
    assert (found.fields, found.policy_version) == (TWO.fields, "v7")
    assert policy.authorise(call("other"), NOW).fields == frozenset(FIELDS)
    for almost in ("One", "one ", "", "other2"):
        assert reason_of(policy, call(almost)) == "CALLER_NOT_GRANTED"


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (call("nobody"), "CALLER_NOT_GRANTED"),
        (call(procedure="1.002"), "PROCEDURE_NOT_GRANTED"),
        (call(procedure="*"), "PROCEDURE_NOT_GRANTED"),
        (call(rpc="GetHousehold"), "RPC_NOT_GRANTED"),
    ],
)
def test_a_refusal_says_what_is_missing(one: Call, reason: str) -> None:
    """Caller, procedure or RPC; a caller cannot ask for the star itself."""
    assert reason_of(Policy("v", [rule(TWO)]), one) == reason


def test_the_surplus_rpc_is_named() -> None:
    """And nothing that the caller wrote is repeated."""
    with pytest.raises(Refused) as caught:
        Policy("v", [rule(TWO)]).authorise(call(rpc="GetHousehold"), NOW)
    assert caught.value.surplus == ("GetHousehold",)
    with pytest.raises(Refused) as caught:
        Policy("v", [rule(TWO)]).authorise(call(procedure="079088000001"), NOW)
    assert "079088000001" not in caught.value.message_en + caught.value.message_vi


def test_a_named_procedure_goes_before_all_procedures() -> None:
    """Whichever of the two opens more."""
    named, star = Grant(frozenset({"sex"})), Grant(frozenset({"name"}))
    for rules in (
        [rule(named), rule(star, procedures="*")],
        [rule(star, procedures="*"), rule(named)],
    ):
        policy = Policy("v", rules)
        assert policy.authorise(call(), NOW).fields == {"sex"}
        assert policy.authorise(call(procedure="1.002"), NOW).fields == {"name"}


@pytest.mark.parametrize(
    ("now", "result"),
    [
        (99.9, "GRANT_NOT_YET_VALID"),
        (100.0, "name"),
        (199.9, "name"),
        (200.0, "GRANT_NOT_YET_VALID"),
        (300.0, "sex"),
        (400.0, "GRANT_EXPIRED"),
    ],
)
def test_a_grant_is_in_force_from_its_beginning_to_before_its_end(now: float, result: str) -> None:
    """One grant can follow another; between them it says when the next one begins."""
    first = Grant(frozenset({"name"}), valid_from=100, valid_until=200)
    second = Grant(frozenset({"sex"}), valid_from=300, valid_until=400)
    policy = Policy("v", [rule(second), rule(first)])
    if result.startswith("GRANT"):
        assert reason_of(policy, call(), now) == result
    else:
        assert policy.authorise(call(), now).fields == {result}


def test_an_expired_grant_of_the_procedure_does_not_open_the_one_of_all() -> None:
    """The named one decides, also when it says no."""
    named = Grant(frozenset({"sex"}), valid_until=10)
    policy = Policy("v", [rule(named), rule(TWO, procedures="*")])
    assert reason_of(policy, call()) == "GRANT_EXPIRED"


@pytest.mark.parametrize(
    ("other", "at_odds"),
    [
        (rule(TWO, "one two", "1.001 1.002", "LookupCitizen"), True),
        (rule(TWO, "two"), False),
        (rule(TWO, procedures="1.002"), False),
        (rule(TWO, procedures="*"), False),
        (rule(TWO, rpcs="VerifyIdentity"), False),
        (rule(Grant(frozenset(), valid_from=200)), False),
        (rule(Grant(frozenset(), valid_from=199)), True),
    ],
)
def test_two_grants_for_one_call_are_at_odds(other: Rule, at_odds: bool) -> None:  # noqa: FBT001 - a parameter
    """Same caller, procedure and RPC at one time; all procedures and a named one go together."""
    one = rule(Grant(frozenset(), valid_until=200))
    assert list(conflicts([one, other])) == ([(one, other)] if at_odds else [])


@pytest.mark.parametrize(
    ("caller", "explains", "sensitive", "members"),
    [
        ("plain", False, False, False),
        ("limited", False, False, False),
        ("explain", True, False, True),
        ("full", True, True, True),
    ],
)
@pytest.mark.parametrize("rpc", [rpc for rpc in RPCS if rpc != "ListAccesses"])
def test_the_demo_callers_are_what_the_documents_say(
    caller: str,
    explains: bool,  # noqa: FBT001 - a parameter
    sensitive: bool,  # noqa: FBT001 - a parameter
    members: bool,  # noqa: FBT001 - a parameter
    rpc: str,
) -> None:
    """Explain, members and the sensitive fields, each only where granted; every other RPC."""
    grant = DEMO_POLICY.authorise(call(caller, rpc, "anything"), NOW)
    assert (grant.explain, grant.members) == (explains, members)
    assert grant.fields == frozenset(FIELDS) - (frozenset() if sensitive else SENSITIVE)


def test_who_may_list_accesses() -> None:
    """Of the demo callers those two that the documents name."""
    for caller in ("explain", "full"):
        assert DEMO_POLICY.authorise(call(caller, "ListAccesses", "anything"), NOW)
    for caller in ("plain", "limited"):
        with pytest.raises(Refused, match="ListAccesses"):
            DEMO_POLICY.authorise(call(caller, "ListAccesses", "anything"), NOW)


def test_no_path_means_all_that_is_granted() -> None:
    """And not all there is."""
    assert fields_to_disclose([], TWO) == {"name", "sex"}


def test_paths_narrow_what_is_shown() -> None:
    """Also when one is named twice."""
    assert fields_to_disclose(["sex"], TWO) == {"sex"}
    assert fields_to_disclose(["sex", "sex"], TWO) == {"sex"}


def test_a_field_that_is_not_granted_is_refused_by_name() -> None:
    """The caller learns which ones to leave out, in the order it asked."""
    with pytest.raises(Refused) as caught:
        fields_to_disclose(["religion_code", "name", "blood_type"], TWO)
    assert caught.value.reason == "FIELD_NOT_GRANTED"
    assert caught.value.surplus == ("religion_code", "blood_type")
    assert "religion_code, blood_type" in caught.value.message_en


@pytest.mark.parametrize("path", ["", "Name", "name.full", "names", "*", "hộ tên\n"])
def test_a_path_that_is_no_field_is_malformed(path: str) -> None:
    """The message lists what there is and does not repeat what was sent."""
    with pytest.raises(MalformedRequest) as caught:
        fields_to_disclose([path, "name"], TWO)
    (found,) = caught.value.violations
    assert (found.field, found.rule) == ("read_mask", "UNKNOWN_FIELD")
    assert (
        found.message_en
        == "1 of its paths are no top-level fields of Citizen; choose from: " + (", ".join(FIELDS))
    )
