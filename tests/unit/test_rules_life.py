"""Whatever is reported in whatever order, the register stays consistent."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mock_population_db.citizen import (
    Citizen,
    MaritalStatus,
    PersonName,
    Relation,
    ResidenceKind,
    Sex,
    VitalStatus,
)
from mock_population_db.events import (
    Birth,
    CardIssue,
    CardLoss,
    Correction,
    Death,
    Departure,
    Divorce,
    EventRefused,
    Marriage,
    Renumbering,
    ResidenceRegistration,
    What,
)
from mock_population_db.partial_date import PartialDate
from mock_population_db.rules.edits import FIELDS
from mock_population_db.rules.refusals import REFUSALS
from tests.unit.rules_register import BA_DINH, NGOC_HA, Register, person

FIRST = date(2026, 3, 10)
PEOPLE = [f"0010{70 + n}00000{n}" for n in range(4)] + [f"0011{75 + n}00000{n}" for n in range(4)]
GIVEN = st.sampled_from(["An", "Bình", "Chi", "Dung", "Giang"])
COMMUNES = st.sampled_from([BA_DINH, NGOC_HA, "00025"])
RELATIONS = st.sampled_from(
    [Relation.HEAD, Relation.SPOUSE, Relation.SON, Relation.LODGER, Relation.SIBLING]
)
ANYBODY = st.integers(0, 50)


class Life(RuleBasedStateMachine):
    """Eight people and whatever happens to them."""

    def __init__(self) -> None:
        super().__init__()
        self.register = Register()

    @initialize()
    def settle(self) -> None:
        """Four men and four women, in two households."""
        self.register = Register.of(*(person(one, f"19{one[4:6]}-01-01") for one in PEOPLE))
        self.register.today = FIRST
        for at, head in ((0, PEOPLE[0]), (4, PEOPLE[4])):
            others = dict.fromkeys(PEOPLE[at + 1 : at + 4], Relation.SIBLING)
            self.register.house({head: Relation.HEAD, **others}, since=date(2020, 1, 1))

    def anybody(self, at: int) -> str:
        """One of those on file."""
        numbers = sorted(self.register.people)
        return numbers[at % len(numbers)]

    def report(self, what: What) -> None:
        """Report it today; a refusal is one of those explained and changes nothing."""
        before, refusal = (dict(self.register.people), dict(self.register.households)), ""
        try:
            plan = self.register.submit(what, self.register.today, self.register.today)
        except EventRefused as refused:
            refusal = refused.code
        if refusal:
            assert refusal in REFUSALS
            assert (self.register.people, self.register.households) == before
        else:
            assert plan.subject in self.register.people
            for edit in plan.edits:
                assert edit.fields
                assert list(edit.fields) == [name for name in FIELDS if name in edit.fields]

    @rule(days=st.integers(1, 120))
    def wait(self, days: int) -> None:
        """Time goes by."""
        self.register.today += timedelta(days)

    @rule(who=ANYBODY, other=ANYBODY, given=GIVEN, sex=st.sampled_from([Sex.MALE, Sex.FEMALE]))
    def birth(self, who: int, other: int, given: str, sex: Sex) -> None:
        """A child of two, or of one."""
        mother, father = self.anybody(who), self.anybody(other)
        name = PersonName("Lê", "Thử", given)
        self.report(Birth(name, self.register.today, sex, BA_DINH, mother, father))
        self.report(Birth(name, self.register.today, sex, BA_DINH, mother))

    @rule(who=ANYBODY, status=st.sampled_from(list(VitalStatus)[1:]))
    def death(self, who: int, status: VitalStatus) -> None:
        """A death or a declaration."""
        day = self.register.today
        self.report(Death(self.anybody(who), PartialDate(day.year, day.month, day.day), status))

    @rule(who=ANYBODY, other=ANYBODY)
    def marriage(self, who: int, other: int) -> None:
        """A marriage."""
        self.report(Marriage(self.anybody(who), self.anybody(other)))

    @rule(who=ANYBODY)
    def divorce(self, who: int) -> None:
        """A divorce."""
        self.report(Divorce(self.anybody(who)))

    @rule(who=ANYBODY, commune=COMMUNES, temporary=st.booleans())
    def household(self, who: int, commune: str, *, temporary: bool) -> None:
        """A household is founded."""
        until = self.register.today + timedelta(365) if temporary else None
        who_ = self.anybody(who)
        self.report(ResidenceRegistration(who_, temporary, commune=commune, until=until))

    @rule(who=ANYBODY, other=ANYBODY, relation=RELATIONS, temporary=st.booleans())
    def move(self, who: int, other: int, relation: Relation, *, temporary: bool) -> None:
        """A household is joined."""
        until = self.register.today + timedelta(365) if temporary else None
        who_, member = self.anybody(who), self.anybody(other)
        self.report(ResidenceRegistration(who_, temporary, member, relation, until=until))

    @rule(who=ANYBODY, other=ANYBODY, temporary=st.booleans(), named=st.booleans())
    def departure(self, who: int, other: int, *, temporary: bool, named: bool) -> None:
        """A residence ends."""
        new_head = self.anybody(other) if named else ""
        self.report(Departure(self.anybody(who), temporary, new_head))

    @rule(who=ANYBODY, sex=st.sampled_from(Sex), year=st.integers(1960, 2000), given=GIVEN)
    def correction(self, who: int, sex: Sex, year: int, given: str) -> None:
        """A correction, then another number."""
        number = self.anybody(who)
        self.report(Correction(number, PersonName("Lê", "", given), sex, PartialDate(year)))
        self.report(Renumbering(number, "CORRECTED"))

    @rule(who=ANYBODY, age=st.sampled_from([25, 40, 60]))
    def card(self, who: int, age: int) -> None:
        """A card is issued, and lost."""
        number = self.anybody(who)
        birth = self.register.people[number].identity.birth_date
        assert birth is not None
        self.report(CardIssue(number, date(birth.year + age, 1, 1)))
        self.report(CardLoss(number))

    @invariant()
    def residences_are_in_households(self) -> None:
        """Every residence is at the address of a household of its kind."""
        for one in self.register.people.values():
            for kind, stay in (
                (ResidenceKind.PERMANENT, one.permanent_residence),
                (ResidenceKind.TEMPORARY, one.temporary_residence),
            ):
                if stay:
                    home = self.register.households[stay.household_id]
                    assert (stay.kind, home.kind, stay.address) == (kind, kind, home.address)
                    assert (stay.until is None) is (kind is ResidenceKind.PERMANENT)

    @invariant()
    def households_have_members_and_one_head(self) -> None:
        """Nobody's household is empty; its head is a member; one living member says so at most."""
        for number in self.register.households:
            home = self.register.household(number)
            members = {one.personal_id: one for one in home.members}
            assert members
            assert not home.head or home.head in members
            heads = [
                one.personal_id
                for one in home.members
                if one.relation is Relation.HEAD and one.vital_status is VitalStatus.ALIVE
            ]
            assert heads in ([], [home.head])

    @invariant()
    def marriages_are_of_two(self) -> None:
        """Of two living people, each is the other's spouse; nobody is the spouse of several."""
        people = self.register.people
        spouses = [one for one in people.values() if self.is_married(one)]
        for one in spouses:
            assert one.spouse is not None
            other = people[one.spouse.personal_id]
            if other.identity.vital_status is VitalStatus.ALIVE:
                assert self.is_married(other)
                assert other.spouse is not None
                assert other.spouse.personal_id == one.identity.personal_id
        named = Counter(one.spouse.personal_id for one in spouses if one.spouse)
        assert all(count == 1 for count in named.values())

    @staticmethod
    def is_married(one: Citizen) -> bool:
        """Whether somebody is alive and married."""
        alive = one.identity.vital_status is VitalStatus.ALIVE
        return alive and one.marital_status is MaritalStatus.MARRIED

    @invariant()
    def everybody_stands_under_their_number(self) -> None:
        """And every parent and spouse that is named is on file."""
        for number, one in self.register.people.items():
            assert one.identity.personal_id == number
            for kin in (one.father, one.mother, one.spouse):
                assert kin is None or kin.personal_id in self.register.people


Life.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestLife = Life.TestCase
