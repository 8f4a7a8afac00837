"""ListAccesses through the real server: who looked at whose data, and the proof of it."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from typer.testing import CliRunner, Result

from clients.receipts.accesses import entry_in_log
from clients.sdk import CallContext, Gateway, Outcome, Refused, UntrustedAnswer
from clients.sdk.accesses import require_in_log
from gateway.commands.tree import app
from gateway.core.access import month_of, pseudonym
from gateway.core.hmac_key import HmacKey
from gateway.store import access_index
from tests.rpc.gateways import Running, serving
from tests.rpc.raw import ACCESSES, RawClient, failure_of, verify_request

ORDINARY: dict[str, Any] = {
    "personal_id": "079088000001", "full_name": "Trần Minh Khôi", "birth_date": "1988-03-14",
}  # fmt: skip
SPOUSE: dict[str, Any] = {
    "personal_id": "079190000002", "full_name": "Hồ Thị Bích Thủy", "birth_date": "1990-09-02",
}  # fmt: skip


@pytest.fixture
async def explaining(data_dir: Path) -> AsyncIterator[Running]:
    """A gateway whose callers may list accesses."""
    async with serving(data_dir, "explain") as ready:
        yield ready


@pytest.fixture
async def sdk(explaining: Running) -> AsyncIterator[Gateway]:
    """The SDK of such a caller."""
    async with explaining.connect(audience="explain") as connected:
        yield connected


async def test_what_was_asked_is_told_newest_first(sdk: Gateway) -> None:
    """When, who, unit, masked officer, procedure, dossier, method, outcome, fields."""
    context = CallContext("1.001", "000.00.00.G01", "CB-0012345", "HS-7")
    await sdk.verify_identity(**ORDINARY, context=context)
    await sdk.verify_identity(**ORDINARY | {"birth_date": "1988-03-15"})
    await sdk.lookup_citizen(**ORDINARY, fields=["sex", "name"])
    answer = await sdk.list_accesses(**ORDINARY)
    assert answer.verified
    assert [(one.rpc.rpartition("/")[2], one.outcome, one.fields) for one in answer.entries] == [
        ("LookupCitizen", Outcome.VERIFIED, ("name", "sex")),
        ("VerifyIdentity", Outcome.NOT_VERIFIED, ()),
        ("VerifyIdentity", Outcome.VERIFIED, ()),
    ]
    first = answer.entries[-1]
    assert (first.caller, first.unit_code, first.procedure_code, first.dossier_id) == (
        "explain", "000.00.00.G01", "1.001", "HS-7",
    )  # fmt: skip
    assert first.officer_masked == "*******345"
    assert datetime.now(UTC) - first.accessed_at < timedelta(minutes=1)
    assert answer.months == (month_of(first.accessed_at),)
    assert (answer.log_size, answer.next_page_token) == (3, "")


async def test_listing_is_itself_an_access(sdk: Gateway) -> None:
    """Who asks for the list stands in the next one."""
    assert (await sdk.list_accesses(**ORDINARY)).entries == ()
    (entry,) = (await sdk.list_accesses(**ORDINARY)).entries
    assert (entry.rpc, entry.fields) == ("dancu.v1.AccessHistoryService/ListAccesses", ())


async def test_whom_an_answer_shows_is_told_too(sdk: Gateway) -> None:
    """A member of somebody's household sees that they were shown; a batch's others stay hidden."""
    await sdk.get_household(**ORDINARY)
    (entry,) = (await sdk.list_accesses(**SPOUSE)).entries
    assert entry.rpc.endswith("/GetHousehold")
    assert {"personal_id", "name", "permanent_residence"} <= set(entry.fields)
    assert entry.message.row_count == 3
    assert ORDINARY["personal_id"] not in str(entry.message)


async def test_every_entry_is_proved_by_the_log(sdk: Gateway) -> None:
    """The row, computed anew from the entry, stands under the log; a changed entry does not."""
    await sdk.get_household(**ORDINARY)
    await sdk.verify_identity(**ORDINARY)
    await sdk.list_accesses(**ORDINARY)
    answer = await sdk.list_accesses(**ORDINARY)
    assert len(answer.entries) == 3
    for entry in answer.entries:
        proof = await sdk.prove_access(entry)
        for field in ("caller", "unit_code", "procedure_code", "dossier_id", "rpc"):
            changed = type(entry.message)()
            changed.CopyFrom(entry.message)
            setattr(changed, field, "other")
            assert not entry_in_log(changed, proof)
        changed = type(entry.message)()
        changed.CopyFrom(entry.message)
        changed.fields.append("email")
        assert not entry_in_log(changed, proof)
    other = await sdk.inclusion_proof(answer.log_size)
    with pytest.raises(UntrustedAnswer):
        require_in_log(answer.entries[0], other)


async def test_pages(sdk: Gateway) -> None:
    """Pages follow each other without gap or double, whatever is recorded meanwhile."""
    for _ in range(7):
        await sdk.verify_identity(**ORDINARY)
    seen, token, sizes = [], "", []
    while True:
        page = await sdk.list_accesses(**ORDINARY, page_size=3, page_token=token)
        seen += [one.leaf_index for one in page.entries]
        sizes.append(len(page.entries))
        token = page.next_page_token
        if not token:
            break
    assert (sizes, seen) == ([3, 3, 1], [6, 5, 4, 3, 2, 1, 0])


async def test_a_token_is_of_one_request(sdk: Gateway) -> None:
    """Another person's, a changed and an invented token are refused, and so is a negative size."""
    for _ in range(2):
        await sdk.verify_identity(**ORDINARY)
    token = (await sdk.list_accesses(**ORDINARY, page_size=1)).next_page_token
    changed = ("B" if token[9] == "A" else "A").join((token[:9], token[10:]))
    for about, sent in ((SPOUSE, token), (ORDINARY, changed), (ORDINARY, "x"), (ORDINARY, "é")):
        with pytest.raises(Refused) as refused:
            await sdk.list_accesses(**about, page_token=sent)
        assert [one.rule for one in refused.value.violations] == ["PAGE_TOKEN"]
    with pytest.raises(Refused) as refused:
        await sdk.list_accesses(**ORDINARY, page_size=-1)
    assert [one.rule for one in refused.value.violations] == ["PAGE_SIZE"]
    assert len((await sdk.list_accesses(**ORDINARY, page_size=100_000)).entries) == 3


