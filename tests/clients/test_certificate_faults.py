"""What the error of a connection is called, by the TLS library's verdict and by its kind; what may never be shown."""

import ssl

import pytest

from fleetui.clients.http import tls
from fleetui.clients.http.faults import MASK, redact
from fleetui.clients.kube.faults import broken, expired_certificate
from fleetui.model.fault import FaultKind

HOST = "10.0.0.1:6443"


def refused(code: int, message: str = "") -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "CERTIFICATE_VERIFY_FAILED")
    error.verify_code, error.verify_message, error.reason = code, message, "CERTIFICATE_VERIFY_FAILED"
    return error


@pytest.mark.parametrize(
    ("code", "word", "remedy"),
    [
        (tls.EXPIRED, "cert expired", "kubeadm certs renew apiserver"),
        (tls.NOT_YET_VALID, "cert not valid yet", "compare the clocks"),
        *((code, "unknown CA", "fetch the kubeconfig again") for code in sorted(tls.UNKNOWN_AUTHORITY)),
        *((code, "wrong cert name", "tls-server-name") for code in sorted(tls.WRONG_NAME)),
        (9_999, "bad certificate", "openssl s_client"),
    ],
)
def test_each_verdict_has_its_word_and_its_remedy(code: int, word: str, remedy: str) -> None:
    found = broken(refused(code, "so it is"), host=HOST).fault
    assert (found.kind, found.word) == (FaultKind.TLS, word)
    assert remedy in found.remedy
    assert found.detail.startswith(f"{HOST}: so it is")


def test_the_end_of_a_certificate_is_told_with_its_age_where_it_is_known() -> None:
    error = expired_certificate(refused(tls.EXPIRED), host=HOST, ended=0.0, now=7_200.0)
    assert error.fault.word == "cert expired 2h ago"
    assert error.fault.detail.endswith("at 1970-01-01 00:00 UTC")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(113, "No route to host"), f"{HOST}: No route to host"),
        (OSError("plain words"), f"{HOST}: plain words"),
        (ConnectionResetError(), f"{HOST}: ConnectionResetError"),
    ],
)
def test_an_error_without_words_is_called_by_its_name(error: OSError, said: str) -> None:
    assert broken(error, host=HOST).fault.detail == said


def test_a_known_secret_of_four_characters_is_masked_and_a_shorter_one_masks_no_words() -> None:
    assert redact("it was abcd", "abcd") == f"it was {MASK}"
    assert redact("an abc of it", "abc") == "an abc of it"
