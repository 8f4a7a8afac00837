"""The model checker of the crash test finds what is planted, and nothing where all is well."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from dancu.v1 import change_pb2, citizen_pb2
from mock_population_db.changes import Change, ChangeCause, ChangeKind
from mock_population_db.citizen import Citizen, Identity, PersonName
from tests.support.scene import person
from tests.torture import model
from tests.torture.checker import check_feed, check_register, check_reports, check_snapshots
from tests.torture.copies import check_copy, copy_of
from tests.torture.ledger import Held, check_leaves
from tests.torture.model import Answered, Delivery, Refused, Register, RegisterEvent, Reports, Sent

ANNA, BINH = "001090000013", "001090000014"


def change(revision: int, event_id: str, number: str = ANNA) -> Change:
    """A change of a name."""
    return Change(
        revision,
        ChangeKind.CORRECTION,
        number,
        ("name",),
        ChangeCause.SUBMITTED,
        datetime(2026, 1, 1, tzinfo=UTC),
        date(2026, 1, 1),
        event_id=event_id,
    )


def citizen(number: str, given: str) -> Citizen:
    """A citizen by this name."""
    identity: Identity = person(number)
    return Citizen(identity._replace(name=PersonName("Lê", "Văn", given)))


REGISTER = Register(
    5,
    [change(2, "E1"), change(3, "E2"), change(4, "E2", BINH), change(5, "E3")],
    [
        RegisterEvent("E1", "r1", b"one", "", 2, 2, annulled_by="E3"),
        RegisterEvent("E2", "r2", b"two", "", 3, 4),
        RegisterEvent("E3", "r3", b"", "E1", 5, 5),
    ],
    {ANNA: citizen(ANNA, "An"), BINH: citizen(BINH, "Bình")},
)


def reports() -> Reports:
    """What was sent and heard, all as it should be."""
    sent = [
        Sent("r1", "a", b"one"),
        Sent("r2", "a", b"two"),
        Sent("r2", "b", b"TWO"),
        Sent("r3", "a", b"", "E1"),
        Sent("r4", "a", b"four"),
    ]
    return Reports(
        {(one.request_id, one.payload): one for one in sent},
        [
            Answered("r1", "a", "E1", 2, 2, b"receipt 1"),
            Answered("r1", "a", "E1", 2, 2, b"receipt 1"),
            Answered("r2", "a", "E2", 3, 4, b"receipt 2"),
            Answered("r3", "a", "E1", 2, 2, b"receipt 3"),
        ],
        [
            Refused("r2", "b", "ALREADY_EXISTS", "REQUEST_ID_REUSED"),
            Refused("r4", "a", "FAILED_PRECONDITION", "ALREADY_DEAD"),
        ],
    )


def test_a_whole_register_and_true_reports() -> None:
    """Nothing is found where nothing is wrong."""
    assert [*check_register(REGISTER), *check_reports(reports(), REGISTER)] == []


@pytest.mark.parametrize(
    ("register", "finding"),
    [
        (replace(REGISTER, changes=[*REGISTER.changes[:1], *REGISTER.changes[2:]]), "follows 2"),
        (replace(REGISTER, head=6), "without a change of that revision"),
        (replace(REGISTER, changes=REGISTER.changes[:2], head=3), "event E2 says revisions"),
        (replace(REGISTER, events=REGISTER.events[1:]), "'E1', which is not there"),
    ],
    ids=["gap", "head", "half an event", "change of nothing"],
)
def test_a_register_that_is_half_written(register: Register, finding: str) -> None:
    """Gaps, half events and changes without an event are found."""
    assert any(finding in found for found in check_register(register))


def lose(heard: Reports) -> None:
    """An acknowledged event is not in the register."""
    heard.sent["r9", "a"] = Sent("r9", "a", b"nine")
    heard.answered.append(Answered("r9", "a", "E9", 9, 9, b"receipt 9"))


def double(heard: Reports) -> None:
    """The same request got two receipts."""
    heard.answered.append(replace(heard.answered[0], receipt=b"another"))


def swap(heard: Reports) -> None:
    """Another payload passed under the id."""
    heard.answered[2] = replace(heard.answered[2], payload="b")


def invent(heard: Reports) -> None:
    """An event is in the register that nobody was told of."""
    heard.answered[:2] = []


def refuse(heard: Reports) -> None:
    """A refused event was taken in."""
    heard.refused.append(Refused("r1", "a", "FAILED_PRECONDITION", "ALREADY_DEAD"))


def collide(heard: Reports) -> None:
    """Refused for another payload that never was."""
    heard.refused.append(Refused("r4", "a", "ALREADY_EXISTS", "REQUEST_ID_REUSED"))


def forget(heard: Reports) -> None:
    """A request has no end."""
    heard.sent["r8", "a"] = Sent("r8", "a", b"eight")


def misplace(heard: Reports) -> None:
    """A receipt names other revisions."""
    heard.answered[2] = replace(heard.answered[2], last=5)


def annul(heard: Reports) -> None:
    """An annulment was acknowledged for an event that stands."""
    heard.sent["r3", "a"] = Sent("r3", "a", b"", "E2")


@pytest.mark.parametrize(
    ("plant", "finding"),
    [
        (lose, "event E9 of request r9 is lost"),
        (double, "other bytes"),
        (swap, "another payload"),
        (invent, "nobody was told of"),
        (refuse, "and is in the register"),
        (collide, "that is not in the register"),
        (forget, "never answered"),
        (misplace, "not what the register says"),
        (annul, "another payload"),
    ],
)
def test_reports_that_do_not_fit(plant: Callable[[Reports], None], finding: str) -> None:
    """Lost, doubled, swapped and invented events are found."""
    heard = reports()
    plant(heard)
    assert any(finding in found for found in check_reports(heard, REGISTER))


def test_an_event_that_is_there_twice() -> None:
    """One request must not be two events."""
    twice = replace(REGISTER, events=[*REGISTER.events, replace(REGISTER.events[0], event_id="E7")])
    assert "request r1 is 2 events" in list(check_reports(reports(), twice))


def handed(*revisions: int, began: int | None = None) -> list[Delivery]:
    """A follower's journal: begins, and is handed these."""
    told = [change_pb2.Change(revision=one) for one in revisions]
    start = [] if began is None else [Delivery(began=began)]
    return [*start, Delivery(through=max(revisions), changes=told)]


