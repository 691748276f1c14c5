"""The dialog before an ack or a silence: what it would mute, by whom, why, how long. Read-only it is a rehearsal."""

from collections.abc import Awaitable, Callable, Iterable
from typing import ClassVar, cast

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input

from fleetui.console import hush_text
from fleetui.console.controls import Choice, Field, Push
from fleetui.console.dialog import WALK
from fleetui.console.ink import Line, line, wrap
from fleetui.console.options import Offered
from fleetui.console.page import Page
from fleetui.console.paper import Paper
from fleetui.console.session import Session
from fleetui.console.tall_dialog import TallDialog
from fleetui.model.alerts.ack import LASTS_S, AckError
from fleetui.model.alerts.alert import Alert
from fleetui.model.alerts.breadth import Refusal
from fleetui.model.alerts.hushing import Kind, Known, Outlook, Reach, Wish, matchers_of, near, outlook
from fleetui.model.alerts.matcher import MatcherError
from fleetui.model.alerts.silence import Draft
from fleetui.model.duration import format_duration, parse_duration
from fleetui.model.quantity import counted
from fleetui.ports.alerting import Outcome
from fleetui.ports.ended import Ended

TICK_S = 1.0
USUALLY = {Kind.ACK: format_duration(LASTS_S), Kind.SILENCE: "2h"}
"""karma's default of a silence is an hour; what is silenced by hand at night is looked at in the next shift's light."""
LONGEST_S = 30 * 86_400.0
"""Own judgement: what is muted for longer belongs into the rules."""

Post = Callable[[Draft, Iterable[str]], Awaitable[tuple[Outcome, ...]]]


class Asked(msgspec.Struct, frozen=True):
    kind: Kind
    chosen: tuple[Alert, ...]
    known: Callable[[], Known]
    """What there is to see now."""
    post: Post


