"""Following changes over the wire: a real register, verified batches, streams that are cut."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import asdict, replace
from pathlib import Path

import grpc
import pytest

from clients.receipts import Refusal
from clients.sdk import (
    ChangeBatch,
    ChangeFilter,
    ChangeKind,
    Claim,
    FieldStatus,
    Follower,
    Gateway,
    Outcome,
    Refused,
    UntrustedAnswer,
)
from clients.sdk.changes import require_batch
from clients.sdk.event_forms import Paper, correction
from dancu.v1 import statement_pb2, sync_service_pb2
from gateway import app
from gateway.core.errors import Unavailable
from gateway.flows import changes
from gateway.rpc.edge import Limits
from mock_population_db.citizen import PersonName, Sex
from mock_population_db.events import Correction, Renumbering
from mock_population_db.store.sqlite import SqlitePopulation
from tests.rpc.gateways import Running, serving
from tests.rpc.raw import Failure, RawClient, read_failure, request_context
from tests.support.happening import numbers_in, rename, submission

PERSONA = Claim(personal_id="079088000001", full_name="Trần Minh Khôi", birth_date="1988-03-14")
OTHER = Claim(personal_id="079190000002", full_name="Hồ Thị Bích Thuỷ", birth_date="1990-09-02")
CHILD = Claim(personal_id="079216000003", full_name="Trần Gia Hưng", birth_date="2016-05-21")
WATCH = "/dancu.v1.SyncService/WatchChanges"
FIRST = 2


@pytest.fixture
async def register(data_dir: Path) -> AsyncIterator[SqlitePopulation]:
    """The register of the gateway, changed by another process of its own."""
    async with SqlitePopulation.open(data_dir / "population.db") as opened:
        yield opened


async def taken(follower: Follower, count: int) -> list[ChangeBatch]:
    """Batches of the first so many changes."""
    found: list[ChangeBatch] = []
    async with asyncio.timeout(10), aclosing(follower.batches()) as batches:
        async for batch in batches:
            found += [batch] if batch.changes else []
            if sum(len(one.changes) for one in found) >= count:
                return found
    raise AssertionError("the stream ended")


def revisions(batches: list[ChangeBatch]) -> list[int]:
    """Of all changes."""
    return [change.revision for batch in batches for change in batch.changes]


async def test_a_change_reaches_who_waits(
    sdk: Gateway, register: SqlitePopulation, data_dir: Path
) -> None:
    """Verified, with its values, and within a moment."""
    (number,) = numbers_in(data_dir / "population.db", 1)
    waiting = asyncio.create_task(taken(sdk.follower(progress_seconds=1), 1))
    await asyncio.sleep(0.2)
    (revision,) = await rename(register, [number], "A")
    ((change,),) = [batch.changes for batch in await waiting]
    assert (change.revision, change.kind) == (revision, ChangeKind.CORRECTION)
    assert (change.personal_id, change.paths) == (number, ("name",))
    assert change.fields == {"name": FieldStatus.PRESENT}
    assert change.citizen is not None
    assert change.citizen.name.full == "Nguyễn Thử A"


async def test_streams_that_end_are_opened_again(
    register: SqlitePopulation, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the one before ended: no gap, no duplicate, no step back."""
    monkeypatch.setattr(app, "Limits", lambda: Limits(stream_seconds=0.2))
    monkeypatch.setattr(Unavailable, "retry_after", 0.05)
    numbers = numbers_in(data_dir / "population.db", 40)
    cuts: list[str] = []
    async with serving(data_dir) as running, running.connect() as sdk:
        follower = sdk.follower(
            FIRST, on_cut=lambda error: cuts.append(getattr(error, "reason", str(error)))
        )
        waiting = asyncio.create_task(taken(follower, 400))
        for turn in range(10):
            await rename(register, numbers, "T" + "abcdefghij"[turn])
            await asyncio.sleep(0.1)
        assert revisions(await waiting) == list(range(FIRST, FIRST + 400))
    assert set(cuts) == {"STREAM_TOO_OLD"}


