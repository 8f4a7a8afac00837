"""What one submitter reports: each step a pure function of the seed and of the answers so far."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from clients.sdk import Claim, HouseholdRelation, Paper, Sex, event_forms
from dancu.v1 import population_event_pb2 as pb
from tests.torture.people import Person

DAY = "2026-01-01"  # the register's
BORN = "2025-12-20"
_COMMUNES = ("26737", "25747", "00004")
_WORDS = ("Cải", "Chính", "Hộ", "Tịch", "Kiểm", "Thử", "Biến", "Động", "Dân", "Cư")
_SHARE_EXPECTING = 0.2  # of reports that say by which revision they were decided


class Effect(StrEnum):
    """What an event does to what others claim of a person."""

    NAME = "name"
    DEATH = "death"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Report:
    """One event on its way.

    Attributes:
        request_id: what it is known by.
        event: what is reported; None for an annulment.
        annuls: the event that is annulled; empty for a report.
        effect: on whom and how, if on anybody's claim: by the number in the cast.
        expected_revision: as in the contract.
    """

    request_id: str
    event: pb.PopulationEvent | None = None
    annuls: str = ""
    effect: tuple[str, Effect] | None = None
    expected_revision: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What the receipt of a report says."""

    event_id: str
    personal_id: str
    last_revision: int


@dataclass(slots=True)
class _Life:
    """A person as this submitter knows them now."""

    cast_as: str
    claim: Claim
    female: bool
    single: bool
    alive: bool = True
    revision: int = 0


