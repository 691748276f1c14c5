"""Whether heat is taken out, and whether racks carry what is in them."""

from collections.abc import Iterator

from fleetui.model.racks.atlas import Place
from fleetui.model.racks.budget import Budget, Budgets
from fleetui.model.racks.cooling import MARGIN, left_with_one_lost, tons
from fleetui.model.racks.finding import Finding, Rule, Severity
from fleetui.model.racks.rules.naming import listed, of_rack
from fleetui.model.racks.weight import centre_of_mass_u

COOLING = Rule("cooling-short", Severity.ERROR, "With one cooling unit lost more heat is made than is taken out.")
NO_COOLING = Rule("cooling-unknown", Severity.UNKNOWN, "Whether cooling suffices cannot be told.")
RACK_COOLING = Rule("rack-cooling", Severity.ERROR, "More heat is made in a rack than is taken out of it.")
WEIGHT = Rule("overweight", Severity.ERROR, "The load of a rack is heavier than it may be.")
NO_WEIGHT = Rule(
    "weight-unknown", Severity.UNKNOWN, "A rack says what it carries; devices in it do not say their weight."
)
TOP_HEAVY = Rule("top-heavy", Severity.WARNING, "The centre of mass of a rack's load is above its middle.")
RULES = (COOLING, NO_COOLING, RACK_COOLING, WEIGHT, NO_WEIGHT, TOP_HEAVY)


def mistakes(budgets: Budgets) -> Iterator[Finding]:
    for key, place in budgets.atlas.places.items():
        if place.cooling_units:
            yield from _cooled(budgets.places[key], place)
    for key, rack in budgets.atlas.racks.items():
        budget = budgets.racks[key]
        if budget.heat.over:
            text = f"{budget.heat.known * MARGIN:,.0f} W of heat with {_MARGIN} of {budget.heat.limit:,.0f} W"
            yield of_rack(RACK_COOLING, rack, text, "move a machine out of it, or raise cooling_w", "cooling_w")
        if budget.weight.over:
            text = f"{budget.weight.known:,.0f} kg of {budget.weight.limit:,.0f} kg"
            yield of_rack(WEIGHT, rack, text, "move a machine out of it, or mend max_weight", "max_weight")
        elif budget.weight.over is None and budget.weight.limit is not None:
            text = f"nobody says what {listed(budget.weight.missing)} weigh"
            yield of_rack(NO_WEIGHT, rack, text, "write weight to them or to their types", "max_weight")
        centre = centre_of_mass_u(budgets.atlas, rack)
        if centre is not None and centre > rack.form.u_height / 2:
            text = f"the centre of mass is {centre:.1f} U above its floor, over the middle of {rack.form.u_height} U"
            yield of_rack(TOP_HEAVY, rack, text, "put what is heavy at the bottom")


_MARGIN = f"{MARGIN - 1:.0%} of margin"


def _cooled(budget: Budget, place: Place) -> Iterator[Finding]:
    path, about = (*place.path, "cooling_units"), ((place.path[0], place.key),)
    left = left_with_one_lost(place.cooling_units)
    if budget.heat.over:
        text = (
            f"{place.key}: {budget.heat.known * MARGIN:,.0f} W ({tons(budget.heat.known * MARGIN):.1f} tons) of heat "
            f"with {_MARGIN}, {left:,.0f} W are taken out with the largest unit lost"
        )
        yield Finding(rule=COOLING, text=text, fix="add a cooling unit, or move machines", path=path, about=about)
    elif budget.heat.over is None:
        why = (
            f"nobody says what {listed(budget.heat.missing)} draw"
            if budget.heat.missing
            else "a unit says no capacity_w"
        )
        fix = "write their draw" if budget.heat.missing else "write capacity_w to each of its cooling_units"
        yield Finding(rule=NO_COOLING, text=f"{place.key}: {why}", fix=fix, path=path, about=about)
