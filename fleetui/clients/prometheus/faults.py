"""Every way a question to a source of metrics fails, with its own causes and remedies."""

import socket
import ssl
from collections.abc import Iterator, Mapping

from fleetui.clients.kube import tls
from fleetui.clients.kube.faults import fault, retry_after
from fleetui.clients.prometheus import wire
from fleetui.model.fault import Fault, FaultKind
from fleetui.ports.metrics import MetricsError

_AUTH = "look at auth: of this source in the configuration"
_URL = "check the url of this source in the configuration: is its prefix right, is a proxy in the way?"
_ALERTS = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED")
"""In the names of TLS alerts by which a server refuses our certificate (RFC 8446, 6.2)."""
_PLAIN = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")
_REFUSALS = {
    "bad_data": ("bad query", "a defect of the query, or of a label's name in the configuration"),
    "execution": ("query refused", "a limit of the store, or series that do not fit the query: its message says which"),
    "timeout": ("query timed out", "the store is too slow for it: raise timeout: of the source, or look at its load"),
    "canceled": ("query timed out", "the store gave up on it: look at its load"),
    "not_found": ("not there", "this source does not know what was asked for"),
}
"""By the API's errorType: the word and the remedy. Each says that the source lives."""


def refused(
    code: int, body: bytes, headers: Mapping[str, str], *, host: str, now: float, path: str = ""
) -> MetricsError:
    """The error of an answer that is not 200."""
    said = wire.refusal(body)
    wait = retry_after(headers, now=now)
    detail = f"{host}: {said.error if said and said.error else _plain(code, body, headers)}"
    if code == 401:
        return MetricsError(fault(FaultKind.UNAUTHORIZED, "401 unauthorized", detail, _AUTH))
    if code == 403:
        remedy = "its user may not ask this, or not of this tenant: look at auth: of this source"
        return MetricsError(fault(FaultKind.FORBIDDEN, "403 forbidden", detail, remedy))
    if code == 429:
        remedy = "the store sheds load: fewer questions, or a higher limit of the tenant"
        return MetricsError(fault(FaultKind.THROTTLED, "429 throttled", detail, remedy, retry_after_s=wait))
    if said and said.error_type in _REFUSALS:
        word, remedy = _REFUSALS[said.error_type]
        kind = FaultKind.TIMEOUT if word == "query timed out" else FaultKind.SERVER_ERROR
        return MetricsError(fault(kind, word, detail, remedy, what=path), asked_wrong=True)
    if code == 422 or (said and code == 400):  # VictoriaMetrics puts the code where the errorType belongs
        word, remedy = _REFUSALS["execution"]
        return MetricsError(fault(FaultKind.SERVER_ERROR, word, detail, remedy, what=path), asked_wrong=True)
    return MetricsError(_no_api(code, detail, path=path, wait=wait), asked_wrong=code in (404, 405))


def _no_api(code: int, detail: str, *, path: str, wait: float | None) -> Fault:
    if code in (404, 405):
        return fault(FaultKind.SERVER_ERROR, f"{code} {path.rpartition('/')[2]}".strip(), detail, _URL, what=path)
    if code in (502, 503, 504):
        remedy = "a proxy or the store itself is not ready: is it starting, replaying its log?"
        return fault(FaultKind.SERVER_ERROR, f"{code} not ready", detail, remedy, retry_after_s=wait)
    if code // 100 == 3:
        return fault(FaultKind.UNAUTHORIZED, f"{code} redirect", detail, f"a login page in front of it? {_AUTH}")
    return fault(FaultKind.SERVER_ERROR, f"{code} error", detail, "look at the log of the source")


def _plain(code: int, body: bytes, headers: Mapping[str, str]) -> str:
    text = body[:300].decode("utf-8", errors="replace").strip()
    return f"{code} {headers.get('Content-Type', '').partition(';')[0]} {text or 'without a text'}"


def not_understood(host: str, error: Exception) -> MetricsError:
    """200, and an answer that is none."""
    return MetricsError(fault(FaultKind.SERVER_ERROR, "not Prometheus", f"{host}: {error}", _URL))


def too_large(host: str, limit: int) -> MetricsError:
    remedy = "narrow the clusters: of this source"
    detail = f"{host}: the answer has more than {limit >> 20} MiB"
    return MetricsError(fault(FaultKind.SERVER_ERROR, "answer too large", detail, remedy), asked_wrong=True)


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
        remedy = f"it restarts, or it wants another client certificate than ours: {_AUTH}"
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
        return fault(FaultKind.TLS, "unknown CA", detail, f"set ca: {_AUTH}")
    if error.verify_code in tls.WRONG_NAME:
        return fault(FaultKind.TLS, "wrong cert name", detail, f"use a name that it has, or server_name: {_AUTH}")
    return fault(FaultKind.TLS, "bad certificate", detail, f"openssl s_client -connect {host}")


def _tls(error: ssl.SSLError, host: str) -> Fault:
    reason = error.reason or str(error)
    if reason in _PLAIN:
        return fault(FaultKind.TLS, "not TLS", f"{host}: {reason}", "it speaks plain HTTP: write http://")
    if "ALERT" in reason and any(word in reason for word in _ALERTS):
        detail = f"{host} does not accept our client certificate: {reason}"
        return fault(FaultKind.UNAUTHORIZED, "client cert refused", detail, f"another cert and its key; {_AUTH}")
    return fault(FaultKind.TLS, "TLS failed", f"{host}: {reason}", f"openssl s_client -connect {host}")


def no_secret(what: str, detail: str, remedy: str) -> MetricsError:
    return MetricsError(fault(FaultKind.CREDENTIALS, f"no {what}", detail, remedy))


def unusable(host: str, error: Exception) -> MetricsError:
    detail = f"the certificates for {host} cannot be used: {error}"
    remedy = f"ca, cert and key are files in PEM, unencrypted; {_AUTH}"
    return MetricsError(fault(FaultKind.CONFIG, "bad certificates", detail, remedy))
