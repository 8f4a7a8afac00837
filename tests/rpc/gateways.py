"""A gateway in the test's own process: the real composition, stores and channel."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from clients.sdk import CallContext, Gateway, Trust
from gateway import app, datadir
from gateway.config import DevConfig
from gateway.core.signing import note_is_signed
from gateway.engines.choice import engine_in
from gateway.flows.ports import Committed
from gateway.store.audit import Expected, Report
from gateway.store.keys import checkpoint_keys
from gateway.store.sqlite import SqliteRecords

SIZE = 2_000  # citizens
SEED = 7
CONTEXT = CallContext("TEST.VERIFY", "000.00.00.G01", "TEST-OFFICER", "HS-1")


@dataclass(frozen=True, slots=True)
class Running:
    """A gateway that answers."""

    data_dir: Path
    grpc: str
    control: str
    log: str
    metrics: str

    @classmethod
    def at(cls, data_dir: Path, ready: app.Ready) -> Running:
        """One that serves a data directory and said where."""
        return cls(data_dir, **asdict(ready))

    @property
    def trust(self) -> Trust:
        """What its operator hands to clients."""
        return Trust.from_files(self.data_dir / "root.pub", self.data_dir / "keyset.binpb")

    def connect(self, *, audience: str = "plain", timeout: float = 10.0) -> Gateway:
        """The SDK, which verifies every answer before it hands it over."""
        return Gateway.connect(
            self.grpc, trust=self.trust, context=CONTEXT, audience=audience, timeout=timeout
        )


def build(data_dir: Path, size: int = SIZE, store: str = "") -> Path:
    """Prepare a data directory as a first ``dancu dev`` does."""
    config = DevConfig(data_dir=data_dir, population=size, seed=SEED, store=store)
    datadir.prepare(config, lambda _done: None)
    return data_dir


def copy_of(built: Path, target: Path) -> Path:
    """A data directory that a test may change."""
    return Path(shutil.copytree(built, target))


@contextlib.asynccontextmanager
async def serving(
    data_dir: Path, caller: str = "plain", policy: Path | None = None, **settings: Any
) -> AsyncIterator[Running]:
    """Serve a data directory on free ports; afterwards its log must hold."""
    config = DevConfig(
        data_dir=data_dir,
        caller=caller,
        policy=policy,
        port=0,
        control_port=0,
        drain_seconds=2.0,
        **settings,
    )
    prepared = datadir.prepare(config, lambda _done: None)
    async with app.running(config, prepared) as ready:
        yield Running.at(data_dir, ready)
    assert audited(data_dir).findings == []


def audited(data_dir: Path, checkpoints: Mapping[int, bytes] | None = None) -> Report:
    """Recompute the log of a data directory; ``checkpoints`` are roots by size that are held."""
    engine = engine_in(data_dir)
    origin = engine.origin()
    assert origin is not None
    keys = checkpoint_keys(data_dir, origin)

    def is_signed(note: str) -> bool:
        text, _, lines = note.partition("\n\n")
        return any(
            note_is_signed(text + "\n", line, origin, key)
            for line in lines.splitlines()
            for key in keys
        )

    expected = Expected(
        checkpoints or {}, engine.register_info().revision, is_signed, engine.submitted_events
    )
    return engine.audit(expected, lambda _done, _total: None)


def hold_commits(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Keep calls from being answered until the event is set."""
    release, commit = asyncio.Event(), SqliteRecords.commit

    async def held(self: SqliteRecords, *given: Any) -> Committed:
        await release.wait()
        return await commit(self, *given)

    monkeypatch.setattr(SqliteRecords, "commit", held)
    return release