async def test_the_cursor_moves_when_the_batch_was_dealt_with(
    sdk: Gateway, register: SqlitePopulation, data_dir: Path
) -> None:
    """Not when it was handed over: whoever is killed in between gets it again."""
    await rename(register, numbers_in(data_dir / "population.db", 3), "A")
    saved: list[int] = []
    async with aclosing(sdk.follower(FIRST, save=saved.append).batches()) as batches:
        batch = await anext(batches)
        assert (len(batch.changes), saved) == (3, [])
        await rename(register, numbers_in(data_dir / "population.db", 1), "B")
        await anext(batches)
    assert saved == [FIRST + 3]


async def test_now_is_known_before_anything_happens(sdk: Gateway) -> None:
    """A follower from now on knows at once where it is."""
    saved: list[int] = []
    async with aclosing(sdk.follower(save=saved.append, progress_seconds=1).batches()) as batches:
        mark = await anext(batches)
        assert (mark.changes, mark.through_revision) == ((), FIRST - 1)
        await anext(batches)
    assert saved == [FIRST]


async def test_only_the_watched(sdk: Gateway, register: SqlitePopulation) -> None:
    """Through the list, by number, name and birth date; also after a renumbering."""
    answer = await sdk.update_watched([PERSONA, replace(OTHER, full_name="Sai Tên")])
    assert answer.added == (Outcome.VERIFIED, Outcome.NOT_VERIFIED)
    await rename(register, [OTHER.personal_id, PERSONA.personal_id], "A")
    await register.apply(submission(Renumbering(PERSONA.personal_id, "SEX_CORRECTED"), "R"))
    batches = await taken(sdk.follower(FIRST, which=ChangeFilter(watched_only=True)), 2)
    told = [change for batch in batches for change in batch.changes]
    renumbered = next(one for one in told if one.kind is ChangeKind.RENUMBERED)
    assert told[0].personal_id == renumbered.former_personal_id == PERSONA.personal_id
    assert (await sdk.list_watched()).personal_ids == (renumbered.personal_id,)
    assert (await sdk.update_watched(remove=[renumbered.personal_id])).watched_count == 0


async def test_pages(sdk: Gateway, register: SqlitePopulation, data_dir: Path) -> None:
    """The same changes as the stream, page by page; then an empty one that says up to where."""
    await rename(register, numbers_in(data_dir / "population.db", 25), "A")
    found: list[int] = []
    token = ""
    while True:
        page = await sdk.list_changes(page_size=10, page_token=token)
        found += [change.revision for change in page.batch.changes]
        token = page.next_page_token
        if not token:
            break
    assert found == list(range(FIRST, FIRST + 25))
    last = await sdk.list_changes(start_revision=FIRST + 25)
    assert (last.batch.changes, last.batch.through_revision) == ((), FIRST + 24)


async def test_an_event_is_named_to_its_reporter(
    sdk: Gateway, register: SqlitePopulation, data_dir: Path
) -> None:
    """And to nobody else."""
    paper = Paper("1/QĐ", "2026-01-01", "UBND phường")
    reported = await sdk.submit_event(correction(paper, person=CHILD, name="Vũ Thị Mai"))
    await rename(register, numbers_in(data_dir / "population.db", 1), "B")
    page = await sdk.list_changes()
    assert page.batch.changes[0].event_id == reported.event_id
    assert page.batch.changes[-1].event_id == ""
    async with serving(data_dir, caller="full") as other, other.connect(audience="full") as full:
        assert (await full.list_changes()).batch.changes[0].event_id == ""


async def test_values_are_the_registers(sdk: Gateway, register: SqlitePopulation) -> None:
    """Those of a look-up, field by field, also in a change that is older than they are."""
    first, second = (PersonName("Trần", "Gia", given) for given in ("Hân", "Huy"))
    await register.apply(submission(Correction(CHILD.personal_id, first), "C"))
    await register.apply(submission(Correction(CHILD.personal_id, second, Sex.FEMALE), "D"))
    page = await sdk.list_changes()
    looked = await sdk.lookup_citizen(**asdict(replace(CHILD, full_name=second.full)))
    assert looked.citizen is not None
    assert [change.personal_id for change in page.batch.changes] == [CHILD.personal_id] * 2
    for change in page.batch.changes:
        assert change.citizen is not None
        shown = [path for path, status in change.fields.items() if status is FieldStatus.PRESENT]
        assert "name" in shown
        for path in shown:
            assert getattr(change.citizen, path) == getattr(looked.citizen, path), path


