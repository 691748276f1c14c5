"""What a file of requirements says: the machines and where they may stand, the workloads and what they ask for.

These values are the file's schema too; what it cannot express is in ``mistakes.py``.
"""

from enum import StrEnum

import msgspec

DEFAULT_UNITS = 42
"""NetBox's height of a rack."""
DEFAULT_TAKEN_UNITS = 2
"""A pair of top-of-rack switches."""
DEFAULT_CONTROL_PLANES = 3


class Environment(StrEnum):
    PRODUCTION = "production"
    NONPRODUCTION = "nonproduction"
    PLATFORM = "platform"
    """What all share: CI, registries, observability."""
    MANAGEMENT = "management"
    """The cluster that makes the other clusters."""


class Isolation(StrEnum):
    """What a workload must not share with others."""

    NAMESPACE = "namespace"
    POOL = "pool"
    """Machines of its own, behind a taint."""
    CLUSTER = "cluster"


class Criticality(StrEnum):
    HIGH = "high"
    """Carries its load without any one rack, and has a standby where the loss of a site is to be survived."""
    NORMAL = "normal"
    """Its control plane survives a rack; the workload gives way until the rack is back."""
    LOW = "low"
    """One control plane is enough."""


class Loss(StrEnum):
    RACK = "rack"
    SITE = "site"


class ApiLoad(StrEnum):
    NORMAL = "normal"
    HEAVY = "heavy"
    """Many writes: operators, batch, trading."""


class Hardware(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One type of machine."""

    cores: int
    memory_gb: float
    disk_gb: float | None = None
    """NVMe, for etcd; None: not said."""
    units: float = 1.0
    """Rack units."""
    watts: float = 300.0
    kg: float | None = None
    gpu: str = ""
    """The model of its GPUs, as the label says it: ``nvidia-l40s``."""


class Rack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    room: str = ""
    row: str = ""
    units: float = DEFAULT_UNITS
    taken_units: float = DEFAULT_TAKEN_UNITS
    """By switches and whatever else is no machine."""
    watts: float | None = None
    """What may be drawn with one feed lost, and cooled; None: not said, and then not held."""
    kg: float | None = None
    """The load that it may carry."""
    machines: dict[str, int] = {}
    """What stands there already, by type."""


class Site(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    racks: dict[str, Rack]
    region: str = ""
    """Of the label topology.kubernetes.io/region; the site's name when it is not said."""


class Link(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    between: tuple[str, str]
    rtt_ms: float


class Workload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    machines: int
    """Workers that its load fills when all is well; what outages need is added."""
    environment: Environment = Environment.PRODUCTION
    hardware: str = ""
    """A type of machine; the first type when it is not said."""
    team: str = ""
    isolation: Isolation = Isolation.NAMESPACE
    compliance: str = ""
    """``pci``, ``hipaa``: a scope that auditors draw around whole clusters."""
    at_most: int | None = None
    """Machines of the whole cluster that it runs in, such as what a compliance scope may cover."""
    criticality: Criticality | None = None
    """High in production, normal elsewhere."""
    standby: bool | None = None
    """A cluster in another site that takes over. Not said: what is critical has one, but for compliance scopes, as it
    would draw a second site into the scope."""
    site: str = ""
    """The only site where it may run."""
    api_load: ApiLoad = ApiLoad.NORMAL
    version: str = ""
    """Of Kubernetes, where it needs another than the rest."""

    @property
    def level(self) -> Criticality:
        if self.criticality is not None:
            return self.criticality
        return Criticality.HIGH if self.environment is Environment.PRODUCTION else Criticality.NORMAL

    @property
    def stands_by(self) -> bool:
        """Whether the loss of its site is to be survived."""
        if self.standby is not None:
            return self.standby
        return self.level is Criticality.HIGH and not self.compliance


class Needs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    hardware: dict[str, Hardware]
    sites: dict[str, Site]
    workloads: dict[str, Workload]
    stock: dict[str, int] = {}
    """Machines by type that stand nowhere yet: the plan places them."""
    links: tuple[Link, ...] = ()
    survive: tuple[Loss, ...] = (Loss.RACK,)
    standby_percent: int = 0
    """Of the workers, that a standby must have at least."""
    engineers: int | None = None
    teams: int | None = None
    """Not said: those that the workloads name."""
    tolerates_blast_radius: bool | None = None
    """Whether one broken cluster may take everything with it."""
    hard_environments: bool = False
    """Whether production and non-production must not share a cluster."""
    platform: bool | None = None
    """A cluster for what all share; not said: by size."""
    management: bool | None = None
    """A cluster for Cluster API; not said: by size."""
    control_planes: int = DEFAULT_CONTROL_PLANES
    """Members of etcd in each cluster that is to survive something."""
    control_plane_hardware: str = ""
    """A type of machine; the first type when it is not said."""
    stretch: bool = False
    """Whether one control plane is wanted over several sites."""
    version: str = "v1.36.3"
    """Of Kubernetes."""
    cluster_class: str = "fleet"
    """The Cluster API ClusterClass that the manifests name."""

    @property
    def first_hardware(self) -> str:
        return next(iter(self.hardware))

    def hardware_of(self, workload: Workload) -> str:
        return workload.hardware or self.first_hardware

    @property
    def team_count(self) -> int | None:
        named = {workload.team for workload in self.workloads.values() if workload.team}
        return self.teams if self.teams is not None else len(named) or None

    @property
    def machine_count(self) -> int:
        """All that there are."""
        racked = sum(sum(rack.machines.values()) for site in self.sites.values() for rack in site.racks.values())
        return racked + sum(self.stock.values())

    @property
    def survives_rack(self) -> bool:
        return Loss.RACK in self.survive

    @property
    def survives_site(self) -> bool:
        return Loss.SITE in self.survive
