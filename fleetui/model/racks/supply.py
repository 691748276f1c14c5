"""From which feeds a device draws, and how much of it from each: normally, and with a path lost.

A device with two power supplies draws half from each; when the feed of one is lost, the other carries all. That is
why what two feeds can give must never be added up.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property

import msgspec

from fleetui.model.racks.atlas import Atlas, PlacedDevice, Plug
from fleetui.model.racks.device import PowerRedundancy
from fleetui.model.racks.power import FeedLeg, FeedStatus, OutletStatus, PowerPath, Supply

POWER_FACTOR = 0.95
"""Watts of a volt-ampere of AC where a power supply does not say; those with active correction have it or better."""
DEEPEST = 16
"""PDUs behind each other before it is taken for a loop."""


class Source(msgspec.Struct, frozen=True):
    """A part of what a power port draws, and the feed that it comes from."""

    feed: str
    part: float
    leg: FeedLeg | None = None
    """Of a three-phase feed: that of the outlet nearest to it."""


class Draw(msgspec.Struct, frozen=True):
    """What a device draws of one feed, as parts of its own draw."""

    feed: str
    part: float
    """Of its watts."""
    per_watt: float
    """Volt-amperes on the feed for each watt of the device."""
    leg: FeedLeg | None


class Grid(msgspec.Struct, frozen=True, dict=True):
    """The cables of an atlas, followed from devices to feeds."""

    atlas: Atlas

    @cached_property
    def _taps(self) -> Mapping[str, tuple[tuple[Source, ...] | None, ...]]:
        """By device: for each power port the feeds behind it; None where nobody knows all of the way."""
        return {key: tuple(self._sources(plug, depth=0) for plug in plugs) for key, plugs in self.atlas.plugs.items()}

    def _sources(self, plug: Plug, *, depth: int) -> tuple[Source, ...] | None:
        if plug.feed:
            return (Source(plug.feed, 1.0),)
        if plug.outlet is None or depth == DEEPEST:
            return None
        if plug.outlet.status is not OutletStatus.ENABLED:
            return ()
        inlets = [self._sources(inlet, depth=depth + 1) for inlet in self.atlas.plugs[plug.pdu]]
        if not inlets or None in inlets:
            return None
        live = [inlet for inlet in inlets if inlet]
        return tuple(
            Source(source.feed, source.part / len(live), source.leg or plug.outlet.feed_leg)
            for inlet in live
            for source in inlet
        )

    def taps(self, device: str) -> tuple[tuple[Source, ...] | None, ...]:
        """For each power port the feeds behind it: None where nobody knows, empty where an outlet is off."""
        return self._taps[device]

    def feeds(self, device: str) -> tuple[str, ...]:
        """All that a device is known to hang on, in the order of its power ports."""
        return tuple(dict.fromkeys(source.feed for tap in self.taps(device) for source in tap or ()))

    def cabled(self, device: str) -> bool:
        """Whether it is known of every power port on what it hangs; of a device without any it is not."""
        taps = self.taps(device)
        return bool(taps) and None not in taps

    def paths(self, device: str) -> frozenset[PowerPath | None]:
        """Those that its live power ports hang on; None in it: a feed does not say its path."""
        return frozenset(self._path(source.feed) for tap in self.taps(device) for source in tap or ()
                         if self._live(source.feed))  # fmt: skip

    def draws(self, device: str, *, lost: PowerPath | None = None) -> tuple[Draw, ...]:
        """What a device draws of each feed, normally or with all feeds of path ``lost`` without power. Power ports of
        which nobody knows where they hang count as live and draw of no feed: the rest is the least that is drawn."""
        placed = self.atlas.devices[device]
        taps = self.taps(device)
        alive = [self._alive(tap, lost=lost) for tap in taps]
        live = sum(1 for tap in alive if tap is None or tap)
        if not survives(placed.form.redundancy, live=live, of=len(taps)):
            return ()
        return tuple(
            draw for number, tap in enumerate(alive) if tap for draw in self._draws(placed, number, tap, share=1 / live)
        )

    def _draws(self, placed: PlacedDevice, number: int, tap: tuple[Source, ...], *, share: float) -> Iterator[Draw]:
        factor = placed.device.power_ports[number].power_factor or POWER_FACTOR
        whole = sum(source.part for source in tap)
        for source in tap:
            part = share * source.part / whole
            direct = self.atlas.feeds[source.feed].feed.supply is Supply.DC
            yield Draw(source.feed, part, part if direct else part / factor, source.leg)

    def _alive(self, tap: tuple[Source, ...] | None, *, lost: PowerPath | None) -> tuple[Source, ...] | None:
        if tap is None:
            return None
        return tuple(
            source for source in tap
            if self._live(source.feed) and (lost is None or self._path(source.feed) is not lost)
        )  # fmt: skip

    def gives(self, tap: tuple[Source, ...]) -> bool:
        """Whether any feed behind a power port gives power now."""
        return any(self._live(source.feed) for source in tap)

    def _live(self, feed: str) -> bool:
        return self.atlas.feeds[feed].feed.status is FeedStatus.ACTIVE

    def _path(self, feed: str) -> PowerPath | None:
        return self.atlas.feeds[feed].feed.path

    def survives_loss(self, device: str, lost: PowerPath) -> bool | None:
        """Whether it runs on with a path lost; None where nobody knows."""
        taps = self.taps(device)
        if not self.cabled(device) or None in self.paths(device):
            return None
        live = sum(1 for tap in taps if self._alive(tap, lost=lost))
        return survives(self.atlas.devices[device].form.redundancy, live=live, of=len(taps))


def survives(redundancy: PowerRedundancy | None, *, live: int, of: int) -> bool:
    """Whether a device runs on so many of its power supplies. Where nobody says how many it needs, one is enough: what
    remains is then loaded the most."""
    match redundancy:
        case PowerRedundancy.NONE:
            return live == of > 0
        case PowerRedundancy.ONE:
            return live >= max(1, of - 1)
        case PowerRedundancy.HALF:
            return live >= max(1, of / 2)
    return live >= 1
