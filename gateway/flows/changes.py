"""Following the register (theo dõi biến động): the numbered story of ``verification.py``, in turns.

    (1) validate   the question, once
    (2) authorise  anew before everything that is sent, also a progress mark: what was granted
                   when a stream was opened may be revoked
    (3) look up    a page of changes; then in the window the people as they are
    (4) (5)        the fields that changed, were asked for and are granted
    (6) to (8)     as ever: a batch that is not recorded is not sent

Nothing is read ahead of what the caller took: a stream holds one batch, however far behind it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from typing import NamedTuple

from gateway.core import change_query
from gateway.core.change_query import Filter, Question, check_question
from gateway.core.changes import BATCH_TYPE, View, batch, fields_to_read, person_of
from gateway.core.errors import OutOfRange, Unavailable
from gateway.core.model import Call, Outcome
from gateway.core.policy import fields_to_disclose
from gateway.core.quota import EVERY
from gateway.flows.admission import Gate
from gateway.flows.moment import Moment, Prepared, Receipt
from gateway.flows.outages import register_unavailable
from gateway.flows.ports import ChangeFeed
from gateway.flows.tail import Tail
from gateway.flows.watching import Watching
from mock_population_db.changes import ChangeKind, ChangePage, ChangeQuery, Compacted, NotReached
from mock_population_db.snapshot import Keys
from mock_population_db.store.errors import PopulationUnavailable

BATCH = 1000  # changes, as a chunk has records; others' calls share the window with them
SCANS = 100  # pages that one ListChanges looks through for something to show
_BEYOND = 2**62  # no register gets so far: asking for it tells how far this one is
_ATTEMPTS = 3  # when people are renumbered between the two reads
_VERIFIED = Outcome.VERIFIED


class Told(NamedTuple):
    """A batch, or without a receipt a progress mark; and up to where all was told."""

    receipt: Receipt | None
    through: int


class Changes:
    """Tells what changed."""

    def __init__(self, gate: Gate, feed: ChangeFeed, watching: Watching) -> None:
        self._gate = gate
        self._feed = feed
        self._watching = watching
        self._tail = Tail(feed, BATCH)

    async def watch(self, again: Callable[[], Call], question: Question) -> AsyncGenerator[Told]:
        """Batches and progress marks, for as long as they are taken.

        Args:
            again: authenticates the caller once more; its call.
            question: what was asked.

        Raises:
            CallError: as ``Verification.verify_identity``; also when the start is no longer kept,
                or not reached yet.
        """
        now = asyncio.get_running_loop().time
        interval = question.progress or change_query.DEFAULT_PROGRESS
        call = again()
        check_question(call, question)  # (1)
        await self._let_in(call, question)  # (2)
        start, due = question.start, now() + interval
        if not start:  # whoever is cut off now must know where to go on
            start = await self._head() + 1
            yield Told(None, start - 1)
        page = await self._search(call, question, start, self._fitting(call))  # (3)
        while True:
            seen = page.through
            if page.changes:
                told = await self._tell(again(), question, start, page)  # (2) to (8)
                yield told
                seen, due = told.through, now() + interval
            elif now() >= due:
                await self._let_in(again(), question)  # (2)
                yield Told(None, seen)
                due = now() + interval
            page = await self._after(call, question, page.head, seen, due - now())  # (3)

    async def list_changes(
        self, call: Call, question: Question, page_size: int, page_token: str
    ) -> tuple[Receipt, str]:
        """One page, and the token of the next; empty on the last.

        Raises:
            CallError: as ``watch``; also for a token that is not of this request.
        """
        check_question(call, question)  # (1)
        size, start = change_query.read_token(call, question, page_size, page_token)
        await self._let_in(call, question)  # (2)
        start = start or await self._oldest()
        limit = min(size, self._fitting(call))
        page = await self._search(call, question, start, limit)  # (3)
        for _ in range(SCANS):
            if page.changes or page.through >= page.head:
                break
            page = await self._search(call, question, page.through + 1, limit)
        told = await self._tell(call, question, start, page)  # (2) to (8)
        if told.receipt is None:
            raise register_unavailable()
        more = told.through < page.head
        token = change_query.next_token(call, question, told.through + 1) if more else ""
        return told.receipt, token

    async def _let_in(self, call: Call, question: Question) -> None:
        """Whether this caller may still ask this. Raises Refused, which is recorded."""
        async with self._gate.admit(call, 0) as admitted:
            fields_to_disclose(question.paths, admitted.grant)

    def _fitting(self, call: Call) -> int:
        """How many changes the caller's quota lets through at once; 1 when none, to be told so."""
        procedure = call.context.procedure_code
        quotas = self._gate.policy.quotas
        quota = quotas.get((call.caller, procedure)) or quotas.get((call.caller, EVERY))
        left = self._gate.remaining(call.caller, procedure)
        burst = BATCH if quota is None or quota.per_second is None else quota.burst
        return max(1, min(BATCH, burst, BATCH if left is None else left.records))

    async def _tell(self, call: Call, question: Question, start: int, page: ChangePage) -> Told:
        """Sign and record a page; found anew when somebody was renumbered meanwhile."""
        for _ in range(_ATTEMPTS):
            try:
                return await self._signed(call, question, start, page)
            except _MovedOn:
                first = page.changes[0].revision
                page = await self._search(call, question, first, len(page.changes))
        raise register_unavailable()

    async def _signed(self, call: Call, question: Question, start: int, page: ChangePage) -> Told:
        people = {person_of(change, page) for change in page.changes}
        through = page.through
        async with self._gate.admit(call, len(people)) as admitted:  # (2)
            grant = admitted.grant
            shown = fields_to_disclose(question.paths, grant)
            view = View(call.caller, question.paths, shown)

            def judge(moment: Moment) -> Prepared:
                nonlocal through
                head = moment.header(call, grant.policy_version)
                try:
                    told = batch(head, question.filter, start, page, view, moment.snapshot.parts)
                except KeyError:
                    gone = register_unavailable()
                    raise _MovedOn(gone.reason, gone.message_en, gone.message_vi) from None
                through = told.through
                rows = moment.touched_people(told.touched, _VERIFIED)
                return moment.sign_bytes(call, BATCH_TYPE, told.value, rows)  # (6)

            keys = Keys(parts=fields_to_read(page, view))
            receipt = await admitted.ask(keys, judge)  # (3), (7), (8)
        return Told(receipt, through)

    async def _after(
        self, call: Call, question: Question, head: int, seen: int, seconds: float
    ) -> ChangePage:
        """What comes after a revision; an empty page when nothing does for so long."""
        limit = self._fitting(call)
        if seen < head:
            return await self._search(call, question, seen + 1, limit)
        try:
            page = await self._tail.after(seen, max(0.0, seconds))
            if page is None:
                return ChangePage((), seen, seen, 0, {})
            numbers = await self._numbers(call, question.filter, page.head)
        except (PopulationUnavailable, Compacted, NotReached) as error:
            raise _refusal(error) from error
        return _filtered(page, question.filter, numbers, limit)

    async def _search(self, call: Call, question: Question, start: int, limit: int) -> ChangePage:
        """The register's own search, with the caller's list as it is at the page's revision."""
        asked = question.filter
        query = ChangeQuery(
            start,
            limit,
            frozenset(map(ChangeKind, asked.kinds)),
            frozenset(asked.provinces),
            frozenset(asked.communes),
            since=question.since,
            before=question.before,
        )
        try:
            numbers = await self._numbers(call, asked, 0)
            while True:
                page = await self._feed.find_changes(replace(query, numbers=numbers))
                now = await self._numbers(call, asked, page.head)
                if now is numbers:
                    return page
                numbers = now  # somebody on it was renumbered meanwhile
        except (PopulationUnavailable, Compacted, NotReached) as error:
            raise _refusal(error) from error

    async def _numbers(self, call: Call, asked: Filter, revision: int) -> frozenset[str] | None:
        if not asked.watched_only:
            return None
        return await self._watching.numbers(call.caller, revision)

    async def _head(self) -> int:
        """The register's revision."""
        try:
            return (await self._feed.find_changes(ChangeQuery(_BEYOND, 1))).head
        except NotReached as error:
            return error.head
        except PopulationUnavailable as error:
            raise register_unavailable() from error

    async def _oldest(self) -> int:
        """The first revision that is kept."""
        try:
            return (await self._feed.find_changes(ChangeQuery(1, 1))).compacted + 1
        except Compacted as error:
            return error.compacted + 1
        except PopulationUnavailable as error:
            raise register_unavailable() from error


