"""All rules against one layout."""

from datetime import date

from fleetui.model.racks import following
from fleetui.model.racks.budget import Budgets
from fleetui.model.racks.finding import SEVERITIES, Finding, Rule
from fleetui.model.racks.rules import heat_and_weight, identity, power, reservation, space, value

RULES: tuple[Rule, ...] = (
    *following.RULES, *identity.RULES, *value.RULES, *space.RULES, *reservation.RULES, *power.RULES,
    *heat_and_weight.RULES,
)  # fmt: skip


def judge(budgets: Budgets, *, today: date) -> tuple[Finding, ...]:
    """Everything that is found, the worst first, then in the order of the rules and of the document."""
    found = (
        *budgets.atlas.broken,
        *identity.mistakes(budgets),
        *value.mistakes(budgets),
        *space.mistakes(budgets),
        *reservation.mistakes(budgets, today),
        *power.mistakes(budgets),
        *heat_and_weight.mistakes(budgets),
    )
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))
