"""The rules that are exported: one declaration with the boards, the same call as the console's, nothing twice."""

from collections import Counter

import pytest

from fleetui.cli import export_arguments
from fleetui.clients.runbook_files import SHIPPED
from fleetui.model.alerts.evidence import Rule as Evaluated
from fleetui.model.alerts.gaps import gaps
from fleetui.model.alerts.label_set import label_set
from fleetui.model.alerts.page_or_ticket import Call, by_name
from fleetui.model.cluster import Health
from fleetui.model.health import controlplane, slo_board
from fleetui.model.health.fleet_boards import FLEET_BOARDS
from fleetui.model.health.panels import presence
from fleetui.model.health.promql import Scope
from fleetui.model.health.slo import Policy
from fleetui.model.health.slo_objectives import FIGURES, OBJECTIVES
from fleetui.model.health.threshold import Threshold
from fleetui.model.rules.error_type import ERROR_TYPES
from fleetui.model.rules.limits import ELSEWHERE, WATCHED, beyond
from fleetui.model.rules.rule import AlertRule, Ground, Recording
from fleetui.model.rules.rule_file import alerts, groups, labels, prometheus_rule, rule_file

GROUND = Ground()
ALL = groups(GROUND)
EVERY_POLICY = tuple(rule for policy in Policy for rule in alerts(groups(GROUND, policy)))


def said(rule: AlertRule) -> tuple[tuple[str, str], ...]:
    return label_set(labels(rule, GROUND))


def test_the_console_calls_the_same_people_for_every_rule_as_its_labels_do() -> None:
    differing = {
        (rule.name, rule.severity): found.call
        for rule in EVERY_POLICY
        if (found := by_name(rule.name, rule.severity)).call is not rule.call
    }
    assert differing == {}
    assert {rule.call for rule in EVERY_POLICY} == {Call.PAGE, Call.TICKET, Call.PLUMBING}


PAGES = {
    "slo breach": "FleetApiErrorsBudgetBurn",
    "control-plane outage": "FleetControlPlaneDown",
    "cascading failure": "FleetNodesCascading",
    "imminent credential expiry": "FleetCredentialsExpire",
    "reconcile errors that block provisioning": "FleetReconcileErrorsBlockProvisioning",
}
TICKETS = {"capacity": "capacity", "drift": "drift", "leaks": "leak", "cost": "cost"}


@pytest.mark.parametrize("what", PAGES)
def test_requirement_g1_pages(what: str) -> None:
    assert any(rule.name == PAGES[what] and rule.call is Call.PAGE for rule in alerts(ALL))


@pytest.mark.parametrize("what", TICKETS)
def test_requirement_g1_tickets(what: str) -> None:
    calls = {rule.call for rule in alerts(ALL) if rule.error_type.id == TICKETS[what]}
    assert calls == {Call.TICKET}


def test_every_limit_of_a_board_calls_somebody_or_says_what_does_instead() -> None:
    shown = {*controlplane.PANELS, *FIGURES, *(panel for board in FLEET_BOARDS.values() for panel in board.panels)}
    limited = {panel.id for panel in shown if panel.limit is not None}
    watched = {each.panel.id for each in WATCHED}
    assert limited == watched | set(ELSEWHERE)
    assert not watched & set(ELSEWHERE)


@pytest.mark.parametrize(("falling", "sign"), [(False, ">="), (True, "<=")])
def test_a_limit_counts_itself_as_on_the_board(*, falling: bool, sign: str) -> None:
    limit = Threshold("left", "ratio", 0.5, 0.1 if falling else 0.9, "own judgement", falling=falling)
    assert limit.judge(limit.amber) is Health.WARNING
    assert beyond("left", limit, limit.amber) == f"(left)\n{sign} 0.5"


def test_the_recorded_series_are_those_that_the_boards_look_for() -> None:
    (asked,) = presence(slo_board.PANELS)
    looked_for = {name for name in asked.text.split('"')[1].split("|") if ":fleetui_" in name}
    recorded = {rule.record for group in ALL for rule in group.rules if isinstance(rule, Recording)}
    assert looked_for == {name for name in recorded if ":bad_" not in name and not name.endswith("increase5m")}
    assert len(looked_for) >= len(OBJECTIVES) * 8


