"""Every rule of racks: a layout that breaks it and no other, what is said, where, and that it says what to write."""

import msgspec
import pytest
from msgspec.structs import replace

from fleetui.model.racks.basis import Basis
from fleetui.model.racks.device import (
    Bmc,
    DeviceAirflow,
    DeviceType,
    Interface,
    PowerRedundancy,
    Slot,
    SubdeviceRole,
)
from fleetui.model.racks.domain import FailureDomain
from fleetui.model.racks.layout import Layout
from fleetui.model.racks.place import CoolingUnit, Location, LocationKind, Site
from fleetui.model.racks.power import (
    FeedLeg,
    FeedStatus,
    OutletStatus,
    Phase,
    PowerOutlet,
    PowerPanel,
    PowerPath,
    PowerPort,
    Supply,
)
from fleetui.model.racks.rack import Face, FormFactor, Rack, RackAirflow, RackReservation, ReservationStatus
from fleetui.model.racks.rules.verdict import RULES
from tests.model.racks.samples import (
    PDU,
    SERVER,
    WELL,
    changed,
    cords,
    feed,
    machine,
    pdu,
    survey,
    with_devices,
)

WK_1, WK_2, WK_3, NEW = 4, 5, 6, 7
"""Where they stand among the devices; a new one comes after them."""
MAC = "02:00:5e:10:00:01"
UUID = "00112233-4455-6677-8899-aabbccddeeff"
SWAPPED = "33221100-5544-7766-8899-AABBCCDDEEFF"


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    assert survey(WELL).findings == ()


class Case(msgspec.Struct):
    """A layout with one mistake."""

    code: str
    layout: Layout
    path: str
    says: str
    basis: Basis = Basis.ALLOCATED


def typed(**said: object) -> Layout:
    """All machines are of a server of another kind."""
    return replace(WELL, device_types=(replace(SERVER, **said), PDU))  # type: ignore[arg-type]


def racked(**said: object) -> Layout:
    return changed("racks", 0, **said)


def reserved(*units: int, **said: object) -> Layout:
    return replace(WELL, reservations=(RackReservation(rack="R1", units=units, **said),))  # type: ignore[arg-type]


def interfaces(*of_wk_1: Interface, wk_2: tuple[Interface, ...] = ()) -> Layout:
    return changed("devices", WK_2, changed("devices", WK_1, interfaces=of_wk_1), interfaces=wk_2)


def three_phases(legs: str, watts: float) -> Layout:
    """Rack R1 on three phases of 400 V and 16 A, 8,868 VA; a machine on each outlet, whose legs are said."""
    outlets = tuple(
        PowerOutlet(name=str(number), feed_leg=None if leg == "?" else FeedLeg(leg))
        for number, leg in enumerate(legs, start=1)
    )
    kept = [device for device in WELL.devices if device.rack == "R2"]
    pdus = [pdu("R1", path, *outlets) for path in PowerPath]
    machines = [machine(f"m-{n}", position=n, allocated_draw=watts) for n in range(1, len(legs) + 1)]
    feeds = [feed("R1", path, phase=Phase.THREE, voltage=400, amperage=16) for path in PowerPath]
    others = [each for each in WELL.power_feeds if each.rack == "R2"]
    whole = replace(WELL, devices=(*kept, *pdus, *machines), power_feeds=(*feeds, *others))
    return changed("racks", 0, whole, max_power_w=None, cooling_w=None, max_weight=None)


BLADES = (DeviceType(model="chassis", u_height=4, subdevice_role=SubdeviceRole.PARENT, weight=50, is_powered=False),)

