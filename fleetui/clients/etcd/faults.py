"""Every way a request to an etcd member fails, with etcd's own causes and remedies."""

import socket
import ssl

from fleetui.clients.etcd import wire
from fleetui.clients.http import tls
from fleetui.clients.http.faults import fault
from fleetui.clients.http.library import aiohttp
from fleetui.model.fault import Fault, FaultKind

CERTIFICATES = "set ca, cert and key under etcd: in the configuration; kubeadm keeps them in /etc/kubernetes/pki"
_ALERTS = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED")
"""In the names of TLS alerts by which a server refuses our certificate (RFC 8446, 6.2)."""
_PLAIN = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")

UNAUTHENTICATED = 16
PERMISSION_DENIED = 7
RESOURCE_EXHAUSTED = 8
UNAVAILABLE = 14
"""Codes of gRPC, google/rpc/code.proto."""


class EtcdError(Exception):
    """A request without a good answer. ``sent`` is False when it certainly never reached the member's handler."""

    def __init__(self, said: Fault, *, sent: bool = True, code: int | None = None, body: bytes | None = None) -> None:
        super().__init__(f"{said.word}: {said.detail}")
        self.fault = said
        self.sent = sent
        self.code = code
        """Of gRPC, when the member itself refused."""
        self.body = body
        """Of an HTTP answer that is neither 200 nor a refusal of etcd's."""


def too_large(host: str, limit: int) -> EtcdError:
    """An answer that no member of etcd gives."""
    detail = f"{host}: the answer has more than {limit >> 20} MiB"
    return EtcdError(fault(FaultKind.SERVER_ERROR, "answer too large", detail, "is this a member of etcd?"))


def broken(error: Exception, *, host: str, encrypted: bool, waited_s: float) -> EtcdError:
    """What aiohttp and the operating system raise. ``encrypted``: the endpoint is HTTPS."""
    cause = _cause(error)
    if isinstance(error, TimeoutError):
        sent = not isinstance(error, aiohttp.ConnectionTimeoutError)
        return EtcdError(_silent(host, waited_s), sent=sent)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return EtcdError(_bad_certificate(cause, host), sent=False)
    if isinstance(cause, ssl.SSLError):
        return EtcdError(_tls(cause, host), sent=False)
    if isinstance(cause, socket.gaierror):
        return EtcdError(fault(FaultKind.UNKNOWN_HOST, "unknown host", f"{host}: {cause.strerror}", _NAME), sent=False)
    if isinstance(cause, ConnectionRefusedError):
        detail = f"{host}: connection refused"
        remedy = f"nothing listens there: look at the machine's etcd (crictl ps -a --name etcd, or its unit) on {host}"
        return EtcdError(fault(FaultKind.REFUSED, "refused", detail, remedy), sent=False)
    said = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(error) or type(error).__name__
    remedy = "retried by itself; network, or etcd restarts"
    if isinstance(error, aiohttp.ServerDisconnectedError) and not encrypted:
        remedy = "does this etcd speak TLS? write https://; otherwise it restarts, and is asked again by itself"
    lost = fault(FaultKind.NETWORK, "connection lost", f"{host}: {said}", remedy)
    return EtcdError(lost, sent=not isinstance(error, aiohttp.ClientConnectorError))


_NAME = "check the endpoint under etcd: in the configuration, the DNS, the VPN"


def _cause(error: Exception) -> BaseException:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return error.certificate_error
    if isinstance(error.__cause__, ssl.SSLError):
        return error.__cause__  # an alert after a handshake of TLS 1.3, which aiohttp wraps as any OSError
    return error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error


def _silent(host: str, waited_s: float) -> Fault:
    remedy = "is the machine up and its disk answering? firewall on 2379? see its power and its kubelet"
    return fault(FaultKind.TIMEOUT, "no answer", f"{host}: no answer within {waited_s:g} s", remedy)


def _bad_certificate(error: ssl.SSLCertVerificationError, host: str) -> Fault:
    detail = f"{host}: {error.verify_message or error.reason}"
    if error.verify_code == tls.EXPIRED:
        remedy = "renew it on that machine: kubeadm certs renew etcd-server, then restart its etcd"
        return fault(FaultKind.TLS, "cert expired", detail, remedy)
    if error.verify_code == tls.NOT_YET_VALID:
        return fault(FaultKind.TLS, "cert not valid yet", detail, "compare the clocks: date -u here and there")
    if error.verify_code in tls.UNKNOWN_AUTHORITY:
        return fault(FaultKind.TLS, "unknown CA", detail, f"the ca is not this etcd's; {CERTIFICATES}/etcd/ca.crt")
    if error.verify_code in tls.WRONG_NAME:
        remedy = "use an endpoint that the certificate names, or set server_name under etcd: in the configuration"
        return fault(FaultKind.TLS, "wrong cert name", detail, remedy)
    return fault(FaultKind.TLS, "bad certificate", detail, f"openssl s_client -connect {host}")


def _tls(error: ssl.SSLError, host: str) -> Fault:
    reason = error.reason or str(error)
    if reason in _PLAIN:
        return fault(FaultKind.TLS, "not TLS", f"{host}: {reason}", "this etcd speaks plain HTTP: write http://")
    if "ALERT" in reason and any(word in reason for word in _ALERTS):
        detail = f"{host} does not accept our client certificate: {reason}"
        return fault(FaultKind.UNAUTHORIZED, "client cert refused", detail, CERTIFICATES)
    return fault(FaultKind.TLS, "TLS failed", f"{host}: {reason}", f"openssl s_client -connect {host}")


def refused(code: int, body: bytes, *, host: str) -> EtcdError:
    """An HTTP answer that is not 200. The body decides: HTTP codes differ between 3.4 and 3.6 for the same refusal."""
    said = _refusal(body)
    if said is None:
        return EtcdError(_not_etcd(code, body, host), body=body)
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
