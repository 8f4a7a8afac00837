"""Records for the SDK's Reconciler, three a chunk, and what must become of them."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable

from clients.sdk import ChunkResult, Gateway, Record, RecordVerdict
from clients.sdk.reconciler import Reconciler
from tests.support.scripted_sync import name_of, number_of

SIZE = 3  # records a chunk


def chunk_of(number: int) -> list[Record]:
    """A chunk: the records of its number."""
    return [
        Record(
            row_key=str(citizen + 1),
            personal_id=number_of(citizen),
            full_name=name_of(citizen),
            birth_date="1990-05-12",
        )
        for citizen in range(number * SIZE, (number + 1) * SIZE)
    ]


def chunks_of(count: int, first: int = 0) -> list[list[Record]]:
    """The chunks from one on, of so many."""
    return [chunk_of(number) for number in range(first, count)]


async def run_all(reconciler: Reconciler, chunks: list[list[Record]]) -> list[ChunkResult]:
    """Run them to the end."""
    return [result async for result in reconciler.run(chunks)]


async def collect(
    gateway: Gateway,
    chunks: Iterable[list[Record]] | AsyncIterable[list[Record]],
    into: list[ChunkResult],
    then: Callable[[ChunkResult], object] = lambda _: None,
    patience: float = 5.0,
) -> None:
    """Run a session; what came before an error stays in ``into``."""
    async with gateway.reconciler("s-1", patience=patience) as reconciler:
        async for result in reconciler.run(chunks):
            into.append(result)
            then(result)


def require_all(results: list[ChunkResult], count: int) -> None:
    """Each chunk once and in order, every record matched."""
    assert [result.chunk_number for result in results] == list(range(count))
    keys = [record.row_key for result in results for record in result.records]
    assert keys == [str(row) for row in range(1, count * SIZE + 1)]
    verdicts = {record.verdict for result in results for record in result.records}
    assert verdicts == {RecordVerdict.MATCHED}
