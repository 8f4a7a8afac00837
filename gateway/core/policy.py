"""Who may see what. Default deny: a caller without a grant is refused.

A grant names the fields of ``Citizen`` that it opens and whether it explains. The demo
callers below are what ``dancu dev --as`` chooses from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.core.errors import MalformedRequest, Refused, Violation, violations_found

# the fields of Citizen in the contract's order; bit i of an access row stands for FIELDS[i]
FIELDS = (
    "personal_id",
    "old_id_number",
    "name",
    "other_names",
    "birth_date",
    "sex",
    "ethnic_code",
    "religion_code",
    "nationality",
    "blood_type",
    "marital_status",
    "birth_place",
    "birth_registration_place",
    "native_place",
    "permanent_residence",
    "temporary_residence",
    "current_residence",
    "residence_file_number",
    "father",
    "mother",
    "spouse",
    "representative",
    "documents",
    "person_status",
    "vital_date",
    "phone",
    "email",
)

# sensitive personal data (NĐ 356/2025): only where granted by name
SENSITIVE = frozenset({"ethnic_code", "religion_code", "blood_type"})


@dataclass(frozen=True, slots=True)
class Grant:
    """What one caller may do."""

    fields: frozenset[str]
    explain: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """Grants by caller."""

    version: str
    grants: Mapping[str, Grant]

    def authorise(self, caller: str) -> Grant:
        """The caller's grant.

        Raises:
            Refused: there is none.
        """
        grant = self.grants.get(caller)
        if grant is None:
            raise Refused(
                "CALLER_NOT_GRANTED",
                "this caller has no grant for this procedure; ask the operator for one",
                "hệ thống này chưa được cấp phép khai thác cho thủ tục này; hãy liên hệ đơn vị "
                "quản lý",
            )
        return grant


def fields_to_disclose(paths: Sequence[str], grant: Grant) -> frozenset[str]:
    """The fields asked for that may be shown; no path means everything granted.

    Raises:
        MalformedRequest: a path is no field of ``Citizen``.
        Refused: a field was asked for by name that is not granted.
    """
    unknown = [path for path in paths if path not in FIELDS]
    if unknown:
        raise _unknown_paths(len(unknown))
    surplus = tuple(path for path in paths if path not in grant.fields)
    if surplus:
        names = ", ".join(surplus)
        raise Refused(
            "FIELD_NOT_GRANTED",
            f"not granted to this caller: {names}; leave them out or ask for the grant",
            f"hệ thống này chưa được phép xem: {names}; hãy bỏ các trường này hoặc xin cấp phép",
            surplus,
        )
    return grant.fields.intersection(paths) if paths else grant.fields


def _unknown_paths(count: int) -> MalformedRequest:
    return violations_found(
        [
            Violation(
                "read_mask",
                "UNKNOWN_FIELD",
                f"{count} of its paths are no top-level fields of Citizen; choose from: "
                + ", ".join(FIELDS),
                f"có {count} đường dẫn không phải là trường của Citizen; chọn trong: "
                + ", ".join(FIELDS),
            )
        ]
    )


_ORDINARY = frozenset(FIELDS) - SENSITIVE

DEMO_POLICY = Policy(
    version="demo-1",
    grants={
        # what the real link shows: a yes or a no, and the ordinary fields
        "plain": Grant(_ORDINARY),
        # the same, and is told why a claim was not verified
        "explain": Grant(_ORDINARY, explain=True),
        # sees the sensitive fields too
        "full": Grant(frozenset(FIELDS), explain=True),
    },
)
