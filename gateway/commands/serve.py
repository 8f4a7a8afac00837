"""``dancu serve``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from gateway import telemetry
from gateway.app import Ready
from gateway.app import serve as run
from gateway.commands.config_file import read_config
from gateway.commands.errors import one_line_errors
from gateway.config import ServeConfig
from gateway.datadir import Prepared, SetupProblems, prepare_existing
from gateway.engines.choice import engine_of
from gateway.rpc.peer_certificate import read_certificates
from gateway.rpc.tls import TlsFiles, check_tls_files
from gateway.store.callers import list_callers
from gateway.store.errors import StoreError
from gateway.store.keys import unusable_keys
from gateway.workers import become


def serve(
    config: Annotated[Path, typer.Option(metavar="FILE", help="TOML file with the settings.")],
) -> None:
    """Run the gateway strictly: mutual TLS, session tokens, enrolled callers and nobody else.

    Refuses to start, with a list of all that is missing, until register, keys, TLS and callers
    are there; makes none of them. Prints one line that begins with READY once it answers calls.
    SIGTERM drains and exits 0.
    """
    with one_line_errors():
        settings = read_config(config)
        telemetry.configure(settings.log_level, settings.log_format)
        prepared = _prepare(settings)
        _warn()
        if settings.workers > 1:
            become(settings)
        uvloop.run(run(settings, prepared, _announce))


def _prepare(config: ServeConfig) -> Prepared:
    missing = list(_missing(config))
    tls = tls_files(config)
    if missing or tls is None:
        raise SetupProblems(f"cannot serve, {len(missing)} things are missing:", missing)
    return prepare_existing(config, tls)


def _missing(config: ServeConfig) -> Iterator[str]:
    """All that is not there yet, and how to make it."""
    where = f"--data-dir {config.data_dir}"
    engine = engine_of(config)
    if not engine.has_register():
        yield (
            f"register: there is no {engine.register_name}; make one with `dancu population "
            f"build --out {engine.register_name}`"
        )
    if (config.data_dir / "keys").exists():
        yield from (f"keys: {why}" for why in unusable_keys(config.data_dir, datetime.now(UTC)))
    else:
        yield f"keys: there are none in {config.data_dir}; make them with `dancu keys init {where}`"
    yield from _missing_tls(config)
    if config.policy is None:
        yield "policy: it is not set, so nobody may ask anything; see docs/policy.md"
    yield from _missing_callers(config, where)


def _missing_callers(config: ServeConfig, where: str) -> Iterator[str]:
    how = f"`dancu callers add` or `dancu callers demo`, {where}"
    try:
        callers = [one.caller for one in list_callers(config.callers_path)]
    except (StoreError, OSError) as error:
        yield f"callers: {error}; restore it from a backup, or put it away and use {how}"
        return
    if not any(caller.active and caller.keys and caller.certificates for caller in callers):
        yield (
            f"callers: none in {config.callers_path} is active with a key and a certificate; enrol "
            f"one with {how}"
        )


def _missing_tls(config: ServeConfig) -> Iterator[str]:
    names = ("tls_certificate", "tls_key", "tls_client_ca")
    unset = [name for name in names if getattr(config, name) is None]
    for name in unset:
        yield f"TLS: {name} is not set; `dancu keys init-tls` makes all three for tests"
    if (files := tls_files(config)) is None:
        return
    try:
        check_tls_files(files, datetime.now(UTC))
        if config.tls_balancers is not None:
            read_certificates(config.tls_balancers)
    except OSError as error:
        yield f"TLS: cannot read {error.filename}: {error.strerror}; check its path and rights"
    except (ValueError, TypeError) as error:
        yield f"TLS: {error}"


def tls_files(config: ServeConfig) -> TlsFiles | None:
    """The settings' TLS files; None unless all are named."""
    certificate, key, client_ca = config.tls_certificate, config.tls_key, config.tls_client_ca
    if certificate is None or key is None or client_ca is None:
        return None
    return TlsFiles(certificate, key, client_ca)


def _warn() -> None:
    sys.stderr.write(
        "dancu is a SIMULATOR of the link to the national population database.\n"
        "No real person is in it, and its statements vouch for nobody.\n"
    )
    sys.stderr.flush()


def _announce(ready: Ready) -> None:
    sys.stdout.write(f"READY {ready}\n")
    sys.stdout.flush()
