"""``fleetui check``: the status of a plugin, one line, performance data, and never 0 for what nobody knows."""

import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from fleetui.cli.check import Point, Status, alerts_verdict, etcd_verdict, of_cluster, of_etcd, summed_up, unknown
from fleetui.model.alerts.alert import Hush, Phase
from fleetui.model.cluster import AlertSign, BoardSign, Cluster, EtcdSign, Health
from fleetui.model.freshness import Trust
from fleetui.model.health.etcd_finding import About, Finding
from tests.console import etcd_samples
from tests.console.alert_samples import FROZEN, LIVING, alert
from tests.console.samples import CLUSTERS, cluster, watched

LINE = re.compile(r"[A-Z]+ (OK|WARNING|CRITICAL|UNKNOWN) - [^|\n]+( \| ([a-z]+=\d+;\d*;\d*;0;\d* ?)+)?")
"""As the guidelines have it: the text, then label=value;warn;crit;min;max."""
OK, WARNING, CRITICAL, UNKNOWN = (Point(status, status.name.lower()) for status in Status)


@pytest.mark.parametrize(
    ("points", "status"),
    [
        ((OK, OK), Status.OK),
        ((OK, UNKNOWN), Status.UNKNOWN),
        ((OK, UNKNOWN, WARNING), Status.WARNING),
        ((WARNING, CRITICAL, UNKNOWN), Status.CRITICAL),
        ((), Status.UNKNOWN),
    ],
)
def test_the_worst_that_is_known_counts_and_unknown_is_never_ok(points: tuple[Point, ...], status: Status) -> None:
    found = summed_up("clusters", points, one="cluster")
    assert found.status is status
    assert LINE.fullmatch(found.line)


def test_rows_of_which_the_filter_cannot_tell_are_unknown() -> None:
    found = summed_up("clusters", [OK], one="cluster", left_out=2)
    assert found.status is Status.UNKNOWN
    assert found.line.startswith("CLUSTERS UNKNOWN - 3 clusters: 2 of which the filter cannot tell | ")
    assert "unknown=2;;;0;3" in found.line


def test_the_line_names_what_is_wrong_with_its_reason_and_counts_the_rest() -> None:
    points = [Point(Status.CRITICAL, f"c{number}", "refused") for number in range(7)]
    said = summed_up("clusters", points, one="cluster").line
    assert "c4 (refused), +2" in said
    assert "critical=7;;0;0;7" in said


def test_foreign_text_neither_ends_the_line_nor_begins_another() -> None:
    said = summed_up("clusters", [Point(Status.WARNING, "c", "a|b=0;;;;\nOK - all is well\x1b[2J")], one="cluster").line
    assert said.count("|") == 1
    assert said.isprintable()
    assert LINE.fullmatch(unknown("etcd", "a\nb|c").line)


BY_NAME = {row.name: row for row in CLUSTERS}


@pytest.mark.parametrize(
    ("name", "status", "why"),
    [
        ("edge-lima-02", Status.CRITICAL, "cert expired 2h ago"),
        ("prod-east-1", Status.WARNING, "1 not Ready"),
        ("edge-rome-01", Status.UNKNOWN, "connecting"),
        ("prod-west-2", Status.UNKNOWN, "stale"),
        ("dr-west", Status.OK, ""),
        ("stage-west", Status.OK, ""),
    ],
)
def test_a_cluster_has_the_verdict_of_its_row(name: str, status: Status, why: str) -> None:
    found = of_cluster(BY_NAME[name])
    assert (found.status, found.why) == (status, why)


MONITORED = {row.name: row for row in watched()}


