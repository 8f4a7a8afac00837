"""Who may see what: nothing without a grant, sensitive fields only by name."""

from __future__ import annotations

from dataclasses import fields

import pytest

from dancu.v1 import citizen_pb2
from gateway.core.errors import MalformedRequest, Refused
from gateway.core.policy import DEMO_POLICY, FIELDS, SENSITIVE, Grant, Policy, fields_to_disclose

TWO = Grant(frozenset({"name", "sex"}))


def test_the_fields_are_the_contracts() -> None:
    """The same names in the same order: the bits of access rows depend on it."""
    descriptor = citizen_pb2.Citizen.DESCRIPTOR
    assert tuple(field.name for field in descriptor.fields) == FIELDS
    assert len(FIELDS) <= 32  # an access row has so many bits


def test_who_has_no_grant_is_refused() -> None:
    """Default deny, with a way out."""
    with pytest.raises(Refused) as caught:
        Policy("v", {}).authorise("plain")
    assert caught.value.reason == "CALLER_NOT_GRANTED"
    assert caught.value.surplus == ()


def test_who_has_a_grant_gets_it() -> None:
    """That one, and not another's."""
    policy = Policy("v", {"one": TWO, "other": Grant(frozenset(FIELDS))})
    assert policy.authorise("one") is TWO
    for almost in ("One", "one ", "", "other2"):
        with pytest.raises(Refused):
            policy.authorise(almost)


@pytest.mark.parametrize(
    ("caller", "explains", "sensitive"),
    [("plain", False, False), ("explain", True, False), ("full", True, True)],
)
def test_the_demo_callers_are_what_the_documents_say(
    caller: str,
    explains: bool,  # noqa: FBT001 - a parameter
    sensitive: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Explain and the sensitive fields, each only where granted."""
    grant = DEMO_POLICY.authorise(caller)
    assert grant.explain is explains
    assert grant.fields == frozenset(FIELDS) - (frozenset() if sensitive else SENSITIVE)


def test_a_grant_opens_nothing_by_itself() -> None:
    """Whoever adds one must say what it opens."""
    assert {field.name: field.default for field in fields(Grant)}["explain"] is False


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
