"""Residences as the register's columns hold them, and what is told of damage."""

from __future__ import annotations

from operator import attrgetter

import pytest

from mock_population_db.store.errors import PopulationUnavailable
from mock_population_db.stored import StoredResidence

SOUND = StoredResidence(7, 1, 20200101, 20260101, 4, 2, 1, None, "1 phố Thử")


@pytest.mark.parametrize(
    ("part", "damaged"),
    [
        ("address", SOUND._replace(epoch=77)),
        ("address", SOUND._replace(conversion=77)),
        ("address", SOUND._replace(commune=None)),  # type: ignore[arg-type]
        ("since", SOUND._replace(since_day=20230231)),
        ("until", SOUND._replace(until_day=20231301)),
        ("relation", SOUND._replace(relation_code=99)),
    ],
)
def test_damage_is_the_registers_failure(part: str, damaged: StoredResidence) -> None:
    """Only the part that is damaged fails, and not as a defect of whoever looks at it."""
    attrgetter(part)(SOUND)
    with pytest.raises(PopulationUnavailable, match="contradicts the register's schema"):
        attrgetter(part)(damaged)
    for other in {"address", "since", "until", "relation"} - {part}:
        attrgetter(other)(damaged)
