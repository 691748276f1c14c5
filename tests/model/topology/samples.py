"""Requirements for tests, as a file would say them; and random ones, by seed."""

from random import Random
from typing import Any

import msgspec

from fleetui.model.topology.needs import Needs

SERVER = {"cores": 32, "memory_gb": 128, "disk_gb": 960}


def needs(**said: Any) -> Needs:
    """One site of three racks with 40 servers in stock, and one workload; what is said replaces that."""
    usual: dict[str, Any] = {
        "hardware": {"standard": SERVER},
        "sites": {"east": {"racks": racks("A", "B", "C")}},
        "workloads": {"shop": {"machines": 6}},
        "stock": {"standard": 40},
    }
    return msgspec.convert(usual | said, Needs)


def racks(*names: str, **said: Any) -> dict[str, Any]:
    return {name: dict(said) for name in names}


def drawn(random: Random, *, small: bool) -> Needs:
    """Any requirements. ``small``: so few machines of one size that every way to place them can be tried."""
    hardware = _hardware(random, small=small)
    sites = _sites(random, hardware, small=small)
    racked = {type_ for site in sites.values() for rack in site["racks"].values() for type_ in rack["machines"]}
    most = 24 if small else 150
    return needs(
        hardware=hardware,
        sites=sites,
        stock={type_: random.randint(most // 3, most) for type_ in hardware if type_ not in racked},
        workloads=_workloads(random, hardware, sites, small=small),
        survive=random.choice((["rack"], ["rack", "site"], ["site"], [])),
        standby_percent=random.choice((0, 0, 50, 100)),
        control_planes=random.choice((3,) * 12 + (5, 5, 1, 4, 8)),
        control_plane_hardware=random.choice(("", *hardware)),
        engineers=random.choice((None, 2, 6)),
        teams=random.choice((None, 3, 8)),
        tolerates_blast_radius=random.choice((None, True, False)),
        hard_environments=random.random() < 0.2,
        platform=random.choice((*[None] * 9, True)),
        management=random.choice((*[None] * 9, True)),
        stretch=random.random() < 0.02,
    )


def _hardware(random: Random, *, small: bool) -> dict[str, dict[str, Any]]:
    found = {"standard": dict(SERVER), "gpu": {**SERVER, "gpu": "l40s"}}
    if random.random() < 0.03:
        found["standard"]["cores"] = 1
    if not small:
        for type_ in found.values():
            type_ |= {"units": random.choice((1, 1, 2)), "watts": random.choice((300, 300, 700)), "kg": 18}
    return found


def _sites(random: Random, hardware: dict[str, Any], *, small: bool) -> dict[str, dict[str, Any]]:
    standing = [type_ for type_ in hardware if random.random() < 0.2]
    names = iter("ABCDEFGHIJ")
    found = {}
    for site in ("east", "west", "north")[: random.randint(1, 2 if small else 3)]:
        found[site] = {
            "racks": {next(names): _rack(random, standing, small=small) for _ in range(random.choice((1, 2, *[3] * 8)))}
        }
    return found


def _rack(random: Random, standing: list[str], *, small: bool) -> dict[str, Any]:
    if small:
        there = {type_: random.randint(0, 6) for type_ in standing}
        return {"units": sum(there.values()) + random.randint(0, 16), "taken_units": 0, "machines": there}
    there = {type_: random.randint(2, 14) for type_ in standing}
    limits = random.choice(({}, {"watts": 12_000}, {"watts": 12_000, "kg": 400}))
    return {"units": 42, "taken_units": 2, "machines": there, **limits}


def _workloads(
    random: Random, hardware: dict[str, Any], sites: dict[str, Any], *, small: bool
) -> dict[str, dict[str, Any]]:
    found = {}
    for name in ("pay", "shop", "learn", "test", "batch")[: random.randint(1, 3 if small else 5)]:
        said: dict[str, Any] = {
            "machines": random.randint(1, 3 if small else 25),
            "hardware": random.choice(("", "", "", "gpu")),
            "environment": random.choice(("production", "production", "nonproduction")),
            "isolation": random.choice(("namespace", "namespace", "namespace", "pool", "pool", "cluster")),
            "compliance": random.choice(("", "", "", "", "pci")),
            "at_most": random.choice((*[None] * 9, random.randint(3, 12 if small else 60))),
            "criticality": random.choice((None, None, "high", "normal", "low")),
            "standby": random.choice((None, None, None, True, False)),
            "site": random.choice((*[""] * 12, *sites)),
            "api_load": random.choice(("normal", "normal", "normal", "heavy")),
            "version": random.choice((*[""] * 9, "v1.35.4")),
        }
        found[name] = said
    return found
