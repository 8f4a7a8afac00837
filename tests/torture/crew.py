"""The clients as processes: started, killed, paused, started again until they are done."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

from tests.torture.clients.setup import Setup

_REST = 0.2  # seconds between a death and the next start


class Client:
    """One client through all its lives.

    Attributes:
        failure: why it ended by itself before it was done; empty unless it did.
        lives: how often it was started.
    """

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._process: asyncio.subprocess.Process | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._log = Path(setup.folder, f"{setup.name}.log")
        self.failure = ""
        self.lives = 0

    @property
    def name(self) -> str:
        """The client's."""
        return self._setup.name

    def start(self) -> None:
        """Keep it alive until it is done."""
        self._keeping = asyncio.create_task(self._keep(), name=self.name)

    async def done(self) -> None:
        """Wait until it is done, or has failed."""
        assert self._keeping is not None
        await asyncio.shield(self._keeping)

    def kill(self) -> None:
        """Kill -9; it is started again. Nothing if it is not running now."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def freeze(self, seconds: float) -> None:
        """Pause it for a while."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        with contextlib.suppress(ProcessLookupError):  # killed meanwhile
            process.send_signal(signal.SIGCONT)

    async def abandon(self) -> None:
        """Kill it for good, whatever state the test is in."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def _keep(self) -> None:
        while True:
            self._process = await self._spawn()
            self.lives += 1
            code = await self._process.wait()
            if code != -signal.SIGKILL:
                break
            await asyncio.sleep(_REST)
        if code:
            self.failure = f"{self.name} ended with {code}: {self._last_words()}"

    async def _spawn(self) -> asyncio.subprocess.Process:
        module = f"tests.torture.clients.{self.name.partition('-')[0]}"
        command = (sys.executable, "-m", module, str(self._setup.path))
        log = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            return await asyncio.create_subprocess_exec(*command, stderr=log)
        finally:
            os.close(log)

    def _last_words(self) -> str:
        lines = self._log.read_text("utf-8", "replace").strip().splitlines()
        return f"{lines[-1] if lines else ''} (see {self._log})"
