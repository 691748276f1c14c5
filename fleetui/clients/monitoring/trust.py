"""The certificates by which a server is known, and by which it knows us."""

import ssl
from pathlib import Path

from fleetui.clients.http.certificate_files import CertificateFiles
from fleetui.clients.monitoring import faults
from fleetui.clients.monitoring.origin import Origin


class Trust:
    """The TLS context of a server."""

    def __init__(self, origin: Origin) -> None:
        auth = origin.auth
        self._origin = origin
        self._files = CertificateFiles(ca=_path(auth.ca), cert=_path(auth.cert), key=_path(auth.key))

    def context(self) -> ssl.SSLContext | None:
        """None for plain HTTP. Raises MetricsError (CONFIG)."""
        if not self._origin.secure and not (self._origin.proxy or "").startswith("https:"):
            return None
        try:
            return self._files.context()
        except (OSError, ValueError) as error:
            raise faults.unusable(self._origin.host, error) from error


def _path(said: str) -> Path | None:
    return Path(said).expanduser() if said else None
