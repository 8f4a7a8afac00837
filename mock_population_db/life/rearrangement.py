"""The great rearrangement of 2025-07-01: 63 provinces become 34, and all addresses are new.

One transaction: the register is of the day before, or of the day. Whoever is killed in
between leaves the day before. Whoever runs it again changes nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mock_population_db import divisions
from mock_population_db.changes import ChangeCause, ChangeKind
from mock_population_db.citizen import CodeEpoch, Conversion, ResidenceKind
from mock_population_db.events import EventKind, EventState
from mock_population_db.generate.dates import REFORM
from mock_population_db.generate.tables import FOLDER, load
from mock_population_db.life.conversion import Converter, drawn_households, drawn_people
from mock_population_db.store import packing, sql
from mock_population_db.store.asking import Session
from mock_population_db.store.book import CITIZEN, HOUSEHOLD, Book, writing
from mock_population_db.store.event_rows import next_event
from mock_population_db.store.records import ChangeRow, EventRow

_REPORTER, _REQUEST = "register", "rearrangement"
_SLICE = 20_000  # rows at a time
_LEGACY = f"epoch = {CodeEpoch.LEGACY:d} AND conversion = {Conversion.NATIVE:d}"

# Of everybody, by number: commune, epoch and conversion of the permanent, temporary and current
# residence; those of a stay in a household are the household's.
_STAY = """
  LEFT JOIN stay AS {0} ON {0}.citizen = c.id AND {0}.kind = {1:d}
  LEFT JOIN household AS {0}h ON {0}h.id = {0}.household
"""
_PLACE = (
    "coalesce({0}h.commune, {0}.commune), coalesce({0}h.epoch, {0}.epoch),"
    " coalesce({0}h.conversion, {0}.conversion)"
)
_PEOPLE = f"""
SELECT c.id, h.commune, h.epoch, h.conversion, {_PLACE.format("t")}, {_PLACE.format("n")}
  FROM citizen AS c LEFT JOIN household AS h ON h.id = c.household
  {_STAY.format("t", ResidenceKind.TEMPORARY)} {_STAY.format("n", ResidenceKind.CURRENT)}
  WHERE c.id > ? ORDER BY c.id LIMIT ?