def test_no_two_rules_are_the_same_to_prometheus() -> None:
    for policy in Policy:
        found = Counter((rule.name, said(rule)) for rule in alerts(groups(GROUND, policy)))
        assert [name for name, count in found.items() if count > 1] == []
    recorded = Counter(rule.record for group in ALL for rule in group.rules if isinstance(rule, Recording))
    assert max(recorded.values()) == 1
    assert max(Counter(group.name for group in ALL).values()) == 1


def test_nobody_is_woken_without_owner_runbook_and_promise() -> None:
    made = rule_file(ALL, GROUND)["groups"]
    evaluated = [
        Evaluated(
            name=rule["alert"],
            labels=label_set(rule["labels"]),
            annotations=label_set(rule["annotations"]),
            query=rule["expr"],
        )
        for group in made
        for rule in group["rules"]
        if "alert" in rule
    ]
    assert len(evaluated) > 100
    assert gaps(evaluated) == ()


def test_every_runbook_that_is_named_ships() -> None:
    assert [kind.runbook for kind in ERROR_TYPES if not (SHIPPED / f"{kind.runbook}.md").is_file()] == []


def test_the_watchdog_has_no_label_that_other_alerts_lack() -> None:
    """Which alerts come its way is known by its labels."""
    (watchdog,) = [rule for rule in alerts(ALL) if rule.name == "Watchdog"]
    assert said(watchdog) == (("severity", "none"),)


def test_the_command_line_knows_the_error_types() -> None:
    assert tuple(kind.id for kind in ERROR_TYPES) == export_arguments.ERROR_TYPES


def test_owners_and_runbooks_are_those_that_were_said() -> None:
    ground = Ground(owners={"capacity": "plant", "*": "sre"}, runbooks="https://runbooks.example")
    made = {
        rule["alert"]: rule
        for group in rule_file(groups(ground), ground)["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }
    assert made["FleetCpuCapacity"]["labels"]["owner"] == "plant"
    assert made["FleetControlPlaneDown"]["labels"]["owner"] == "sre"
    url = made["FleetControlPlaneDown"]["annotations"]["runbook_url"]
    assert url == "https://runbooks.example/control-plane-outage.md"


def test_another_label_names_the_cluster_everywhere() -> None:
    ground = Ground(scope=Scope("k8s_cluster"))
    text = str(rule_file(groups(ground), ground))
    assert "by (k8s_cluster" in text
    assert "(cluster)" not in text
    assert "$labels.cluster " not in text


def test_clusters_of_another_tier_have_their_own_limit_and_the_others_not_also_that_of_all() -> None:
    ground = Ground(targets={"api-errors": {0.999: (), 0.9999: ("a.b", "c|d")}})
    burn = [rule for rule in alerts(groups(ground)) if rule.slo == "api-errors"]
    gold, usual = burn[4:], burn[:4]
    assert 'ratio_rate1h{cluster=~"a\\\\.b|c\\\\|d"} >= 14.4 * 0.0001' in gold[0].expr
    assert 'ratio_rate1h{cluster!~"a\\\\.b|c\\\\|d"} >= 14.4 * 0.001' in usual[0].expr


def test_other_policies_page_for_other_reasons_and_leave_tickets_to_the_pairs() -> None:
    low = [rule for rule in alerts(groups(GROUND, Policy.LOW_BUDGET)) if rule.slo == "api-errors"]
    assert [rule.call for rule in low] == [Call.PAGE, *[Call.TICKET] * 4]
    assert "ratio_rate30d > 0.75 * 0.001" in low[0].expr
    half = [rule for rule in alerts(groups(GROUND, Policy.HALF_SPENT)) if rule.slo == "api-errors"]
    pages = {rule.window: rule.expr for rule in half if rule.call is Call.PAGE}
    assert list(pages) == ["30m", "1h", "2h", "6h", "1d"], (
        "within 5 min no share of errors spends half of a 0.1 % budget"
    )
    assert pages["1d"].startswith("cluster:fleetui_api_errors:ratio_rate1d > 0.015")


def test_the_operator_s_own_kind_holds_the_same_groups() -> None:
    made = prometheus_rule(ALL, GROUND)
    assert (made["apiVersion"], made["kind"]) == ("monitoring.coreos.com/v1", "PrometheusRule")
    assert made["spec"] == rule_file(ALL, GROUND)
