"""One word for what broke, whichever server it was, and the remedy of that server."""

import socket
import ssl
from collections.abc import Callable

import pytest

from fleetui.clients.etcd import faults as etcd
from fleetui.clients.http import tls
from fleetui.clients.kube import faults as kube
from fleetui.clients.monitoring import faults as monitoring
from fleetui.model.fault import Fault, FaultKind

HOST = "10.0.0.1:443"
CLIENTS: dict[str, Callable[[OSError], Fault]] = {
    "kube": lambda error: kube.broken(error, host=HOST).fault,
    "etcd": lambda error: etcd.broken(error, host=HOST, encrypted=True, waited_s=1.0).fault,
    "monitoring": lambda error: monitoring.broken(error, host=HOST).fault,
}


def certificate(code: int) -> ssl.SSLCertVerificationError:
    """As OpenSSL's verdict on the server's certificate is raised."""
    error = ssl.SSLCertVerificationError(1, "CERTIFICATE_VERIFY_FAILED")
    error.verify_code, error.verify_message, error.reason = code, "so it is", "CERTIFICATE_VERIFY_FAILED"
    return error


def alert(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {reason}]")
    error.reason = reason
    return error


BROKEN = [
    (certificate(tls.EXPIRED), FaultKind.TLS, "cert expired", "so it is",
     {"kube": "certs renew apiserver", "etcd": "certs renew etcd-server", "monitoring": f"certificate of {HOST}"}),
    (certificate(tls.NOT_YET_VALID), FaultKind.TLS, "cert not valid yet", "so it is",
     dict.fromkeys(CLIENTS, "compare the clocks")),
    (certificate(min(tls.UNKNOWN_AUTHORITY)), FaultKind.TLS, "unknown CA", "so it is",
     {"kube": "certificate-authority", "etcd": "etcd/ca.crt", "monitoring": "set ca:"}),
    (certificate(min(tls.WRONG_NAME)), FaultKind.TLS, "wrong cert name", "so it is",
     {"kube": "tls-server-name", "etcd": "under etcd:", "monitoring": "auth: of this source"}),
    (certificate(9_999), FaultKind.TLS, "bad certificate", "so it is",
     dict.fromkeys(CLIENTS, f"openssl s_client -connect {HOST}")),
    (alert("WRONG_VERSION_NUMBER"), FaultKind.TLS, "not TLS", "WRONG_VERSION_NUMBER",
     {"kube": "check scheme and port", "etcd": "this etcd speaks plain HTTP", "monitoring": "write http://"}),
    (alert("TLSV13_ALERT_CERTIFICATE_REQUIRED"), FaultKind.UNAUTHORIZED, "client cert refused", "our client cert",
     {"kube": "kubeconfig", "etcd": "cert and key under etcd:", "monitoring": "another cert and its key"}),
    (alert("UNEXPECTED_MESSAGE"), FaultKind.TLS, "TLS failed", "UNEXPECTED_MESSAGE",
     dict.fromkeys(CLIENTS, f"openssl s_client -connect {HOST}")),
    (socket.gaierror(-2, "Name or service not known"), FaultKind.UNKNOWN_HOST, "unknown host", "Name or service",
     {"kube": "check the name", "etcd": "check the endpoint", "monitoring": "check the url"}),
    (ConnectionRefusedError(111, "Connection refused"), FaultKind.REFUSED, "refused", "connection refused",
     {"kube": f"API server running? nothing listens on {HOST}", "etcd": f"on {HOST}", "monitoring": f"up on {HOST}?"}),
    (OSError(113, "No route to host"), FaultKind.NETWORK, "connection lost", "No route to host",
     {"kube": "retried by itself", "etcd": "etcd restarts", "monitoring": "asked again by itself"}),
]  # fmt: skip


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(("error", "kind", "word", "detail", "remedies"), BROKEN, ids=[each[2] for each in BROKEN])
def test_the_word_is_the_same_and_the_remedy_is_that_servers(
    error: OSError, kind: FaultKind, word: str, detail: str, remedies: dict[str, str], client: str
) -> None:
    found = CLIENTS[client](error)
    assert (found.kind, found.word) == (kind, word)
    assert found.detail.startswith(f"{HOST}: ")
    assert detail in found.detail
    assert remedies[client] in found.remedy


@pytest.mark.parametrize(
    ("error", "sent"),
    [
        (ConnectionRefusedError(111, "Connection refused"), False),
        (certificate(tls.EXPIRED), False),
        (socket.gaierror(-2, "Name or service not known"), False),
        (ConnectionResetError(104, "Connection reset by peer"), True),
    ],
)
def test_etcd_tells_what_can_have_been_carried_out_from_what_cannot(error: OSError, sent: bool) -> None:
    assert etcd.broken(error, host=HOST, encrypted=True, waited_s=1.0).sent is sent
