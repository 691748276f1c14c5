"""The rules of the planner: what each says, and who says so. A hard rule is never broken; a soft one is a preference
that says what it costs."""

from enum import StrEnum

import msgspec


class RuleId(StrEnum):
    LOAD = "load"
    SUPPLY = "supply"
    ROOM = "room"
    ISOLATION = "isolation"
    SCOPE = "scope"
    RESIDENCY = "residency"
    ETCD_ODD = "etcd-odd"
    ETCD_SITE = "etcd-one-site"
    QUORUM = "quorum-rack"
    RACK_LOSS = "rack-loss"
    SITE_LOSS = "site-loss"
    STANDBY = "standby-share"
    CP_LEAST = "control-plane-least"
    CLUSTER_SIZE = "cluster-size"
    MANY = "one-or-many"
    SHARED = "shared-clusters"
    EXTERNAL = "external-etcd"
    EVENTS = "events-etcd"
    CP_SIZE = "control-plane-size"
    SITE_CHOICE = "site-choice"
    SPREAD = "spread"
    SPARE = "spare"
    ENGINEERS = "engineers"
    LABELS = "labels"
    TAINTS = "taints"


class Rule(msgspec.Struct, frozen=True):
    id: RuleId
    words: str
    source: str
    """Whose rule it is; ``requirements`` are lines of the operator's own file."""
    hard: bool = True
    mend: str = ""
    """What to change in the requirements when it stands in the way."""


OURS = "fleetui"
NEEDS = "requirements"
ETCD = "etcd: hardware and FAQ"
KUBERNETES = "Kubernetes: considerations for large clusters"
KUBEADM = "kubeadm: installing, HA topology"

_ALL = (
    Rule(RuleId.LOAD, "every workload gets the workers that it asks for", NEEDS, mend="lower machines of a workload"),
    Rule(
        RuleId.SUPPLY, "no more machines of a type than there are", NEEDS,
        mend="raise stock, or machines of a rack",
    ),
    Rule(
        RuleId.ROOM, "no rack over its units, watts or load", NEEDS,
        mend="add a rack, or raise its watts, units or kg where that is true",
    ),
    Rule(
        RuleId.ISOLATION, "a compliance scope, and whoever asks for it, has a cluster of its own; so have environments"
        " where hard_environments is said", "PCI DSS: scope and segmentation",
        mend="drop compliance, or isolation: cluster, of a workload, or hard_environments",
    ),
    Rule(
        RuleId.SCOPE, "no more machines in a cluster than at_most says", NEEDS,
        mend="raise at_most, or lower machines of that workload",
    ),
    Rule(RuleId.RESIDENCY, "a workload runs in the site that it names", NEEDS, mend="drop site of a workload"),
    Rule(
        RuleId.ETCD_ODD,
        "etcd has 1, 3, 5 or 7 members: an even one more loses quorum as soon, and needs a larger one; over 7, writes"
        " slow down",
        ETCD, mend="control_planes: 3, 5 or 7",
    ),
    Rule(
        RuleId.ETCD_SITE,
        "all members of an etcd are in one site: over 10 ms between them heartbeats and elections fail, and of two"
        " sites the larger still takes the quorum with it",
        ETCD, mend="drop stretch; a standby cluster in the other site does that work",
    ),
    Rule(
        RuleId.QUORUM, "no rack holds so many members of an etcd that its loss loses the quorum: three racks at least",
        ETCD, mend="add racks to a site until it has three, or drop rack from survive",
    ),
    Rule(
        RuleId.RACK_LOSS, "the workers that are left without any one rack carry all that is critical",
        OURS, mend="drop rack from survive, or say criticality: normal",
    ),
    Rule(
        RuleId.SITE_LOSS, "what is critical has a standby cluster in another site", NEEDS,
        mend="add a site, drop site from survive, or say standby: false",
    ),
    Rule(
        RuleId.STANDBY, "a standby has at least standby_percent of the workers", NEEDS,
        mend="lower standby_percent",
    ),
    Rule(
        RuleId.CP_LEAST, "a control plane has at least 2 cores and 2 GB", KUBEADM,
        mend="control_plane_hardware: a larger type",
    ),
    Rule(
        RuleId.CLUSTER_SIZE, "no cluster over 5,000 machines", KUBERNETES,
        mend="split it: isolation: cluster for one of its workloads",
    ),
    Rule(RuleId.MANY, "one cluster or many: hard reasons first, then what more signs speak for", OURS, hard=False),
    Rule(
        RuleId.SHARED, "from 200 machines a cluster for Cluster API, and with 5 teams one for what all share", OURS,
        hard=False,
    ),
    Rule(
        RuleId.EXTERNAL, "etcd on machines of its own from 200 machines a cluster, or for heavy API load", OURS,
        hard=False,
    ),
    Rule(RuleId.EVENTS, "a separate etcd for Events from 1,000 workers a cluster", KUBERNETES, hard=False),
    Rule(
        RuleId.CP_SIZE, "production control planes: 8 cores, 32 GB, 200 GB NVMe; beside an external etcd 8 and 16, etcd"
        " 4 and 16",
        OURS, hard=False,
    ),
    Rule(
        RuleId.SITE_CHOICE, "production in the site with the most racks; what may be given up stands with the standby",
        OURS, hard=False,
    ),
    Rule(RuleId.SPREAD, "pods spread with ScheduleAnyway: none stays Pending for a lost rack", OURS, hard=False),
    Rule(RuleId.SPARE, "what nobody asked for goes to the standbys first, and is then spare", OURS, hard=False),
    Rule(RuleId.ENGINEERS, "5 to 10 clusters an engineer", OURS, hard=False),
    Rule(RuleId.LABELS, "zone is the rack, region is the site", "Kubernetes: well-known labels", hard=False),
    Rule(RuleId.TAINTS, "machines that are not for everybody keep others away", "Kubernetes: taints", hard=False),
)  # fmt: skip

RULES = {rule.id: rule for rule in _ALL}
HARD = frozenset(rule.id for rule in _ALL if rule.hard)
