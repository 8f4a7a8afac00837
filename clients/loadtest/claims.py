"""Claims as systems make them: mostly right, some wrong, and names in every spelling."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

from google.type.date_pb2 import Date

from clients.loadtest.people import Person
from clients.loadtest.scenario import Kind, Spelling
from clients.sdk.requests import partial_date
from dancu.v1.citizen_pb2 import CitizenClaim

_T = TypeVar("_T")
_BARRED = str.maketrans("Đ\u00d0\u0189đ\u00f0\u0256", "DDDddd")
"""Đ and what is typed for it: eth and African D look alike, and registers hold them."""

_RANDOM_DIGITS = 6  # the end of a number


def unmarked(name: str) -> str:
    """A name without its marks; đ, which Unicode does not take apart, becomes d."""
    apart = unicodedata.normalize("NFD", name.translate(_BARRED))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


_SPELL: dict[Spelling, Callable[[str], str]] = {
    Spelling.REGISTERED: lambda name: unicodedata.normalize("NFC", name),
    Spelling.DECOMPOSED: lambda name: unicodedata.normalize("NFD", name),
    Spelling.UPPER: str.upper,
    Spelling.UNMARKED: unmarked,
    Spelling.JOINED: lambda name: unmarked(name).replace(" ", "").upper(),
}


def spell(name: str, how: Spelling) -> str:
    """A name in one of the spellings."""
    return _SPELL[how](name)


class Draw(Generic[_T]):
    """Draws among things by their shares."""

    def __init__(self, shares: Mapping[_T, float] | Sequence[tuple[_T, float]]) -> None:
        pairs = list(shares.items()) if isinstance(shares, Mapping) else list(shares)
        self.things = [thing for thing, _ in pairs]
        self._up_to = list(accumulate(share for _, share in pairs))

    def one(self, chance: random.Random) -> _T:
        """The next one."""
        return chance.choices(self.things, cum_weights=self._up_to)[0]


class Claims:
    """An endless supply of claims about some people.

    Args:
        people: Two at least, so that there is another name.
        kinds, spellings: Relative shares.
        chance: Where the draws come from.
    """

    def __init__(
        self,
        people: Sequence[Person],
        kinds: Mapping[Kind, float],
        spellings: Mapping[Spelling, float],
        chance: random.Random,
    ) -> None:
        self._people = people
        self._with_old_number = [each for each in people if each.old_id_number]
        self._taken = {each.personal_id for each in people}
        self._kinds = Draw(kinds)
        self._spellings = Draw(spellings)
        self._chance = chance

    def one(self) -> tuple[Kind, CitizenClaim]:
        """A claim, and what kind of one it is."""
        kind = self._kinds.one(self._chance)
        if kind is Kind.OLD_NUMBER and not self._with_old_number:
            kind = Kind.KNOWN  # a register without old cards
        among = self._with_old_number if kind is Kind.OLD_NUMBER else self._people
        return kind, self._claim(kind, self._chance.choice(among))

    def _claim(self, kind: Kind, person: Person) -> CitizenClaim:
        name = self._other_name(person) if kind is Kind.WRONG_NAME else person.full_name
        number = person.personal_id
        if kind is Kind.UNKNOWN_NUMBER:
            number = self._unknown_number(number)
        old = kind is Kind.OLD_NUMBER
        return CitizenClaim(
            personal_id="" if old else number,
            old_id_number=person.old_id_number if old else "",
            full_name=spell(name, self._spellings.one(self._chance)),
            birth_date=_birth_date(person, wrong=kind is Kind.WRONG_BIRTH_DATE),
        )

    def _other_name(self, person: Person) -> str:
        """Somebody else's; with the draw of a namesake one that is at least longer."""
        name = self._chance.choice(self._people).full_name
        same = unmarked(name) == unmarked(person.full_name)
        return f"{name} Khác" if same else name

    def _unknown_number(self, number: str) -> str:
        """One that none of these people has; the register may know it, with another name to it."""
        while number in self._taken:
            end = self._chance.randrange(10**_RANDOM_DIGITS)
            number = f"{number[:-_RANDOM_DIGITS]}{end:0{_RANDOM_DIGITS}d}"
        return number


def _birth_date(person: Person, *, wrong: bool) -> Date:
    date = partial_date(person.birth_date)
    if wrong:
        date.year -= 1
        date.day = min(date.day, 28)  # whatever February was like
    return date
