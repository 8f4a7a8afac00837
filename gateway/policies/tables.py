"""``[[grant]]`` and ``[[quota]]`` tables into the core's rules, or what is wrong with them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from gateway.core.days import VIETNAM
from gateway.core.policy import ALWAYS, AUTHORITIES, RPCS, Grant, Rule
from gateway.core.pool import Quota
from gateway.core.quota import EVERY
from gateway.core.validation import MAX_PROCEDURE
from gateway.policies.entries import ORDINARY, TEXTS, Entry, Keys

# RPCs that a key says something to; to no other may it be given
_USERS = {
    "fields": frozenset(
        {
            "LookupCitizen",
            "VerifyAttributes",
            "ConfirmResidence",
            "GetHousehold",
            "ReconcileCitizens",
            "WatchChanges",
            "ListChanges",
        }
    ),
    "explain": frozenset({"VerifyIdentity", "BatchVerifyIdentities"}),
    "members": frozenset({"GetHousehold"}),
    "reports_as": frozenset({"SubmitPopulationEvent", "AnnulPopulationEvent"}),
}


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_rate(value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 < value < math.inf  # type: ignore[operator]  # a number, as just seen


def _is_moment(value: object) -> bool:
    return isinstance(value, date) and not (isinstance(value, datetime) and value.tzinfo is None)


_MOMENT = ("a date, or a date and time with its offset from UTC", _is_moment)
_COUNT = ("a whole number from 1", _is_count)
_BOOL = ("true or false", _is_bool)

_REQUIRED = frozenset({"callers", "procedures"})
GRANT_KEYS: Keys = {
    "callers": TEXTS,
    "procedures": TEXTS,
    "rpcs": TEXTS,
    "fields": TEXTS,
    "explain": _BOOL,
    "members": _BOOL,
    "reports_as": TEXTS,
    "valid_from": _MOMENT,
    "valid_until": _MOMENT,
}
QUOTA_KEYS: Keys = {
    "callers": TEXTS,
    "procedures": TEXTS,
    "per_second": ("a number above 0", _is_rate),
    "burst": _COUNT,
    "per_day": _COUNT,
    "mismatches_per_number_per_day": _COUNT,
}
_LIMITS = ("per_second", "per_day", "mismatches_per_number_per_day")


@dataclass(frozen=True, slots=True)
class QuotaRule:
    """Whom a quota is for."""

    callers: frozenset[str]
    procedures: frozenset[str]
    quota: Quota


def read_grant(entry: Entry) -> Rule | None:
    """One grant; None if something about it is wrong, which the entry then says."""
    entry.check(GRANT_KEYS, _REQUIRED | {"rpcs"})
    callers, procedures = entry.callers(), _procedures(entry)
    rpcs, fields, authorities = _rpcs(entry), entry.fields(), _authorities(entry)
    valid_from, valid_until = _validity(entry)
    _check_sense(entry, rpcs)
    if entry.problems:
        return None
    grant = Grant(
        fields,
        explain=entry.values.get("explain", False),
        members=entry.values.get("members", False),
        reports_as=authorities,
        valid_from=valid_from,
        valid_until=valid_until,
        file=entry.file,
        line=entry.line,
    )
    return Rule(callers, procedures, rpcs, grant)


def read_quota(entry: Entry) -> QuotaRule | None:
    """One quota; None if something about it is wrong, which the entry then says."""
    if not any(limit in entry.values for limit in _LIMITS):
        entry.found("quota", "limits nothing", f"give {', '.join(_LIMITS)}")
    if "burst" in entry.values and "per_second" not in entry.values:
        entry.found("burst", "is without a rate", "give per_second, too")
    entry.check(QUOTA_KEYS, _REQUIRED)
    callers, procedures = entry.callers(), _procedures(entry)
    if entry.problems:
        return None
    rate = entry.values.get("per_second")
    quota = Quota(
        per_second=rate,
        burst=entry.values.get("burst", max(1, math.ceil(rate or 0))),
        per_day=entry.values.get("per_day"),
        mismatches_per_number_per_day=entry.values.get("mismatches_per_number_per_day"),
        file=entry.file,
        line=entry.line,
    )
    return QuotaRule(callers, procedures, quota)


def _procedures(entry: Entry) -> frozenset[str]:
    procedures = entry.texts("procedures")
    if EVERY in procedures and len(procedures) > 1:
        rule = '"*" stands for all others already'
        entry.found("procedures", rule, "leave one or the others out", EVERY)
    for code in procedures:
        if len(code) > MAX_PROCEDURE:
            rule = f"{code} is longer than {MAX_PROCEDURE} characters"
            entry.found("procedures", rule, "no call can have such a code: check it", code)
    return frozenset(procedures)


def _rpcs(entry: Entry) -> frozenset[str]:
    for name in entry.texts("rpcs"):
        if name not in RPCS:
            rule = f"there is no RPC {name} that needs a grant"
            if name == EVERY:
                rule = '"*" would open RPCs that do not exist yet'
            entry.found("rpcs", rule, f"name them: {', '.join(RPCS)}", name)
    return frozenset(entry.texts("rpcs"))


def _authorities(entry: Entry) -> frozenset[str]:
    """As what events may be reported."""
    for name in entry.texts("reports_as"):
        if name not in AUTHORITIES:
            rule = f"there is no kind of authority {name}"
            entry.found("reports_as", rule, f"use {', '.join(AUTHORITIES)}", name)
    return frozenset(entry.texts("reports_as"))


def _validity(entry: Entry) -> tuple[float, float]:
    """In force from, and before: seconds since 1970."""
    first = _moment(entry, "valid_from", timedelta(0), ALWAYS[0])
    end = _moment(entry, "valid_until", timedelta(days=1), ALWAYS[1])
    if end <= first:
        rule = "is not after valid_from, so the grant is never in force"
        entry.found("valid_until", rule, "check both")
    return first, end


def _moment(entry: Entry, key: str, whole_day: timedelta, default: float) -> float:
    """A moment; a date is a day in Viet Nam, and the last one counts to its end."""
    value = entry.values.get(key)
    if value is None:
        return default
    if not isinstance(value, datetime):
        value = datetime.combine(value, time(), VIETNAM) + whole_day
    return float(value.timestamp())


def _check_sense(entry: Entry, rpcs: frozenset[str]) -> None:
    for key, users in _USERS.items():
        if entry.values.get(key) and not rpcs & users:
            rule = "opens nothing: none of the rpcs uses it"
            entry.found(key, rule, f"leave it out, or grant {', '.join(sorted(users))}")
    showing = rpcs & _USERS["fields"]
    if showing and "fields" not in entry.values:
        rule = f"is missing, and {', '.join(sorted(showing))} would show nothing"
        entry.found("fields", rule, f'write fields = ["{ORDINARY}"]')
