"""Panels, feeds and cables on the atlas: what hangs on what."""

from collections.abc import Iterator, Mapping

from fleetui.model.racks.atlas import PlacedDevice, PlacedFeed, PlacedPanel, PlacedRack, Plug
from fleetui.model.racks.finding import Entry, Path
from fleetui.model.racks.following import NOT_THERE, NOWHERE, Follower
from fleetui.model.racks.linking_places import Places
from fleetui.model.racks.power import PowerFeed, PowerPanel, PowerPort
from fleetui.model.racks.reference import Book, distinct


def chart_panels(panels: tuple[PowerPanel, ...], places: Places, follower: Follower) -> dict[str, PlacedPanel]:
    around = [places.around(panel.site, panel.location, ("power_panels", str(at))) for at, panel in enumerate(panels)]
    keys = distinct("/".join((*where[:1], panel.name)) for where, panel in zip(around, panels, strict=True))
    book = Book(keys)
    parents = {}
    for at, panel in enumerate(panels):
        path = ("power_panels", str(at), "parent")
        if parent := follower.follow(book, panel.parent, path, near=around[at][:1]):
            parents[at] = keys.index(parent)
    parents = follower.cut(parents, "power_panels", "panel")
    return {
        key: PlacedPanel(key, at, panel, keys[parents[at]] if at in parents else NOWHERE, where)
        for at, (key, panel, where) in enumerate(zip(keys, panels, around, strict=True))
    }


class Feeds:
    """Feeds by key, and the way to them by name."""

    def __init__(
        self,
        feeds: tuple[PowerFeed, ...],
        panels: Mapping[str, PlacedPanel],
        racks: Mapping[str, PlacedRack],
        follower: Follower,
    ) -> None:
        self._panels, self._racks, self._follower = panels, racks, follower
        self._panel_book, self._rack_book = Book(panels), Book(racks)
        ends = [self._ends(at, feed) for at, feed in enumerate(feeds)]
        keys = distinct(
            "/".join((panel or feed.panel, feed.name)) for (panel, _), feed in zip(ends, feeds, strict=True)
        )
        self.all = {
            key: PlacedFeed(key, at, feed, panel, rack, self._places(panel, rack))
            for at, (key, feed, (panel, rack)) in enumerate(zip(keys, feeds, ends, strict=True))
        }
        self._book = Book(keys)
        self._of_rack = {(feed.rack, feed.feed.name): key for key, feed in self.all.items() if feed.rack}

    def _ends(self, at: int, feed: PowerFeed) -> tuple[str, str]:
        """Its panel and its rack."""
        path = ("power_feeds", str(at))
        panel = self._follower.follow(self._panel_book, feed.panel, (*path, "panel"))
        near = self._panels[panel].around[:1] if panel else ()
        return panel, self._follower.follow(self._rack_book, feed.rack, (*path, "rack"), near=near)

    def _places(self, panel: str, rack: str) -> tuple[str, ...]:
        if rack:
            return self._racks[rack].around
        return self._panels[panel].around if panel else ()

    def find(self, name: str, placed: PlacedDevice, path: Path) -> str:
        """A feed of the device's own rack comes before namesakes in other racks."""
        mine = self._of_rack.get((placed.rack, name), NOWHERE)
        about = (("devices", placed.key),)
        return mine or self._follower.follow(self._book, name, path, near=placed.around[:1], about=about)


class Cables:
    """The other ends of what comes out of devices."""

    def __init__(self, devices: Mapping[str, PlacedDevice], feeds: Feeds, follower: Follower) -> None:
        self._devices, self._feeds, self._follower = devices, feeds, follower
        self._book = Book(devices)

    def plugs(self, placed: PlacedDevice) -> Iterator[Plug]:
        """For each power port what it hangs on."""
        for number, port in enumerate(placed.device.power_ports):
            path = ("devices", str(placed.index), "power_ports", str(number))
            if port.feed:
                yield Plug(feed=self._feeds.find(port.feed, placed, (*path, "feed")))
            else:
                yield self._outlet(placed, port, path)

    def _outlet(self, placed: PlacedDevice, port: PowerPort, path: Path) -> Plug:
        near, about = placed.around[:1], (("devices", placed.key),)
        pdu = self._follower.follow(self._book, port.pdu, (*path, "pdu"), near=near, about=about)
        if not pdu:
            return Plug()
        outlets = self._devices[pdu].device.power_outlets
        outlet = next((each for each in outlets if each.name == port.outlet), None)
        if outlet is None:
            self._no_outlet(port, pdu, [each.name for each in outlets], path, about)
        return Plug(pdu=pdu, outlet=outlet)

    def _no_outlet(self, port: PowerPort, pdu: str, names: list[str], path: Path, about: tuple[Entry, ...]) -> None:
        there = ", ".join(Book(names).similar(port.outlet))
        text = f"{pdu} has no outlet {port.outlet}" if port.outlet else f"nobody says which outlet of {pdu}"
        fix = f"write {there}" if there else f"add power_outlets to {pdu}"
        self._follower.tell(NOT_THERE, text, fix, (*path, "outlet"), about=about)

    def links(self, placed: PlacedDevice) -> Iterator[str]:
        """For each interface the switch behind it."""
        for number, interface in enumerate(placed.device.interfaces):
            path = ("devices", str(placed.index), "interfaces", str(number), "switch")
            about = (("devices", placed.key),)
            yield self._follower.follow(self._book, interface.switch, path, near=placed.around[:1], about=about)
