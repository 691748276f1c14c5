"""An alert's value as people read it: with its unit, and with what its rule takes for trouble in words."""

import pytest

from fleetui.model.chart.alert_value import measure
from fleetui.model.chart.expression_unit import unit_of

QUOTA = "100 * etcd_mvcc_db_total_size_in_bytes / etcd_server_quota_backend_bytes"


@pytest.mark.parametrize(
    ("expression", "unit"),
    [
        (QUOTA, "%"),
        ("etcd_mvcc_db_total_size_in_use_in_bytes / etcd_mvcc_db_total_size_in_bytes", "ratio"),
        (
            "histogram_quantile(0.99, sum by (le, instance) (rate(etcd_disk_wal_fsync_duration_seconds_bucket[5m])))",
            "s",
        ),
        ("rate(apiserver_request_total[5m])", "/s"),
        ("rate(process_cpu_seconds_total[5m])", ""),
        ('count by (cluster) (up{job="etcd"} == 0)', ""),
        ("kube_pod_info", ""),
        ("time() - etcd_backup_timestamp_seconds", "s"),
        ("process_resident_memory_bytes", "B"),
        ("sum without (bytes_bytes) (queue_length)", ""),
        ("rate(x_seconds_sum[5m]) / rate(x_seconds_count[5m])", ""),
        ("sum(kube_pod_info) / sum(kube_node_info)", ""),
        ("node_memory_MemAvailable_bytes / 1024", ""),
        ("not a query at all {", ""),
    ],
)
def test_the_unit_of_an_expression_and_none_where_nobody_can_tell(expression: str, unit: str) -> None:
    assert unit_of(expression) == unit


@pytest.mark.parametrize(
    ("rule", "value", "said", "trouble"),
    [
        (f"{QUOTA} > 95", 100.0, "100 %", "above 95 %"),
        ("a_bytes / b_bytes < 0.5", 0.25, "25%", "below 50%"),
        ("histogram_quantile(0.99, rate(x_seconds_bucket[5m])) >= 0.5", 0.0451234, "45.1 ms", "from 500 ms on"),
        ("count(up == 0) > 0", 1.0, "1", "above 0"),
        ('kube_node_status_condition{condition="Ready",status="true"} == 0', 0.0, "0", "at exactly 0"),
        ("absent(up)", 1.0, "1", ""),
    ],
)
def test_a_value_with_its_unit_and_the_threshold_in_words(rule: str, value: float, said: str, trouble: str) -> None:
    told = measure(rule)
    assert (told.text(value), told.trouble) == (said, trouble)
