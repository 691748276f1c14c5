"""Heat, and what takes it out. What a machine draws it gives off as heat, watt for watt."""

from fleetui.model.racks.amount import Amount
from fleetui.model.racks.place import CoolingUnit

MARGIN = 1.15
"""Heat is taken for this much more than it is: losses of distribution, light, people; openDCIM's figure."""
BTU_PER_HOUR_W = 3.412
"""BTU/h of a watt."""
BTU_PER_HOUR_TON = 12_000
"""BTU/h of a ton of refrigeration: 3,517 W."""


def btu_per_hour(watts: float) -> float:
    return watts * BTU_PER_HOUR_W


def tons(watts: float) -> float:
    """Tons of refrigeration for so many watts of heat."""
    return btu_per_hour(watts) / BTU_PER_HOUR_TON


def left_with_one_lost(units: tuple[CoolingUnit, ...]) -> float | None:
    """W that the others take out when the largest stands still; None where nobody says what one can do, or there are
    none."""
    capacities = [unit.capacity_w for unit in units if unit.capacity_w is not None]
    if not units or len(capacities) < len(units):
        return None
    return sum(capacities) - max(capacities)


def heat(power: Amount, limit: float | None) -> Amount:
    """Of what draws so much, against what can be taken out."""
    return Amount(known=power.known, missing=power.missing, limit=limit, margin=MARGIN)