class Story:
    """What is reported next, by what was answered before."""

    def __init__(self, seed: int, name: str, people: list[Person]) -> None:
        self._seed, self._name = seed, name
        self._lives = [_Life(one.number, one.claim, one.female, one.single) for one in people]
        self._unsettled: list[tuple[Claim, _Life]] = []  # children, and their mothers
        self._annullable: list[str] = []
        self._told: Callable[[Taken], None] = lambda _: None
        self.step = 0
        weighted = {
            self._correct: 28,
            self._bear: 20,
            self._settle: 14,
            self._bury: 8,
            self._marry: 8,
            self._move: 8,
            self._renumber: 5,
            self._annul: 5,
            self._lose_card: 4,
        }
        self._kinds, self._weights = tuple(weighted), tuple(weighted.values())

    def next(self) -> tuple[Report, random.Random]:
        """The next report, and the chance by which it is sent."""
        chance = random.Random(f"{self._seed} {self._name} {self.step}")  # noqa: S311 - no secret
        tell = chance.choices(self._kinds, self._weights)[0]
        self._told = lambda _: None
        return tell(f"{self._name}-{self.step}", chance), chance

    def tell(self, taken: Taken | None) -> None:
        """What became of it: its receipt, or None when it was refused."""
        if taken is not None:
            self._told(taken)
        self.step += 1

    def _correct(self, request_id: str, chance: random.Random) -> Report:
        one = self._anybody(chance)
        family = one.claim.full_name.split()[0]
        name = " ".join((family, *chance.sample(_WORDS, 3), f"{chance.choice('ABCDEGH')}ân"))
        event = event_forms.correction(_paper(request_id), person=one.claim, name=name)

        def told(taken: Taken) -> None:
            one.claim = replace(one.claim, full_name=name)
            one.revision = taken.last_revision

        return self._about(request_id, chance, one, event, told, Effect.NAME)

    def _bury(self, request_id: str, chance: random.Random) -> Report:
        one = self._anybody(chance)
        event = event_forms.death(_paper(request_id), person=one.claim, on=BORN, registered=DAY)

        def told(taken: Taken) -> None:
            one.alive, one.revision = False, taken.last_revision

        return self._about(request_id, chance, one, event, told, Effect.DEATH)

    def _renumber(self, request_id: str, chance: random.Random) -> Report:
        one = self._anybody(chance)
        what = pb.RenumberingEvent(person=one.claim.to_message(), reason="TORTURE")

        def told(taken: Taken) -> None:
            one.claim = replace(one.claim, personal_id=taken.personal_id)
            one.revision = taken.last_revision

        event = _dated(request_id, renumbering=what)
        return self._about(request_id, chance, one, event, told, Effect.NUMBER)

    def _marry(self, request_id: str, chance: random.Random) -> Report:
        wife = self._anybody(chance, lambda one: one.female and one.single)
        husband = self._anybody(chance, lambda one: not one.female and one.single)
        event = event_forms.marriage(_paper(request_id), wife=wife.claim, husband=husband.claim)

        def told(taken: Taken) -> None:
            wife.single = husband.single = False
            self._annullable.append(taken.event_id)

        self._told = told
        return Report(request_id, event)

    def _bear(self, request_id: str, chance: random.Random) -> Report:
        mother = self._anybody(chance, lambda one: one.female)
        name = " ".join(("Trần", *chance.sample(_WORDS, 2), f"{chance.choice('ABCDEGH')}inh"))
        event = event_forms.birth(
            _paper(request_id),
            name=name,
            birth_date=BORN,
            sex=chance.choice((Sex.FEMALE, Sex.MALE)),
            commune=chance.choice(_COMMUNES),
            mother=mother.claim,
            not_a_duplicate=True,
            registered=DAY,
        )

        def told(taken: Taken) -> None:
            child = Claim(personal_id=taken.personal_id, full_name=name, birth_date=BORN)
            self._unsettled.append((child, mother))
            self._annullable.append(taken.event_id)

        self._told = told
        return Report(request_id, event)

    def _settle(self, request_id: str, chance: random.Random) -> Report:
        if not self._unsettled:
            return self._bear(request_id, chance)
        child, mother = self._unsettled.pop(0)
        event = event_forms.joining(
            _paper(request_id),
            person=child,
            member=mother.claim,
            relation=HouseholdRelation.DAUGHTER,
            registered=DAY,
        )
        return Report(request_id, event)

    def _move(self, request_id: str, chance: random.Random) -> Report:
        one = self._anybody(chance)
        event = event_forms.founding(
            _paper(request_id),
            person=one.claim,
            commune=chance.choice(_COMMUNES),
            address=f"Số {chance.randrange(1, 999)} đường Thử",
            registered=DAY,
        )

        def told(taken: Taken) -> None:
            one.revision = taken.last_revision

        return self._about(request_id, chance, one, event, told)

    def _lose_card(self, request_id: str, chance: random.Random) -> Report:
        one = self._anybody(chance)
        event = _dated(request_id, card_loss=pb.CardLossEvent(person=one.claim.to_message()))
        self._told = lambda taken: self._annullable.append(taken.event_id)
        return Report(request_id, event)

    def _annul(self, request_id: str, chance: random.Random) -> Report:
        if not self._annullable:
            return self._move(request_id, chance)
        event_id = self._annullable.pop(chance.randrange(len(self._annullable)))
        return Report(request_id, annuls=event_id)

    def _about(
        self,
        request_id: str,
        chance: random.Random,
        one: _Life,
        event: pb.PopulationEvent,
        told: Callable[[Taken], None],
        effect: Effect | None = None,
    ) -> Report:
        self._told = told
        expected = one.revision if chance.random() < _SHARE_EXPECTING else 0
        return Report(
            request_id,
            event,
            effect=(one.cast_as, effect) if effect else None,
            expected_revision=expected,
        )

    def _anybody(
        self, chance: random.Random, fitting: Callable[[_Life], bool] = lambda _: True
    ) -> _Life:
        """Somebody who lives and fits, if there is anybody."""
        alive = [one for one in self._lives if one.alive] or self._lives
        return chance.choice([one for one in alive if fitting(one)] or alive)


def other_payload(event: pb.PopulationEvent) -> pb.PopulationEvent:
    """The same event, resting on another document: what must not pass under the same id."""
    other = pb.PopulationEvent()
    other.CopyFrom(event)
    other.document.number += "-B"
    return other


def paper_of(request_id: str) -> pb.LegalDocument:
    """The document that a request rests on."""
    return _paper(request_id).to_message()


def _paper(request_id: str) -> Paper:
    return Paper(number=request_id, issued=DAY, authority="UBND phường Thử Nghiệm")


def _dated(request_id: str, **what: object) -> pb.PopulationEvent:
    day = _paper(request_id).to_message().issued_date
    return pb.PopulationEvent(
        document=_paper(request_id).to_message(),
        effective_date=day,
        registered_date=day,
        **what,  # type: ignore[arg-type]
    )
