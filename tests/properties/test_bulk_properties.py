"""Laws of the short ways that bulk calls take: they come to what the long ways come to."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from dancu.v1 import statement_pb2
from gateway.core import items, statement
from gateway.core.errors import Violation
from gateway.core.matching import DateLevel, NameLevel, match_birth_date, match_name, match_person
from gateway.core.model import (
    Claim,
    Decision,
    Explanation,
    IdentifierKind,
    Levels,
    Notice,
    Outcome,
    Person,
    Status,
)
from gateway.core.names import prepare, same_letters, spell, spelled_alike
from gateway.core.validation import check_claim, is_usual
from mock_population_db.partial_date import PartialDate

# vowels and tones above all: where two tones are near each other, places begin to matter
LETTERS = [*"aâeoôơuưyi", *"bdđðɖn", *" -'", "\u0300", "\u0301", "\u0323", "\u0302", "ñ", "名"]
spelt = st.lists(st.sampled_from(LETTERS), max_size=8).map("".join)
written = spelt.map(lambda text: unicodedata.normalize("NFC", text))
years = st.sampled_from([0, 1, 127, 128, 1948, 2000, 9999, 16384])
dates = st.builds(PartialDate, years, st.integers(0, 13), st.integers(0, 32))
numbers = st.sampled_from(["", "001190000012", "00119000001", "00119000001a"])
old_numbers = st.sampled_from(["", "012345678"])
claims = st.builds(Claim, numbers, old_numbers, st.text(max_size=140), dates)
people = st.builds(
    Person,
    st.sampled_from(IdentifierKind),
    st.sampled_from(Status),
    st.lists(st.sampled_from(Notice), max_size=2).map(tuple),
)
levels = st.builds(Levels, st.sampled_from(NameLevel), st.sampled_from(DateLevel))
decisions = st.builds(
    Decision,
    st.sampled_from(Outcome),
    numbers,
    st.none() | people,
    st.none() | levels,
    st.none() | st.sampled_from(Explanation),
)


@given(st.integers(0, 1000), claims.filter(lambda claim: any(claim.birth_date)), decisions)
def test_an_item_is_the_bytes_that_the_library_writes(
    index: int, claim: Claim, decision: Decision
) -> None:
    """Put together by hand, and the same to the last byte."""
    message = statement_pb2.ItemVerification(index=index)
    statement.write_claim(message.claim, claim)
    statement.write_verdict(message, decision)
    said = message.claim.SerializeToString()
    assert items.item(index, said, decision) == message.SerializeToString(deterministic=True)


@given(written, written)
def test_names_are_spelled_alike_when_their_spellings_are_equal(one: str, other: str) -> None:
    """Letters and tones told apart say the same as the spelled text."""
    one, other = prepare(one), prepare(other)
    assert spelled_alike(one, other) == (spell(one) == spell(other))


@given(
    name=written,
    birth=dates,
    other=st.none() | written,
    born=st.none() | dates,
    fits=st.booleans(),
)
def test_a_person_is_matched_by_the_name_and_the_date(
    *, name: str, birth: PartialDate, other: str | None, born: PartialDate | None, fits: bool
) -> None:
    """The levels are those of both rules, and no claim agrees that does not by both."""
    stored = name.swapcase() if other is None else other
    found, agrees = match_person(name, birth, stored, born, fits=fits, partly=True)
    assert found == (match_name(name, stored), match_birth_date(birth, born))
    assert agrees == (fits and all(level.verifies for level in found))
    (level, _), as_much = match_person(name, birth, stored, born, fits=fits)
    assert as_much == agrees
    assert level is found[0] or (level, found[0]) == (NameLevel.MISMATCH, NameLevel.PARTIAL)


@given(written, written)
def test_names_of_the_same_letters_are_one_name(one: str, other: str) -> None:
    """And there is something to see of it."""
    for text in (other, one.upper(), one.title()):
        if same_letters(one, text):
            assert prepare(one) == prepare(text) != ""


@given(claims)
def test_a_usual_claim_has_no_mistake(claim: Claim) -> None:
    """What is not checked would pass."""
    found: list[Violation] = []
    check_claim(claim, "claim", found)
    assert not (found and is_usual(claim))


def test_most_claims_are_usual() -> None:
    """The short way is taken by whoever gives number, name and a whole date, or the year."""
    claim = Claim("001190000012", "", "Nguyễn Thị Ánh", PartialDate(1990, 1, 2))
    assert is_usual(claim)
    assert is_usual(claim._replace(birth_date=PartialDate(1948)))
