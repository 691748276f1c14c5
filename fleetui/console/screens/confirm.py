"""The dialog before anything dangerous: plan, blast radius, every preflight, the frozen targets, the typed word.

It opens read-only too: then it is a rehearsal of what would happen, and the button says how to arm.
"""

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input

from fleetui.console import plan_text
from fleetui.console.controls import Choice, Field, Push
from fleetui.console.dialog import WALK, Dialog
from fleetui.console.ink import Line, fit, line, width, wrap
from fleetui.console.kubectl import for_intent
from fleetui.console.operation_text import clock_time
from fleetui.console.options import offered
from fleetui.console.page import Page
from fleetui.console.paper import Paper
from fleetui.console.proposal import Proposal
from fleetui.console.session import Session
from fleetui.control.desk import DeskError
from fleetui.model.duration import format_duration
from fleetui.model.ledger import Operation
from fleetui.model.operation import Plan

PLANNING_TICK_S = 1.0

TYPED = 26
"""Cells that the typed word always has; a long reason for it gives way (the checks say it in full)."""
WIDEST, FRAME = 116, 8
"""The dialog at most (``confirm.tcss``), and what its border, its paddings and the colon take of it."""
NARROW = 110
"""Cells: below this the dialog takes the whole width and its options stand in two columns."""


