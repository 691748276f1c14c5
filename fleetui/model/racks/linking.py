"""Makes the atlas of a layout: follows every name, section by section, in the order in which they need each other."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Generic, TypeVar

from fleetui.model.racks.atlas import Atlas, PlacedDevice, PlacedRack, PlacedReservation
from fleetui.model.racks.device import Device, DeviceType
from fleetui.model.racks.finding import Entry, Path
from fleetui.model.racks.following import NOWHERE, Follower, climb
from fleetui.model.racks.form import device_form, rack_form
from fleetui.model.racks.layout import Layout
from fleetui.model.racks.linking_domains import books, chart_domains
from fleetui.model.racks.linking_places import Places
from fleetui.model.racks.linking_power import Cables, Feeds, chart_panels
from fleetui.model.racks.rack import Rack, RackReservation, RackType
from fleetui.model.racks.reference import Book, distinct


def chart(layout: Layout) -> Atlas:
    """The atlas of the layout."""
    follower = Follower()
    places = Places(layout.sites, layout.locations, follower)
    racks = _racks(layout.racks, _Types(layout.rack_types), places, follower)
    devices = _Devices(layout.devices, _Types(layout.device_types), places, racks, follower).placed()
    panels = chart_panels(layout.power_panels, places, follower)
    feeds = Feeds(layout.power_feeds, panels, racks, follower)
    named = books(places.all, racks, devices, panels, feeds.all)
    cables = Cables(devices, feeds, follower)
    return Atlas(
        layout=layout,
        places=places.all,
        racks=racks,
        devices=devices,
        panels=panels,
        feeds=feeds.all,
        reservations=tuple(_reservations(layout.reservations, racks, follower)),
        domains=chart_domains(layout.failure_domains, named, follower),
        plugs={key: tuple(cables.plugs(device)) for key, device in devices.items()},
        links={key: tuple(cables.links(device)) for key, device in devices.items()},
        broken=tuple(follower.broken),
    )


K = TypeVar("K", RackType, DeviceType)


class _Types(Generic[K]):
    """By model; of two of one model the first: a rule tells of the second."""

    def __init__(self, kinds: Sequence[K]) -> None:
        self._kinds: dict[str, K] = {kind.model: kind for kind in reversed(kinds)}
        self._book = Book(self._kinds)

    def follow(self, model: str, path: Path, entry: Entry, follower: Follower) -> K | None:
        """None where none is named, or none is there."""
        return self._kinds.get(follower.follow(self._book, model, path, about=(entry,)))


def _racks(
    racks: tuple[Rack, ...], kinds: _Types[RackType], places: Places, follower: Follower
) -> dict[str, PlacedRack]:
    around = [places.around(rack.site, rack.location, ("racks", str(at))) for at, rack in enumerate(racks)]
    keys = distinct("/".join((*where[-1:], rack.name)) for where, rack in zip(around, racks, strict=True))
    placed = {}
    for at, (key, where, rack) in enumerate(zip(keys, around, racks, strict=True)):
        kind = kinds.follow(rack.rack_type, ("racks", str(at), "rack_type"), ("racks", key), follower)
        placed[key] = PlacedRack(key, at, rack, rack_form(rack, kind), where)
    return placed


def _reservations(
    reservations: tuple[RackReservation, ...], racks: Mapping[str, PlacedRack], follower: Follower
) -> Iterator[PlacedReservation]:
    book = Book(racks)
    for at, each in enumerate(reservations):
        yield PlacedReservation(at, each, follower.follow(book, each.rack, ("reservations", str(at), "rack")))


class _Devices:
    """Devices in racks, in each other, or in neither."""

    def __init__(
        self,
        devices: tuple[Device, ...],
        kinds: _Types[DeviceType],
        places: Places,
        racks: Mapping[str, PlacedRack],
        follower: Follower,
    ) -> None:
        self._devices, self._kinds, self._places, self._racks = devices, kinds, places, racks
        self._follower = follower
        self._rack_book = Book(racks)
        self._where = [self._whereabouts(device, ("devices", str(at))) for at, device in enumerate(devices)]
        self._keys = distinct(
            "/".join((*around[:1], device.name)) for (_, around), device in zip(self._where, devices, strict=True)
        )

    def placed(self) -> dict[str, PlacedDevice]:
        parents = self._parents()
        return {key: self._place(at, key, parents) for at, key in enumerate(self._keys)}

    def _place(self, at: int, key: str, parents: dict[int, int]) -> PlacedDevice:
        device = self._devices[at]
        kind = self._kinds.follow(
            device.device_type, ("devices", str(at), "device_type"), ("devices", key), self._follower
        )
        outermost = next(iter(climb(at, parents)), at)
        rack, around = self._where[outermost]
        parent = self._keys[parents[at]] if at in parents else NOWHERE
        return PlacedDevice(key, at, device, device_form(device, kind), rack, parent, around)

    def _whereabouts(self, device: Device, path: Path) -> tuple[str, tuple[str, ...]]:
        """Its rack, and the places around it. The location of what is in a rack is the rack's."""
        places = self._places.around(device.site, device.location, path)
        near = (*reversed(places),)
        rack = self._follower.follow(self._rack_book, device.rack, (*path, "rack"), near=near)
        if not rack:
            return NOWHERE, places
        found = self._racks[rack].around
        self._places.same_site(next(iter(places), NOWHERE), found, f"rack {rack}", path)
        return rack, found

    def _parents(self) -> dict[int, int]:
        """By index."""
        book, index = Book(self._keys), {key: at for at, key in enumerate(self._keys)}
        parents = {}
        for at, device in enumerate(self._devices):
            path, about = ("devices", str(at), "parent"), (("devices", self._keys[at]),)
            near = self._where[at][1][:1]
            if parent := self._follower.follow(book, device.parent, path, near=near, about=about):
                parents[at] = index[parent]
        return self._follower.cut(parents, "devices", "device", keys=self._keys)
