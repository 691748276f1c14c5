"""What breaks on the way to a server of metrics or alerts, and on our side of it."""

import socket
import ssl
from collections.abc import Iterator

from fleetui.clients.http import tls
from fleetui.clients.http.faults import fault
from fleetui.model.fault import Fault, FaultKind
from fleetui.ports.metrics import MetricsError

AUTH = "look at auth: of this source in the configuration"
_ALERTS = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED")
"""In the names of TLS alerts by which a server refuses our certificate (RFC 8446, 6.2)."""
_PLAIN = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")


def unreachable(host: str, seconds: float) -> MetricsError:
    """No connection in time."""
    detail = f"{host}: no connection within {seconds:g} s"
    return MetricsError(fault(FaultKind.TIMEOUT, "timeout", detail, f"is {host} reachable from here? VPN, firewall"))


def silent(host: str, seconds: float) -> MetricsError:
    """A connection, and nothing on it."""
    detail = f"{host}: connected, but no answer within {seconds:g} s"
    remedy = "it hangs or is overloaded: what it says of alerts and of health is as old as its last answer"
    return MetricsError(fault(FaultKind.TIMEOUT, "no answer", detail, remedy))


def broken(error: BaseException, *, host: str) -> MetricsError:
    """A connection that could not be made, or broke."""
    cause = _cause(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return MetricsError(_certificate(cause, host))
    if isinstance(cause, ssl.SSLEOFError):
        remedy = f"it restarts, or it wants another client certificate than ours: {AUTH}"
        return MetricsError(fault(FaultKind.NETWORK, "TLS closed", f"{host}: ended TLS without a word", remedy))
    if isinstance(cause, ssl.SSLError):
        return MetricsError(_tls(cause, host))
    if isinstance(cause, socket.gaierror):
        detail = f"{host}: {cause.strerror}"
        return MetricsError(fault(FaultKind.UNKNOWN_HOST, "unknown host", detail, "check the url, the DNS, the VPN"))
    if isinstance(cause, ConnectionRefusedError):
        detail = f"{host}: connection refused"
        return MetricsError(fault(FaultKind.REFUSED, "refused", detail, f"nothing listens there: is it up on {host}?"))
    said = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    return MetricsError(
        fault(FaultKind.NETWORK, "connection lost", f"{host}: {said}", "asked again by itself; network or VPN?")
    )


def _cause(error: BaseException) -> BaseException:
    """The deepest thing that the operating system or TLS said: libraries wrap it up to four times."""
    found = [each for each in _chain(error) if isinstance(each, _SAID)]
    return found[0] if found else error


_SAID = (ssl.SSLError, socket.gaierror, ConnectionError)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Deepest first, each once."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        each = waiting.pop()
        if any(each is known for known in seen):
            continue
        seen.append(each)
        links = (each.__cause__, each.__context__, getattr(each, "reason", None), getattr(each, "os_error", None))
        waiting += [link for link in (*links, *each.args) if isinstance(link, BaseException)]
    return reversed(seen)


def _certificate(error: ssl.SSLCertVerificationError, host: str) -> Fault:
    detail = f"{host}: {error.verify_message or error.reason}"
    if error.verify_code == tls.EXPIRED:
        return fault(FaultKind.TLS, "cert expired", detail, f"renew the certificate of {host}")
    if error.verify_code == tls.NOT_YET_VALID:
        return fault(FaultKind.TLS, "cert not valid yet", detail, "compare the clocks: date -u here and there")
    if error.verify_code in tls.UNKNOWN_AUTHORITY:
        return fault(FaultKind.TLS, "unknown CA", detail, f"set ca: {AUTH}")
    if error.verify_code in tls.WRONG_NAME:
        return fault(FaultKind.TLS, "wrong cert name", detail, f"use a name that it has, or server_name: {AUTH}")
    return fault(FaultKind.TLS, "bad certificate", detail, f"openssl s_client -connect {host}")


def _tls(error: ssl.SSLError, host: str) -> Fault:
    reason = error.reason or str(error)
    if reason in _PLAIN:
        return fault(FaultKind.TLS, "not TLS", f"{host}: {reason}", "it speaks plain HTTP: write http://")
    if "ALERT" in reason and any(word in reason for word in _ALERTS):
        detail = f"{host} does not accept our client certificate: {reason}"
        return fault(FaultKind.UNAUTHORIZED, "client cert refused", detail, f"another cert and its key; {AUTH}")
    return fault(FaultKind.TLS, "TLS failed", f"{host}: {reason}", f"openssl s_client -connect {host}")


def no_secret(what: str, detail: str, remedy: str) -> MetricsError:
    return MetricsError(fault(FaultKind.CREDENTIALS, f"no {what}", detail, remedy))


def unusable(host: str, error: Exception) -> MetricsError:
    detail = f"the certificates for {host} cannot be used: {error}"
    remedy = f"ca, cert and key are files in PEM, unencrypted; {AUTH}"
    return MetricsError(fault(FaultKind.CONFIG, "bad certificates", detail, remedy))
