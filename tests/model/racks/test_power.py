"""Watts and volt-amperes: what a feed can give, what hangs on it, and what comes to it when the other path is lost."""

import pytest
from msgspec.structs import replace

from fleetui.model.racks.basis import Basis
from fleetui.model.racks.device import DeviceType, PowerRedundancy, SubdeviceRole
from fleetui.model.racks.layout import Layout
from fleetui.model.racks.power import (
    FeedLeg,
    Phase,
    PowerFeed,
    PowerOutlet,
    PowerPath,
    PowerPort,
    Supply,
)
from fleetui.model.racks.supply import survives
from tests.model.racks.samples import SERVER, WELL, changed, cords, feed, machine, pdu, survey, with_devices

A, B = PowerPath.A, PowerPath.B
R1_A, R1_B = "east/pp-A/R1-A", "east/pp-B/R1-B"


@pytest.mark.parametrize(
    ("said", "kilovolt_amperes"),
    [
        ({"voltage": 230, "amperage": 32}, 5.888),
        ({"voltage": 400, "amperage": 32, "phase": Phase.THREE}, 17.736),
        ({"voltage": 230, "amperage": 32, "max_utilization": 100}, 7.36),
        ({"voltage": -48, "amperage": 100, "supply": Supply.DC}, 3.84),
    ],
)
def test_what_a_feed_gives_is_what_netbox_says(said: dict[str, object], kilovolt_amperes: float) -> None:
    feed_said = PowerFeed(name="f", panel="p", **said)  # type: ignore[arg-type]
    assert round(feed_said.available_va / 1000, 3) == kilovolt_amperes


def test_two_feeds_of_five_point_nine_carry_five_point_nine() -> None:
    """The trap: each carries its half easily, the sum of both would carry twice as much, and neither carries all."""
    layout = changed("racks", 0, changed("devices", 4, allocated_draw=6_220), max_power_w=None)
    whole = survey(layout).budgets
    assert whole.racks["east/hall/row-1/R1"].supply_va == 5_888
    load = whole.loads.feeds[R1_A]
    assert load.normal.value == pytest.approx((6_220 + 500) / 2 / 0.95)
    assert load.normal.over is False
    assert load.failover.value == pytest.approx((6_220 + 500) / 0.95)
    assert load.failover.over is True
    assert whole.racks["east/hall/row-1/R1"].failover == pytest.approx(7_073.684 / 5_888, rel=1e-6)


def test_of_one_path_nothing_is_left_when_it_is_lost() -> None:
    whole = survey(changed("power_feeds", 0, path=PowerPath.B)).budgets
    assert whole.racks["east/hall/row-1/R1"].supply_va == 0


def test_without_a_path_nobody_knows_what_comes_to_a_feed() -> None:
    whole = survey(changed("power_feeds", 0, path=None)).budgets
    assert whole.loads.feeds[R1_A].normal.value == pytest.approx(1_000 / 2 / 0.95)
    assert whole.loads.feeds[R1_A].failover.value is None
    assert whole.loads.feeds[R1_B].failover.value is None
    assert whole.racks["east/hall/row-1/R1"].supply_va is None
    assert whole.racks["east/hall/row-1/R1"].failover is None
    assert whole.racks["east/hall/row-1/R2"].failover is not None


def test_a_cable_that_nobody_wrote_down_makes_every_feed_of_its_rack_unknown() -> None:
    whole = survey(changed("devices", 4, power_ports=(PowerPort(name="psu1"),))).budgets
    for key in (R1_A, R1_B):
        assert whole.loads.feeds[key].normal.value is None
        assert whole.loads.feeds[key].normal.missing == ("east/wk-1",)
        assert whole.loads.feeds[key].normal.known == pytest.approx(500 / 2 / 0.95)
    assert whole.racks["east/hall/row-1/R1"].power.value == 1_000


def test_too_much_is_too_much_whatever_is_missing() -> None:
    layout = changed("devices", 4, changed("devices", 5, allocated_draw=13_000), power_ports=())
    load = survey(layout).budgets.loads.feeds[R1_A]
    assert load.normal.value is None
    assert load.normal.over is True


