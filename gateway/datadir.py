"""A data directory: what is in it, and how it comes to be.

population.db    the register                   gateway.db    the gateway's own records
keys/            private keys, owner only        keyset.binpb  the signed key set
root.pub         what a verifier pins            personas.json people that the user added
"""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from gateway.config import (
    DEFAULT_AS_OF,
    DEFAULT_POPULATION,
    DEFAULT_SEED,
    Auth,
    DevConfig,
    GatewayConfig,
    ServeConfig,
)
from gateway.core.caller import Caller, Unit
from gateway.core.ledger import Tree, checkpoint_text
from gateway.core.policy import Policy
from gateway.core.signing import Ed25519Signer
from gateway.flows.ports import Certify
from gateway.policies.file import demo_policy, load_policy
from gateway.rpc.tls import TlsFiles
from gateway.store.callers import add_callers, list_callers
from gateway.store.credentials import issue_credentials
from gateway.store.errors import StoreError
from gateway.store.keys import (
    KeyRing,
    Plan,
    init_keys,
    load_or_create,
    reserved_origin,
    use_origin,
)
from gateway.store.mark import check_mark
from gateway.store.sqlite import create_records, read_logged_revision, read_origin
from mock_population_db.events import Applied
from mock_population_db.personas import Persona, personas_for, rows_of, to_json
from mock_population_db.personas_file import load_personas_file
from mock_population_db.store.event_rows import events_after
from mock_population_db.store.install import install_personas
from mock_population_db.store.opening import open_file
from mock_population_db.store.reading import RegisterInfo, read_info

ISSUER = "dancu-simulator"
DEMO_UNIT = "000.00.00.G01"
_PAGE = 1000  # events read at once

Progress = Callable[[int], None]
"""Called with the number of citizens built so far."""


class SetupError(Exception):
    """The gateway cannot start; one line that says why and what to do."""


class SetupProblems(SetupError):
    """Several things at once, one line each."""

    def __init__(self, head: str, problems: Sequence[str]) -> None:
        super().__init__("\n  ".join([head, *problems]))


@dataclass(frozen=True, slots=True)
class Prepared:
    """A data directory that is ready to be served from."""

    keys: KeyRing
    origin: str
    policy: Policy
    personas: Sequence[dict[str, str]]  # as ``mock_population_db.personas.to_json``
    tls: TlsFiles | None = None  # None: plain text


def prepare(config: DevConfig, progress: Progress) -> Prepared:
    """Make what is missing in the data directory and check the rest.

    Raises:
        SetupError, StoreError, PopulationError, PersonasFileError: each a clear message.
    """
    policy = read_policy(config)
    if config.auth is Auth.NONE and config.caller not in policy.callers:
        known = ", ".join(sorted(policy.callers))
        raise SetupError(f"--as {config.caller}: no such caller; choose from {known}")
    added = load_personas_file(config.personas) if config.personas else []
    try:
        config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        as_of = _prepare_register(config, progress)
        _add_personas(config, added)
        keys, origin = _prepare_records(config)
        _check_register(config)
        if config.auth is Auth.TOKEN:
            _enrol_demo_callers(config, policy.callers)
        return Prepared(keys, origin, policy, list_personas(config.data_dir, as_of))
    except OSError as error:
        raise SetupError(f"cannot use the data directory {config.data_dir}: {error}") from error


def prepare_existing(config: ServeConfig, tls: TlsFiles) -> Prepared:
    """Open what is there already; nothing is made but a log, where there was none.

    Raises:
        SetupError, StoreError, PopulationError: each a clear message.
    """
    as_of = register_info(config.population_path).as_of
    policy = read_policy(config)
    try:
        keys, origin = _prepare_records(config)
    except OSError as error:
        raise SetupError(f"cannot use the data directory {config.data_dir}: {error}") from error
    _check_register(config)
    return Prepared(keys, origin, policy, list_personas(config.data_dir, as_of), tls)


def read_policy(config: GatewayConfig) -> Policy:
    """The policy that a gateway begins with, and reads again when it is told to.

    Raises:
        PolicyFileError: it cannot be used.
    """
    return demo_policy() if config.policy is None else load_policy(config.policy)


def prepare_keys(data_dir: Path, plan: Plan) -> None:
    """Make the keys before anything else, as ``plan`` says.

    Raises:
        SetupError, StoreError: each a clear message; above all, when there are keys already.
    """
    now = datetime.now(UTC)
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(f"cannot use the data directory {data_dir}: {error}") from error
    init_keys(data_dir, ISSUER, _new_origin(now), now, plan)


def certifier(key: Ed25519Signer, origin: str) -> Certify:
    """Signs the log's checkpoints."""

    def certify(tree: Tree) -> str:
        text = checkpoint_text(origin, tree)
        return f"{text}\n{key.sign_note(origin, text)}"

    return certify


