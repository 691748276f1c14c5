"""Nodes from the wire to rows: from the Tables that the server prints, or from whole objects when it prints none.

A Table row is a few hundred bytes where a Node has 15 kB, most of it the names of images nobody asked for.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import itemgetter

import msgspec

from fleetui.clients.kube.fragments import Column, Envelope
from fleetui.clients.kube.objects import LabelPool, NodeMeta, Words, seconds
from fleetui.model.actor import person
from fleetui.model.labels import ROLE_PREFIX
from fleetui.model.machine import Machine
from fleetui.model.text import clean

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
_NEEDED = frozenset({"Status", "Roles", "Version"})
_SHOWN = ("Status", "Roles", "Version", "Internal-IP", "OS-Image", "Kernel-Version", "Container-Runtime")
"""Columns of the server's Table, as it names them (printers.go, AddHandlers)."""
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, IndexError)
"""A row with fewer cells than columns, too: a bookmark may have one with none."""
_NOTHING = ("<none>", "<unknown>", "<unset>")
"""How the server prints what is not there."""


class Partial(msgspec.Struct):
    metadata: NodeMeta


class TableRow(msgspec.Struct):
    cells: list[str | int | float | bool | None]
    object: Partial


class WireTable(msgspec.Struct, rename="camel"):
    """The object of a watch event; a BOOKMARK's has no rows, and only the first event names the columns."""

    kind: str = ""
    column_definitions: list[Column] | None = None
    rows: list[TableRow] | None = None


class TableEvent(msgspec.Struct):
    """A watch event of a node, as a Table."""

    object: WireTable
    type: str = ""


class Condition(msgspec.Struct, gc=False):
    type: str = ""
    status: str = ""


class Address(msgspec.Struct, gc=False):
    type: str = ""
    address: str = ""


class NodeInfo(msgspec.Struct, gc=False, rename="camel"):
    kubelet_version: str = ""
    os_image: str = ""
    kernel_version: str = ""
    container_runtime_version: str = ""


class NodeStatus(msgspec.Struct, rename="camel"):
    conditions: list[Condition] | None = None
    addresses: list[Address] | None = None
    node_info: NodeInfo = msgspec.field(default_factory=NodeInfo)


class NodeSpec(msgspec.Struct, gc=False):
    unschedulable: bool | None = None


class WireNode(msgspec.Struct):
    metadata: NodeMeta
    spec: NodeSpec = msgspec.field(default_factory=NodeSpec)
    status: NodeStatus = msgspec.field(default_factory=NodeStatus)


class Mark(msgspec.Struct, gc=False):
    """The JSON of our annotations, of which the rows show who, what and for which operation."""

    by: str = ""
    kind: str = ""
    op: str = ""


_event = msgspec.json.Decoder(TableEvent)
_table = msgspec.json.Decoder(WireTable)
_node = msgspec.json.Decoder(WireNode)
_row = msgspec.json.Decoder(TableRow)
_rows = msgspec.json.Decoder(list[TableRow])
_raw = msgspec.json.Decoder(list[msgspec.Raw])
_mark = msgspec.json.Decoder(Mark)


class UnusableTableError(Exception):
    """Some servers print only a node's name and age: ask again, for whole objects."""


