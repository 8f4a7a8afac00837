"""Step (2) of every story: the unit, the grant and the quota; and what becomes of refusals.

A refusal of a known caller is entered in the log before it reaches the caller. Only those
for want of quota are gathered, one entry a caller and minute with their count: else whoever
has used up a quota could make the disk as busy as before.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import structlog

from gateway.core.allowance import Allowance, Tallies
from gateway.core.caller import check_unit
from gateway.core.errors import CallError, QuotaExceeded, Refused
from gateway.core.model import Access, Call, Claim, Decision, Outcome
from gateway.core.policy import Grant, Policy
from gateway.core.quota import Meter, Remaining
from gateway.core.trail import Check, Result
from gateway.flows.explaining import decision_checks, grant_check, quota_check
from gateway.flows.moment import Decide, Moment, NotYet, Prepared, Receipt
from gateway.flows.window import Window
from mock_population_db.snapshot import Keys

GATHER_SECONDS = 60.0
_VERIFIED = Outcome.VERIFIED  # looking a member up on its class is slow
_NOT_VERIFIED = int(Outcome.NOT_VERIFIED)

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Gathered:
    """Refusals of one caller for want of quota; call and reason are the first one's."""

    call: Call
    reason: str
    policy_version: str
    count: int = 0


class Gate:
    """Lets calls in, by the policy in force. Made by ``open_gate``."""

    def __init__(
        self,
        policy: Policy,
        window: Window,
        clock: Callable[[], float],
        gather_seconds: float = GATHER_SECONDS,
        *,
        explain_all: bool = False,
    ) -> None:
        self.policy = policy
        self.explain_all = explain_all  # keep each NOT_VERIFIED, whoever asked
        self.window = window
        self.meter = Meter(policy.quotas)
        self.now = clock  # seconds since 1970
        self._gather_seconds = gather_seconds
        self._gathered: dict[str, _Gathered] = {}
        self._refused = asyncio.Event()
        self._closing = asyncio.Event()

    def admit(self, call: Call, records: int = 1) -> Admission:
        """A context to tell one story in: ``async with gate.admit(call) as admitted``."""
        return Admission(self, call, records)

    def adopt(self, policy: Policy) -> None:
        """Decide by another policy from the next call on. Calls under way keep their grant."""
        self.policy = policy
        self.meter.adopt(policy.quotas)

    def lack(self, call: Call, records: int) -> QuotaExceeded | None:
        """What keeps so many records from being asked for now, without counting them."""
        caller, procedure, now = call.caller, call.context.procedure_code, self.now()
        try:
            day = self.meter.take(caller, procedure, records, now)
        except QuotaExceeded as error:
            return error
        self.meter.correct(caller, procedure, -records, day, now)
        return None

    def remaining(self, caller: str, procedure: str) -> Remaining | None:
        """What is left of a caller's quota of the day."""
        limited = self.meter.bounds(caller, procedure) is not None  # few callers are
        return self.meter.remaining(caller, procedure, self.now()) if limited else None

    async def record(self, call: Call, reason: str, version: str, count: int = 1) -> None:
        """Enter a refusal in the log.

        Raises:
            Unavailable: it could not be recorded.
        """

        def judge(moment: Moment) -> Prepared:
            return moment.refuse(call, reason, version, count=count)

        await self.window.ask(Keys(), judge)

    def gather(self, call: Call, reason: str) -> None:
        """Count a refusal for want of quota; it is entered with the others of its minute."""
        found = self._gathered.get(call.caller)
        if found is None:
            found = _Gathered(call, reason, self.policy.version)
            self._gathered[call.caller] = found
        found.count += 1
        self._refused.set()

    async def run(self) -> None:
        """Enter what was gathered, minute by minute, until closed."""
        while not self._closing.is_set():
            await self._refused.wait()
            self._refused.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), self._gather_seconds)
            await self._enter_gathered()

    def close(self) -> None:
        """Let ``run`` enter what is left, and end."""
        self._closing.set()
        self._refused.set()

    async def _enter_gathered(self) -> None:
        gathered, self._gathered = self._gathered, {}
        for caller, one in gathered.items():
            try:
                await self.record(one.call, one.reason, one.policy_version, one.count)
            except CallError as error:
                _log.warning("quota_refusals_not_recorded", reason=error.reason, count=one.count)
                later = self._gathered.setdefault(caller, one)
                later.count += one.count if later is not one else 0
                self._refused.set()


