"""What is done in every incident, in the order in which it helps; each item is checked off by a person."""

from collections.abc import Mapping

import msgspec

from fleetui.model.incident.incident import Incident, IncidentError, Tick


class Item(msgspec.Struct, frozen=True):
    id: str
    text: str
    how: str
    """What on this console helps with it."""


CHECKLIST = (
    Item("lead", "say who leads and where you talk", "a note names both"),
    Item("ack", "acknowledge the pages", "so that nobody else is woken: A on the alerts screen"),
    Item("tell", "tell those whom it hurts", "and when they hear from you next; a note says whom"),
    Item("look", "read each cluster's lens", "what is wrong, what would make it worse: i on any of its rows"),
    Item("changes", "read what changed before, and by whom", "what could not be read is named beside it"),
    Item("mitigate", "stop the harm first, find the cause later", "take a change back, move the load; the runbook: b"),
    Item("verify", "see that it is over, by alerts and users", "a gap in the timeline is no proof"),
    Item("handover", "hand over in writing when you go", "with the bundle: fleetui incident export ID -o FILE"),
    Item("runbook", "write into the runbook what it lacked", "the post-mortem asks for it"),
)


def progress(incident: Incident) -> tuple[int, int]:
    """Items that are done, and all."""
    return sum(item.id in incident.ticks for item in CHECKLIST), len(CHECKLIST)


def next_item(ticks: Mapping[str, Tick]) -> Item | None:
    """The first that nobody has done."""
    return next((item for item in CHECKLIST if item.id not in ticks), None)


def item_of(item_id: str) -> Item:
    """Raises IncidentError with the choices."""
    for item in CHECKLIST:
        if item.id == item_id:
            return item
    raise IncidentError(f"no item {item_id}: there are {', '.join(item.id for item in CHECKLIST)}")