async def test_former_numbers_are_followed(sdk: Gateway) -> None:
    """Whoever asked by a number that was cancelled since stands in the list."""
    now: dict[str, Any] = {"full_name": "Trịnh Khánh Vy", "birth_date": "1997-03-03"}
    await sdk.verify_identity(personal_id="079097000026", **now)  # the number was cancelled
    await sdk.resolve_identifier(personal_id="079097000026", **now)
    answer = await sdk.list_accesses(personal_id="079197000026", **now)
    assert [(one.rpc.rpartition("/")[2], one.outcome) for one in answer.entries] == [
        ("ResolveIdentifier", Outcome.VERIFIED),
        ("VerifyIdentity", Outcome.NOT_VERIFIED),
    ]
    (old,) = {one.message.subject for one in answer.entries[1:]}
    assert old != answer.entries[0].message.subject


async def test_only_with_the_grant(running: Running) -> None:
    """A plain caller is refused, and that is recorded."""
    async with running.connect() as plain:
        with pytest.raises(Refused) as refused:
            await plain.list_accesses(**ORDINARY)
        assert refused.value.reason == "RPC_NOT_GRANTED"
        assert (await plain.checkpoint()).size == 1


async def test_nothing_for_a_claim_that_does_not_verify(sdk: Gateway) -> None:
    """A signed no, without a list, recorded like any other."""
    await sdk.verify_identity(**ORDINARY)
    answer = await sdk.list_accesses(**ORDINARY | {"birth_date": "1988-03-15"})
    assert answer.outcome is Outcome.NOT_VERIFIED
    assert (answer.entries, answer.months, answer.log_size) == ((), (), 0)


async def test_a_lost_or_damaged_index_is_made_again(explaining: Running, sdk: Gateway) -> None:
    """It holds nothing that the log does not."""
    await sdk.verify_identity(**ORDINARY)
    assert len((await sdk.list_accesses(**ORDINARY)).entries) == 1
    index = explaining.data_dir / "accesses.db"
    with closing(sqlite3.connect(index)) as db, db:
        db.execute("DROP TABLE access")
        db.execute("CREATE TABLE access (subject BLOB, leaf INTEGER, row INTEGER)")
        subject = pseudonym(HmacKey(_key(explaining.data_dir)), SPOUSE["personal_id"])
        db.execute("INSERT INTO access VALUES (?, 0, 0)", (subject,))
    with pytest.raises(Exception, match="cannot be searched"):
        await sdk.list_accesses(**SPOUSE)
    assert (await sdk.list_accesses(**SPOUSE)).entries == ()
    assert len((await sdk.list_accesses(**ORDINARY)).entries) == 2


