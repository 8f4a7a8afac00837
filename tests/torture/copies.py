"""A follower's copy of the register: made of what it was handed, compared in the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from dancu.v1 import change_pb2, citizen_pb2
from gateway.core.disclosure import citizen_message
from mock_population_db.citizen import Citizen
from tests.torture.model import Delivery, Register


@dataclass(slots=True)
class Copied:
    """One person as a follower has them: the fields that it was ever told of."""

    values: citizen_pb2.Citizen = field(default_factory=citizen_pb2.Citizen)
    paths: set[str] = field(default_factory=set)


def copy_of(journal: Iterable[Delivery]) -> dict[str, Copied]:
    """Apply everything in the order of its coming, what came twice also twice."""
    people: dict[str, Copied] = {}
    for delivery in journal:
        for change in delivery.changes:
            _apply(people, change)
    return people


def _apply(people: dict[str, Copied], change: change_pb2.Change) -> None:
    if change.kind == change_pb2.CHANGE_KIND_WITHDRAWN:
        people.pop(change.personal_id, None)
        return
    if change.former_personal_id in people:
        people[change.personal_id] = people.pop(change.former_personal_id)
    if not change.HasField("citizen"):
        return  # withdrawn by now: the change that says so follows
    copied = people.setdefault(change.personal_id, Copied())
    for told in change.fields:
        if told.status != citizen_pb2.FIELD_STATUS_WITHHELD:
            copied.values.ClearField(told.path)
            copied.paths.add(told.path)
    copied.values.MergeFrom(change.citizen)


def check_copy(follower: str, copy: Mapping[str, Copied], register: Register) -> Iterator[str]:
    """The copy has the same people as the register's history, and of each the same values."""
    for number in copy.keys() - register.people.keys():
        yield f"{follower}: has {number}, whom the register has not"
    for number in register.people.keys() - copy.keys():
        yield f"{follower}: has not {number}, who was changed"
    for number in sorted(copy.keys() & register.people.keys()):
        yield from _differences(follower, number, copy[number], register.people[number])


def _differences(follower: str, number: str, copied: Copied, there: Citizen) -> Iterator[str]:
    for path in sorted(copied.paths):
        wanted = _only(citizen_message(there, frozenset({path})), path)
        if _only(copied.values, path) != wanted:
            yield f"{follower}: another {path} of {number} than the register"


def _only(message: citizen_pb2.Citizen, path: str) -> object:
    """One field, to be compared; None when it is not there."""
    return next((value for found, value in message.ListFields() if found.name == path), None)
