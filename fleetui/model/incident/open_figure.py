"""The incidents that are open, as a row of a board of the fleet: they come from our own journal and from no source of
metrics."""

from collections.abc import Sequence

import msgspec

from fleetui.model.cluster import Health
from fleetui.model.duration import age_text
from fleetui.model.health.board import worst_level
from fleetui.model.health.fleet_figures import FleetFigure
from fleetui.model.health.panels import JOURNAL, Panel, limit
from fleetui.model.health.sample import Age
from fleetui.model.incident.incident import Incident

INCIDENTS = Panel(
    id="incidents",
    title="open incidents",
    doc="Incidents that people have begun and not closed, of this machine's journal; :incidents has them all.",
    promql="",
    exporter=JOURNAL,
    limit=limit("open incidents", "", 1, 5),
    of_fleet=True,
)
"""Counted, not asked for."""


class Opened(msgspec.Struct, frozen=True):
    """What the journal says."""

    incidents: tuple[Incident, ...] = ()
    read_at: float | None = None
    """None: it has not been read."""
    trouble: str = ""
    """Why it cannot be read now."""
    damage: str = ""
    """What of it could not be read: there may be more incidents, and one that is said to be open may be closed."""


def incidents_figure(opened: Opened, *, number: int, now: float) -> FleetFigure:
    """Unknown, and never none, while the journal cannot be read, or not all of it."""
    if opened.trouble or opened.read_at is None:
        word = "unreadable" if opened.trouble else "not asked yet"
        return FleetFigure(panel=INCIDENTS, number=number, word=word, why=opened.trouble)
    count = len(opened.incidents)
    assert INCIDENTS.limit is not None
    level = INCIDENTS.limit.judge(count)
    damage = f"the journal is damaged: {opened.damage}" if opened.damage else ""
    return FleetFigure(
        panel=INCIDENTS,
        number=number,
        value=float(count),
        level=worst_level((level, Health.UNKNOWN)) if damage else level,
        word=f"{count:,} or more open" if damage else f"{count:,} open" if count else "none open",
        told=(*((damage,) if damage else ()), *_told(opened.incidents, now)),
        why=damage,
        age=Age.FRESH,
        sample_at=opened.read_at,
        source="journal",
    )


def _told(incidents: Sequence[Incident], now: float) -> tuple[str, ...]:
    """``node lost (prod-east-1) 47m``, the newest first."""
    newest = sorted(incidents, key=lambda each: each.opened, reverse=True)
    return tuple(
        " ".join(filter(None, (each.title, _where(each.clusters), age_text(each.opened, now)))) for each in newest
    )


def _where(clusters: Sequence[str]) -> str:
    return f"({', '.join(clusters)})" if clusters else ""
