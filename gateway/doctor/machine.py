"""The machine: versions, the disk, the clock, limits."""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import shutil
import sqlite3
import stat
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from dancu.v1 import identity_service_pb2_grpc
from gateway.doctor.finding import Finding, at_least, fail, ok, warn
from gateway.store.errors import StoreError
from gateway.store.inspection import latest_access

OLDEST_PYTHON = (3, 11)
DISK_BYTES = (5e9, 5e8)  # below the first a warning, below the second a failure
DISK_SHARE = 0.1
FSYNC_SECONDS = (0.01, 0.1)
FSYNC_COUNT, FSYNC_BYTES = 50, 4096
OPEN_FILES = (4096, 1024)
AHEAD = timedelta(seconds=60)  # clocks of two gateways on one log differ
_TIMEX_BYTES = 512  # more than the struct has on any machine; zeros ask and change nothing
_TIME_ERROR = 5  # adjtimex(2): not synchronised


def python() -> Iterator[Finding]:
    """Python, and the SQLite that it brings."""
    found = f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    if sys.version_info >= OLDEST_PYTHON:
        yield ok("python", found)
    else:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        yield fail("python", found, f"install Python {oldest} or later")


def grpcio() -> Iterator[Finding]:
    """The library must not be older than what the generated code was made with."""
    there, needed = version("grpcio"), identity_service_pb2_grpc.GRPC_GENERATED_VERSION
    if _numbers(there) >= _numbers(needed):
        yield ok("grpcio", f"{there}, protobuf {version('protobuf')}")
    else:
        yield fail("grpcio", there, f"pip install 'grpcio>={needed}'")


def data_dir(path: Path, *, made_by_start: bool) -> Iterator[Finding]:
    """Whether it is there, and whose it is.

    Args:
        path: of the directory.
        made_by_start: whether the gateway makes it on its first run.
    """
    if not path.is_dir():
        remedy = "name another --data-dir, unless this is before the first start"
        yield (warn if made_by_start else fail)("data_dir", f"{path} is not there", remedy)
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    if not os.access(path, os.W_OK | os.X_OK):
        yield fail("data_dir", f"{path} cannot be written", "give it to the gateway's user")
    elif mode & 0o077:
        yield warn("data_dir", f"{path} has rights {mode:o}: others look in", f"chmod 700 {path}")
    else:
        yield ok("data_dir", str(path))


def disk(path: Path) -> Iterator[Finding]:
    """Room in the data directory; see docs/operations.md for what grows."""
    room = shutil.disk_usage(path)
    share = room.free / room.total
    found = f"{room.free / 1e9:,.1f} GB free, {share:.0%}"
    remedy = "make room: without any, no call is answered (RECORD_STORE_UNAVAILABLE)"
    finding = at_least("disk", room.free, DISK_BYTES, found, remedy)
    small = share < DISK_SHARE and not finding.remedy
    yield warn("disk", found, remedy) if small else finding


def fsync(path: Path) -> Iterator[Finding]:
    """What it costs to make an answer durable: each window waits for one."""
    took = _durable_appends(path)
    median = statistics.median(took)
    found = f"{median * 1000:.2f} ms in the median, {max(took) * 1000:.1f} ms at worst"
    remedy = "calls wait for it: use a local SSD, not a network or an overlay file system"
    warning, failing = FSYNC_SECONDS
    yield at_least("fsync", -median, (-warning, -failing), found, remedy)


def clock(records: Path, now: datetime) -> Iterator[Finding]:
    """Whether somebody keeps it, and whether it went back behind the log.

    Args:
        records: ``gateway.db``; may be missing.
        now: aware, UTC.
    """
    try:
        latest = latest_access(records) if records.exists() else None
    except StoreError:
        latest = None  # the check of the records tells
    if latest is not None and latest > now + AHEAD:
        found = f"the log has accesses of {latest:%Y-%m-%d %H:%M:%SZ}, and it is {now:%H:%M:%SZ}"
        yield fail("clock", found, "set the clock right: statements carry its time")
        return
    kept = _is_synchronised()
    if kept:
        yield ok("clock", f"{now:%Y-%m-%d %H:%M:%SZ}, kept by NTP")
        return
    why = "nobody is known to keep it" if kept is None else "not kept by NTP"
    remedy = "run chrony or systemd-timesyncd (in a container: on the host)"
    yield warn("clock", f"{now:%Y-%m-%d %H:%M:%SZ}, {why}", remedy)


def open_files() -> Iterator[Finding]:
    """How many files and connections a process may have, if started as this one was."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = float("inf") if limit == resource.RLIM_INFINITY else limit
    remedy = "raise it: `ulimit -n 65536`, or LimitNOFILE= of the systemd unit"
    yield at_least("open_files", count, OPEN_FILES, f"at most {count:,}", remedy)


def _durable_appends(folder: Path) -> list[float]:
    """Seconds of each."""
    sync = getattr(os, "fdatasync", os.fsync)  # there is no fdatasync on macOS
    took = []
    with tempfile.TemporaryFile(dir=folder, prefix=".doctor-") as file:
        for _ in range(FSYNC_COUNT):
            began = time.perf_counter()
            os.write(file.fileno(), bytes(FSYNC_BYTES))
            sync(file.fileno())
            took.append(time.perf_counter() - began)
    return took


def _is_synchronised() -> bool | None:
    """What the kernel says; None where it cannot be asked."""
    try:
        asked = ctypes.CDLL(None).adjtimex
    except (OSError, AttributeError):
        return None
    state = int(asked(ctypes.create_string_buffer(_TIMEX_BYTES)))
    return None if state < 0 else state != _TIME_ERROR


def _numbers(text: str) -> tuple[int, ...]:
    """Up to three parts of a version; a release candidate has two, and comes before its release."""
    return tuple(int(part) for part in text.split(".")[:3] if part.isdigit())
