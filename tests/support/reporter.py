"""Events about the personas, as an office reports them, for the suites of the register."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import count

from mock_population_db.citizen import Citizen, DocumentStatus, NumberStatus, PersonName, Sex
from mock_population_db.events import Annulment, Birth, LegalDocument, Submission, What
from mock_population_db.snapshot import Keys
from mock_population_db.store.population import Population

DAY = date(2026, 3, 1)
NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
COMMUNE = "26737"

# man, wife and child of one household, and two who are free to marry
FATHER, MOTHER, CHILD = "079088000001", "079190000002", "079216000003"
BRIDE, GROOM = "015195000013", "048090000016"

# what the contract's Citizen shows, where it is not a field of the same name
_FIELDS = (
    "sex", "other_names", "ethnic_code", "religion_code", "nationality", "blood_type",
    "marital_status", "birth_place", "birth_registration_place", "native_place",
    "permanent_residence", "temporary_residence", "current_residence", "residence_file_number",
    "father", "mother", "spouse", "representative", "vital_date", "phone", "email",
)  # fmt: skip


@dataclass
class Reporter:
    """An office that reports events, each under a request id of its own."""

    name: str = "civil-status-office"
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def reports(self, what: What, day: date = DAY) -> Submission:
        """An event as it is submitted, registered on a day and recorded at once."""
        request = f"request-{next(self._numbers)}"
        return Submission(
            what=what,
            document=LegalDocument("17/2026", day, "UBND phường"),
            effective=day,
            registered=day,
            reporter=self.name,
            rpc="SubmitPopulationEvent",
            request_id=request,
            fingerprint=hashlib.sha256(f"{self.name} {request}".encode()).digest(),
            recorded_at=NOW.replace(year=day.year, month=day.month, day=day.day),
            original=b"as it was reported",
            signature="e.y.J",
        )

    def annuls(self, event_id: str) -> Submission:
        """The annulment of an event."""
        return self.reports(Annulment(event_id, "wrong person"))


def birth(given: str = "Bình", *, pending: bool = False) -> Birth:
    """A daughter of ``MOTHER`` and ``FATHER``."""
    name, day = PersonName("Trần", "An", given), date(2026, 2, 20)
    return Birth(
        name, day, Sex.FEMALE, COMMUNE, MOTHER, FATHER, not_a_duplicate=True, pending=pending
    )


async def citizen(population: Population, number: str) -> Citizen:
    """The citizen who has exactly this number. Raises LookupError when nobody has."""
    (found,) = (await population.read(Keys(details=(number,)))).citizens[number]
    if found.identity.personal_id != number:
        raise LookupError(number)
    return found


def shown(one: Citizen, day: date) -> dict[str, object]:
    """What a follower copies of a citizen: the contract's fields.

    Of documents, without what time alone did to them.
    """
    person = one.identity
    return {name: getattr(one, name) for name in _FIELDS} | {
        "personal_id": person.personal_id,
        "old_id_number": person.old_id_number,
        "name": person.name,
        "birth_date": person.birth_date,
        "person_status": (person.vital_status, person.number_status is NumberStatus.PENDING),
        "documents": undated(one, day).documents,
    }


def undated(one: Citizen, day: date) -> Citizen:
    """The citizen with documents that expired by themselves shown as valid."""
    return replace(
        one,
        documents=tuple(
            replace(document, status=DocumentStatus.VALID)
            if document.expires
            and document.expires < day
            and document.status is DocumentStatus.EXPIRED
            else document
            for document in one.documents
        ),
    )
