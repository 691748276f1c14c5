"""How values are said in a cell: coarse, so that a still fleet is a still screen."""

from datetime import UTC, datetime

from fleetui.model.cluster import Health
from fleetui.model.duration import format_duration
from fleetui.model.table.column import UNKNOWN

HEALTH_STYLES = {
    Health.BROKEN: "danger",
    Health.WARNING: "warn",
    Health.BUSY: "busy",
    Health.UNKNOWN: "unknown",
    Health.CALM: "",
}
HEALTH_SIGNS = {
    Health.BROKEN: "broken",
    Health.WARNING: "warning",
    Health.BUSY: "busy",
    Health.UNKNOWN: "unknown",
    Health.CALM: "",
}
"""Names of glyphs."""


def age_text(then: float | None, now: float) -> str:
    """``<1m``, ``12m``, ``5h``, ``3d``: seconds would tick on the screen and cost the line 14 kB a minute each row."""
    if then is None:
        return UNKNOWN
    seconds = now - then
    if seconds < 120:
        return "<1m" if seconds < 60 else "1m"
    return format_duration(seconds)


def percent_text(have: int, of: int) -> str:
    """``98.2%``; ``100%`` only when nothing is missing, ``0%`` only when nothing is there."""
    if have >= of:
        return "100%"
    share = min(100 * have / of, 99.9)
    return "0%" if have == 0 else f"{max(share, 0.1):.1f}%"


def time_text(at: float | None) -> str | None:
    """RFC 3339 in UTC, to the second; None stays None."""
    return None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
