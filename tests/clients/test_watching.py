"""Watch events cut anywhere, and the events that are no changes."""

import json
from typing import Any

import msgspec
import pytest

from fleetui.clients.kube.machine_rows import MachineRows
from fleetui.clients.kube.pod_rows import PodRows
from fleetui.clients.kube.watching import LINE_LIMIT, Changes, Lines
from fleetui.model.fault import ClusterError, FaultKind, GoneError
from fleetui.model.machine import Machine
from fleetui.model.pod import Pod
from fleetui.ports.reader import Change, ChangeType

TEXT = b'{"a":1}\n{"b":"' + "größe".encode() + b'"}\n\n{"c":' + b"x" * 100 + b"}\n"


@pytest.mark.parametrize("size", [1, 2, 3, 10, 1_000])
def test_lines_come_whole_however_they_are_cut(size: int) -> None:
    lines = Lines()
    found = [line for start in range(0, len(TEXT), size) for line in lines.feed(TEXT[start : start + size])]
    assert found == [line for line in TEXT.split(b"\n") if line]


def test_a_line_that_is_not_over_is_kept() -> None:
    lines = Lines()
    assert lines.feed(b"a\nb") == [b"a"]
    assert lines.feed(b"c") == []
    assert lines.feed(b"\n") == [b"bc"]


def test_a_line_without_end_is_refused() -> None:
    lines = Lines()
    assert lines.feed(b"x" * LINE_LIMIT) == []
    with pytest.raises(ClusterError):
        lines.feed(b"x")


def _event(kind: str, item: Any) -> bytes:
    return json.dumps({"type": kind, "object": item}).encode()


def _pod(name: str = "p", version: str = "5", **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "uid": name, "resourceVersion": version}, **more}


def _read(*lines: bytes) -> tuple[Change, ...]:
    return Changes(PodRows("c")).read(list(lines))


def test_changes_in_their_order() -> None:
    found = _read(*(_event(kind, _pod()) for kind in ("ADDED", "MODIFIED", "DELETED")))
    assert [change.type for change in found] == [ChangeType.ADDED, ChangeType.MODIFIED, ChangeType.DELETED]
    assert {change.resource_version for change in found} == {"5"}
    assert all(change.item is not None and change.item.name == "p" for change in found)


def test_a_bookmark_carries_its_version() -> None:
    bookmark = {"kind": "Pod", "metadata": {"resourceVersion": "9"}}
    assert _read(_event("BOOKMARK", bookmark)) == (Change(ChangeType.BOOKMARK, "9"),)


def test_a_bookmark_whose_row_has_no_cells_is_a_bookmark() -> None:
    meta = {"metadata": {"name": "wk-1", "uid": "u1", "resourceVersion": "8"}}
    columns = [{"name": name} for name in ("Name", "Status", "Roles", "Version")]
    row = {"cells": ["wk-1", "Ready", "<none>", "v1.35.4"], "object": meta}
    node = {"kind": "Table", "columnDefinitions": columns, "rows": [row]}
    bare = {"cells": [], "object": {"metadata": {"resourceVersion": "9"}}}
    mark = {"kind": "Table", "metadata": {"resourceVersion": "9"}, "rows": [bare]}
    first, second = Changes(MachineRows("c")).read([_event("ADDED", node), _event("BOOKMARK", mark)])

    assert isinstance(first.item, Machine)
    assert second == Change(ChangeType.BOOKMARK, "9")


def test_events_of_a_kind_to_come_are_passed_over() -> None:
    assert _read(_event("SHINY", _pod())) == ()


@pytest.mark.parametrize("line", [_event("MODIFIED", _pod(status={"phase": 1})), _event("ADDED", _pod(spec="text"))])
def test_an_object_that_cannot_be_read_moves_the_version_on_and_says_so(line: bytes) -> None:
    ok = _event("ADDED", _pod("q", "6"))
    first, second = _read(line, ok)
    assert first == Change(ChangeType.BOOKMARK, "5", undecodable=True)
    assert second.item is not None


