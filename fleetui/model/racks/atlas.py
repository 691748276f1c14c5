"""The layout with every name followed to what it names: where each thing stands, and what is around it.

A name that leads nowhere is a finding, and the entry stays with that place unknown: one mistake must not hide a fleet.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TypeVar

import msgspec

from fleetui.model.racks.device import Device
from fleetui.model.racks.domain import FailureDomain
from fleetui.model.racks.finding import Entry, Finding
from fleetui.model.racks.following import NOWHERE
from fleetui.model.racks.form import DeviceForm, RackForm
from fleetui.model.racks.layout import Layout
from fleetui.model.racks.place import CoolingUnit, LocationKind
from fleetui.model.racks.power import PowerFeed, PowerOutlet, PowerPanel
from fleetui.model.racks.rack import Rack, RackReservation

V = TypeVar("V")

SITE_KIND = "site"


class Place(msgspec.Struct, frozen=True):
    """A site, or a location in one."""

    key: str
    kind: str
    """``site``, or a ``LocationKind``."""
    path: tuple[str, str]
    """In the document: section and index."""
    around: tuple[str, ...]
    """Keys of what it lies in, the site first; of a site none."""
    cooling_units: tuple[CoolingUnit, ...]


class PlacedRack(msgspec.Struct, frozen=True):
    """A rack and where it stands."""

    key: str
    index: int
    rack: Rack
    form: RackForm
    around: tuple[str, ...]
    """Keys of the places that it stands in, the site first; empty where its site is not known."""


class PlacedDevice(msgspec.Struct, frozen=True):
    """A device and where it is."""

    key: str
    index: int
    device: Device
    form: DeviceForm
    rack: str
    """Key; of a child that of what it is in. NOWHERE: in none, or not known."""
    parent: str
    """Key of the device in whose bay it is."""
    around: tuple[str, ...]
    """Keys of the places that it stands in, the site first."""

    @property
    def mounted(self) -> bool:
        """It takes units of its rack, and it is known which."""
        return bool(self.rack and not self.parent and self.device.position is not None and self.form.half_height)

    @property
    def first_half(self) -> int:
        assert self.device.position is not None
        return int(self.device.position * 2)

    @property
    def last_half(self) -> int:
        """The first half-unit above it."""
        return self.first_half + self.form.half_height


class PlacedFeed(msgspec.Struct, frozen=True):
    """A feed, the panel that it comes from and the rack that it goes to."""

    key: str
    index: int
    feed: PowerFeed
    panel: str
    rack: str
    around: tuple[str, ...]


class PlacedPanel(msgspec.Struct, frozen=True):
    """A panel and the one that feeds it."""

    key: str
    index: int
    panel: PowerPanel
    parent: str
    around: tuple[str, ...]


class PlacedReservation(msgspec.Struct, frozen=True):
    """A reservation and its rack."""

    index: int
    reservation: RackReservation
    rack: str


class PlacedDomain(msgspec.Struct, frozen=True):
    """A declared failure domain, the one around it, and what it names."""

    key: str
    index: int
    domain: FailureDomain
    parent: str
    members: frozenset[Entry]
    """Section and key; sites and locations are ``places``."""


class Plug(msgspec.Struct, frozen=True):
    """Where a power port hangs: on a feed, or on an outlet of a PDU. Neither: nobody knows."""

    feed: str = NOWHERE
    pdu: str = NOWHERE
    outlet: PowerOutlet | None = None

    @property
    def known(self) -> bool:
        return bool(self.feed or self.outlet)


class Atlas(msgspec.Struct, frozen=True, dict=True, kw_only=True):
    """Everything by its key, in the order of the document."""

    layout: Layout
    places: Mapping[str, Place]
    racks: Mapping[str, PlacedRack]
    devices: Mapping[str, PlacedDevice]
    panels: Mapping[str, PlacedPanel]
    feeds: Mapping[str, PlacedFeed]
    reservations: tuple[PlacedReservation, ...]
    domains: Mapping[str, PlacedDomain]
    plugs: Mapping[str, tuple[Plug, ...]]
    """By device: one for each of its power ports."""
    links: Mapping[str, tuple[str, ...]]
    """By device: the switch behind each of its interfaces, NOWHERE where it is not known."""
    broken: tuple[Finding, ...]
    """Names that lead nowhere, or to two."""

    @cached_property
    def in_rack(self) -> Mapping[str, tuple[PlacedDevice, ...]]:
        """By rack: everything in it, children too."""
        return _grouped((device.rack, device) for device in self.devices.values())

    @cached_property
    def children(self) -> Mapping[str, tuple[PlacedDevice, ...]]:
        """By device: what is in its bays."""
        return _grouped((device.parent, device) for device in self.devices.values())

    @cached_property
    def feeds_of(self) -> Mapping[str, tuple[PlacedFeed, ...]]:
        """By rack."""
        return _grouped((feed.rack, feed) for feed in self.feeds.values())

    @cached_property
    def reserved_in(self) -> Mapping[str, tuple[PlacedReservation, ...]]:
        """By rack."""
        return _grouped((each.rack, each) for each in self.reservations)

    @cached_property
    def racks_in(self) -> Mapping[str, tuple[PlacedRack, ...]]:
        """By place: the racks in it, however deep."""
        return _grouped((place, rack) for rack in self.racks.values() for place in rack.around)

    def kind_around(self, around: tuple[str, ...], kind: LocationKind | str) -> str:
        """The key of the innermost place of that kind; NOWHERE where there is none."""
        return next((key for key in reversed(around) if self.places[key].kind == kind), NOWHERE)


def _grouped(pairs: Iterable[tuple[str, V]]) -> dict[str, tuple[V, ...]]:
    found: dict[str, list[V]] = {}
    for key, value in pairs:
        if key:
            found.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in found.items()}
