"""What requests raise when something on the way to the server breaks, and how long a connection may take."""

import ssl

from fleetui.clients.http.library import aiohttp

CONNECT_TIMEOUT_S = 5.0
CONNECT_SHARE = 0.8
"""Of a short time for the whole answer."""

WIRE_ERRORS = (aiohttp.ClientError, OSError)
"""Everything that a request and the reading of its answer raise; TimeoutError is an OSError."""


def connect_within(answer_s: float | None) -> float:
    """Seconds for the connection, of those for the answer. It is given up before the answer is: else an address from
    which nothing comes back could not be told from a server that takes connections and says nothing."""
    return CONNECT_TIMEOUT_S if answer_s is None else min(CONNECT_TIMEOUT_S, CONNECT_SHARE * answer_s)


class ProxyRefusedError(aiohttp.ClientError):
    """A proxy is there and does not let us through; the text is what it says."""


def cause_of(error: Exception) -> BaseException:
    """What the operating system or TLS raised, out of what aiohttp made of it."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return error.certificate_error
    if isinstance(error.__cause__, ssl.SSLError):
        return error.__cause__  # an alert after a handshake of TLS 1.3, which aiohttp wraps as any OSError
    return error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
