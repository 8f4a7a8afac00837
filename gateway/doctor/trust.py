"""What others rely on: keys, the key set, certificates, the policy."""

from __future__ import annotations

import ipaddress
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from cryptography import x509

from gateway.config import GatewayConfig, ServeConfig
from gateway.core.errors import Unavailable
from gateway.datadir import read_policy
from gateway.doctor.finding import Finding, at_least, fail, ok, warn
from gateway.policies.file import PolicyFileError
from gateway.rpc.tls import TlsFiles, check_tls_files
from gateway.store.errors import StoreError
from gateway.store.keys.book import Book
from gateway.store.keys.folder import KeyFolder
from gateway.store.keys.ring import make_ring

DAYS_LEFT = (30.0, 0.0)
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - recognised, not bound


def keys(config: GatewayConfig, now: datetime) -> Iterator[Finding]:
    """Private keys and the signed key set."""
    folder = KeyFolder(config.data_dir)
    if not folder.private_dir.exists():
        yield _no_keys(config, folder)
        return
    try:
        book = folder.read_book()
    except StoreError as error:
        yield fail("keys", str(error), "restore keys/ from a backup")
        return
    yield from _private_keys(folder, book, now)
    yield _key_set(folder, book, now)


def certificates(config: ServeConfig, now: datetime) -> Iterator[Finding]:
    """Those of the server and of who issues its callers' certificates."""
    paths = (config.tls_certificate, config.tls_key, config.tls_client_ca)
    certificate, key, client_ca = paths
    if certificate is None or key is None or client_ca is None:
        remedy = "set tls_certificate, tls_key and tls_client_ca; for tests: `dancu keys init-tls`"
        yield fail("certificate", "TLS is not set up", remedy)
        return
    try:
        check_tls_files(TlsFiles(certificate, key, client_ca), now)
        own, authority = _first_of(certificate), _first_of(client_ca)
    except (ValueError, TypeError) as error:
        yield fail("certificate", str(error), "have new ones issued; they are read again at once")
        return
    yield _own_certificate(own, config.host, now)
    yield _time_left("client_ca", authority.not_valid_after_utc, now, "renew the authority")


def policy(config: GatewayConfig) -> Iterator[Finding]:
    """Who may see what."""
    if config.policy is None and isinstance(config, ServeConfig):
        yield fail("policy", "it is not set, so nobody may ask anything", "see docs/policy.md")
        return
    try:
        read = read_policy(config)
    except PolicyFileError as error:
        first = str(error.problems[0])
        remedy = f"`dancu policy check {config.policy}` shows all {len(error.problems)}"
        yield fail("policy", f"{error.name}: {first}", remedy)
    else:
        yield ok("policy", f"{len(read.callers)} callers, {read.version}")


def _no_keys(config: GatewayConfig, folder: KeyFolder) -> Finding:
    if config.records_path.exists():
        remedy = "restore keys/ from a backup, or move gateway.db away to begin a new log"
        return fail("keys", f"there is a log, and no {folder.private_dir}", remedy)
    if isinstance(config, ServeConfig):
        remedy = f"`dancu keys init --data-dir {config.data_dir}`"
        return fail("keys", f"there is no {folder.private_dir}", remedy)
    return ok("keys", "none yet: the first `dancu dev` makes them")


def _private_keys(folder: KeyFolder, book: Book, now: datetime) -> Iterator[Finding]:
    published = folder.published(book)
    if published is None:
        return  # the key set tells, and nothing is signed without it
    try:
        ring = make_ring(published, folder.read_private)
        signing = (ring.statement(now).key_id, ring.checkpoint(now).key_id)
    except (StoreError, FileNotFoundError) as error:
        yield fail("keys", str(error), "restore keys/ from a backup")
        return
    except Unavailable:
        found = "no key that may sign is active now"
        yield fail("keys", found, "is the clock right? else `dancu keys rotate`")
        return
    if shown := [path.name for path in sorted(folder.private_dir.glob("*.pem")) if _is_shown(path)]:
        found = f"others may read {', '.join(shown)}"
        yield warn("keys", found, f"chmod 600 {folder.private_dir}/*.pem")
    else:
        yield ok("keys", "signing with " + " and ".join(one[:16] for one in signing))


def _key_set(folder: KeyFolder, book: Book, now: datetime) -> Finding:
    remedy = "start the gateway again, or `dancu keys publish`"
    published = folder.published(book)
    if published is None:
        found = f"{folder.key_set_path} is missing, damaged, or not signed by the root"
        return fail("key_set", found, remedy)
    if published.version < book.version:
        found = f"version {published.version}, and {book.version} was published before"
        return fail("key_set", found, "put back the newer one, or `dancu keys publish`")
    return _time_left("key_set", published.expires_at, now, remedy, f"version {published.version}")


def _own_certificate(own: x509.Certificate, host: str, now: datetime) -> Finding:
    names = _names_of(own)
    finding = _time_left(
        "certificate",
        own.not_valid_after_utc,
        now,
        "have a new one issued; the gateway reads it by itself",
        ", ".join(names) or "without a name",
    )
    if finding.remedy or not _lacks(names, host):
        return finding
    found = f"{finding.found}: not for {host}" if names else finding.found
    remedy = "clients compare its names (SAN) with where they connect to"
    return warn("certificate", found, remedy)


def _lacks(names: list[str], host: str) -> bool:
    """Whether a client that connects to the host would refuse it, as far as one can tell."""
    return not names or (host not in _EVERYWHERE and _plain(host) not in map(_plain, names))


def _plain(name: str) -> str:
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name.lower()


def _names_of(certificate: x509.Certificate) -> list[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    names = found.get_values_for_type(x509.DNSName)
    return [*names, *map(str, found.get_values_for_type(x509.IPAddress))]


def _time_left(check: str, end: datetime, now: datetime, remedy: str, about: str = "") -> Finding:
    days = (end - now).total_seconds() / 86400
    when = f"until {end:%Y-%m-%d}, {days:,.0f} days left" if days > 0 else f"expired {end:%Y-%m-%d}"
    return at_least(check, days, DAYS_LEFT, f"{about}, {when}" if about else when, remedy)


def _first_of(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificates(path.read_bytes())[0]


def _is_shown(path: Path) -> bool:
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
