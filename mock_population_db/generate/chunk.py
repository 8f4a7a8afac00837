"""One chunk of the population: people, households and former numbers, as records."""

from __future__ import annotations

import numpy as np

from mock_population_db.citizen import NumberStatus, ResidenceKind, VitalStatus
from mock_population_db.generate import defects, lineage, numbers, stays
from mock_population_db.generate.dates import YEAR_DAYS, day_number, pack
from mock_population_db.generate.documents import write_documents
from mock_population_db.generate.frame import Frame, Role
from mock_population_db.generate.households import make_frame
from mock_population_db.generate.places import (
    Homes,
    choose_homes,
    commune_code_of_day,
    number_place,
    write_address,
)
from mock_population_db.generate.records import (
    HOUSEHOLD,
    PERSON,
    REASONS,
    STEP,
    Chunk,
    Plan,
    Records,
    sorted_by,
)
from mock_population_db.generate.relations import marital_statuses, relations
from mock_population_db.generate.rng import Choice, Draws, Ints
from mock_population_db.generate.tables import Tables, load

FIRST_HOUSEHOLD = 1_000  # ids below belong to personas
_HA_NOI, _HO_CHI_MINH_CITY = 1, 79  # where numbers that named the wrong place are from
_BLOOD = Choice([range(5)], [[0.70, 0.06, 0.09, 0.02, 0.13]])
_REASON = Choice([range(len(REASONS))], [[0.15, 0.35, 0.35, 0.15]])


def make_chunk(plan: Plan, chunk: int) -> Chunk:
    """Make chunk number ``chunk``: a pure function of the plan and that number."""
    tables, draws = load(), Draws(plan.seed, chunk)
    frame = make_frame(draws, tables, plan.chunk_size(chunk))
    homes = choose_homes(draws, tables, len(frame.sizes))
    born = day_number(plan.as_of) - (frame.age * YEAR_DAYS).astype(np.int64)
    people = np.zeros(len(born), dtype=PERSON)
    people["birth"] = pack(born)
    place = _write_person(draws, tables, plan, frame, homes, people, born)
    households = _write_homes(draws, tables, plan, frame, homes, people, chunk)
    age = (int(plan.as_of.strftime("%Y%m%d")) - people["birth"].astype(np.int64)) // 10000
    steps = _write_numbers(draws, plan, frame, people, place, chunk)
    write_documents(draws, plan, people, born, age)
    households["head"] = people["id"][households["head"]]
    heads = people["relation"] == 1
    heads &= (frame.sizes[frame.home] > 1) | (people["stay_relation"] == 1)
    defects.spoil(draws, plan, people, heads | (people["stay_relation"] == 1), age)
    _vacate(people, households)
    return Chunk(sorted_by("id", people), households, sorted_by("former", steps))


def _write_person(
    draws: Draws,
    tables: Tables,
    plan: Plan,
    frame: Frame,
    homes: Homes,
    people: Records,
    born: Ints,
) -> Ints:
    """Fill what does not depend on the household's number; return the numbers' places."""
    count = len(people)
    ethnic = lineage.ethnic_groups(draws, tables, frame, homes)
    origins = lineage.origins(draws, tables, frame, homes, ethnic)
    year = people["birth"].astype(np.int64) // 10000
    names = lineage.family_names(draws, frame, homes, ethnic, year)
    for column in ("family", "second", "middle", "given"):
        people[column] = getattr(names, column)
    people["sex"], people["ethnic"] = frame.sex, ethnic
    people["religion"] = tables.religion.pick(draws.raw("religion", len(frame.sizes)))[frame.home]
    people["blood"] = _BLOOD.pick(draws.raw("blood", count))
    people["marital"] = marital_statuses(draws, frame)
    people["birth_commune"] = commune_code_of_day(tables, origins.born, born)
    people["registered_commune"] = commune_code_of_day(tables, origins.registered, born)
    people["native_commune"] = origins.native
    people["vital"], people["number_status"] = VitalStatus.ALIVE, NumberStatus.ACTIVE
    return number_place(plan, tables, origins.province, born)


def _write_homes(
    draws: Draws,
    tables: Tables,
    plan: Plan,
    frame: Frame,
    homes: Homes,
    people: Records,
    chunk: int,
) -> Records:
    """Fill the residence columns; return permanent and temporary households.

    A chunk of n people owns 2n household ids: it can need no more.
    """
    largest = plan.chunk_size(0)
    first_id = FIRST_HOUSEHOLD + 2 * largest * chunk
    permanent = np.zeros(len(frame.sizes), dtype=HOUSEHOLD)
    permanent["id"] = first_id + np.arange(len(permanent))
    permanent["kind"], permanent["head"] = ResidenceKind.PERMANENT, frame.head
    write_address(draws, tables, plan, homes, permanent)
    people["household"] = permanent["id"][frame.home]
    people["relation"] = relations(frame)
    people["resident_since"] = _resident_since(draws, plan, frame, people)
    temporary = stays.write_stays(draws, tables, plan, frame, people, first_id + largest)
    stays.write_current(draws, tables, plan, people)
    return np.concatenate([permanent, temporary])


