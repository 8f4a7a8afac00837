"""Applying events: one transaction for as many as wait.

Each event is first worked out, which may refuse it, and only then written: a refused event
writes nothing, and an error of the disk takes the whole transaction back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, timezone
from typing import Any, Protocol

from mock_population_db.changes import ChangeCause
from mock_population_db.events import (
    KINDS,
    Annulment,
    Applied,
    Birth,
    EventState,
    RevisionMoved,
    Submission,
)
from mock_population_db.rules.plan import Edit, Needs, Plan, Scene
from mock_population_db.store import event_rows, homes, sql
from mock_population_db.store.asking import Session
from mock_population_db.store.book import CITIZEN, Book, Occasion, writing
from mock_population_db.store.encode import household_row
from mock_population_db.store.errors import EngineFailed, PopulationUnavailable
from mock_population_db.store.following import follow_ups, told_anew, who_name
from mock_population_db.store.issuing import number_issuer
from mock_population_db.store.people import read_people
from mock_population_db.store.records import EventRow, HouseholdRow
from mock_population_db.store.scenes import Scenes
from mock_population_db.store.turns import Turn, Turning
from mock_population_db.store.undoing import dump_undo, undo

Outcome = Applied | Exception
"""What became of one submission; exceptions are those of ``Population.apply``."""

# the transaction is over, for everybody in it
_ENGINE_ERRORS = (sqlite3.Error, EngineFailed)
_VIETNAM = timezone(timedelta(hours=7))


class Rule(Protocol):
    """How one kind of event is decided; see ``mock_population_db.rules.plan``."""

    def needs(self, what: Any, submission: Submission, /) -> Needs:
        """What to read."""

    def plan(self, what: Any, submission: Submission, scene: Scene, /) -> Plan:
        """What to write. Raises EventRefused."""


Rules = Mapping[type, Rule]


@dataclass(frozen=True, slots=True)
class _Work:
    """What one event comes to, worked out."""

    subject: str
    turns: list[Turn]
    households: dict[int, HouseholdRow | None]
    state: EventState = EventState.APPLIED
    undo: str | None = None  # None: it cannot be annulled
    annuls: int | None = None


def apply_group(
    connection: Session, rules: Rules, submissions: Sequence[Submission]
) -> tuple[list[Outcome], int]:
    """Apply some events in order, in one transaction; also returns the register's revision."""
    with writing(connection) as book:
        group = _Group(connection, rules, book)
        group.read_ahead(submissions)
        outcomes = [group.apply(submission) for submission in submissions]
        group.keep_events()
        return outcomes, book.head


