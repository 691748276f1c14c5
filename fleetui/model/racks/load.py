"""What hangs on each feed and each panel in volt-amperes: normally, and when a path is lost."""

from collections.abc import Iterator, Mapping
from functools import cached_property

import msgspec

from fleetui.model.racks.amount import Amount, total
from fleetui.model.racks.atlas import PlacedDevice, PlacedFeed, PlacedPanel
from fleetui.model.racks.basis import Basis
from fleetui.model.racks.draw import draw_w, draws_itself
from fleetui.model.racks.power import FeedLeg, Phase, PowerPath
from fleetui.model.racks.supply import Grid

LOSSES: tuple[PowerPath | None, ...] = (None, PowerPath.A, PowerPath.B)
"""None: nothing is lost."""
Legs = Mapping[FeedLeg, Amount]


class FeedLoad(msgspec.Struct, frozen=True, kw_only=True):
    """One feed, VA. The limit is what may be drawn of it for long."""

    key: str
    normal: Amount
    failover: Amount
    """With every feed of the other path without power."""
    legs: Legs = {}
    """Of a three-phase feed, normally; a leg's limit is a third of the feed's."""
    legs_failover: Legs = {}
    legless: tuple[str, ...] = ()
    """Devices that hang on it, on nobody knows which leg."""


class PanelLoad(msgspec.Struct, frozen=True):
    """One panel with all that hangs below it, VA."""

    key: str
    normal: Amount
    failover: Amount
    """With the path lost whose loss loads it most."""


class _Part(msgspec.Struct, frozen=True):
    """What one device puts on a feed; ``va`` is None where nobody knows."""

    device: str
    va: float | None
    leg: FeedLeg | None = None


class Loads(msgspec.Struct, frozen=True, dict=True):
    """Of all feeds of a grid, by one basis."""

    grid: Grid
    basis: Basis

    @cached_property
    def draws(self) -> Mapping[str, float | None]:
        """By device that has cables of its own: watts."""
        atlas = self.grid.atlas
        return {key: draw_w(atlas, placed, self.basis) for key, placed in atlas.devices.items() if draws_itself(placed)}

    def draw(self, device: str) -> float | None:
        """Watts, of whichever device."""
        atlas = self.grid.atlas
        return self.draws[device] if device in self.draws else draw_w(atlas, atlas.devices[device], self.basis)

    @cached_property
    def _parts(self) -> Mapping[tuple[str, PowerPath | None], list[_Part]]:
        """By feed and by what is lost."""
        found: dict[tuple[str, PowerPath | None], list[_Part]] = {}
        for key, watts in self.draws.items():
            if watts == 0:
                continue
            for feed, lost, part in self._of_device(self.grid.atlas.devices[key], watts):
                found.setdefault((feed, lost), []).append(part)
        return found

    def _of_device(self, placed: PlacedDevice, watts: float | None) -> Iterator[tuple[str, PowerPath | None, _Part]]:
        key, grid = placed.key, self.grid
        pathless = None in grid.paths(key)
        for lost in LOSSES:
            for draw in grid.draws(key, lost=lost):
                va = None if watts is None else watts * draw.per_watt
                yield draw.feed, lost, _Part(key, va, draw.leg)
            if not grid.cabled(key) or (pathless and lost is not None):
                for feed in self._possible(placed):
                    yield feed, lost, _Part(key, None)

    def _possible(self, placed: PlacedDevice) -> Iterator[str]:
        """Feeds that a device with a cable nobody knows may hang on: its own, and those of its rack."""
        around = (feed.key for feed in self.grid.atlas.feeds_of.get(placed.rack, ()))
        return iter(dict.fromkeys((*self.grid.feeds(placed.key), *around)))

    @cached_property
    def feeds(self) -> Mapping[str, FeedLoad]:
        return {key: self._feed(placed) for key, placed in self.grid.atlas.feeds.items()}

    def _feed(self, placed: PlacedFeed) -> FeedLoad:
        limit = placed.feed.available_va
        normal = self._parts.get((placed.key, None), [])
        if placed.feed.path is None:  # nobody knows what else would come to it
            failover = [*normal, *(_Part(part.device, None) for part in normal)]
        else:
            failover = self._parts.get((placed.key, _other(placed.feed.path)), [])
        three = placed.feed.phase is Phase.THREE
        return FeedLoad(
            key=placed.key,
            normal=_amount(normal, limit),
            failover=_amount(failover, limit),
            legs=_legs(normal, limit / 3) if three else {},
            legs_failover=_legs(failover, limit / 3) if three else {},
            legless=tuple(part.device for part in normal if part.leg is None and part.va is not None) if three else (),
        )

    @cached_property
    def panels(self) -> Mapping[str, PanelLoad]:
        return {key: self._panel(placed) for key, placed in self.grid.atlas.panels.items()}

    def _panel(self, placed: PlacedPanel) -> PanelLoad:
        below = self._below(placed.key)
        feeds = [feed.key for feed in self.grid.atlas.feeds.values() if feed.panel in below]
        sums = {lost: self._sum(feeds, lost, placed.panel.capacity_va) for lost in LOSSES}
        either = (sums[PowerPath.A], sums[PowerPath.B])
        worst = max(either, key=lambda amount: amount.known)
        missing = tuple(dict.fromkeys(name for amount in either for name in amount.missing))
        return PanelLoad(placed.key, sums[None], msgspec.structs.replace(worst, missing=missing))

    def _sum(self, feeds: list[str], lost: PowerPath | None, limit: float | None) -> Amount:
        return _amount([part for key in feeds for part in self._parts.get((key, lost), [])], limit)

    def _below(self, panel: str) -> frozenset[str]:
        """The panel and all that it feeds; no panel is around itself."""
        children = [key for key, each in self.grid.atlas.panels.items() if each.parent == panel]
        return frozenset((panel,)).union(*map(self._below, children))


def _other(path: PowerPath) -> PowerPath:
    return PowerPath.B if path is PowerPath.A else PowerPath.A


def _amount(parts: list[_Part], limit: float | None) -> Amount:
    """A device that is known in part and unknown in part is missing once."""
    amount = total(((part.device, part.va) for part in parts), limit=limit)
    return msgspec.structs.replace(amount, missing=tuple(dict.fromkeys(amount.missing)))


def _legs(parts: list[_Part], limit: float) -> Legs:
    """What hangs on no leg that anybody knows may hang on each."""
    return {
        leg: _amount(
            [part if part.leg is leg else _Part(part.device, None) for part in parts if part.leg in (leg, None)],
            limit,
        )
        for leg in FeedLeg
    }
