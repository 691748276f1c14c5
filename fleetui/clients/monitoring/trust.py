"""The certificates by which a server is known, and by which it knows us."""

import ssl
from pathlib import Path

from fleetui.clients.http.tls import tls_context
from fleetui.clients.monitoring import faults
from fleetui.clients.monitoring.origin import Origin


class Trust:
    """The TLS context of a server; its files are read again when they have changed."""

    def __init__(self, origin: Origin) -> None:
        auth = origin.auth
        self._origin = origin
        self._files = {
            name: Path(said).expanduser()
            for name, said in (("ca", auth.ca), ("cert", auth.cert), ("key", auth.key or auth.cert))
            if said
        }
        self._kept: tuple[tuple[int, ...], ssl.SSLContext] | None = None

    def context(self) -> ssl.SSLContext | None:
        """None for plain HTTP. Raises MetricsError (CONFIG)."""
        if not self._origin.secure and not (self._origin.proxy or "").startswith("https:"):
            return None
        try:
            stamp = tuple(path.stat().st_mtime_ns for path in self._files.values())
            if self._kept is None or self._kept[0] != stamp:
                self._kept = stamp, self._load()
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise faults.unusable(self._origin.host, error) from error
        return self._kept[1]

    def _load(self) -> ssl.SSLContext:
        pem = {name: path.read_bytes() for name, path in self._files.items()}
        return tls_context(ca_pem=pem.get("ca"), cert_pem=pem.get("cert"), key_pem=pem.get("key"))