async def test_filters_over_the_wire(
    sdk: Gateway, register: SqlitePopulation, data_dir: Path
) -> None:
    """Those that the register applies itself, and those for everybody who waits."""
    looked = await sdk.lookup_citizen(**asdict(CHILD))
    await rename(register, [CHILD.personal_id], "A")
    assert looked.citizen is not None
    address = looked.citizen.permanent_residence.address
    here = ChangeFilter(provinces=(address.province_code,), communes=(address.commune_code,))
    elsewhere = ChangeFilter(communes=("99999",))
    deaths = ChangeFilter(kinds=(ChangeKind.DEATH,))
    for which, expected in ((here, 1), (elsewhere, 0), (deaths, 0)):
        page = await sdk.list_changes(which=which)
        assert len(page.batch.changes) == expected
    waiting = asyncio.create_task(taken(sdk.follower(0, which=here), 1))
    await asyncio.sleep(0.2)
    number = numbers_in(data_dir / "population.db", 1)
    revision = (await rename(register, [*number, CHILD.personal_id], "B"))[-1]
    assert revisions(await waiting)[-1] == revision


async def test_compacted(sdk: Gateway, register: SqlitePopulation, data_dir: Path) -> None:
    """OUT_OF_RANGE, with the revision in the details; a follower does not skip it in silence."""
    await rename(register, numbers_in(data_dir / "population.db", 5), "A")
    assert await register.compact(FIRST + 3) == FIRST + 2
    with pytest.raises(Refused) as caught:
        await taken(sdk.follower(FIRST), 1)
    assert (caught.value.reason, caught.value.code) == (
        "REVISION_COMPACTED",
        grpc.StatusCode.OUT_OF_RANGE,
    )
    assert revisions(await taken(sdk.follower(FIRST + 3), 2)) == [FIRST + 3, FIRST + 4]


async def test_the_window_of_the_history_is_a_setting(data_dir: Path) -> None:
    """A gateway told to keep five revisions forgets the earlier ones, and says which."""
    paper = Paper("1/QĐ", "2026-01-01", "UBND phường")
    async with serving(data_dir, keep_revisions=5) as running, running.connect() as sdk:
        person = CHILD
        for letter in "ABCDEFGH":
            name = f"Trần Gia {letter}"
            done = await sdk.submit_event(correction(paper, person=person, name=name))
            person = replace(person, full_name=name)
        kept = done.last_revision - 4
        with pytest.raises(Refused) as caught:
            await _ask_for_ever(sdk, kept - 1)  # it forgets after it has answered
        assert caught.value.reason == "REVISION_COMPACTED"
        page = await sdk.list_changes(start_revision=kept)
        assert [one.revision for one in page.batch.changes] == list(range(kept, kept + 5))


async def test_the_compacted_revision_is_in_the_details(
    raw: RawClient, register: SqlitePopulation, data_dir: Path
) -> None:
    """As ErrorInfo.metadata, for those who are no SDK."""
    await rename(register, numbers_in(data_dir / "population.db", 5), "A")
    await register.compact(FIRST + 3)
    told = await _refused(raw, start_revision=FIRST)
    assert (told.code, told.told["compacted_revision"]) == (
        grpc.StatusCode.OUT_OF_RANGE,
        str(FIRST + 2),
    )
    told = await _refused(raw, start_revision=FIRST + 99)
    assert (told.reason, told.told["register_revision"]) == (
        "REVISION_NOT_REACHED",
        str(FIRST + 4),
    )


