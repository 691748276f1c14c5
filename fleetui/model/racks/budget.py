"""What racks, rows and sites have of space, power, cooling and weight, and what of it is used."""

from collections.abc import Iterable, Mapping
from functools import cached_property

import msgspec

from fleetui.model.racks.amount import Amount, together, total
from fleetui.model.racks.atlas import Atlas, Place, PlacedFeed, PlacedRack
from fleetui.model.racks.basis import Basis
from fleetui.model.racks.cooling import heat, left_with_one_lost
from fleetui.model.racks.load import FeedLoad, Loads
from fleetui.model.racks.power import FeedStatus, PowerPath
from fleetui.model.racks.space import Space, space_of, space_together
from fleetui.model.racks.supply import Grid
from fleetui.model.racks.weight import load_kg


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """Of a rack or a place. Power and heat in W, weight in kg, supply in VA."""

    space: Space
    power: Amount
    """The limit is ``max_power_w``: a contract's or a policy's, not what feeds can give."""
    heat: Amount
    """The limit is what is taken out of it, of a place with its largest cooling unit standing still."""
    weight: Amount
    supply_va: float | None = None
    """What may be drawn in it and still be there with one path lost: that of the smaller path, never of both."""
    failover: float | None = None
    """The largest share of any of its feeds with the other path lost; None where one is not known."""


class Budgets(msgspec.Struct, frozen=True, dict=True):
    """Of an atlas, by one basis."""

    atlas: Atlas
    basis: Basis

    @cached_property
    def grid(self) -> Grid:
        return Grid(self.atlas)

    @cached_property
    def loads(self) -> Loads:
        return Loads(self.grid, self.basis)

    @cached_property
    def racks(self) -> Mapping[str, Budget]:
        """By key."""
        return {key: self._rack(placed) for key, placed in self.atlas.racks.items()}

    def _rack(self, placed: PlacedRack) -> Budget:
        draws = self.loads.draws
        inside = [device.key for device in self.atlas.in_rack.get(placed.key, ()) if device.key in draws]
        power = total(((key, draws[key]) for key in inside), limit=placed.rack.max_power_w)
        feeds = self.atlas.feeds_of.get(placed.key, ())
        return Budget(
            space=space_of(self.atlas, placed),
            power=power,
            heat=heat(power, placed.rack.cooling_w),
            weight=load_kg(self.atlas, placed),
            supply_va=supply_va(feed for feed in feeds if feed.feed.status is FeedStatus.ACTIVE),
            failover=worst_failover(self.loads.feeds[feed.key] for feed in feeds),
        )

    @cached_property
    def places(self) -> Mapping[str, Budget]:
        """By key: sites, rooms, rows."""
        return {key: self._place(place) for key, place in self.atlas.places.items()}

    def _place(self, place: Place) -> Budget:
        racks = [self.racks[rack.key] for rack in self.atlas.racks_in.get(place.key, ())]
        power = together(rack.power for rack in racks)
        standing = [key for key in self.loads.draws if self._beside_racks(key, place.key)]
        all_heat = together((power, total((key, self.loads.draws[key]) for key in standing)))
        feeds = [feed for feed in self.atlas.feeds.values() if place.key in feed.around]
        return Budget(
            space=space_together(tuple(rack.space for rack in racks)),
            power=power,
            heat=heat(all_heat, left_with_one_lost(place.cooling_units)),
            weight=together(rack.weight for rack in racks),
            failover=worst_failover(self.loads.feeds[feed.key] for feed in feeds),
        )

    def _beside_racks(self, device: str, place: str) -> bool:
        placed = self.atlas.devices[device]
        return not placed.rack and place in placed.around


def supply_va(feeds: Iterable[PlacedFeed]) -> float | None:
    """What the feeds of a rack still give with one path lost: that of the path with less, nothing where there is one
    path alone. None without feeds, or where one does not say its path."""
    by_path: dict[PowerPath | None, float] = {}
    for feed in feeds:
        by_path[feed.feed.path] = by_path.get(feed.feed.path, 0.0) + feed.feed.available_va
    if not by_path or None in by_path:
        return None
    return min(by_path.values()) if len(by_path) > 1 else 0.0


def worst_failover(loads: Iterable[FeedLoad]) -> float | None:
    """The largest share; None without feeds, or where one is not known, unless what is known is too much already."""
    said = tuple(load.failover for load in loads)
    worst = max((amount.least_share or 0.0 for amount in said), default=None)
    unknown = any(amount.share is None for amount in said)
    return None if worst is None or (unknown and worst <= 1) else worst
