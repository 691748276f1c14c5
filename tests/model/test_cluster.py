"""The verdict that orders the fleet: trouble first, and what is not known is never fine."""

import pytest

from fleetui.model.cluster import Cluster, Feed, Health, support_ends
from fleetui.model.cluster_verdict import health
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.freshness import Trust

REFUSED = Fault(kind=FaultKind.REFUSED, word="refused", detail="", remedy="")
FORBIDDEN = Fault(kind=FaultKind.FORBIDDEN, word="403 pods", detail="", remedy="", what="pods")


def cluster(**fields: object) -> Cluster:
    values: dict[str, object] = {
        "name": "prod",
        "trust": Trust.LIVE,
        "nodes_ready": 5,
        "nodes_total": 5,
        "control_plane_ready": 3,
        "control_plane_total": 3,
    }
    return Cluster(**{**values, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, Health.CALM),
        ({"control_plane_ready": None, "control_plane_total": None}, Health.CALM),
        ({"operation": "drain by ana"}, Health.BUSY),
        ({"cordoned": 1}, Health.WARNING),
        ({"cordoned": 1, "operation": "drain by ana"}, Health.BUSY),
        ({"not_ready": 1, "operation": "drain by ana"}, Health.WARNING),
        ({"fault": REFUSED}, Health.WARNING),
        ({"feeds": (Feed("pods", fault=REFUSED),)}, Health.WARNING),
        ({"feeds": (Feed("pods", fault=FORBIDDEN),)}, Health.CALM),
        ({"control_plane_ready": 2}, Health.BROKEN),
        ({"nodes_total": None}, Health.UNKNOWN),
        ({"nodes_total": None, "fault": FORBIDDEN}, Health.UNKNOWN),
    ],
)
def test_a_live_cluster(fields: dict[str, object], expected: Health) -> None:
    assert health(cluster(**fields)) is expected


@pytest.mark.parametrize(
    ("trust", "expected"),
    [
        (Trust.SILENT, Health.BROKEN),
        (Trust.STALE, Health.UNKNOWN),
        (Trust.CONNECTING, Health.UNKNOWN),
        (Trust.IDLE, Health.UNKNOWN),
    ],
)
def test_what_is_not_live_is_never_calm_whatever_its_numbers_say(trust: Trust, expected: Health) -> None:
    assert health(cluster(trust=trust)) is expected
    assert health(cluster(trust=trust, operation="drain by ana", control_plane_ready=0)) is expected


def test_the_end_of_support_is_known_by_minor_or_not_at_all() -> None:
    assert support_ends("v1.34.6") == "2026-10-27"
    assert support_ends("v1.34.6+k3s1") == "2026-10-27"
    assert support_ends(None) is None
    assert support_ends("v1.2.0") is None
    assert support_ends("") is None
