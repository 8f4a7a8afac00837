"""Every persona through the real server: the answer, what comes with it, and to whom."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio

from clients.sdk import (
    DateLevel,
    Explanation,
    IdentifierKind,
    ItemAnswer,
    NameLevel,
    Notice,
    Outcome,
    Persona,
    PersonStatus,
    list_personas,
)
from mock_population_db import personas
from tests.rpc.gateways import Running, copy_of, serving

CAST = personas.personas_for(date(2026, 1, 1)).personas
VERIFIED = [one for one in CAST if one.expect == "VERIFIED"]
REFUSED = [one for one in CAST if one.expect == "NOT_VERIFIED"]

_OLD = IdentifierKind.OLD_ID_NUMBER
_INCOMPLETE = (Notice.BIRTH_DATE_INCOMPLETE,)

# what is peculiar about a persona; whoever is not here is ordinary
STATUS = {
    "newborn-number-pending": PersonStatus.NUMBER_PENDING,
    "dead": PersonStatus.DEAD,
    "declared-missing": PersonStatus.DECLARED_MISSING,
    "declared-dead": PersonStatus.DECLARED_DEAD,
}
NOTICES = {
    "birth-year-only": _INCOMPLETE,
    "birth-year-only-as-1-january": _INCOMPLETE,
    "birth-month-only": _INCOMPLETE,
    "birth-month-only-as-first-day": _INCOMPLETE,
    "whole-name-in-one-field": (Notice.NAME_IN_ONE_FIELD,),
    "sex-corrected-number-pending": (Notice.NUMBER_UNDER_CORRECTION,),
    "death-annulled": (Notice.DEATH_RECORD_ANNULLED,),
}
IDENTIFIER = dict.fromkeys(
    ("old-number-only", "shared-old-number", "shared-old-number-other"), _OLD
)
LEVELS = {
    "name-without-marks": (NameLevel.UNMARKED, DateLevel.EXACT),
    "name-without-marks-and-blanks": (NameLevel.COMPACT, DateLevel.EXACT),
    "tone-on-another-vowel": (NameLevel.SPELLING, DateLevel.EXACT),
    "d-look-alike": (NameLevel.SPELLING, DateLevel.EXACT),
    "birth-year-only-as-1-january": (NameLevel.EXACT, DateLevel.CONVENTION),
    "birth-month-only-as-first-day": (NameLevel.EXACT, DateLevel.CONVENTION),
}
WHY = {
    "name-partly-marked": (NameLevel.MISMATCH, DateLevel.EXACT),
    "middle-name-missing": (NameLevel.PARTIAL, DateLevel.EXACT),
    "wrong-birth-date": (NameLevel.EXACT, DateLevel.MISMATCH),
    "birth-year-for-a-full-date": (NameLevel.EXACT, DateLevel.LESS_PRECISE),
    "numbers-of-two-people": (NameLevel.EXACT, DateLevel.EXACT),
    "unknown-number": Explanation.NUMBER_UNKNOWN,
    "twin-mixed-up": (NameLevel.MISMATCH, DateLevel.EXACT),
    "birth-year-only-with-a-month": (NameLevel.EXACT, DateLevel.MISMATCH),
    "genuine-1-january-cut-to-the-year": (NameLevel.EXACT, DateLevel.LESS_PRECISE),
    "birth-date-missing": (NameLevel.EXACT, DateLevel.NO_DATA),
    "d-look-alike-lost": (NameLevel.MISMATCH, DateLevel.EXACT),
    "sex-corrected-former-number": Explanation.NUMBER_CANCELLED,
    "number-chain-first": Explanation.NUMBER_CANCELLED,
    "number-chain-second": Explanation.NUMBER_CANCELLED,
    "cancelled-number": Explanation.NUMBER_CANCELLED,
    "ambiguous-old-number": Explanation.AMBIGUOUS,
}


Answers = dict[str, ItemAnswer]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def answers(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """What a plain caller is answered, by slug."""
    return await _ask_all(copy_of(built, tmp_path_factory.mktemp("plain") / "data"), "plain")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def explained(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """What a caller with the explain grant is answered, by slug."""
    return await _ask_all(copy_of(built, tmp_path_factory.mktemp("explain") / "data"), "explain")


@pytest.mark.parametrize("persona", CAST, ids=lambda one: one.slug)
def test_each_persona_is_answered_as_documented(
    answers: Answers, explained: Answers, persona: personas.Persona
) -> None:
    """A claim of exactly a persona's values is answered as the persona says, to anybody."""
    for told in (answers, explained):
        assert told[persona.slug].outcome is Outcome[persona.expect]
        assert asdict(told[persona.slug].claim) == asdict(persona.claim)


@pytest.mark.parametrize("persona", VERIFIED, ids=lambda one: one.slug)
def test_what_comes_with_verified(answers: Answers, persona: personas.Persona) -> None:
    """With VERIFIED come the number used, the person's status, notices and levels."""
    answer, slug = answers[persona.slug], persona.slug
    assert answer.person is not None
    assert answer.person.identifier_used is IDENTIFIER.get(slug, IdentifierKind.PERSONAL_ID)
    assert answer.person.status is STATUS.get(slug, PersonStatus.ALIVE)
    assert answer.person.notices == NOTICES.get(slug, ())
    assert _levels(answer) == LEVELS.get(slug, (NameLevel.EXACT, DateLevel.EXACT))
    assert answer.explanation is None


@pytest.mark.parametrize("persona", REFUSED, ids=lambda one: one.slug)
def test_a_plain_caller_is_not_told_why(answers: Answers, persona: personas.Persona) -> None:
    """Without the explain grant, NOT_VERIFIED comes alone."""
    answer = answers[persona.slug]
    assert (answer.person, answer.levels, answer.explanation) == (None, None, None)


@pytest.mark.parametrize("slug", WHY)
def test_an_explaining_caller_is_told_why(explained: Answers, slug: str) -> None:
    """With the explain grant, NOT_VERIFIED names the reason, and levels where data disagree."""
    answer = explained[slug]
    assert answer.person is None
    if answer.explanation is Explanation.DATA_MISMATCH:
        assert _levels(answer) == WHY[slug]
    else:
        assert answer.explanation is WHY[slug]
        assert answer.levels is None


def test_every_refusal_is_explained() -> None:
    """No persona that is not verified is left out above."""
    assert set(WHY) == {one.slug for one in REFUSED}


async def test_the_cast_is_listed_on_the_control_port(running: Running) -> None:
    """ListPersonas tells each persona with its claim and expectation."""
    listed = await list_personas(running.control)
    assert [_listed(one) for one in listed] == [personas.to_json(one) for one in CAST]


async def _ask_all(data_dir: Path, caller: str) -> Answers:
    async with serving(data_dir, caller) as ready, ready.connect(audience=caller) as sdk:
        return {one.slug: await sdk.verify_identity(**asdict(one.claim)) for one in CAST}


def _levels(answer: ItemAnswer) -> tuple[NameLevel, DateLevel]:
    assert answer.levels is not None
    return (answer.levels.full_name, answer.levels.birth_date)


def _listed(persona: Persona) -> dict[str, str]:
    return asdict(persona) | {"expect": persona.expect.name}
