"""What breaks on the way to a server, as faults. The words are the same everywhere; what helps depends on the server,
so each client brings its remedies."""

import socket
import ssl

import msgspec

from fleetui.clients.http import tls
from fleetui.clients.http.faults import fault
from fleetui.model.fault import Fault, FaultKind

NO_ANSWER = "no answer"
"""The word for a server that takes connections and says nothing."""
_PLAIN = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")
"""What OpenSSL calls an answer that is no TLS."""
_CERTIFICATE_ALERTS = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED")
"""In the names of the alerts by which a server refuses ours (RFC 8446, 6.2); what we refuse is no alert to us."""


class Remedies(msgspec.Struct, frozen=True, kw_only=True):
    """What helps against each, one line; ``{host}`` in it stands for the server."""

    expired: str
    unknown_authority: str
    wrong_name: str
    not_tls: str
    client_refused: str
    unknown_host: str
    refused: str
    lost: str


def unreachable(host: str, seconds: float) -> Fault:
    """No connection in time."""
    detail = f"{host}: no connection within {seconds:g} s"
    return fault(FaultKind.TIMEOUT, "timeout", detail, f"is {host} reachable from here? VPN, firewall")


def silent(host: str, seconds: float, *, remedy: str) -> Fault:
    """A connection, and nothing on it."""
    return fault(FaultKind.TIMEOUT, NO_ANSWER, f"{host}: connected, but no answer within {seconds:g} s", remedy)


def broken(cause: BaseException, *, host: str, remedies: Remedies) -> Fault:
    """A connection that could not be made or broke. ``cause`` is what the operating system or TLS raised."""
    if isinstance(cause, ssl.SSLCertVerificationError):
        return bad_certificate(cause, host=host, remedies=remedies)
    if isinstance(cause, ssl.SSLError):
        return _tls(cause, host=host, remedies=remedies)
    if isinstance(cause, socket.gaierror):
        return _fault(FaultKind.UNKNOWN_HOST, "unknown host", _reason(cause), host, remedies.unknown_host)
    if isinstance(cause, ConnectionRefusedError):
        return _fault(FaultKind.REFUSED, "refused", "connection refused", host, remedies.refused)
    return _fault(FaultKind.NETWORK, "connection lost", _reason(cause), host, remedies.lost)


def bad_certificate(error: ssl.SSLCertVerificationError, *, host: str, remedies: Remedies) -> Fault:
    """Why we do not believe the server's certificate."""
    said, code = error.verify_message or str(error.reason), error.verify_code
    if code == tls.EXPIRED:
        return _fault(FaultKind.TLS, "cert expired", said, host, remedies.expired)
    if code == tls.NOT_YET_VALID:
        clocks = "compare the clocks: date -u here and on the server"
        return _fault(FaultKind.TLS, "cert not valid yet", said, host, clocks)
    if code in tls.UNKNOWN_AUTHORITY:
        return _fault(FaultKind.TLS, "unknown CA", said, host, remedies.unknown_authority)
    if code in tls.WRONG_NAME:
        return _fault(FaultKind.TLS, "wrong cert name", said, host, remedies.wrong_name)
    return _fault(FaultKind.TLS, "bad certificate", said, host, _LOOK)


def _tls(error: ssl.SSLError, *, host: str, remedies: Remedies) -> Fault:
    reason = error.reason or str(error)
    if reason in _PLAIN:
        return _fault(FaultKind.TLS, "not TLS", reason, host, remedies.not_tls)
    if "ALERT" in reason and any(word in reason for word in _CERTIFICATE_ALERTS):
        said = f"does not accept our client certificate: {reason}"
        return _fault(FaultKind.UNAUTHORIZED, "client cert refused", said, host, remedies.client_refused)
    return _fault(FaultKind.TLS, "TLS failed", reason, host, _LOOK)


_LOOK = "openssl s_client -connect {host}"


def _fault(kind: FaultKind, word: str, said: str, host: str, remedy: str) -> Fault:
    return fault(kind, word, f"{host}: {said}", remedy.replace("{host}", host))


def _reason(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
