"""The model checker of the crash test knows what must become of each chunk and row."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from clients.receipts.chain import signed_digest
from clients.receipts.envelope import parse_envelope
from dancu.v1 import statement_pb2
from tests.torture.model import Chunk
from tests.torture.people import Cast, Person
from tests.torture.rows import Plant, Row, file_of
from tests.torture.story import Effect
from tests.torture.verdicts import Effects, check_chunks, verdict_of
from tests.unit.client_signing import pack


def person(number: str, name: str, *, female: bool) -> Person:
    """Somebody of the cast."""
    return Person(number, name, "1990-05-12", female, adult=True, single=True)


CAST = Cast(
    [person(f"00109{at:07d}", f"Lê Văn {chr(65 + at)}", female=False) for at in range(20)],
    {"s": [person("002190000001", "Trần Thị Lan", female=True)]},
)
SESSION = "reconciler-0-0"
FILE = file_of(1, SESSION, CAST)
REVISION = 9
EFFECTS: Effects = {"002190000001": {Effect.DEATH: 5, Effect.NAME: 20}}


def receipt(number: int, before: bytes) -> bytes:
    """A statement about a chunk, as far as the checker reads it."""
    stated = statement_pb2.ReconciledChunk(
        session_id=SESSION, chunk_number=number, previous_digest=before
    )
    stated.header.register_revision = REVISION
    signed = statement_pb2.SignedStatement(statement=pack(stated))
    signed.signatures.add(key_id="k", signature=b"s")
    return signed.SerializeToString(deterministic=True)


def answers() -> list[Chunk]:
    """Every chunk of the file, answered as it should be."""
    found, before = [], bytes(32)
    for number, rows in enumerate(FILE):
        raw = receipt(number, before)
        before = signed_digest(parse_envelope(raw).payload)
        verdicts = [verdict_of(row, EFFECTS.get(row.about, {}), REVISION) for row in rows]
        response = hashlib.sha256(raw).hexdigest()
        found.append(Chunk(SESSION, number, response, raw, verdicts))
    return found


def findings(chunks: Sequence[Chunk], closed: int = len(FILE)) -> list[str]:
    """What is wrong with these answers."""
    return list(check_chunks(chunks, {SESSION: closed}, lambda _: FILE, EFFECTS))


def test_true_answers() -> None:
    """Nothing is found, also where a chunk was fetched again."""
    chunks = answers()
    assert findings([*chunks, *chunks[:2]]) == []
    assert {row.plant for rows in FILE for row in rows} >= set(Plant) - {Plant.AGAIN}


def rewrite(chunks: list[Chunk]) -> None:
    """A chunk was answered with other bytes when it was sent again."""
    chunks.append(replace(chunks[1], response="other"))


def lose(chunks: list[Chunk]) -> None:
    """A chunk was never answered."""
    del chunks[1]


def unchain(chunks: list[Chunk]) -> None:
    """A chunk follows none."""
    chunks[2] = replace(chunks[2], receipt=receipt(2, b"x" * 32))


def shorten(chunks: list[Chunk]) -> None:
    """A row has no verdict."""
    chunks[0] = replace(chunks[0], verdicts=chunks[0].verdicts[1:])


@pytest.mark.parametrize(
    ("plant", "finding"),
    [
        (rewrite, "other bytes again"),
        (lose, "has answers [0, 2"),
        (unchain, "/2 does not follow the one before"),
        (shorten, f"{len(FILE[0]) - 1} of {len(FILE[0])} rows"),
    ],
)
def test_wrong_chunks(plant: Callable[[list[Chunk]], None], finding: str) -> None:
    """Other bytes, gaps, broken chains and missing rows are found."""
    chunks = answers()
    plant(chunks)
    assert any(finding in found for found in findings(chunks))


@pytest.mark.parametrize("plant", [one for one in Plant if one is not Plant.AGAIN])
def test_a_wrong_verdict(plant: Plant) -> None:
    """One row of each kind with another verdict is found, and only that."""
    chunks = answers()
    place = next(
        (number, at)
        for number, rows in enumerate(FILE)
        for at, row in enumerate(rows)
        if row.plant is plant
    )
    number, at = place
    verdicts = list(chunks[number].verdicts)
    verdicts[at] = ("AMBIGUOUS", frozenset(), ())
    chunks[number] = replace(chunks[number], verdicts=verdicts)
    (found,) = findings(chunks)
    assert f"({plant}, at {REVISION}) is AMBIGUOUS" in found


def lively(revision: int) -> tuple[str, frozenset[str]]:
    """What becomes of a row about somebody who dies at 5, and has another name from 20 on."""
    row = next(row for rows in FILE for row in rows if row.plant is Plant.LIVELY)
    verdict, flags, _ = verdict_of(replace(row, seen=False), EFFECTS[row.about], revision)
    return verdict, flags


def test_a_verdict_is_of_its_revision() -> None:
    """What befell a person counts from its revision on."""
    assert lively(4) == ("MATCHED", frozenset())
    assert lively(5) == ("MATCHED", frozenset({"DECEASED"}))
    assert lively(20) == ("NOT_VERIFIED", frozenset())


def test_a_file_is_a_function_of_its_seed() -> None:
    """The same seed makes the same rows, another one others."""
    assert file_of(1, SESSION, CAST) == FILE
    assert file_of(2, SESSION, CAST) != FILE
    rows: list[Row] = [row for chunk in FILE for row in chunk]
    assert [row.record.row_key for row in rows] == [str(at) for at in range(len(rows))]
