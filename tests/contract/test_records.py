"""What every store of the gateway's own records does, whatever engine keeps it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import sys
import threading
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import pytest

from gateway.core.access import unpack
from gateway.core.errors import OutOfRange
from gateway.core.ledger import NO_ACCESS, Tree
from gateway.core.model import Access
from gateway.flows.ports import Committed, Entry, Records
from tests.support import merkle
from tests.support.committer import commit_all
from tests.support.record_stores import Place, Store, audited, engine_of, opened, query
from tests.support.records import (
    ANYBODY,
    COMMON,
    by,
    certify,
    check_committed,
    data_of,
    entries,
    entry,
    is_signed,
    names,
    size_and_root,
)
from tests.support.scene import ORIGIN

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(record_place: Place) -> Place:
    """A new record store."""
    return record_place


@pytest.fixture
async def records(path: Place) -> AsyncIterator[Store]:
    """The same, opened."""
    async with opened(path) as store:
        yield store


async def check_proof(records: Records, index: int, one: Entry) -> None:
    """A leaf is proven under the latest checkpoint, by a verifier of its own."""
    text = await records.prove(index)
    assert merkle.read_proof(text).index == index
    assert merkle.proves(text, data_of(one))
    assert text.endswith("\n\n" + await records.checkpoint())


def untouched(start: int, end: int) -> list[Entry]:
    """Entries that touch nobody, quick to make by the thousand."""
    return [
        Entry(hashlib.sha256(b"%d" % number).digest(), NO_ACCESS, COMMON, ())
        for number in range(start, end)
    ]


async def test_a_new_log_is_empty_and_signed(records: Records, path: Place) -> None:
    """A checkpoint of size 0 under its own origin."""
    checkpoint = await records.checkpoint()
    assert size_and_root(checkpoint) == (0, Tree().root)
    assert checkpoint.startswith(ORIGIN + "\n")
    assert is_signed(checkpoint)
    assert engine_of(path).origin(path) == ORIGIN
    assert not audited(path).findings


@pytest.mark.parametrize("sizes", [[1], [1, 1, 1], [3, 1, 7, 2], [300], [255, 1, 1], [250, 20]])
async def test_a_commit_appends_and_proves_every_leaf(
    records: Records, path: Place, sizes: Sequence[int]
) -> None:
    """Each entry has its path to the new checkpoint, whatever the windows."""
    sent = entries(0, sum(sizes))
    first = 0
    for size in sizes:
        committed = await records.commit(sent[first : first + size], certify)
        assert committed.first_index == first
        check_committed(committed, sent[first : first + size])
        first += size
    assert await records.checkpoint() == committed.checkpoint
    assert not audited(path).findings


async def test_reopening_continues_the_log(path: Place) -> None:
    """The same checkpoint, the next index, the old leaves."""
    async with opened(path) as records:
        committed = await records.commit(entries(0, 3), certify)
    async with opened(path) as records:
        assert await records.checkpoint() == committed.checkpoint
        assert (await records.commit([entry(3)], certify)).first_index == 3
        for number in range(4):
            await check_proof(records, number, entry(number))


async def test_old_leaves_are_proven_at_every_size(records: Records) -> None:
    """Around the sizes at which tiles become full, and between them."""
    size = 0
    for target in (1, 2, 3, 200, 255, 256, 257, 300, 511, 512, 513, 700):
        check_committed(
            await records.commit(untouched(size, target), certify),
            untouched(size, target),
            every=50,
        )
        size = target
        for index in {0, 1, 199, 254, 255, 256, 299, 511, 512, size // 2, size - 1}:
            if index < size:
                await check_proof(records, index, *untouched(index, index + 1))


async def test_a_tile_of_tiles_is_made_and_proves(records: Records, path: Place) -> None:
    """Beyond 65,536 leaves the second level of tiles is used."""
    step, size = 4_100, 0
    while size < 65_536 + 300:
        sent = untouched(size, size + step)
        check_committed(await records.commit(sent, certify), sent, every=1_000)
        size += step
    for index in (0, 1, 255, 256, 65_535, 65_536, 65_791, size - 1):
        await check_proof(records, index, *untouched(index, index + 1))
    tiles = query(path, "SELECT level, count(*) FROM tile GROUP BY level ORDER BY level")
    assert tiles == [(0, size // 256), (1, 1)]


@pytest.mark.parametrize("index", [-1, 3, 2**62])
async def test_there_is_no_proof_of_what_is_not_there(records: Records, index: int) -> None:
    """OutOfRange says how many there are."""
    await records.commit(entries(0, 3), certify)
    with pytest.raises(OutOfRange, match="has 3 leaves") as caught:
        await records.prove(index)
    assert caught.value.reason == "LEAF_OUT_OF_RANGE"


async def test_tiles_and_leaves_are_shown(records: Records) -> None:
    """Of each level the roots of complete subtrees; leaves across windows; and no more than is."""
    sent = entries(0, 600)
    for start, end in ((0, 1), (1, 255), (255, 257), (257, 600)):
        await records.commit(sent[start:end], certify)
    data = [data_of(one) for one in sent]
    hashes = [merkle.leaf_hash(one) for one in data]
    assert await records.tile(0, 0, 256) == b"".join(hashes[:256])
    assert await records.tile(0, 1, 3) == b"".join(hashes[256:259])
    assert await records.tile(0, 2, 88) == b"".join(hashes[512:])
    roots = [merkle.tree_hash(data[at : at + 256]) for at in (0, 256)]
    assert await records.tile(1, 0, 2) == b"".join(roots)
    assert list(await records.leaves(254, 260)) == data[254:260]
    assert list(await records.leaves(599, 600)) == data[599:]
    for level, number, width in ((0, 2, 89), (0, 3, 1), (1, 0, 3), (2, 0, 1), (63, 2**60, 1)):
        with pytest.raises(OutOfRange):
            await records.tile(level, number, width)
    for start, end in ((599, 601), (600, 601), (5, 5), (-1, 1), (2**70, 2**70 + 1)):
        with pytest.raises(OutOfRange):
            await records.leaves(start, end)


async def test_an_empty_log_proves_nothing(records: Records) -> None:
    """Not even leaf 0."""
    with pytest.raises(OutOfRange):
        await records.prove(0)


async def test_access_rows_and_usage_go_in_with_their_leaf(records: Records, path: Place) -> None:
    """Rows as sent; charges by day in Viet Nam, caller, procedure and method."""
    evening = COMMON._replace(at=datetime(2026, 3, 4, 17, 0, tzinfo=UTC))  # midnight there
    nobody, two = (), (ANYBODY, Access(b"t" * 16, 2, 0))
    sent = [
        entry(0),
        entry(1, two),
        entry(2, nobody),
        entry(3, two, by("full")),
        entry(4, two, evening),
    ]
    await records.commit(sent[:2], certify)
    await records.commit(sent[2:], certify)
    stored = b"".join(blob for (blob,) in query(path, "SELECT accesses FROM window"))
    assert list(unpack(stored)) == [(one.call, one.rows) for one in sent]
    assert query(path, "SELECT day, caller, answers, records FROM usage ORDER BY 1, 2") == [
        ("2026-03-04", "full", 1, 2),
        ("2026-03-04", "plain", 3, 3),
        ("2026-03-05", "plain", 1, 2),
    ]
    report = audited(path)
    assert (report.leaves, report.accesses, names(report)) == (5, 7, set())


async def test_a_pseudonym_key_lasts_as_long_as_its_month(path: Place) -> None:
    """The same for a month, another for the next, and durable at once."""
    async with opened(path) as records:
        march, april = [await records.pseudonym_key(month) for month in ("2026-03", "2026-04")]
        assert len(march) == len(april) == 32
        assert march != april
        assert await records.pseudonym_key("2026-03") == march
        async with opened(path) as other:
            assert await other.pseudonym_key("2026-03") == march
    async with opened(path) as records:
        assert await records.pseudonym_key("2026-03") == march


async def test_two_stores_agree_on_a_new_pseudonym_key(path: Place) -> None:
    """Asked at the same moment."""
    async with opened(path) as one, opened(path) as other:
        keys = await asyncio.gather(*(store.pseudonym_key("2026-03") for store in (one, other) * 4))
    assert len(set(keys)) == 1


async def test_many_commits_at_once_make_one_tree(records: Records, path: Place) -> None:
    """Each gets its own place."""
    sent = [entries(first, first + 3) for first in range(0, 60, 3)]
    done = await asyncio.gather(*(records.commit(one, certify) for one in sent))
    for one, committed in zip(sent, done, strict=True):
        check_committed(committed, one)
    assert sorted(committed.first_index for committed in done) == list(range(0, 60, 3))
    assert not audited(path, dict(size_and_root(one.checkpoint) for one in done)).findings


async def test_two_stores_on_one_file_grow_one_tree(path: Place) -> None:
    """Two gateways in one process: no fork, no gap, every proof holds."""

    async def commit(store: Records, first: int) -> list[Committed]:
        done = []
        for number in range(first, first + 40, 2):
            sent = entries(number, number + 2)
            done.append(await store.commit(sent, certify))
            check_committed(done[-1], sent)
        return done

    async with opened(path) as one, opened(path) as other:
        done = list(chain(*await asyncio.gather(commit(one, 0), commit(other, 1000))))
        assert await one.checkpoint() == await other.checkpoint()
    held = dict(size_and_root(committed.checkpoint) for committed in done)
    assert len(held) == len(done) == 40
    assert not audited(path, held).findings


async def test_two_processes_on_one_file_grow_one_tree(path: Place) -> None:
    """The same with another process: one root for each size, and both go on."""
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.committer", str(path), "1000", "1040",
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        limit=2**20,
    )  # fmt: skip
    ours = await commit_all(path, 0, 4)
    while audited(path).leaves == len(ours) and other.returncode is None:  # it is starting
        ours += await commit_all(path, 0, 4)
    ours += await commit_all(path, 0, 40)
    out, _ = await other.communicate()
    assert other.returncode == 0
    checkpoints = [*ours, *json.loads(out)]
    held = dict(size_and_root(checkpoint) for checkpoint in checkpoints)
    assert len(held) == len(checkpoints)
    report = audited(path, held)
    assert (report.leaves, report.findings) == (len(checkpoints), [])


async def test_a_commit_that_cannot_be_certified_leaves_nothing(
    records: Records, path: Place
) -> None:
    """All entries or none."""

    def refuse(_tree: Tree) -> str:
        raise RuntimeError("no key")

    before = await records.checkpoint()
    with pytest.raises(RuntimeError):
        await records.commit(entries(0, 3), refuse)
    assert await records.checkpoint() == before
    assert (await records.commit([entry(0)], certify)).first_index == 0
    assert not audited(path).findings


async def test_a_cancelled_commit_disturbs_nobody(records: Records, path: Place) -> None:
    """It runs to its end or was never begun; the next one goes on behind it."""
    tasks = [asyncio.create_task(records.commit([entry(number)], certify)) for number in range(8)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    for number, committed in enumerate(done):
        if isinstance(committed, Committed):
            check_committed(committed, [entry(number)])
    assert sum(isinstance(one, Committed) for one in done) == 4
    check_committed(await records.commit([entry(8)], certify), [entry(8)])
    assert not audited(path).findings


async def test_a_commit_is_one_hop_to_the_stores_own_thread(records: Records) -> None:
    """Nothing of it runs where calls are answered."""
    threads = set()

    def note(tree: Tree) -> str:
        threads.add(threading.current_thread())
        return certify(tree)

    for number in range(3):
        await records.commit([entry(number)], note)
    assert len(threads) == 1
    assert threading.main_thread() not in threads


async def test_the_head_never_moves_back(records: Records) -> None:
    """Readers beside a writer see checkpoints that only grow."""
    sizes: list[int] = []

    async def watch() -> None:
        while not sizes or sizes[-1] < 30:
            sizes.append(size_and_root(await records.checkpoint())[0])

    async def write() -> None:
        for number in range(30):
            await records.commit([entry(number)], certify)

    await asyncio.gather(watch(), write())
    assert sizes == sorted(sizes)


def test_a_proof_needs_its_own_leaf() -> None:
    """The verifier of this suite can say no."""
    data = [b"a", b"b", b"c"]
    root = base64.b64encode(merkle.tree_hash(data)).decode()
    path = "".join(base64.b64encode(one).decode() + "\n" for one in merkle.audit_path(1, data))
    proof = f"c2sp.org/tlog-proof@v1\nindex 1\n{path}\nlog\n3\n{root}\n\n— log AAAA\n"
    assert merkle.proves(proof, b"b")
    assert not merkle.proves(proof, b"a")