@pytest.mark.parametrize(
    ("paths", "normal", "failover"),
    [
        ((A, B), 1 / 2, 1.0),
        ((A, A, B), 2 / 3, 1.0),
        ((A, B, B), 1 / 3, 1.0),
        ((A,), 1.0, 1.0),
        ((B,), 0.0, 0.0),
    ],
)
def test_live_power_supplies_carry_equal_parts(paths: tuple[PowerPath, ...], normal: float, failover: float) -> None:
    ports = tuple(PowerPort(name=str(n), feed=f"R1-{path}") for n, path in enumerate(paths))
    kind = DeviceType(model="any", allocated_draw=950)
    only = replace(WELL, devices=(machine("m", device_type="any", power_ports=ports),), device_types=(kind,))
    load = survey(only).budgets.loads.feeds[R1_A]
    assert load.normal.value == pytest.approx(1_000 * normal)
    assert load.failover.value == pytest.approx(1_000 * failover)


@pytest.mark.parametrize(
    ("redundancy", "live", "of", "runs"),
    [
        (PowerRedundancy.NONE, 1, 2, False), (PowerRedundancy.NONE, 2, 2, True), (PowerRedundancy.NONE, 0, 0, False),
        (PowerRedundancy.ONE, 3, 4, True), (PowerRedundancy.ONE, 2, 4, False), (PowerRedundancy.ONE, 0, 1, False),
        (PowerRedundancy.HALF, 2, 4, True), (PowerRedundancy.HALF, 1, 4, False), (PowerRedundancy.HALF, 0, 2, False),
        (None, 1, 4, True), (None, 0, 4, False),
    ],
)  # fmt: skip
def test_how_many_power_supplies_a_device_can_lose(
    redundancy: PowerRedundancy | None, live: int, of: int, runs: bool
) -> None:
    assert survives(redundancy, live=live, of=of) is runs


def test_what_does_not_survive_a_loss_draws_nothing_then() -> None:
    layout = changed("devices", 4, power_redundancy=PowerRedundancy.NONE)
    load = survey(layout).budgets.loads.feeds[R1_A]
    assert load.failover.value == pytest.approx(500 / 0.95)
    assert "single-corded" in {finding.rule.code for finding in survey(layout).findings}


@pytest.mark.parametrize(
    ("redundancy", "ports", "watts"),
    [
        (None, (400.0,), 400), (None, (400.0, 400.0), None), (PowerRedundancy.HALF, (400.0, 400.0), 400),
        (PowerRedundancy.ONE, (400.0, 400.0, 400.0), 800), (PowerRedundancy.NONE, (400.0, 400.0), 800),
        (PowerRedundancy.HALF, (400.0, None), None),
    ],
)  # fmt: skip
def test_power_supplies_that_stand_in_for_each_other_are_not_added_up(
    redundancy: PowerRedundancy | None, ports: tuple[float | None, ...], watts: float | None
) -> None:
    said = tuple(PowerPort(name=str(n), maximum_draw=draw, feed="R1-A") for n, draw in enumerate(ports))
    layout = with_devices(machine("m", position=5, device_type="", power_redundancy=redundancy, power_ports=said))
    assert survey(layout, Basis.NAMEPLATE).budgets.loads.draw("east/m") == watts


@pytest.mark.parametrize(("basis", "watts"), [(Basis.NAMEPLATE, 700), (Basis.ALLOCATED, 500), (Basis.MEASURED, 320)])
def test_a_sum_is_of_one_figure(basis: Basis, watts: float) -> None:
    layout = changed("devices", 4, maximum_draw=700, measured_draw=320)
    assert survey(layout, basis).budgets.loads.draw("east/wk-1") == watts
    other = survey(layout, basis).budgets.loads.draw("east/wk-2")
    assert other == (500 if basis is Basis.ALLOCATED else None)


def test_what_is_in_a_bay_draws_through_what_it_is_in() -> None:
    chassis = DeviceType(model="chassis", u_height=4, subdevice_role=SubdeviceRole.PARENT)
    blades = [machine(name, position=None, face=None, parent="ch", power_ports=()) for name in ("b1", "b2")]
    layout = with_devices(
        machine("ch", position=10, device_type="chassis", power_ports=cords("R1", 7)), *blades,
        of=replace(WELL, device_types=(*WELL.device_types, chassis)),
    )  # fmt: skip
    whole = survey(layout).budgets
    assert whole.loads.draw("east/ch") == 1_000
    assert whole.racks["east/hall/row-1/R1"].power.value == 2_000
    assert whole.loads.feeds[R1_A].normal.value == pytest.approx(2_000 / 2 / 0.95)


