"""What stands where: positions, collisions, depth, air."""

from collections.abc import Iterator
from itertools import combinations

from fleetui.model.racks.atlas import PlacedDevice, PlacedRack
from fleetui.model.racks.budget import Budgets
from fleetui.model.racks.device import DeviceAirflow
from fleetui.model.racks.finding import Finding, Rule, Severity
from fleetui.model.racks.form import units_text
from fleetui.model.racks.rack import FormFactor
from fleetui.model.racks.rules.naming import listed, of_device, of_rack
from fleetui.model.racks.space import gaps, meet, mounted_in

OUTSIDE = Rule("outside-rack", Severity.ERROR, "A device takes units that its rack does not have.")
COLLISION = Rule("collision", Severity.ERROR, "Two devices take the same units of the same face.")
ZERO_U = Rule("zero-u-position", Severity.ERROR, "A device of 0U has a position.")
IN_A_BAY = Rule("child-position", Severity.ERROR, "A device in a bay has a position or a face of its own.")
NO_FACE = Rule("position-without-face", Severity.ERROR, "A device has a position and no face.")
NO_RACK = Rule("position-without-rack", Severity.ERROR, "A device has a position and no rack.")
NO_POSITION = Rule("position-unknown", Severity.UNKNOWN, "A device is in a rack, and nobody says where.")
CHILD_TYPE = Rule("bay-role", Severity.ERROR, "A device is in the bay of one whose type has no bays.")
TOO_DEEP = Rule("too-deep", Severity.ERROR, "A device is deeper than the rails of its rack are apart.")
TWO_POSTS = Rule("full-depth-on-two-posts", Severity.WARNING, "A device of full depth hangs on two posts.")
MIXED_AIR = Rule("airflow-mixed", Severity.WARNING, "A device blows against the air of its rack.")
GAPS = Rule("blanking-panels", Severity.HINT, "Between devices of a rack there are gaps, through which air returns.")
RULES = (
    OUTSIDE, COLLISION, ZERO_U, IN_A_BAY, NO_FACE, NO_RACK, NO_POSITION, CHILD_TYPE, TOO_DEEP, TWO_POSTS, MIXED_AIR,
    GAPS,
)  # fmt: skip

_FLOWS = {DeviceAirflow.FRONT_TO_REAR: "front-to-rear", DeviceAirflow.REAR_TO_FRONT: "rear-to-front"}


def mistakes(budgets: Budgets) -> Iterator[Finding]:
    atlas = budgets.atlas
    for device in atlas.devices.values():
        yield from _said(device)
        if device.parent:
            yield from _bay(device, atlas.devices[device.parent])
        elif device.rack:
            yield from _fits(device, atlas.racks[device.rack])
    for rack in atlas.racks.values():
        yield from _collisions(mounted_in(atlas, rack.key))
        yield from _air(rack, mounted_in(atlas, rack.key))
        yield from _gaps(budgets, rack)


def _said(placed: PlacedDevice) -> Iterator[Finding]:
    """What its entry says of its place, by itself."""
    device, has = placed.device, placed.device.position is not None
    if device.parent:
        if has or device.face is not None:
            field = "position" if has else "face"
            yield of_device(IN_A_BAY, placed, f"is in a bay of {device.parent}", f"remove its {field}", field)
        return
    if has and not placed.form.half_height:
        yield of_device(ZERO_U, placed, "has 0U and a position", "remove its position, or say its u_height", "position")
    elif has and not device.rack:
        yield of_device(NO_RACK, placed, "has a position and no rack", "say its rack", "position")
    elif has and device.face is None:
        yield of_device(NO_FACE, placed, "has a position and no face", "write face: front or rear", "position")
    elif placed.rack and not has and placed.form.half_height:
        yield of_device(NO_POSITION, placed, "is in a rack, nobody says where", "write its position and face", "rack")


def _bay(child: PlacedDevice, parent: PlacedDevice) -> Iterator[Finding]:
    if parent.form.subdevice_role is None and parent.device.device_type:
        text, name = f"{parent.device.name} has no bays", parent.device.device_type
        yield of_device(CHILD_TYPE, child, text, f"write subdevice_role: parent to {name}, or mend parent", "parent")


def _fits(placed: PlacedDevice, rack: PlacedRack) -> Iterator[Finding]:
    form, depth = rack.form, rack.form.mounting_depth
    if placed.mounted and not form.first_half <= placed.first_half <= placed.last_half <= form.last_half:
        top = form.starting_unit + form.u_height - 1
        text = f"{_units(placed)} of rack {rack.rack.name}, which has {form.starting_unit} to {top}"
        yield of_device(OUTSIDE, placed, text, "move it, or mend the u_height of either", "position")
    if placed.form.depth is not None and depth is not None and placed.form.depth > depth:
        text = f"is {placed.form.depth:g} mm deep, rack {rack.rack.name} has {depth:g} mm"
        yield of_device(TOO_DEEP, placed, text, "move it, or mend either depth", "rack")
    if placed.mounted and placed.form.full_depth and form.form_factor is FormFactor.TWO_POST_FRAME:
        text = f"is as deep as a rack, {rack.rack.name} has two posts"
        yield of_device(TWO_POSTS, placed, text, "move it to four posts, or write is_full_depth: false", "rack")


def _collisions(mounted: tuple[PlacedDevice, ...]) -> Iterator[Finding]:
    """Of neighbours by height alone: a whole rack against itself is 42 times as much work."""
    standing = sorted(mounted, key=lambda device: (device.first_half, device.index))
    for at, lower in enumerate(standing):
        for upper in standing[at + 1 :]:
            if upper.first_half >= lower.last_half:
                break
            if meet(lower, upper):
                first, second = sorted((lower, upper), key=lambda device: device.index)
                text = f"{_units(second)} is where {first.device.name} ({_units(first)}) stands"
                yield of_device(COLLISION, second, text, "move one of them", "position")


def _air(rack: PlacedRack, mounted: tuple[PlacedDevice, ...]) -> Iterator[Finding]:
    said = {device.key: _FLOWS.get(device.form.airflow) for device in mounted if device.form.airflow}
    if rack.rack.airflow is not None:
        for device in mounted:
            flow = said.get(device.key)
            if flow is not None and flow != rack.rack.airflow:
                text = f"blows {flow}, rack {rack.rack.name} {rack.rack.airflow}"
                yield of_device(MIXED_AIR, device, text, "turn its fans, move it, or mend either airflow", "rack")
        return
    kinds = tuple(dict.fromkeys(flow for flow in said.values() if flow is not None))
    for one, other in combinations(kinds, 2):
        text = f"some devices blow {one}, some {other}"
        yield of_rack(MIXED_AIR, rack, text, "turn the fans of one kind, or move it")


def _gaps(budgets: Budgets, rack: PlacedRack) -> Iterator[Finding]:
    found = gaps(budgets.atlas, rack)
    if found:
        pieces = tuple(f"{units_text(len(run))}U at {units_text(run.start)}" for run in found)
        yield of_rack(GAPS, rack, f"gaps of {listed(pieces)} between devices", "close them with blanking panels")


def _units(placed: PlacedDevice) -> str:
    """``U12``, ``U12-13``, ``U12.5-13``."""
    first, last = placed.first_half, placed.last_half - (2 if placed.form.half_height >= 2 else 1)
    return f"U{units_text(first)}" if first == last else f"U{units_text(first)}-{units_text(last)}"
