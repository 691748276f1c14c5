"""From an arrangement to the plan that people read: named machines, clusters, and how full the racks are."""

from collections import Counter
from collections.abc import Iterator

from fleetui.model.topology.arrangement import Arrangement, Placed
from fleetui.model.topology.needs import Needs, Rack
from fleetui.model.topology.plan import Cluster, Etcd, Machine, Pool, RackUse
from fleetui.model.topology.sizing import CONTROL_PLANE, ETCD, EVENTS, WORKER

_SHORT = {CONTROL_PLANE: "cp", ETCD: "etcd", EVENTS: "events", WORKER: "wk"}


def machines_of(needs: Needs, found: Arrangement) -> Iterator[Machine]:
    """Every machine of every cluster, by name: cluster, role, rack, number in that rack."""
    for placed in found.placed:
        numbers: Counter[tuple[str, str]] = Counter()
        for row, counts in placed.rows:
            short = _short(needs, row.role, row.hardware)
            for rack, count in zip(needs.sites[placed.site].racks, counts, strict=True):
                for _ in range(count):
                    numbers[short, rack] += 1
                    name = f"{placed.demand.name}-{short}-{rack}-{numbers[short, rack]:02}".lower()
                    yield Machine(
                        name=name, cluster=placed.demand.name, role=row.role, pool=row.pool, hardware=row.hardware,
                        site=placed.site, rack=rack, new=row.hardware in needs.stock,
                    )  # fmt: skip


def _short(needs: Needs, role: str, hardware: str) -> str:
    return "gpu" if role == WORKER and needs.hardware[hardware].gpu else _SHORT[role]


def clusters_of(found: Arrangement) -> Iterator[Cluster]:
    workers = {placed.demand.name: placed.workers for placed in found.placed}
    for placed in found.placed:
        demand = placed.demand
        yield Cluster(
            name=demand.name,
            environment=demand.environment,
            compliance=demand.compliance,
            version=demand.version,
            site=placed.site,
            etcd=Etcd.EXTERNAL if placed.external else Etcd.STACKED,
            members=demand.members,
            machines=placed.machines,
            pools=tuple(_pools(placed, workers.get(demand.stands_in_for))),
            resilient=demand.resilient,
            stands_in_for=demand.stands_in_for,
            suggested=demand.suggested,
            at_most=demand.at_most,
        )


def _pools(placed: Placed, primary: dict[str, int] | None) -> Iterator[Pool]:
    for pool in placed.demand.pools:
        yield Pool(
            name=pool.name,
            hardware=pool.hardware,
            workers=placed.workers[pool.name],
            load=pool.load if primary is None else primary[pool.name],
            critical=pool.critical if primary is None else 0,
            workloads=pool.workloads,
            own=pool.own,
            stands_by=pool.stands_by,
        )


def racks_of(needs: Needs, machines: tuple[Machine, ...]) -> Iterator[RackUse]:
    """What they hold in all: what stands there already, used or not, and what is new."""
    new: dict[str, Counter[str]] = {}
    used: dict[str, Counter[str]] = {}
    for machine in machines:
        (new if machine.new else used).setdefault(machine.rack, Counter())[machine.hardware] += 1
    for site, of in needs.sites.items():
        for name, rack in of.racks.items():
            there = Counter(rack.machines) | used.get(name, Counter())
            yield _rack_use(needs, site, name, rack, there + new.get(name, Counter()))


def _rack_use(needs: Needs, site: str, name: str, rack: Rack, held: Counter[str]) -> RackUse:
    types = [(needs.hardware[type_], count) for type_, count in held.items()]
    known = all(type_.kg is not None for type_, _ in types)
    return RackUse(
        name=name,
        site=site,
        machines=held.total(),
        units=rack.taken_units + sum(type_.units * count for type_, count in types),
        units_limit=rack.units,
        watts=sum(type_.watts * count for type_, count in types),
        watts_limit=rack.watts,
        kg=sum((type_.kg or 0.0) * count for type_, count in types) if known else None,
        kg_limit=rack.kg,
    )


def spare_of(needs: Needs, found: Arrangement) -> dict[str, int]:
    """By type, machines that nobody needs."""
    return {type_: left for type_ in needs.hardware if (left := found.yard.left(type_)) > 0}
