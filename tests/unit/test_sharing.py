"""Profiles in force in several processes: told to all, counted together, and over the pipes."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

import pytest

from gateway.commands.crew import Crew
from gateway.core.errors import NotFound, Simulated, Unavailable
from gateway.core.profile import Profile
from gateway.frames import Frame, await_frame, next_frame
from gateway.rpc.sharing import Adopt, Everywhere, Silent
from gateway.rpc.simulating import Simulating
from gateway.worker import Shared

DOWN = Profile("down", faults=(("UNAVAILABLE", 1.0),))
NOW = 1_800_000_000.0


@dataclass
class Beside:
    """The others of a process, in the same one."""

    state: bytes = b""
    silent: bool = False
    adopts: list[Adopt] = field(default_factory=list)

    def follow(self, adopt: Adopt) -> bool:
        """See ``Others``."""
        if self.state:
            adopt(self.state)
        self.adopts.append(adopt)
        return bool(self.state)

    async def share(self, state: bytes) -> Sequence[bytes]:
        """See ``Others``; the first who follows is who shares."""
        self.state = state
        if self.silent:
            raise Silent
        return [adopt(state) for adopt in self.adopts[1:]]


def simulating(process: int = 0) -> Simulating:
    """The profiles of one process of two."""
    return Simulating(lambda: NOW + process, lambda: False, process, 2)


async def meet(*those: Simulating) -> None:
    """A call that fails, in each."""
    for one in those:
        with pytest.raises(Simulated):
            await one.meet("plain", "/dancu.v1.IdentityService/VerifyIdentity")


async def test_counts_are_of_all_processes() -> None:
    """Asking for them resets none; setting a profile again does."""
    beside, here, there = Beside(), simulating(0), simulating(1)
    everywhere, _ = Everywhere(here, beside), Everywhere(there, beside)
    await everywhere.set(DOWN)
    await meet(here, there, there)
    for _ in range(2):
        (found,) = await everywhere.profiles()
        assert (found.calls, found.counts) == (3, {"unavailable": 3})
    (mine,) = here.profiles()
    assert mine.calls == 1
    here._now = lambda: NOW + 7
    assert (await everywhere.set(DOWN)).calls == 0
    assert [one.calls for one in there.profiles()] == [0]
    assert await everywhere.clear("*") == ["down"]
    assert there.profiles() == []
    with pytest.raises(NotFound):
        await everywhere.clear("down")


async def test_all_begin_with_what_the_first_does() -> None:
    """Since the same moment; who begins again takes over what holds by then."""
    beside, here, there = Beside(), simulating(0), simulating(1)
    here.set(DOWN)
    there.set(DOWN)
    everywhere, _ = Everywhere(here, beside), Everywhere(there, beside)
    await everywhere.begin()
    assert [one.set_at for one in there.profiles()] == [NOW]
    await everywhere.clear("down")
    again = simulating(0)
    again.set(DOWN)
    begun = Everywhere(again, beside)
    await begun.begin()
    assert again.profiles() == []


async def test_a_silent_process_is_told_of() -> None:
    """Whoever asked hears of it, a start goes on."""
    beside, here = Beside(silent=True), simulating()
    everywhere = Everywhere(here, beside)
    await everywhere.begin()
    with pytest.raises(Unavailable) as caught:
        await everywhere.set(DOWN)
    assert caught.value.reason == "WORKER_SILENT"
    assert [one.profile for one in here.profiles()] == [DOWN]


@contextlib.contextmanager
def pipe() -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """Its two ends, to read and to write."""
    there, here = os.pipe()
    with os.fdopen(there, "rb") as reading, os.fdopen(here, "wb") as writing:
        yield reading, writing


async def test_a_crew_over_its_pipes() -> None:
    """What came before anybody listened is taken in first; the end of the pipe is told."""
    adopted: list[bytes] = []
    ended = threading.Event()

    def adopt(state: bytes) -> bytes:
        adopted.append(state)
        return b"to " + state

    with pipe() as (down, parent), pipe() as (heard, up):
        crew = Crew(b"first", up)
        parent.write(Frame("adopt", 1, b"early").to_bytes())
        parent.flush()
        thread = threading.Thread(target=crew.read, args=(down, ended.set))
        thread.start()
        while not crew._early:  # noqa: ASYNC110 - a thread fills it
            await asyncio.sleep(0.001)
        assert crew.follow(adopt)
        assert adopted == [b"first", b"early"]
        assert await_frame(heard) == Frame("reply", 1, b"to early")
        crew.ready()
        assert await_frame(heard) == Frame("ready")
        for shared in (Shared([b"a", b"b"], 0), Shared([], 1)):
            sharing = asyncio.create_task(crew.share(b"mine"))
            frame = await asyncio.to_thread(await_frame, heard)
            assert frame
            assert (frame.kind, frame.body) == ("share", b"mine")
            parent.write(Frame("shared", frame.number, shared.to_bytes()).to_bytes())
            parent.flush()
            if shared.silent:
                with pytest.raises(Silent):
                    await sharing
            else:
                assert await sharing == [b"a", b"b"]
        parent.close()
        await asyncio.to_thread(thread.join)
        assert ended.is_set()


async def test_a_frame_cut_short_is_none() -> None:
    """Whoever wrote it is gone."""
    whole = Frame("adopt", 3, b"a\nb").to_bytes()
    for length in range(len(whole)):
        stream = asyncio.StreamReader()
        stream.feed_data(whole[:length])
        stream.feed_eof()
        assert await next_frame(stream) is None
        assert await_frame(io.BytesIO(whole[:length])) is None
    assert await_frame(io.BytesIO(whole)) == Frame("adopt", 3, b"a\nb")