@pytest.mark.parametrize(
    "journal",
    [
        handed(2, 3, 4, 5, began=1),
        [*handed(2, 3, began=1), *handed(4, 5, began=4)],
        [*handed(2, 3, began=1), *handed(2, 3, began=1), *handed(4, 5)],
        [*handed(2, 3, 4, began=1), *handed(4, 5, began=4)],
    ],
    ids=["at once", "resumed", "again from the start", "again from the cursor"],
)
def test_a_feed_without_gaps(journal: Sequence[Delivery]) -> None:
    """What was not finished may come again after a restart."""
    assert list(check_feed("f", journal, REGISTER, lambda _: True)) == []


@pytest.mark.parametrize(
    ("journal", "finding"),
    [
        (handed(2, 4, 5, began=1), "got revision 4 where 3 was due"),
        (handed(2, 3, 3, 4, 5, began=1), "got revision 3 where 4 was due"),
        (handed(2, 4, 3, 5, began=1), "got revision 4 where 3 was due"),
        (handed(2, 3, 4, began=1), "never got [5]"),
        ([*handed(2, 3, began=1), *handed(2, 3)], "got revision 2 where 4 was due"),
        ([*handed(2, began=1), *handed(4, 5, began=4)], "never saw 3"),
        ([*handed(2, 3, began=1), *handed(3, 4, 5, began=2)], "got revision 3 where 2 was due"),
        (handed(2, 3, 4, 5, 6, began=1), "got revision 6 where None was due"),
    ],
    ids=["gap", "twice", "order", "end", "step back", "cursor ahead", "cursor behind", "invented"],
)
def test_a_feed_with_a_fault(journal: Sequence[Delivery], finding: str) -> None:
    """Gaps, duplicates and steps back are found."""
    assert any(finding in found for found in check_feed("f", journal, REGISTER, lambda _: True))