def test_an_invalid_byte_spoils_its_own_object_only() -> None:
    line = _event("MODIFIED", _pod()).replace(b'"name": "p"', b'"name": "\xff"')
    first, second = _read(line, _event("ADDED", _pod("q")))
    assert first.undecodable
    assert second.item is not None


@pytest.mark.parametrize("status", [{"code": 410}, {"code": 500, "reason": "Expired"}, {"reason": "Gone"}])
def test_410_as_an_event_means_list_again(status: dict[str, Any]) -> None:
    with pytest.raises(GoneError):
        _read(_event("ERROR", {"kind": "Status", "message": "too old resource version", **status}))


@pytest.mark.parametrize(
    "line",
    [
        _event("ERROR", {"kind": "Status", "code": 500, "reason": "InternalError", "message": "etcd"}),
        _event("ERROR", "text"),
        b"<html>bad gateway</html>",
        b'{"type":"ADDED","object":{"metadata":',
        _event("BOOKMARK", 7),
    ],
)
def test_what_is_no_event_is_a_fault(line: bytes) -> None:
    with pytest.raises(ClusterError) as raised:
        _read(line)
    assert raised.value.fault.kind is FaultKind.SERVER_ERROR


COLUMNS = [{"name": name} for name in ("Name", "Status", "Roles", "Age", "Version", "Internal-IP")]


def _table(cells: list[Any], *, columns: list[Any] | None = None, rows: bool = True) -> dict[str, Any]:
    row = {"cells": cells, "object": _pod(cells[0], "8")}
    return {"kind": "Table", "metadata": {"resourceVersion": "8"}, "columnDefinitions": columns,
            "rows": [row] if rows else None}  # fmt: skip


def test_only_the_first_event_of_a_table_names_the_columns() -> None:
    changes = Changes(MachineRows("c"))
    cells = ["n", "Ready", "<none>", "3d", "v1.36.3", "10.0.0.1"]
    first, second = changes.read(
        [
            _event("ADDED", _table(cells, columns=COLUMNS)),
            _event("MODIFIED", _table([*cells[:1], "NotReady", *cells[2:]])),
        ]
    )
    assert [getattr(change.item, "status", "") for change in (first, second)] == ["Ready", "NotReady"]
    assert getattr(second.item, "version", "") == "v1.36.3"


class _PodsAtOnce(PodRows):
    def object(self, text: msgspec.Raw) -> Pod | None:
        raise AssertionError("read twice")


class _MachinesAtOnce(MachineRows):
    def object(self, text: msgspec.Raw) -> Machine | None:
        raise AssertionError("read twice")


def test_an_event_of_a_storm_is_read_in_one_go() -> None:
    """Twice would be as right, and a quarter of what a change costs on its way to its row."""
    (pod,) = Changes(_PodsAtOnce("c")).read([_event("MODIFIED", _pod())])
    machine = _table(["n", "Ready", "<none>", "3d", "v1.36.3", "10.0.0.1"], columns=COLUMNS)
    (node,) = Changes(_MachinesAtOnce("c")).read([_event("MODIFIED", machine)])
    assert (pod.type, pod.resource_version, node.type, node.resource_version) == ("MODIFIED", "5", "MODIFIED", "8")


def test_whole_nodes_are_changes_too() -> None:
    (change,) = Changes(MachineRows("c")).read([_event("ADDED", _pod("n", kind="Node"))])
    assert (change.type, getattr(change.item, "name", "")) == (ChangeType.ADDED, "n")


def test_a_bookmark_in_a_table_carries_its_version() -> None:
    table = {"kind": "Table", "metadata": {"resourceVersion": "8"}, "rows": []}
    (change,) = Changes(MachineRows("c")).read([_event("BOOKMARK", table)])
    assert change == Change(ChangeType.BOOKMARK, "8")
