"""The answers that are known: sizes, racks, what a loss leaves, and what cannot be."""

from collections import Counter
from pathlib import Path

import msgspec
import pytest

from fleetui.clients.requirements_file import read_requirements
from fleetui.model.topology import arrangement
from fleetui.model.topology.needs import Needs
from fleetui.model.topology.plan import Etcd, Impossible, Plan
from fleetui.model.topology.planner import plan
from fleetui.model.topology.rules import RuleId
from tests.model.topology.judge import faults
from tests.model.topology.samples import SERVER, needs, racks

EXAMPLE = Path(__file__).parents[3] / "examples" / "requirements.yaml"


def planned(asked: Needs) -> Plan:
    made = plan(asked)
    assert isinstance(made, Plan), made
    assert faults(asked, made) == []
    return made


def conflict(asked: Needs) -> dict[RuleId, str]:
    """Rules with their evidence."""
    made = plan(asked)
    assert isinstance(made, Impossible)
    return {one.rule: " ".join(one.evidence) for one in made.conflict}


def said(made: Plan, rule: RuleId) -> str:
    return "\n".join(f"{one.choice}: {one.reason}" for one in made.decisions if one.rule is rule)


@pytest.fixture(scope="module")
def company() -> tuple[Needs, Plan]:
    """150 machines, two sites 5 ms apart, PCI of at most 20 machines, 10 with GPUs, the loss of a site survived."""
    asked = read_requirements(EXAMPLE)
    assert (asked.machine_count, asked.stock["gpu"], asked.links[0].rtt_ms) == (150, 10, 5)
    assert asked.workloads["payments"].at_most == 20
    return asked, planned(asked)


def test_a_company_with_two_sites_has_four_clusters(company: tuple[Needs, Plan]) -> None:
    assert {one.name: one.machines for one in company[1].clusters} == {"pci": 18, "prod": 63, "dr": 38, "nonprod": 31}


def test_its_racks_hold_27_and_23(company: tuple[Needs, Plan]) -> None:
    held = Counter(machine.rack for machine in company[1].machines)
    assert held == {"A": 27, "B": 27, "C": 27, "D": 23, "E": 23, "F": 23}


def test_no_single_rack_loses_a_quorum_or_a_critical_load(company: tuple[Needs, Plan]) -> None:
    losses = [loss for loss in company[1].losses if loss.kind == "rack"]
    assert len(losses) == 6
    assert all(one.members_left == 2 and one.carries for loss in losses for one in loss.clusters)
    assert not any(loss.uncovered for loss in losses)


def test_what_the_loss_of_the_east_leaves_uncovered_is_said(company: tuple[Needs, Plan]) -> None:
    (east,) = [loss for loss in company[1].losses if (loss.kind, loss.name) == ("site", "DC-East")]
    assert east.machines == 81
    assert east.uncovered == (
        "pci (pci): no standby; payments stops",
        "dr: 35 workers for the 60 of prod",
        "dr: no gpu machine for the 10 of recommendations; recommendations stops",
    )


def test_a_row_and_a_room_fall_with_their_site(company: tuple[Needs, Plan]) -> None:
    uncovered = {loss.kind: loss.uncovered for loss in company[1].losses if loss.name.startswith("DC-East")}
    assert uncovered["row"] == uncovered["room"] == uncovered["site"]


def test_its_etcd_is_not_stretched_even_over_5_ms(company: tuple[Needs, Plan]) -> None:
    assert "not stretched over DC-East and DC-West: 5 ms" in said(company[1], RuleId.ETCD_SITE)


def large(**more: object) -> Needs:
    """300 machines, 8 teams, PCI."""
    workloads = {
        "cards": {"machines": 20, "compliance": "pci"},
        "shop": {"machines": 90},
        "tests": {"machines": 60, "environment": "nonproduction"},
    }
    return needs(**{"stock": {"standard": 300}, "teams": 8, "workloads": workloads,
                    "sites": {"east": {"racks": racks(*"ABCDEFGHI")}}} | more)  # fmt: skip