CASES = (
    # Names that lead nowhere, or to two.
    Case("reference-unknown", changed("devices", WK_1, rack="R9", position=None, face=None), "devices.4.rack",
         "there is no rack R9"),
    Case("reference-unknown", changed("devices", WK_1, device_type="sever", allocated_draw=500, weight=1,
         power_redundancy=PowerRedundancy.HALF), "devices.4.device_type", "no device type sever"),
    Case("reference-ambiguous", replace(WELL, locations=(*WELL.locations,
         Location(name="row-2", kind=LocationKind.ROW, site="east", parent="hall")),
         racks=(*WELL.racks, Rack(name="R1", site="east", location="row-2")),
         failure_domains=(FailureDomain(kind="fire", name="z", racks=("R1",)),),
         devices=tuple(device for device in WELL.devices if device.rack == "R2"), power_feeds=WELL.power_feeds[2:]),
         "failure_domains.0.racks.0", "row-1/R1 or east/hall/row-2/R1"),
    Case("loop", replace(WELL, power_panels=(*WELL.power_panels, PowerPanel(name="x", site="east", parent="y"),
         PowerPanel(name="y", site="east", parent="x"))), "power_panels.2.parent", "around itself"),
    Case("site-differs", changed("devices", WK_1, replace(WELL, sites=(*WELL.sites, Site(name="west"))), site="west"),
         "devices.4.site", "is not in site west"),
    # What must be said once.
    Case("name-twice", with_devices(machine("WK-1", position=7)), "devices.7.name", "wk-1 has the same name"),
    Case("name-empty", changed("devices", WK_1, name="wk/1"), "devices.4.name", "wk/1 as a name"),
    Case("domain-kind", replace(WELL, failure_domains=(FailureDomain(kind="rack", name="x", racks=("R1",)),)),
         "failure_domains.0.kind", "kind rack"),
    Case("facility-id-twice", changed("racks", 1, racked(facility_id="F1"), facility_id="F1"), "racks.1.facility_id",
         "rack R1 has the same facility_id"),
    Case("asset-tag-twice", changed("racks", 0, changed("devices", WK_1, asset_tag="T1"), asset_tag="t1"),
         "devices.4.asset_tag", "rack R1 has the same asset tag"),
    Case("serial-twice", changed("devices", WK_2, changed("devices", WK_1, serial="S1"), serial="S1"),
         "devices.5.serial", "wk-1 has the same serial number"),
    Case("mac-twice", interfaces(Interface(name="a", mac=MAC), wk_2=(Interface(name="b", mac="0200.5E10.0001"),)),
         "devices.5.interfaces.0.mac", "wk-1 a has the same MAC address"),
    Case("mac-invalid", interfaces(Interface(name="a", mac="01:00:5e:00:00:01")), "devices.4.interfaces.0.mac",
         "'01:00:5e:00:00:01'"),
    Case("boot-mac-of-bmc", interfaces(Interface(name="a", mac=MAC, boot=True, mgmt_only=True)),
         "devices.4.interfaces.0.mac", "boots from a"),
    Case("product-uuid-twice", changed("devices", WK_2, changed("devices", WK_1, product_uuid=UUID),
         product_uuid=SWAPPED), "devices.5.product_uuid", "wk-1 has the same product_uuid"),
    Case("product-uuid-invalid", changed("devices", WK_1, product_uuid="4711"), "devices.4.product_uuid", "'4711'"),
    Case("bmc-twice", changed("devices", WK_2, changed("devices", WK_1, bmc=Bmc(address="10.0.0.1")),
         bmc=Bmc(address="https://10.0.0.1:443/")), "devices.5.bmc.address", "wk-1 has the same BMC"),
    # Numbers.
    Case("unit-step", changed("devices", WK_1, position=4.3), "devices.4.position", "position 4.3"),
    Case("out-of-range", changed("power_feeds", 0, max_utilization=101), "power_feeds.0.max_utilization",
         "max_utilization 101"),
    Case("out-of-range", racked(max_weight=None, weight=-1), "racks.0.weight", "weight -1"),
    Case("feed-voltage", changed("power_feeds", 0, voltage=-230), "power_feeds.0.voltage", "-230 V ac"),
    Case("allocated-above-maximum", typed(maximum_draw=400), "device_types.0.allocated_draw", "500 W are allocated"),
    # Space.
    Case("outside-rack", changed("devices", WK_1, position=43), "devices.4.position",
         "U43 of rack R1, which has 1 to 42"),
    Case("collision", changed("devices", WK_2, position=1), "devices.5.position", "U1 is where wk-1 (U1) stands"),
    Case("zero-u-position", changed("devices", WK_1, u_height=0), "devices.4.position", "0U and a position"),
    Case("child-position", with_devices(machine("b", position=5, parent="c", power_ports=()),
         machine("c", position=10, device_type="chassis", power_ports=()),
         of=replace(WELL, device_types=(*WELL.device_types, *BLADES))), "devices.7.position", "in a bay of c"),
    Case("position-without-face", changed("devices", WK_1, face=None), "devices.4.position", "no face"),
    Case("position-without-rack", changed("devices", WK_1, rack=""), "devices.4.position", "no rack"),
    Case("position-unknown", changed("devices", WK_1, position=None, face=None), "devices.4.rack", "nobody says where"),
    Case("bay-role", changed("devices", WK_2, parent="wk-1", position=None, face=None), "devices.5.parent",
         "wk-1 has no bays"),
    Case("too-deep", replace(racked(mounting_depth=700), device_types=(replace(SERVER, depth=800), PDU),
         devices=WELL.devices[:5]), "devices.4.rack", "800 mm deep, rack R1 has 700 mm"),
    Case("full-depth-on-two-posts", replace(racked(form_factor=FormFactor.TWO_POST_FRAME), devices=WELL.devices[:5]),
         "devices.4.rack", "two posts"),
    Case("airflow-mixed", changed("devices", WK_1, racked(airflow=RackAirflow.FRONT_TO_REAR),
         airflow=DeviceAirflow.REAR_TO_FRONT), "devices.4.rack", "blows rear-to-front"),
    Case("airflow-mixed", changed("devices", WK_2, changed("devices", WK_1, airflow=DeviceAirflow.REAR_TO_FRONT),
         airflow=DeviceAirflow.FRONT_TO_REAR), "racks.0", "some devices blow"),
    Case("blanking-panels", changed("devices", WK_2, position=4), "racks.0", "2U at 2"),
    # Reservations.
    Case("reservation-units", reserved(40, 43), "reservations.0.units", "no U43"),
    Case("reservation-units", reserved(), "reservations.0.units", "keeps no units"),
    Case("reservation-overlap", replace(WELL, reservations=(RackReservation(rack="R1", units=(9, 10)),
         RackReservation(rack="R1", units=(10, 11), face=Face.REAR))), "reservations.1.units", "U10 of rack R1"),
    Case("reserved-for-another", reserved(1, tenant="data"), "devices.4.position", "kept for data"),
    Case("reserved", reserved(1, user="maria"), "devices.4.position", "kept for maria"),
    Case("reserved", changed("devices", WK_1, reserved(1, tenant="data"), tenant="data"), "devices.4.position",
         "kept for data"),
    Case("reservation-date", reserved(9, expires="soon"), "reservations.0.expires", "'soon'"),
    Case("reservation-expired", reserved(9, expires="2026-11-21"), "reservations.0.expires", "2026-11-21"),
    # Power of devices.
    Case("cabling-unknown", changed("devices", WK_1, power_ports=()), "devices.4", "on what it hangs"),
    Case("cabling-unknown", changed("devices", WK_1, power_ports=(PowerPort(name="psu1"),)), "devices.4.power_ports",
         "on which feed psu1 hangs"),
    Case("draw-unknown", changed("devices", WK_1, measured_draw=None), "devices.4", "(measured)", Basis.MEASURED),
    Case("two-ends", changed("devices", WK_1, power_ports=(replace(cords("R1", 1)[0], feed="R1-A"),
         cords("R1", 1)[1])), "devices.4.power_ports.0.feed", "R1-A and on pdu-R1-A"),
    Case("outlet-shared", changed("devices", WK_2, power_ports=cords("R1", 1)), "devices.5.power_ports.0.outlet",
         "is taken by wk-1"),
    Case("outlet-shared", changed("devices", WK_1, power_ports=(*cords("R1", 1), PowerPort(name="psu3",
         pdu="pdu-R1-A", outlet="1"))), "devices.4.power_ports.2.outlet", "is taken by wk-1"),
    Case("pdu-loop", with_devices(replace(pdu("R1", PowerPath.A), name="x",
         power_ports=(PowerPort(name="inlet", pdu="x", outlet="1"),))), "devices.7.power_ports", "feeds itself"),
    Case("supply-off", changed("devices", 0, power_outlets=(PowerOutlet(name="1", status=OutletStatus.FAULTY),
         PowerOutlet(name="2"))), "devices.4.power_ports", "psu1 hangs on what gives nothing"),
    Case("supply-none", changed("power_feeds", 1, changed("power_feeds", 0, status=FeedStatus.OFFLINE),
         status=FeedStatus.FAILED), "devices.4.power_ports", "all that it hangs on"),
    Case("single-corded", changed("devices", WK_1, power_ports=cords("R1", 1, PowerPath.A)), "devices.4.power_ports",
         "stops when path A is lost"),
    Case("single-corded-vital", changed("devices", WK_1, role="control-plane",
         power_ports=cords("R1", 1, PowerPath.B)), "devices.4.power_ports", "stops when path B is lost"),
    Case("same-path", changed("devices", WK_1, power_ports=(*cords("R1", 1, PowerPath.A),
         PowerPort(name="psu2", pdu="pdu-R1-A", outlet="7"))), "devices.4.power_ports", "all 2 power supplies"),
    # Feeds, legs, racks, panels.
    Case("path-unknown", changed("power_feeds", 0, path=None), "power_feeds.0", "does not say its path"),
    Case("feed-overload", changed("devices", WK_1, racked(max_power_w=None, cooling_w=None), allocated_draw=13_000),
         "power_feeds.0.amperage", "7,105 of 5,888 VA"),
    Case("feed-failover", changed("devices", WK_1, allocated_draw=6_000), "power_feeds.0.amperage",
         "6,842 of 5,888 VA would"),
    Case("feed-high", changed("devices", WK_1, allocated_draw=4_000), "power_feeds.0.amperage", "4,737 of 5,888 VA"),
    Case("feed-noticeable", changed("devices", WK_1, allocated_draw=3_000), "power_feeds.0.amperage", "3,684 of 5,888"),
    Case("leg-overload", three_phases("AAB", 1_500), "power_feeds.0.phase", "3,158 of 2,956 VA on leg A"),
    Case("leg-imbalance", three_phases("AAB", 100), "power_feeds.0.phase", "100% off their mean"),
    Case("leg-unknown", three_phases("ABC?", 100), "power_feeds.0.phase", "m-4"),
    Case("rack-power", racked(max_power_w=900), "racks.0.max_power_w", "1,000 of 900 W are drawn by allocated figures"),
    Case("panel-overload", changed("power_panels", 0, capacity_va=700), "power_panels.0.capacity_va",
         "789 of 700 VA hang on it"),
    Case("panel-failover", changed("power_panels", 0, capacity_va=800), "power_panels.0.capacity_va",
         "1,579 of 800 VA hang on it with a path lost"),
    # Heat and weight.
    Case("cooling-short", changed("locations", 0, cooling_units=(CoolingUnit(name="a", capacity_w=1_700),
         CoolingUnit(name="b", capacity_w=1_800))), "locations.0.cooling_units", "1,725 W (0.5 tons) of heat"),
    Case("cooling-short", changed("locations", 0, cooling_units=(CoolingUnit(name="a", capacity_w=9_000),)),
         "locations.0.cooling_units", "0 W are taken out"),
    Case("cooling-unknown", changed("locations", 0, cooling_units=(CoolingUnit(name="a"),)),
         "locations.0.cooling_units", "says no capacity_w"),
    Case("rack-cooling", racked(cooling_w=1_100), "racks.0.cooling_w", "1,150 W of heat"),
    Case("overweight", racked(max_weight=49), "racks.0.max_weight", "50 kg of 49 kg"),
    Case("weight-unknown", replace(typed(weight=None), devices=WELL.devices[:5]), "racks.0.max_weight",
         "what wk-1 weigh"),
    Case("top-heavy", changed("devices", WK_2, changed("devices", WK_1, position=42), position=41), "racks.0",
         "the centre of mass is 37.0 U"),
)  # fmt: skip

