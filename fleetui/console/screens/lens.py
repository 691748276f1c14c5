"""One cluster on one screen, from whichever row it was opened: diagnosis, boards, what happened, the next safe step."""

from collections.abc import Coroutine, Iterator
from functools import lru_cache, partial
from typing import Any

from textual import work
from textual.timer import Timer
from textual.widget import Widget

from fleetui.console.doors import DoubtingBoard, TableName
from fleetui.console.feeding import Feeding
from fleetui.console.frame import Frame, Refocused, bindings
from fleetui.console.headline import cluster_trust_line
from fleetui.console.ink import Line, fit, join, line
from fleetui.console.lens_text import LensView, lens_lines
from fleetui.console.page import Page
from fleetui.console.reasons import Reasons
from fleetui.console.session import Session
from fleetui.console.views import View
from fleetui.console.vitals_text import quiet_text
from fleetui.model.alerts.alert import Alert
from fleetui.model.alerts.grouping import total
from fleetui.model.alerts.pipeline import Pipeline
from fleetui.model.cluster import Cluster
from fleetui.model.cluster_verdict import VITAL
from fleetui.model.details import Condition, Happening
from fleetui.model.diagnosis.diagnosis import Diagnosis, diagnose
from fleetui.model.diagnosis.evidence import Evidence
from fleetui.model.diagnosis.machine_signs import unwell
from fleetui.model.diagnosis.timeline import since, timeline
from fleetui.model.health.etcd_state import EtcdState
from fleetui.model.ledger import Operation
from fleetui.model.machine import Machine
from fleetui.model.picture import Delta
from fleetui.model.pod import Pod

JUDGE_S = 0.5
"""A diagnosis of 5,000 machines takes some 20 ms: what arrives within this time is judged at once."""
TABLES: tuple[TableName, ...] = ("machines", "pods", "etcd", "alerts", "slo", "controlplane", "replication")
METRICS: tuple[TableName, ...] = ("slo", "controlplane", "replication")
"""Those of them that sources of metrics fill."""
READ = 3
"""Machines that are not Ready whose reason is read, one after the other."""


