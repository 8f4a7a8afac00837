"""The two people whom the fake gateway knows, and its verdict on claims about them."""

from __future__ import annotations

from google.protobuf.message import Message

from dancu.v1 import citizen_pb2 as c

KNOWN = {
    "001090000013": ("Lê Văn An", (1990, 5, 12), c.PERSON_STATUS_ALIVE),
    "001148000017": ("Nguyễn Thị Hoà", (1948, 0, 0), c.PERSON_STATUS_DEAD),
}
OLD_NUMBERS = {"012345678": "001090000013"}


def judge(claim: c.CitizenClaim, answer: Message) -> None:
    """Set outcome, and person and levels where there are such fields and it is VERIFIED."""
    number = OLD_NUMBERS.get(claim.old_id_number, claim.personal_id)
    date = (claim.birth_date.year, claim.birth_date.month, claim.birth_date.day)
    name, birth, status = KNOWN.get(number, ("", (0, 0, 0), c.PERSON_STATUS_UNSPECIFIED))
    if not name or (name.casefold(), birth) != (claim.full_name.casefold(), date):
        answer.outcome = c.OUTCOME_NOT_VERIFIED  # type: ignore[attr-defined]
        return
    answer.outcome = c.OUTCOME_VERIFIED  # type: ignore[attr-defined]
    person = answer.person  # type: ignore[attr-defined]
    person.identifier_used = (
        c.IDENTIFIER_KIND_OLD_ID_NUMBER if claim.old_id_number else c.IDENTIFIER_KIND_PERSONAL_ID
    )
    person.status = status
    if not birth[1]:
        person.notices.append(c.NOTICE_BIRTH_DATE_INCOMPLETE)
    if hasattr(answer, "levels"):
        answer.levels.full_name = c.NAME_LEVEL_EXACT
        answer.levels.birth_date = c.DATE_LEVEL_EXACT
