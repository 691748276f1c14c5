"""What is left when a single domain goes: any rack, row, room or site."""

from collections import Counter
from collections.abc import Iterable, Iterator

from fleetui.model.topology.needs import Loss as Kind
from fleetui.model.topology.needs import Needs
from fleetui.model.topology.plan import Cluster, ClusterLoss, Loss, Machine, PoolLeft
from fleetui.model.topology.sizing import CONTROL_PLANE, WORKER, quorum

Domain = tuple[str, str]
"""Kind and name."""
Held = Counter[tuple[str, str, str]]
"""Machines of a cluster by rack, role and pool."""


def losses(needs: Needs, clusters: tuple[Cluster, ...], machines: tuple[Machine, ...]) -> Iterator[Loss]:
    """One for each domain, the smallest kind first."""
    held: dict[str, Held] = {cluster.name: Counter() for cluster in clusters}
    for machine in machines:
        held[machine.cluster][machine.rack, machine.role, machine.pool] += 1
    for (kind, name), racks in domains(needs).items():
        gone = {
            cluster: sum(count for (rack, _, _), count in of.items() if rack in racks) for cluster, of in held.items()
        }
        left = tuple(_left(one, held[one.name], racks) for one in clusters if gone[one.name])
        missing = _uncovered(clusters, left) if kind != Kind.RACK else _short(left)
        yield Loss(kind, name, sum(gone.values()), left, tuple(missing))


def domains(needs: Needs) -> dict[Domain, frozenset[str]]:
    """Their racks. Rows and rooms are named within their site: two sites may each have a hall-1."""
    found: dict[Domain, set[str]] = {}
    for site, of in needs.sites.items():
        for name, rack in of.racks.items():
            places = [("rack", name), ("site", site)]
            if rack.row:
                places.append(("row", "/".join(part for part in (site, rack.room, rack.row) if part)))
            if rack.room:
                places.append(("room", f"{site}/{rack.room}"))
            for place in places:
                found.setdefault(place, set()).add(name)
    order = ("rack", "row", "room", "site")
    return {place: frozenset(found[place]) for place in sorted(found, key=lambda place: order.index(place[0]))}


def _left(cluster: Cluster, held: Held, racks: frozenset[str]) -> ClusterLoss:
    roles: Counter[str] = Counter()
    workers: Counter[str] = Counter()
    for (rack, role, pool), count in held.items():
        if rack not in racks:
            roles[role] += count
            workers[pool] += count if role == WORKER else 0
    members = roles[cluster.member_role]
    return ClusterLoss(
        cluster=cluster.name,
        members_left=members,
        members=cluster.members,
        has_quorum=roles[CONTROL_PLANE] > 0 and members >= quorum(cluster.members),
        pools=tuple(PoolLeft(pool.name, workers[pool.name], pool.workers, pool.critical) for pool in cluster.pools),
    )


def _short(left: Iterable[ClusterLoss]) -> Iterator[str]:
    """What a rack takes that the rest of its cluster does not carry."""
    for one in left:
        if not one.has_quorum:
            yield f"{one.cluster}: no quorum, {one.members_left} of {one.members} members left: its API stops"
        for pool in one.pools:
            if pool.left < pool.critical:
                yield f"{one.cluster}: {pool.left} {pool.pool} workers for a critical load of {pool.critical}"


def _uncovered(clusters: tuple[Cluster, ...], left: Iterable[ClusterLoss]) -> Iterator[str]:
    """Of a larger domain: clusters that lose their quorum, and what their standbys, which stand elsewhere, lack."""
    for one in left:
        cluster = next(each for each in clusters if each.name == one.cluster)
        if cluster.stands_in_for:
            if not one.has_quorum:
                yield f"{cluster.name}: the standby of {cluster.stands_in_for} is gone until it is back"
            continue
        if one.has_quorum:
            yield from _short([one])
            continue
        standby = next((each for each in clusters if each.stands_in_for == cluster.name), None)
        yield from _lacking(cluster, standby)


def _lacking(cluster: Cluster, standby: Cluster | None) -> Iterator[str]:
    if standby is None:
        scope = f" ({cluster.compliance})" if cluster.compliance else ""
        workloads = ", ".join(name for pool in cluster.pools for name in pool.workloads)
        yield f"{cluster.name}{scope}: no standby" + (f"; {workloads} stops" if workloads else "")
        return
    if standby.workers < cluster.workers:
        yield f"{standby.name}: {standby.workers} workers for the {cluster.workers} of {cluster.name}"
    for pool, there in zip(cluster.pools, standby.pools, strict=True):
        if not there.workers and pool.workers:
            names = ", ".join(pool.workloads)
            yield f"{standby.name}: no {pool.hardware} machine for the {pool.workers} of {pool.name}; {names} stops"
