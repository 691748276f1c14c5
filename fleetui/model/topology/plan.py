"""A finished plan: clusters, machines in racks, why, and what every loss leaves."""

from enum import StrEnum

import msgspec

from fleetui.model.topology.needs import Environment
from fleetui.model.topology.rules import RuleId


class Etcd(StrEnum):
    STACKED = "stacked"
    EXTERNAL = "external"


class Machine(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    cluster: str
    role: str
    """``control-plane``, ``etcd``, ``etcd-events`` or ``worker``."""
    pool: str
    hardware: str
    site: str
    rack: str
    new: bool
    """It comes from stock; else one of its type that stands in this rack already."""


class Pool(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    hardware: str
    workers: int
    load: int
    """Workers when all is well; of a standby, those that its primary has."""
    critical: int
    workloads: tuple[str, ...]
    own: bool
    stands_by: bool


class Cluster(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    environment: Environment
    compliance: str
    version: str
    site: str
    etcd: Etcd
    members: int
    machines: int
    pools: tuple[Pool, ...]
    resilient: bool
    stands_in_for: str
    suggested: bool
    at_most: int | None

    @property
    def workers(self) -> int:
        return sum(pool.workers for pool in self.pools)

    @property
    def member_role(self) -> str:
        """The role of the machines that its etcd runs on."""
        return "control-plane" if self.etcd is Etcd.STACKED else "etcd"


class Decision(msgspec.Struct, frozen=True, rename="camel"):
    subject: str
    """A cluster, or what else it is about."""
    choice: str
    reason: str
    rule: RuleId
    cost: str = ""
    """What it takes, or what it leaves open."""


class RackUse(msgspec.Struct, frozen=True, rename="camel"):
    """None as a limit: nobody said one."""

    name: str
    site: str
    machines: int
    """With those that stand there and nobody asked for."""
    units: float
    units_limit: float
    watts: float
    watts_limit: float | None
    kg: float | None
    kg_limit: float | None


class PoolLeft(msgspec.Struct, frozen=True, rename="camel"):
    pool: str
    left: int
    before: int
    critical: int


class ClusterLoss(msgspec.Struct, frozen=True, rename="camel"):
    """What is left of one cluster."""

    cluster: str
    members_left: int
    members: int
    has_quorum: bool
    pools: tuple[PoolLeft, ...]

    @property
    def carries(self) -> bool:
        """All that is critical goes on."""
        return self.has_quorum and all(pool.left >= pool.critical for pool in self.pools)


class Loss(msgspec.Struct, frozen=True, rename="camel"):
    """One domain gone: a rack, a row, a room, a site."""

    kind: str
    name: str
    machines: int
    clusters: tuple[ClusterLoss, ...]
    """Those that it touches."""
    uncovered: tuple[str, ...]
    """What nothing makes up for, in words."""


class Plan(msgspec.Struct, frozen=True, rename="camel"):
    clusters: tuple[Cluster, ...]
    machines: tuple[Machine, ...]
    racks: tuple[RackUse, ...]
    decisions: tuple[Decision, ...]
    losses: tuple[Loss, ...]
    spare: dict[str, int]
    """By type, machines that nobody needs."""

    def cluster(self, name: str) -> Cluster:
        """Raises KeyError."""
        for cluster in self.clusters:
            if cluster.name == name:
                return cluster
        raise KeyError(name)


class Obstacle(msgspec.Struct, frozen=True, rename="camel"):
    """One rule of a conflict."""

    rule: RuleId
    words: str
    source: str
    evidence: tuple[str, ...]
    """How the plan that keeps all other rules of the conflict would break this one."""
    mend: str


class Impossible(msgspec.Struct, frozen=True, rename="camel"):
    """No plan keeps all of these at once; without any one of them there is one that keeps the others."""

    conflict: tuple[Obstacle, ...]
