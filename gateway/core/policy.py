"""Who may see what: caller × procedure × RPC × fields × validity. Default deny.

Rules as they were written (``gateway/policies`` reads them) are compiled into a
table, so that a decision is one or two look-ups. Exactly one grant decides a call: that of
the named procedure, or else that of "*". Two that are in force for one call at one time
are a mistake of the file and never get here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from types import MappingProxyType

from gateway.core.days import moment
from gateway.core.errors import MalformedRequest, Refused, Violation, violations_found
from gateway.core.model import Call
from gateway.core.quota import EVERY, Quotas

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

# every RPC that needs a grant, by its short name; "*" is not offered, because an RPC that
# is added later must not be granted by an old file
RPCS = {
    method: f"dancu.v1.{service}/{method}"
    for service, methods in {
        "IdentityService": (
            "VerifyIdentity",
            "BatchVerifyIdentities",
            "LookupCitizen",
            "ResolveIdentifier",
            "VerifyAttributes",
        ),
        "ResidenceService": ("ConfirmResidence", "GetHousehold"),
        "AccessHistoryService": ("ListAccesses",),
        "SyncService": (
            "ReconcileCitizens",
            "WatchChanges",
            "ListChanges",
            "UpdateWatchedCitizens",
            "ListWatchedCitizens",
        ),
        "PopulationEventService": (
            "SubmitPopulationEvent",
            "GetPopulationEvent",
            "AnnulPopulationEvent",
        ),
    }.items()
    for method in methods
}

# as what kind of authority a caller may report events (cơ quan có thẩm quyền)
AUTHORITIES = ("civil_status", "court", "police")

ALWAYS = float("-inf"), float("inf")


@dataclass(frozen=True, slots=True)
class Grant:
    """What one rule opens.

    Attributes:
        fields: of ``Citizen``, that may be shown.
        explain: whether the caller is told why a claim was not verified.
        members: whether the members of a household are shown, or only counted.
        reports_as: the kinds of authority as which events may be reported, of ``AUTHORITIES``.
        valid_from: in force from here on, seconds since 1970.
        valid_until: in force before this.
        file: where it was written, with its line.
        policy_version: of the policy that it belongs to; statements carry it.
    """

    fields: frozenset[str]
    explain: bool = False
    members: bool = False
    reports_as: frozenset[str] = frozenset()
    valid_from: float = ALWAYS[0]
    valid_until: float = ALWAYS[1]
    file: str = ""
    line: int = 0
    policy_version: str = ""

    @property
    def rule(self) -> str:
        """Where it stands, as ``file:line``."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Rule:
    """Whom a grant is for: every caller × procedure (or "*") × RPC (short name)."""

    callers: frozenset[str]
    procedures: frozenset[str]
    rpcs: frozenset[str]
    grant: Grant


_Cell = tuple[str, str, str]  # caller, procedure, full name of the RPC


class Policy:
    """Rules, compiled. Immutable; a reload makes another one."""

    __slots__ = ("_cells", "_procedures", "quotas", "rules", "version")

    def __init__(
        self, version: str, rules: Sequence[Rule], quotas: Quotas = MappingProxyType({})
    ) -> None:
        self.version = version
        self.rules = tuple(rules)
        self.quotas = quotas
        self._cells = _compiled(version, rules)
        self._procedures = _procedures(self._cells)

    @property
    def callers(self) -> frozenset[str]:
        """Everybody who has a grant."""
        return frozenset(self._procedures)

    def authorise(self, call: Call, now: float) -> Grant:
        """The grant that decides a call, ``now`` in seconds since 1970.

        Raises:
            Refused: there is none, or none in force.
        """
        named = (call.caller, call.context.procedure_code, call.rpc)
        grants = self._cells.get(named) or self._cells.get((call.caller, EVERY, call.rpc))
        if grants is None:
            raise self._refusal(call)
        for grant in grants:
            if grant.valid_from <= now < grant.valid_until:
                return grant
        raise _not_in_force(grants, now)

    def _refusal(self, call: Call) -> Refused:
        granted = self._procedures.get(call.caller)
        if granted is None:
            refused = _caller_not_granted()
        elif not granted & {call.context.procedure_code, EVERY}:
            refused = _procedure_not_granted()
        else:
            refused = _rpc_not_granted(call.rpc.rpartition("/")[2])
        return refused.by(f"default deny, policy {self.version}")


