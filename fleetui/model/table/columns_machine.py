"""The Machines table: the nodes of all clusters."""

from operator import attrgetter

from fleetui.model.cluster import Health
from fleetui.model.duration import age_text
from fleetui.model.labels import ZONE_LABEL
from fleetui.model.machine import Machine
from fleetui.model.picture import row_id
from fleetui.model.table.cell_text import HEALTH_STYLES, time_text
from fleetui.model.table.column import NOTHING, UNKNOWN, Align, Column, Field, Kind, Table

DISABLED = "SchedulingDisabled"


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


def _status_text(machine: Machine, _: float) -> str:
    """``Ready,cordoned``: kubectl's SchedulingDisabled takes 18 cells to say it."""
    return machine.status.replace(DISABLED, "cordoned") or UNKNOWN


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
    Column(
        id="name",
        title="NAME",
        doc="The node.",
        value=lambda row: row.name,
        attribute="name",
        known=True,
        text=lambda row, _: row.name,
        least=16,
        most=48,
        priority=1,
        style=_status_style,
    ),
    Column(
        id="status",
        title="STATUS",
        doc="Ready, NotReady, Unknown; cordoned when no new pods may come.",
        kind=Kind.WORDS,
        value=_status_value,
        known=True,
        text=_status_text,
        least=9,
        most=18,
        priority=1,
        style=_status_style,
    ),
    Column(
        id="cluster",
        title="CLUSTER",
        doc="Whose node it is.",
        value=lambda row: row.cluster,
        attribute="cluster",
        known=True,
        text=lambda row, _: row.cluster,
        least=12,
        most=32,
        priority=2,
    ),
    Column(
        id="operation",
        title="OPERATION",
        doc="What holds the lock on it, whoever does it.",
        value=lambda row: row.operation,
        attribute="operation",
        known=True,
        text=lambda row, _: row.operation or NOTHING,
        least=12,
        most=28,
        priority=4,
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
        least=7,
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
    Column(
        id="age",
        title="AGE",
        doc="Since the node was registered.",
        kind=Kind.SINCE,
        value=lambda row: row.created,
        attribute="created",
        text=lambda row, now: age_text(row.created, now),
        least=4,
        most=6,
        priority=3,
        align=Align.RIGHT,
        style=lambda _row, _now: "muted",
    ),
    Column(
        id="cordoned",
        title="CORDONED BY",
        doc="Who cordoned it, where we know.",
        value=lambda row: row.cordoned_by,
        attribute="cordoned_by",
        known=True,
        text=lambda row, _: row.cordoned_by,
        least=12,
        most=30,
        priority=6,
        optional=True,
    ),
    Column(
        id="ip",
        title="IP",
        doc="Internal address.",
        value=lambda row: row.internal_ip,
        attribute="internal_ip",
        known=True,
        text=lambda row, _: row.internal_ip or UNKNOWN,
        least=15,
        most=39,
        priority=7,
    ),
    Column(
        id="os",
        title="OS",
        doc="Image of the operating system.",
        value=lambda row: row.os_image,
        attribute="os_image",
        known=True,
        text=lambda row, _: row.os_image or UNKNOWN,
        least=14,
        most=32,
        priority=8,
        wide=True,
    ),
    Column(
        id="kernel",
        title="KERNEL",
        doc="Version of the kernel.",
        value=lambda row: row.kernel,
        attribute="kernel",
        known=True,
        text=lambda row, _: row.kernel or UNKNOWN,
        least=12,
        most=28,
        priority=8,
        wide=True,
    ),
    Column(
        id="runtime",
        title="RUNTIME",
        doc="Container runtime and version.",
        value=lambda row: row.runtime,
        attribute="runtime",
        known=True,
        text=lambda row, _: row.runtime or UNKNOWN,
        least=12,
        most=24,
        priority=9,
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

MACHINES: Table[Machine] = Table(
    name="machines",
    columns=_COLUMNS,
    fields=_FIELDS,
    id=row_id,
    title=lambda row: row.name,
    health=machine_health,
    haystack=_haystack,
    labels=attrgetter("labels"),
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
