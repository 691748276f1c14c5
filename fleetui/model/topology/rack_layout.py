"""A plan as a file of racks: sites, rooms, rows, racks and the planned devices in their units."""

from collections.abc import Iterator

from fleetui.model.racks.device import Device, DeviceStatus, DeviceType
from fleetui.model.racks.layout import Layout
from fleetui.model.racks.place import Location, LocationKind, Site
from fleetui.model.racks.rack import Face, Rack, RackReservation
from fleetui.model.topology.marks import labels_of
from fleetui.model.topology.needs import Hardware, Needs
from fleetui.model.topology.needs import Rack as NeededRack
from fleetui.model.topology.plan import Machine, Plan

FIRST_UNIT = 1.0


def rack_layout(needs: Needs, plan: Plan) -> Layout:
    """Machines that stand in racks already have no unit here: the requirements do not say where."""
    return Layout(
        sites=tuple(Site(name=name, region=site.region) for name, site in needs.sites.items()),
        locations=tuple(dict.fromkeys(_locations(needs))),
        racks=tuple(_racks(needs)),
        reservations=tuple(_reservations(needs)),
        device_types=tuple(_type(name, hardware) for name, hardware in needs.hardware.items()),
        devices=tuple(_devices(needs, plan)),
    )


def _locations(needs: Needs) -> Iterator[Location]:
    for site, of in needs.sites.items():
        for rack in of.racks.values():
            if rack.room:
                yield Location(name=rack.room, kind=LocationKind.ROOM, site=site)
            if rack.row:
                yield Location(name=rack.row, kind=LocationKind.ROW, site=site, parent=rack.room)


def _racks(needs: Needs) -> Iterator[Rack]:
    for site, of in needs.sites.items():
        for name, rack in of.racks.items():
            yield Rack(
                name=name,
                site=site,
                location=_location(site, rack),
                u_height=int(rack.units),
                max_power_w=rack.watts,
                max_weight=rack.kg,
            )


def _reservations(needs: Needs) -> Iterator[RackReservation]:
    """The highest units, for what is no machine."""
    for of in needs.sites.values():
        for name, rack in of.racks.items():
            taken = range(int(rack.units - rack.taken_units) + 1, int(rack.units) + 1)
            if taken:
                yield RackReservation(rack=name, units=tuple(taken), description="switches, by taken_units")


def _location(site: str, rack: NeededRack) -> str:
    """By its whole path: two rooms may each have a row-1."""
    inside = [part for part in (rack.room, rack.row) if part]
    return "/".join((site, *inside)) if inside else ""


def _type(name: str, hardware: Hardware) -> DeviceType:
    """What it draws is what the requirements say, at most and as it was allocated."""
    watts = hardware.watts
    return DeviceType(model=name, u_height=hardware.units, maximum_draw=watts, allocated_draw=watts, weight=hardware.kg)


def _devices(needs: Needs, plan: Plan) -> Iterator[Device]:
    """From the lowest unit up, as they are named."""
    standing = {
        name for site in needs.sites.values() for name, rack in site.racks.items() if any(rack.machines.values())
    }
    height: dict[str, float] = {}
    for machine in plan.machines:
        position = None
        if machine.rack not in standing:
            position = height.get(machine.rack, FIRST_UNIT)
            height[machine.rack] = position + needs.hardware[machine.hardware].units
        yield _device(needs, plan, machine, position)


def _device(needs: Needs, plan: Plan, machine: Machine, position: float | None) -> Device:
    return Device(
        name=machine.name,
        role=machine.role,
        device_type=machine.hardware,
        status=DeviceStatus.PLANNED,
        site=machine.site,
        rack=machine.rack,
        position=position,
        face=None if position is None else Face.FRONT,
        cluster=machine.cluster,
        labels=labels_of(needs, plan, machine),
    )
