"""How a list of a live picture ends: rows, what is missing of them, the status that a script reads."""

import io
from typing import Any

from fleetui.cli.get import Printer, Request
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.machine import Machine
from fleetui.model.table.columns_machine import MACHINES
from fleetui.model.table.filter import parse
from fleetui.wiring.answer import answered
from tests.control.samples import StillClock
from tests.model.table.rows import NOW, delta, machine

REFUSED = Fault(FaultKind.FORBIDDEN, "forbidden", "403", "ask for the right")


class Asked:
    def __init__(self, **request: Any) -> None:
        self.out, self.err = io.StringIO(), io.StringIO()
        self._request = Request(table=MACHINES, output="name", **request)
        self._printer = Printer(to_yaml=str, clock=StillClock(NOW), out=self.out, err=self.err)

    async def status(self, *rows: Machine, faults: tuple[tuple[str, Fault], ...] = (), **said: Any) -> int:
        take = iter([delta(*rows, reset=True)]).__next__
        return await answered(self._request, self._printer, take, faults=faults, watching=False, **said)


async def test_everything_known_is_a_success() -> None:
    asked = Asked()
    assert await asked.status(machine("wk-1"), machine("wk-2")) == 0
    assert (asked.out.getvalue(), asked.err.getvalue()) == ("wk-1\nwk-2\n", "")


async def test_what_is_missing_of_somebody_is_told_beside_the_rows_and_fails() -> None:
    asked = Asked()
    assert await asked.status(machine("wk-1"), faults=(("eu-2", REFUSED),), left_out=3) == 1
    assert asked.out.getvalue() == "wk-1\n"
    told = asked.err.getvalue()
    assert "eu-2" in told
    assert "403" in told
    assert "3 contexts not asked" in told


async def test_a_name_that_is_not_there_fails_although_everybody_has_answered() -> None:
    asked = Asked(name="wk-9", kept=parse("name=wk-9", MACHINES))
    assert await asked.status(machine("wk-1")) == 1
    assert "machine wk-9: not found" in asked.err.getvalue()


async def test_only_what_is_asked_for_is_told() -> None:
    asked = Asked()
    assert await asked.status(machine("wk-1"), machine("wk-2"), keep=lambda row: row.name == "wk-2") == 0
    assert asked.out.getvalue() == "wk-2\n"
