"""Durations as operators write them, ``30s``, ``5m``, ``2h``, ``1h30m``; the one form of an age, and of a moment."""

import re
from datetime import UTC, datetime

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_PART = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")

UNKNOWN_AGE = "?"


def parse_duration(text: str) -> float:
    """Seconds. A bare number is seconds. Raises ValueError with the fix."""
    stripped = text.strip().lower()
    if stripped.replace(".", "", 1).isdigit():
        return float(stripped)
    parts = _PART.findall(stripped)
    if not parts or "".join(number + unit for number, unit in parts) != stripped:
        raise ValueError(f"{text!r} is not a duration: write 30s, 5m, 2h, 3d or 1h30m")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def format_duration(seconds: float) -> str:
    """The coarse text of how long something takes: ``12s``, ``5m``, ``3h``, ``12d``; rounds down as kubectl does."""
    whole = max(0, int(seconds))
    for unit, size, limit in (("s", 1, 120), ("m", 60, 7200), ("h", 3600, 172_800)):
        if whole < limit:
            return f"{whole // size}{unit}"
    return f"{whole // 86_400}d"


SILENCE_STEP_S = 5
"""Seconds; the screens look at what is late as often as that."""


def silence_text(then: float | None, now: float) -> str:
    """For how long nothing was heard of what should be heard: ``<5s``, ``40s``, then as ``age_text``. Here the
    seconds matter: 20 of them are a hiccup, 40 are a fault."""
    if then is None or now - then >= 60:
        return age_text(then, now)
    steps = int(max(0.0, now - then)) // SILENCE_STEP_S
    return f"{steps * SILENCE_STEP_S}s" if steps else f"<{SILENCE_STEP_S}s"


def took_text(seconds: float) -> str:
    """How long something took: ``12s``, then as ``age_text``."""
    return format_duration(seconds) if seconds < 60 else age_text(0.0, seconds)


def age_text(then: float | None, now: float) -> str:
    """How long ago something was, in the form that every table, headline, inspector and plain output shares: ``<1m``,
    ``12m``, ``5h``, ``3d``, and ``?`` when nobody knows.

    Seconds would tick on the screen, cost the line 14 kB a minute for each row, and differ between two places that
    were painted a moment apart.
    """
    if then is None:
        return UNKNOWN_AGE
    seconds = now - then
    if seconds < 120:
        return "<1m" if seconds < 60 else "1m"
    return format_duration(seconds)


def time_text(at: float | None) -> str | None:
    """RFC 3339 in UTC, to the second; None stays None."""
    return None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
