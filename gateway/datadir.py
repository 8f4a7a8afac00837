"""A data directory: what is in it, and how it comes to be.

population.db    the register                   gateway.db    the gateway's own records
keys/            private keys, owner only        keyset.binpb  the signed key set
root.pub         what a verifier pins            personas.json people that the user added
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from gateway.added_people import add_people
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
from gateway.core.profile import Profile
from gateway.core.signing import Ed25519Signer
from gateway.engines.choice import engine_of, remember
from gateway.engines.engine import Engine, Progress
from gateway.flows.ports import Certify
from gateway.policies.file import demo_policy, load_policy
from gateway.policies.profiles import load_profiles
from gateway.rpc.tls import TlsFiles
from gateway.store.callers import add_callers, list_callers
from gateway.store.errors import StoreError
from gateway.store.keys import (
    KeyRing,
    Plan,
    init_keys,
    load_or_create,
    reserved_origin,
    use_origin,
)
from gateway.store.locking import alone_in
from gateway.store.mark import check_mark
from mock_population_db.personas import personas_for, rows_of, to_json
from mock_population_db.personas_file import load_personas_file

ISSUER = "dancu-simulator"
DEMO_UNIT = "000.00.00.G01"


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
    profiles: Sequence[Profile] = ()  # of the simulator, in force from the start


def prepare(config: DevConfig, progress: Progress) -> Prepared:
    """Make what is missing in the data directory and check the rest.

    Raises:
        SetupError, StoreError, PopulationError, PersonasFileError: each a clear message.
    """
    policy, profiles = read_policy(config), read_profiles(config)
    if config.auth is Auth.NONE and config.caller not in policy.callers:
        known = ", ".join(sorted(policy.callers))
        raise SetupError(f"--as {config.caller}: no such caller; choose from {known}")
    added = load_personas_file(config.personas) if config.personas else []
    try:
        config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        engine = engine_of(config)
        remember(config)
        as_of = _prepare_register(config, engine, progress)
        add_people(config, engine, added)
        keys, origin = _prepare_records(config, engine)
        _check_register(config, engine)
        if config.auth is Auth.TOKEN:
            _enrol_demo_callers(config, policy.callers)
        personas = list_personas(config.data_dir, as_of)
        return Prepared(keys, origin, policy, personas, profiles=profiles)
    except OSError as error:
        raise SetupError(f"cannot use the data directory {config.data_dir}: {error}") from error


def prepare_existing(config: ServeConfig, tls: TlsFiles) -> Prepared:
    """Open what is there already; nothing is made but a log, where there was none.

    Raises:
        SetupError, StoreError, PopulationError: each a clear message.
    """
    engine = engine_of(config)
    as_of = engine.register_info().as_of
    policy, profiles = read_policy(config), read_profiles(config)
    try:
        remember(config)
        keys, origin = _prepare_records(config, engine)
    except OSError as error:
        raise SetupError(f"cannot use the data directory {config.data_dir}: {error}") from error
    _check_register(config, engine)
    personas = list_personas(config.data_dir, as_of)
    return Prepared(keys, origin, policy, personas, tls, profiles)


def read_policy(config: GatewayConfig) -> Policy:
    """The policy that a gateway begins with, and reads again when it is told to.

    Raises:
        PolicyFileError: it cannot be used.
    """
    return demo_policy() if config.policy is None else load_policy(config.policy)


def read_profiles(config: DevConfig | ServeConfig) -> Sequence[Profile]:
    """The simulator's profiles that a gateway begins with.

    Raises:
        PolicyFileError: the file cannot be used.
        SetupError: the simulator's switches are not offered.
    """
    if config.profiles is None:
        return ()
    if isinstance(config, ServeConfig) and not config.simulator:
        raise SetupError("profiles are the simulator's: set simulator = true, or leave them out")
    return load_profiles(config.profiles)


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


def list_personas(data_dir: Path, as_of: date) -> list[dict[str, str]]:
    """The documented people of a register, and those that the user added."""
    added = data_dir / "personas.json"
    own: list[dict[str, str]] = json.loads(added.read_text("utf-8")) if added.exists() else []
    return [*map(to_json, personas_for(as_of).personas), *own]


def _prepare_register(config: DevConfig, engine: Engine, progress: Progress) -> date:
    """Build the register on first run, or check that it is the one asked for."""
    if not engine.has_register():
        as_of = config.as_of or DEFAULT_AS_OF
        engine.build_register(
            DEFAULT_POPULATION if config.population is None else config.population,
            DEFAULT_SEED if config.seed is None else config.seed,
            as_of,
            rows_of(personas_for(as_of).personas),
            progress,
        )
    about = engine.register_info()
    asked = {"population": config.population, "seed": config.seed, "as-of": config.as_of}
    held = {"population": about.size, "seed": about.seed, "as-of": about.as_of}
    for name, value in asked.items():
        if value not in (None, held[name]):
            raise SetupError(
                f"{engine.register_name} was built with --{name} {held[name]}, not {value}; leave "
                "the option out, or name another --data-dir"
            )
    return about.as_of


def _prepare_records(config: GatewayConfig, engine: Engine) -> tuple[KeyRing, str]:
    """Open or begin the log, with keys that go with it."""
    now = datetime.now(UTC)
    origin = engine.origin() or _begin_log(config, engine, now)
    if not (config.data_dir / "keys").exists():
        raise SetupError(
            f"{engine.records_name} has a log, but there are no keys in {config.data_dir}: copy "
            "keys/, keyset.binpb and root.pub from a gateway of this log (docs/deployment.md), "
            "restore keys/ from a backup, or put the log away to begin a new one"
        )
    check_mark(config.log_mark_path, engine.records_name, origin, engine.head_at)
    keys = load_or_create(config.data_dir, ISSUER, origin, now)
    use_origin(config.data_dir, origin)
    if keys.issuer != ISSUER:
        raise StoreError(f"{config.data_dir}/keys belong to {keys.issuer}, not to {ISSUER}")
    return keys, origin


def _begin_log(config: GatewayConfig, engine: Engine, now: datetime) -> str:
    """Make keys and an empty log, unless another gateway has done so meanwhile; its name."""
    with engine.making_records():
        origin = engine.origin()
        if origin is None:
            origin = _next_origin(config.data_dir, now)
            keys = load_or_create(config.data_dir, ISSUER, origin, now)
            engine.create_records(origin, certifier(keys.checkpoint(now), origin))
    return origin


def _check_register(config: GatewayConfig, engine: Engine) -> None:
    """The log must not have seen more of the register than there is."""
    logged, revision = engine.logged_revision(), engine.register_info().revision
    if logged > revision:
        raise SetupError(
            f"REGISTER_BEHIND_LEDGER: {engine.register_name} is at revision {revision}, and the "
            f"log has seen revision {logged}. Put back the newest copy, or begin a new log with "
            f"`dancu ledger new-epoch --data-dir {config.data_dir}`"
        )


def _next_origin(data_dir: Path, now: datetime) -> str:
    """The name of a log to come: an offline root has signed for one in advance."""
    return reserved_origin(data_dir) or _new_origin(now)


def _enrol_demo_callers(config: DevConfig, callers: Collection[str]) -> None:
    """Give each demo caller a key, and enrol it; those that are enrolled stay as they are."""
    # only here: certificates are slow to import
    from gateway.store.credentials import issue_credentials  # noqa: PLC0415

    now = datetime.now(UTC)
    with alone_in(config.data_dir):
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
