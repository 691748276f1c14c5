"""``fleetui get racks|devices|feeds|places``: from the file that the configuration names, with what is wrong in it."""

from collections import Counter

from fleetui.cli.get import Printer, Request
from fleetui.model.quantity import counted
from fleetui.model.racks.finding import Severity
from fleetui.model.racks.rows import Rows
from fleetui.wiring.answer import FAILED
from fleetui.wiring.racks import Racks, open_racks
from fleetui.wiring.session import Session


def list_racks(session: Session, request: Request, printer: Printer, *, what: str) -> int:
    """0 when what was asked for is there. What is bad and known is an answer; findings that no row shows are told."""
    racks = open_racks(session, printer.clock)
    rows = Rows(racks.survey, racks.source.where)
    shown = {"racks": rows.racks, "devices": rows.devices, "feeds": rows.feeds, "places": rows.places}[what]()
    complete = printer.rows(request, list(shown))
    for line in elsewhere(racks):
        printer.note(line)
    return 0 if complete else FAILED


def elsewhere(racks: Racks) -> list[str]:
    """How much is found in all, so that one list is not taken for the whole: errors and warnings are told apart."""
    found = Counter(finding.severity for finding in racks.survey.findings)
    told = [counted(found[severity], severity.value) for severity in (Severity.ERROR, Severity.WARNING)
            if found[severity]]  # fmt: skip
    if found[Severity.UNKNOWN]:
        told.append(f"{found[Severity.UNKNOWN]} unknown")
    return [f"racks: {', '.join(told)}; fleetui check-config shows each with its line and the fix"] if told else []