class LensScreen(Frame):
    CSS_PATH = "lens.tcss"
    PLACE = "lens"
    BINDINGS = bindings("lens")

    def __init__(self, session: Session, view: View) -> None:
        super().__init__(session, view)
        self._rows: dict[str, dict[str, Any]] = {table: {} for table in TABLES}
        """Of this cluster, by table and row id; of pods those that are not well."""
        self._feeds = [Feeding(self, session, table, self._taker(table)) for table in TABLES]
        self._due: Timer | None = None
        self._reasons = Reasons(session, self._read_apart, self._changed)
        self.judged: Diagnosis | None = None
        """The diagnosis that is shown."""
        self.alert = view.query
        """Name of the alert that it was opened for; its own runbook comes first."""

    # What the app and the commands ask of it.

    def body(self) -> Iterator[Widget]:
        yield Page(self.session.styles, id="lens")

    def crumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.view.cluster)

    def counts(self) -> Line:
        """What calls for somebody here."""
        alerts = self._alerts()
        if alerts is None:
            return ()
        loud, row, now = total(alerts), self.session.clusters.get(self.view.cluster), self.session.clock.now()
        pages = (f"{loud.pages} page", "danger" if loud.pages else "warn" if loud.tickets else "muted")
        tickets = (f"{loud.tickets} ticket", pages[1])
        said = join([line(pages), line(tickets)], "  ")
        quiet = row.alerts.quiet if row is not None and row.alerts is not None else ()
        return join([said, *(line((quiet_text(each, now), "busy")) for each in quiet)], "  ")

    def trust(self, cells: int) -> Line:
        row, now = self.session.clusters.get(self.view.cluster), self.session.clock.now()
        return fit(cluster_trust_line(row, now=now, glyphs=self.session.glyphs, cells=cells), cells)

    def pods_focus(self) -> frozenset[str]:
        return frozenset({self.view.cluster})

    def boards(self) -> frozenset[str]:
        return VITAL if self.session.boards_imported else frozenset()

    def on_show(self) -> None:
        """The first screen of a console may be this one: what the boards need is imported beside its keys."""
        if not self.session.boards_imported:
            self._import_boards()

    @work(exclusive=True, group="boards")
    async def _import_boards(self) -> None:
        await self.session.bring_boards()
        self.post_message(Refocused())

    def narrow(self, query: str) -> None:
        """Opened again for another alert."""
        self.alert = query

    def is_late(self) -> bool:
        """Verdicts and ages move with time alone."""
        return True

    def focus_body(self) -> None:
        self.query_one("#lens").focus()

    # Life.

    def begin(self) -> None:
        super().begin()
        self.focus_body()
        self._start()

    def appear(self) -> None:
        super().appear()
        self._start()

    def _start(self) -> None:
        for feed in self._feeds:
            feed.start()
        self._changed()

    def disappear(self) -> None:
        super().disappear()
        for feed in self._feeds:
            feed.pause()

    def close(self) -> None:
        super().close()
        for feed in self._feeds:
            feed.close()

    def tick(self) -> None:
        super().tick()
        self._changed()

    def clusters_changed(self) -> None:
        super().clusters_changed()
        self._changed()

    def operations_changed(self, _: tuple[Operation, ...]) -> None:
        self._changed()

    def _taker(self, table: str) -> Any:
        """Keeps the rows of this cluster."""

        def take(delta: Delta[Any]) -> None:
            rows = self._rows[table]
            if delta.reset:
                rows.clear()
            for row_id in delta.removes:
                rows.pop(row_id, None)
            for row_id, row in delta.upserts:
                if row.cluster == self.view.cluster and not (isinstance(row, Pod) and row.healthy):
                    rows[row_id] = row
                else:
                    rows.pop(row_id, None)
            self._changed()

        return take

    def _changed(self) -> None:
        """Judged anew, soon and once."""
        if self.built and self._due is None:
            self._due = self.set_timer(JUDGE_S, self._judge)

    def _judge(self) -> None:
        self._due = None
        if not self.built or not self.app.is_running:
            return
        view = self._view()
        for machine in self._unread(view.evidence):
            self._reasons.look(machine)
        self.query_one("#lens", Page).show(lru_cache(maxsize=2)(partial(self._lines, view)))
        self.judged = view.diagnosis
        self.refresh_headlines()
        self.refresh_keys()

    def _lines(self, view: LensView, cells: int) -> tuple[Line, ...]:
        return lens_lines(view, glyphs=self.session.glyphs, cells=cells)

    # What is known.

    def diagnosis(self) -> Diagnosis:
        """As of now."""
        return diagnose(self.evidence())

    def evidence(self) -> Evidence:
        name, clusters = self.view.cluster, self.session.clusters
        machines: dict[str, Machine] = self._rows["machines"]
        pods: dict[str, Pod] = self._rows["pods"]
        etcd: EtcdState | None = next(iter(self._rows["etcd"].values()), None)
        return Evidence(
            cluster=clusters.get(name) or Cluster(name),
            now=self.session.clock.now(),
            machines=tuple(sorted(machines.values(), key=lambda machine: machine.name)),
            pods=tuple(pods.values()),
            etcd=etcd,
            slo=tuple(self._rows["slo"].values()),
            figures=next(iter(self._rows["controlplane"].values()), None),
            replicas=tuple(self._rows["replication"].values()),
            unheard=dict(self._unheard()),
            alerts=self._alerts(),
            pipeline=self._pipeline(),
            others=tuple(row for row in clusters.values() if row.name != name),
        )

    def _unheard(self) -> Iterator[tuple[str, str]]:
        """(board of metrics, why it tells nothing of the cluster yet)."""
        for name in METRICS:
            if not self.session.boards_imported:
                yield name, "not asked yet"
            elif isinstance(board := self.session.fleet.board(name), DoubtingBoard) and (
                why := board.doubt(self.view.cluster)
            ):
                yield name, why

    def _alerts(self) -> tuple[Alert, ...] | None:
        return tuple(self._rows["alerts"].values()) if self._pipeline() is not None else None

    def _pipeline(self) -> Pipeline | None:
        found: Pipeline | None = getattr(self.session.fleet.board("alerts"), "pipeline", None)
        return found

    def named_machine(self) -> Machine | None:
        """The one to look at first: that the diagnosis names, else the first that is not well."""
        evidence = self.evidence()
        leading = (self.judged or diagnose(evidence)).leading
        by_name = {machine.name: machine for machine in evidence.machines}
        named = (by_name[name] for name in (leading.names if leading is not None else ()) if name in by_name)
        return next(named, None) or next(iter(unwell(evidence)), None)

    def alert_of(self) -> Alert | None:
        """The alert that it was opened for, while it is there."""
        return next((alert for alert in self._alerts() or () if alert.name == self.alert), None)

    def _view(self) -> LensView:
        evidence = self.evidence()
        begun = since(evidence.now, evidence.alerts or ())
        return LensView(
            evidence=evidence,
            diagnosis=diagnose(evidence),
            moments=timeline(
                self._transitions(begun),
                evidence.alerts or (),
                self._operations(),
                since=begun,
                events=self._events(evidence),
            ),
            since=begun,
            reasons=self._known_reasons(evidence),
            keys={what: self.session.key_of(command) for what, command in _KEYS.items()},
        )

    def _transitions(self, begun: float) -> tuple[Any, ...]:
        return tuple(one for one in self.session.fleet.history(begun) if one.cluster == self.view.cluster)

    def _operations(self) -> tuple[Operation, ...]:
        name = self.view.cluster
        return tuple(one for one in self.session.desk.operations() if one.intent.cluster.name == name)

    # Why machines are not Ready: read one at a time, and only of the first few.

    def _unread(self, evidence: Evidence) -> tuple[Machine, ...]:
        first = unwell(evidence)[:READ] if not evidence.doubt("nodes") else ()
        return tuple(machine for machine in first if not self._reasons.read(machine))[:1]

    def _events(self, evidence: Evidence) -> tuple[tuple[str, Happening], ...]:
        """Kubernetes' own, of the machines that are not Ready and were read."""
        read = ((machine, self._reasons.happenings(machine)) for machine in unwell(evidence)[:READ])
        return tuple((machine.name, happening) for machine, told in read for happening in told)

    def _known_reasons(self, evidence: Evidence) -> dict[str, Condition]:
        known = ((machine.uid, self._reasons.of(machine)) for machine in unwell(evidence)[:READ])
        return {uid: condition for uid, condition in known if condition is not None}

    def _read_apart(self, reading: Coroutine[Any, Any, None]) -> None:
        self.run_worker(reading, group="reason", exclusive=True, exit_on_error=False)


_KEYS = {
    "propose": "lens.propose", "runbook": "look.runbook", "machines": "lens.machines", "pods": "lens.pods",
    "etcd": "lens.etcd", "alerts": "go.alerts", "operations": "go.operations", "slo": "lens.slo",
    "controlplane": "lens.controlplane", "replication": "lens.replication",
}  # fmt: skip
