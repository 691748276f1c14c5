"""The dialog before anything dangerous: plan, blast radius, every preflight, the frozen targets, the typed word.

It opens read-only too: then it is a rehearsal of what would happen, and says so in its title and on its button.
"""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input

from fleetui.console import plan_text
from fleetui.console.check_text import ago_text
from fleetui.console.clipboard import copied
from fleetui.console.controls import Choice, Field, Push
from fleetui.console.dialog import WALK
from fleetui.console.ink import Line, fit, line, width
from fleetui.console.kubectl import for_intent
from fleetui.console.options import offered, unusual
from fleetui.console.page import Page
from fleetui.console.paper import Paper
from fleetui.console.proposal import Asked, Proposal
from fleetui.console.proposal_text import Telling, proposal_lines
from fleetui.console.session import Session
from fleetui.console.tall_dialog import TallDialog
from fleetui.control.desk import DeskError
from fleetui.model.ledger import Operation
from fleetui.model.operation import Plan

TICK_S = 1.0

TYPED = 26
"""Cells that the typed word always has; a long reason for it gives way (the checks say it in full)."""
WIDEST, FRAME = 116, 8
"""The dialog at most (``confirm.tcss``), and what its border, its paddings and the colon take of it."""


class ConfirmScreen(TallDialog[bool]):
    """Dismissed with True when the operation was approved."""

    CSS_PATH = "confirm.tcss"
    PAGE = "#plan"
    BINDINGS: ClassVar[list[BindingType]] = [
        *WALK,
        Binding("r", "fold('checks')", show=False),
        Binding("m", "fold('pods')", show=False),
        Binding("o", "fold_options", show=False),
        Binding("p", "plan_again", show=False),
        Binding("K", "kubectl", show=False),
        Binding("colon", "no_command_line", show=False),
    ]

    def __init__(
        self, session: Session, proposal: Proposal, *, sequence: Sequence[Asked], at: int, arm: Callable[[], None]
    ) -> None:
        """``sequence``: every cluster that is asked about, one after the other; this is number ``at`` of them, from 0.
        ``arm`` opens the arming dialog."""
        super().__init__(session)
        self._proposal = proposal
        self._asked, self._following = sequence[at], tuple(sequence[at + 1 :])
        self._place = f" cluster {at + 1} of {len(sequence)} " if len(sequence) > 1 else ""
        self._arm = arm
        self._open: frozenset[str] = frozenset()
        self._copied = False
        self._refused = False
        """The word that stands in the field was entered, and is not the one."""
        self._said: tuple[object, ...] = ()
        """What the time changes, as it was last shown."""

    def compose(self) -> ComposeResult:
        styles, intent = self.session.styles, self._proposal.intent
        options = offered(intent)
        with Vertical(id="box"):
            yield Page(styles, id="plan")
            if options:
                yield Paper(styles, id="chosen")
            with Vertical(id="options"):
                for option in options:
                    yield Choice(option, intent.option(option.key, option.usual), styles)
            with Horizontal(id="typed"):
                yield Paper(styles, id="prompt")
                yield Field(id="word")
            with Horizontal(id="buttons"):
                yield Paper(styles, id="keys")
                yield Push("Cancel", styles, id="cancel")
                yield Push("planning", styles, danger=True, id="approve")

    def on_mount(self) -> None:
        self.built = True
        self.query_one("#box").border_subtitle = self._place
        self.query_one("#cancel").focus()
        self._proposal.submit()
        self.set_interval(TICK_S, self._tick)
        self.show()

    # What it hears.

    def operations_changed(self, changed: tuple[Operation, ...]) -> None:
        """The controller has written something: perhaps the plan, perhaps before this dialog is drawn."""
        if any(operation.op_id == self._proposal.op_id for operation in changed):
            self.show()

    def arming_changed(self) -> None:
        """A rehearsal has become the real thing, or the other way round."""
        self.show()

    def _tick(self) -> None:
        """Only waiting, arming and the age of the plan change with the time."""
        if self._plan() is None or self._timed() != self._said:
            self.show()

    def _timed(self) -> tuple[object, ...]:
        plan = self._plan()
        return (self.session.armed, ago_text(self.session.clock.now() - plan.made_at) if plan is not None else "")

    # What it shows.

    def show(self) -> None:
        """All that depends on the plan, the typed word and the arming; nothing before its widgets are there, nor
        once they go."""
        if not self.built or not self.query("#plan"):
            return
        self._said = self._timed()
        self._hold_height()
        self.query_one("#plan", Page).show(self._lines)
        for paper in self.query("#chosen").results(Paper):
            paper.show((self._chosen(),))
        self._ask_for_word()
        self._relabel()
        box = self.query_one("#box")
        box.border_title = self._title()
        box.set_class(self._blocked(), "-blocked")
        self.fit_soon()

    def _hold_height(self) -> None:
        """Another plan of the same wish does not make the dialog jump while it is waited for."""
        page = self.query_one("#plan", Page)
        page.styles.min_height = 3 if self._plan() is not None else max(3, page.size.height)

    def _relabel(self) -> None:
        self.query_one("#approve", Push).relabel(self._approve_label())
        self.query_one("#keys", Paper).show((self._keys(),))

    def _plan(self) -> Plan | None:
        operation = self._proposal.operation
        return operation.plan if operation is not None else None

    def _word(self) -> str:
        """What must be typed; empty when nothing must."""
        plan = self._plan()
        return plan.blast.confirm_word if plan is not None else ""

    def _blocked(self) -> bool:
        plan = self._plan()
        return plan is not None and plan.blocked

    def _title(self) -> str:
        said = plan_text.title(self._proposal.intent)
        return f" {said} " if self.session.armed else f" Rehearsal: {said[0].lower()}{said[1:]} "

    def _lines(self, cells: int) -> tuple[Line, ...]:
        before = plan_text.sequence_lines(self._asked, self._following, glyphs=self.session.glyphs, cells=cells)
        return (*before, *proposal_lines(self._proposal, self._telling(cells)))

    def _telling(self, cells: int) -> Telling:
        return Telling(
            now=self.session.clock.now(),
            glyphs=self.session.glyphs,
            cells=cells,
            opened=self._open,
            copied=self._copied,
            problem=self.session.controller_status,
            typing=self._typing(),
        )

    def _typing(self) -> bool:
        return isinstance(self.focused, Input)

    def _chosen(self) -> Line:
        """The options in one line while they are folded."""
        others = unusual(self._proposal.intent)
        said = " · ".join(others) if others else "as usual"
        open_ = self.query_one("#options").display
        return line(
            *(() if self._typing() else (("o", "key"), (" ", "muted"))),
            ("options  ", "muted"),
            ("left right to change, each makes another plan" if open_ else said, "muted" if open_ else "text"),
        )

    def _keys(self) -> Line:
        if self._refused:
            return line((f"that is not {self._word()}", "danger"))
        if self._typing():
            return line(("tab", "key"), (" to buttons and keys", "muted"))
        pods = "fold pods" if "pods" in self._open else "pods"
        return line(("m", "key"), (f" {pods}  ", "muted"), ("K", "key"), (" kubectl", "muted"))

    def _ask_for_word(self) -> None:
        """Only where the word can lead to something: not in a rehearsal, not while it is blocked."""
        plan = self._plan()
        word = plan.blast.confirm_word if plan is not None and self.session.armed and not plan.blocked else ""
        typed = self.query_one("#typed")
        appears, typed.display = bool(word) and not typed.display, bool(word)
        if appears and isinstance(self.focused, Push):
            # Typing the word is the safeguard; until it is complete enter does nothing.
            self.call_after_refresh(self.query_one("#word").focus)
        if plan is not None and word:
            asked = line(("type  ", "muted"), (word, "strong"), ("  to go on", "muted"))
            box = self.size.width if self.is_compact else min(self.size.width * 9 // 10, WIDEST)
            room = box - FRAME - TYPED - width(asked)
            reason = plan.blast.confirm_why
            why = (*fit(line((f"  ({reason}", "muted")), room - 1), (")", "muted")) if reason else ()
            self.query_one("#prompt", Paper).show(((*asked, *why, (": ", "muted")),))

    def _approve_label(self) -> str:
        obstacle = self._proposal.obstacle(self.query_one("#word", Input).value)
        plan = self._plan()
        if obstacle == "read-only":
            return f"rehearsal only: {'--readonly' if self.session.readonly else 'arm with :write'}"
        return obstacle or (plan_text.verdict(plan) if plan is not None else "")

    # What the operator does.

    @on(Input.Changed, "#word")
    def _typed(self) -> None:
        self._refused = False
        self._relabel()

    def on_descendant_focus(self) -> None:
        """Options fold once the word is typed: what it accepts must be in sight above it. No key is offered meanwhile
        that would only be a letter of it."""
        if not self.built:
            return
        if self._typing():
            self.query_one("#options").display = False
        self.show()

    @on(Input.Submitted, "#word")
    def _word_done(self) -> None:
        """Enter after the word only moves on: approving is an enter of its own. After a wrong one it moves nowhere:
        what is typed to correct it would be taken as keys."""
        word = self.query_one("#word", Input)
        self._refused = bool(word.value) and word.value != self._word()
        if word.value and not self._refused:
            self.query_one("#approve").focus()
        self._relabel()

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
            if not self.session.readonly:
                self._arm()
            return
        if self.query_one("#typed").display and typed != self._word():
            self._refused = bool(typed)
            self.query_one("#word").focus()
            self._relabel()
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

    def action_no_command_line(self) -> None:
        """``:`` is for the tables. It must not arm: hands that mean ``:q`` would."""
        if not self.session.armed:
            self.query_one("#box").border_subtitle = " :write stands on the tables: esc, or the button on the right "

    def action_fold(self, part: str) -> None:
        self._open ^= {part}
        self.show()

    def action_fold_options(self) -> None:
        options = self.query_one("#options")
        if not options.children:
            return
        options.display = not options.display
        self.query_one(Choice if options.display else "#cancel").focus()
        self.show()

    def action_plan_again(self) -> None:
        """What was seen may have changed since."""
        self._proposal.renew()
        self.show()

    def action_kubectl(self) -> None:
        """Shown on top, and copied to the clipboard of the operator's own machine where there is a terminal."""
        self.action_fold("kubectl")
        if "kubectl" in self._open:
            self.query_one("#plan", Page).scroll_home(animate=False)
            self._copied = copied(for_intent(self._proposal.intent), self.session.write_terminal)
            self.show()
