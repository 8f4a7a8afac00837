"""A server that is killed: ``dancu dev`` as a process, started again on what it left."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

_DANCU = str(Path(sys.executable).with_name("dancu"))
_PATIENCE = 120.0  # seconds for a start or a stop
_READY = re.compile(r"READY grpc=([^:]+):(\d+) .*\n")


class ServerFailure(Exception):
    """The server did what it must not do, whatever happens to it."""


class Server:
    """One data directory's server, through all its lives.

    Attributes:
        data_dir: its data directory.
        lives: how often it was started.
    """

    def __init__(self, data_dir: Path, log: Path, options: Sequence[str] = ()) -> None:
        self.data_dir = data_dir
        self._log = log
        self._options = options
        self._process: asyncio.subprocess.Process | None = None
        self.lives = 0

    async def start(self) -> tuple[str, int]:
        """Start it; returns its address once it is READY.

        Raises:
            ServerFailure: it does not come up.
        """
        places = ["--data-dir", str(self.data_dir), "--port", "0", "--control-port", "0"]
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                _DANCU, "dev", *places, *self._options, stdout=asyncio.subprocess.PIPE, stderr=log
            )
        self.lives += 1
        assert self._process.stdout is not None
        line = (await asyncio.wait_for(self._process.stdout.readline(), _PATIENCE)).decode()
        ready = _READY.fullmatch(line)
        if ready is None:
            raise ServerFailure(f"start {self.lives} ended before READY; see {self._log}")
        return ready[1], int(ready[2])

    async def kill(self) -> None:
        """Kill -9.

        Raises:
            ServerFailure: it had ended by itself.
        """
        process = self._running()
        process.kill()
        await process.wait()

    async def stop(self) -> None:
        """SIGTERM: it drains and says 0.

        Raises:
            ServerFailure: it says something else, or nothing.
        """
        process = self._running()
        process.terminate()
        try:
            code = await asyncio.wait_for(process.wait(), _PATIENCE)
        except TimeoutError:
            process.kill()
            raise ServerFailure("it does not stop at SIGTERM") from None
        if code:
            raise ServerFailure(f"it ended with {code} at SIGTERM; see {self._log}")

    async def freeze(self, seconds: float) -> None:
        """Pause the process for a while."""
        process = self._running()
        process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        process.send_signal(signal.SIGCONT)

    def defects(self) -> int:
        """How many tracebacks there are in its log."""
        return self._log.read_text("utf-8", "replace").count("Traceback")

    def abandon(self) -> None:
        """Kill it if it is still there, whatever state the test is in."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    def _running(self) -> asyncio.subprocess.Process:
        process = self._process
        if process is None or process.returncode is not None:
            code = process.returncode if process else None
            raise ServerFailure(f"it ended by itself with {code}; see {self._log}")
        return process
