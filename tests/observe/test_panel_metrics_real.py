"""The metrics and labels that the panels of the API server read are those of a real kube-apiserver."""

import re

import pytest

from fleetui.model.health.controlplane import PANELS
from fleetui.model.health.panels import APISERVER
from tests.bed.cluster import BedCluster

pytestmark = pytest.mark.bed
_METRIC = re.compile(r"\b((?:apiserver|etcd|kubernetes)_\w+)(?:\{([^}]*)\})?")
_LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
FROM_THE_SCRAPER = {"job", "instance"}
SOMETIMES = {"apiserver_resource_objects", "apiserver_storage_objects", "apiserver_flowcontrol_rejected_requests_total"}
"""One of the first two, by version; the last appears with the first rejection."""


def exported(page: str) -> dict[str, set[str]]:
    """Metric to all labels that its series have."""
    found: dict[str, set[str]] = {}
    for line in page.splitlines():
        if line and not line.startswith("#"):
            name, _, rest = line.partition("{")
            labels = set(re.findall(r'(\w+)="', rest))
            found.setdefault(name.split(" ")[0], set()).update(labels)
    return found


def test_every_metric_is_exported_with_the_labels_that_are_asked_for(bed_cluster: BedCluster) -> None:
    found = exported(bed_cluster.api().request("GET", "/metrics").decode())
    missing = [
        f"{panel.id}: {name} {sorted(labels - found.get(name, set()))}"
        for panel in PANELS
        if panel.exporter is APISERVER
        for name, matchers in _METRIC.findall(panel.promql)
        if name not in SOMETIMES
        for labels in [set(_LABEL.findall(re.sub(r'"[^"]*"', '""', matchers))) - FROM_THE_SCRAPER]
        if name not in found or not labels <= found[name]
    ]
    assert missing == []
    assert {"apiserver_resource_objects", "apiserver_storage_objects"} & found.keys()
    assert "flow_schema" in found["apiserver_flowcontrol_dispatched_requests_total"]
    assert "operation" in found["etcd_request_duration_seconds_bucket"]
    assert "git_version" in found["kubernetes_build_info"]