class _Group:
    """The events of one transaction."""

    def __init__(self, connection: Session, rules: Rules, book: Book) -> None:
        self._connection = connection
        self._rules = rules
        self._book = book
        self._scenes = Scenes(connection)
        self._next_event = event_rows.next_event(connection)
        self._known: set[event_rows.RequestKey] = set()
        self._events: list[EventRow] = []  # not in the table yet
        self._reserved = dict(connection.execute(sql.META)).get("reserved_ids") == "1"

    def read_ahead(self, submissions: Sequence[Submission]) -> None:
        """Find out at once which requests came before, and what all the rules will need."""
        self._known = event_rows.known_requests(self._connection, submissions)
        asking = [one for one in submissions if not isinstance(one.what, Annulment)]
        try:
            self._scenes.read([self._needs(one) for one in asking])
        except _ENGINE_ERRORS:
            raise
        except Exception:  # noqa: BLE001, S110 - whoever it is about will meet it again, alone
            pass

    def apply(self, submission: Submission) -> Outcome:
        """Work one event out and write it; what stands in the way is returned."""
        try:
            if event_rows.request_key(submission) in self._known:
                self.keep_events()
                return event_rows.find_repeated(self._connection, submission)
            work = self._work(submission)
        except _ENGINE_ERRORS:
            raise
        except (ValueError, KeyError, TypeError) as error:
            return PopulationUnavailable(f"what is on file cannot be used ({error!r})")
        except Exception as error:  # noqa: BLE001 - whoever submitted it shall see it, and only they
            return error
        return self._write(submission, work)

    def keep_events(self) -> None:
        """Write the events themselves."""
        event_rows.insert_events(self._connection, self._events)
        self._events.clear()

    def _needs(self, submission: Submission) -> Needs:
        return self._rules[type(submission.what)].needs(submission.what, submission)

    def _work(self, submission: Submission) -> _Work:
        if isinstance(submission.what, Annulment):
            return self._annulled(submission.what)
        return self._planned(submission)

    def _planned(self, submission: Submission) -> _Work:
        """What the rule wants written, and what follows from it."""
        needs = self._needs(submission)
        self._check_unmoved(needs, submission.expected_revision)
        today = self._today(submission)
        plan = self._rules[type(submission.what)].plan(
            submission.what, submission, self._scene(needs, today, submission.fingerprint)
        )
        turning = Turning(plan.households, today)
        turns = turning.turn(plan.edits, self._scenes.people)
        households = {
            home: None if one is None else household_row(one)
            for home, one in plan.households.items()
        }
        found = homes.household_rows(self._connection, households) if households else {}
        undo_text = dump_undo(turns, {home: found.get(home) for home in households})
        pending = isinstance(submission.what, Birth) and submission.what.pending
        return _Work(
            plan.subject,
            turns + self._followed(plan.edits, turning),
            households,
            EventState.NUMBER_PENDING if pending else EventState.APPLIED,
            undo_text,
        )

    def _check_unmoved(self, needs: Needs, expected: int) -> None:
        latest = self._book.latest(CITIZEN, needs.people) if expected else 0
        if latest > expected:
            raise RevisionMoved(latest)

    def _scene(self, needs: Needs, today: date, fingerprint: bytes) -> Scene:
        self._scenes.read([needs])
        issue = number_issuer(self._connection, fingerprint, reserved=self._reserved)
        return self._scenes.scene(needs, today, issue, self._book.new_household())

    def _today(self, submission: Submission) -> date:
        """The register's day, moved on by the event, but not into the future of its reporter."""
        day = submission.registered
        if submission.cause is ChangeCause.SUBMITTED:
            day = min(day, submission.recorded_at.astimezone(_VIETNAM).date())
        return max(self._book.day, day)

    def _annulled(self, what: Annulment) -> _Work:
        self.keep_events()
        undone = undo(self._connection, self._book, what.event_id)
        turning = Turning({}, self._book.day)
        turns = undone.turns + self._followed(undone.edits, turning)
        return _Work(undone.subject, turns, undone.households, annuls=undone.event.id)

    def _followed(self, edits: Sequence[Edit], turning: Turning) -> list[Turn]:
        """The turns of the records that tell of somebody whom the edits change."""
        told = told_anew(edits)
        if not told:
            return []
        naming = who_name(self._connection, [old.personal_id for old, _ in told])
        people = read_people(self._connection, naming, date.min)
        return turning.turn(follow_ups(edits, people.citizens), people)

    def _write(self, submission: Submission, work: _Work) -> Applied:
        before = self._book.head
        event, self._next_event = self._next_event, self._next_event + 1
        self._known.add(event_rows.request_key(submission))
        occasion = Occasion(submission.cause, submission.recorded_at, submission.effective, event)
        self._book.move_day(self._today(submission))
        self._book.enter(work.turns, work.households, occasion)
        self._scenes.changed(work.turns, work.households)
        if work.annuls is not None:
            event_rows.mark_annulled(self._connection, work.annuls, event)
        row = event_rows.event_row(
            event,
            submission,
            KINDS[type(submission.what)],
            work.state,
            subject=work.subject,
            revisions=(before + 1, self._book.head) if work.turns else (0, 0),
            undo=work.undo,
        )
        self._events.append(row)
        return event_rows.applied(row)