async def test_a_slow_reader_holds_up_nobody(
    running: Running,
    sdk: Gateway,
    register: SqlitePopulation,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It takes nothing; another one gets all, and it gets all when it comes back to it."""
    monkeypatch.setattr(changes, "BATCH", 20)
    numbers = numbers_in(data_dir / "population.db", 200)
    await rename(register, numbers[:1], "A")
    async with running.connect() as slow, aclosing(slow.follower(FIRST).batches()) as held:
        found = [one.revision for one in (await anext(held)).changes]
        await rename(register, numbers[1:], "B")
        assert len(revisions(await taken(sdk.follower(FIRST), 200))) == 200
        async with asyncio.timeout(10):
            while len(found) < 200:
                found += [one.revision for one in (await anext(held)).changes]
    assert found == list(range(FIRST, FIRST + 200))


async def test_a_hundred_readers(
    running: Running, register: SqlitePopulation, data_dir: Path
) -> None:
    """All get a change that one commit makes; one connection has room for 32 streams."""
    async with contextlib.AsyncExitStack() as stack:
        open_one = stack.enter_async_context
        sdks = [await open_one(running.connect(timeout=30)) for _ in range(4)]
        readers = [
            asyncio.create_task(taken(sdks[number % 4].follower(), 1)) for number in range(100)
        ]
        await asyncio.sleep(1.0)
        (revision,) = await rename(register, numbers_in(data_dir / "population.db", 1), "A")
        found = await asyncio.gather(*readers)
    assert [revisions(batches) for batches in found] == [[revision]] * 100


async def test_a_revoked_grant_ends_the_stream(data_dir: Path, tmp_path: Path) -> None:
    """At the next progress mark, although nothing happens."""
    policy = tmp_path / "policy.toml"
    grant = (
        '[[grant]]\ncallers = ["plain"]\nprocedures = ["*"]\nrpcs = ["{}"]\nfields = ["ordinary"]\n'
    )
    policy.write_text(grant.format("WatchChanges"), "utf-8")
    async with serving(data_dir, policy=policy) as running, running.connect() as sdk:
        batches = sdk.follower(progress_seconds=1).batches()
        await anext(batches)
        policy.write_text(grant.format("LookupCitizen"), "utf-8")
        signal.raise_signal(signal.SIGHUP)
        with pytest.raises(Refused) as caught:
            await asyncio.wait_for(_last(batches), timeout=5)
    assert caught.value.reason == "RPC_NOT_GRANTED"


@pytest.mark.parametrize("fault", ["other stream", "gap in order", "older", "other filter"])
async def test_a_batch_that_does_not_fit_is_refused(sdk: Gateway, fault: str) -> None:
    """Signed or not: what goes back, or answers something else, is not handed over."""
    header = statement_pb2.StatementHeader(register_revision=50)
    said = statement_pb2.ChangeBatch(header=header, start_revision=5, through_revision=40)
    said.changes.add(revision=20)
    which = ChangeFilter()
    if fault == "gap in order":
        said.changes[0].revision = 10
    elif fault == "older":
        said.header.register_revision = 39
    elif fault == "other filter":
        which = ChangeFilter(watched_only=True)
    elif fault == "other stream":
        said.through_revision = 9
    with pytest.raises(UntrustedAnswer) as caught:
        require_batch(said, which, b"", seen=10)
    assert caught.value.refusal is Refusal.CONTEXT_MISMATCH


async def test_streams_of_one_caller_are_counted(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One more than it may have is refused, and the others go on."""
    monkeypatch.setattr(app, "Limits", lambda: Limits(streams_per_caller=2))
    async with serving(data_dir) as running, running.connect() as sdk:
        streams = [sdk.follower(progress_seconds=1, patience=0.0).batches() for _ in range(3)]
        await anext(streams[0])
        await anext(streams[1])
        with pytest.raises(Refused) as caught:
            await anext(streams[2])
        assert caught.value.reason == "TOO_MANY_STREAMS"
        await anext(streams[0])
        for stream in streams:
            await stream.aclose()


async def _last(batches: AsyncGenerator[ChangeBatch]) -> None:
    """Wait until a stream ends."""
    async for _ in batches:
        pass


async def _ask_for_ever(sdk: Gateway, start_revision: int) -> None:
    while True:
        await sdk.list_changes(start_revision=start_revision)


async def _refused(raw: RawClient, start_revision: int) -> Failure:
    request = sync_service_pb2.WatchChangesRequest(
        context=request_context(), start_revision=start_revision
    )
    watch: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = raw.channel.unary_stream(WATCH)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await watch(request.SerializeToString()).read()
    return read_failure(caught.value)