def _resident_since(draws: Draws, plan: Plan, frame: Frame, people: Records) -> Ints:
    """Since the household moved in, or since birth or marriage."""
    moved = draws.below("moved in", len(frame.sizes), 45 * 365)[frame.home]
    married = frame.age - 18 - 12 * draws.unit("married at", len(people))
    since = np.where(frame.role == Role.WIFE, (np.maximum(married, 0) * YEAR_DAYS), moved)
    day = day_number(plan.as_of) - np.minimum(moved, since.astype(np.int64))
    result: Ints = np.maximum(pack(day), people["birth"])
    return result


def _write_numbers(
    draws: Draws, plan: Plan, frame: Frame, people: Records, place: Ints, chunk: int
) -> Records:
    """Issue numbers, write the links that consist of them; return the cancelled ones."""
    count, year = len(people), people["birth"].astype(np.int64) // 10000
    flip = draws.chance("number disagrees", count, plan.shares.number_disagrees)
    prefix = numbers.prefix_of(place, year, np.where(flip, 3 - frame.sex, frame.sex))
    again = np.flatnonzero(draws.chance("renumbered", count, plan.shares.renumbered))
    twice = again[draws.chance("renumbered twice", len(again), plan.shares.renumbered_twice)]
    renumbered = np.concatenate([again, twice])
    reason = _REASON.pick(draws.raw("reason", len(renumbered)))
    former = _former_prefix(plan, frame, place, year, renumbered, reason)
    issued = numbers.issue(plan.seed, np.concatenate([prefix, former]), chunk, plan.chunks)
    people["id"] = issued[:count]
    for column, links in (("father", frame.father), ("mother", frame.mother)):
        people[column] = np.where(links >= 0, people["id"][links], 0)
    people["spouse"] = np.where(frame.spouse >= 0, people["id"][frame.spouse], 0)
    _write_old_numbers(draws, plan, people, year, chunk)
    return _steps(draws, plan, people["id"], issued[count:], again, twice, reason)


def _former_prefix(
    plan: Plan, frame: Frame, place: Ints, year: Ints, who: Ints, reason: Ints
) -> Ints:
    """What the cancelled number said: the other sex, a neighbouring year, another place."""
    sex = np.where(reason == REASONS.index("SEX_CORRECTED"), 3 - frame.sex[who], frame.sex[who])
    wrong_year = np.maximum(year[who] - 1, 1900)
    year = np.where(reason == REASONS.index("BIRTH_YEAR_CORRECTED"), wrong_year, year[who])
    elsewhere = np.where(place[who] == _HO_CHI_MINH_CITY, _HA_NOI, _HO_CHI_MINH_CITY)
    other = 97 + (place[who] - 96) % 3 if plan.reserved_ids else elsewhere
    place = np.where(reason == REASONS.index("PLACE_CORRECTED"), other, place[who])
    return numbers.prefix_of(place, year, sex)


def _steps(
    draws: Draws, plan: Plan, ids: Ints, former: Ints, again: Ints, twice: Ints, reason: Ints
) -> Records:
    """First former number to second, if there is one, to the present one."""
    steps = np.zeros(len(former), dtype=STEP)
    steps["former"], steps["reason"] = former, reason
    steps["successor"][: len(again)] = ids[again]
    steps["successor"][len(again) :] = former[np.searchsorted(again, twice)]
    days = defects.renumbering_days(draws, plan, len(former))
    first = np.searchsorted(again, twice)
    earlier = np.minimum(days[len(again) :], days[first])
    days[first] = np.maximum(days[len(again) :], days[first])
    days[len(again) :] = earlier
    steps["on_date"] = days
    return steps


def _write_old_numbers(draws: Draws, plan: Plan, people: Records, year: Ints, chunk: int) -> None:
    owners = np.flatnonzero(defects.old_number_owners(draws, year))
    people["old_id"][owners] = numbers.issue_old(plan.seed, len(owners), chunk, plan.chunks)
    defects.share_old_numbers(draws, plan, people)


def _vacate(people: Records, households: Records) -> None:
    """Where the only resident is dead, nobody is the head."""
    dead = np.isin(people["vital"], (VitalStatus.DEAD, VitalStatus.DECLARED_DEAD))
    gone = dead & (people["relation"] == 1)
    households["head"][np.isin(households["id"], people["household"][gone])] = 0
