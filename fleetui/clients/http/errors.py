"""What requests raise when something on the way to the server breaks, and how long a connection may take."""

from fleetui.clients.http.library import aiohttp

CONNECT_TIMEOUT_S = 5.0

WIRE_ERRORS = (aiohttp.ClientError, OSError)
"""Everything that a request and the reading of its answer raise; TimeoutError is an OSError."""


class ProxyRefusedError(aiohttp.ClientError):
    """A proxy is there and does not let us through; the text is what it says."""