class Admission:
    """One call that was let in. Refusals raised in its block are recorded.

    It is also the window's way to say what became of the call: a caller that goes away does
    not learn, and is charged all the same for what was recorded.
    """

    __slots__ = ("_asked", "_call", "_count", "_day", "_gate", "_owed", "_tried", "_wrong", "grant")

    grant: Grant

    def __init__(self, gate: Gate, call: Call, records: int) -> None:
        self._gate = gate
        self._call = call
        self._count = records
        self._asked = False
        self._owed = False
        self._tried: Mapping[bytes, int] = {}
        self._wrong: Sequence[bytes] = ()

    async def __aenter__(self) -> Self:
        gate, call = self._gate, self._call
        context = call.context
        try:
            check_unit(call.units, context.unit_code, context.officer_id)
            now = gate.now()
            self.grant = gate.policy.authorise(call, now)
            self._day = gate.meter.take(call.caller, context.procedure_code, self._count, now)
        except (Refused, QuotaExceeded) as error:
            self._tell()
            await self._record(error)
            raise
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        if error is None:
            return
        self._tell()
        if not self._asked:
            self.lost()
        if isinstance(error, Refused | QuotaExceeded):
            await self._record(error)

    async def ask(self, keys: Keys, decide: Decide) -> Receipt:
        """Join the next window: steps (3) to (8).

        Raises:
            NotYet: from ``decide``; ask again, or leave, and nothing is charged.
            CallError: nothing was answered.
        """
        self._asked = True
        try:
            return await self._gate.window.ask(keys, decide, records=self._count, charge=self)
        except NotYet:
            self._asked = False
            raise

    async def state(self, keys: Keys, decide: Decide) -> Receipt:
        """The same for what has happened already: it is recorded whatever the quota says."""
        self._owed = True
        return await self.ask(keys, decide)

    def check_guesses(self, moment: Moment, claims: Sequence[Claim]) -> None:
        """Before (4): whether so many claims about one number may still turn out wrong.

        In the window, because there calls are decided one after the other: a crowd of guesses
        cannot pass together.

        Raises:
            QuotaExceeded: they may not.
        """
        caller, procedure = self._call.caller, self._call.context.procedure_code
        meter = self._gate.meter
        if meter.caps and meter.mismatch_cap(caller, procedure) is not None:
            self._tried = Counter(
                moment.pseudonym(claim.personal_id or claim.old_id_number) for claim in claims
            )
            meter.check_guesses(caller, procedure, self._tried, self._day, self._gate.now())

    def note(self, decision: Decision) -> None:
        """After (5): keep how a claim was not verified, if anybody may be told."""
        if decision.outcome is not _VERIFIED and (self.grant.explain or self._gate.explain_all):
            self._tell()
            if self._call.trail is not None:
                self._call.trail.extend(decision_checks(decision))

    def decided(self, rows: Sequence[Access]) -> Allowance | None:
        """From the window: this is about to be recorded. Returns what it must fit into."""
        call, meter = self._call, self._gate.meter
        if len(rows) != self._count:
            self._correct(len(rows) - self._count)
            self._count = len(rows)
        if meter.caps and meter.mismatch_cap(call.caller, call.context.procedure_code) is not None:
            self._wrong = [row.subject for row in rows if row.outcome == _NOT_VERIFIED]
            meter.mismatched(call.caller, self._wrong, self._day)
        bounds = meter.bounds(call.caller, call.context.procedure_code)
        if bounds is None or self._owed:
            return None
        return Allowance(bounds, self._tried, self._wrong)

    def recorded(self, used: Tallies) -> None:
        """From the window: it stands. What others recorded before is known now, too."""
        call, meter = self._call, self._gate.meter
        if used:
            meter.learn(used, self._gate.now())
        meter.recorded(call.caller, call.context.procedure_code, self._count, self._day)

    def over(self, used: Tallies) -> QuotaExceeded:
        """From the window: others were recorded first, and left too little."""
        call, meter, now = self._call, self._gate.meter, self._gate.now()
        meter.learn(used, now)
        return meter.over(call.caller, call.context.procedure_code, self._count, now)

    def lost(self) -> None:
        """From the window: nothing was recorded, so nothing is charged."""
        self._correct(-self._count)
        self._gate.meter.mismatched(self._call.caller, self._wrong, self._day, by=-1)

    def _correct(self, records: int) -> None:
        call, gate = self._call, self._gate
        procedure = call.context.procedure_code
        gate.meter.correct(call.caller, procedure, records, self._day, gate.now())

    def _tell(self) -> None:
        """Put into the trail what is known of the checks so far, once."""
        call, meter = self._call, self._gate.meter
        if call.trail is None or call.trail:
            return
        call.trail.append(Check("shape", Result.PASSED))
        grant = getattr(self, "grant", None)
        if grant is not None:
            procedure = call.context.procedure_code
            left = self._gate.remaining(call.caller, procedure)
            call.trail.append(grant_check(grant))
            call.trail.append(quota_check(meter.rule(call.caller, procedure), left))

    async def _record(self, error: Refused | QuotaExceeded) -> None:
        if isinstance(error, QuotaExceeded):
            self._gate.gather(self._call, error.reason)
        else:
            await self._gate.record(self._call, error.reason, self._gate.policy.version)


@contextlib.asynccontextmanager
async def open_gate(gate: Gate) -> AsyncIterator[Gate]:
    """Run a gate's task for the length of the block; its window must outlive it."""
    task = asyncio.create_task(gate.run(), name="quota refusals")
    try:
        yield gate
    finally:
        gate.close()
        await task
