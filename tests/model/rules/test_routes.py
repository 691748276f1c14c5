"""The exported routes lead every alert to whom the console would call, whoever wrote its rule."""

import re
from typing import Any

import pytest

from fleetui.model.alerts.page_or_ticket import SEVERITIES, Call, by_name
from fleetui.model.rules.routes import DEAD_MAN, RECEIVERS, Hooks, alertmanager_file
from fleetui.model.rules.rule import Ground
from fleetui.model.rules.rule_file import alerts, groups, labels

Route = dict[str, Any]
FOREIGN = (
    "etcdNoLeader", "KubeAPIDown", "KubeletDown", "ControlPlaneDownHard", "NodesCascading", "KubeAPIErrorBudgetBurn",
    "KubeClientCertificateExpiration", "CapiReconcileErrors", "KubeVersionMismatch", "ArgoOutOfSync", "VolumeOrphaned",
    "MemoryLeak", "CostTooHigh", "KubeCPUOvercommit", "NodeFilesystemFillingUp", "KubePodCrashLooping", "CostQuotaBurn",
    "DriftCascading", "MyOwnRule",
)  # fmt: skip


def led(route: Route, said: dict[str, str]) -> str:
    """The receiver, as Alertmanager walks its tree: the first child that fits, else this one."""
    for child in route.get("routes", []):
        if all(_fits(matcher, said) for matcher in child["matchers"]):
            return led(child, said)
    receiver: str = route["receiver"]
    return receiver


def _fits(matcher: str, said: dict[str, str]) -> bool:
    name, sign, value = re.fullmatch(r'(\w+)(=~|!=|=)"(.*)"', matcher).groups()  # type: ignore[union-attr]
    if sign == "=~":
        return re.fullmatch(value, said.get(name, "")) is not None
    return (said.get(name, "") == value) is (sign == "=")


@pytest.mark.parametrize("name", FOREIGN)
def test_alerts_of_other_rule_sets_reach_whom_the_console_calls(name: str) -> None:
    root = alertmanager_file()["route"]
    for severity in ("", "whatever", "CRITICAL", *(word for words in SEVERITIES.values() for word in words)):
        said = {"alertname": name, "severity": severity, "cluster": "a"}
        assert led(root, said) == RECEIVERS[by_name(name, severity.lower()).call], severity


def test_our_own_alerts_reach_whom_their_rule_says() -> None:
    root = alertmanager_file()["route"]
    ground = Ground()
    found = [rule for rule in alerts(groups(ground)) if rule.call is not Call.PLUMBING]
    wrong = [
        rule.name
        for rule in found
        if led(root, {"alertname": rule.name, "cluster": "a", **labels(rule, ground)}) != RECEIVERS[rule.call]
    ]
    assert wrong == []
    assert len(found) > 100


def test_the_watchdog_goes_to_the_dead_man_s_switch_by_itself_and_often() -> None:
    root = alertmanager_file()["route"]
    assert led(root, {"alertname": "Watchdog", "severity": "none"}) == DEAD_MAN
    first = root["routes"][0]
    assert (first["receiver"], first["group_by"], first["repeat_interval"]) == (DEAD_MAN, ["..."], "1m")


def test_ours_are_grouped_by_cluster_and_error_type() -> None:
    root = alertmanager_file("k8s_cluster")["route"]
    assert root["group_by"] == ["k8s_cluster", "error_type"]


def test_nothing_is_hidden_between_clusters_or_behind_an_alert_without_one() -> None:
    for rule in alertmanager_file("k8s_cluster")["inhibit_rules"]:
        assert "k8s_cluster" in rule["equal"]
        assert 'k8s_cluster!=""' in rule["source_matchers"]


def test_addresses_are_posted_to_and_without_one_a_receiver_is_there_and_empty() -> None:
    receivers = {each["name"]: each for each in alertmanager_file(hooks=Hooks(page="http://pager"))["receivers"]}
    assert receivers["page"]["webhook_configs"][0]["url"] == "http://pager"
    assert receivers["ticket"] == {"name": "ticket"}