class MachineRows:
    """Decodes the nodes of one cluster."""

    def __init__(self, cluster: str) -> None:
        self._words = Words()
        self._cells = Words(dict.fromkeys(_NOTHING, ""))
        self._cluster = self._words[cluster]
        self._labels = LabelPool(self._words)
        self._pick: Callable[[Sequence[object]], tuple[object, ...]] = tuple
        self._tables = True

    @property
    def accept(self) -> str:
        """Whole objects once the server has printed a Table of no use."""
        return TABLE if self._tables else "application/json"

    def array(self, envelope: Envelope, text: bytes) -> tuple[list[Machine], int]:
        """The rows, and how many objects could not be read. Raises msgspec.DecodeError for no array."""
        if envelope.kind != "Table":
            return self._one_by_one(_raw.decode(text), table=False)
        self._name_columns(envelope.column_definitions)
        try:
            return [self._printed(row) for row in _rows.decode(text)], 0
        except _UNREADABLE:
            return self._one_by_one(_raw.decode(text), table=True)

    def event(self, line: bytes) -> tuple[str, Machine] | None:
        """Type and node of a watch event, read in one go; None when it is no Table of a node that can be read."""
        try:
            event = _event.decode(line)
            machine = self._only(event.object) if event.object.kind == "Table" else None
        except _UNREADABLE:
            return None
        return None if machine is None else (event.type, machine)

    def object(self, text: msgspec.Raw) -> Machine | None:
        """One node of a watch; None when it cannot be read."""
        try:
            table = _table.decode(text)
            return self._only(table) if table.kind == "Table" else self._whole(_node.decode(text))
        except _UNREADABLE:
            return None

    def _only(self, table: WireTable) -> Machine | None:
        self._name_columns(table.column_definitions)
        return self._printed(table.rows[0]) if table.rows else None

    def _one_by_one(self, items: list[msgspec.Raw], *, table: bool) -> tuple[list[Machine], int]:
        rows: list[Machine] = []
        for item in items:
            try:
                rows.append(self._printed(_row.decode(item)) if table else self._whole(_node.decode(item)))
            except _UNREADABLE:
                pass  # counted below
        return rows, len(items) - len(rows)

    def _name_columns(self, columns: list[Column] | None) -> None:
        """Finds the places of the cells that are shown. Raises UnusableTableError."""
        if not columns:
            return
        names = [column.name for column in columns]
        if not set(names) >= _NEEDED:
            self._tables = False
            raise UnusableTableError
        # A cell that an older server does not print is taken from behind the last one, where ``None`` is put.
        self._pick = itemgetter(*(names.index(name) if name in names else -1 for name in _SHOWN))

    def _printed(self, row: TableRow) -> Machine:
        cells = self._cells
        status, roles, version, ip, os_image, kernel, runtime = self._pick([*row.cells, None])
        return self._machine(
            row.object.metadata,
            status=cells[status],
            roles=_role_names(cells[roles]),
            version=cells[version],
            internal_ip=clean(str(ip or "")).replace("<none>", ""),
            os_image=cells[os_image],
            kernel=cells[kernel],
            runtime=cells[runtime],
        )

    def _whole(self, node: WireNode) -> Machine:
        info, words = node.status.node_info, self._words
        addresses = {address.type: address.address for address in reversed(node.status.addresses or ())}
        return self._machine(
            node.metadata,
            status=words[_status_word(node)],
            roles=_role_names(words[_roles(node.metadata.labels or {})]),
            version=words[info.kubelet_version],
            internal_ip=clean(addresses.get("InternalIP", "")),
            os_image=words[info.os_image],
            kernel=words[info.kernel_version],
            runtime=words[info.container_runtime_version],
        )

    def _machine(
        self, meta: NodeMeta, *, status: str, roles: tuple[str, ...], version: str, internal_ip: str, os_image: str,
        kernel: str, runtime: str,
    ) -> Machine:  # fmt: skip
        return Machine(
            uid=clean(meta.uid),
            name=clean(meta.name),
            cluster=self._cluster,
            status=status,
            roles=roles,
            version=version,
            created=seconds(meta.creation_timestamp),
            internal_ip=internal_ip,
            os_image=os_image,
            kernel=kernel,
            runtime=runtime,
            labels=self._labels.labels(meta.labels),
            cordoned_by=_cordoned_by(meta),
            operation=_operation(meta),
            resource_version=meta.resource_version,
        )


def _status_word(node: WireNode) -> str:
    """As the server prints it (printers.go, printNode)."""
    ready = next((found.status for found in node.status.conditions or () if found.type == "Ready"), None)
    word = "Unknown" if ready is None else "Ready" if ready == "True" else "NotReady"
    return f"{word},SchedulingDisabled" if node.spec.unschedulable else word


def _roles(labels: dict[str, str]) -> str:
    """As the server prints them (printers.go, findNodeRoles)."""
    roles = {key.removeprefix(ROLE_PREFIX) for key in labels if key.startswith(ROLE_PREFIX)}
    roles.add(labels.get("kubernetes.io/role", ""))
    return ",".join(sorted(filter(None, roles)))


@lru_cache(maxsize=256)
def _role_names(printed: str) -> tuple[str, ...]:
    """Few combinations, in thousands of rows."""
    return tuple(printed.split(",")) if printed else ()


def _cordoned_by(meta: NodeMeta) -> str:
    mark = _read_mark(meta.annotations.cordoned_by) if meta.annotations else None
    return clean(" ".join(part for part in (mark.by, mark.kind, mark.op) if part)) if mark else ""


def _operation(meta: NodeMeta) -> str:
    mark = _read_mark(meta.annotations.lock) if meta.annotations else None
    return clean(f"{mark.kind or 'operation'} by {person(mark.by) or '?'}") if mark else ""


def _read_mark(text: str | None) -> Mark | None:
    """Anyone may write our annotations; what is not ours to read is no mark."""
    if not text:
        return None
    try:
        return _mark.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
