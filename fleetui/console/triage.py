"""From a diagnosis to what is done about it: the safe operation that is proposed, the runbook that is read.

Windows are imported when they are first opened: the first frame needs none of them.
"""

from collections.abc import Sequence
from typing import Protocol

from fleetui.console.command import ALERTS, LENS, MACHINES, under_cursor
from fleetui.console.frame import Frame
from fleetui.console.host import Host
from fleetui.console.operating import Operating
from fleetui.console.views import View
from fleetui.model.picture import row_id
from fleetui.model.runbook import Runbook, elsewhere, filled


class TriageHost(Host, Protocol):
    @property
    def frame(self) -> Frame: ...
    @property
    def operating(self) -> Operating: ...


class Triage:
    """Implements ``command.TriageFace``."""

    def __init__(self, host: TriageHost) -> None:
        self._host = host
        self._session = host.session

    def propose(self) -> None:
        """The operation that the lens names, to its dialog. Raises ValueError where it names none."""
        from fleetui.console.screens.lens import LensScreen

        lens = self._host.frame
        proposal = lens.diagnosis().proposal if isinstance(lens, LensScreen) else None
        if proposal is None:
            raise ValueError(self.no_proposal())
        self._host.operating.propose(proposal)

    def no_proposal(self) -> str:
        from fleetui.console.screens.lens import LensScreen

        lens = self._host.frame
        found = lens.judged if isinstance(lens, LensScreen) else None
        if found is None:
            return "no diagnosis yet"
        if found.proposal is not None:
            return ""
        why = f"first: {found.leading.first}" if found.leading is not None else "nothing is found to be wrong"
        return f"no operation is proposed; {why}"

    def machines(self) -> None:
        """Those of the lens's cluster, with the cursor on the one that its diagnosis names."""
        from fleetui.console.screens.lens import LensScreen
        from fleetui.console.screens.machines import MachinesScreen

        lens = self._host.frame
        named = lens.named_machine() if isinstance(lens, LensScreen) else None
        self._host.go.open(View(MACHINES, cluster=self._host.go.here.cluster))
        shown = self._host.frame
        if named is not None and isinstance(shown, MachinesScreen):
            shown.aim(row_id(named))

    def runbook(self, words: str) -> None:
        """The named one, that of the lens's diagnosis, or that of the alert under the cursor. Raises ValueError with
        the names where there is none."""
        from fleetui.console.screens.lens import LensScreen

        frame = self._host.frame
        if words.strip():
            self._open((words.strip().lower().replace(" ", "-"), words.strip()))
        elif isinstance(frame, LensScreen):
            self._of_lens(frame)
        else:
            self._of_alert()

    def no_runbook(self) -> str:
        """Decided by what is known already: the footer asks at every row."""
        here = self._host.go.here.screen
        if here == ALERTS:
            return "" if under_cursor(self._host) is not None else "put the cursor on an alert"
        return self._none_of_lens() if here == LENS else "which runbook? :runbook NAME"

    def _none_of_lens(self) -> str:
        from fleetui.console.screens.lens import LensScreen

        lens = self._host.frame
        assert isinstance(lens, LensScreen)
        found = lens.judged
        return "" if lens.alert or (found is not None and found.leading is not None) else "nothing is found to be wrong"

    def _of_lens(self, lens: object) -> None:
        from fleetui.console.screens.lens import LensScreen
        from fleetui.model.table.alert_cells import runbook as url_of

        assert isinstance(lens, LensScreen)
        leading, alert, evidence = lens.diagnosis().leading, lens.alert_of(), lens.evidence()
        names = [lens.alert, leading.mode.runbook if leading is not None else ""]
        machines = {machine.name for machine in evidence.machines}
        node = next((name for name in leading.names if name in machines), "") if leading is not None else ""
        url = url_of(alert) if alert is not None else ""
        self._open(names, about=evidence.cluster.name, context=evidence.cluster.context, node=node, url=url)

    def _of_alert(self) -> None:
        """By the alert's own name, else by the failure mode that its name is a sign of."""
        from fleetui.model.alerts.alert import Alert
        from fleetui.model.diagnosis.rules import mode_of_alert
        from fleetui.model.table.alert_cells import runbook as url_of

        row: object = under_cursor(self._host)
        if not isinstance(row, Alert):
            raise ValueError(f"which runbook? :runbook NAME: {', '.join(self._session.runbooks.names())}")
        mode = mode_of_alert(row.name)
        cluster = self._session.clusters.get(row.cluster)
        self._open(
            (row.name, mode.runbook if mode is not None else ""),
            about=row.cluster,
            context=cluster.context if cluster is not None else "",
            node=next((value for key, value in row.labels if key == "node"), ""),
            url=url_of(row),
        )

    def _open(self, names: Sequence[str], *, about: str = "", context: str = "", node: str = "", url: str = "") -> None:
        from fleetui.console.screens.runbook import RunbookScreen

        own, *others = names
        named = url if "/" not in url else ""  # our own rules name one that ships
        found: Runbook | None = self._session.runbooks((own, named, *others))
        if found is None and url and not named:
            self._host.push_screen(RunbookScreen(self._session, elsewhere(own, url), about=about))
            return
        if found is None:
            beside = f"; the rule names {url}" if url else ""
            known = ", ".join(self._session.runbooks.names())
            raise ValueError(
                f"no runbook {' or '.join(filter(None, names)) or 'is known for this'}{beside}; there are {known}"
            )
        written = filled(found, {"CONTEXT": context, "NODE": node})
        self._host.push_screen(RunbookScreen(self._session, written, about=about, url="" if named else url))