def test_a_feed_with_a_filter() -> None:
    """Only what passes is due."""

    def passes(one: Change) -> bool:
        return one.personal_id == BINH

    assert list(check_feed("f", handed(4, began=1), REGISTER, passes)) == []
    assert list(check_feed("f", handed(3, 4, began=1), REGISTER, passes)) != []


def told(number: str, given: str, former: str = "") -> change_pb2.Change:
    """A change of a name as a follower sees it."""
    name = citizen_pb2.PersonName(family="Lê", middle="Văn", given=given, full=f"Lê Văn {given}")
    return change_pb2.Change(
        personal_id=number,
        former_personal_id=former,
        kind=change_pb2.CHANGE_KIND_CORRECTION,
        citizen=citizen_pb2.Citizen(name=name),
        fields=[
            citizen_pb2.FieldDisclosure(path="name", status=citizen_pb2.FIELD_STATUS_PRESENT),
            citizen_pb2.FieldDisclosure(path="phone", status=citizen_pb2.FIELD_STATUS_NOT_RECORDED),
        ],
    )


def copied(*changes: change_pb2.Change) -> list[str]:
    """What is found at a copy made of these."""
    return list(check_copy("f", copy_of([Delivery(changes=changes)]), REGISTER))


def test_a_true_copy() -> None:
    """Later changes overwrite, a number may change, and who is withdrawn is gone."""
    gone = change_pb2.Change(personal_id="3", kind=change_pb2.CHANGE_KIND_WITHDRAWN)
    renumbered = told(BINH, "Bình", former="2")
    true = (told(ANNA, "Ánh"), told("2", "Ba"), told("3", "X"), told(ANNA, "An"), renumbered, gone)
    assert copied(*true) == []


def test_a_wrong_copy() -> None:
    """An old value, somebody too many and somebody missing are found."""
    assert copied(told(ANNA, "An"), told(BINH, "Ba")) == [
        f"f: another name of {BINH} than the register"
    ]
    assert copied(told(ANNA, "An")) == [f"f: has not {BINH}, who was changed"]
    more = copied(told(ANNA, "An"), told(BINH, "Bình"), told("3", "X"))
    assert more == ["f: has 3, whom the register has not"]


def test_answers_within_an_event() -> None:
    """Nothing may be read between two revisions of one event, or in the future."""
    assert list(check_snapshots([("a", 2), ("b", 4), ("c", 5)], REGISTER)) == []
    within, beyond = check_snapshots([("a", 3), ("b", 6)], REGISTER)
    assert "within event E2" in within
    assert "beyond 5" in beyond


def test_receipts_without_leaves() -> None:
    """A receipt that is not in the log, and two at one place, are found."""
    mine = Held("me", 1, b"1", 2, b"root", 5)
    assert list(check_leaves([mine], [b"0", b"1"])) == []
    (lost,) = check_leaves([mine], [b"0"])
    assert lost == "a receipt of me is not leaf 1 of the log"
    _wrong, twice = check_leaves([mine, mine._replace(leaf=b"2")], [b"0", b"1"])
    assert twice == "two receipts claim leaf 1"


def test_journals_are_read() -> None:
    """The lines of a submitter's journal become what was sent and heard."""
    heard = model.Reports()
    heard.add(
        {"sent": "r1", "payload": "a", "event": "b25l", "annuls": "", "effect": [ANNA, "name"]}
    )
    answer = {"payload": "a", "event_id": "E1", "first": 2, "last": 2, "receipt": "eA=="}
    heard.add({"answered": "r1", **answer})
    assert heard.effects() == {ANNA: {"name": 2}}
    assert heard.answered == [Answered("r1", "a", "E1", 2, 2, b"x")]
