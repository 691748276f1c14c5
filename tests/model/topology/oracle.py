"""Whether any plan keeps some of the rules, by trying every site for every cluster and every way to place its machines.
For small requirements alone, with machines of one size. It shares no code with the planner's search; which workloads it
may put together, and how many machines rules ask for, is written down here a second time."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import NamedTuple

from fleetui.model.topology.needs import Needs
from fleetui.model.topology.signs import wants_management, wants_platform

ENDLESS = 10**6


class Group(NamedTuple):
    names: tuple[str, ...]
    site: str
    standby_of: int | None


class Row(NamedTuple):
    type_: str
    count: int
    cap: int


def possible(needs: Needs, rules: frozenset[str]) -> bool:
    control = needs.hardware[needs.control_plane_hardware or "standard"]
    if "etcd-odd" in rules and needs.control_planes not in (1, 3, 5, 7):
        return False
    if "control-plane-least" in rules and (control.cores < 2 or control.memory_gb < 2):
        return False
    if "etcd-one-site" in rules and needs.stretch:
        return False
    return any(_fits(needs, rules, groups) for groups in _sharings(needs, rules))


def _sharings(needs: Needs, rules: frozenset[str]) -> Iterator[list[Group]]:
    """Every way to share clusters that the rules allow, with the clusters that are firmly asked for."""
    for apart, residence in product((True, False), ("joined", "apart", "ignored")):
        if (not apart and "isolation" in rules) or (residence == "ignored" and "residency" in rules):
            continue
        for many in (True,) if needs.hard_environments and apart else (True, False):
            groups = _groups(needs, rules, apart=apart, residence=residence, many=many)
            extra = []
            if needs.management and "load" in rules and wants_management(needs, clusters=9):
                extra.append(Group((), "", None))
            if needs.platform and "load" in rules and wants_platform(needs):
                extra.append(Group((), "", None))
            yield groups + extra


def _groups(needs: Needs, rules: frozenset[str], *, apart: bool, residence: str, many: bool) -> list[Group]:
    found: dict[tuple[object, ...], list[str]] = {}
    for name, one in needs.workloads.items():
        own = name if apart and one.isolation == "cluster" else ""
        scope = one.compliance if apart else ""
        environment = one.environment if many else ""
        found.setdefault((own, scope, environment, one.version), []).append(name)
    found = _by_site(needs, found, residence)
    groups = [Group(tuple(names), str(key[-1]), None) for key, names in found.items()]
    if "site" in needs.survive and "site-loss" in rules:
        for at, group in enumerate(list(groups)):
            if any(_stands_by(needs, name) for name in group.names):
                groups.append(group._replace(standby_of=at))
    return groups


def _by_site(
    needs: Needs, found: dict[tuple[object, ...], list[str]], residence: str
) -> dict[tuple[object, ...], list[str]]:
    split: dict[tuple[object, ...], list[str]] = {}
    for key, names in found.items():
        named = [needs.workloads[name].site for name in names if needs.workloads[name].site]
        for name in names:
            site = needs.workloads[name].site or (named[0] if named and residence == "joined" else "")
            split.setdefault((*key, "" if residence == "ignored" else site), []).append(name)
    return split


def _stands_by(needs: Needs, name: str) -> bool:
    one = needs.workloads[name]
    return one.standby if one.standby is not None else _critical(needs, name) and not one.compliance


def _critical(needs: Needs, name: str) -> bool:
    one = needs.workloads[name]
    return one.criticality == "high" or (one.criticality is None and one.environment == "production")


def _fits(needs: Needs, rules: frozenset[str], groups: list[Group]) -> bool:
    for sites in product(needs.sites, repeat=len(groups)):
        wrong_site = any(group.site and "residency" in rules and group.site != site
                         for group, site in zip(groups, sites, strict=True))  # fmt: skip
        same = any(group.standby_of is not None and sites[group.standby_of] == site
                   for group, site in zip(groups, sites, strict=True))  # fmt: skip
        if not wrong_site and not same and _sized(needs, rules, groups, sites):
            return True
    return False


def _sized(needs: Needs, rules: frozenset[str], groups: list[Group], sites: tuple[str, ...]) -> bool:
    """Every size that the rules allow each pool; then every place."""
    pools = [_pools(needs, group) for group in groups]
    choices = [
        _sizes(needs, rules, names, racks=len(needs.sites[site].racks)) if group.standby_of is None else [None]
        for group, site, of in zip(groups, sites, pools, strict=True)
        for names in of.values()
    ]
    for sizes in product(*choices):
        taken = iter(sizes)
        workers = [{pool: next(taken) for pool in of} for of in pools]
        rows = [_rows(needs, rules, groups, pools, workers, at) for at in range(len(groups))]
        if all(row is not None for row in rows) and _placeable(needs, rules, sites, rows):
            return True
    return False


def _pools(needs: Needs, group: Group) -> dict[str, list[str]]:
    if not group.names:
        return {"standard": []}
    pools: dict[str, list[str]] = {}
    for name in group.names:
        one = needs.workloads[name]
        pools.setdefault(name if one.isolation == "pool" else one.hardware or "standard", []).append(name)
    return pools


def _sizes(needs: Needs, rules: frozenset[str], names: list[str], *, racks: int) -> list[tuple[int, int]]:
    """(workers, the most in one rack)."""
    load = sum(needs.workloads[name].machines for name in names) if names else 2
    critical = sum(needs.workloads[name].machines for name in names if _critical(needs, name)) if names else 2
    if "load" not in rules:
        load = critical = 0
    if not critical or "rack" not in needs.survive or "rack-loss" not in rules:
        return [(load, load)]
    found = []
    for parts in range(2, racks + 1):
        count = max(load, -(-critical * parts // (parts - 1)))
        found.append((count, -(-count // parts)))
    return found


def _rows(needs, rules, groups, pools, workers, at) -> "list[Row] | None":  # type: ignore[no-untyped-def]
    group = groups[at]
    lasting = not group.names or any(needs.workloads[name].criticality != "low" for name in group.names)
    members = needs.control_planes if lasting else 1
    guarded = lasting and "rack" in needs.survive and "quorum-rack" in rules
    heavy = any(needs.workloads[name].api_load == "heavy" for name in group.names)
    rows = []
    control = needs.control_plane_hardware or "standard"
    rows.append(Row(control, members, (members - 1) // 2 if guarded else members))
    if heavy:
        servers = 3 if lasting else 1
        rows.append(Row(control, servers, servers - 1 if guarded else servers))
    for pool, names in pools[at].items():
        type_ = (needs.workloads[names[0]].hardware or "standard") if names else "standard"
        if group.standby_of is None:
            rows.append(Row(type_, *workers[at][pool]))
            continue
        before, least = workers[group.standby_of][pool][0], 0
        if any(_stands_by(needs, name) for name in names):
            percent = needs.standby_percent if "standby-share" in rules else 0
            least = max(min(1, before), -(-before * percent // 100))
        rows.append(Row(type_, least, least))
    limits = [needs.workloads[name].at_most for name in group.names if needs.workloads[name].at_most is not None]
    if "scope" in rules and limits and sum(row.count for row in rows) > min(limits):
        return None
    return rows


def _placeable(needs: Needs, rules: frozenset[str], sites: tuple[str, ...], rows) -> bool:  # type: ignore[no-untyped-def]
    endless = "supply" not in rules
    if not endless:
        used = Counter()
        for of in rows:
            used.update({type_: sum(row.count for row in of if row.type_ == type_) for type_ in needs.hardware})
        if any(used[type_] > count for type_, count in needs.stock.items()):
            return False
    return all(
        _site_holds(
            needs, rules, site, [row for where, of in zip(sites, rows, strict=True) if where == site for row in of]
        )
        for site in needs.sites
    )


def _site_holds(needs: Needs, rules: frozenset[str], site: str, rows: list[Row]) -> bool:
    racks = list(needs.sites[site].racks.values())
    types = list(needs.hardware)
    room = tuple(ENDLESS if "room" not in rules else int(rack.units) - sum(rack.machines.values()) for rack in racks)
    standing = tuple(tuple(rack.machines.get(type_, 0) for rack in racks) for type_ in types)
    buyable = {type_: type_ in needs.stock or "supply" not in rules for type_ in types}

    @cache
    def place(at: int, room: tuple[int, ...], standing: tuple[tuple[int, ...], ...]) -> bool:
        if at == len(rows):
            return True
        row, kind = rows[at], types.index(rows[at].type_)
        for counts in _splits(row.count, row.cap, len(racks)):
            there = standing[kind]
            new = [max(0, count - have) for count, have in zip(counts, there, strict=True)]
            if any(new) and not buyable[row.type_]:
                continue
            left = tuple(free - more for free, more in zip(room, new, strict=True))
            if min(left) < 0:
                continue
            rest = tuple(max(0, have - count) for count, have in zip(counts, there, strict=True))
            if place(at + 1, left, (*standing[:kind], rest, *standing[kind + 1 :])):
                return True
        return False

    return place(0, room, standing)


@cache
def _splits(count: int, cap: int, racks: int) -> tuple[tuple[int, ...], ...]:
    if racks == 1:
        return ((count,),) if count <= cap else ()
    return tuple(
        (first, *rest) for first in range(min(cap, count) + 1) for rest in _splits(count - first, cap, racks - 1)
    )
