"""Numbers that no rack, device or feed can have."""

from collections.abc import Iterator

from fleetui.model.racks.budget import Budgets
from fleetui.model.racks.finding import Finding, Path, Rule, Severity
from fleetui.model.racks.power import Supply

STEP = Rule("unit-step", Severity.ERROR, "A position or a height is no multiple of half a unit.")
RANGE = Rule("out-of-range", Severity.ERROR, "A number is smaller or larger than it can be.")
VOLTAGE = Rule("feed-voltage", Severity.ERROR, "A feed has no voltage, or alternating current a negative one.")
DRAW_ORDER = Rule("allocated-above-maximum", Severity.ERROR, "More is allocated than can be drawn.")
RULES = (STEP, RANGE, VOLTAGE, DRAW_ORDER)

HIGHEST_RACK_U = 100
"""NetBox's."""


def mistakes(budgets: Budgets) -> Iterator[Finding]:
    layout = budgets.atlas.layout
    for section, entries in (
        ("rack_types", layout.rack_types), ("racks", layout.racks), ("device_types", layout.device_types),
        ("devices", layout.devices), ("power_feeds", layout.power_feeds), ("power_panels", layout.power_panels),
        ("sites", layout.sites), ("locations", layout.locations),
    ):  # fmt: skip
        for at, entry in enumerate(entries):
            yield from _of_entry(entry, (section, str(at)))


def _of_entry(entry: object, path: Path) -> Iterator[Finding]:
    yield from _ranges(entry, path)
    yield from _steps(entry, path)
    yield from _draws(entry, path)
    if path[0] == "power_feeds":
        yield from _voltage(entry, path)
    for field in ("power_ports", "cooling_units"):
        for number, part in enumerate(getattr(entry, field, ())):
            yield from _of_entry(part, (*path, field, str(number)))


_NOT_NEGATIVE = (
    "weight", "max_weight", "outer_width", "outer_height", "outer_depth", "mounting_depth", "depth", "maximum_draw",
    "allocated_draw", "measured_draw", "max_power_w", "cooling_w", "capacity_w", "capacity_va",
)  # fmt: skip
_FROM_TO = {
    "starting_unit": (1, None),
    "amperage": (1, None),
    "max_utilization": (1, 100),
    "latitude": (-90, 90),
    "longitude": (-180, 180),
    "power_factor": (0.01, 1),
    **dict.fromkeys(_NOT_NEGATIVE, (0, None)),
}


def _ranges(entry: object, path: Path) -> Iterator[Finding]:
    limits = dict(_FROM_TO)
    limits["u_height"] = (1, HIGHEST_RACK_U) if path[0] in ("racks", "rack_types") else (0, None)
    for field, (least, most) in limits.items():
        value = getattr(entry, field, None)
        if value is not None and (value < least or (most is not None and value > most)):
            fix = f"write {least} to {most}" if most is not None else f"write {least} or more"
            yield Finding(rule=RANGE, text=f"{_name(entry)}: {field} {value:g}", fix=fix, path=(*path, field))


def _steps(entry: object, path: Path) -> Iterator[Finding]:
    for field in ("position", "u_height"):
        value = getattr(entry, field, None)
        if value is not None and value * 2 != int(value * 2):
            lower = int(value * 2) / 2
            fix = f"write {lower:g} or {lower + 0.5:g}"
            yield Finding(rule=STEP, text=f"{_name(entry)}: {field} {value:g}", fix=fix, path=(*path, field))


def _draws(entry: object, path: Path) -> Iterator[Finding]:
    most, allocated = getattr(entry, "maximum_draw", None), getattr(entry, "allocated_draw", None)
    if most is not None and allocated is not None and allocated > most:
        text = f"{_name(entry)}: {allocated:g} W are allocated of at most {most:g} W"
        fix = f"write {most:g} or less, or mend maximum_draw"
        yield Finding(rule=DRAW_ORDER, text=text, fix=fix, path=(*path, "allocated_draw"))


def _voltage(entry: object, path: Path) -> Iterator[Finding]:
    volts, supply = getattr(entry, "voltage", 0), getattr(entry, "supply", Supply.AC)
    if volts == 0 or (volts < 0 and supply is Supply.AC):
        fix = "write its voltage, such as 230" if volts == 0 else "write supply: dc, or a positive voltage"
        yield Finding(rule=VOLTAGE, text=f"feed {_name(entry)}: {volts} V {supply}", fix=fix, path=(*path, "voltage"))


def _name(entry: object) -> str:
    name: str = getattr(entry, "name", "") or getattr(entry, "model", "")
    return name
