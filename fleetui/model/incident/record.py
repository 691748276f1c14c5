"""What is written down of an incident: records that only ever add. The journal holds them of all incidents, in order.

Several consoles write at the same time, so a record says whose it is and nothing of what another one says.
"""

import msgspec

from fleetui.model.incident.entry import Entry

TITLE_LIMIT = 200
NOTE_LIMIT = 4_000
"""Characters. A record must fit one line of the journal."""


class AlertRef(msgspec.Struct, frozen=True, omit_defaults=True):
    """An alert that the incident was begun for."""

    key: str
    name: str
    cluster: str = ""


class _Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="record"):
    incident: str
    """Id."""
    at: float
    """When it was written down, Unix seconds."""
    by: str = ""
    """``ana@jump-1``."""
    console: str = ""
    """Id of the session that wrote it."""


class Opened(_Record, frozen=True, tag="opened"):
    title: str
    symptom: float
    """When the first sign of it was: the oldest of its alerts, else the beginning of the record."""
    alerts: tuple[AlertRef, ...] = ()
    clusters: tuple[str, ...] = ()
    """Whose past and present belong to it."""


class Recorded(_Record, frozen=True, tag="recorded"):
    entry: Entry


class Noted(_Record, frozen=True, tag="noted"):
    text: str


class Ticked(_Record, frozen=True, tag="ticked"):
    item: str
    done: bool


class Closed(_Record, frozen=True, tag="closed"):
    summary: str


class Watched(_Record, frozen=True, tag="watched"):
    """A console was there at that moment, and this is whom it heard."""

    hears: tuple[str, ...] = ()
    """``alertmanager eu-a``, ``cluster prod-1``: those who spoke."""
    silent: tuple[str, ...] = ()
    """Those who should have, and did not."""


class LackOf(msgspec.Struct, frozen=True):
    """Something of a cluster's past that could not be read."""

    what: str
    """``secrets``."""
    why: str


class Looked(_Record, frozen=True, tag="looked"):
    """A cluster was asked for its past; the last such record of one cluster and subject is the one that counts."""

    cluster: str
    about: str
    """``changes`` or ``events``."""
    since: float
    lacks: tuple[LackOf, ...] = ()
    """One that is called as ``about`` is: it did not answer, and nothing of this subject was read."""


Record = Opened | Recorded | Noted | Ticked | Closed | Watched | Looked
