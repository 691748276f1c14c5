"""How large a cluster becomes in a site: the members of its etcd, its control plane, the workers that outages need."""

from collections.abc import Iterator, Mapping
from itertools import product
from math import ceil

import msgspec

from fleetui.model.topology.demand import Demand, PoolDemand
from fleetui.model.topology.rules import RuleId
from fleetui.model.topology.terms import Terms
from fleetui.model.topology.yard import Row

CONTROL_PLANE = "control-plane"
ETCD = "etcd"
EVENTS = "etcd-events"
WORKER = "worker"
EXTERNAL_FROM = 200
"""Machines of a cluster."""
EVENTS_FROM = 1_000
API_SERVERS = 3
"""Beside an external etcd."""
CLUSTER_MOST = 5_000
"""Nodes: what Kubernetes is tested with."""
LARGEST_ETCD = 7
LEAST_CORES, LEAST_MEMORY_GB = 2, 2
"""Of a control plane; kubeadm's."""
FEW_RACKS = 6
"""Of a site: every number of parts is tried."""
NO_LIMIT = 1_000_000


class Shape(msgspec.Struct, frozen=True):
    """One cluster's machines, as rows to be placed."""

    rows: tuple[Row, ...]
    external: bool


def quorum(members: int) -> int:
    return members // 2 + 1


def tolerance(members: int) -> int:
    """Members that may be lost."""
    return members - quorum(members)


def shapes(terms: Terms, demand: Demand, *, racks: int, primary: Mapping[str, int]) -> Iterator[Shape]:
    """What the cluster may look like in a site of so many racks, the smallest first; nothing when a rule forbids it
    there. ``primary``: workers by pool of the cluster whose standby it is."""
    if demand.stands_in_for:
        choices = [[_standby(terms, pool, primary[pool.name])] for pool in demand.pools]
    else:
        choices = [_workers(terms, pool, racks) for pool in demand.pools]
    for workers in product(*choices):
        count = sum(primary.values()) if demand.stands_in_for else sum(row.count for row in workers)
        external = demand.heavy or count + demand.members >= EXTERNAL_FROM
        rows = (*_control(terms, demand, external=external, workers=count), *workers)
        if sum(row.count for row in rows) <= most(terms, demand):
            yield Shape(rows, external)


def most(terms: Terms, demand: Demand) -> int:
    """Machines that the cluster may have."""
    scope = demand.at_most if terms.hold(RuleId.SCOPE) else None
    size = CLUSTER_MOST if terms.hold(RuleId.CLUSTER_SIZE) else NO_LIMIT
    return size if scope is None else min(scope, size)


def _control(terms: Terms, demand: Demand, *, external: bool, workers: int) -> Iterator[Row]:
    guarded = terms.hold(RuleId.QUORUM) and terms.needs.survives_rack and demand.resilient

    def row(role: str, count: int) -> Row:
        return Row(role, role, terms.control_plane_hardware, count, cap=tolerance(count) if guarded else count)

    if not external:
        yield row(CONTROL_PLANE, demand.members)
        return
    servers = row(CONTROL_PLANE, API_SERVERS if demand.resilient else 1)
    yield msgspec.structs.replace(servers, cap=servers.count - 1) if guarded else servers  # one left is enough
    yield row(ETCD, demand.members)
    if workers >= EVENTS_FROM:
        yield row(EVENTS, min(3, demand.members))


def _workers(terms: Terms, pool: PoolDemand, racks: int) -> list[Row]:
    """In equal parts over all racks, or, where some have no room for that, over fewer and so with more machines."""
    if not _outlives_a_rack(terms, pool):
        return [Row(WORKER, pool.name, pool.hardware, pool.load, cap=pool.load)]
    rows = []
    for parts in _parts(racks):
        count = _in_parts(pool, parts)
        rows.append(Row(WORKER, pool.name, pool.hardware, count, cap=ceil(count / parts)))
    return rows


def least_workers(terms: Terms, pool: PoolDemand, racks: int) -> int:
    """Fewer are not enough in any site of at most so many racks."""
    return _in_parts(pool, racks) if racks > 1 and _outlives_a_rack(terms, pool) else pool.load


def _outlives_a_rack(terms: Terms, pool: PoolDemand) -> bool:
    return bool(pool.critical) and terms.needs.survives_rack and terms.hold(RuleId.RACK_LOSS)


def _in_parts(pool: PoolDemand, parts: int) -> int:
    """Workers, so many that without one of the parts the critical load is carried."""
    return max(pool.load, ceil(pool.critical * parts / (parts - 1)))


def _parts(racks: int) -> list[int]:
    """In how many equal parts workers may stand: of many racks only some numbers are tried."""
    if racks <= FEW_RACKS:
        return list(range(racks, 1, -1))
    return [racks, racks * 3 // 4, racks // 2, 3, 2]


def _standby(terms: Terms, pool: PoolDemand, workers: int) -> Row:
    """What it must have at least; more is added from what is left over."""
    percent = terms.needs.standby_percent if terms.hold(RuleId.STANDBY) else 0
    least = max(min(1, workers), ceil(workers * percent / 100)) if pool.stands_by else 0
    return Row(WORKER, pool.name, pool.hardware, least, cap=least)
