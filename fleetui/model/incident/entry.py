"""One line of an incident's timeline: what happened, when, where, who says so, and who did it where that is known."""

from enum import StrEnum

import msgspec

from fleetui.model.cluster import Health


class EntryKind(StrEnum):
    ALERT = "alert"
    STATE = "state"
    """A cluster, machine or pod became something else, as a console saw it."""
    OPERATION = "operation"
    EVENT = "event"
    """Kubernetes' own."""
    CHANGE = "change"
    """What somebody or something changed in a cluster, as its API server remembers it."""
    NOTE = "note"
    COURSE = "incident"
    """Of the incident itself: begun, checked off, closed."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Text may be foreign: whoever shows it makes it harmless for the place where it is shown."""

    kind: EntryKind
    at: float
    """When it happened, Unix seconds."""
    text: str
    """One line."""
    fact: str = ""
    """What it is, in the same words from every console: ``alert/KEY/firing``. Empty: like no other."""
    once: bool = False
    """It can be true only once, whenever it was seen: an ack by its id."""
    cluster: str = ""
    source: str = ""
    """Who says so: ``alertmanager eu-a``, ``session``, ``api``."""
    who: str = ""
    """Who did it; empty where nobody did or nobody says."""
    level: Health = Health.CALM


SAME_S = 15.0
"""Two consoles that tell of one fact this close together have seen one thing: both ask every five seconds at most, and
the age of an alert is known to a second or two."""


def same(one: Entry, other: Entry, *, one_console: bool) -> bool:
    """Whether two records tell of one thing. What one console has told twice has happened twice, but for one moment."""
    if not one.fact or one.fact != other.fact:
        return False
    return one.once or abs(one.at - other.at) <= (0.0 if one_console else SAME_S)
