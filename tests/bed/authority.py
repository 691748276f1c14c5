"""The certificates of one bed cluster: an authority, the server's certificate, and client certificates on demand."""

import datetime as dt
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_DAY = dt.timedelta(days=1)


class Authority:
    """A certificate authority in `folder`: made when the folder has none, else the one found there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cert_file = folder / "ca.crt"
        if not self.cert_file.exists():
            self._create()
        self._cert = x509.load_pem_x509_certificate(self.cert_file.read_bytes())
        self._key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)

    def serving(self) -> tuple[Path, Path]:
        """(certificate, key) for servers on 127.0.0.1 and localhost."""
        names = x509.SubjectAlternativeName(
            [x509.DNSName("localhost"), x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))]
        )
        return self.issue("serving", subject=_name("bed-server"), names=names)

    def client(self, user: str, *, groups: tuple[str, ...] = (), valid: dt.timedelta = 365 * _DAY) -> tuple[Path, Path]:
        """(certificate, key) that Kubernetes takes for `user` in `groups`; a negative `valid` makes an expired one."""
        return self.issue(f"client-{user}", subject=_name(user, groups), valid=valid)

    def issue(
        self,
        stem: str,
        *,
        subject: x509.Name,
        names: x509.SubjectAlternativeName | None = None,
        valid: dt.timedelta = 365 * _DAY,
    ) -> tuple[Path, Path]:
        """A certificate signed by this authority, usable by servers and clients, written as STEM.crt and STEM.key."""
        cert_file, key_file = self.folder / f"{stem}.crt", self.folder / f"{stem}.key"
        key = _new_key(key_file)
        usage = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = _builder(subject, self._cert.subject, key, valid).add_extension(x509.ExtendedKeyUsage(usage), False)
        if names is not None:
            builder = builder.add_extension(names, False)
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())  # type: ignore[arg-type]
        builder = builder.add_extension(authority, False)
        _write(cert_file, builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))  # type: ignore[arg-type]
        return cert_file, key_file

    def _create(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        key = _new_key(self.folder / "ca.key")
        name = _name("bed-ca")
        builder = (
            _builder(name, name, key, 3650 * _DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(_signing_only(), True)
        )
        _write(self.cert_file, builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


def service_account_key(folder: Path) -> tuple[Path, Path]:
    """(private, public) key files for service account tokens, made when missing."""
    private, public = folder / "sa.key", folder / "sa.pub"
    if not private.exists():
        key = _new_key(private)
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        _write(public, key.public_key().public_bytes(serialization.Encoding.PEM, form))
    return private, public


def _new_key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = ec.generate_private_key(ec.SECP256R1())
    form = serialization.PrivateFormat.PKCS8
    _write(path, key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    return key


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, valid: dt.timedelta
) -> x509.CertificateBuilder:
    until = dt.datetime.now(dt.UTC) + valid
    return (
        x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(until - abs(valid) - _DAY)
        .not_valid_after(until)
    )


def _name(common: str, groups: tuple[str, ...] = ()) -> x509.Name:
    organisations = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
    return x509.Name([*organisations, x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _signing_only() -> x509.KeyUsage:
    return x509.KeyUsage(
        key_cert_sign=True,
        crl_sign=True,
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)
