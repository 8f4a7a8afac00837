"""Residence, household and attributes as people see them."""

from __future__ import annotations

from dataclasses import fields
from enum import Enum

from rich import box
from rich.table import Table
from rich.text import Text

from clients.render_values import printable, values_of
from clients.sdk import (
    Assertion,
    AssertionResult,
    AttributesAnswer,
    ConfirmedResidence,
    Household,
    HouseholdAnswer,
    ResidenceAnswer,
    ResidenceState,
)
from dancu.v1 import citizen_pb2

Row = tuple[str, str]

_COLOURS = {AssertionResult.TRUE: "green", AssertionResult.FALSE: "red"}
_FILE_NUMBER = "residence_file_number"


def confirmation_rows(answer: ResidenceAnswer | HouseholdAnswer) -> list[Row]:
    """What is said of a person's residences, or of a household as a whole."""
    if isinstance(answer, ResidenceAnswer):
        return _residence_rows(answer)
    if answer.household is None:
        none = f"none of {_word(answer.kind)} residence" if answer.verified else ""
        return [("household", none)]
    return _household_rows(answer.household)


def confirmation_table(answer: HouseholdAnswer | AttributesAnswer) -> Table | None:
    """One line for each member or assertion; None where there are none to show."""
    if isinstance(answer, AttributesAnswer):
        return _results(answer) if answer.results else None
    home = answer.household
    return _members(home) if home and home.members else None


def _residence_rows(answer: ResidenceAnswer) -> list[Row]:
    """A residence that is not there is told, too: it was asked about."""
    found = {f"{each.kind.name.lower()}_residence": each for each in answer.residences}
    rows = [("residence file", answer.residence_file_number)]
    for path, status in answer.fields.items():
        if path in found:
            rows.append((_label(path), _residence(found[path])))
        elif path != _FILE_NUMBER:
            rows.append((_label(path), _word(status)))
    return rows


def _residence(residence: ConfirmedResidence) -> str:
    state = _word(residence.state)
    relation = _word(residence.relation_to_head)
    told = [state, _term(residence.since, residence.until), relation]
    return f"{_joined(told)}; {_address(residence.address)}"


def _household_rows(home: Household) -> list[Row]:
    withheld = ", the others withheld" if home.members_withheld else ""
    return [
        ("household", f"{_word(home.kind)} residence"),
        ("residence file", home.residence_file_number),
        ("address", _address(home.address)),
        ("head", _word(home.head_state)),
        ("members", f"{home.member_count} on file{withheld}"),
    ]


def _members(home: Household) -> Table:
    table = Table("number", "name", "relation", "on file", "state", box=box.SIMPLE_HEAD)
    table.columns[0].no_wrap = True
    for each in home.members:
        expired = _word(each.state) if each.state is not ResidenceState.IN_FORCE else ""
        state = _joined([_word(each.status), expired])
        relation = _word(each.relation_to_head)
        term = _term(each.since, each.until)
        table.add_row(each.personal_id, each.full_name, relation, term, state)
    return table


def _results(answer: AttributesAnswer) -> Table:
    table = Table("said of", "that it is", "answer", box=box.SIMPLE_HEAD)
    for said, result in zip(answer.assertions, answer.results, strict=True):
        colour = _COLOURS.get(result, "yellow")
        what = Text(printable(_said(said)))  # no markup: it is the caller's word
        table.add_row(_label(said.attribute), what, Text(_word(result), style=colour))
    return table


def _said(assertion: Assertion) -> str:
    said = assertion.said
    if isinstance(said, Enum):
        return _word(said)
    parts = [getattr(said, each.name) for each in fields(said)]
    return ", ".join(_word(part) if isinstance(part, Enum) else part for part in parts if part)


def _term(since: str, until: str) -> str:
    told = [f"since {since}" if since else "", f"until {until}" if until else ""]
    return " ".join(part for part in told if part)


def _address(address: citizen_pb2.Address) -> str:
    """The place, and beside it how its codes are to be read."""
    words = values_of(address)
    place = [
        words.get("detail", ""),
        f"commune {address.commune_code}" if address.commune_code else "",
        f"province {address.province_code}" if address.province_code else "",
        address.country,
    ]
    former = f"formerly {address.former_commune_code}" if address.former_commune_code else ""
    read = [words.get("code_epoch", ""), words.get("conversion", ""), former]
    return f"{_joined(place)} ({_joined(read)})"


def _joined(parts: list[str]) -> str:
    return ", ".join(part for part in parts if part)


def _word(value: Enum) -> str:
    """A word of the contract; nothing where nothing was said."""
    return "" if not value.value else _label(value.name.lower())


def _label(name: str) -> str:
    return name.replace("_", " ")