def test_pdus_behind_each_other_are_followed_to_the_feed() -> None:
    behind = replace(pdu("R1", A), name="strip", power_ports=(PowerPort(name="inlet", pdu="pdu-R1-A", outlet="8"),))
    far = machine("far", position=20, power_ports=(PowerPort(name="psu1", pdu="strip", outlet="1"),))
    whole = survey(with_devices(behind, far)).budgets
    assert whole.loads.feeds[R1_A].normal.value == pytest.approx((1_000 / 2 + 500) / 0.95)


def test_watts_become_volt_amperes_by_the_power_supply() -> None:
    ports = (PowerPort(name="a", feed="R1-A", power_factor=0.5), PowerPort(name="b", feed="R1-B"))
    layout = replace(WELL, devices=(machine("m", power_ports=ports),))
    loads = survey(layout).budgets.loads.feeds
    assert loads[R1_A].normal.value == pytest.approx(500)
    assert loads[R1_B].normal.value == pytest.approx(250 / 0.95)
    direct = changed("power_feeds", 0, layout, supply=Supply.DC, voltage=48)
    assert survey(direct).budgets.loads.feeds[R1_A].normal.value == pytest.approx(250)


def test_three_phases_are_counted_by_leg() -> None:
    outlets = tuple(PowerOutlet(name=str(n), feed_leg=leg) for n, leg in enumerate(FeedLeg, start=1))
    feeds = tuple(feed("R1", path, phase=Phase.THREE, voltage=400) for path in PowerPath)
    pdus = tuple(pdu("R1", path, *outlets) for path in PowerPath)
    machines = tuple(machine(f"m{n}", position=n, allocated_draw=100 * n) for n in (1, 2, 3))
    whole = survey(Layout(
        sites=WELL.sites, locations=WELL.locations, racks=WELL.racks, power_panels=WELL.power_panels,
        device_types=WELL.device_types, power_feeds=feeds, devices=(*pdus, *machines),
    ))  # fmt: skip
    load = whole.budgets.loads.feeds[R1_A]
    assert [load.legs[leg].value for leg in FeedLeg] == [pytest.approx(50 * n / 0.95) for n in (1, 2, 3)]
    assert [load.legs_failover[leg].value for leg in FeedLeg] == [pytest.approx(100 * n / 0.95) for n in (1, 2, 3)]
    assert load.legs[FeedLeg.A].limit == pytest.approx(17_735.68 / 3)


def test_a_panel_carries_all_below_it() -> None:
    panels = (*WELL.power_panels, replace(WELL.power_panels[0], name="main", capacity_va=None))
    layout = changed("power_panels", 0, replace(WELL, power_panels=panels), parent="main")
    loads = survey(layout).budgets.loads.panels
    assert loads["east/pp-A"].normal.value == pytest.approx(1_500 / 2 / 0.95)
    assert loads["east/main"].normal.value == loads["east/pp-A"].normal.value
    assert loads["east/pp-A"].failover.value == pytest.approx(1_500 / 0.95)


def test_a_pdu_that_feeds_itself_is_unknown_and_ends() -> None:
    loop = replace(pdu("R1", A), name="x", power_ports=(PowerPort(name="inlet", pdu="x", outlet="1"),))
    on_it = machine("m", position=9, power_ports=(PowerPort(name="psu1", pdu="x", outlet="2"),))
    whole = survey(with_devices(loop, on_it)).budgets
    assert not whole.grid.cabled("east/m")
    assert whole.loads.feeds[R1_A].normal.value is None


def test_the_type_says_what_the_device_does_not() -> None:
    layout = replace(WELL, device_types=(replace(SERVER, allocated_draw=250), WELL.device_types[1]))
    assert survey(layout).budgets.racks["east/hall/row-1/R1"].power.value == 500
