"""How the API writes what is not text: times, quantities, and fields that are empty."""

from datetime import UTC, datetime
from typing import Any


def timestamp(seconds: float | None) -> str | None:
    """RFC 3339 in UTC, whole seconds, as the API writes it."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def filled(**fields: Any) -> dict[str, Any]:
    """Without what is empty, as Go's omitempty."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {}, False)}


def cores(cpu_m: int) -> str:
    return str(cpu_m // 1000) if cpu_m % 1000 == 0 else f"{cpu_m}m"


def whole_second(seconds: float | None) -> float | None:
    """What is left of a moment after it travelled as a timestamp."""
    return None if seconds is None else float(int(seconds))


def moment(seconds: float | None) -> str:
    """RFC 3339 in UTC to the millisecond, as monitoring systems write it; Go's zero time for none."""
    if seconds is None:
        return "0001-01-01T00:00:00Z"
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
