"""One list of alerts out of what several Prometheis and several Alertmanagers say.

Nothing that either says is lost: what one Alertmanager alone has is a row, what one Prometheus alone has is a row.
Where a claim could belong to two posted alerts, both stay, and neither gets the claim's value.
"""

import operator
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from fleetui.model.alerts.alert import Alert
from fleetui.model.alerts.alert_row import Builder, Made
from fleetui.model.alerts.apart import apart
from fleetui.model.alerts.cascade import escalated
from fleetui.model.alerts.claims import ClaimIndex, Claims, claims
from fleetui.model.alerts.delivery import Delivery, deliveries, firing, join
from fleetui.model.alerts.evidence import AlertmanagerSays, PrometheusSays
from fleetui.model.alerts.face import Faces
from fleetui.model.alerts.label_set import USUAL, Scheme
from fleetui.model.alerts.page_or_ticket import Override
from fleetui.model.alerts.silence import Silence


class Evidence(msgspec.Struct, frozen=True):
    """Everything that was said at one moment."""

    prometheis: tuple[PrometheusSays, ...] = ()
    alertmanagers: tuple[AlertmanagerSays, ...] = ()
    silences: Mapping[str, Silence] = {}
    """By id, of all Alertmanagers."""


class Reading(msgspec.Struct, frozen=True):
    """How to read it."""

    scheme: Scheme = USUAL
    overrides: tuple[Override, ...] = ()
    keys: Mapping[str, str] = {}
    """Fingerprint to the key that the alert has had before, so that a row stays itself when one source falls away."""


PLAIN = Reading()


class Memory:
    """What one merge leaves to the next of the same reading: of 5,000 alerts that are told again and again, most differ
    in their value alone, and each source says nothing new while the others speak."""

    def __init__(self) -> None:
        self.faces: Faces | None = None
        self.made: dict[str, Made] = {}
        """By key."""
        self._told: tuple[PrometheusSays, ...] = ()
        self._claims: Claims = {}
        self._heard: tuple[AlertmanagerSays, ...] = ()
        self._delivered: list[Delivery] = []

    def claims(self, said: tuple[PrometheusSays, ...], faces: Faces) -> Claims:
        if not _same(said, self._told):
            self._told, self._claims = said, claims(said, faces)
        return self._claims

    def delivered(self, said: tuple[AlertmanagerSays, ...], faces: Faces) -> list[Delivery]:
        if not _same(said, self._heard):
            self._heard, self._delivered = said, deliveries(said, faces)
        return self._delivered


def merge(evidence: Evidence, reading: Reading = PLAIN, memory: Memory | None = None) -> tuple[Alert, ...]:
    """In no particular order. Sources that failed say nothing here; what that means for alerts that were known is
    ``lifetime.follow``'s business. 5,000 alerts in both take 0.1 s, half of that with a ``memory`` of this reading (but
    for its keys): not on an event loop."""
    memory = Memory() if memory is None else memory
    faces = memory.faces = memory.faces or Faces(reading.scheme, reading.overrides)
    said = memory.claims(evidence.prometheis, faces)
    delivered = memory.delivered(evidence.alertmanagers, faces)
    faces.tidy(len(said) + len(delivered))
    taken = join(delivered, ClaimIndex(said))
    left = [claim for claim in said.values() if id(claim) not in taken]
    heard = any(answer.fault is None for answer in evidence.alertmanagers)
    fires, differ = firing(delivered, left), apart(delivered, left)
    build = Builder(evidence.silences, reading.keys, memory.made, fires, differ, heard=heard)
    rows = [build.posted(delivery) for delivery in delivered]
    rows += [build.claimed(claim) for claim in left]
    memory.made = build.made
    return escalated(_implied(rows))


def _same(some: Sequence[object], others: Sequence[object]) -> bool:
    """The very same."""
    return len(some) == len(others) and all(map(operator.is_, some, others))


def keys_of(alerts: Iterable[Alert]) -> dict[str, str]:
    """For the ``Reading`` of the next merge."""
    return {fingerprint: alert.key for alert in alerts for fingerprint in alert.fingerprints}


def _implied(rows: list[Alert]) -> list[Alert]:
    """With the keys of those that inhibit others, which are only known when all are."""
    if not any(row.inhibited_by for row in rows):
        return rows
    keys = keys_of(rows)
    return [_with_inhibitors(row, keys) if row.inhibited_by else row for row in rows]


def _with_inhibitors(row: Alert, keys: Mapping[str, str]) -> Alert:
    inhibitors = tuple(keys.get(fingerprint, fingerprint) for fingerprint in row.inhibited_by)
    return msgspec.structs.replace(row, inhibited_by=inhibitors)
