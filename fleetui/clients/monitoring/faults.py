"""What breaks on the way to a server of metrics or alerts, and on our side of it."""

import socket
import ssl
from collections.abc import Iterator

from fleetui.clients.http import breakage
from fleetui.clients.http.breakage import Remedies
from fleetui.clients.http.faults import fault
from fleetui.model.fault import FaultKind
from fleetui.ports.metrics import MetricsError

AUTH = "look at auth: of this source in the configuration"
_REMEDIES = Remedies(
    expired="renew the certificate of {host}",
    unknown_authority=f"set ca: {AUTH}",
    wrong_name=f"use a name that it has, or server_name: {AUTH}",
    not_tls="it speaks plain HTTP: write http://",
    client_refused=f"another cert and its key; {AUTH}",
    unknown_host="check the url, the DNS, the VPN",
    refused="nothing listens there: is it up on {host}?",
    lost="asked again by itself; network or VPN?",
)


def unreachable(host: str, seconds: float) -> MetricsError:
    """No connection in time."""
    return MetricsError(breakage.unreachable(host, seconds))


def silent(host: str, seconds: float) -> MetricsError:
    """A connection, and nothing on it."""
    remedy = "it hangs or is overloaded: what it says of alerts and of health is as old as its last answer"
    return MetricsError(breakage.silent(host, seconds, remedy=remedy))


def broken(error: BaseException, *, host: str) -> MetricsError:
    """A connection that could not be made, or broke."""
    cause = _cause(error)
    if isinstance(cause, ssl.SSLEOFError):
        remedy = f"it restarts, or it wants another client certificate than ours: {AUTH}"
        return MetricsError(fault(FaultKind.NETWORK, "TLS closed", f"{host}: ended TLS without a word", remedy))
    return MetricsError(breakage.broken(cause, host=host, remedies=_REMEDIES))


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


class NoSecretError(MetricsError):
    """There is nothing to prove with who asks (CREDENTIALS); nothing was sent."""


def no_secret(what: str, detail: str, remedy: str) -> NoSecretError:
    return NoSecretError(fault(FaultKind.CREDENTIALS, f"no {what}", detail, remedy))


def unusable(host: str, error: Exception) -> MetricsError:
    detail = f"the certificates for {host} cannot be used: {error}"
    remedy = f"ca, cert and key are files in PEM, unencrypted; {AUTH}"
    return MetricsError(fault(FaultKind.CONFIG, "bad certificates", detail, remedy))
