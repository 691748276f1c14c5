"""How values are said in a cell: coarse, so that a still fleet is a still screen. Ages: ``model.duration``."""

from typing import Protocol

from fleetui.model.cluster import Health
from fleetui.model.duration import age_text
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


class Judged(Protocol):
    """A row that brings its verdict along."""

    @property
    def level(self) -> Health: ...


def level_style(row: Judged, _: float = 0.0) -> str:
    """The colour of the row's verdict."""
    return HEALTH_STYLES[row.level]


def source_text(name: str, at: float | None, now: float, *, late: bool) -> str:
    """``central``: whose word it is; with the age of that word once it is ``late``, and ``?`` for nobody's."""
    if not name:
        return UNKNOWN
    return f"{name} {age_text(at, now)}" if late else name


def last_known_text(text: str, as_of: float | None, now: float) -> str:
    """``Ready 6m ago``: what was true when the cluster was last heard; ``Ready once`` when nobody knows when."""
    return f"{text} once" if as_of is None else f"{text} {age_text(as_of, now)} ago"


def percent_text(have: int, of: int) -> str:
    """``98.2%``; ``100%`` only when nothing is missing, ``0%`` only when nothing is there."""
    if have >= of:
        return "100%"
    share = min(100 * have / of, 99.9)
    return "0%" if have == 0 else f"{max(share, 0.1):.1f}%"
