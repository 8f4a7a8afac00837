"""What the simulated life reports: events as any office would report them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from mock_population_db.changes import ChangeCause
from mock_population_db.events import LegalDocument, Submission, What
from mock_population_db.life.rates import Happening

REPORTER = RPC = "life"


@dataclass(frozen=True, slots=True)
class Draft:
    """Something that happens, before it has a number and a document."""

    happening: Happening
    what: What
    authority: str  # who issues the document
    effective: date


def submissions(drafts: Iterable[Draft], day: date, recorded_at: datetime) -> Iterator[Submission]:
    """Events of a day, registered on it; each has a name that no other event of life has."""
    counts: Counter[Happening] = Counter()
    for draft in drafts:
        counts[draft.happening] += 1
        count = counts[draft.happening]
        document = LegalDocument(
            f"{day:%m%d}-{count:04d}/{day.year}",
            day,
            draft.authority,
            f"{day.month:02d}/{day.year}",
        )
        told = repr((draft.what, document, draft.effective, day))
        yield Submission(
            what=draft.what,
            document=document,
            effective=draft.effective,
            registered=day,
            reporter=REPORTER,
            rpc=RPC,
            request_id=f"{request_prefix(day, draft.happening)}{count:06d}",
            fingerprint=hashlib.sha256(told.encode()).digest(),
            recorded_at=recorded_at,
            cause=ChangeCause.LIFE,
        )


def request_prefix(day: date, happening: Happening) -> str:
    """How the request ids of one kind of event of one day begin."""
    return f"{day.isoformat()}.{happening}."


def happening_of(submission: Submission) -> Happening:
    """What kind of event a submission of life's is."""
    return Happening(submission.request_id.split(".")[1])
