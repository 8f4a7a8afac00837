"""The two halves of a build: chunks of households to disk, then ranges of numbers to rows.

Chunks hold households, the register is sorted by number; in between every citizen is
regrouped. Both halves run in any process and in any order; memory is that of one piece.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from mock_population_db.citizen import CodeEpoch
from mock_population_db.generate import render
from mock_population_db.generate.chunk import make_chunk
from mock_population_db.generate.places import is_reformed
from mock_population_db.generate.records import (
    HOUSEHOLD,
    PERSON,
    STEP,
    Chunk,
    Plan,
    Records,
    in_bytes,
    sorted_by,
)
from mock_population_db.generate.rng import Ints
from mock_population_db.generate.workspace import put
from mock_population_db.store.rows import Row

PREFIXES = 100_000  # six-digit number prefixes end below 100000: provinces 001-099
_SERIALS = 1_000_000
_PARTS = ("people", "households", "steps")


@dataclass(frozen=True, slots=True)
class Spilled:
    """What is known of a chunk once it lies on disk."""

    people: int
    households: int
    digest: bytes  # SHA-256 of its records


def spill_chunk(plan: Plan, folder: Path, chunk: int) -> tuple[Spilled, Ints]:
    """See that a chunk's people, households and steps lie in ``folder``.

    What a build that was killed left there is taken when its digest is right. Also returns
    how many people have each six-digit prefix.
    """
    digest = folder / f"digest-{chunk}"
    data = _left(folder, chunk)
    found = digest_of(data)
    if not digest.exists() or digest.read_bytes() != found:
        data = data_of(make_chunk(plan, chunk))
        found = digest_of(data)
        for name, content in data.items():
            put(folder / f"{name}-{chunk}", content)
        put(digest, found)
    ids = np.frombuffer(data["people"], dtype=PERSON)["id"]
    households = len(data["households"]) // HOUSEHOLD.itemsize
    return Spilled(len(ids), households, found), np.bincount(ids // _SERIALS, minlength=PREFIXES)


def _left(folder: Path, chunk: int) -> dict[str, bytes]:
    """What lies there of a chunk: all of its files, or nothing."""
    files = {name: folder / f"{name}-{chunk}" for name in _PARTS}
    if not all(file.exists() for file in files.values()):
        return {}
    return {name: file.read_bytes() for name, file in files.items()}


def data_of(made: Chunk) -> dict[str, bytes]:
    """A chunk as it is written: people, households, steps."""
    return {name: getattr(made, name).tobytes() for name in _PARTS}


def digest_of(data: dict[str, bytes]) -> bytes:
    """SHA-256 of a chunk's files."""
    total = hashlib.sha256()
    for content in data.values():
        total.update(content)
    return total.digest()


def cut(per_prefix: Ints, rows: int) -> list[tuple[int, int]]:
    """Ranges of prefixes, in order, that hold about ``rows`` people each."""
    upto = np.cumsum(per_prefix)
    pieces = max(1, round(int(upto[-1]) / rows))
    marks = np.searchsorted(upto, np.arange(1, pieces) * (int(upto[-1]) / pieces)) + 1
    bounds = [0, *sorted(set(marks.tolist())), PREFIXES]
    return [(low, high) for low, high in pairwise(bounds) if low < high]


def people_between(folder: Path, chunks: int, low: int, high: int) -> Records:
    """The people of all chunks whose prefix is in ``[low, high)``, sorted by number."""
    parts = [in_bytes(np.empty(0, dtype=PERSON))]
    for chunk in range(chunks):
        path = folder / f"people-{chunk}"
        if not path.stat().st_size:
            continue
        people = np.memmap(path, dtype=PERSON, mode="r")
        start = bisect_left(people["id"], low * _SERIALS)
        end = bisect_left(people["id"], high * _SERIALS)
        parts.append(np.array(in_bytes(people[start:end])))
    return sorted_by("id", np.concatenate(parts).view(PERSON))


def citizens_between(
    plan: Plan, folder: Path, prefixes: tuple[int, int]
) -> tuple[list[Row], list[Row]]:
    """Rows of the citizens with these prefixes, sorted by number, and of their stays."""
    people = people_between(folder, plan.chunks, *prefixes)
    return render.citizens(people), render.stays(people, epoch_of(plan))


def epoch_of(plan: Plan) -> CodeEpoch:
    """The epoch of the commune codes of the population's day."""
    return CodeEpoch.Y2025 if is_reformed(plan.as_of) else CodeEpoch.LEGACY


def all_steps(folder: Path, chunks: int) -> Records:
    """The cancelled numbers of all chunks, sorted."""
    parts = [np.fromfile(folder / f"steps-{chunk}", dtype=STEP) for chunk in range(chunks)]
    return sorted_by("former", np.concatenate([np.empty(0, dtype=STEP), *parts]))
