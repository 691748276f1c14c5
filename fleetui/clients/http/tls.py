"""TLS contexts and what certificates say about their time. No key is left in a file.

``ssl`` loads client keys from files only. On Linux that file is a memfd, which no directory names and which is gone
when it is closed; elsewhere it is a file of mode 0600 in a directory of its own, deleted as soon as it was read.
"""

import asyncio
import os
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

EXPIRED = 10
"""X509_V_ERR_CERT_HAS_EXPIRED, openssl/x509_vfy.h."""
NOT_YET_VALID = 9
UNKNOWN_AUTHORITY = frozenset({18, 19, 20, 21})
"""Self-signed leaf, self-signed in the chain, issuer not found, leaf cannot be verified."""
WRONG_NAME = frozenset({62, 64})
"""Host name mismatch, IP address mismatch."""


def tls_context(
    *, ca_pem: bytes | None, insecure: bool = False, cert_pem: bytes | None = None, key_pem: bytes | None = None
) -> ssl.SSLContext:
    """A client context as kubectl would set it up; without ``ca_pem`` it trusts the system's authorities. Raises
    ssl.SSLError when a certificate or key cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif ca_pem is not None:
        context.load_verify_locations(cadata=ca_pem.decode("ascii", errors="ignore"))
    else:
        context.load_default_certs()
    if cert_pem is not None and key_pem is not None:
        with _file_of(cert_pem.rstrip() + b"\n" + key_pem) as name:
            # Without a password callback OpenSSL would ask on the terminal.
            context.load_cert_chain(name, password=lambda: b"")
    return context


def not_after(certificate: bytes) -> float | None:
    """When a certificate (PEM with at least one, or DER) ends, Unix seconds; None when it cannot be read."""
    from cryptography import x509  # only needed when something has expired

    try:
        load = x509.load_pem_x509_certificate if b"-----BEGIN" in certificate else x509.load_der_x509_certificate
        return load(certificate).not_valid_after_utc.timestamp()
    except ValueError:
        return None


async def server_certificate(host: str, port: int, *, server_name: str, timeout_s: float = 3.0) -> bytes | None:
    """The certificate that a server shows, unverified, to say when it expired; None when it shows none in time."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        async with asyncio.timeout(timeout_s):
            _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=server_name)
    except (OSError, TimeoutError):
        return None
    try:
        shown: ssl.SSLObject = writer.get_extra_info("ssl_object")
        return shown.getpeercert(binary_form=True)
    finally:
        writer.transport.abort()


@contextmanager
def _file_of(secret: bytes) -> Iterator[str]:
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("tls", os.MFD_CLOEXEC)
        try:
            os.write(descriptor, secret)
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
        return
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "tls.pem"
        with suppress(FileExistsError):
            file.touch(mode=0o600, exist_ok=False)
        file.write_bytes(secret)
        yield str(file)
