"""What fails together, in trees that overlap."""

from msgspec.structs import replace

from fleetui.model.racks.device import Interface
from fleetui.model.racks.domain import FailureDomain
from fleetui.model.racks.domains import OWN_KINDS
from fleetui.model.racks.power import PowerPanel
from tests.model.racks.samples import WELL, changed, machine, survey, with_devices


def domains(layout: object, device: str) -> list[str]:
    return [str(domain) for domain in survey(layout).domains.of(device)]  # type: ignore[arg-type]


def test_a_machine_is_in_places_on_power_and_on_switches() -> None:
    switch = machine("tor-1", position=40, power_ports=())
    layout = changed("devices", 4, with_devices(switch), interfaces=(
        Interface(name="eth0", switch="tor-1"), Interface(name="bmc", switch="tor-1", mgmt_only=True),
        Interface(name="eth1"),
    ))  # fmt: skip
    layout = replace(layout, power_panels=(*layout.power_panels, PowerPanel(name="main", site="east")))
    layout = changed("power_panels", 0, layout, parent="main")
    assert domains(layout, "east/wk-1") == [
        "site east", "room east/hall", "row east/hall/row-1", "rack east/hall/row-1/R1", "pdu east/pdu-R1-A",
        "pdu east/pdu-R1-B", "feed east/pp-A/R1-A", "panel east/pp-A", "panel east/main", "feed east/pp-B/R1-B",
        "panel east/pp-B", "tor east/tor-1", "mgmt-switch east/tor-1",
    ]  # fmt: skip


def test_what_is_in_a_bay_shares_the_fate_of_what_it_is_in() -> None:
    child = machine("blade", position=None, face=None, parent="wk-1", power_ports=())
    told = domains(with_devices(child), "east/blade")
    assert "chassis east/wk-1" in told
    assert "rack east/hall/row-1/R1" in told
    assert "feed east/pp-A/R1-A" in told


def test_declared_domains_are_trees_of_their_own_over_what_they_name() -> None:
    layout = replace(WELL, failure_domains=(
        FailureDomain(kind="fire-zone", name="all"),
        FailureDomain(kind="fire-zone", name="left", parent="all", racks=("R1",)),
        FailureDomain(kind="ups", name="u1", panels=("pp-A",)),
        FailureDomain(kind="batch", name="b7", devices=("pdu-R2-B",)),
    ))  # fmt: skip
    whole = survey(layout)
    assert whole.findings == ()
    declared = {key: [d for d in domains(layout, key) if d.split()[0] not in OWN_KINDS] for key in whole.atlas.devices}
    assert declared["east/wk-1"] == ["fire-zone fire-zone/left", "fire-zone fire-zone/all", "ups ups/u1"]
    assert declared["east/wk-3"] == ["ups ups/u1", "batch batch/b7"]


def test_racks_of_one_name_in_two_rows_are_two_domains() -> None:
    row = replace(WELL.locations[1], name="row-2")
    layout = replace(
        WELL, locations=(*WELL.locations, row), racks=(*WELL.racks, replace(WELL.racks[0], location="row-2")),
        devices=(machine("m", rack="row-2/R1", power_ports=()),), power_feeds=(),
    )  # fmt: skip
    assert "rack east/hall/row-2/R1" in domains(layout, "east/m")