def register_info(path: Path) -> RegisterInfo:
    """What a register says of itself.

    Raises:
        PopulationError: there is no register of this version at ``path``.
    """
    with contextlib.closing(open_file(path)) as connection:
        return read_info(connection)


def submitted_events(path: Path) -> Iterator[Applied]:
    """Every event that was reported to a register, oldest first.

    Raises:
        PopulationError: there is no register of this version at ``path``.
    """
    after = ""
    with contextlib.closing(open_file(path)) as connection:
        while page := events_after(connection, after, _PAGE):
            yield from page
            after = page[-1].event_id


def list_personas(data_dir: Path, as_of: date) -> list[dict[str, str]]:
    """The documented people of a register, and those that the user added."""
    added = data_dir / "personas.json"
    own: list[dict[str, str]] = json.loads(added.read_text("utf-8")) if added.exists() else []
    return [*map(to_json, personas_for(as_of).personas), *own]


def _prepare_register(config: DevConfig, progress: Progress) -> date:
    """Build the register on first run, or check that it is the one asked for."""
    path = config.population_path
    if not path.exists():
        # only here: building needs NumPy, serving does not, and it is the half of a start
        from mock_population_db.generate.build import build_population  # noqa: PLC0415

        as_of = config.as_of or DEFAULT_AS_OF
        build_population(
            path,
            size=DEFAULT_POPULATION if config.population is None else config.population,
            seed=DEFAULT_SEED if config.seed is None else config.seed,
            as_of=as_of,
            extra_rows=rows_of(personas_for(as_of).personas),
            progress=progress,
        )
    about = register_info(path)
    asked = {"population": config.population, "seed": config.seed, "as-of": config.as_of}
    held = {"population": about.size, "seed": about.seed, "as-of": about.as_of}
    for name, value in asked.items():
        if value not in (None, held[name]):
            raise SetupError(
                f"{path} was built with --{name} {held[name]}, not {value}; leave the option "
                "out, or name another --data-dir"
            )
    return about.as_of


def _add_personas(config: DevConfig, added: Sequence[Persona]) -> None:
    """Install the user's people, and remember them for ``dancu personas``."""
    if not added:
        return
    install_personas(config.population_path, rows_of(added))
    path = config.data_dir / "personas.json"
    known = json.loads(path.read_text("utf-8")) if path.exists() else []
    by_slug = {one["slug"]: one for one in (*known, *map(to_json, added))}
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(list(by_slug.values()), ensure_ascii=False, indent=2), "utf-8")
    draft.replace(path)


def _prepare_records(config: GatewayConfig) -> tuple[KeyRing, str]:
    """Open or begin the log, with keys that go with it."""
    path = config.records_path
    now = datetime.now(UTC)
    exists = path.exists()
    if exists and not (config.data_dir / "keys").exists():
        raise SetupError(
            f"{config.data_dir} has a log but no keys: restore keys/ from a backup, or move "
            "gateway.db away to begin a new log"
        )
    origin = read_origin(path) if exists else _next_origin(config.data_dir, now)
    if exists:
        check_mark(config.log_mark_path, path, origin)
    keys = load_or_create(config.data_dir, ISSUER, origin, now)
    if not exists:
        create_records(path, origin, certifier(keys.checkpoint(now), origin))
    use_origin(config.data_dir, origin)
    if keys.issuer != ISSUER:
        raise StoreError(f"{config.data_dir}/keys belong to {keys.issuer}, not to {ISSUER}")
    return keys, origin


def _check_register(config: GatewayConfig) -> None:
    """The log must not have seen more of the register than there is."""
    logged = read_logged_revision(config.records_path)
    revision = register_info(config.population_path).revision
    if logged > revision:
        raise SetupError(
            f"REGISTER_BEHIND_LEDGER: {config.population_path} is at revision {revision}, and the "
            f"log has seen revision {logged}. Put back the newest copy, or begin a new log with "
            f"`dancu ledger new-epoch --data-dir {config.data_dir}`"
        )


def _next_origin(data_dir: Path, now: datetime) -> str:
    """The name of a log to come: an offline root has signed for one in advance."""
    return reserved_origin(data_dir) or _new_origin(now)


def _enrol_demo_callers(config: DevConfig, callers: Collection[str]) -> None:
    """Give each demo caller a key, and enrol it; those that are enrolled stay as they are."""
    now = datetime.now(UTC)
    known = {one.caller.id for one in list_callers(config.callers_path)}
    demo = [caller for caller in sorted(callers) if caller not in known]
    issued = [
        issue_credentials(config.credentials_path, caller, config.audience, None, now)
        for caller in demo
    ]
    add_callers(
        config.callers_path,
        [
            Caller(caller, f"demo caller '{caller}'", {DEMO_UNIT: Unit("demo")}, (one.jwk,))
            for caller, one in zip(demo, issued, strict=True)
        ],
        now,
    )


def _new_origin(now: datetime) -> str:
    """A name no log had before: one restored from a backup never continues its old name."""
    return f"{ISSUER}/log/{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
