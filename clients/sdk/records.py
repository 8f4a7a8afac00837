"""One record of a system of your own, to be compared with the register (bản ghi cần đối soát)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from clients.sdk.requests import partial_date
from clients.sdk.vocabulary import CodeEpoch, MaritalStatus, PersonStatus, Sex
from dancu.v1 import citizen_pb2, reconciliation_pb2, sync_service_pb2


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Number, name and birth date decide who it is; the other fields are compared where given.

    Attributes:
        row_key: Your own key of the row, 1 to 64 characters; comes back with the verdict.
        personal_id: 12 digits (số định danh cá nhân).
        old_id_number: 9 digits (số CMND 9 số).
        full_name: With or without marks.
        birth_date: A date, or text: ``YYYY``, ``YYYY-MM``, ``YYYY-MM-DD``; another form is read
            by the gateway, which then flags the record REPAIRED.
        sex: To compare; UNSPECIFIED is not compared. So with all that follow.
        marital_status: To compare.
        permanent_commune_code: To compare, 5 digits.
        temporary_commune_code: To compare, 5 digits.
        code_epoch: When the two codes are to be read; UNSPECIFIED: the codes in force.
        person_status: To compare.
        nationality: To compare, ISO 3166-1 alpha-2.
    """

    row_key: str
    personal_id: str = ""
    old_id_number: str = ""
    full_name: str = ""
    birth_date: str | date = ""
    sex: Sex = Sex.UNSPECIFIED
    marital_status: MaritalStatus = MaritalStatus.UNSPECIFIED
    permanent_commune_code: str = ""
    temporary_commune_code: str = ""
    code_epoch: CodeEpoch = CodeEpoch.UNSPECIFIED
    person_status: PersonStatus = PersonStatus.UNSPECIFIED
    nationality: str = ""

    def to_message(self) -> reconciliation_pb2.CitizenRecord:
        """The contract's message; never refuses, for the verdict on a bad record is INVALID."""
        claim = citizen_pb2.CitizenClaim(
            personal_id=self.personal_id,
            old_id_number=self.old_id_number,
            full_name=self.full_name,
        )
        message = reconciliation_pb2.CitizenRecord(
            row_key=self.row_key,
            claim=claim,
            sex=citizen_pb2.Sex.Name(self.sex.value),
            marital_status=citizen_pb2.MaritalStatus.Name(self.marital_status.value),
            permanent_commune_code=self.permanent_commune_code,
            temporary_commune_code=self.temporary_commune_code,
            code_epoch=citizen_pb2.CodeEpoch.Name(self.code_epoch.value),
            person_status=citizen_pb2.PersonStatus.Name(self.person_status.value),
            nationality=self.nationality,
        )
        try:
            message.claim.birth_date.CopyFrom(partial_date(self.birth_date))
        except ValueError:
            message.birth_date_text = str(self.birth_date)
        return message


def record_chunk(records: Iterable[Record]) -> sync_service_pb2.RecordChunk:
    """Up to 1,000 records as one chunk; the Reconciler numbers it."""
    return sync_service_pb2.RecordChunk(records=[each.to_message() for each in records])
