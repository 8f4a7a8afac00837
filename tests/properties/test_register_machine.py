"""Whatever happens to people, the register's history tells all of it."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Coroutine
from contextlib import AsyncExitStack, closing
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from mock_population_db.changes import ChangeQuery
from mock_population_db.citizen import Citizen, PersonName, Relation, Sex
from mock_population_db.events import (
    Applied,
    Birth,
    CardIssue,
    CardLoss,
    Correction,
    Death,
    Departure,
    Divorce,
    EventRefused,
    EventState,
    Marriage,
    Renumbering,
    ResidenceRegistration,
    Submission,
    What,
)
from mock_population_db.partial_date import PartialDate
from mock_population_db.personas import PERSONAS, rows_of
from mock_population_db.snapshot import Keys
from mock_population_db.store.reading import RegisterInfo
from mock_population_db.store.sqlite import SqlitePopulation
from tests.support.register_file import make_register
from tests.support.reporter import COMMUNE, DAY, Reporter, shown, undated

# a family, and people with something odd about them
CAST = [
    "079088000001", "079190000002", "079216000003", "001094000004", "001196000005",
    "001325000006", "052050000036", "052155000037", "040048000014", "015195000013",
    "048090000016", "079197000026", "001181000029", "062098000045", "001176000048",
]  # fmt: skip
T = TypeVar("T")
_COUNT = count()
SOMEBODY = st.integers(0, 10_000)


class RegisterMachine(RuleBasedStateMachine):
    """Events at random, a follower who copies, and annulments that put back."""

    def __init__(self, template: Path) -> None:
        super().__init__()
        self.path = Path(shutil.copy(template, template.with_name(f"{next(_COUNT)}.db")))
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.reporter = Reporter()
        self.day = DAY
        self.people = list(CAST)  # by number, as they are now
        self.applied: list[tuple[Submission, Applied]] = []
        self.before: dict[str, Citizen] = {}  # the register before the latest event
        self.known: tuple[object, dict[str, Citizen]] = (None, {})
        self.cursor = 7

    @initialize()
    def open(self) -> None:
        """Open the register, and copy what it holds."""
        opening = SqlitePopulation.open(self.path)
        self.population = self.run(self.stack.enter_async_context(opening))
        self.copy = {number: shown(one, self.day) for number, one in self.whole().items()}

    def teardown(self) -> None:
        """Close the register."""
        self.run(self.stack.aclose())
        self.runner.close()

    @rule(one=SOMEBODY, other=SOMEBODY)
    def marry(self, one: int, other: int) -> None:
        """Two people marry, if they may."""
        self.submit(Marriage(self.who(one, Sex.FEMALE), self.who(other, Sex.MALE)))

    @rule(one=SOMEBODY)
    def divorce(self, one: int) -> None:
        """A marriage ends."""
        self.submit(Divorce(self.who(one)))

    @rule(one=SOMEBODY)
    def die(self, one: int) -> None:
        """Somebody dies."""
        self.submit(Death(self.who(one), PartialDate(2026, 2)))

    @rule(mother=SOMEBODY, father=SOMEBODY, pending=st.booleans())
    def bear(self, mother: int, father: int, *, pending: bool) -> None:
        """A child is born, of one parent or two."""
        parents = self.who(mother, Sex.FEMALE), self.who(father, Sex.MALE) if father % 3 else ""
        born = date(2026, 2, 20)
        child = Birth(PersonName(given="An"), born, Sex.MALE, COMMUNE, *parents)
        self.submit(replace(child, not_a_duplicate=True, pending=pending))

    @rule(one=SOMEBODY, right=st.sampled_from(["Lan", "Tùng", Sex.MALE, Sex.FEMALE]))
    def correct(self, one: int, right: str | Sex) -> None:
        """A name is corrected, or a sex, which puts the number under correction."""
        if isinstance(right, Sex):
            self.submit(Correction(self.who(one), sex=right))
        else:
            self.submit(Correction(self.who(one), name=PersonName("Vũ", "Thị", right)))

    @rule(one=SOMEBODY)
    def renumber(self, one: int) -> None:
        """Another number is set up."""
        self.submit(Renumbering(self.who(one), "SEX_CORRECTED"))

    @rule(one=SOMEBODY, temporary=st.booleans())
    def found_household(self, one: int, *, temporary: bool) -> None:
        """Somebody founds a household."""
        until = self.day + timedelta(days=300) if temporary else None
        self.submit(ResidenceRegistration(self.who(one), temporary, commune=COMMUNE, until=until))

    @rule(one=SOMEBODY, member=SOMEBODY)
    def join_household(self, one: int, member: int) -> None:
        """Somebody joins a household."""
        move = ResidenceRegistration(self.who(one), temporary=False, member=self.who(member))
        self.submit(replace(move, relation=Relation.OTHER_RELATIVE))

    @rule(one=SOMEBODY, head=SOMEBODY, temporary=st.booleans())
    def depart(self, one: int, head: int, *, temporary: bool) -> None:
        """Somebody leaves a household, perhaps to a new head."""
        self.submit(Departure(self.who(one), temporary, self.who(head) if head % 2 else ""))

    @rule(one=SOMEBODY, lost=st.booleans())
    def change_card(self, one: int, *, lost: bool) -> None:
        """A card is lost or issued."""
        card = CardLoss(self.who(one)) if lost else CardIssue(self.who(one))
        self.submit(card)

    @rule(days=st.integers(1, 900))
    def wait(self, days: int) -> None:
        """Time goes by; what is registered later moves the register's day."""
        self.day += timedelta(days=days)

    @rule()
    def confirm(self) -> None:
        """Every number that waits is confirmed."""
        waiting = [a for _, a in self.applied if self.state(a) is EventState.NUMBER_PENDING]
        later = self.reporter.reports(Divorce(""), self.day).recorded_at + timedelta(seconds=1)
        confirmed = self.run(self.population.confirm_pending(later))
        assert confirmed <= len(waiting)
        assert all(self.state(a) is not EventState.NUMBER_PENDING for a in waiting)
        self.before = {}  # the latest event is no longer the latest change

    @precondition(lambda self: self.applied)
    @rule(which=SOMEBODY)
    def repeat(self, which: int) -> None:
        """The same request again has no effect, and the same answer."""
        submission, applied = self.applied[which % len(self.applied)]
        head = self.info().revision
        again = self.run(self.population.apply(submission))
        assert again.repeated
        first = replace(again, repeated=False, state=applied.state, annulled_by="")
        assert first == applied
        assert self.info().revision == head

    @precondition(lambda self: self.applied and self.before)
    @rule()
    def annul_latest(self) -> None:
        """What the latest event changed is as it was, unless it was an annulment itself."""
        before, event = self.before, self.applied[-1][1]
        if self.annul(event):
            present = {number: undated(one, self.day) for number, one in self.whole().items()}
            assert {n: _alive_again(one) for n, one in present.items()} == {
                n: _alive_again(undated(one, self.day)) for n, one in before.items()
            }

    @precondition(lambda self: self.applied)
    @rule(which=SOMEBODY)
    def annul_any(self, which: int) -> None:
        """Any event may be annulled, or nothing happens."""
        self.annul(self.applied[which % len(self.applied)][1])

    @invariant()
    def the_copy_is_equal(self) -> None:
        """Applying every change in order, field by field, gives what the register holds."""
        while self.cursor < self.info().revision:
            page = self.run(self.population.find_changes(ChangeQuery(self.cursor + 1, limit=3)))
            revisions = [one.revision for one in page.changes]
            assert revisions == list(range(self.cursor + 1, page.through + 1))
            for change in page.changes:
                held = self.copy.pop(change.former_personal_id or change.personal_id, {})
                self.copy.pop(change.personal_id, None)
                now = page.current.get(change.personal_id)
                if now is not None:
                    values = shown(self.whole()[now], self.day)
                    fields = {name: values[name] for name in (*change.fields, "personal_id")}
                    self.copy[now] = {**self.copy.pop(now, {}), **held, **fields}
            self.cursor = page.through
        people = {number: shown(one, self.day) for number, one in self.whole().items()}
        empty = dict.fromkeys(next(iter(people.values())))
        held = {n: {name: one.get(name) or None for name in empty} for n, one in self.copy.items()}
        full = {n: {name: one[name] or None for name in empty} for n, one in people.items()}
        assert held == full

    def submit(self, what: What) -> None:
        """Submit an event, refused or not; a repeated name of a person follows its number."""
        before, head = self.whole(), self.info().revision
        submission = self.reporter.reports(what, self.day)
        try:
            applied = self.run(self.population.apply(submission))
        except EventRefused:
            assert self.info().revision == head
            assert {n: undated(one, self.day) for n, one in self.whole().items()} == {
                n: undated(one, self.day) for n, one in before.items()
            }
            return
        self.note(submission, applied, head)
        self.before = before

    def annul(self, event: Applied) -> bool:
        """Annul an event; whether it was."""
        head = self.info().revision
        submission = self.reporter.annuls(event.event_id)
        submission = replace(submission, effective=self.day, registered=self.day)
        try:
            applied = self.run(self.population.apply(submission))
        except EventRefused as refused:
            if refused.code not in {"LATER_EVENT", "EVENT_ANNULLED", "NOT_ANNULLABLE"}:
                raise
            assert self.info().revision == head
            return False
        found = self.run(self.population.find_event(event.event_id))
        assert (found.state, found.annulled_by) == (EventState.ANNULLED, applied.event_id)
        self.note(submission, applied, head)
        self.before = {}
        return True

    def note(self, submission: Submission, applied: Applied, head: int) -> None:
        """Remember what was applied, and who is there now."""
        if applied.last_revision:
            made = applied.first_revision, applied.last_revision
            assert made == (head + 1, self.info().revision)
        self.applied.append((submission, applied))
        self.people = sorted({*self.people, applied.personal_id} & self.whole().keys())

    def run(self, waiting: Coroutine[Any, Any, T]) -> T:
        """Wait for something."""
        return self.runner.run(waiting)

    def who(self, index: int, sex: Sex | None = None) -> str:
        """Somebody, of one sex if there is anybody of it."""
        people = self.whole()
        fitting = [one for one in self.people if sex in {None, people[one].sex}] or self.people
        return fitting[index % len(fitting)]

    def state(self, applied: Applied) -> EventState:
        """What became of an event."""
        return self.run(self.population.find_event(applied.event_id)).state

    def info(self) -> RegisterInfo:
        """The register of itself."""
        return self.run(self.population.info())

    def whole(self) -> dict[str, Citizen]:
        """Everybody, read anew when something changed."""
        info = self.info()
        if self.known[0] == (info.revision, info.day):
            return self.known[1]
        with closing(sqlite3.connect(self.path)) as connection:
            numbers = tuple(
                f"{row[0]:012d}" for row in connection.execute("SELECT id FROM citizen")
            )
        found = self.run(self.population.read(Keys(details=numbers))).citizens
        self.known = (info.revision, info.day), {number: one for number, (one,) in found.items()}
        return self.known[1]


def _alive_again(one: Citizen) -> Citizen:
    """Without the one mark that an annulled death leaves."""
    return replace(one, identity=one.identity._replace(death_annulled=False))


def test_the_register_tells_all_that_happens(tmp_path: Path) -> None:
    """Random events, repeats, confirmations and annulments; see the machine."""
    template = make_register(tmp_path / "template.db", rows_of(PERSONAS))
    machine: Any = partial(RegisterMachine, template)
    run_state_machine_as_test(machine, settings=settings(max_examples=12, stateful_step_count=25))
