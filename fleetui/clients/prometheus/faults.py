"""Every way a source of metrics refuses a question, with its own causes and remedies. What breaks on the way to it is
named by ``clients.monitoring.faults``."""

from collections.abc import Mapping

from fleetui.clients.http.faults import fault, retry_after
from fleetui.clients.monitoring.faults import AUTH
from fleetui.clients.prometheus import wire
from fleetui.model.fault import Fault, FaultKind
from fleetui.ports.metrics import MetricsError

_URL = "check the url of this source in the configuration: is its prefix right, is a proxy in the way?"
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
        return MetricsError(fault(FaultKind.UNAUTHORIZED, "401 unauthorized", detail, AUTH))
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
        return fault(FaultKind.UNAUTHORIZED, f"{code} redirect", detail, f"a login page in front of it? {AUTH}")
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
