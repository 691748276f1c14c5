"""Limits: the first value that counts, and unknown as a level of its own."""

from math import nan

import pytest

from fleetui.model.cluster import Health
from fleetui.model.health import etcd_limits
from fleetui.model.health.threshold import Threshold

LIMITS = [limit for limit in vars(etcd_limits).values() if isinstance(limit, Threshold)]


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.figure)
def test_every_limit_has_an_amber_a_red_and_a_source(limit: Threshold) -> None:
    worse = -1e-9 if limit.falling else 1e-9
    assert limit.judge(limit.amber - worse) is Health.CALM
    assert limit.judge(limit.amber) is Health.WARNING
    assert limit.judge(limit.red - worse) is Health.WARNING
    assert limit.judge(limit.red) is Health.BROKEN
    assert limit.source


@pytest.mark.parametrize("unknown", [None, nan])
def test_no_number_is_unknown(unknown: float | None) -> None:
    assert etcd_limits.FSYNC_P99.judge(unknown) is Health.UNKNOWN
