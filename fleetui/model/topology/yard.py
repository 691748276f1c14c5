"""What is still to be had while a plan is made: machines that stand in racks, machines in stock, room."""

from collections.abc import Mapping

import msgspec

from fleetui.model.topology.level import level_fill
from fleetui.model.topology.needs import Hardware, Rack
from fleetui.model.topology.rules import RuleId
from fleetui.model.topology.terms import Terms

ENDLESS = 1_000_000
"""Of machines and places, where the rule that counts them is not enforced."""


class Row(msgspec.Struct, frozen=True):
    """Machines of one role and type in one cluster."""

    role: str
    pool: str
    hardware: str
    count: int
    cap: int
    """The most in one rack."""


class Room(msgspec.Struct, frozen=True):
    """Free in one rack; None: not limited."""

    units: float | None
    watts: float | None
    kg: float | None

    def places(self, hardware: Hardware) -> int:
        """How many machines of that type still fit."""
        limits = ((self.units, hardware.units), (self.watts, hardware.watts), (self.kg, hardware.kg or 0.0))
        fits = [int((free + 1e-9) // each) for free, each in limits if free is not None and each > 0]
        return max(0, min(fits, default=ENDLESS))

    def less(self, hardware: Hardware, count: int) -> "Room":
        return Room(
            units=None if self.units is None else self.units - hardware.units * count,
            watts=None if self.watts is None else self.watts - hardware.watts * count,
            kg=None if self.kg is None else self.kg - (hardware.kg or 0.0) * count,
        )


def room_of(rack: Rack, hardware: Mapping[str, Hardware]) -> Room:
    """Beside what stands there already."""
    room = Room(rack.units - rack.taken_units, rack.watts, rack.kg)
    for name, count in rack.machines.items():
        room = room.less(hardware[name], count)
    return room


class Yard(msgspec.Struct, frozen=True):
    """One state; taking something gives another."""

    hardware: Mapping[str, Hardware]
    racks: Mapping[str, tuple[str, ...]]
    """By site."""
    room: Mapping[str, Room]
    """By rack."""
    racked: Mapping[tuple[str, str], int]
    """By rack and type."""
    stock: Mapping[str, int]

    @classmethod
    def of(cls, terms: Terms) -> "Yard":
        needs = terms.needs
        racks = {name: rack for site in needs.sites.values() for name, rack in site.racks.items()}
        roomy = not terms.hold(RuleId.ROOM)
        supply = needs.stock if terms.hold(RuleId.SUPPLY) else dict.fromkeys(needs.hardware, ENDLESS)
        return cls(
            hardware=needs.hardware,
            racks={name: tuple(site.racks) for name, site in needs.sites.items()},
            room={
                name: Room(None, None, None) if roomy else room_of(rack, needs.hardware) for name, rack in racks.items()
            },
            racked={(name, type_): count for name, rack in racks.items() for type_, count in rack.machines.items()},
            stock=supply,
        )

    def free(self, site: str, type_: str) -> tuple[int, ...]:
        """Machines of that type that each rack of the site can still give or take."""
        endless = self.stock.get(type_, 0)
        return tuple(
            self.racked.get((rack, type_), 0) + min(endless, self.room[rack].places(self.hardware[type_]))
            for rack in self.racks[site]
        )

    def take(self, site: str, row: Row) -> "tuple[Yard, tuple[int, ...]] | None":
        """Places the row; (what is left, how many in each rack). None when it does not fit."""
        counts = level_fill(self.free(site, row.hardware), row.count, cap=row.cap)
        if counts is None:
            return None
        room, racked, stock = dict(self.room), dict(self.racked), dict(self.stock)
        for rack, count in zip(self.racks[site], counts, strict=True):
            standing = min(count, racked.get((rack, row.hardware), 0))
            new = count - standing
            if standing:
                racked[rack, row.hardware] -= standing
            if new:
                room[rack] = room[rack].less(self.hardware[row.hardware], new)
                stock[row.hardware] -= new
        if stock.get(row.hardware, 0) < 0:
            return None
        return msgspec.structs.replace(self, room=room, racked=racked, stock=stock), counts

    def left(self, type_: str) -> int:
        """Machines of that type that nobody has taken."""
        return self.stock.get(type_, 0) + sum(count for (_, name), count in self.racked.items() if name == type_)

    def reach(self, site: str, type_: str) -> int:
        """Machines of that type that the site can still have."""
        there = sum(self.racked.get((rack, type_), 0) for rack in self.racks[site])
        return min(sum(self.free(site, type_)), there + self.stock.get(type_, 0))

    def has_room(self, needed: Mapping[str, int]) -> bool:
        """Whether all racks together could take so many machines of each type: an answer of False is certain."""
        new = {type_: count - self.left(type_) + self.stock.get(type_, 0) for type_, count in needed.items()}
        for field in ("units", "watts", "kg"):
            free = [getattr(room, field) for room in self.room.values()]
            taken = sum((getattr(self.hardware[type_], field) or 0) * max(0, count) for type_, count in new.items())
            if None not in free and taken > sum(free) + 1e-6:
                return False
        return True