def test_300_machines_8_teams_and_pci_need_three_clusters_and_better_have_five() -> None:
    made = planned(large())
    assert [one.name for one in made.clusters if not one.suggested] == ["pci", "prod", "nonprod"]
    assert {one.name for one in made.clusters if one.suggested} == {"management", "platform"}
    assert "3 are needed" in said(made, RuleId.SHARED)
    assert "8 teams" in said(made, RuleId.MANY)


def test_what_is_only_suggested_is_left_out_where_there_is_no_room() -> None:
    workloads = {
        "cards": {"machines": 20, "compliance": "pci"},
        "shop": {"machines": 90},
        "tests": {"machines": 161, "environment": "nonproduction"},
    }
    made = planned(large(workloads=workloads))
    assert not [one for one in made.clusters if one.suggested]
    assert said(made, RuleId.SHARED).count("left out") == 2


def test_few_teams_with_few_machines_share_one_cluster() -> None:
    made = planned(needs(teams=2, engineers=2, workloads={
        "shop": {"machines": 6}, "tests": {"machines": 4, "environment": "nonproduction"},
    }))  # fmt: skip
    assert [one.name for one in made.clusters] == ["main"]
    assert "2 teams" in said(made, RuleId.MANY)


def test_a_trading_api_of_400_machines_has_an_external_etcd_a_member_a_rack() -> None:
    made = planned(
        needs(
            stock={"standard": 450},
            sites={"east": {"racks": racks(*"ABCDEFGHIJKL")}},
            workloads={"trading": {"machines": 366, "api_load": "heavy", "criticality": "high"}},
        )
    )
    (trading,) = [one for one in made.clusters if "trading" in one.pools[0].workloads]
    assert (trading.etcd, trading.members) == (Etcd.EXTERNAL, 3)
    assert trading.machines > 400
    racks_of_etcd = [machine.rack for machine in made.machines if machine.role == "etcd"]
    assert len(racks_of_etcd) == len(set(racks_of_etcd)) == 3


def test_size_alone_makes_etcd_external_and_a_thousand_machines_a_second_one_for_events() -> None:
    def roles(machines: int) -> set[str]:
        asked = needs(stock={"standard": 3_000}, sites={"east": {"racks": racks("A", "B", "C", units=1_002)}},
                      workloads={"shop": {"machines": machines, "criticality": "normal"}})  # fmt: skip
        return {machine.role for machine in planned(asked).machines}

    assert roles(196) == {"control-plane", "worker"}
    assert roles(197) == {"control-plane", "etcd", "worker"}
    assert roles(1_000) == {"control-plane", "etcd", "etcd-events", "worker"}


def test_three_control_planes_stand_in_three_racks() -> None:
    made = planned(needs())
    assert sorted(one.rack for one in made.machines if one.role == "control-plane") == ["A", "B", "C"]


def test_five_members_in_three_racks_lose_no_quorum_with_a_rack() -> None:
    made = planned(needs(control_planes=5))
    held = Counter(one.rack for one in made.machines if one.role == "control-plane")
    assert sorted(held.values()) == [1, 2, 2]


TWO_RACKS = {"east": {"racks": racks("A", "B")}}


def test_two_racks_give_no_ha_and_the_plan_says_so() -> None:
    made = planned(needs(sites=TWO_RACKS, survive=[]))
    assert "no HA" in said(made, RuleId.QUORUM)
    assert "2 racks: one holds 2 of 3 members" in said(made, RuleId.QUORUM)
    assert next(loss.uncovered for loss in made.losses if loss.name == "A")[0].startswith("main: no quorum")


def test_two_racks_cannot_survive_one() -> None:
    found = conflict(needs(sites=TWO_RACKS))
    assert list(found) == [RuleId.QUORUM]
    assert "1 of 3 members are left" in found[RuleId.QUORUM]


@pytest.mark.parametrize(("members", "why"), [(6, "may lose 2, as 5 may, and 4 of them must agree"), (9, "9 members")])
def test_no_etcd_has_so_many_members(members: int, why: str) -> None:
    found = conflict(needs(control_planes=members))
    assert list(found) == [RuleId.ETCD_ODD]
    assert why in found[RuleId.ETCD_ODD]


