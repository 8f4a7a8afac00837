"""What must have become of each reconciled row, and of each chunk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from clients.receipts.chain import signed_digest
from clients.receipts.envelope import parse_envelope
from clients.receipts.sync import NO_CHUNK
from dancu.v1 import statement_pb2
from tests.torture.model import Chunk
from tests.torture.rows import Plant, Row
from tests.torture.story import Effect

Verdict = tuple[str, frozenset[str], tuple[tuple[str, str], ...]]
Effects = Mapping[str, Mapping[str, int]]

_ALONE = {
    Plant.NAME: "NOT_VERIFIED",
    Plant.BIRTH: "NOT_VERIFIED",
    Plant.NUMBER: "NOT_VERIFIED",
    Plant.LETTERS: "INVALID",
    Plant.SEX: "CORRECTED",
}


def verdict_of(row: Row, befell: Mapping[str, int], revision: int) -> Verdict:
    """Verdict, flags and fields of one row, by what had befallen its person at a revision."""
    so_far = {effect for effect, since in befell.items() if since <= revision}
    flags = {"DUPLICATE_IN_SESSION"} if row.seen and row.plant is not Plant.LETTERS else set()
    if row.plant is Plant.ZERO:
        flags.add("REPAIRED")
    verdict = _ALONE.get(row.plant, "MATCHED")
    if row.plant is Plant.LIVELY and Effect.NAME in so_far:
        verdict = "NOT_VERIFIED"
    elif row.plant is Plant.LIVELY:
        flags |= {"DECEASED"} if Effect.DEATH in so_far else set()
        flags |= {"SUPERSEDED_NUMBER"} if Effect.NUMBER in so_far else set()
    fields = (("sex", "DIFFERS"),) if row.plant is Plant.SEX else ()
    return verdict, frozenset(flags), fields


def check_chunks(
    chunks: Iterable[Chunk],
    closed: Mapping[str, int],
    file_of: Callable[[str], Sequence[Sequence[Row]]],
    effects: Effects,
) -> Iterator[str]:
    """One result for each chunk of each closed session, the same bytes each time, in a chain."""
    sessions: defaultdict[str, dict[int, Chunk]] = defaultdict(dict)
    for chunk in chunks:
        known = sessions[chunk.session].setdefault(chunk.number, chunk)
        if (known.response, known.receipt) != (chunk.response, chunk.receipt):
            yield f"chunk {chunk.session}/{chunk.number} was answered with other bytes again"
    for session, answers in sessions.items():
        if session not in closed:
            yield f"session {session} was never closed"
        if sorted(answers) != list(range(closed.get(session, len(answers)))):
            yield f"session {session} has answers {sorted(answers)} of {closed.get(session)}"
        yield from _check_chain(session, answers)
        for number, rows in enumerate(file_of(session)):
            if number in answers:
                yield from _check_rows(answers[number], rows, effects)


def _check_chain(session: str, answers: Mapping[int, Chunk]) -> Iterator[str]:
    before = NO_CHUNK
    for number in sorted(answers):
        payload = parse_envelope(answers[number].receipt).payload
        stated = statement_pb2.ReconciledChunk.FromString(payload.value)
        if stated.previous_digest != before:
            yield f"chunk {session}/{number} does not follow the one before"
        before = signed_digest(payload)


def _check_rows(chunk: Chunk, rows: Sequence[Row], effects: Effects) -> Iterator[str]:
    payload = parse_envelope(chunk.receipt).payload
    revision = statement_pb2.ReconciledChunk.FromString(payload.value).header.register_revision
    if len(rows) != len(chunk.verdicts):
        yield f"chunk {chunk.session}/{chunk.number}: {len(chunk.verdicts)} of {len(rows)} rows"
    for row, got in zip(rows, chunk.verdicts, strict=False):
        wanted = verdict_of(row, effects.get(row.about, {}), revision)
        if got != wanted:
            where = f"row {row.record.row_key} of {chunk.session}/{chunk.number}"
            yield f"{where} ({row.plant}, at {revision}) is {_told(got)}, not {_told(wanted)}"


def _told(verdict: Verdict) -> str:
    word, flags, fields = verdict
    return " ".join((word, *sorted(flags), *(f"{name}={level}" for name, level in fields)))