@pytest.mark.parametrize(
    ("name", "status", "why"),
    [
        (
            "prod-east-1",
            Status.CRITICAL,
            "etcd NOSPACE: the database of cp-b has reached its quota: writes are refused, alerts 2 pages, 1 not Ready",
        ),
        (
            "prod-west-1",
            Status.CRITICAL,
            "slo gone 6.7 h: control plane available: burns 53.3 x its pace over 1h, cp available 95%",
        ),
        ("stage-lab", Status.WARNING, "repl lagging: PostgreSQL db-1: 23 s behind"),
        ("prod-west-2", Status.UNKNOWN, "stale, alerts pipeline dead"),
        ("edge-oslo-01", Status.UNKNOWN, "cp kube-state-metrics: not scraped"),
        ("pci-east", Status.OK, ""),
        ("stage-west", Status.OK, ""),
        ("dr-west", Status.OK, ""),
    ],
)
def test_what_monitoring_says_counts_as_on_the_fleet_screen(name: str, status: Status, why: str) -> None:
    found = of_cluster(MONITORED[name])
    assert (found.status, found.why) == (status, why)


WELL = cluster("x", "prod", 9, etcd=EtcdSign(Health.CALM, "can lose 1", 1, 3), alerts=AlertSign())
HALF = msgspec.structs.replace(WELL, etcd=EtcdSign(Health.UNKNOWN, "not asked yet", why="cp-a: awaited", awaited=True))
DEAF = msgspec.structs.replace(WELL, alerts=AlertSign(blind="Alertmanager a: no answer yet", awaited=True))
RINGS = msgspec.structs.replace(WELL, alerts=AlertSign(pages=1))


@pytest.mark.parametrize(
    ("row", "owed", "status", "why"),
    [
        (WELL, {}, Status.OK, ""),
        (HALF, {}, Status.UNKNOWN, "etcd no answer yet: cp-a: awaited"),
        (DEAF, {}, Status.UNKNOWN, "alerts no answer yet: Alertmanager a: no answer yet"),
        (DEAF, {"alerts": "Alertmanager a"}, Status.UNKNOWN, "alerts no answer yet: Alertmanager a"),
        (WELL, {"slo": "central"}, Status.UNKNOWN, "slo no answer yet: central"),
        (
            cluster("x", "prod", 9, cordoned=1),
            {"replication": "central"},
            Status.WARNING,
            "1 cordoned, repl no answer yet",
        ),
        (RINGS, {"slo": "central"}, Status.CRITICAL, "alerts 1 page, slo no answer yet"),
    ],
)
def test_an_answer_that_is_still_awaited_at_the_end_is_unknown(
    row: Cluster, owed: dict[str, str], status: Status, why: str
) -> None:
    found = of_cluster(row, owed)
    assert (found.status, found.why) == (status, why)


def test_only_the_worst_says_why() -> None:
    slo = BoardSign("slo", Health.BROKEN, "gone 6.7 h", "control plane available: burns 53.3 x its pace")
    errors = BoardSign("controlplane", Health.BROKEN, "5xx 16%", "5xx 16%")
    assert of_cluster(cluster("x", "prod", 9, boards=(slo, errors))).why == (
        "slo gone 6.7 h: control plane available: burns 53.3 x its pace, cp 5xx 16%"
    )
    assert of_cluster(cluster("x", "prod", 9, boards=(errors,))).why == "cp 5xx 16%"


def test_a_control_plane_that_is_thin_and_a_forgotten_cordon_are_named() -> None:
    assert of_cluster(cluster("x", "prod", 9, control_plane_ready=2)).why == "control plane 2/3"
    assert of_cluster(cluster("x", "prod", 9, cordoned=1)).why == "1 cordoned"
    idle = msgspec.structs.replace(cluster("x", "prod", 9), trust=Trust.IDLE)
    assert of_cluster(idle).status is Status.UNKNOWN


def test_an_etcd_whose_disk_nobody_measured_is_not_ok_and_what_is_known_to_be_wrong_stays_so() -> None:
    well, thin = etcd_samples.well("a"), etcd_samples.thin("b")
    assert of_etcd(well).status is Status.UNKNOWN
    assert "disk latency not known: cp-a: no sample, cp-b: no sample, cp-c: no sample" in of_etcd(well).why
    assert of_etcd(thin).status is Status.WARNING
    assert "disk latency not known" in of_etcd(thin).why
    measured = msgspec.structs.replace(well, unmeasured=())
    assert of_etcd(measured) == Point(Status.OK, "a", "can lose 1")