class HushScreen(TallDialog[str]):
    """Dismissed with what was done, once every mesh has said that it has it; with None otherwise."""

    CSS_PATH = "hush.tcss"
    PAGE = "#outlook"
    BINDINGS: ClassVar[list[BindingType]] = WALK

    def __init__(self, session: Session, asked: Asked, *, arm: Callable[[], None]) -> None:
        """``arm`` opens the arming dialog."""
        super().__init__(session)
        self._asked = asked
        self._arm = arm
        self._reach = Reach.EXACTLY
        self._typed = False
        """The matchers were written by hand."""
        self._found = Outlook()
        self._problem = ""
        """What is wrong with the time."""
        self._outcomes: tuple[Outcome, ...] | None = None
        """None until something was posted: then the dialog only tells."""
        self._posting = False

    def compose(self) -> ComposeResult:
        styles, silence = self.session.styles, self._asked.kind is Kind.SILENCE
        with Vertical(id="box"):
            yield Page(styles, id="outlook")
            with Vertical(id="fields"):
                if silence:
                    yield Choice(_REACH, Reach.EXACTLY.value, styles)
                    yield from self._field("matchers", "")
                yield from self._field("because", self._reason(), "what you found, INC-1234")
                yield from self._field("for", USUALLY[self._asked.kind])
                yield from self._field("by", str(self.session.actor))
            with Horizontal(id="buttons"):
                yield Paper(styles, id="problem")
                yield Push("Cancel", styles, id="cancel")
                yield Push("", styles, danger=True, id="post")

    def _field(self, name: str, value: str, placeholder: str = "") -> ComposeResult:
        with Horizontal(classes="field", id=f"row-{name}"):
            yield Paper(self.session.styles, id=f"ask-{name}")
            # What was filled in is a proposal: the first character that is typed takes its place.
            yield Field(value, id=name, placeholder=placeholder, replaced=name != "matchers")

    def _reason(self) -> str:
        """Of an ack, why changes were allowed: three keys are enough then."""
        arming = self.session.arming
        return arming.reason if self._asked.kind is Kind.ACK and self.session.armed else ""

    def on_mount(self) -> None:
        self.built = True
        self.set_class(self._asked.kind is Kind.SILENCE, "-silence")
        for paper in self.query(".field Paper").results(Paper):
            name = (paper.id or "").removeprefix("ask-")
            paper.show((line((name, "muted")),))
        self._show_matchers()
        self.query_one("#because").focus()
        self.set_interval(TICK_S, self._tick)
        self.show()

    # What it shows.

    def arming_changed(self) -> None:
        """A rehearsal has become the real thing, or the other way round."""
        because = self.query_one("#because", Input)
        if not because.value.strip():
            because.value = self._reason()
            self.call_after_refresh(because.focus)
            self.call_after_refresh(because.action_select_all)
        self.show()

    def _tick(self) -> None:
        """Alerts come and go while somebody writes."""
        if not self._posting and self._outcomes is None:
            self.show()

    def show(self) -> None:
        if not self.built or not self.query("#outlook"):
            return
        wish = self._wish()
        self._found = outlook(wish, self._asked.known()) if self._outcomes is None else self._found
        self.query_one("#outlook", Page).show(self._lines)
        box = self.query_one("#box")
        box.border_title = f" {hush_text.title(wish, armed=self.session.armed)} "
        box.set_class(bool(self._refusals()), "-refused")
        self.query_one("#problem", Paper).show(lambda cells: (self._hint(cells),))
        self.query_one("#post", Push).relabel(self._label())
        self.fit_soon()

    def _lines(self, cells: int) -> tuple[Line, ...]:
        glyphs, now = self.session.glyphs, self.session.clock.now()
        if self._outcomes is not None:
            return hush_text.outcome_lines(self._outcomes, glyphs=glyphs, cells=cells)
        shown = msgspec.structs.replace(self._found, refusals=self._refusals())
        return hush_text.outlook_lines(shown, now=now, glyphs=glyphs, cells=cells)

    def _refusals(self) -> tuple[Refusal, ...]:
        """What is still to be written is asked for, not refused."""
        missing = {"it has no comment", "it has no author"}
        return tuple(refusal for refusal in self._found.refusals if refusal.reason not in missing)

    def _hint(self, cells: int) -> Line:
        if self._problem:
            return wrap(self._problem, cells, "danger")[0]
        if isinstance(self.focused, Input) and self._outcomes is None:
            return line(("enter", "key"), (" goes on  ", "muted"), ("tab", "key"), (" walks", "muted"))
        return ()

    def _label(self) -> str:
        if self._outcomes is not None:
            return "close"
        if self._posting:
            return "posting"
        return self._obstacle() or f"{self._asked.kind.value} {counted(len(self._found.muted), 'alert')}"

    def _obstacle(self) -> str:
        """Why it cannot be posted; empty when it can."""
        if not self.session.armed:
            return f"rehearsal only: {'--readonly' if self.session.readonly else 'arm with :write'}"
        if self._refusals():
            return "refused"
        if not self._value("because").strip():
            return "say why"
        if not self._value("by").strip():
            return "say who"
        return "mend the time" if self._problem else ""

    # What is wished.

    def _wish(self) -> Wish:
        return Wish(
            kind=self._asked.kind,
            chosen=self._asked.chosen,
            by=self._value("by").strip(),
            comment=self._value("because").strip(),
            lasts_s=self._lasts(),
            reach=self._reach,
            typed=self._value("matchers") if self._typed else None,
        )

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value

    def _lasts(self) -> float:
        """A time that makes no sense is told, and the usual one previewed."""
        usual = parse_duration(USUALLY[self._asked.kind])
        try:
            seconds = parse_duration(self._value("for"))
        except ValueError as error:
            self._problem = str(error)
            return usual
        self._problem = "" if 0 < seconds <= LONGEST_S else "at least a second, and at most 30 days"
        return usual if self._problem else seconds

    def _show_matchers(self) -> None:
        """Those of the reach, where one silence does; several are told above, and cannot be written in one line."""
        if self._asked.kind is not Kind.SILENCE:
            return
        self._typed = False
        try:
            found = matchers_of(self._wish(), self._asked.known())
        except (AckError, MatcherError):
            found = ()
        self.query_one("#row-matchers").display = len(found) == 1
        if len(found) == 1:
            with self.prevent(Input.Changed):
                self.query_one("#matchers", Input).value = " ".join(matcher.text for matcher in found[0])

    @on(Choice.Changed)
    def _reached(self, event: Choice.Changed) -> None:
        self._reach = Reach(cast("str", event.value))
        self._show_matchers()
        self.show()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        if event.input.id == "matchers":
            self._typed = True
        self.show()

    def on_descendant_focus(self) -> None:
        if self.built:
            self.query_one("#problem", Paper).show(lambda cells: (self._hint(cells),))

    # What is done.

    @on(Input.Submitted)
    def _entered(self) -> None:
        """Enter only moves on; to post is an enter of its own."""
        if not self._obstacle():
            self.query_one("#post").focus()
        else:
            self._to_what_is_missing()

    def _to_what_is_missing(self) -> None:
        missing = (name for name in ("because", "by") if not self._value(name).strip())
        name = next(missing, "for" if self._problem else "")
        if name:
            self.query_one(f"#{name}").focus()
        else:
            self.focus_next()

    @on(Push.Pressed, "#cancel")
    def _cancelled(self) -> None:
        self.action_cancel()

    def action_cancel(self) -> None:
        """What is on its way is waited for: half of it may have been carried out."""
        if not self._posting:
            super().action_cancel()

    @on(Push.Pressed, "#post")
    def _pressed(self) -> None:
        if self._outcomes is not None:
            self.action_cancel()
        elif not self.session.armed:
            if not self.session.readonly:
                self._arm()
        elif self._obstacle():
            self._to_what_is_missing()
        elif not self._posting:
            self._posting = True
            self.run_worker(self._post(), exit_on_error=True)
            self.show()

    async def _post(self) -> None:
        """What is posted is what stands in the dialog now, for the moment of the press."""
        self._found = outlook(self._wish(), self._asked.known())
        if not self._found.ready:
            self._posting = False
            self.show()
            return
        outcomes: list[Outcome] = []
        for draft, one in self._found.drafts:
            outcomes += await self._asked.post(draft, near(one.muted))
        self._posting = False
        if outcomes and all(outcome.ended is Ended.DONE for outcome in outcomes):
            self.answer(self._done())
            return
        self._outcomes = tuple(outcomes)
        self.show()

    def _done(self) -> str:
        word = "acked" if self._asked.kind is Kind.ACK else "silenced"
        return f"{word} {counted(len(self._found.muted), 'alert')} for {self._value('for')}"


_REACH = Offered(
    "reach",
    "mutes",
    tuple((reach.value, reach.value) for reach in Reach),
    "or every alert of that name in its cluster",
)
