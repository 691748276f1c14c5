"""Every way a request to an etcd member fails, with etcd's own causes and remedies."""

import socket
import ssl

import msgspec

from fleetui.clients.etcd import wire
from fleetui.clients.http import breakage
from fleetui.clients.http.breakage import NO_ANSWER, Remedies
from fleetui.clients.http.errors import cause_of
from fleetui.clients.http.faults import fault
from fleetui.clients.http.library import aiohttp
from fleetui.model.fault import Fault, FaultKind

CERTIFICATES = "set ca, cert and key under etcd: in the configuration; kubeadm keeps them in /etc/kubernetes/pki"
_REMEDIES = Remedies(
    expired="renew it on that machine: kubeadm certs renew etcd-server, then restart its etcd",
    unknown_authority=f"the ca is not this etcd's; {CERTIFICATES}/etcd/ca.crt",
    wrong_name="use an endpoint that the certificate names, or set server_name under etcd: in the configuration",
    not_tls="this etcd speaks plain HTTP: write http://",
    client_refused=CERTIFICATES,
    unknown_host="check the endpoint under etcd: in the configuration, the DNS, the VPN",
    refused="nothing listens there: look at the machine's etcd (crictl ps -a --name etcd, or its unit) on {host}",
    lost="retried by itself; network, or etcd restarts",
)
_TLS_PERHAPS = "does this etcd speak TLS? write https://; otherwise it restarts, and is asked again by itself"

UNAUTHENTICATED = 16
PERMISSION_DENIED = 7
RESOURCE_EXHAUSTED = 8
UNAVAILABLE = 14
"""Codes of gRPC, google/rpc/code.proto."""


class EtcdError(Exception):
    """A request without a good answer. ``sent`` is False when it certainly never reached the member's handler."""

    def __init__(self, said: Fault, *, sent: bool = True, code: int | None = None) -> None:
        super().__init__(f"{said.word}: {said.detail}")
        self.fault = said
        self.sent = sent
        self.code = code
        """Of gRPC, when the member itself refused."""


def too_large(host: str, limit: int) -> EtcdError:
    """An answer that no member of etcd gives."""
    detail = f"{host}: the answer has more than {limit >> 20} MiB"
    return EtcdError(fault(FaultKind.SERVER_ERROR, "answer too large", detail, "is this a member of etcd?"))


def broken(error: Exception, *, host: str, encrypted: bool, waited_s: float) -> EtcdError:
    """What aiohttp and the operating system raise. ``encrypted``: the endpoint is HTTPS."""
    if isinstance(error, TimeoutError):
        return EtcdError(_silent(host, waited_s), sent=not isinstance(error, aiohttp.ConnectionTimeoutError))
    cause, remedies = cause_of(error), _REMEDIES
    if isinstance(error, aiohttp.ServerDisconnectedError) and not encrypted:
        remedies = msgspec.structs.replace(_REMEDIES, lost=_TLS_PERHAPS)
    unsent = isinstance(error, aiohttp.ClientConnectorError) or isinstance(cause, _BEFORE_ANY_REQUEST)
    return EtcdError(breakage.broken(cause, host=host, remedies=remedies), sent=not unsent)


_BEFORE_ANY_REQUEST = (ssl.SSLError, socket.gaierror, ConnectionRefusedError)


def _silent(host: str, waited_s: float) -> Fault:
    remedy = "is the machine up and its disk answering? firewall on 2379? see its power and its kubelet"
    return fault(FaultKind.TIMEOUT, NO_ANSWER, f"{host}: no answer within {waited_s:g} s", remedy)


def refused(code: int, body: bytes, *, host: str) -> EtcdError:
    """An HTTP answer that is not 200. The body decides: HTTP codes differ between 3.4 and 3.6 for the same refusal."""
    said = _refusal(body)
    if said is None:
        return EtcdError(_not_etcd(code, body, host))
    detail = f"{host}: {said.message}"
    if said.code in (UNAUTHENTICATED, PERMISSION_DENIED):
        remedy = "this etcd asks for a user of its own; its JSON gateway does not know users by certificate"
        return EtcdError(fault(FaultKind.UNAUTHORIZED, "user required", detail, remedy), code=said.code)
    if said.code == RESOURCE_EXHAUSTED:
        remedy = "database full: compact, defragment, disarm; too many requests: wait"
        return EtcdError(fault(FaultKind.THROTTLED, "refused by etcd", detail, remedy), code=said.code)
    if said.code == UNAVAILABLE and "connection error" in said.message:
        remedy = "its server certificate lacks the usage clientAuth, which its own gateway needs"
        return EtcdError(fault(FaultKind.SERVER_ERROR, "gateway broken", detail, remedy), sent=False, code=said.code)
    word = said.message.removeprefix("etcdserver: ") or f"error {said.code}"
    return EtcdError(fault(FaultKind.SERVER_ERROR, word, detail, f"look at the log of etcd on {host}"), code=said.code)


def _refusal(body: bytes) -> wire.Refusal | None:
    try:
        said = wire.decode(body, wire.Refusal)
    except Exception:  # whatever stands there is not etcd's refusal
        return None
    return said if said.code or said.message else None


def _not_etcd(code: int, body: bytes, host: str) -> Fault:
    text = body[:200].decode("utf-8", errors="replace")
    if "HTTPS server" in text:
        return fault(FaultKind.TLS, "not plain HTTP", f"{host}: {text}", "this etcd speaks TLS: write https://")
    if code == 404:
        remedy = "its gateway is off (--enable-grpc-gateway=false), it is older than 3.4, or this is not etcd"
        return fault(FaultKind.SERVER_ERROR, "no JSON gateway", f"{host}: 404 {text}", remedy)
    return fault(FaultKind.SERVER_ERROR, f"not etcd ({code})", f"{host}: {text}", f"check the endpoint {host}")


def not_understood(host: str, error: Exception) -> EtcdError:
    """200, and an answer that is none."""
    remedy = f"check that {host} is etcd's client port and not a proxy"
    return EtcdError(fault(FaultKind.SERVER_ERROR, "not etcd", f"{host}: {error}", remedy))
