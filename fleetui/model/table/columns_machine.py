"""The Machines table: the nodes of all clusters."""

from operator import attrgetter

from fleetui.model.cluster import Health
from fleetui.model.duration import time_text
from fleetui.model.labels import ZONE_LABEL
from fleetui.model.machine import Machine
from fleetui.model.picture import row_id
from fleetui.model.table.cell_text import HEALTH_STYLES
from fleetui.model.table.column import NOTHING, UNKNOWN, Column, Field, Kind, StateWord, Table
from fleetui.model.table.columns_shared import age_column, cluster_column, word_column


def machine_health(machine: Machine) -> Health:
    """The verdict that orders the table."""
    if machine.ready is None:
        return Health.UNKNOWN
    if not machine.ready:
        return Health.BROKEN
    if machine.operation:
        return Health.BUSY
    return Health.WARNING if machine.cordoned else Health.CALM


def _status_value(machine: Machine) -> str:
    """kubectl's words, and ours for one of them: both match."""
    return f"{machine.status},cordoned" if machine.cordoned else machine.status


def _status_style(machine: Machine, _: float) -> str:
    return HEALTH_STYLES[machine_health(machine)]


def _roles(machine: Machine) -> str:
    return ",".join(machine.roles)


def _rack(machine: Machine) -> str | None:
    return machine.label(ZONE_LABEL)


def _haystack(machine: Machine) -> str:
    return (
        f"{machine.name}\n{machine.cluster}\n{_status_value(machine)}\n{','.join(machine.roles)}\n{machine.version}\n"
        f"{machine.internal_ip}\n{_rack(machine) or ''}\n{machine.operation}\n{machine.cordoned_by}"
    ).lower()


_COLUMNS: tuple[Column[Machine], ...] = (
    word_column("name", "name", doc="The node.", least=16, most=48, priority=1, style=_status_style),
    Column(
        id="status",
        title="STATUS",
        doc="Ready, NotReady, Unknown; cordoned when no new pods may come.",
        kind=Kind.WORDS,
        value=_status_value,
        known=True,
        text=lambda row, _: row.state,
        least=9,
        most=18,
        priority=1,
        style=_status_style,
    ),
    cluster_column("Whose node it is."),
    word_column(
        "operation",
        "operation",
        doc="What holds the lock on it, whoever does it.",
        least=12,
        most=28,
        priority=4,
        unknown=NOTHING,
        style=lambda row, _: "busy" if row.operation else "faint",
    ),
    Column(
        id="roles",
        title="ROLES",
        doc="From the node's role labels.",
        kind=Kind.WORDS,
        value=_roles,
        known=True,
        text=lambda row, _: _roles(row) or NOTHING,
        least=13,
        most=20,
        priority=5,
        style=lambda row, _: "accent" if row.control_plane else "" if row.roles else "faint",
    ),
    Column(
        id="version",
        title="VERSION",
        doc="Of the kubelet.",
        kind=Kind.VERSION,
        value=lambda row: row.version or None,
        text=lambda row, _: row.version or UNKNOWN,
        least=8,
        most=20,
        priority=4,
    ),
    Column(
        id="rack",
        title="RACK",
        doc=f"The failure domain, from {ZONE_LABEL}.",
        value=_rack,
        text=lambda row, _: _rack(row) or "",
        least=6,
        most=20,
        priority=4,
        optional=True,
    ),
    age_column("Since the node was registered."),
    word_column(
        "cordoned",
        "cordoned_by",
        title="CORDONED BY",
        doc="Who cordoned it, where we know.",
        least=12,
        most=30,
        priority=6,
        optional=True,
    ),
    word_column("ip", "internal_ip", doc="Internal address.", least=15, most=39, priority=7, unknown=UNKNOWN),
    word_column(
        "os",
        "os_image",
        doc="Image of the operating system.",
        least=14,
        most=32,
        priority=8,
        unknown=UNKNOWN,
        wide=True,
    ),
    word_column(
        "kernel", "kernel", doc="Version of the kernel.", least=12, most=28, priority=8, unknown=UNKNOWN, wide=True
    ),
    word_column(
        "runtime",
        "runtime",
        doc="Container runtime and version.",
        least=12,
        most=24,
        priority=9,
        unknown=UNKNOWN,
        wide=True,
    ),
)

_FIELDS: tuple[Field[Machine], ...] = (
    Field("name", "of the node", lambda row: row.name),
    Field("cluster", "name of its cluster", lambda row: row.cluster),
    Field("uid", "of the Node object", lambda row: row.uid),
    Field("health", "broken, warning, busy, unknown, calm", lambda row: machine_health(row).value),
    Field("status", "as kubectl prints it", lambda row: row.status),
    Field("ready", "null when it never reported", lambda row: row.ready),
    Field("cordoned", "true when no new pods may come", lambda row: row.cordoned),
    Field("cordonedBy", "who cordoned it, where known", lambda row: row.cordoned_by),
    Field("operation", "what holds its lock", lambda row: row.operation),
    Field("roles", "from the role labels", lambda row: list(row.roles)),
    Field("version", "of the kubelet", lambda row: row.version or None),
    Field("rack", f"label {ZONE_LABEL}", _rack),
    Field("created", "when the node was registered", lambda row: time_text(row.created)),
    Field("internalIP", "", lambda row: row.internal_ip),
    Field("osImage", "", lambda row: row.os_image),
    Field("kernel", "", lambda row: row.kernel),
    Field("runtime", "container runtime and version", lambda row: row.runtime),
    Field("labels", "of the Node", lambda row: dict(row.labels)),
)

_WORDS: dict[str, StateWord[Machine]] = {
    "ready": StateWord("the kubelet reports that it is ready", lambda row: row.ready),
    "notready": StateWord("it is not ready", lambda row: None if row.ready is None else not row.ready),
    "cordoned": StateWord("no new pods may come", lambda row: row.cordoned),
    "drained": StateWord(
        "cordoned by a drain that has ended; unknown where somebody else has cordoned it", lambda row: row.drained
    ),
    "locked": StateWord("an operation is at work on it, whoever's", lambda row: row.locked),
}

MACHINES: Table[Machine] = Table(
    name="machines",
    columns=_COLUMNS,
    fields=_FIELDS,
    id=row_id,
    title=lambda row: row.name,
    health=machine_health,
    haystack=_haystack,
    labels=attrgetter("labels"),
    words=_WORDS,
    cluster=attrgetter("cluster"),
    follows_cluster=True,
    state="status",
    groupings={
        "cluster": lambda row: row.cluster,
        "rack": lambda row: _rack(row) or "",
        "status": lambda row: row.status,
        "roles": _roles,
        "version": lambda row: row.version,
    },
)
