"""Every way Alertmanager refuses, with its own causes and remedies. What breaks on the way is named by
``clients.monitoring.faults``: the same servers, the same proxies."""

from collections.abc import Mapping

import msgspec

from fleetui.clients.http.faults import fault, retry_after
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.text import clean_message
from fleetui.ports.metrics import MetricsError

_AUTH = "look at auth: of this Alertmanager in the configuration"
_URL = "check the url of this Alertmanager in the configuration: is its prefix right, is a proxy in the way?"

_NOT_FOUND = "not found"
"""0.25 says 500 and this of a silence that it does not know; later versions say 404."""


def refused(code: int, body: bytes, headers: Mapping[str, str], *, host: str, now: float) -> MetricsError:
    """The error of an answer that is not 200. One that Alertmanager itself gives says that it lives."""
    said = _said(body)
    detail = f"{host}: {said or f'{code} without a text'}"
    wait = retry_after(headers, now=now)
    match code:
        case 401:
            return MetricsError(fault(FaultKind.UNAUTHORIZED, "401 unauthorized", detail, _AUTH))
        case 403:
            remedy = f"its user may not do this: {_AUTH}"
            return MetricsError(fault(FaultKind.FORBIDDEN, "403 forbidden", detail, remedy))
        case 429:
            remedy = "it or its proxy sheds load: ask less often"
            return MetricsError(fault(FaultKind.THROTTLED, "429 throttled", detail, remedy, retry_after_s=wait))
        case 400:
            remedy = "its message says what is wrong with the silence or the matchers"
            return MetricsError(fault(FaultKind.SERVER_ERROR, "400 refused", detail, remedy), asked_wrong=True)
        case 404 | 500 if code == 404 or _NOT_FOUND in said:
            remedy = f"it does not know this silence (kept 120 h after its end); else {_URL}"
            return MetricsError(fault(FaultKind.SERVER_ERROR, "not there", detail, remedy), asked_wrong=True)
    return MetricsError(_odd(code, detail, wait))


def _odd(code: int, detail: str, wait: float | None) -> Fault:
    if code // 100 == 3:
        return fault(FaultKind.UNAUTHORIZED, f"{code} redirect", detail, f"a login page in front of it? {_AUTH}")
    if code in (502, 503, 504):
        remedy = "a proxy answers, Alertmanager behind it does not; or it answers too many requests already"
        return fault(FaultKind.SERVER_ERROR, f"{code} not ready", detail, remedy, retry_after_s=wait)
    return fault(FaultKind.SERVER_ERROR, f"{code} error", detail, "look at the log of Alertmanager")


def not_understood(host: str, error: Exception) -> MetricsError:
    """200, and an answer that is none."""
    return MetricsError(fault(FaultKind.SERVER_ERROR, "not Alertmanager", f"{host}: {error}", _URL))


def too_large(host: str, limit: int) -> MetricsError:
    detail = f"{host}: the answer has more than {limit >> 20} MiB"
    remedy = "something fires that should be one alert, not one for each series: look at the rule with the most alerts"
    return MetricsError(fault(FaultKind.SERVER_ERROR, "answer too large", detail, remedy), asked_wrong=True)


def _said(body: bytes) -> str:
    """A JSON string, an object with a message, or text."""
    text = body[:4_000].decode("utf-8", errors="replace")
    try:
        said = msgspec.json.decode(text)
    except msgspec.DecodeError:
        said = text
    if isinstance(said, dict):
        said = said.get("message", "")
    return clean_message(str(said))
