"""A private PostgreSQL for the tests: started when the first test asks, gone with the last one.

Each process of pytest-xdist has one of its own. It listens on a socket in its own directory, so
no port is taken. ``fsync`` is off: what was committed survives the death of any process, which
is what tests can cause, and only a loss of power would show the difference.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

_USER = "dancu"  # of the database; whoever can open the socket may be it
_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "log_min_messages": "fatal",
}
# Lives as long as somebody holds its standard input: the server ends, and its directory goes,
# also when the tests are killed.
_GUARD = """
directory=$1; shift
"$@" >>"$directory/log" 2>&1 &
cat >/dev/null
kill -QUIT $! 2>/dev/null
wait
rm -rf "$directory"
"""


class Cluster:
    """A running server; make one with ``running_cluster``."""

    def __init__(self, bindir: Path, directory: Path) -> None:
        self.directory = directory  # of the socket, and of ``log``
        self._bindir = bindir
        self._numbers = count(1)
        # as before 15: else all of the copy is written to the log, too
        newer = int(self._run("SHOW server_version_num")) >= 150000
        self._strategy = "STRATEGY FILE_COPY" if newer else ""

    def create_database(self, template: str | None = None) -> str:
        """Make a database, empty or a copy of one; return its URL.

        Args:
            template: URL of a database that nobody is connected to.
        """
        name = f"test_{next(self._numbers)}"
        source = "template0" if template is None else _name_of(template)
        self._run(f"CREATE DATABASE {name} TEMPLATE {source} {self._strategy}")
        return f"postgresql://{_USER}@/{name}?host={quote(str(self.directory), safe='')}"

    def drop_database(self, url: str) -> None:
        """Drop a database; who is connected to it is cut off."""
        self._run(f"DROP DATABASE IF EXISTS {_name_of(url)} WITH (FORCE)")

    def cut_off(self, url: str) -> None:
        """End every connection to a database, and wait until they are gone."""
        self._run(
            f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "  # noqa: S608 - our own name
            f"WHERE datname = '{_name_of(url)}'"
        )

    @contextmanager
    def database(self, template: str | None = None) -> Iterator[str]:
        """The URL of a database that is dropped in the end; see ``create_database``."""
        url = self.create_database(template)
        try:
            yield url
        finally:
            self.drop_database(url)

    def query(self, url: str, statement: str) -> str:
        """What ``psql`` prints for a statement: a line a row, ``|`` between two columns."""
        return self._run(statement, _name_of(url)).strip()

    def dump(self, url: str) -> str:
        """A whole database, as ``psql`` reads it."""
        where = ["-h", str(self.directory), "-U", _USER, "-d", _name_of(url)]
        command = [str(self._bindir / "pg_dump"), *where]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own command

    def _run(self, statement: str, database: str = "postgres") -> str:
        where = ["-h", str(self.directory), "-U", _USER, "-d", database]
        command = [str(self._bindir / "psql"), "-XAtq", *where, "-v", "ON_ERROR_STOP=1"]
        # not on the command line: a file that a test loads may be long
        done = subprocess.run(  # noqa: S603 - our own command
            command, input=statement, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{statement[:200]}: {done.stderr}")
        return done.stdout


@contextmanager
def running_cluster(*, fsync: bool = False) -> Iterator[Cluster]:
    """Start a server, and stop it in the end.

    Args:
        fsync: whether a commit waits for the disk, which only measurements need.

    Raises:
        LookupError: PostgreSQL is not installed, or there is no user to run it as.
        RuntimeError: it did not start.
    """
    bindir, prefix, owner = _find_bindir(), _as_user(), _owner()
    directory = Path(tempfile.mkdtemp(prefix="dancu-pg-"))
    os.chown(directory, owner, -1)
    data = directory / "data"
    try:
        _initialise(prefix, bindir, data)
        guard = _start(prefix, bindir, directory, data, fsync=fsync)
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    try:
        _await_ready(bindir, directory)
        yield Cluster(bindir, directory)
    finally:
        guard.communicate()  # closes its standard input, then waits


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """The server of this process's tests."""
    try:
        with running_cluster() as cluster:
            yield cluster
    except LookupError as reason:
        pytest.skip(str(reason))


@pytest.fixture
def postgres_url(postgres: Cluster) -> Iterator[str]:
    """The URL of an empty database of the test's own."""
    with postgres.database() as url:
        yield url


def _find_bindir() -> Path:
    """Where the server's programs are: Debian keeps them off the PATH, one place a version."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda one: float(one.parts[-3]), default=None)
    if newest is None:
        raise LookupError("PostgreSQL is not installed: no initdb on PATH or in /usr/lib")
    return newest.parent


def _owner() -> int:
    """Whose the server is: ours, or another's when we are root, whom it refuses to run as."""
    if os.geteuid():
        return os.geteuid()
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise LookupError("PostgreSQL does not run as root, and there is no user postgres or nobody")


def _as_user() -> list[str]:
    """What stands before a command so that it runs as the server's owner."""
    if os.geteuid():
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise LookupError("PostgreSQL does not run as root, and there is no setpriv")
    user = pwd.getpwuid(_owner())
    return [setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def _initialise(prefix: list[str], bindir: Path, data: Path) -> None:
    options = ["--auth=trust", f"--username={_USER}", "--encoding=UTF8", "--locale=C.UTF-8"]
    command = [*prefix, str(bindir / "initdb"), "-D", str(data), "--no-sync", *options]
    done = subprocess.run(  # noqa: S603 - our own command
        command, cwd=data.parent, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"initdb: {done.stderr}")


def _start(
    prefix: list[str], bindir: Path, directory: Path, data: Path, *, fsync: bool = False
) -> subprocess.Popen[bytes]:
    wanted = _SETTINGS | {"fsync": "on" if fsync else "off"}
    settings = [part for name, value in wanted.items() for part in ("-c", f"{name}={value}")]
    server = [str(bindir / "postgres"), "-D", str(data), "-k", str(directory), *settings]
    guard = ["/bin/sh", "-c", _GUARD, "guard", str(directory), *server]
    return subprocess.Popen(  # noqa: S603 - our own command
        [*prefix, *guard],
        stdin=subprocess.PIPE,
        cwd="/",
        start_new_session=True,  # Ctrl-C is for the tests, which then end the server
    )


def _await_ready(bindir: Path, directory: Path) -> None:
    ready = [str(bindir / "pg_isready"), "-q", "-h", str(directory), "-t", "1"]
    for _ in range(300):
        if subprocess.run(ready, check=False).returncode == 0:  # noqa: S603 - our own command
            return
        time.sleep(0.1)
    raise RuntimeError(f"PostgreSQL did not start: {(directory / 'log').read_text()}")


def _name_of(url: str) -> str:
    return urlsplit(url).path.lstrip("/")
