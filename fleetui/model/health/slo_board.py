"""The service levels of a fleet: one row for each promise of each cluster that can be measured there, and for the
needed ones also where they cannot, with the reason."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from math import isnan

import msgspec

from fleetui.model.cluster import Health
from fleetui.model.duration import format_duration
from fleetui.model.health.answers import Answers
from fleetui.model.health.board import value_text
from fleetui.model.health.capacity import RESOURCES, Resource, Supply, outlook
from fleetui.model.health.panel_board import why_absent
from fleetui.model.health.panel_reading import ClusterView, Reading, views
from fleetui.model.health.panels import Panel
from fleetui.model.health.sample import Age
from fleetui.model.health.slo import WINDOWS, Call, Measured, Policy, judge, share_text
from fleetui.model.health.slo_objectives import FIGURES, OBJECTIVES, Objective

PANELS: tuple[Panel, ...] = (
    *(panel for objective in OBJECTIVES for panel in objective.panels),
    *FIGURES,
    *(panel for resource in RESOURCES for panel in resource.panels),
)
"""All that has to be asked for the board."""

TargetOf = Callable[[str, Objective], float]
"""(cluster, objective) -> the share that must be good."""


def usual_target(_: str, objective: Objective) -> float:
    """Of every cluster."""
    return objective.target


class Sort(StrEnum):
    BUDGET = "budget"
    FIGURE = "figure"
    CAPACITY = "capacity"


class SloRow(msgspec.Struct, frozen=True, kw_only=True):
    """One promise of one cluster."""

    cluster: str
    objective: str
    title: str
    sort: Sort = Sort.BUDGET
    level: Health = Health.UNKNOWN
    word: str = "not asked yet"
    """``kept``, ``gone in 2.1 d``, ``gone``, ``low traffic``, ``missed``, ``full in 12 d``."""
    reason: str = ""
    remedy: str = ""
    call: Call = Call.UNKNOWN
    target: float | None = None
    """A share for a budget, a limit for a figure."""
    value: float | None = None
    """What it is now: the share that was good within 1 h, the figure, the share in use."""
    unit: str = "ratio"
    named: str = ""
    """Whose figure it is."""
    falling: bool = True
    """Less is worse."""
    burn: float | None = None
    left: float | None = None
    """Of the budget."""
    gone_in_s: float | None = None
    """Until the budget is gone, or the resource is full."""
    source: str = ""
    age: Age = Age.NONE
    sample_at: float | None = None
    settled: bool = False

    @property
    def key(self) -> str:
        return f"{self.cluster}/{self.objective}"


def slo_board(
    answers: Sequence[Answers],
    roster: Iterable[str],
    *,
    now: float,
    target: TargetOf = usual_target,
    policy: Policy = Policy.PAIRS,
) -> tuple[SloRow, ...]:
    """By cluster, then in the order of declaration."""
    known = views(answers, PANELS)
    return tuple(
        row
        for name in sorted({*roster, *known})
        for row in (
            _rows(name, known[name], target, policy, now=now)
            if name in known
            else _absent(name, answers, target)
        )
    )  # fmt: skip


def _rows(name: str, view: ClusterView, target: TargetOf, policy: Policy, *, now: float) -> Iterator[SloRow]:
    for objective in OBJECTIVES:
        if (row := _budget(name, objective, view, target(name, objective), policy)) is not None:
            yield _aged(row, view, now)
    for panel in FIGURES:
        if (row := _figure(name, panel, view)) is not None:
            yield _aged(row, view, now)
    for resource in RESOURCES:
        if (row := _capacity(name, resource, view)) is not None:
            yield _aged(row, view, now)


def _aged(row: SloRow, view: ClusterView, now: float) -> SloRow:
    """What is stale keeps its figures and loses its verdict."""
    dated = {"source": view.source, "age": view.age(now), "sample_at": view.sample_at, "settled": True}
    if not view.stale(now):
        return msgspec.structs.replace(row, **dated)
    old = "age not known" if view.sample_at is None else f"stale {format_duration(now - view.sample_at)}"
    why = f"{view.source}: {view.fault.detail}" if view.fault is not None else "nothing of it is scraped any more"
    return msgspec.structs.replace(row, level=Health.UNKNOWN, call=Call.UNKNOWN, word=old, reason=why, **dated)


def _budget(name: str, objective: Objective, view: ClusterView, target: float, policy: Policy) -> SloRow | None:
    errors = {window: value for window in WINDOWS if (value := _value(view, f"{objective.id}:{window}")) is not None}
    if not errors and not objective.needed:
        return None
    row = SloRow(cluster=name, objective=objective.id, title=objective.title, target=target)
    if not errors:
        why, remedy = view.why_none(f"{objective.id}:5m", objective.exporter)
        reason = f"{view.source} has nothing of the {objective.exporter.title}"
        return msgspec.structs.replace(row, word=why, reason=reason, remedy=remedy)
    events = _value(view, f"{objective.id}:events") if objective.events else None
    measured = Measured(errors, 0.0 if objective.events and events is None else events, objective.what)
    verdict = judge(measured, target=target, policy=policy)
    return msgspec.structs.replace(
        row,
        level=verdict.level,
        word=verdict.word,
        reason=verdict.reason,
        remedy=objective.doc,
        call=verdict.call,
        value=1 - errors["1h"] if "1h" in errors else None,
        burn=verdict.burn,
        left=verdict.left,
        gone_in_s=verdict.gone_in_s,
    )


def _figure(name: str, panel: Panel, view: ClusterView) -> SloRow | None:
    reading = view.readings.get(panel.id)
    assert panel.limit is not None
    if reading is None and not view.withholds(panel):
        return None
    row = SloRow(
        cluster=name, objective=panel.id, title=panel.title, sort=Sort.FIGURE, target=panel.limit.amber,
        unit=panel.unit, falling=panel.limit.falling, remedy=panel.doc,
    )  # fmt: skip
    return _withheld(row, panel, view) if reading is None else _measured(row, panel, reading)


def _withheld(row: SloRow, panel: Panel, view: ClusterView) -> SloRow:
    """No figure, for what it measures is broken."""
    assert panel.withheld is not None
    count = value_text(view.readings[panel.withheld.id].value, "")
    reason = f"{panel.withheld.title}: {count}"
    return msgspec.structs.replace(row, level=Health.BROKEN, word=panel.withheld.short, call=Call.TICKET, reason=reason)


def _measured(row: SloRow, panel: Panel, reading: Reading) -> SloRow:
    assert panel.limit is not None
    row = msgspec.structs.replace(row, named=reading.named)
    if isnan(reading.value):
        return msgspec.structs.replace(
            row, level=Health.CALM, word="idle", call=Call.NOBODY, reason="nothing to measure"
        )
    level = panel.limit.judge(reading.value)
    kept = level is Health.CALM
    side = "at least" if panel.limit.falling else "below"
    said = _text(reading.value, panel)
    promised = f"{said}, promised {side} {_text(panel.limit.amber, panel)}"
    return msgspec.structs.replace(
        row,
        level=level,
        word="kept" if kept else "missed",
        call=Call.NOBODY if kept else Call.TICKET,
        value=reading.value,
        reason="" if kept else f"{reading.named}: {promised}" if reading.named else promised,
    )


def _text(value: float, panel: Panel) -> str:
    """Exact where the nines are."""
    assert panel.limit is not None
    return share_text(value) if panel.unit == "ratio" and panel.limit.falling else value_text(value, panel.unit)


def _capacity(name: str, resource: Resource, view: ClusterView) -> SloRow | None:
    supply = Supply(
        *(_value(view, f"{resource.id}:{name_}") for name_ in ("used", "total", "before", "largest", "zone"))
    )
    if supply.used is None or not supply.total:
        return None
    found = outlook(supply, shared=resource.shared)
    return SloRow(
        cluster=name,
        objective=resource.id,
        title=resource.title,
        sort=Sort.CAPACITY,
        level=found.level,
        word=found.word,
        reason=found.reason,
        call=Call.UNKNOWN
        if found.level is Health.UNKNOWN
        else Call.NOBODY
        if found.level is Health.CALM
        else Call.TICKET,
        value=found.used,
        falling=False,
        target=1.0,
        gone_in_s=None if found.days is None else found.days * 86_400,
    )


def _absent(name: str, answers: Sequence[Answers], target: TargetOf) -> Iterator[SloRow]:
    level, word, reason, remedy = why_absent(name, answers)
    for objective in OBJECTIVES:
        if objective.needed:
            yield SloRow(
                cluster=name, objective=objective.id, title=objective.title, level=level, word=word, reason=reason,
                remedy=remedy, target=target(name, objective), settled=True,
            )  # fmt: skip


def _value(view: ClusterView, panel: str) -> float | None:
    """None where it is unknown, and where there was nothing to measure."""
    reading = view.readings.get(panel)
    return None if reading is None or isnan(reading.value) else reading.value