"""  # noqa: S608 - made of constants
_HOMES = f"SELECT id, commune FROM household WHERE id > ? AND {_LEGACY} ORDER BY id LIMIT ?"  # noqa: S608 - as above
_STAYS = f"""
SELECT citizen, kind, commune FROM stay WHERE household IS NULL AND {_LEGACY}
"""  # noqa: S608 - as above
_CONVERTED = "UPDATE {} SET commune = ?, epoch = ?, conversion = ?, former = ? WHERE {}"
_FIELDS = ("permanent_residence", "temporary_residence", "current_residence")
_INSERT = "INSERT OR REPLACE INTO {} VALUES ({})"
_CHANGE = _INSERT.format("changes", ", ".join("?" * len(ChangeRow._fields)))
_EVENT = _INSERT.format("event", ", ".join("?" * len(EventRow._fields)))
_TOUCHED = _INSERT.format("touched", "?, ?, ?")
_TOLD = (Conversion.WHOLE, Conversion.SPLIT, Conversion.UNCONVERTED)


@dataclass(frozen=True, slots=True)
class Rearranged:
    """What the day did."""

    people: int  # whose records changed
    households: int
    whole: int  # addresses, by what became of them
    split: int
    unconverted: int


def rearrange(
    connection: Session,
    recorded_at: datetime,
    left: frozenset[int],
    progress: Callable[[int], None],
) -> Rearranged | None:
    """Bring a register of an earlier day to 2025-07-01; None when that day is there, or over.

    Args:
        connection: for writing.
        recorded_at: aware, UTC.
        left: households whose addresses are left as they are, besides the usual share.
        progress: told, now and then, how many records were rewritten.
    """
    with writing(connection) as book:
        if book.day >= REFORM:
            return None
        book.move_day(REFORM)
        return _Work(connection, book, recorded_at, progress).run(left)


class _Work:
    """One rearrangement, in the order of its methods: what is told is read before it changes."""

    def __init__(
        self,
        connection: Session,
        book: Book,
        recorded_at: datetime,
        progress: Callable[[int], None],
    ) -> None:
        self._db = connection
        self._book = book
        self._at = packing.pack_time(recorded_at)
        self._progress = progress
        self._event = next_event(connection)
        self._found: dict[int, int] = {}  # addresses, by conversion

    def run(self, left: frozenset[int]) -> Rearranged:
        """Rewrite all addresses but some; tell everybody's change and the one event."""
        meta = dict(self._db.execute(sql.META))
        share = json.loads(meta.get("shares", "{}")).get("unconverted", 0.0)
        seed, first = int(meta["seed"]), self._book.head + 1
        self._tell_people()
        people = self._book.head + 1 - first
        of_homes = Converter(seed, share, left, drawn_households)
        households = self._convert_homes(of_homes)
        of_people = Converter(seed, share, frozenset(), drawn_people)
        self._convert_stays(of_people)
        self._db.execute(_EVENT, self._event_row(first))
        counts = (self._found.get(how, 0) for how in _TOLD)
        return Rearranged(people, households, *counts)

    def _tell_people(self) -> None:
        """A change of everybody whose address is written in a legacy code."""
        after = done = 0
        while rows := self._db.execute(_PEOPLE, (after, _SLICE)).fetchall():
            changes = list(self._changes(rows))
            self._db.executemany(_CHANGE, changes)
            touched = ((CITIZEN, one.subject, one.revision) for one in changes)
            self._db.executemany(_TOUCHED, touched)
            after, done = rows[-1][0], done + len(rows)
            self._progress(done)

    def _changes(self, rows: list[Any]) -> Iterator[ChangeRow]:
        for number, *columns in rows:
            places = [tuple(columns[at : at + 3]) for at in (0, 3, 6)]
            fields = [
                field
                for field, (_, epoch, conversion) in zip(_FIELDS, places, strict=True)
                if epoch == CodeEpoch.LEGACY and conversion == Conversion.NATIVE
            ]
            if fields:
                self._book.head += 1
                yield self._change(number, fields, places)

    def _change(self, number: int, fields: list[str], places: list[Any]) -> ChangeRow:
        return ChangeRow(
            self._book.head,
            int(ChangeKind.ADDRESS_CONVERTED),
            number,
            None,
            " ".join(fields),
            int(ChangeCause.REARRANGEMENT),
            self._at,
            REFORM.year * 10_000 + REFORM.month * 100 + REFORM.day,
            self._event,
            _packed_communes(places),
        )

    def _convert_homes(self, converter: Converter) -> int:
        after = done = 0
        statement = _CONVERTED.format("household", "id = ?")
        while rows := self._db.execute(_HOMES, (after, _SLICE)).fetchall():
            homes, communes = map(list, zip(*rows, strict=True))
            converted = converter.convert(homes, communes)
            self._count(one.conversion for one in converted)
            pairs = zip(converted, homes, strict=True)
            self._db.executemany(statement, [(*one, home) for one, home in pairs])
            touched = ((HOUSEHOLD, home, self._book.head) for home in homes)
            self._db.executemany(_TOUCHED, touched)
            after, done = homes[-1], done + len(homes)
        return done

    def _convert_stays(self, converter: Converter) -> None:
        """Stays without a household have addresses of their own."""
        rows = self._db.execute(_STAYS).fetchall()
        people, kinds, communes = ([row[at] for row in rows] for at in range(3))
        converted = converter.convert(people, communes)
        self._count(one.conversion for one in converted)
        statement = _CONVERTED.format("stay", "citizen = ? AND kind = ?")
        keys = zip(converted, people, kinds, strict=True)
        self._db.executemany(statement, [(*one, who, kind) for one, who, kind in keys])

    def _count(self, conversions: Iterator[int]) -> None:
        for how in conversions:
            self._found[how] = self._found.get(how, 0) + 1

    def _event_row(self, first: int) -> EventRow:
        table = (FOLDER / "commune_changes_2025.csv").read_bytes()
        last = self._book.head
        return EventRow(
            id=self._event,
            kind=int(EventKind.REARRANGEMENT),
            state=int(EventState.APPLIED),
            cause=int(ChangeCause.REARRANGEMENT),
            subject=None,
            first=first if last >= first else 0,
            last=last if last >= first else 0,
            at=self._at,
            reporter=_REPORTER,
            rpc=_REQUEST,
            request_id=REFORM.isoformat(),
            fingerprint=hashlib.sha256(table).digest(),
            original=b"",
            signature="",
        )


def _packed_communes(places: list[Any]) -> str:
    """Where somebody lives, by the codes since the day; as ``changes`` holds it.

    Args:
        places: commune, epoch and conversion of each residence, None where there is none.
    """
    successor = load().communes.successor
    codes = {
        f"{successor[commune] if epoch == CodeEpoch.LEGACY else commune:05d}"
        for commune, epoch, _ in places
        if commune is not None
    }
    told = sorted(divisions.province_of(code, CodeEpoch.Y2025) + code for code in codes)
    return f" {' '.join(told)} " if told else ""
