"""A PostgreSQL of one test's own, which can be taken away and brought back."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import postgres
from tests.support.postgres import Cluster, running_cluster


class Outage:
    """A server that stops when told."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.guards: list[subprocess.Popen[bytes]] = []
        self._data = cluster.directory / "data"

    def stop(self) -> None:
        """As by a crash: nobody is told, nothing is finished."""
        pid_file = self._data / "postmaster.pid"
        pid = int(pid_file.read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)
        while _is_alive(pid):
            time.sleep(0.01)
        # its parent still has it in its books, so the next server would take it for alive
        for left in (pid_file, *self.cluster.directory.glob(".s.PGSQL.*.lock")):
            left.unlink(missing_ok=True)

    def start(self) -> None:
        """Bring it back, with what it had stored."""
        where = self.cluster.directory
        bindir = postgres._find_bindir()
        self.guards.append(postgres._start(postgres._as_user(), bindir, where, self._data))
        postgres._await_ready(bindir, where)


@contextmanager
def own_server() -> Iterator[Outage]:
    """Start a server; stop it in the end. Raises as ``running_cluster``."""
    with running_cluster() as cluster:
        outage = Outage(cluster)
        try:
            yield outage
        finally:
            for guard in outage.guards:
                guard.communicate()


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # before, or while it is read
        return False
