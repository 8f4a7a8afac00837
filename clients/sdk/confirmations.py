"""Answers about residence, household and attributes, made of what was signed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from clients.sdk.answers import ClaimAnswer, Claimed, Evidence, person_of
from clients.sdk.assertions import Assertion
from clients.sdk.requests import date_text
from clients.sdk.vocabulary import (
    AssertionResult,
    FieldStatus,
    HeadState,
    HouseholdRelation,
    Outcome,
    PersonStatus,
    ResidenceKind,
    ResidenceState,
)
from dancu.v1 import citizen_pb2, residence_pb2, statement_pb2


@dataclass(frozen=True, slots=True)
class ConfirmedResidence:
    """One residence on file. Look at ``state``: an expired one proves nothing.

    Attributes:
        kind: Permanent, temporary, or where the person lives now.
        state: Whether it counts on the day of the data.
        household_kind: Of the household that it is in; UNSPECIFIED for an address without one.
        address: Its codes mean something only with its epoch.
        since: YYYY-MM-DD, empty where not recorded.
        until: Its last day, YYYY-MM-DD, empty where it has none.
        relation_to_head: To the head of that household.
    """

    kind: ResidenceKind
    state: ResidenceState
    household_kind: ResidenceKind
    address: citizen_pb2.Address
    since: str
    until: str
    relation_to_head: HouseholdRelation

    @property
    def in_force(self) -> bool:
        """Whether it counts on the day of the data."""
        return self.state is ResidenceState.IN_FORCE


@dataclass(frozen=True, slots=True)
class ResidenceAnswer(ClaimAnswer):
    """The answer to ConfirmResidence.

    Attributes:
        residences: Those on file that are granted: permanent, temporary, current.
        residence_file_number: Empty where not granted or not recorded.
        fields: What became of each; NOT_RECORDED says that there is no such residence.
    """

    residences: tuple[ConfirmedResidence, ...]
    residence_file_number: str
    fields: Mapping[str, FieldStatus]
    evidence: Evidence

    @property
    def permanent(self) -> ConfirmedResidence | None:
        """The permanent residence (thường trú); None also where it is not granted."""
        return self._of(ResidenceKind.PERMANENT)

    @property
    def temporary(self) -> ConfirmedResidence | None:
        """The temporary residence (tạm trú), expired or not; None also where not granted."""
        return self._of(ResidenceKind.TEMPORARY)

    @property
    def current(self) -> ConfirmedResidence | None:
        """Where the person lives now, if recorded apart from both (nơi ở hiện tại)."""
        return self._of(ResidenceKind.CURRENT)

    def _of(self, kind: ResidenceKind) -> ConfirmedResidence | None:
        return next((each for each in self.residences if each.kind is kind), None)


@dataclass(frozen=True, slots=True)
class HouseholdMember:
    """One member of a household. What the caller may not see is empty or UNSPECIFIED."""

    personal_id: str
    old_id_number: str
    full_name: str
    relation_to_head: HouseholdRelation
    since: str
    until: str
    state: ResidenceState
    status: PersonStatus


@dataclass(frozen=True, slots=True)
class Household:
    """A household.

    Attributes:
        kind: Permanent or temporary.
        residence_file_number: Empty where not granted.
        address: Its codes mean something only with its epoch.
        head_state: Whether it has a head, or why the place is vacant.
        member_count: Everybody on file, the dead too.
        members: All of them or, where ``members_withheld``, only the person asked about.
        members_withheld: The caller may not see the others.
    """

    kind: ResidenceKind
    residence_file_number: str
    address: citizen_pb2.Address
    head_state: HeadState
    member_count: int
    members: tuple[HouseholdMember, ...]
    members_withheld: bool


@dataclass(frozen=True, slots=True)
class HouseholdAnswer(ClaimAnswer):
    """The answer to GetHousehold; verified without a household: there is none of that kind."""

    kind: ResidenceKind
    household: Household | None
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class AttributesAnswer(ClaimAnswer):
    """The answer to VerifyAttributes. ``verified`` is about the claim alone.

    Attributes:
        assertions: As asked.
        results: One for each assertion, in order; none unless verified.
    """

    assertions: tuple[Assertion, ...]
    results: tuple[AssertionResult, ...]
    evidence: Evidence

    @property
    def all_true(self) -> bool:
        """Whether the claim is verified and everything that was said of the person is so."""
        return self.verified and set(self.results) == {AssertionResult.TRUE}


def residence_answer(
    message: statement_pb2.ResidenceConfirmation, evidence: Evidence
) -> ResidenceAnswer:
    """Read a ResidenceConfirmation."""
    return ResidenceAnswer(
        Claimed.of(message.claim),
        Outcome(message.outcome),
        person_of(message),
        tuple(_residence(each) for each in message.residences),
        message.residence_file_number,
        MappingProxyType({each.path: FieldStatus(each.status) for each in message.fields}),
        evidence,
    )


def household_answer(
    message: statement_pb2.HouseholdExtract, evidence: Evidence
) -> HouseholdAnswer:
    """Read a HouseholdExtract."""
    return HouseholdAnswer(
        Claimed.of(message.claim),
        Outcome(message.outcome),
        person_of(message),
        ResidenceKind(message.kind),
        _household(message.household) if message.HasField("household") else None,
        evidence,
    )


def attributes_answer(
    message: statement_pb2.AttributeVerification, evidence: Evidence
) -> AttributesAnswer:
    """Read an AttributeVerification."""
    return AttributesAnswer(
        Claimed.of(message.claim),
        Outcome(message.outcome),
        person_of(message),
        tuple(Assertion.of(each) for each in message.assertions),
        tuple(AssertionResult(each) for each in message.results),
        evidence,
    )


def _residence(message: residence_pb2.ConfirmedResidence) -> ConfirmedResidence:
    return ConfirmedResidence(
        ResidenceKind(message.kind),
        ResidenceState(message.state),
        ResidenceKind(message.household_kind),
        message.address,
        date_text(message.since),
        date_text(message.until),
        HouseholdRelation(message.relation_to_head),
    )


def _household(message: residence_pb2.Household) -> Household:
    return Household(
        ResidenceKind(message.kind),
        message.residence_file_number,
        message.address,
        HeadState(message.head_state),
        message.member_count,
        tuple(_member(each) for each in message.members),
        message.members_withheld,
    )


def _member(message: residence_pb2.HouseholdMember) -> HouseholdMember:
    return HouseholdMember(
        message.personal_id,
        message.old_id_number,
        message.full_name,
        HouseholdRelation(message.relation_to_head),
        date_text(message.since),
        date_text(message.until),
        ResidenceState(message.state),
        PersonStatus(message.status),
    )
