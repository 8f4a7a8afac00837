"""The database files: are they there, of this version, whole, and of one another's past."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gateway.config import GatewayConfig, ServeConfig
from gateway.doctor.finding import Finding, fail, ok, warn
from gateway.engines.choice import engine_of
from gateway.engines.engine import Engine
from gateway.engines.sqlite import SqliteEngine
from gateway.store.callers import Enrolled, list_callers
from gateway.store.errors import StoreError
from gateway.store.inspection import Pages, check_pages
from gateway.store.mark import check_mark
from mock_population_db.store.errors import PopulationError

_RESTORE = "see docs/operations.md#restore"


def register(config: GatewayConfig, seconds: float | None) -> Iterator[Finding]:
    """The register; if it is a file, its pages are looked at for so long, or to the end."""
    try:
        engine = engine_of(config)
        if not engine.has_register():
            remedy = f"dancu population build --out {engine.register_name}"
            yield _missing("register", engine.register_name, config, remedy)
            return
        about = engine.register_info()
        said = _pages(engine, config.population_path, seconds)
    except (PopulationError, StoreError) as error:
        yield fail("register", str(error), "restore it, or build it again")
        return
    found = f"{about.size:,} citizens, schema {about.schema_version}, revision {about.revision:,}"
    yield ok("register", f"{found}{said}")


def records(config: GatewayConfig, seconds: float | None) -> Iterator[Finding]:
    """The gateway's records, likewise."""
    try:
        engine = engine_of(config)
        origin = engine.origin()
        if origin is None:
            where = engine.records_name
            yield ok("records", f"no log yet at {where}: the first start begins one")
            return
        check_mark(config.log_mark_path, engine.records_name, origin, engine.head_at)
        said = _pages(engine, config.records_path, seconds)
    except StoreError as error:
        yield fail("records", str(error), _RESTORE)
        return
    yield ok("records", f"{origin}{said}")


def register_and_log(config: GatewayConfig) -> Iterator[Finding]:
    """The log must not have seen more of the register than there is."""
    try:
        engine = engine_of(config)
        if engine.origin() is None or not engine.has_register():
            return
        seen, there = engine.logged_revision(), engine.register_info().revision
    except (PopulationError, StoreError):
        return  # told by the checks above
    found = f"the log has seen revision {seen:,}, the register is at {there:,}"
    if seen > there:
        remedy = "put back the newest register, or run `dancu ledger new-epoch`"
        yield fail("register_and_log", found, remedy)
    else:
        yield ok("register_and_log", found)


def callers(config: ServeConfig) -> Iterator[Finding]:
    """Whether anybody may call."""
    where = f"--data-dir {config.data_dir}"
    try:
        enrolled = [one for one in list_callers(config.callers_path) if one.caller.active]
    except StoreError as error:
        yield fail("callers", str(error), "restore callers.db, or enrol everybody again")
        return
    lacking = [one.caller.id for one in enrolled if not _can_call(one)]
    able = len(enrolled) - len(lacking)
    found = f"{able} can call"
    if not able:
        yield fail("callers", found, f"enrol one: `dancu callers add` {where}")
    elif lacking:
        some = ", ".join(lacking[:3]) + (" …" if len(lacking) > 3 else "")  # noqa: PLR2004 - a few
        found = f"{found}, {len(lacking)} lack a key or a certificate: {some}"
        yield warn("callers", found, f"`dancu callers` {where}, or revoke them")
    else:
        yield ok("callers", found)


def _can_call(one: Enrolled) -> bool:
    return bool(one.caller.keys and one.caller.certificates)


def _missing(check: str, name: str, config: GatewayConfig, command: str) -> Finding:
    if isinstance(config, ServeConfig):
        return fail(check, f"there is no {name}", f"`{command}`")
    return ok(check, f"no {name} yet: the first `dancu dev` makes it")


def _pages(engine: Engine, path: Path, seconds: float | None) -> str:
    """What there is to say of a file's pages; a database server looks after its own."""
    if not isinstance(engine, SqliteEngine) or check_pages(path, seconds) is Pages.WHOLE:
        return ""
    return "; not all of its pages were looked at (--deep)"