async def test_a_log_that_is_not_indexed_yet(
    explaining: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call says so and leaves what it did; tried again it gets further, and to the end."""
    monkeypatch.setattr(access_index, "SEGMENT", 1)
    monkeypatch.setattr(access_index, "PATIENCE", -1.0)
    async with RawClient(explaining) as raw:
        for number in range(3):
            await raw.verify(verify_request(request_id=f"R-{number}").SerializeToString())
        sent = verify_request().SerializeToString()  # context and claim have the same numbers
        reasons = set()
        for _ in range(9):
            try:
                await raw.send(ACCESSES, sent)
                break
            except grpc.aio.AioRpcError as error:
                reasons.add((await failure_of(_raised(error))).reason)
        else:
            raise AssertionError("the index never got to the end")
    assert reasons == {"ACCESS_INDEX_BUILDING"}


async def _raised(error: grpc.aio.AioRpcError) -> None:
    raise error


def _key(data_dir: Path) -> bytes:
    with closing(sqlite3.connect(data_dir / "gateway.db")) as db:
        ((key,),) = db.execute("SELECT key FROM pseudonym_key").fetchall()
    return bytes(key)


async def _dancu(*arguments: str | Path) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, [str(one) for one in arguments])


async def test_the_command(explaining: Running, sdk: Gateway) -> None:
    """``dancu accesses list`` shows the entries, proves them, and prints them for scripts."""
    await sdk.lookup_citizen(**ORDINARY, fields=["name"])
    where = ["--server", explaining.grpc, "--data-dir", str(explaining.data_dir)]
    about = [ORDINARY["personal_id"], "--name", "Tran Minh Khoi", "--birth-date", "1988-03-14"]
    shown = await _dancu("accesses", "list", *about, *where, "--prove")
    assert shown.exit_code == 0, shown.output
    assert "proved by the log: 1 entries" in shown.stderr
    assert "HS-1" in shown.output
    assert "TEST-OFFICER" not in shown.output
    told = await _dancu("accesses", "list", *about, *where, "--json", "--page-size", "1")
    found = json.loads(told.stdout)
    assert len(found["entries"]) == 1
    assert found["next_page_token"]
    wrong = await _dancu("accesses", "list", *about[:-1], "1988-03-15", *where)
    assert wrong.exit_code == 1


async def test_a_forgotten_month_cannot_be_linked(data_dir: Path) -> None:
    """Its key is gone from the disk, its entries from the list; the log keeps its leaves."""
    async with serving(data_dir, "explain") as ready, ready.connect(audience="explain") as sdk:
        await sdk.verify_identity(**ORDINARY)
        assert len((await sdk.list_accesses(**ORDINARY)).entries) == 1
    key = _key(data_dir)
    with closing(sqlite3.connect(data_dir / "gateway.db")) as db, db:
        db.execute("UPDATE pseudonym_key SET month = '2001-02'")  # as if it had been then
    async with serving(data_dir, "explain") as ready, ready.connect(audience="explain") as sdk:
        before = await sdk.list_accesses(**ORDINARY)
        assert before.months[0] == "2001-02"
        assert len(before.entries) == 2
        done = await _dancu("accesses", "forget", "--before", "2001-03", "--data-dir", data_dir)
        assert (done.exit_code, done.output) == (0, "forgotten: 2001-02\n")
        after = await sdk.list_accesses(**ORDINARY)
        assert len(after.entries) == 1  # the list before, of this month
        assert "2001-02" not in after.months
        assert after.log_size == 3
        assert key not in _bytes_of(data_dir)


def _bytes_of(data_dir: Path) -> bytes:
    return b"".join(one.read_bytes() for one in data_dir.glob("gateway.db*"))


async def test_what_may_not_be_forgotten(data_dir: Path) -> None:
    """The retention period, but for --force; the present month's key, never."""
    today = datetime.now(UTC)
    present, last = month_of(today), month_of(today.replace(day=1) - timedelta(days=1))
    with closing(sqlite3.connect(data_dir / "gateway.db")) as db, db:
        db.execute("INSERT INTO pseudonym_key VALUES (?, ?)", (last, b"k" * 32))
    where = ("--data-dir", data_dir)
    kept = await _dancu("accesses", "forget", "--before", present, *where)
    assert kept.exit_code == 1
    assert "24 months" in kept.output
    forced = await _dancu("accesses", "forget", "--before", present, "--force", "--json", *where)
    assert json.loads(forced.output) == {"forgotten": [last]}
    for month in ("2999-01", "soon", "2025-13"):
        refused = await _dancu("accesses", "forget", "--before", month, "--force", *where)
        assert refused.exit_code == 1
