"""The body of GET /alerts, read without doing anything twice: 5,000 alerts are 5 MB, and between two polls few differ.

A body that is the same as before is not read at all; of another one, only those alerts whose bytes are new. The rest
stay the same objects, so that whoever comes later can tell by identity.
"""

import hashlib

import msgspec

from fleetui.clients.alertmanager import wire
from fleetui.model.alerts.evidence import Posted


class AlertsBody:
    """What is known of the last one. One call at a time; it may run in a thread."""

    def __init__(self) -> None:
        self._digest = b""
        self._known: dict[bytes, Posted] = {}
        self._alerts = wire.Alerts()
        self.posted: tuple[Posted, ...] = ()
        self.undecodable = 0

    def read(self, body: bytes) -> None:
        """Raises msgspec.DecodeError or UnicodeDecodeError when it is no list; nothing is changed then."""
        digest = hashlib.blake2b(body, digest_size=16).digest()
        if digest == self._digest:
            return
        known, undecodable = self._decoded(wire.items.decode(body))
        self._digest, self._known, self.undecodable = digest, known, undecodable
        self.posted = tuple(known.values())

    def _decoded(self, items: list[msgspec.Raw]) -> tuple[dict[bytes, Posted], int]:
        before, read, found, undecodable = self._known, self._alerts.read, {}, 0
        for raw in items:
            item = bytes(raw)
            known = before.get(item)
            try:
                found[item] = read(item) if known is None else known
            except (msgspec.DecodeError, UnicodeDecodeError):
                undecodable += 1  # the others are shown, and the count says that one is missing
        self._alerts.tidy(len(items))
        return found, undecodable
