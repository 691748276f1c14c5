"""Who is woken by what, and why."""

import pytest

from fleetui.model.alerts.alert import Hush, Phase
from fleetui.model.alerts.cascade import escalated
from fleetui.model.alerts.evidence import Rule
from fleetui.model.alerts.gaps import gaps
from fleetui.model.alerts.label_set import label_set
from fleetui.model.alerts.matcher import Matcher
from fleetui.model.alerts.merge import Evidence, Reading, merge
from fleetui.model.alerts.page_or_ticket import Call, Override, judge
from tests.model.alerts.samples import alert, alertmanager, labels, posted


@pytest.mark.parametrize(
    ("name", "severity", "call", "why"),
    [
        ("Anything", "critical", Call.PAGE, "severity critical"),
        ("Anything", "Critical", Call.PAGE, "severity critical"),
        ("Anything", "page", Call.PAGE, "severity page"),
        ("Anything", "warning", Call.TICKET, "severity warning"),
        ("Anything", "ticket", Call.TICKET, "severity ticket"),
        ("Anything", "info", Call.INFO, "severity info"),
        ("Anything", "none", Call.PLUMBING, "severity none"),
        ("Anything", "", Call.TICKET, "its rule has no severity"),
        ("Anything", "purple", Call.TICKET, "severity purple is not known"),
        ("Watchdog", "critical", Call.PLUMBING, "of the alert pipeline"),
        ("InfoInhibitor", "none", Call.PLUMBING, "of the alert pipeline"),
        ("etcdMembersDown", "warning", Call.PAGE, "control-plane outage"),
        ("etcdNoLeader", "critical", Call.PAGE, "severity critical"),
        ("KubeAPIDown", "", Call.PAGE, "control-plane outage"),
        ("KubeletDown", "warning", Call.PAGE, "control-plane outage"),
        ("KubeletTooManyPods", "info", Call.INFO, "severity info"),
        ("KubeAPIErrorBudgetBurn", "critical", Call.PAGE, "severity critical"),
        ("KubeAPIErrorBudgetBurn", "warning", Call.TICKET, "severity warning"),
        ("KubeAPIErrorBudgetBurn", "", Call.PAGE, "SLO breach"),
        ("KubeClientCertificateExpiration", "warning", Call.TICKET, "severity warning"),
        ("KubeClientCertificateExpiration", "", Call.PAGE, "credential expires"),
        ("CapiReconcileErrorsBlockProvisioning", "", Call.PAGE, "provisioning blocked"),
        ("CascadingFailure", "info", Call.PAGE, "cascading failure"),
        ("ClusterDrift", "critical", Call.TICKET, "drift"),
        ("ClusterDrift", "info", Call.INFO, "severity info"),
        ("MachinesOrphaned", "critical", Call.TICKET, "leak"),
        ("IdleClusterCost", "critical", Call.TICKET, "cost"),
        ("KubePersistentVolumeFillingUp", "critical", Call.PAGE, "severity critical"),
        ("KubePersistentVolumeFillingUp", "", Call.TICKET, "capacity"),
    ],
)
def test_page_or_ticket(name: str, severity: str, call: Call, why: str) -> None:
    verdict = judge(labels(name, severity=severity))
    assert (verdict.call, verdict.why) == (call, why)


def test_what_the_operator_configured_comes_first() -> None:
    quiet = Override((Matcher("cluster", "lab-.*", is_regex=True),), Call.INFO)
    loud = Override((Matcher("alertname", "Broken"),), Call.PAGE)

    assert judge(labels(cluster="lab-1"), overrides=(quiet, loud)).call is Call.INFO
    assert judge(labels(cluster="eu-1"), overrides=(quiet, loud)).call is Call.PAGE
    assert judge(labels("Other"), overrides=(quiet, loud)).why == "severity warning"


def test_three_machines_lost_in_one_cluster_page() -> None:
    lost = [alert("KubeNodeNotReady", cluster, labels=labels("KubeNodeNotReady", cluster, node=node))
            for cluster, nodes in (("a", "123"), ("b", "12")) for node in nodes]  # fmt: skip
    twice = alert("KubeNodeUnreachable", "b", labels=labels("KubeNodeUnreachable", "b", node="1"))
    other = alert("Else", "a")

    calls = {(row.name, row.cluster): (row.call, row.why) for row in escalated([*lost, twice, other])}

    assert calls["KubeNodeNotReady", "a"] == (Call.PAGE, "cascading failure: 3 machines of a")
    assert calls["KubeNodeNotReady", "b"][0] is Call.TICKET
    assert calls["Else", "a"][0] is Call.TICKET


def test_machines_that_may_come_back_are_no_cascade() -> None:
    lost = [
        alert("KubeNodeNotReady", "a", labels=labels("KubeNodeNotReady", "a", node=node), phase=Phase.PENDING)
        for node in "123"
    ]
    assert all(row.call is Call.TICKET for row in escalated(lost))


def test_what_the_operator_configured_is_not_raised() -> None:
    posts = [posted(labels("KubeNodeNotReady", node=node)) for node in "123"]
    evidence = Evidence(alertmanagers=(alertmanager(*posts),))
    quiet = Override((Matcher("cluster", "eu-1"),), Call.INFO)

    assert {row.call for row in merge(evidence)} == {Call.PAGE}
    assert {row.call for row in merge(evidence, Reading(overrides=(quiet,)))} == {Call.INFO}


def test_a_hushed_cascade_stays_hushed() -> None:
    lost = [
        alert("KubeNodeNotReady", "a", labels=labels("KubeNodeNotReady", "a", node=node), hush=Hush.SILENCED)
        for node in "123"
    ]
    assert not any(row.loud for row in escalated(lost))


@pytest.mark.parametrize(
    ("said", "notes", "missing"),
    [
        ({"severity": "warning", "team": "db"}, {"runbook_url": "x"}, None),
        ({"severity": "warning"}, {"runbook_url": "x"}, ("owner",)),
        ({"severity": "critical", "owner": "db"}, {"runbook": "x"}, ("slo",)),
        ({}, {}, ("severity", "runbook", "owner")),
        ({"severity": "none"}, {}, None),
    ],
)
def test_what_a_rule_leaves_open(said: dict[str, str], notes: dict[str, str], missing: tuple[str, ...] | None) -> None:
    found = gaps([Rule("Some", "x", labels=label_set(said), annotations=label_set(notes))] * 2)
    assert [gap.missing for gap in found] == ([] if missing is None else [missing])
