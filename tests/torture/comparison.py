"""Everything that is compared in the end: what clients wrote down, and what the stores hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from clients.sdk import ChangeFilter
from mock_population_db.changes import Change
from tests.torture import journal, ledger, model
from tests.torture.checker import check_feed, check_register, check_reports, check_snapshots
from tests.torture.clients.follower import FILTERS
from tests.torture.copies import check_copy, copy_of
from tests.torture.people import Cast
from tests.torture.rows import Row, file_of
from tests.torture.verdicts import check_chunks


class Comparison:
    """One run's journals beside its register; the log is looked at where it lies."""

    def __init__(self, folder: Path, seed: int, register: model.Register) -> None:
        self._folder = folder
        self._seed = seed
        self._register = register
        self._reports = model.Reports()
        self._chunks: list[model.Chunk] = []
        self._closed: dict[str, int] = {}
        for path in folder.glob("*.journal"):
            for entry in journal.read(path):
                self._note(entry)
        self._once = {(chunk.session, chunk.number) for chunk in self._chunks}

    def figures(self) -> dict[str, int]:
        """How much there was of everything."""
        return {
            "events": len(self._register.events),
            "answers to events": len(self._reports.answered),
            "refusals": len(self._reports.refused),
            "sessions": len(self._closed),
            "chunks": len(self._once),
            "answers to chunks": len(self._chunks),
        }

    def findings(self, held: list[ledger.Held], data_dirs: Iterable[Path]) -> list[str]:
        """Every check there is.

        Args:
            held: the receipts of all clients.
            data_dirs: of all servers; they have one log.
        """
        found = [*self._of_register(), *self._of_chunks()]
        found += check_snapshots(((one.who, one.revision) for one in held), self._register)
        for data_dir in data_dirs:
            found += ledger.check_leaves(held, ledger.stored_leaves(data_dir))
            found += ledger.check_log(data_dir, held)
            found += ledger.check_charges(data_dir, "ReconcileCitizens", len(self._once))
        return found

    def _note(self, entry: journal.Entry) -> None:
        self._reports.add(entry)
        if "chunk" in entry:
            self._chunks.append(model.Chunk.of(entry))
        if "closed" in entry:
            self._closed[entry["closed"]] = entry["chunks"]

    def _of_register(self) -> Iterator[str]:
        yield from check_register(self._register)
        yield from check_reports(self._reports, self._register)
        for name, which in FILTERS.items():
            path = self._folder / f"{name}.journal"
            if not path.exists():
                continue
            followed = model.deliveries(journal.read(path))
            yield from check_feed(name, followed, self._register, _passing(which))
            if which == ChangeFilter():
                yield from check_copy(name, copy_of(followed), self._register)

    def _of_chunks(self) -> Iterator[str]:
        people = Cast.load(self._folder / "cast.json")

        def files(session: str) -> list[list[Row]]:
            return file_of(self._seed, session, people)

        return check_chunks(self._chunks, self._closed, files, self._reports.effects())


def _passing(which: ChangeFilter) -> Callable[[Change], bool]:
    kinds = {kind.value for kind in which.kinds}
    return lambda change: not kinds or change.kind.value in kinds
