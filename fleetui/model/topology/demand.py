"""Clusters that are wanted, before anybody knows where they stand and how large they become."""

import msgspec

from fleetui.model.topology.needs import Environment


class PoolDemand(msgspec.Struct, frozen=True):
    """Workers of one type in one cluster."""

    name: str
    hardware: str
    load: int
    """Workers when all is well."""
    critical: int
    """Of these what must go on when a rack is lost; the rest gives way."""
    workloads: tuple[str, ...]
    own: bool = False
    """Behind a taint, for one workload."""
    stands_by: bool = False


class Demand(msgspec.Struct, frozen=True):
    """One cluster."""

    name: str
    environment: Environment
    pools: tuple[PoolDemand, ...]
    members: int
    """Of etcd."""
    resilient: bool = True
    """Its control plane is to survive a rack, if any is."""
    compliance: str = ""
    site: str = ""
    """The only one where it may be."""
    at_most: int | None = None
    heavy: bool = False
    """Load on its API."""
    version: str = ""
    stands_in_for: str = ""
    """The cluster whose standby it is."""
    suggested: bool = False
    """Nobody asked for it; left out where there is no room."""

    @property
    def workloads(self) -> tuple[str, ...]:
        return tuple(name for pool in self.pools for name in pool.workloads)

    @property
    def is_production(self) -> bool:
        """And nobody's standby."""
        return self.environment is Environment.PRODUCTION and not self.stands_in_for
