"""The register's history as it is being written, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from mock_population_db.changes import ChangeCause, ChangeKind
from mock_population_db.store import homes, packing, sql
from mock_population_db.store.asking import Session, array
from mock_population_db.store.reading import read_moment
from mock_population_db.store.records import ChangeRow, CitizenRow, HouseholdRow, StayRow
from mock_population_db.store.sampling import DRAWN_HOUSEHOLDS
from mock_population_db.store.turns import Turn

CITIZEN, HOUSEHOLD = 1, 2  # what ``touched`` tells of


def _insert(table: str, columns: int) -> str:
    return f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' * columns)})"  # noqa: S608 - our names


_CITIZEN = _insert("citizen", len(CitizenRow._fields))
_STAY = _insert("stay", len(StayRow._fields))
_HOUSEHOLD = _insert("household", len(HouseholdRow._fields))
_CHANGE = _insert("changes", len(ChangeRow._fields))
_STEP = "INSERT INTO number_step VALUES (?, ?, ?, ?)"
_STEP_BACK = "DELETE FROM number_step WHERE former = ? AND successor = ?"
_WITHDRAWN = "INSERT INTO withdrawn VALUES (?, ?)"
_TOUCHED = _insert("touched", 3)
_LATEST = """
SELECT max(t.revision) FROM json_each(?) AS k
  CROSS JOIN touched AS t ON t.what = ? AND t.id = k.value
"""
_END = DRAWN_HOUSEHOLDS[1]  # from here on people whom the user added live
_LAST_HOUSEHOLD = f"""
SELECT max(COALESCE((SELECT max(id) FROM household WHERE id < {_END}), 0),
           COALESCE((SELECT max(id) FROM touched WHERE what = {HOUSEHOLD} AND id < {_END}), 0))
"""  # noqa: S608 - made of constants


@dataclass(frozen=True, slots=True)
class Occasion:
    """What all changes of one event have in common."""

    cause: ChangeCause
    at: datetime
    effective: date
    event: int | None


@contextmanager
def writing(connection: Session) -> Iterator[Book]:
    """One transaction: all that is entered, or nothing. Other writers wait for it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        book = Book(connection)
        yield book
        book.save()
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # the failure may have ended it
            connection.execute("ROLLBACK")
        raise


class Book:
    """Enters changes; made by ``writing``.

    Attributes:
        head: the register's revision.
        day: the register's day.
    """

    def __init__(self, connection: Session) -> None:
        self._connection = connection
        self._changes: list[ChangeRow] = []
        self._touched: dict[tuple[int, int], int] = {}
        self.head, self.day = self._saved = read_moment(connection)
        (self._last_household,) = connection.execute(_LAST_HOUSEHOLD).fetchone()

    def enter(
        self,
        turns: Iterable[Turn],
        households: Mapping[int, HouseholdRow | None],
        occasion: Occasion,
    ) -> None:
        """Write households and records, and one change with its own revision for each turn."""
        touched_homes = set(households)
        for number, row in households.items():
            self._write_household(number, row)
            self._last_household = max(self._last_household, number)
        for turn in turns:
            self.head += 1
            touched_homes |= turn.entered_or_left | self._write(turn, occasion.effective)
            self._touched.update(((CITIZEN, number), self.head) for number in turn.numbers)
            self._changes.append(_change(self.head, turn, occasion))
        self._touched.update(((HOUSEHOLD, home), self.head) for home in touched_homes)

    def move_day(self, to: date) -> None:
        """The register's day, which never goes back."""
        self.day = max(self.day, to)

    def save(self) -> None:
        """Write changes, revision and day."""
        self._connection.executemany(_CHANGE, self._changes)
        touched = [(*what, revision) for what, revision in sorted(self._touched.items())]
        self._connection.executemany(_TOUCHED, touched)
        for key, now, before in (
            ("revision", str(self.head), str(self._saved[0])),
            ("day", self.day.isoformat(), self._saved[1].isoformat()),
        ):
            if now != before:
                self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, now))

    def latest(self, what: int, ids: Iterable[str | int]) -> int:
        """The revision of the latest change of any of these; 0 when none was ever changed."""
        asked = {int(one) for one in ids}
        (saved,) = self._connection.execute(_LATEST, (array(asked), what)).fetchone()
        return max([saved or 0, *(self._touched.get((what, one), 0) for one in asked)])

    def new_household(self) -> int:
        """The id of a household to be founded; no household has or had it."""
        return int(self._last_household) + 1

    def _write_household(self, number: int, row: HouseholdRow | None) -> None:
        if row is None:
            self._connection.execute("DELETE FROM household WHERE id = ?", (number,))
        else:
            self._connection.execute(_HOUSEHOLD, row)

    def _write(self, turn: Turn, on: date) -> set[int]:
        """Write one record; return the households whose head has another number by it."""
        db = self._connection
        self._write_citizen(turn)
        self._write_stays(turn)
        if turn.now is None:
            db.execute(_WITHDRAWN, (turn.subject, None))
        if turn.former is None:
            return set()
        self._write_step(turn, turn.former, on)
        return self._move_heads(turn.former, turn.subject)

    def _write_citizen(self, turn: Turn) -> None:
        """Of a record that stays, only what changed: every index on it would cost 20 µs."""
        was = turn.was and turn.was.citizen
        now = turn.now and turn.now.citizen
        if was and now and was.id == now.id:
            pairs = zip(CitizenRow._fields, was, now, strict=True)
            changed = {name: new for name, old, new in pairs if new != old}
            if changed:
                marks = ", ".join(f"{name} = ?" for name in changed)
                update = f"UPDATE citizen SET {marks} WHERE id = ?"  # noqa: S608 - our names
                self._connection.execute(update, (*changed.values(), now.id))
            return
        if was:
            self._connection.execute("DELETE FROM citizen WHERE id = ?", (was.id,))
        if now:
            self._connection.execute(_CITIZEN, now)

    def _write_stays(self, turn: Turn) -> None:
        was = turn.was.stays if turn.was else ()
        now = turn.now.stays if turn.now else ()
        if was != now:
            self._connection.execute("DELETE FROM stay WHERE citizen = ?", (turn.numbers[0],))
            self._connection.executemany(_STAY, now)

    def _write_step(self, turn: Turn, former: int, on: date) -> None:
        if turn.kind is ChangeKind.RENUMBERED:
            step = (former, turn.subject, packing.pack_day(on), turn.reason)
            self._connection.execute(_STEP, step)
        else:  # a renumbering is annulled
            self._connection.execute(_STEP_BACK, (turn.subject, former))
            self._connection.execute(_WITHDRAWN, (former, turn.subject))

    def _move_heads(self, former: int, number: int) -> set[int]:
        """A head lives in the household."""
        lived_in = homes.homes_of(self._connection, [number])
        rows = homes.household_rows(self._connection, lived_in)
        led = {row.id for row in rows.values() if row.head == former}
        self._connection.executemany(sql.NEW_HEAD, [(number, home) for home in led])
        return led


def _change(revision: int, turn: Turn, occasion: Occasion) -> ChangeRow:
    return ChangeRow(
        revision,
        int(turn.kind),
        turn.subject,
        turn.former,
        turn.fields,
        int(occasion.cause),
        packing.pack_time(occasion.at),
        packing.pack_whole_day(occasion.effective),
        occasion.event,
        turn.communes,
    )
