"""The API as bytes: what stands in its JSON, and the values that it becomes.

Foreign text is made harmless here, once.
"""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeVar

import msgspec

from fleetui.model.health import series
from fleetui.model.health.series import PROMQL_NOTES, Labels, Line, Point, Reply, Target
from fleetui.model.text import clean, clean_message

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhdwy])")
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_536_000}

T = TypeVar("T")


class Envelope(msgspec.Struct, rename="camel"):
    """Around every answer."""

    status: str = ""
    data: msgspec.Raw = msgspec.Raw(b"null")
    error_type: str = ""
    error: str = ""
    warnings: list[str] | None = None
    infos: list[str] | None = None
    is_partial: bool = False
    """VictoriaMetrics' own word for it."""


class QueryData(msgspec.Struct, rename="camel"):
    result_type: str = ""
    result: msgspec.Raw = msgspec.Raw(b"[]")


class Sampled(msgspec.Struct):
    """One series of a vector; one with a native histogram has no ``value``."""

    metric: dict[str, str]
    value: tuple[float, str] | None = None


class Ranged(msgspec.Struct):
    metric: dict[str, str]
    values: list[tuple[float, str]] = []


class TargetEntry(msgspec.Struct, rename="camel"):
    labels: dict[str, str] = {}
    scrape_pool: str = ""
    scrape_url: str = ""
    last_error: str = ""
    last_scrape: str = ""
    health: str = ""
    scrape_interval: str = ""


class TargetsData(msgspec.Struct, rename="camel"):
    active_targets: list[TargetEntry] = []


def decode(body: bytes | msgspec.Raw, kind: type[T]) -> T:
    """Raises msgspec.DecodeError for what is no such answer."""
    try:
        return msgspec.json.decode(body, type=kind)
    except UnicodeDecodeError:
        return msgspec.json.decode(bytes(body).decode("utf-8", errors="replace"), type=kind)


def envelope(body: bytes) -> Envelope:
    """Raises msgspec.DecodeError."""
    found = decode(body, Envelope)
    if found.status != "success":
        raise msgspec.DecodeError(f"the answer's status is {clean(found.status, limit=40)!r}")
    return found


def refusal(body: bytes) -> Envelope | None:
    """What the API says instead of an answer; None when somebody else answered."""
    try:
        found = decode(body, Envelope)
    except msgspec.DecodeError:
        return None
    return found if found.status == "error" else None


def reply(said: Envelope, *, source: str, asked_at: float, received_at: float, behind_s: float) -> Reply:
    warnings = tuple(clean_message(text) for text in said.warnings or ())
    missing = any(not text.startswith(PROMQL_NOTES) for text in warnings)
    return Reply(
        source=source,
        asked_at=asked_at,
        received_at=received_at,
        warnings=warnings,
        infos=tuple(clean_message(text) for text in said.infos or ()),
        partial=missing or said.is_partial,
        behind_s=behind_s,
    )


def points(data: msgspec.Raw) -> tuple[Point, ...]:
    """Raises msgspec.DecodeError, also for a kind of result that an instant query of ours never has."""
    said = decode(data, QueryData)
    if said.result_type == "scalar":
        at, value = decode(said.result, tuple[float, str])
        return (Point({}, number(value), at),)
    if said.result_type != "vector":
        raise msgspec.DecodeError(f"a result of the type {clean(said.result_type, limit=40)!r}")
    found = decode(said.result, list[Sampled])
    return tuple(Point(_labels(each.metric), number(each.value[1]), each.value[0]) for each in found if each.value)


def lines(data: msgspec.Raw) -> tuple[Line, ...]:
    """Raises msgspec.DecodeError."""
    said = decode(data, QueryData)
    if said.result_type != "matrix":
        raise msgspec.DecodeError(f"a result of the type {clean(said.result_type, limit=40)!r}")
    return tuple(_line(each) for each in decode(said.result, list[Ranged]))


def _line(said: Ranged) -> Line:
    times = tuple(at for at, _ in said.values)
    return Line(_labels(said.metric), times, tuple(number(value) for _, value in said.values))


def targets(data: msgspec.Raw) -> tuple[Target, ...]:
    return tuple(
        Target(
            labels=_labels(said.labels),
            url=clean(said.scrape_url),
            up={"up": True, "down": False}.get(said.health),
            last_error=clean_message(said.last_error),
            last_scrape=moment(said.last_scrape),
            interval_s=seconds(said.scrape_interval),
            pool=clean(said.scrape_pool),
        )
        for said in decode(data, TargetsData).active_targets
    )


def names(data: msgspec.Raw) -> tuple[str, ...]:
    return tuple(sorted(clean(name) for name in decode(data, list[str])))


def _labels(said: dict[str, str]) -> series.Labels:
    harmless: Labels = {clean(name): clean(value, limit=1_024) for name, value in said.items()}
    return harmless


def number(text: str) -> float:
    """Go writes ``NaN``, ``+Inf``, ``1e+06``; what is no number is a broken answer."""
    try:
        return float(text)
    except ValueError as error:
        raise msgspec.DecodeError(f"{clean(text, limit=40)!r} is no number") from error


def seconds(text: str) -> float | None:
    """``1m30s``, ``500ms``, ``1h0m0s``; None for what is no duration."""
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


@lru_cache(maxsize=4_096)
def moment(text: str) -> float | None:
    """Unix seconds of an RFC 3339 time; None for none and for Go's zero time, which means never."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return found.timestamp() if found.year > 1 else None
