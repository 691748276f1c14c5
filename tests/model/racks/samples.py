"""A small data centre in which nothing is wrong: two racks with two feeds and PDUs each, and machines on both."""

from datetime import date
from typing import Any

from msgspec.structs import replace

from fleetui.model.racks.basis import Basis
from fleetui.model.racks.device import Device, DeviceType, PowerRedundancy
from fleetui.model.racks.layout import Layout
from fleetui.model.racks.place import CoolingUnit, Location, LocationKind, Site
from fleetui.model.racks.power import PowerFeed, PowerOutlet, PowerPanel, PowerPath, PowerPort
from fleetui.model.racks.rack import Face, Rack
from fleetui.model.racks.survey import Survey

TODAY = date(2026, 11, 22)
SERVER = DeviceType(model="server", weight=20, allocated_draw=500, power_redundancy=PowerRedundancy.HALF)
PDU = DeviceType(model="pdu", u_height=0, weight=5)


def feed(rack: str, path: PowerPath | None, **said: Any) -> PowerFeed:
    """230 V, 32 A: 5,888 VA."""
    name = said.pop("name", f"{rack}-{path}")
    whole = {"voltage": 230, "amperage": 32, "panel": f"pp-{path or 'A'}"} | said
    return PowerFeed(name=name, rack=rack, path=path, **whole)


def pdu(rack: str, path: PowerPath, *outlets: PowerOutlet) -> Device:
    there = outlets or tuple(PowerOutlet(name=str(number)) for number in range(1, 9))
    inlet = PowerPort(name="inlet", feed=f"{rack}-{path}")
    name = f"pdu-{rack}-{path}"
    return Device(name=name, device_type="pdu", rack=rack, power_ports=(inlet,), power_outlets=there)


def cords(rack: str, outlet: int | str, *paths: PowerPath) -> tuple[PowerPort, ...]:
    return tuple(
        PowerPort(name=f"psu{number}", pdu=f"pdu-{rack}-{path}", outlet=str(outlet))
        for number, path in enumerate(paths or tuple(PowerPath), start=1)
    )


def machine(name: str, rack: str = "R1", position: float | None = 1, **said: Any) -> Device:
    """1U on both paths, in the outlets of its position."""
    outlet = int(position) if position else 8
    whole = {"device_type": "server", "face": Face.FRONT, "power_ports": cords(rack, outlet)} | said
    return Device(name=name, rack=rack, position=position, **whole)


WELL = Layout(
    sites=(Site(name="east"),),
    locations=(
        Location(
            name="hall", kind=LocationKind.ROOM, site="east",
            cooling_units=(CoolingUnit(name="a", capacity_w=9_000), CoolingUnit(name="b", capacity_w=9_000)),
        ),
        Location(name="row-1", kind=LocationKind.ROW, site="east", parent="hall"),
    ),
    racks=tuple(
        Rack(name=name, site="east", location="row-1", max_weight=500, max_power_w=7_000, cooling_w=8_000)
        for name in ("R1", "R2")
    ),
    device_types=(SERVER, PDU),
    power_panels=tuple(PowerPanel(name=f"pp-{path}", site="east", capacity_va=20_000) for path in PowerPath),
    power_feeds=tuple(feed(rack, path) for rack in ("R1", "R2") for path in PowerPath),
    devices=(
        *(pdu(rack, path) for rack in ("R1", "R2") for path in PowerPath),
        machine("wk-1"), machine("wk-2", position=2), machine("wk-3", "R2", 1),
    ),
)  # fmt: skip


def with_devices(*devices: Device, of: Layout = WELL) -> Layout:
    """Beside those that there are."""
    return replace(of, devices=(*of.devices, *devices))


def changed(section: str, at: int, of: Layout = WELL, **said: Any) -> Layout:
    """One entry of the layout with other fields."""
    entries = list(getattr(of, section))
    entries[at] = replace(entries[at], **said)
    return replace(of, **{section: tuple(entries)})


def survey(layout: Layout, basis: Basis = Basis.ALLOCATED) -> Survey:
    return Survey(layout, basis, TODAY)
