"""What was used before this start, taken up by the gate: a restart forgets nothing."""

from __future__ import annotations

from gateway.core.days import day_name, day_of
from gateway.flows.admission import Gate
from gateway.flows.ports import UsageRecords


async def load_usage(gate: Gate, records: UsageRecords) -> None:
    """Count what was charged today, and on the days beside it: the clock may be put right.

    Raises:
        Unavailable: the records cannot be read.
    """
    today = day_of(gate.now())
    capped = {
        caller
        for (caller, _), quota in gate.policy.quotas.items()
        if quota.mismatches_per_number_per_day is not None
    }
    for day in (today - 1, today, today + 1):
        name = day_name(day)
        used = await records.usage(name, name)
        # the log is read only if somebody may be near a cap
        missed = capped.intersection(one.caller for one in used if one.records > one.verified)
        mismatches = await records.mismatches(name, missed) if missed else ()
        gate.meter.load(day, [(one.caller, one.procedure, one.records) for one in used], mismatches)
