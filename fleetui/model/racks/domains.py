"""What fails together: overlapping trees of places, power and network, and those that the operator has declared.

A domain is named by its kind and its key, which is the whole path: two racks A in two rows are two domains.
"""

from collections.abc import Iterator

import msgspec

from fleetui.model.racks.atlas import Atlas, PlacedDevice
from fleetui.model.racks.supply import Grid

RACK, CHASSIS, PDU, FEED, PANEL = "rack", "chassis", "pdu", "feed", "panel"
SWITCH, MANAGEMENT_SWITCH = "tor", "mgmt-switch"
OWN_KINDS = (
    "site", "building", "floor", "room", "cage", "row", RACK, CHASSIS, PDU, FEED, PANEL, SWITCH, MANAGEMENT_SWITCH,
)  # fmt: skip
"""Those that follow from where a machine stands and what it is cabled to."""


class Domain(msgspec.Struct, frozen=True, order=True):
    """One node of one tree."""

    kind: str
    key: str

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Domains(msgspec.Struct, frozen=True):
    """Of every device of a grid."""

    grid: Grid

    @property
    def atlas(self) -> Atlas:
        return self.grid.atlas

    def of(self, device: str) -> tuple[Domain, ...]:
        """All that a device is in, from the site inwards, then what it hangs on, then what is declared."""
        placed = self.atlas.devices[device]
        own = tuple(dict.fromkeys((*self._places(placed), *self._power(placed), *self._network(placed))))
        return (*own, *self._declared(placed, frozenset(own)))

    def _places(self, placed: PlacedDevice) -> Iterator[Domain]:
        for place in placed.around:
            yield Domain(self.atlas.places[place].kind, place)
        if placed.rack:
            yield Domain(RACK, placed.rack)
        outer = placed
        while outer.parent:
            outer = self.atlas.devices[outer.parent]
            yield Domain(CHASSIS, outer.key)

    def _power(self, placed: PlacedDevice) -> Iterator[Domain]:
        """What is in a bay without a cable of its own hangs on what it is in."""
        while placed.parent and not placed.device.power_ports:
            placed = self.atlas.devices[placed.parent]
        for pdu in self._pdus(placed.key, seen=frozenset()):
            yield Domain(PDU, pdu)
        for feed in self.grid.feeds(placed.key):
            yield Domain(FEED, feed)
            panel = self.atlas.feeds[feed].panel
            while panel:
                yield Domain(PANEL, panel)
                panel = self.atlas.panels[panel].parent

    def _pdus(self, device: str, *, seen: frozenset[str]) -> Iterator[str]:
        """Behind each other; one that feeds itself is told once."""
        for plug in self.atlas.plugs[device]:
            if plug.pdu and plug.pdu not in seen:
                yield plug.pdu
                yield from self._pdus(plug.pdu, seen=seen | {plug.pdu})

    def _network(self, placed: PlacedDevice) -> Iterator[Domain]:
        links = self.atlas.links[placed.key]
        for interface, switch in zip(placed.device.interfaces, links, strict=True):
            if switch:
                yield Domain(MANAGEMENT_SWITCH if interface.mgmt_only else SWITCH, switch)

    def _declared(self, placed: PlacedDevice, own: frozenset[Domain]) -> Iterator[Domain]:
        """Domains that name the device, or anything that it stands in or hangs on; and what is around those."""
        around = {("devices", placed.key), *((_SECTIONS.get(domain.kind, "places"), domain.key) for domain in own)}
        told: set[str] = set()
        for each in self.atlas.domains.values():
            here = each.key if not around.isdisjoint(each.members) else ""
            while here and here not in told:
                told.add(here)
                domain = self.atlas.domains[here]
                yield Domain(domain.domain.kind, here)
                here = domain.parent


_SECTIONS = {
    RACK: "racks", FEED: "power_feeds", PANEL: "power_panels", CHASSIS: "devices", PDU: "devices", SWITCH: "devices",
    MANAGEMENT_SWITCH: "devices",
}  # fmt: skip
