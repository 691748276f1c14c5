"""Certificates that the configuration names as files, read again when they have changed: they are renewed in place."""

import ssl
from pathlib import Path

from fleetui.clients.http.tls import tls_context


class CertificateFiles:
    """Files in PEM; None is none. Without ``key`` it is in ``cert``."""

    def __init__(self, *, ca: Path | None = None, cert: Path | None = None, key: Path | None = None) -> None:
        self._ca = ca
        self._cert = cert
        self._key = key or cert
        self._kept: tuple[tuple[int, ...], ssl.SSLContext] | None = None

    def context(self) -> ssl.SSLContext:
        """Raises OSError (``ssl.SSLError`` is one) or ValueError when they cannot be used."""
        named = [path for path in (self._ca, self._cert, self._key) if path is not None]
        stamp = tuple(path.stat().st_mtime_ns for path in named)
        if self._kept is None or self._kept[0] != stamp:
            self._kept = stamp, self._load()
        return self._kept[1]

    def _load(self) -> ssl.SSLContext:
        return tls_context(ca_pem=_read(self._ca), cert_pem=_read(self._cert), key_pem=_read(self._key))


def _read(path: Path | None) -> bytes | None:
    return None if path is None else path.read_bytes()