COMPANY: dict[str, frozenset[str]] = {
    "reference-unknown": frozenset({"weight-unknown"}),
    "outlet-shared": frozenset({"single-corded"}),
    "pdu-loop": frozenset({"cabling-unknown"}),
    "draw-unknown": frozenset({"cooling-unknown"}),
    "leg-overload": frozenset({"leg-imbalance", "feed-noticeable"}),
    "leg-unknown": frozenset({"leg-imbalance"}),
    "feed-overload": frozenset({"cooling-short"}),
    "outside-rack": frozenset({"blanking-panels", "top-heavy"}),
    "unit-step": frozenset({"blanking-panels"}),
    "child-position": frozenset({"blanking-panels"}),
    "name-twice": frozenset({"blanking-panels"}),
}
"""What a mistake brings with it."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}-{case.path}")
def test_each_rule_finds_its_mistake_and_no_other_does(case: Case) -> None:
    found = survey(case.layout, case.basis).findings
    mine = [finding for finding in found if finding.rule.code == case.code]
    assert mine, [str(finding) for finding in found]
    assert ".".join(mine[0].path) == case.path
    assert case.says in mine[0].text
    assert mine[0].fix
    others = {finding.rule.code for finding in found} - {case.code}
    assert others <= COMPANY.get(case.code, frozenset()), [str(finding) for finding in found]


def test_every_rule_has_a_case() -> None:
    assert {rule.code for rule in RULES} == {case.code for case in CASES}
    assert len({rule.code for rule in RULES}) == len(RULES)


FREE_OF: tuple[tuple[str, Layout, str], ...] = (
    ("half-depth on both faces", with_devices(
        machine("f", position=3, is_full_depth=False), machine("r", position=3, face=Face.REAR, is_full_depth=False,
                                                               power_ports=cords("R1", 4))), "collision"),
    ("left and right of one unit", with_devices(
        machine("l", position=3, slot=Slot.LEFT), machine("r", position=3, slot=Slot.RIGHT,
                                                          power_ports=cords("R1", 4))), "collision"),
    ("half units above each other", with_devices(
        machine("b", position=3, u_height=0.5), machine("t", position=3.5, u_height=0.5,
                                                        power_ports=cords("R1", 4))), "collision"),
    ("the rack's highest unit", changed("devices", WK_1, position=42), "outside-rack"),
    ("a rack that begins at 5", changed("devices", WK_2, changed(
        "devices", WK_1, racked(starting_unit=5, u_height=10), position=14), position=5), "outside-rack"),
    ("serials that makers did not write", changed("devices", WK_2, changed(
        "devices", WK_1, serial="To Be Filled By O.E.M."), serial="to be filled by o.e.m."), "serial-twice"),
    ("a UUID of zeros", changed("devices", WK_2, changed(
        "devices", WK_1, product_uuid="0" * 32), product_uuid="0" * 32), "product-uuid-twice"),
    ("a UUID of boards without one", changed("devices", WK_2, changed(
        "devices", WK_1, product_uuid="03000200-0400-0500-0006-000700080009"),
        product_uuid="03000200-0400-0500-0006-000700080009"), "product-uuid-twice"),
    ("two systems behind one BMC", changed("devices", WK_2, changed(
        "devices", WK_1, bmc=Bmc(address="10.0.0.1", system_id="1")), bmc=Bmc(address="10.0.0.1", system_id="2")),
     "bmc-twice"),
    ("two BMCs of one host", changed("devices", WK_2, changed(
        "devices", WK_1, bmc=Bmc(address="10.0.0.1:8001")), bmc=Bmc(address="10.0.0.1:8002")), "bmc-twice"),
    ("a reservation that is stale", reserved(1, status=ReservationStatus.STALE), "reserved"),
    ("a reservation of the other face", changed(
        "devices", WK_1, reserved(1, face=Face.REAR), is_full_depth=False), "reserved"),
    ("a reservation that ends today", reserved(9, expires="2026-11-22"), "reservation-expired"),
    ("direct current", changed("power_feeds", 0, voltage=-48, amperage=200, supply=Supply.DC), "feed-voltage"),
    ("heat that just goes", racked(cooling_w=1_150), "rack-cooling"),
    ("weight that is just carried", racked(max_weight=50), "overweight"),
    ("power that is just there", racked(max_power_w=1_000), "rack-power"),
    ("legs that are just uneven", three_phases("AAAAAAAAABBBBBBBBBBBCCCCCCCCCC", 10), "leg-imbalance"),
)  # fmt: skip


@pytest.mark.parametrize(("layout", "code"), [case[1:] for case in FREE_OF], ids=[case[0] for case in FREE_OF])
def test_what_is_just_right_is_no_mistake(layout: Layout, code: str) -> None:
    assert code not in {finding.rule.code for finding in survey(layout).findings}


def test_the_worst_comes_first_and_a_row_knows_its_own() -> None:
    layout = changed("devices", WK_3, changed("devices", WK_1, power_ports=()), position=43)
    whole = survey(layout)
    severities = [finding.severity.value for finding in whole.findings]
    assert severities == sorted(severities, key=["error", "warning", "unknown", "hint"].index)
    assert [finding.rule.code for finding in whole.about("devices", "east/wk-1")] == ["cabling-unknown"]
    assert "outside-rack" in {finding.rule.code for finding in whole.about("racks", "east/hall/row-1/R2")}
    assert whole.about("devices", "east/wk-2") == ()
