"""What one more look at the thing under the cursor shows: its words, its YAML, its kubectl line, its name to paste.

Windows are imported when they are first opened: the first frame needs none of them.
"""

import os

from fleetui.console.clipboard import copied, osc_52
from fleetui.console.command import LENS, chosen, under_cursor
from fleetui.console.host import Host
from fleetui.console.kubectl import context_of, for_item, for_view
from fleetui.console.operation_text import what
from fleetui.console.record_text import record_text
from fleetui.model.cluster import Cluster
from fleetui.model.ledger import Operation
from fleetui.model.machine import Machine
from fleetui.model.pod import Pod


class Looking:
    """Implements ``command.LookingFace``."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._session = host.session

    def describe(self) -> None:
        """In words; an operation's are its record."""
        item = under_cursor(self._host)
        if isinstance(item, Operation):
            self.record(item)
        elif item is not None:
            from fleetui.console.describing import describe
            from fleetui.console.screens.document import DocumentScreen

            title = item.name if isinstance(item, Cluster) else self._place_of(item)
            self._host.push_screen(DocumentScreen(self._session, title, lambda: describe(self._session, item)))

    def record(self, operation: Operation) -> None:
        from fleetui.console.screens.document import DocumentScreen

        async def read() -> str:
            fresh = self._session.desk.operation(operation.op_id)
            return record_text(fresh, now=self._session.clock.now(), glyphs=self._session.glyphs)

        self._host.push_screen(DocumentScreen(self._session, what(operation), read))

    def chart(self, words: str) -> None:
        """The history of what is under the cursor, or of the named figure of its board."""
        from fleetui.console.charting import requested
        from fleetui.console.screens.chart import ChartScreen

        if self._session.charts is None:
            raise ValueError("no source of metrics is configured: without one there is no history")
        here, row = self._host.go.here, under_cursor(self._host)
        wanted = requested(here.screen, row, words.strip(), cluster=here.cluster, kinds=self._session.charts.kinds)
        self._host.push_screen(ChartScreen(self._session, wanted))

    def no_chart(self) -> str:
        if self._session.charts is None:
            return "no source of metrics is configured"
        here = self._host.go.here.screen
        return "" if here == LENS or under_cursor(self._host) is not None else "put the cursor on a row"

    def yaml(self) -> None:
        item = under_cursor(self._host)
        if isinstance(item, Machine | Pod):
            self._document(item)
        elif item is not None:
            raise ValueError("there is no YAML of this: open it and choose a machine or a pod")

    def kubectl(self) -> None:
        """Copied whole; of a long one the screen shows the beginning."""
        item, view = under_cursor(self._host), self._host.go.here
        context = context_of(item, view, tuple(self._session.clusters.values()))
        command = for_item(item, context) if item is not None else for_view(view, context)
        done = "copied  " if copied(command, self._session.write_terminal) else ""
        self._host.say(f"{done}$ {command}", "accent")

    def copy(self) -> None:
        """The marked names, one a line, or the one under the cursor."""
        names = [item.op_id if isinstance(item, Operation) else item.name for item in chosen(self._host)]
        if not names or self._session.write_terminal is None:
            return
        self._session.write_terminal(osc_52("\n".join(names), os.environ))
        self._host.say(f"copied {names[0]}" if len(names) == 1 else f"copied {len(names)} names")

    def _document(self, item: Machine | Pod) -> None:
        from fleetui.console.screens.document import DocumentScreen

        where = self._place_of(item)
        self._host.push_screen(DocumentScreen(self._session, where, lambda: self._session.fleet.describe(item)))

    def _place_of(self, item: Machine | Pod) -> str:
        return f"{item.cluster} {self._session.glyphs.crumb} {item.name}"