def test_etcd_is_judged_and_who_is_not_configured_is_counted_aside() -> None:
    rows = [etcd_samples.well("a"), etcd_samples.thin("b"), etcd_samples.unconfigured("c")]
    found = etcd_verdict(rows, left_out=0)
    assert found.status is Status.WARNING
    assert "b (2/3 up, next loss fatal: 2 of 3 voters answer" in found.line
    assert found.line.partition(" | ")[0].endswith("1 without a way to their etcd")
    mixed = msgspec.structs.replace(
        etcd_samples.well("a"),
        level=Health.WARNING,
        findings=(Finding(Health.WARNING, About.VERSIONS, "versions", ""),),
    )
    line = etcd_verdict([mixed, rows[1]], left_out=0).line
    assert line.index("b (2/3 up, next loss fatal") < line.index("a ("), "who can lose no member is named first"
    assert of_etcd(etcd_samples.lost("d")).status is Status.CRITICAL
    assert etcd_verdict([etcd_samples.unconfigured("c")], left_out=0).status is Status.UNKNOWN


PAGE, TICKET = alert("KubeAPIDown", "east", page=True), alert("KubeJobFailed", "east")
ACKED = msgspec.structs.replace(PAGE, hush=Hush.ACKED)
LOST = msgspec.structs.replace(PAGE, phase=Phase.UNKNOWN)


@pytest.mark.parametrize(
    ("alerts", "pipeline", "status"),
    [
        ((), LIVING, Status.OK),
        ((PAGE, TICKET), LIVING, Status.CRITICAL),
        ((TICKET,), LIVING, Status.WARNING),
        ((ACKED,), LIVING, Status.OK),
        ((LOST,), LIVING, Status.UNKNOWN),
        ((), FROZEN, Status.UNKNOWN),
        ((PAGE,), FROZEN, Status.CRITICAL),
    ],
)
def test_alerts_are_only_well_under_a_pipeline_that_lives(alerts, pipeline, status) -> None:  # type: ignore[no-untyped-def]
    found = alerts_verdict(alerts, pipeline, left_out=0)
    assert found.status is status
    assert LINE.fullmatch(found.line), found.line


def test_a_dead_pipeline_is_named_beside_what_fires() -> None:
    said = alerts_verdict((PAGE,), FROZEN, left_out=0).line
    assert "east/KubeAPIDown" in said
    assert "pipeline dead: Watchdog of prod-east-1 last sent 6m ago" in said


def check(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """As a scheduler starts it."""
    env = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home), "KUBECONFIG": str(home / "none")}
    command = [sys.executable, "-m", "fleetui", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check",), "CLUSTERS UNKNOWN - the kubeconfig names no context"),
        (("check", "alerts"), "ALERTS UNKNOWN - no alerts: no source of alerts is configured"),
        (("check", "nonsense"), "CHECK UNKNOWN - argument what: invalid choice"),
        (("check", "clusters", "bogus=1"), "CLUSTERS UNKNOWN - no column bogus"),
        (("--config", "/nowhere/fleetui.yaml", "check"), "CHECK UNKNOWN - --config"),
    ],
)
def test_a_mistake_is_unknown_and_not_critical(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    done = check(tmp_path, *arguments)
    assert done.returncode == 3, done.stderr
    assert done.stdout.startswith(said)
    assert len(done.stdout.splitlines()) == 1


def test_the_demo_is_checked_by_its_clusters_and_by_their_etcd(tmp_path: Path) -> None:
    clusters = check(tmp_path, "--demo", "check", "clusters", "@edge-perth-01")
    assert clusters.returncode == 2, clusters.stdout
    assert "1 critical: edge-perth-01 (refused" in clusters.stdout
    burning = check(tmp_path, "--demo", "check", "clusters", "@edge-turku-01")
    assert burning.returncode == 2, "its API server answers and its machines are Ready, and its budget burns"
    assert "slo gone" in burning.stdout
    assert check(tmp_path, "--demo", "check", "etcd", "--timeout", "60", "@prod-east-1").returncode == 0
    slow = check(tmp_path, "--demo", "check", "etcd", "--timeout", "60", "@ml-north-1")
    assert slow.returncode == 1, "one look is enough to see a slow disk"
    assert "ml-north-1 (fsync " in slow.stdout
