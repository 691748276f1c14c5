"""Every way a request to an API server can fail, as a plain word for the row and a remedy for the hands."""

import re
import ssl
import time
from collections.abc import Mapping

import msgspec

from fleetui.clients.http import breakage
from fleetui.clients.http.breakage import Remedies
from fleetui.clients.http.faults import fault, retry_after
from fleetui.model.duration import format_duration
from fleetui.model.fault import ClusterError, Fault, FaultKind, GoneError

_REMEDIES = Remedies(
    expired="renew it on the control plane: kubeadm certs renew apiserver",
    unknown_authority="the kubeconfig's certificate-authority is not this server's: fetch the kubeconfig again",
    wrong_name="use a name the certificate has, or set tls-server-name in the kubeconfig",
    not_tls="the server speaks plain HTTP there: check scheme and port",
    client_refused="the client certificate is not accepted: fetch the kubeconfig again",
    unknown_host="check the name, the DNS, the VPN",
    refused="is the API server running? nothing listens on {host}",
    lost="retried by itself; network or VPN?",
)


class Status(msgspec.Struct):
    """metav1.Status, what Kubernetes answers when it refuses."""

    kind: str = ""
    message: str = ""
    reason: str = ""
    code: int = 0


def refused(code: int, body: bytes, headers: Mapping[str, str], *, host: str, what: str, now: float) -> ClusterError:
    """The error of an answer that is not 2xx. ``what`` is the kind that was asked for (``pods``), or empty."""
    status = read_status(body)
    said = status.message if status else _plain(body, headers)
    wait = retry_after(headers, now=now)
    if code == 410 or (status and status.reason == "Expired"):
        # A list or a watch begins again, and nobody sees this; as an answer to anything else it makes no sense.
        return GoneError(fault(FaultKind.GONE, "410 expired", said or "too old a version", _look(host), what=what))
    if code == 403 and status:
        return ClusterError(_forbidden(said, what))
    if code == 429:
        remedy = "wait; the server sheds load (API priority and fairness)"
        return ClusterError(fault(FaultKind.THROTTLED, "429 throttled", said, remedy, what=what, retry_after_s=wait))
    if status is None:
        return ClusterError(_not_kubernetes(code, said, host))
    if code == 404:
        return ClusterError(
            fault(FaultKind.SERVER_ERROR, f"404 {what}".strip(), said, "this server does not know the kind", what=what)
        )
    word = f"{code} {status.reason or 'error'}"
    return ClusterError(fault(FaultKind.SERVER_ERROR, word, said, _look(host), what=what, retry_after_s=wait))


def _look(host: str) -> str:
    return f"look at the API server behind {host}: kubectl get --raw='/readyz?verbose'"


def read_status(body: bytes) -> Status | None:
    """The Status in ``body``, or None when it is something else."""
    try:
        # A message may quote bytes that are no text; the refusal is one all the same.
        status = msgspec.json.decode(body.decode("utf-8", errors="replace"), type=Status)
    except msgspec.DecodeError:
        return None
    return status if status.kind == "Status" else None


def unauthorized(*, said: str, how: str, remedy: str, word: str = "401 unauthorized") -> ClusterError:
    """401 after every way to renew was tried. ``how`` is the way we proved who we are: ``exec aws``, ``token``."""
    detail = f"the server refused our {how}: {said or 'Unauthorized'}"
    return ClusterError(fault(FaultKind.UNAUTHORIZED, word, detail, remedy))


def unreachable(host: str, seconds: float) -> ClusterError:
    """No connection in time."""
    return ClusterError(breakage.unreachable(host, seconds))


def silent(host: str, seconds: float) -> ClusterError:
    """A connection, and nothing on it."""
    remedy = "the API server hangs or is overloaded: look at it and at its etcd"
    return ClusterError(breakage.silent(host, seconds, remedy=remedy))


def broken(cause: BaseException, *, host: str) -> ClusterError:
    """The error of a connection that could not be made or broke."""
    return ClusterError(breakage.broken(cause, host=host, remedies=_REMEDIES))


def expired_certificate(
    error: ssl.SSLCertVerificationError, *, host: str, ended: float | None, now: float
) -> ClusterError:
    """The server's certificate is past its end; ``ended`` is its notAfter when that could be found out."""
    found = breakage.bad_certificate(error, host=host, remedies=_REMEDIES)
    if ended is not None:
        word, when = f"{found.word} {format_duration(now - ended)} ago", time.gmtime(ended)
        detail = f"{found.detail} at {time.strftime('%Y-%m-%d %H:%M UTC', when)}"
        found = fault(found.kind, word, detail, found.remedy)
    return ClusterError(found)


def _forbidden(said: str, what: str) -> Fault:
    remedy = f"ask for list and watch on {what}: kubectl auth can-i list {what}" if what else "ask for the permission"
    return fault(FaultKind.FORBIDDEN, f"403 {what}".strip(), said, remedy, what=what)


_NO_API = "check the address: this is not a Kubernetes API server, or a proxy answers for it"


def _not_kubernetes(code: int, said: str, host: str) -> Fault:
    if code in (502, 503, 504):
        remedy = "a load balancer answers, the API server behind it does not"
        return fault(FaultKind.SERVER_ERROR, f"{code} from proxy", f"{host}: {said}", remedy)
    return fault(FaultKind.SERVER_ERROR, f"not Kubernetes ({code})", f"{host}: {said}", _NO_API)


def too_large(host: str, path: str, limit: int) -> ClusterError:
    """An answer that has no end worth waiting for. That of a write may have been carried out."""
    detail = f"{host}: the answer of {path} has more than {limit >> 20} MiB"
    return ClusterError(fault(FaultKind.SERVER_ERROR, "answer too large", detail, _NO_API))


def not_kubernetes(host: str, said: str) -> ClusterError:
    """An answer of 200 that is no Kubernetes object."""
    return ClusterError(_not_kubernetes(200, said, host))


def _plain(body: bytes, headers: Mapping[str, str]) -> str:
    kind = headers.get("Content-Type", "").partition(";")[0]
    text = re.sub(r"<[^>]*>", " ", body[:2000].decode("utf-8", errors="replace"))
    return f"{kind or 'no content type'}: {text.strip() or 'empty'}"
