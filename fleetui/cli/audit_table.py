"""The audit for people: when, who, which operation, what, with which outcome. What only machines need (each step's
beginning, the pages of a plan, the hashes) is in ``-o json``."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from fleetui.cli.operation_table import short_size
from fleetui.cli.output import Layout
from fleetui.model.duration import time_text
from fleetui.model.table.column import NOTHING, Column

if TYPE_CHECKING:  # at run time the lines come from whoever may read the store
    from fleetui.control.audit import AuditLine

ASKED = frozenset({"submission", "approve", "pause", "resume", "abort"})
"""What a person did; all else is the controller's."""
_UNTOLD = frozenset({"plan-begun", "plan-sealed", "step-started"})
INTENDED, ANSWERED = "effect-intended", "effect-answered"


def audit_table(lines: Iterable["AuditLine"], *, headers: bool = True, width: int | None = None) -> str:
    """All that happened, oldest operation first; ``width`` is the terminal's, when there is one."""
    rows = told(lines)
    return Layout.of(_columns(rows), rows, now=0.0, headers=headers, width=width)[1]


def told(lines: Iterable["AuditLine"]) -> list["AuditLine"]:
    """Those for people. An effect is told with its answer; one that has none, as intended."""
    known = list(lines)
    answered = {(line.op, line.effect) for line in known if line.event == ANSWERED}
    return [line for line in known if _is_told(line, answered)]


def _is_told(line: "AuditLine", answered: set[tuple[str, str]]) -> bool:
    if line.event == INTENDED:
        return (line.op, line.effect) not in answered
    if line.event == "step-waiting":
        return bool(line.text)
    return line.event not in _UNTOLD


def who(line: "AuditLine") -> str:
    """``ana@bastion``, from where when it was not at the machine itself; ``controller`` for what it did."""
    if line.event not in ASKED:
        return "controller"
    return f"{line.user}@{line.host}" + (f" from {line.origin}" if line.origin not in ("", "local") else "")


def what(line: "AuditLine") -> str:
    """``drain wk-1, wk-2: disk swap``; ``evict pod payments/api-0``; ``evict/wk-1``; ``approve``."""
    if line.event == "submission":
        names = ", ".join(target.partition(" ")[0] for target in line.targets)
        return f"asks for {line.kind} {names}" + (f": {line.reason}" if line.reason else "")
    if line.event in (INTENDED, ANSWERED):
        return f"{line.effect.partition('/')[0]} {line.object}"
    return " ".join(filter(None, (line.event, line.object)))


def outcome(line: "AuditLine") -> str:
    """``done 201``, ``4 pods evicted``; an effect without an answer says so."""
    if line.event == INTENDED:
        return "no answer was written down"
    said = " ".join(filter(None, (line.outcome, str(line.code or ""))))
    text = "" if line.event == "started" else line.text  # by which controller process
    return ": ".join(filter(None, (said, text))) or NOTHING


def _columns(rows: Sequence["AuditLine"]) -> tuple[Column["AuditLine"], ...]:
    size = short_size(row.op for row in rows)
    return (
        Column(id="time", title="TIME", doc="", least=20, priority=1, value=lambda row: row.at,
               text=lambda row, _: time_text(row.at) or ""),
        Column(id="who", title="WHO", doc="", least=10, priority=1, value=who, text=lambda row, _: who(row)),
        Column(id="operation", title="ID", doc="", least=size, priority=1, value=lambda row: row.op,
               text=lambda row, _: row.op[-size:]),
        Column(id="cluster", title="CLUSTER", doc="", least=10, priority=3, value=lambda row: row.cluster,
               text=lambda row, _: row.cluster),
        Column(id="what", title="WHAT", doc="", least=20, most=80, priority=1, value=what,
               text=lambda row, _: what(row)),
        Column(id="outcome", title="OUTCOME", doc="", least=12, most=80, priority=2, value=outcome,
               text=lambda row, _: outcome(row)),
    )  # fmt: skip
