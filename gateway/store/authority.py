"""A certificate authority of one's own, for trying the rules out.

A real link has a real authority; this one's name says SIMULATOR, its certificates live for 90
days, and its private key lies beside them. Keys are P-256: gRPC's TLS takes no Ed25519
certificates.
"""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateway.store.durable import write_private
from gateway.store.errors import StoreError

ORGANISATION = "dancu SIMULATOR"
LIFE = timedelta(days=90)
BACKDATED = timedelta(hours=1)  # clocks of test machines differ

CA_CERTIFICATE, CA_KEY = "ca.pem", "ca.key.pem"
SERVER_CERTIFICATE, SERVER_KEY = "server.pem", "server.key.pem"


class TestAuthority:
    """A certificate authority in a directory. Made by ``open`` or ``create``."""

    __test__ = False  # no test class, whatever its name

    def __init__(
        self, folder: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey
    ) -> None:
        self.folder = folder
        self._certificate = certificate
        self._key = key

    @classmethod
    def create(cls, folder: Path, now: datetime) -> TestAuthority:
        """Make one in a directory that has none.

        Raises:
            StoreError: there is one already, or the directory cannot be written.
        """
        if (folder / CA_KEY).exists():
            raise StoreError(f"there is an authority in {folder} already; name another --out")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("dancu SIMULATOR test CA")
        certificate = (
            _builder(name, name, key.public_key(), now)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(_key_id(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        write_private(folder / CA_CERTIFICATE, _pem(certificate))
        write_private(folder / CA_KEY, private_pem(key))
        return cls(folder, certificate, key)

    @classmethod
    def open(cls, folder: Path) -> TestAuthority:
        """The one that a directory holds.

        Raises:
            StoreError: there is none, or it is damaged.
        """
        try:
            certificate = x509.load_pem_x509_certificate((folder / CA_CERTIFICATE).read_bytes())
            key = serialization.load_pem_private_key((folder / CA_KEY).read_bytes(), None)
        except (OSError, ValueError, TypeError) as error:
            raise StoreError(
                f"there is no test authority in {folder} ({error}); make one with "
                f"`dancu keys init-tls --out {folder}`"
            ) from error
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise StoreError(
                f"{folder / CA_KEY} is no P-256 key; use the authority that dancu made"
            )
        return cls(folder, certificate, key)

    def issue_server(self, hosts: list[str], now: datetime) -> None:
        """A server's key and certificate for these names and addresses."""
        names = x509.SubjectAlternativeName([_host(host) for host in hosts])
        key, pem = self._issue(
            "dancu SIMULATOR gateway", ExtendedKeyUsageOID.SERVER_AUTH, now, names
        )
        write_private(self.folder / SERVER_KEY, private_pem(key))
        write_private(self.folder / SERVER_CERTIFICATE, pem)

    def issue_client(self, caller: str, now: datetime) -> tuple[ec.EllipticCurvePrivateKey, bytes]:
        """A client's key, and its certificate as PEM."""
        return self._issue(caller, ExtendedKeyUsageOID.CLIENT_AUTH, now, None)

    def _issue(
        self,
        common_name: str,
        purpose: x509.ObjectIdentifier,
        now: datetime,
        names: x509.SubjectAlternativeName | None,
    ) -> tuple[ec.EllipticCurvePrivateKey, bytes]:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = (
            _builder(_name(common_name), self._certificate.subject, key.public_key(), now)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
        )
        if names is not None:
            builder = builder.add_extension(names, critical=False)
        return key, _pem(builder.sign(self._key, hashes.SHA256()))


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + LIFE)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _key_id(key: ec.EllipticCurvePublicKey) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier.from_public_key(key)


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def private_pem(key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    """A private key as PEM, not encrypted."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
