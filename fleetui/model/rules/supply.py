"""Alerts of what runs out: full within a month at the pace of the last week, or nothing left for the loss of a node."""

from collections.abc import Iterator

from fleetui.model.alerts.page_or_ticket import Call
from fleetui.model.health.capacity import DAYS, LOOK_BACK_DAYS, RESOURCES, Resource
from fleetui.model.rules.burn import camel
from fleetui.model.rules.error_type import CAPACITY
from fleetui.model.rules.rule import AlertRule, Ground, Group


def supplies(ground: Ground) -> Group:
    rules = (rule for resource in RESOURCES for rule in _rules(resource, ground))
    return Group("fleetui-capacity", "2m", tuple(rules))


def _rules(resource: Resource, ground: Ground) -> Iterator[AlertRule]:
    asked = {panel.id.rpartition(":")[2]: ground.fill(panel.promql) for panel in resource.panels}
    used, total, before = (f"({asked[name]})" for name in ("used", "total", "before"))
    name = f"FleetCapacity{camel(resource.id.removeprefix('cap-'))}"
    yield AlertRule(
        name=f"{name}Ends",
        expr=f"({total} - {used})\n/ (({used} - {before}) / {LOOK_BACK_DAYS:g} > 0)\n<= {DAYS.amber:g}",
        hold="1h",
        call=Call.TICKET,
        error_type=CAPACITY,
        summary=f"{ground.where}: {resource.title} full in {{{{ $value | humanize }}}} d",
        description=f"At the pace of the last {LOOK_BACK_DAYS:g} days. Limit: {DAYS.amber:g} d ({DAYS.source}).",
    )
    if resource.largest:
        yield AlertRule(
            name=f"{name}NoHeadroom",
            expr=f"({used}\n> {total} - ({asked['largest']}))\nand {total} > ({asked['largest']})",
            hold="1h",
            call=Call.TICKET,
            error_type=CAPACITY,
            summary=f"{ground.where}: {resource.title}: cannot lose its largest node",
            description="What runs needs more than all other nodes have.",
        )
