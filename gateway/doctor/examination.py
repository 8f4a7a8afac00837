"""All checks, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from gateway.config import GatewayConfig, ServeConfig
from gateway.doctor import machine, stores, trust
from gateway.doctor.database import database
from gateway.doctor.finding import Finding, guarded
from gateway.doctor.ports import ports
from gateway.engines.choice import store_of

PAGE_SECONDS = 5.0  # for the pages of one database file


def examine(config: GatewayConfig, now: datetime, *, deep: bool = False) -> Iterator[Finding]:
    """Look at an installation.

    Args:
        config: how it is set.
        now: aware, UTC.
        deep: read every page of the databases, however long that takes.
    """
    seconds = None if deep else PAGE_SECONDS
    place, strict = config.data_dir, isinstance(config, ServeConfig)
    yield from machine.python()
    yield from machine.grpcio()
    yield from guarded("data_dir", machine.data_dir(place, made_by_start=not strict))
    if place.is_dir():
        yield from guarded("disk", machine.disk(place))
        yield from guarded("fsync", machine.fsync(place))
    yield from guarded("clock", machine.clock(config.records_path, now))
    yield from machine.open_files()
    yield from ports(config)
    if store := store_of(config):
        yield from database(store)
    yield from guarded("register", stores.register(config, seconds))
    yield from guarded("records", stores.records(config, seconds))
    yield from guarded("register_and_log", stores.register_and_log(config))
    yield from guarded("keys", trust.keys(config, now))
    yield from guarded("policy", trust.policy(config))
    if isinstance(config, ServeConfig):
        yield from guarded("callers", stores.callers(config))
        yield from guarded("certificate", trust.certificates(config, now))
