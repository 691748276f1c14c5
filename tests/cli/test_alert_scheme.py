"""Which labels mean what in a session's alerts, from its configuration."""

import pytest

from fleetui.model.alerts.label_set import REPLICAS, Scheme, label_set
from fleetui.model.config import Config
from fleetui.model.fault import ClusterError
from fleetui.model.monitoring import AlertmanagerConfig, LabelsConfig, MetricsConfig
from fleetui.wiring.alerts import need_alertmanagers, need_sources, scheme

AM = AlertmanagerConfig(url="http://am")
PROM = MetricsConfig(url="http://prom")


def test_by_itself_it_is_the_usual_one() -> None:
    assert scheme(Config(alertmanagers={"a": AM}, metrics={"p": PROM})) == Scheme()


def test_what_is_said_of_any_source_holds_for_all() -> None:
    am = AlertmanagerConfig(url="http://am", labels=LabelsConfig("k8s_cluster", "ha"), names={"eu1": "prod-east-1"})
    prom = MetricsConfig(url="http://prom", names={"eu2": "prod-east-2"})
    found = scheme(Config(alertmanagers={"a": am}, metrics={"p": prom}))
    labels = label_set({"alertname": "X", "k8s_cluster": "eu1", "ha": "0"})
    assert found.cluster_of(labels) == "prod-east-1"
    assert dict(found.identity(labels)) == {"alertname": "X", "k8s_cluster": "eu1"}
    assert found.replicas == REPLICAS | {"ha"}
    assert found.names == {"eu1": "prod-east-1", "eu2": "prod-east-2"}


def test_nothing_configured_is_said_with_the_remedy() -> None:
    for need, config in ((need_sources, Config()), (need_alertmanagers, Config(metrics={"p": PROM}))):
        with pytest.raises(ClusterError) as raised:
            need(config)
        assert "alertmanagers:" in raised.value.fault.remedy
    need_sources(Config(metrics={"p": PROM}))
    need_alertmanagers(Config(alertmanagers={"a": AM}))