class _MovedOn(Unavailable):
    """Somebody has another number than when the page was read."""


def _filtered(
    page: ChangePage, asked: Filter, numbers: frozenset[str] | None, limit: int
) -> ChangePage:
    """What one reader wants of everybody's page, and no more than so many changes."""
    passes = asked.passes
    changes = [one for one in page.changes if passes(one, numbers, person_of(one, page))]
    if len(changes) <= limit:
        return page if len(changes) == len(page.changes) else replace(page, changes=tuple(changes))
    return replace(page, changes=tuple(changes[:limit]), through=changes[limit - 1].revision)


def _refusal(error: PopulationUnavailable | Compacted | NotReached) -> OutOfRange | Unavailable:
    if isinstance(error, Compacted):
        return OutOfRange(
            "REVISION_COMPACTED",
            f"revisions up to {error.compacted} are no longer kept; read the people anew, then "
            f"go on from {error.compacted + 1}",
            f"các biến động đến số {error.compacted} không còn được lưu; hãy đồng bộ lại dữ liệu, "
            f"rồi tiếp tục từ số {error.compacted + 1}",
            {"compacted_revision": str(error.compacted)},
        )
    if isinstance(error, NotReached):
        return OutOfRange(
            "REVISION_NOT_REACHED",
            f"the register is at revision {error.head}; start at {error.head + 1} at the latest",
            f"cơ sở dữ liệu đang ở số {error.head}; hãy bắt đầu muộn nhất từ số {error.head + 1}",
            {"register_revision": str(error.head)},
        )
    return register_unavailable()
