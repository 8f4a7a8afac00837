"""Events that are taken in together come to what they come to one by one."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import count
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from mock_population_db.citizen import PersonName, Relation, Sex
from mock_population_db.events import (
    Annulment,
    Applied,
    Birth,
    CardIssue,
    CardLoss,
    Correction,
    Death,
    Departure,
    Divorce,
    Marriage,
    Renumbering,
    ResidenceRegistration,
    Submission,
    What,
)
from mock_population_db.partial_date import PartialDate
from mock_population_db.personas import PERSONAS, rows_of
from mock_population_db.store.sqlite import SqlitePopulation
from tests.support.register_file import make_register
from tests.support.registers import digest_of
from tests.support.reporter import BRIDE, CHILD, COMMUNE, FATHER, GROOM, MOTHER, Reporter

_COUNT = count()
PEOPLE = st.sampled_from([FATHER, MOTHER, CHILD, BRIDE, GROOM])
# of the events before it, and of one that there is not
EVENTS = st.integers(1, 12).map("BD-{:010d}".format)
NAMES = st.sampled_from(["Lan", "Tùng", "An"]).map(partial(PersonName, "Vũ", "Thị"))
BORN = date(2026, 2, 20)

HAPPENINGS: st.SearchStrategy[What] = st.one_of(
    st.builds(Correction, PEOPLE, name=NAMES),
    st.builds(Correction, PEOPLE, sex=st.sampled_from([Sex.MALE, Sex.FEMALE])),
    st.builds(Renumbering, PEOPLE, st.just("SEX_CORRECTED")),
    st.builds(Divorce, PEOPLE),
    st.builds(Marriage, PEOPLE, PEOPLE),
    st.builds(Death, PEOPLE, st.just(PartialDate(2026, 2))),
    st.builds(
        Birth,
        NAMES,
        st.just(BORN),
        st.just(Sex.FEMALE),
        st.just(COMMUNE),
        mother=PEOPLE,
        father=st.one_of(st.just(""), PEOPLE),
        not_a_duplicate=st.booleans(),
        pending=st.booleans(),
    ),
    st.builds(
        ResidenceRegistration,
        PEOPLE,
        temporary=st.just(value=False),
        member=PEOPLE,
        relation=st.just(Relation.OTHER_RELATIVE),
    ),
    st.builds(
        ResidenceRegistration, PEOPLE, temporary=st.just(value=False), commune=st.just(COMMUNE)
    ),
    st.builds(Departure, PEOPLE, temporary=st.booleans(), new_head=PEOPLE),
    st.builds(CardIssue, PEOPLE),
    st.builds(CardLoss, PEOPLE),
    st.builds(Annulment, EVENTS, st.just("wrong person")),
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register of the personas."""
    return make_register(tmp_path_factory.mktemp("groups") / "people.db", rows_of(PERSONAS))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    happenings=st.lists(HAPPENINGS, min_size=2, max_size=12),
    repeats=st.sets(st.integers(1, 11), max_size=2),
    size=st.integers(2, 12),
)
def test_a_group_is_its_events_one_by_one(
    template: Path, happenings: list[What], repeats: set[int], size: int
) -> None:
    """The same outcomes and the same rows, whatever events stand in one transaction."""
    reporter = Reporter()
    submissions = [reporter.reports(what) for what in happenings]
    for at in repeats & set(range(1, len(submissions))):  # the same request with another payload
        submissions[at] = replace(submissions[at], request_id=submissions[at - 1].request_id)
    alone = asyncio.run(_taken_in(template, submissions, 1))
    together = asyncio.run(_taken_in(template, submissions, size))
    assert together == alone


async def _taken_in(
    template: Path, submissions: Sequence[Submission], size: int
) -> tuple[list[object], str]:
    """What became of each, and a digest of the register afterwards."""
    path = Path(shutil.copy(template, template.with_name(f"{next(_COUNT)}.db")))
    outcomes: list[Applied | Exception] = []
    async with SqlitePopulation.open(path) as register:
        for start in range(0, len(submissions), size):
            outcomes += await register.apply_many(submissions[start : start + size])
    return [_told(one) for one in outcomes], digest_of(path)


def _told(outcome: Applied | Exception) -> object:
    return outcome if isinstance(outcome, Applied) else (type(outcome), vars(outcome))
