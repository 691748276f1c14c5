"""What a source says of one instance: its role, its link, how far it is behind, and how old all of that is. Nothing is
judged here."""

from enum import StrEnum

import msgspec

from fleetui.model.health.replication_kind import FigureRule, Kind, Role
from fleetui.model.health.sample import STALE_AFTER

USUAL_PERIOD_S = 30.0
"""Assumed while nobody says how often an instance is scraped."""

LEAST_PERIOD_S = 2.0
"""A sample is as old as its source is asked seldom: what is scraped oftener than that is not late for it."""


class Link(StrEnum):
    """Whether a follower receives."""

    UP = "up"
    BROKEN = "broken"
    UNKNOWN = "?"
    NONE = "–"
    """It has none to break: a primary, an arbiter, a kind with a state alone."""


class LinkSaid(msgspec.Struct, frozen=True):
    link: Link
    how: str
    """The evidence, in words."""


class Figure(msgspec.Struct, frozen=True):
    """One more figure. None: the source has no such series."""

    rule: FigureRule
    value: float | None
    of: str = ""
    """What it is of, where the rule has a label: the slot."""


class Reading(msgspec.Struct, frozen=True):
    """One instance as one source knows it."""

    kind: Kind
    cluster: str
    group: str
    """Values of the kind's group labels, without empty ones: ``payments/main``."""
    instance: str
    source: str
    seen_at: float | None
    """When its marker was last scraped, by our clock."""
    period_s: float = USUAL_PERIOD_S
    silent: bool = False
    """Its series have ended: only an earlier moment knows it."""
    error: str = ""
    """What the scraper says of its last try."""
    alive: bool | None = None
    role: Role | None = None
    link: LinkSaid = LinkSaid(Link.NONE, "")
    seconds: float | None = None
    held: float | None = None
    backlog: float | None = None
    seconds_as: str = ""
    """What the primary calls it, whose word the seconds are; empty where they are its own."""
    backlog_as: str = ""
    """The same of the backlog."""
    writes: float | None = None
    figures: tuple[Figure, ...] = ()
    primaries: int | None = None
    """Of its group, alive and freshly scraped; None for a kind without roles."""

    def young(self, now: float) -> bool:
        """Whether a verdict may rest on it."""
        return self.seen_at is not None and now - self.seen_at <= STALE_AFTER * self.period_s
