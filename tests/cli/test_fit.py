"""A table on a terminal stays within it; in a pipe nothing is left out and nothing cut."""

import io

import pytest

from fleetui.cli.get import Printer, Request
from fleetui.cli.tables import table_of
from fleetui.clients.yaml_file import dump
from fleetui.model.cluster import Cluster
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.freshness import Trust
from fleetui.model.machine import Machine
from tests.control.samples import StillClock

LONGEST = "n" * 253
REMEDY = "is the API server running? nothing listens on 127.0.0.1:6443, and it has not for a long time"
REFUSED = Fault(kind=FaultKind.REFUSED, word="refused", detail="", remedy=REMEDY)
DEAD = Cluster(name="edge-perth-01", trust=Trust.SILENT, fault=REFUSED)
MACHINES = tuple(
    Machine(uid=name, name=name, cluster="prod-east-1", status="Ready", version="v1.36.3") for name in ("wk-1", LONGEST)
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def printed(what: str, rows: tuple[object, ...], out: io.StringIO, output: str = "table") -> list[str]:
    Printer(to_yaml=dump, clock=StillClock(), out=out).rows(Request(table=table_of(what), output=output), rows)
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [80, 100, 120, 160])
@pytest.mark.parametrize(("what", "rows"), [("machines", MACHINES), ("clusters", (DEAD,))])
def test_every_line_fits_the_terminal(
    monkeypatch: pytest.MonkeyPatch, width: int, what: str, rows: tuple[object, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    lines = printed(what, rows, Terminal())
    assert max(map(len, lines)) <= width
    assert {"NAME", "STATUS" if what == "machines" else "HEALTH"} <= set(lines[0].split())


def test_one_long_name_costs_the_others_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    header, first, long = printed("machines", MACHINES, Terminal())
    assert first.split()[:3] == ["wk-1", "Ready", "prod-east-1"]
    assert long.split()[0].endswith("n…")
    assert {"CLUSTER", "VERSION", "AGE"} <= set(header.split())


def test_what_fits_is_neither_cut_nor_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    for what, rows in (("machines", MACHINES), ("clusters", (DEAD,))):
        assert printed(what, rows, Terminal()) == printed(what, rows, io.StringIO())


@pytest.mark.parametrize(("out", "output"), [(io.StringIO, "table"), (Terminal, "wide")])
def test_a_pipe_and_the_wide_table_have_everything(
    monkeypatch: pytest.MonkeyPatch, out: type[io.StringIO], output: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert LONGEST in printed("machines", MACHINES, out(), output)[2]
    assert printed("clusters", (DEAD,), out(), output)[1].count(REMEDY) == 1