def conflicts(rules: Sequence[Rule]) -> Iterator[tuple[Rule, Rule]]:
    """Rules that would both be in force for one call at one time."""
    for one, other in combinations(rules, 2):
        if (
            one.callers & other.callers
            and one.procedures & other.procedures
            and one.rpcs & other.rpcs
            and one.grant.valid_from < other.grant.valid_until
            and other.grant.valid_from < one.grant.valid_until
        ):
            yield one, other


def fields_to_disclose(paths: Sequence[str], grant: Grant) -> frozenset[str]:
    """The fields asked for that may be shown; no path means everything granted.

    Raises:
        MalformedRequest: a path is no field of ``Citizen``, or there are more than it has fields.
        Refused: a field was asked for by name that is not granted.
    """
    if len(paths) > len(FIELDS):  # what was asked is signed: receipts must not grow without bound
        raise _too_many_paths(len(paths))
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
        ).by(grant.rule)
    return grant.fields.intersection(paths) if paths else grant.fields


def _compiled(version: str, rules: Iterable[Rule]) -> dict[_Cell, tuple[Grant, ...]]:
    """Grants by cell, the earliest first."""
    cells: dict[_Cell, tuple[Grant, ...]] = {}
    for rule in rules:
        grant = replace(rule.grant, policy_version=version)
        for caller, procedure, rpc in product(rule.callers, rule.procedures, rule.rpcs):
            cell = (caller, procedure, RPCS[rpc])
            grants = (*cells.get(cell, ()), grant)
            cells[cell] = tuple(sorted(grants, key=lambda one: one.valid_from))
    return cells


def _procedures(cells: Iterable[_Cell]) -> Mapping[str, frozenset[str]]:
    """The procedures that each caller has some grant for."""
    found: dict[str, set[str]] = {}
    for caller, procedure, _ in cells:
        found.setdefault(caller, set()).add(procedure)
    return {caller: frozenset(procedures) for caller, procedures in found.items()}


def _caller_not_granted() -> Refused:
    return Refused(
        "CALLER_NOT_GRANTED",
        "this caller has no grant at all; ask the operator for one",
        "hệ thống này chưa được cấp phép khai thác; hãy liên hệ đơn vị quản lý",
    )


def _procedure_not_granted() -> Refused:
    return Refused(
        "PROCEDURE_NOT_GRANTED",
        "this caller has no grant for this procedure (context.procedure_code); check the code, or "
        "ask the operator for the grant",
        "hệ thống này chưa được cấp phép khai thác cho thủ tục này (context.procedure_code); hãy "
        "kiểm tra mã hoặc liên hệ đơn vị quản lý",
    )


def _rpc_not_granted(rpc: str) -> Refused:
    return Refused(
        "RPC_NOT_GRANTED",
        f"not granted to this caller for this procedure: {rpc}; ask the operator for the grant",
        f"hệ thống này chưa được phép dùng {rpc} cho thủ tục này; hãy liên hệ đơn vị quản lý",
        (rpc,),
    )


def _not_in_force(grants: Sequence[Grant], now: float) -> Refused:
    """Every grant of a cell is over, or one is still to come."""
    to_come = [grant for grant in grants if grant.valid_from > now]
    if to_come:
        begin = moment(to_come[0].valid_from).isoformat()
        return Refused(
            "GRANT_NOT_YET_VALID",
            f"this caller's grant begins at {begin}; try again then",
            f"giấy phép của hệ thống này có hiệu lực từ {begin}; hãy thử lại sau thời điểm đó",
        ).by(to_come[0].rule)
    end = moment(grants[-1].valid_until).isoformat()
    return Refused(
        "GRANT_EXPIRED",
        f"this caller's grant ended at {end}; ask the operator to renew it",
        f"giấy phép của hệ thống này đã hết hiệu lực lúc {end}; hãy đề nghị đơn vị quản lý gia hạn",
    ).by(grants[-1].rule)


def _unknown_paths(count: int) -> MalformedRequest:
    violation = Violation(
        "read_mask",
        "UNKNOWN_FIELD",
        f"{count} of its paths are no top-level fields of Citizen; choose from: "
        + ", ".join(FIELDS),
        f"có {count} đường dẫn không phải là trường của Citizen; chọn trong: " + ", ".join(FIELDS),
    )
    return violations_found([violation])


def _too_many_paths(count: int) -> MalformedRequest:
    violation = Violation(
        "read_mask",
        "PATH_COUNT",
        f"{count} paths; Citizen has {len(FIELDS)} fields, name each once at most",
        f"{count} đường dẫn; Citizen có {len(FIELDS)} trường, mỗi trường chỉ ghi một lần",
    )
    return violations_found([violation])
