"""How many watts a device draws, by the figure that the operator has chosen to plan with."""

from collections.abc import Iterable
from math import fsum

from fleetui.model.racks.atlas import Atlas, PlacedDevice
from fleetui.model.racks.basis import Basis
from fleetui.model.racks.device import PowerRedundancy
from fleetui.model.racks.power import PowerPort


def draw_w(atlas: Atlas, placed: PlacedDevice, basis: Basis) -> float | None:
    """None: nobody knows. A PDU draws nothing of its own, a panel of patches neither. What is in bays draws through
    what it is in: it counts there unless the parent itself says a figure."""
    if not placed.form.powered:
        return 0.0
    own = _said(placed, basis)
    if own is not None:
        return own
    if placed.device.power_outlets:
        return 0.0
    inner = [child for child in atlas.children.get(placed.key, ()) if not draws_itself(child)]
    return _sum(draw_w(atlas, child, basis) for child in inner) if inner else None


def draws_itself(placed: PlacedDevice) -> bool:
    """False of what is in a bay and has no power supply of its own: what it is in draws for it."""
    return not placed.parent or bool(placed.device.power_ports)


def _said(placed: PlacedDevice, basis: Basis) -> float | None:
    match basis:
        case Basis.MEASURED:
            return placed.device.measured_draw
        case Basis.NAMEPLATE:
            whole = placed.form.maximum_draw
            return whole if whole is not None else _of_ports(placed, [_maximum(port) for port in _ports(placed)])
        case Basis.ALLOCATED:
            whole = placed.form.allocated_draw
            return whole if whole is not None else _of_ports(placed, [_allocated(port) for port in _ports(placed)])


def _ports(placed: PlacedDevice) -> tuple[PowerPort, ...]:
    """Of a PDU they carry what hangs on it."""
    return () if placed.device.power_outlets else placed.device.power_ports


def _maximum(port: PowerPort) -> float | None:
    return port.maximum_draw


def _allocated(port: PowerPort) -> float | None:
    return port.allocated_draw


def _of_ports(placed: PlacedDevice, said: list[float | None]) -> float | None:
    """Power supplies that stand in for each other say the same watts several times: how many times follows from the
    redundancy, and where nobody says that, the device's draw is not known."""
    total = _sum(said)
    if not said or total is None:
        return None
    if len(said) == 1:
        return total
    match placed.form.redundancy:
        case PowerRedundancy.NONE:
            return total
        case PowerRedundancy.ONE:
            return total * (len(said) - 1) / len(said)
        case PowerRedundancy.HALF:
            return total / 2
    return None


def _sum(values: Iterable[float | None]) -> float | None:
    known = list(values)
    return None if None in known else fsum(value for value in known if value is not None)
