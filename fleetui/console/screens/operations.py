"""What runs, what waits for whom, what has ended; pausing and aborting."""

from collections.abc import Mapping
from typing import Any

from fleetui.console.frame import OpenOperation, bindings
from fleetui.console.ink import Line, join, line
from fleetui.console.operation_text import blocked, inspector_lines
from fleetui.console.session import Session
from fleetui.console.table_screen import TableScreen
from fleetui.console.views import View
from fleetui.model.ledger import Operation
from fleetui.model.picture import Delta
from fleetui.model.table.columns_operation import OPERATIONS


class OperationsScreen(TableScreen):
    PLACE = "operations"
    TABLE = OPERATIONS
    BINDINGS = bindings("operations")

    def __init__(self, session: Session, view: View) -> None:
        super().__init__(session, view)
        self._everything = False
        """Rehearsals too: plans that were looked at and never approved."""
        self._rehearsals: set[str] = set()

    def begin(self) -> None:
        super().begin()
        self._fill(reset=True)

    def appear(self) -> None:
        super().appear()
        self._fill(reset=False)

    def operations_changed(self, changed: tuple[Operation, ...]) -> None:
        self._put(changed, reset=False)

    def _fill(self, *, reset: bool) -> None:
        if self.built:
            self._put(self.session.desk.operations(), reset=reset)

    def _put(self, operations: tuple[Operation, ...], *, reset: bool) -> None:
        self._rehearsals |= {operation.op_id for operation in operations if operation.rehearsal}
        shown = [operation for operation in operations if self.is_mine(operation)]
        gone = () if reset else tuple(one.op_id for one in operations if not self.is_mine(one))
        self.apply(Delta(tuple((operation.op_id, operation) for operation in shown), gone, reset=reset))

    def is_mine(self, row: Any) -> bool:
        return self._everything or not row.rehearsal

    def toggle_calm(self) -> None:
        """Shows the rehearsals, or hides them again."""
        self._everything = not self._everything
        self._fill(reset=True)

    def sort_choices(self) -> tuple[tuple[str, str, str], ...]:
        _, *columns = super().sort_choices()
        return (("", "UNDER WAY", "What waits for somebody, what goes on, what has ended; newest first."), *columns)

    def drill(self) -> None:
        """A proposal opens its dialog again; anything else its whole record."""
        operation = self.current()
        if isinstance(operation, Operation):
            self.post_message(OpenOperation(operation))

    def crumbs(self) -> tuple[str, ...]:
        return ("Operations",)

    def trust(self, cells: int) -> Line:  # noqa: ARG002 - short enough for any width
        """Is somebody at work? The journal is always the truth; only a missing controller makes it stand still."""
        glyphs = self.session.glyphs
        problem = self.session.controller_status()
        if problem:
            return line((f" {glyphs.warning} {problem}", "warn"))
        running = [operation for operation in self.rows.all_rows() if not operation.state.ended]
        stuck = sum(blocked(operation) for operation in running)
        return join(
            [
                line((f" {glyphs.live} ", "ok"), f"{len(running)} under way"),
                line((f"{glyphs.warning} {stuck} blocked", "warn")) if stuck else (),
                self._hidden(),
            ],
            "  ",
        )

    def _hidden(self) -> Line:
        count = 0 if self._everything else len(self._rehearsals)
        if not count:
            return ()
        said = f"{count} rehearsal{'s' if count > 1 else ''} hidden, "
        return line((said, "muted"), (self.session.key_of("look.calm"), "key"), (" shows them", "muted"))

    def nothing(self, cells: int) -> tuple[Line, ...]:  # noqa: ARG002 - short enough for any width
        cordon, drain = (self.session.key_of(f"machine.{kind}") for kind in ("cordon", "drain"))
        return (
            line(("no operation yet", "text")),
            self._hidden(),
            line((cordon, "key"), (" and ", "muted"), (drain, "key"), (" on ", "muted"), (":machines", "accent"),
                 (" propose one; what was done stays here", "muted")),
        )  # fmt: skip

    def key_titles(self) -> Mapping[str, str]:
        operation = self.current()
        paused = isinstance(operation, Operation) and (operation.paused or operation.pausing)
        return {"operation.pause": "resume"} if paused else {}

    def is_late(self) -> bool:
        """Steps show how long they take."""
        return any(not operation.state.ended for operation in self.rows.all_rows())

    def inspect(self, row: Any, cells: int) -> tuple[Line, ...]:
        assert isinstance(row, Operation)
        return inspector_lines(row, now=self.session.clock.now(), glyphs=self.session.glyphs, cells=cells)
