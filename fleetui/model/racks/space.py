"""What is taken in a rack, what is kept for somebody, and how much fits in one piece."""

from collections.abc import Iterator

import msgspec

from fleetui.model.racks.atlas import Atlas, PlacedDevice, PlacedRack
from fleetui.model.racks.device import Slot
from fleetui.model.racks.form import half_units
from fleetui.model.racks.rack import Face, ReservationStatus

FACES = tuple(Face)


class Space(msgspec.Struct, frozen=True, kw_only=True):
    """Of one rack, or of several; half-units."""

    total: int
    taken: int
    """By devices that count, on either face."""
    reserved: int
    """Kept and not taken."""
    front_run: int
    """The largest free piece of each face."""
    rear_run: int
    unplaced: tuple[str, ...] = ()
    """Devices in it of which nobody says where."""

    @property
    def share(self) -> float | None:
        """Of all units, those that are taken or kept; None where nobody knows where something is."""
        if self.unplaced or not self.total:
            return None
        return (self.taken + self.reserved) / self.total


def faces(placed: PlacedDevice) -> tuple[Face, ...]:
    """Those that it takes: both when it is as deep as the rack."""
    if placed.form.full_depth or placed.device.face is None:
        return FACES
    return (placed.device.face,)


def meet(one: PlacedDevice, other: PlacedDevice) -> bool:
    """Whether two devices of one rack want the same place."""
    return (
        one.first_half < other.last_half
        and other.first_half < one.last_half
        and not set(faces(one)).isdisjoint(faces(other))
        and (one.device.slot is Slot.FULL or other.device.slot in (Slot.FULL, one.device.slot))
    )


def mounted_in(atlas: Atlas, rack: str) -> tuple[PlacedDevice, ...]:
    """Devices that take units of the rack."""
    return tuple(device for device in atlas.in_rack.get(rack, ()) if device.mounted)


def space_of(atlas: Atlas, placed: PlacedRack) -> Space:
    """Of one rack."""
    mounted = mounted_in(atlas, placed.key)
    whole = range(placed.form.first_half, placed.form.last_half)
    taken = {half for device in mounted if not device.form.excluded for half in _halves(device)}
    kept = {half for face in FACES for half in _kept(atlas, placed.key, face)}
    return Space(
        total=len(whole),
        taken=len(taken.intersection(whole)),
        reserved=len(kept.intersection(whole) - taken),
        front_run=_longest_run(whole, _busy(atlas, placed.key, mounted, Face.FRONT)),
        rear_run=_longest_run(whole, _busy(atlas, placed.key, mounted, Face.REAR)),
        unplaced=tuple(
            device.key
            for device in atlas.in_rack.get(placed.key, ())
            if device.form.half_height and not device.parent and not device.mounted
        ),
    )


def space_together(spaces: tuple[Space, ...]) -> Space:
    """Of several racks: what fits in one piece fits in one of them."""
    return Space(
        total=sum(space.total for space in spaces),
        taken=sum(space.taken for space in spaces),
        reserved=sum(space.reserved for space in spaces),
        front_run=max((space.front_run for space in spaces), default=0),
        rear_run=max((space.rear_run for space in spaces), default=0),
        unplaced=tuple(key for space in spaces for key in space.unplaced),
    )


def gaps(atlas: Atlas, placed: PlacedRack) -> tuple[range, ...]:
    """Free pieces of the front of 1 U and more with devices below and above: air goes back through them."""
    busy = {half for device in mounted_in(atlas, placed.key) if Face.FRONT in faces(device) for half in _halves(device)}
    if not busy:
        return ()
    runs = _free_runs(range(min(busy), max(busy) + 1), busy)
    return tuple(run for run in runs if len(run) >= 2)


def _halves(device: PlacedDevice) -> range:
    return range(device.first_half, device.last_half)


def _busy(atlas: Atlas, rack: str, mounted: tuple[PlacedDevice, ...], face: Face) -> set[int]:
    taken = {half for device in mounted if face in faces(device) for half in _halves(device)}
    return taken.union(_kept(atlas, rack, face))


def _kept(atlas: Atlas, rack: str, face: Face) -> Iterator[int]:
    for each in atlas.reserved_in.get(rack, ()):
        said = each.reservation
        if said.status is not ReservationStatus.STALE and said.face in (None, face):
            for unit in said.units:
                yield from range(half_units(unit), half_units(unit + 1))


def _longest_run(whole: range, busy: set[int]) -> int:
    return max((len(run) for run in _free_runs(whole, busy)), default=0)


def _free_runs(whole: range, busy: set[int]) -> Iterator[range]:
    start = whole.start
    for half in sorted(busy.intersection(whole)):
        if half > start:
            yield range(start, half)
        start = half + 1
    if start < whole.stop:
        yield range(start, whole.stop)
