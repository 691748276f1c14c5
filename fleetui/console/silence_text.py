"""What is asked before silences are ended or extended, and what is said afterwards. Pure."""

from collections.abc import Sequence

from fleetui.model.alerts.inventory import Standing
from fleetui.model.quantity import counted
from fleetui.ports.alerting import Outcome
from fleetui.ports.ended import Ended

NAMED = 5


def about(rows: Sequence[Standing], *, ending: bool) -> str:
    """Whose, why, and what then happens to what they mute."""
    known = [row.muted for row in rows if row.muted is not None]
    muted = "nobody can tell how many alerts" if len(known) < len(rows) else counted(sum(known), "alert")
    then = f"what they mute now ({muted}) notifies again." if ending else f"they go on to mute {muted}."
    said = [f"{row.silence.created_by}: {row.silence.comment or 'no comment'};" for row in rows[:NAMED]]
    more = [f"and {len(rows) - NAMED:,} more;"] if len(rows) > NAMED else []
    return " ".join([*said, *more, then])


def told(done: str, outcomes: Sequence[Outcome]) -> tuple[str, str]:
    """One line and its look: that all is done, or what was not."""
    for outcome in outcomes:
        if outcome.ended is not Ended.DONE:
            why = "" if outcome.fault is None else f": {outcome.fault.word}"
            what = "not done" if outcome.ended is Ended.REFUSED else "nobody knows whether it arrived, look again"
            return f"{outcome.source}: {what}{why}", "danger"
    return (done, "ok") if outcomes else ("no Alertmanager has it any more", "warn")
