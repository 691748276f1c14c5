"""Units that are kept for somebody."""

from collections.abc import Iterator
from datetime import date
from itertools import combinations

from fleetui.model.racks.atlas import PlacedDevice, PlacedRack, PlacedReservation
from fleetui.model.racks.budget import Budgets
from fleetui.model.racks.finding import Finding, Rule, Severity
from fleetui.model.racks.form import half_units
from fleetui.model.racks.rack import ReservationStatus
from fleetui.model.racks.rules.naming import about_device
from fleetui.model.racks.space import faces, mounted_in

UNITS = Rule("reservation-units", Severity.ERROR, "A reservation keeps no units, or units that its rack does not have.")
OVERLAP = Rule("reservation-overlap", Severity.ERROR, "Two reservations keep the same unit of the same face.")
OTHERS = Rule("reserved-for-another", Severity.ERROR, "A device stands where units are kept for another tenant.")
STANDS = Rule("reserved", Severity.WARNING, "A device stands where units are kept.")
DATE = Rule("reservation-date", Severity.ERROR, "The end of a reservation is no date.")
EXPIRED = Rule("reservation-expired", Severity.WARNING, "A reservation has ended and still keeps its units.")
RULES = (UNITS, OVERLAP, OTHERS, STANDS, DATE, EXPIRED)


def mistakes(budgets: Budgets, today: date) -> Iterator[Finding]:
    atlas = budgets.atlas
    for placed in atlas.reservations:
        yield from _ends(placed, today)
        if placed.rack:
            yield from _units(placed, atlas.racks[placed.rack])
            for device in mounted_in(atlas, placed.rack):
                yield from _stands(placed, device)
    for reservations in atlas.reserved_in.values():
        for one, other in combinations(filter(_holds, reservations), 2):
            yield from _overlap(one, other)


def _holds(placed: PlacedReservation) -> bool:
    return placed.reservation.status is not ReservationStatus.STALE


def _units(placed: PlacedReservation, rack: PlacedRack) -> Iterator[Finding]:
    first, last = rack.form.starting_unit, rack.form.starting_unit + rack.form.u_height - 1
    wrong = [unit for unit in placed.reservation.units if not first <= unit <= last]
    if wrong or not placed.reservation.units:
        text = f"rack {rack.rack.name} has no {_listed(wrong)}" if wrong else "keeps no units"
        yield _finding(UNITS, placed, text, f"write units of {first} to {last}", "units")


def _overlap(one: PlacedReservation, other: PlacedReservation) -> Iterator[Finding]:
    both = sorted(set(one.reservation.units).intersection(other.reservation.units))
    if both and (
        None in (one.reservation.face, other.reservation.face) or one.reservation.face is other.reservation.face
    ):
        text = f"{_listed(both)} of rack {other.reservation.rack} is kept already"
        yield _finding(OVERLAP, other, text, "take it out of one of them", "units")


def _stands(placed: PlacedReservation, device: PlacedDevice) -> Iterator[Finding]:
    kept = placed.reservation
    halves = {half for unit in kept.units for half in (half_units(unit), half_units(unit) + 1)}
    clear = halves.isdisjoint(range(device.first_half, device.last_half))
    if not _holds(placed) or clear or (kept.face is not None and kept.face not in faces(device)):
        return
    whose = kept.tenant or kept.user or kept.description or "somebody"
    others = bool(kept.tenant) and kept.tenant != device.device.tenant
    fix = "move it, or end the reservation" if others else "end the reservation, or move it"
    text = f"{device.device.name}: stands on units that are kept for {whose}"
    path = ("devices", str(device.index), "position")
    yield Finding(rule=OTHERS if others else STANDS, text=text, fix=fix, path=path, about=about_device(device))


def _ends(placed: PlacedReservation, today: date) -> Iterator[Finding]:
    said = placed.reservation.expires
    if not said:
        return
    try:
        ends = date.fromisoformat(said)
    except ValueError:
        yield _finding(DATE, placed, f"ends {said!r}", "write a date, such as 2027-01-31", "expires")
        return
    if ends < today and _holds(placed):
        yield _finding(EXPIRED, placed, f"has ended on {said}", "remove it, or write status: stale", "expires")


def _finding(rule: Rule, placed: PlacedReservation, text: str, fix: str, field: str) -> Finding:
    about = (("racks", placed.rack),) if placed.rack else ()
    said = f"reservation in {placed.reservation.rack}: {text}"
    return Finding(rule=rule, text=said, fix=fix, path=("reservations", str(placed.index), field), about=about)


def _listed(units: list[int]) -> str:
    return ", ".join(f"U{unit}" for unit in units)
