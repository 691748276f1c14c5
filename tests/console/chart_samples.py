"""History as tests want it: a curve follows from its figure, its cluster and its moment, and each question is kept."""

import asyncio
import math
from collections.abc import Callable, Iterable, Mapping

from fleetui.model.chart.chart import Chart, made
from fleetui.model.chart.curve import Curve, Value
from fleetui.model.chart.replication_subjects import replication_subjects
from fleetui.model.chart.subject import Place, Request, Subject, Wish
from fleetui.model.chart.window import Window, window
from fleetui.model.fault import Fault
from tests.console.panel_samples import HERE
from tests.console.replication_samples import KINDS

ValueOf = Callable[[str, str, int], Value]
"""(id of the figure, cluster, Unix seconds) -> value."""
NOBODY = frozenset({"edge-lima-02"})


def wave(figure: str, cluster: str, at: int) -> Value:
    """Calm, with a hole of ten minutes in each hour; the errors and writes of prod-east-1 go up at half past, for forty
    minutes."""
    if cluster not in HERE or at % 3_600 in range(600, 1_200):
        return None
    if cluster == "prod-east-1" and figure.endswith(("errors", "writes")) and not 600 <= at % 3_600 < 1_800:
        return {"controlplane/errors": 0.043}.get(figure, 2.4)
    if figure.endswith("availability"):
        return 1.0
    scale = {"controlplane/errors": 0.0004, "slo/api-errors": 0.0004}.get(figure, 0.3)
    return scale * (1.2 + math.sin(at / 500 + len(cluster)))


class ScriptedCharts:
    """``LiveCharts``. What was asked is in ``asked`` and ``drawn``; with ``held`` every answer waits for it."""

    def __init__(self, value_of: ValueOf = wave, *, members: Iterable[str] = ("cp-a",)) -> None:
        self.value_of = value_of
        self.members = tuple(members)
        self.asked: list[tuple[Wish, ...]] = []
        self.drawn: list[tuple[Request, Window]] = []
        self.cancelled: list[tuple[Wish, ...]] = []
        self.held: asyncio.Event | None = None
        self.fault: Fault | None = None
        self.closed = False
        self.now: Callable[[], float] = lambda: 0.0

    @property
    def kinds(self) -> Mapping[str, Subject]:
        return replication_subjects(KINDS.values())

    async def chart(self, request: Request, *, end: float, span_s: float, moments: int) -> Chart:
        over = window(end=end, span_s=span_s, moments=moments)
        self.drawn.append((request, over))
        if self.held is not None:
            await self.held.wait()
        faults = [("central", self.fault)] if self.fault is not None else []
        found = [] if faults else [self._curve(request.subject, c, m, over)
                                   for c in request.clusters for m in self.members]  # fmt: skip
        return made(request, over, found, asked_at=self.now(), asked=["central"], faults=faults)

    async def sparks(self, wishes: Iterable[Wish], *, span_s: float, moments: int) -> Mapping[tuple[str, Place], Curve]:
        wanted = tuple(wishes)
        self.asked.append(wanted)
        try:
            if self.held is not None:
                await self.held.wait()
        except asyncio.CancelledError:
            self.cancelled.append(wanted)
            raise
        over = window(end=self.now(), span_s=span_s, moments=moments)
        found = {wish.key: self._curve(wish.subject, wish.place[0], "", over) for wish in wanted}
        return {key: curve for key, curve in found.items() if not curve.empty}

    async def close(self) -> None:
        self.closed = True

    def _curve(self, subject: Subject, cluster: str, member: str, over: Window) -> Curve:
        values = tuple(self.value_of(subject.id, cluster, at + 40 * len(member)) for at in over.moments)
        return Curve({"cluster": cluster, "instance": member}, over, values, "central")
