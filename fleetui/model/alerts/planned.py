"""How a maintenance silence is told from others: by the beginning of its comment."""

from fleetui.model.actor import person
from fleetui.model.alerts.silence import Silence

MAINTENANCE = "maintenance:"


def is_planned(silence: Silence | None) -> bool:
    return silence is not None and silence.comment.startswith(MAINTENANCE)


def whose(silence: Silence) -> str:
    """``maintenance: drain wk-1 by ana@jump-1``."""
    return f"{silence.comment.partition(' (')[0]} by {person(silence.created_by)}"
