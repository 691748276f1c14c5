"""Where the demo's machines stand, as their labels say: 27 of 1U in each of racks A-C, 23 in D-F, the rest in the north
and in closets at the edge. Every machine has two power supplies on two paths, but for what the stories tell:

- rack B hangs on two feeds of 5.9 kVA: each carries its half, and neither can carry both;
- nobody has written down on what one machine of rack C hangs;
- one machine of rack D has a single power supply;
- units of rack E are kept for another team.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from fleetui.model.racks.device import Bmc, Device, DeviceType, Interface, PowerRedundancy
from fleetui.model.racks.domain import FailureDomain
from fleetui.model.racks.layout import Layout
from fleetui.model.racks.place import CoolingUnit, Location, LocationKind
from fleetui.model.racks.place import Site as RackSite
from fleetui.model.racks.power import (
    FeedLeg,
    FeedType,
    Phase,
    PowerFeed,
    PowerOutlet,
    PowerPanel,
    PowerPath,
    PowerPort,
)
from fleetui.model.racks.rack import Face, FormFactor, Rack, RackAirflow, RackReservation, RackType
from fleetui.model.racks.unit import WeightUnit
from fleetui.simulate.demo_build import Standing, standing
from fleetui.simulate.demo_clusters import PLANS, Plan, Site
from fleetui.simulate.demo_machines import RACK_BUDGET_W

SERVER, BOX, TOR, PDU = "R640-1U", "E100-1U", "S5248-ON", "AP8853"
CABINET, WALL = "AR3300", "WM-12U"
WEAK_RACK = "B"
"""Its feeds are those of the trap: 2 x 5,888 VA, and 7,074 VA when one is lost."""
UNKNOWN_CABLES, ONE_CORD = "pe1-wk-c-05", "np1-wk-d-07"
KEPT_IN, KEPT_UNITS = "E", (30, 31, 32, 33)
ROLES = {"cp": "control-plane", "gpu": "gpu", "wk": "worker"}
TOP = 42
OUTLETS = 36


def demo_layout() -> Layout:
    """All sites of the demo."""
    sites = tuple({plan.site.region: plan.site for plan in PLANS}.values())
    return Layout(
        sites=tuple(RackSite(name=site.region, region=site.region) for site in sites),
        locations=tuple(each for site in sites for each in _locations(site)),
        rack_types=_rack_types(),
        racks=tuple(each for site in sites for each in _racks(site)),
        reservations=(_kept(),),
        device_types=_device_types(),
        devices=tuple(each for site in sites for each in _devices(site)),
        power_panels=tuple(each for site in sites for each in _panels(site)),
        power_feeds=tuple(each for site in sites for rack in site.racks for each in _feeds(site, rack)),
        failure_domains=tuple(each for site in sites if not _edge(site) for each in _domains(site)),
    )


def _edge(site: Site) -> bool:
    return len(site.racks) == 1


# Types.


def _rack_types() -> tuple[RackType, ...]:
    return (
        RackType(
            model=CABINET, manufacturer="APC", form_factor=FormFactor.FOUR_POST_CABINET, u_height=TOP,
            mounting_depth=915, weight=276, max_weight=1_200, weight_unit=WeightUnit.POUND,
        ),
        RackType(
            model=WALL, manufacturer="Tripp Lite", form_factor=FormFactor.WALL_CABINET, u_height=12,
            mounting_depth=610, weight=78, max_weight=200, weight_unit=WeightUnit.POUND,
        ),
    )  # fmt: skip


def _device_types() -> tuple[DeviceType, ...]:
    return (
        DeviceType(
            model=SERVER, manufacturer="Dell", depth=808, weight=18, maximum_draw=300, allocated_draw=240,
            power_redundancy=PowerRedundancy.HALF,
        ),
        DeviceType(
            model=BOX, manufacturer="Supermicro", depth=250, weight=4.5, maximum_draw=120, allocated_draw=75,
            is_full_depth=False, power_redundancy=PowerRedundancy.HALF,
        ),
        DeviceType(
            model=TOR, manufacturer="Dell", depth=500, weight=9, maximum_draw=150, allocated_draw=120,
            is_full_depth=False, power_redundancy=PowerRedundancy.HALF,
        ),
        DeviceType(model=PDU, manufacturer="APC", u_height=0, weight=6, is_full_depth=False),
    )  # fmt: skip


# Places and racks.


def _locations(site: Site) -> Iterator[Location]:
    cooling = () if _edge(site) else tuple(CoolingUnit(name=f"crac-{n}", capacity_w=14_000) for n in (1, 2, 3))
    yield Location(name=site.room, kind=LocationKind.ROOM, site=site.region, cooling_units=cooling)
    yield Location(name=site.row, kind=LocationKind.ROW, site=site.region, parent=site.room)


def _racks(site: Site) -> Iterator[Rack]:
    for name in site.racks:
        yield Rack(
            name=name,
            site=site.region,
            location=site.row,
            rack_type=WALL if _edge(site) else CABINET,
            airflow=RackAirflow.FRONT_TO_REAR,
            max_power_w=1_500 if _edge(site) else RACK_BUDGET_W,
            cooling_w=2_000 if _edge(site) else 8_500,
        )


def _kept() -> RackReservation:
    return RackReservation(
        rack=KEPT_IN, units=KEPT_UNITS, tenant="team-data", user="maria", description="warehouse nodes, ticket 4790"
    )


# Power.


def _panels(site: Site) -> Iterator[PowerPanel]:
    capacity = 3_000 if _edge(site) else 60_000
    for path in PowerPath:
        yield PowerPanel(name=f"pp-{path.lower()}", site=site.region, location=site.room, capacity_va=capacity)


def _feeds(site: Site, rack: str) -> Iterator[PowerFeed]:
    weak = rack == WEAK_RACK
    for path in PowerPath:
        yield PowerFeed(
            name=f"{rack}-{path}",
            panel=f"{site.region}/pp-{path.lower()}",
            rack=rack,
            path=path,
            type=FeedType.PRIMARY if path is PowerPath.A else FeedType.REDUNDANT,
            phase=Phase.SINGLE if weak or _edge(site) else Phase.THREE,
            voltage=230 if weak or _edge(site) else 400,
            amperage=10 if _edge(site) else 32,
        )


def _pdus(site: Site, rack: str) -> Iterator[Device]:
    three = rack != WEAK_RACK
    for path in PowerPath:
        outlets = tuple(
            PowerOutlet(name=str(number + 1), feed_leg=tuple(FeedLeg)[number % 3] if three else None, type="C13")
            for number in range(OUTLETS)
        )
        yield Device(
            name=_pdu(rack, path), role="pdu", device_type=PDU, rack=rack, site=site.region, power_outlets=outlets,
            power_ports=(PowerPort(name="inlet", feed=f"{rack}-{path}"),),
        )  # fmt: skip


def _pdu(rack: str, path: PowerPath) -> str:
    return f"pdu-{rack.lower()}-{path.lower()}"


def _ports(site: Site, rack: str, outlet: int) -> tuple[PowerPort, ...]:
    """One power supply on each path: at the edge directly on the feeds, elsewhere in the same outlet of both PDUs."""
    if _edge(site):
        return tuple(PowerPort(name=f"psu{n}", feed=f"{rack}-{path}") for n, path in enumerate(PowerPath, start=1))
    return tuple(
        PowerPort(name=f"psu{n}", pdu=_pdu(rack, path), outlet=str(outlet)) for n, path in enumerate(PowerPath, start=1)
    )


# Devices.


def _devices(site: Site) -> Iterator[Device]:
    for number, rack in enumerate(site.racks):
        if not _edge(site):
            yield from _pdus(site, rack)
            yield from _switches(site, rack)
        inside = [(plan, each) for plan in PLANS if plan.site == site for each in standing(plan)]
        mine = [(plan, each) for plan, each in inside if each.slot.rack == number]
        for unit, (plan, each) in enumerate(mine, start=1):
            yield _told(_machine(plan, each, rack, unit))


def _switches(site: Site, rack: str) -> Iterator[Device]:
    for number in (1, 2):
        yield Device(
            name=_switch(rack, number), role="tor", device_type=TOR, site=site.region, rack=rack,
            position=TOP + 1 - number, face=Face.REAR, power_ports=_ports(site, rack, OUTLETS + 1 - number),
        )  # fmt: skip


def _switch(rack: str, number: int) -> str:
    return f"tor-{rack.lower()}-{number}"


def _machine(plan: Plan, machine: Standing, rack: str, unit: int) -> Device:
    site = plan.site
    number = PLANS.index(plan) * 256 + machine.slot.number
    return Device(
        name=machine.name,
        role=ROLES[machine.role],
        device_type=BOX if _edge(site) else SERVER,
        site=site.region,
        rack=rack,
        position=unit,
        face=Face.FRONT,
        cluster=plan.name,
        serial=f"SN{number:06}",
        asset_tag=f"FL-{number:05}",
        power_ports=_ports(site, rack, unit),
        interfaces=_interfaces(site, rack, number),
        bmc=Bmc(address=f"10.{120 + PLANS.index(plan)}.{machine.slot.rack}.{10 + machine.slot.place}"),
    )


def _interfaces(site: Site, rack: str, number: int) -> tuple[Interface, ...]:
    """Locally administered addresses; at the edge nobody has written down the switch."""
    switches = ("", "") if _edge(site) else (_switch(rack, 1), _switch(rack, 2))
    mac = f"{number >> 8:02x}:{number & 255:02x}"
    return (
        Interface(name="eth0", mac=f"02:00:5e:01:{mac}", boot=True, switch=switches[0]),
        Interface(name="eth1", mac=f"02:00:5e:02:{mac}", switch=switches[1]),
        Interface(name="bmc", mac=f"02:00:5e:0b:{mac}", mgmt_only=True),
    )


def _told(device: Device) -> Device:
    """The stories of single machines."""
    if device.name == UNKNOWN_CABLES:
        return replace(device, power_ports=tuple(PowerPort(name=port.name) for port in device.power_ports))
    if device.name == ONE_CORD:
        return replace(device, power_ports=device.power_ports[:1], power_redundancy=PowerRedundancy.NONE)
    return device


def _domains(site: Site) -> Iterator[FailureDomain]:
    """Beside those that follow from racks and cables."""
    for path in PowerPath:
        panel = f"{site.region}/pp-{path.lower()}"
        yield FailureDomain(kind="ups", name=f"{site.region}-ups-{path.lower()}", panels=(panel,))
    yield FailureDomain(kind="fire-zone", name=f"{site.region}-{site.room}", locations=(f"{site.region}/{site.room}",))
    yield FailureDomain(kind="cooling-zone", name=f"{site.region}-{site.row}", locations=(
        f"{site.region}/{site.room}/{site.row}",))  # fmt: skip
