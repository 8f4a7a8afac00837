"""``dancu dev`` as a user runs it: a process of its own."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.rpc.gateways import Running

DANCU = (str(Path(sys.executable).with_name("dancu")),)
PATIENCE = 60  # seconds until a process must have done what it should
_READY = re.compile(r"READY grpc=(\S+) control=(\S+) log=(\S+) metrics=(\S+)\n")


@dataclass(frozen=True, slots=True)
class Server:
    """A gateway that said READY."""

    process: subprocess.Popen[str]
    running: Running
    log: Path  # its standard error

    def kill(self) -> None:
        """Kill -9: no warning, no cleaning up."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def terminate(self) -> int:
        """SIGTERM; returns the exit code once it has drained."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@contextlib.contextmanager
def dev(
    data_dir: Path, *arguments: str, command: Sequence[str] = DANCU, log: Path | None = None
) -> Iterator[Server]:
    """Run ``dancu dev`` on free ports for the length of the block."""
    log = log or data_dir.with_suffix(".log")
    with log.open("w", encoding="utf-8") as stderr:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [*command, "dev", *_places(data_dir), *arguments],
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    with process:
        assert process.stdout is not None
        try:
            ready = _READY.fullmatch(process.stdout.readline())
            assert ready, log.read_text("utf-8")
            yield Server(process, Running(data_dir, *ready.groups()), log)
        finally:
            process.kill()


def dancu(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command that ends by itself."""
    return subprocess.run(  # noqa: S603 - our own command
        [*DANCU, *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env=os.environ | environment,
    )


def failing_dev(data_dir: Path, *arguments: str) -> str:
    """Run a ``dancu dev`` that must fail; returns its one line of explanation."""
    done = dancu("dev", *_places(data_dir), *arguments)
    assert done.returncode not in (0, None), done
    assert "Traceback" not in done.stderr
    assert "READY" not in done.stdout
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, done.stderr
    return done.stderr[done.stderr.index("error: ") :].rstrip("\n")


def _places(data_dir: Path) -> list[str]:
    return ["--data-dir", str(data_dir), "--port", "0", "--control-port", "0"]
