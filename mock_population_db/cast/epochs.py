"""Personas as they were before an event that changed all addresses, or their own lives."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from mock_population_db import divisions
from mock_population_db.cast.scene import Persona
from mock_population_db.citizen import Address, Citizen, CodeEpoch, Conversion, Household, Residence
from mock_population_db.partial_date import PartialDate

_REARRANGEMENT = date(2025, 7, 1)


def exists_by(persona: Persona, day: date) -> bool:
    """Whether everybody in it was born by a day, and whoever is dead in it had died."""
    return all(
        _exists_by(who, PartialDate(day.year, day.month, day.day)) for who in persona.citizens
    )


def on_day(persona: Persona, day: date) -> Persona:
    """The persona with the cards of that day and, before 2025-07-01, the addresses of that time."""
    citizens = tuple(_with_cards_of(who, day) for who in persona.citizens)
    if day >= _REARRANGEMENT:
        return replace(persona, citizens=citizens)
    return replace(
        persona,
        citizens=tuple(map(_citizen_before, citizens)),
        households=tuple(map(_household_before, persona.households)),
    )


def _exists_by(who: Citizen, day: PartialDate) -> bool:
    dates = (who.identity.birth_date, who.vital_date)
    return all(one is None or one <= day for one in dates)


def _with_cards_of(who: Citizen, day: date) -> Citizen:
    cards = tuple(card for card in who.documents if card.issued is None or card.issued <= day)
    return replace(who, documents=cards)


def _citizen_before(who: Citizen) -> Citizen:
    return replace(
        who,
        permanent_residence=_residence_before(who.permanent_residence),
        temporary_residence=_residence_before(who.temporary_residence),
        current_residence=_residence_before(who.current_residence),
    )


def _residence_before(residence: Residence | None) -> Residence | None:
    return residence and residence._replace(address=_address_before(residence.address))


def _household_before(home: Household) -> Household:
    return replace(home, address=_address_before(home.address))


def _address_before(address: Address) -> Address:
    """The address under the codes that it was written in."""
    former = address.former_commune_code or address.commune_code
    if address.conversion is Conversion.NATIVE:
        return address
    return divisions.address_in(former, CodeEpoch.LEGACY, detail=address.detail)
