"""What statements that tell more than a yes or no must say to be read at all (step 6).

Their parts belong together: results to assertions, members to a count, and everything to a
yes. One that was put together wrongly could be read as saying what nobody confirmed.
"""

from __future__ import annotations

from collections.abc import Sequence

from google.protobuf.message import Message

from clients.receipts.accesses import complaint_about_history
from dancu.v1 import attribute_pb2 as attribute
from dancu.v1 import citizen_pb2 as citizen
from dancu.v1 import residence_pb2 as residence
from dancu.v1 import statement_pb2 as pb

_PERMANENT, _TEMPORARY = residence.RESIDENCE_KIND_PERMANENT, residence.RESIDENCE_KIND_TEMPORARY
_KIND_OF = {
    "permanent_residence": _PERMANENT,
    "temporary_residence": _TEMPORARY,
    "current_residence": residence.RESIDENCE_KIND_CURRENT,
}
_PATHS = [*_KIND_OF, "residence_file_number"]
_STATES = frozenset({residence.RESIDENCE_STATE_IN_FORCE, residence.RESIDENCE_STATE_EXPIRED})
_HEAD_STATES = frozenset(residence.HeadState.values()) - {residence.HEAD_STATE_UNSPECIFIED}
_RESULTS = frozenset(
    {
        attribute.ASSERTION_RESULT_TRUE,
        attribute.ASSERTION_RESULT_FALSE,
        attribute.ASSERTION_RESULT_NO_DATA,
    }
)


def complaint_about(statement: Message) -> str:
    """What is wrong with a statement of these types; empty when nothing is, or of other types."""
    match statement:
        case pb.ResidenceConfirmation():
            return _about_residence(statement)
        case pb.HouseholdExtract():
            return _about_household(statement)
        case pb.AttributeVerification():
            return _about_attributes(statement)
        case pb.AccessHistory():
            return complaint_about_history(statement)
    return ""


def _about_residence(said: pb.ResidenceConfirmation) -> str:
    if said.outcome != citizen.OUTCOME_VERIFIED:
        silent = not (said.residences or said.residence_file_number or said.fields)
        return "" if silent else "a residence of nobody"
    if [each.path for each in said.fields] != _PATHS:
        return "fields that are not those of a residence"
    present = _present(said.fields)
    if [each.kind for each in said.residences] != [
        kind for path, kind in _KIND_OF.items() if path in present
    ]:
        return "residences that are not those of its fields"
    if any(each.state not in _STATES for each in said.residences):
        return "a residence in no known state"
    file_number = "residence_file_number" in present
    return "" if bool(said.residence_file_number) == file_number else "a file number out of place"


def _present(fields: Sequence[citizen.FieldDisclosure]) -> set[str]:
    return {each.path for each in fields if each.status == citizen.FIELD_STATUS_PRESENT}


def _about_household(said: pb.HouseholdExtract) -> str:
    if said.kind not in (_PERMANENT, _TEMPORARY):
        return f"a household of kind {said.kind}"
    if not said.HasField("household"):
        return ""
    if said.outcome != citizen.OUTCOME_VERIFIED:
        return "a household of nobody"
    if said.household.kind != said.kind:
        return "a household of another kind than asked for"
    return _about_members(said.household)


def _about_members(home: residence.Household) -> str:
    if home.head_state not in _HEAD_STATES:
        return "a head in no known state"
    if any(each.state not in _STATES for each in home.members):
        return "a member in no known state"
    shown, on_file = len(home.members), home.member_count
    as_many = shown <= min(1, on_file) if home.members_withheld else shown == on_file
    return "" if as_many else f"{shown} members of {on_file}"


def _about_attributes(said: pb.AttributeVerification) -> str:
    if not said.assertions or any(not each.WhichOneof("attribute") for each in said.assertions):
        return "an assertion that says nothing"
    verified = said.outcome == citizen.OUTCOME_VERIFIED
    if len(said.results) != (len(said.assertions) if verified else 0):
        return f"{len(said.results)} results for {len(said.assertions)} assertions"
    if any(each not in _RESULTS for each in said.results):
        return "no known result"
    return ""