FAR = {
    "sites": {"east": {"racks": racks("A", "B", "C")}, "west": {"racks": racks("D", "E", "F")}},
    "links": [{"between": ["east", "west"], "rtt_ms": 25}],
}


def test_25_ms_between_sites_allow_no_stretched_etcd() -> None:
    found = conflict(needs(**FAR, stretch=True))
    assert list(found) == [RuleId.ETCD_SITE]
    assert "25 ms between east and west, over 10 ms" in found[RuleId.ETCD_SITE]


def test_each_etcd_stays_in_one_site_when_25_ms_lie_between() -> None:
    made = planned(needs(**FAR, survive=["rack", "site"]))
    assert {one.name: one.site for one in made.clusters} == {"main": "east", "dr": "west"}
    assert "25 ms between them: over 10 ms" in said(made, RuleId.ETCD_SITE)
    for cluster in made.clusters:
        assert {one.site for one in made.machines if one.cluster == cluster.name} == {cluster.site}


def test_a_conflict_names_what_is_missing_and_by_how_much() -> None:
    found = conflict(needs(workloads={"shop": {"machines": 40}}))
    assert found == {
        RuleId.LOAD: "40 workers are asked for by shop",
        RuleId.SUPPLY: "43 standard machines are needed, 40 are there",
    }


def test_a_rack_is_never_over_what_one_feed_gives() -> None:
    """27 machines of 300 W are 8.1 kW; 28 are not to be had in a rack of 8.2."""

    def asked(machines: int) -> Needs:
        return needs(stock={"standard": 100}, sites={"east": {"racks": racks("A", "B", "C", watts=8_200)}},
                     workloads={"shop": {"machines": machines, "criticality": "normal"}})  # fmt: skip

    assert {rack.watts for rack in planned(asked(78)).racks} == {8_100}
    assert set(conflict(asked(79))) == {RuleId.LOAD, RuleId.ROOM}


def test_one_more_machine_of_pci_than_the_scope_allows_is_a_conflict() -> None:
    asked = read_requirements(EXAMPLE)
    payments = msgspec.structs.replace(asked.workloads["payments"], at_most=17)
    found = conflict(msgspec.structs.replace(asked, workloads=asked.workloads | {"payments": payments}))
    assert "pci: 18 machines, 17 for payments at most" in found[RuleId.SCOPE]


def crowded(clusters: int, machines: int = 60, **more: object) -> Needs:
    """As many clusters in a site of twelve racks."""
    workloads = {f"w{number}": {"machines": machines, "isolation": "cluster"} for number in range(clusters)}
    return needs(**{"workloads": workloads, "stock": {"standard": 2_000},
                    "sites": {"east": {"racks": racks(*"ABCDEFGHIJKL")}}} | more)  # fmt: skip


def test_many_racks_and_clusters_are_planned_and_refused_quickly() -> None:
    assert len(planned(crowded(6, management=False)).clusters) == 6
    assert list(conflict(crowded(6, survive=["rack", "site"]))) == [RuleId.SITE_LOSS]
    assert set(conflict(crowded(8, management=False))) == {RuleId.LOAD, RuleId.ROOM}


def test_where_trying_all_would_take_too_long_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven clusters of 66 machines fit into two sites by their sum, but only three into each."""
    monkeypatch.setattr(arrangement, "MOST_TRIED", 300)
    with pytest.raises(arrangement.TooHardError, match="none is ruled out"):
        plan(crowded(7, 52, management=False, sites={
            "east": {"racks": racks(*"ABCDEF", units=44)}, "west": {"racks": racks(*"GHIJKL", units=44)},
        }))  # fmt: skip


def test_machines_stay_in_the_racks_where_they_stand() -> None:
    sites = {"east": {"racks": {name: {"machines": {"standard": 4}} for name in "ABC"}}}
    made = planned(needs(stock={}, sites=sites, hardware={"standard": SERVER}))
    assert {machine.new for machine in made.machines} == {False}
    assert [rack.machines for rack in made.racks] == [4, 4, 4], "those that nobody asked for still stand there"
    assert sum(made.spare.values()) == 0