class ConfirmScreen(Dialog[bool]):
    """Dismissed with True when the operation was approved."""

    CSS_PATH = "confirm.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *WALK,
        Binding("r", "read_checks", show=False),
        Binding("m", "read_pods", show=False),
        Binding("K", "read_kubectl", show=False),
    ]

    def __init__(self, session: Session, proposal: Proposal, *, place: str, arm: Callable[[], None]) -> None:
        """``place``: ``2 of 3`` when several clusters are asked about in sequence. ``arm`` opens the arming dialog."""
        super().__init__(session)
        self._proposal = proposal
        self._place = place
        self._arm = arm
        self._all_checks = False
        self._pods = False
        self._kubectl = False
        self._built = False

    def compose(self) -> ComposeResult:
        styles = self.session.styles
        with Vertical(id="box"):
            yield Page(styles, id="plan")
            with Horizontal(id="options"):
                for option in offered(self._proposal.intent):
                    yield Choice(option, self._proposal.intent.option(option.key, option.values[0][1]), styles)
            with Horizontal(id="typed"):
                yield Paper(styles, id="prompt")
                yield Field(id="word")
            with Horizontal(id="buttons"):
                yield Paper(styles, id="keys")
                yield Push("Cancel", styles, id="cancel")
                yield Push("planning", styles, danger=True, id="approve")

    def on_mount(self) -> None:
        self._built = True
        box = self.query_one("#box")
        box.border_title = self._title()
        box.border_subtitle = self._place
        self.query_one("#cancel").focus()
        self._proposal.submit()
        self.set_interval(PLANNING_TICK_S, self._tick)
        self.show()

    def on_resize(self) -> None:
        self.set_class(self.size.width < NARROW, "-narrow")
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        """The plan scrolls so that the buttons are always there."""
        if not self.is_attached or not self._built:
            return
        box, page = self.query_one("#box"), self.query_one("#plan", Page)
        fixed = sum(
            row.outer_size.height + row.styles.margin.height for row in box.children if row is not page and row.display
        )
        share = 1.0 if self.has_class("-narrow") else 0.9
        page.styles.max_height = max(3, int(self.size.height * share) - fixed - box.gutter.height)

    def operations_changed(self, changed: tuple[Operation, ...]) -> None:
        """The controller has written something: perhaps the plan, perhaps before this dialog is drawn."""
        if any(operation.op_id == self._proposal.op_id for operation in changed):
            self.show()

    def show(self) -> None:
        """All that depends on the plan, the typed word and the arming; nothing before its widgets are there, nor
        once they go."""
        if not self._built or not self.query("#plan"):
            return
        self.query_one("#plan", Page).show(self._lines)
        self.query_one("#keys", Paper).show((self._keys(),))
        self._ask_for_word()
        self.query_one("#approve", Push).relabel(self._approve_label())
        self.query_one("#box").set_class(self._blocked(), "-blocked")
        self.call_after_refresh(self._fit)

    def _tick(self) -> None:
        """Only waiting and arming change with the time."""
        if self._plan() is None:
            self.show()
        elif self.query("#approve"):
            self.query_one("#approve", Push).relabel(self._approve_label())

    def _plan(self) -> Plan | None:
        operation = self._proposal.operation
        return operation.plan if operation is not None else None

    def _blocked(self) -> bool:
        plan = self._plan()
        return plan is not None and plan.blocked

    def _title(self) -> str:
        return f" {plan_text.title(self._proposal.intent)} "

    def _lines(self, cells: int) -> tuple[Line, ...]:
        operation = self._proposal.operation
        if operation is not None and operation.plan is not None:
            return self._plan_lines(operation.plan, cells)
        if operation is not None and operation.plan_error:
            return (*wrap("The controller could not make a plan:", cells, "danger"), *wrap(operation.plan_error, cells))
        return self._waiting_lines(cells)

    def _plan_lines(self, plan: Plan, cells: int) -> tuple[Line, ...]:
        now, glyphs = self.session.clock.now(), self.session.glyphs
        lines: list[Line] = []
        lines += plan_text.blast_lines(plan.blast, cells)
        lines.append(())
        lines += plan_text.check_lines(plan, now=now, glyphs=glyphs, cells=cells, all_checks=self._all_checks)
        lines.append(())
        lines += plan_text.target_lines(plan, clock_time(plan.made_at), cells)
        lines += plan_text.step_lines(plan, glyphs=glyphs, pods=self._pods)
        if self._kubectl:
            lines += [(), *wrap(f"$ {for_intent(plan.intent)}", cells, "accent", indent=2)]
        return tuple(lines)

    def _waiting_lines(self, cells: int) -> tuple[Line, ...]:
        waited = self.session.clock.now() - self._proposal.since
        names = " ".join(target.name for target in self._proposal.intent.targets)
        problem = self.session.controller_status()
        return (
            line((f"planning… {format_duration(waited)}", "busy")),
            *wrap(
                "The controller reads the machines, their pods and the budgets from the cluster itself.", cells, "muted"
            ),
            *(wrap(f"{self.session.glyphs.warning} {problem}", cells, "warn") if problem else ()),
            (),
            *wrap(f"targets: {names}", cells),
        )

    def _keys(self) -> Line:
        pods = "fold" if self._pods else "pods"
        return line(
            ("r", "key"),
            (" checks  ", "muted"),
            ("m", "key"),
            (f" {pods}  ", "muted"),
            ("K", "key"),
            (" kubectl", "muted"),
        )

    def _ask_for_word(self) -> None:
        plan = self._plan()
        word = plan.blast.confirm_word if plan is not None and not plan.blocked else ""
        typed = self.query_one("#typed")
        appears, typed.display = bool(word) and not typed.display, bool(word)
        if appears and self.session.armed and self.focused is self.query_one("#cancel"):
            # Typing the word is the safeguard; until it is complete enter does nothing.
            self.call_after_refresh(self.query_one("#word").focus)
        if plan is not None and word:
            asked = line(("type  ", "muted"), (word, "strong"), ("  to go on", "muted"))
            box = self.size.width if self.has_class("-narrow") else min(self.size.width * 9 // 10, WIDEST)
            room = box - FRAME - TYPED - width(asked)
            why = fit(line((f"  ({plan.blast.confirm_why})", "muted")), room) if plan.blast.confirm_why else ()
            self.query_one("#prompt", Paper).show(((*asked, *why, (": ", "muted")),))

    def _approve_label(self) -> str:
        obstacle = self._proposal.obstacle(self.query_one("#word", Input).value)
        plan = self._plan()
        if obstacle == "read-only":
            return "rehearsal only: arm to go on"
        return obstacle or (plan_text.verdict(plan) if plan is not None else "")

    @on(Input.Changed, "#word")
    def _typed(self) -> None:
        self.query_one("#approve", Push).relabel(self._approve_label())

    @on(Input.Submitted, "#word")
    def _word_done(self) -> None:
        """Enter after the word only moves on: approving is an enter of its own."""
        self.query_one("#approve").focus()

    @on(Choice.Changed)
    def _revise(self, event: Choice.Changed) -> None:
        self._proposal.revise(event.choice.option.key, event.value)
        self.show()

    @on(Push.Pressed, "#cancel")
    def _cancelled(self) -> None:
        self.action_cancel()

    def action_cancel(self) -> None:
        self._proposal.withdraw()
        self.answer(False)

    @on(Push.Pressed, "#approve")
    def _approve(self) -> None:
        typed = self.query_one("#word", Input).value
        if self._proposal.obstacle(typed) == "read-only":
            self._arm()
            return
        try:
            approved = self._proposal.approve(typed)
        except DeskError as error:
            self._proposal.approved = False
            self.query_one("#box").border_subtitle = f" {error} "
            self.show()
            return
        if approved:
            self.answer(True)

    def action_read_checks(self) -> None:
        self._all_checks = not self._all_checks
        self.show()

    def action_read_pods(self) -> None:
        self._pods = not self._pods
        self.show()

    def action_read_kubectl(self) -> None:
        self._kubectl = not self._kubectl
        self.show()
