"""The alerts of the sample fleet, and the board that knows of them."""

import asyncio
from collections.abc import Iterable
from typing import Any

import msgspec

from fleetui.model.alerts.alert import Ack, Alert, Hush, Phase
from fleetui.model.alerts.evidence import Rule
from fleetui.model.alerts.inventory import Standing
from fleetui.model.alerts.keeping import Kept
from fleetui.model.alerts.label_set import USUAL, label_set
from fleetui.model.alerts.matcher import Matcher
from fleetui.model.alerts.page_or_ticket import Call
from fleetui.model.alerts.pipeline import Level, Pipeline, Trouble, Watchdog
from fleetui.model.alerts.silence import Draft, Silence, SilenceState
from fleetui.observe.table import Table
from fleetui.ports.alerting import Outcome
from fleetui.ports.ended import Ended
from tests.console.world import NOON, World

LIVING = Pipeline(at=NOON, level=Level.OK, watchdogs=(Watchdog((), NOON - 30),))
FROZEN = Pipeline(
    at=NOON,
    level=Level.DEAD,
    troubles=(
        Trouble(
            Level.DEAD,
            "Watchdog of prod-east-1 last sent 6m ago: what resolves now is unknown",
            "look at that Prometheus: is it up, does it evaluate, does it reach Alertmanager?",
            since=NOON - 360,
            cluster="prod-east-1",
        ),
        Trouble(Level.LATE, "Alertmanager eu-b: refused", "is it up?"),
    ),
)
SILENCE = Silence("6d1c", (), NOON - 600, NOON + 720, "ben", "ACK! replacing the disk")


class BoardOfAlerts:
    """What was posted and expired is kept; ``outcomes`` are what becomes of it."""

    scheme = USUAL
    takes_silences = True

    def __init__(self, pipeline: Pipeline | None = LIVING) -> None:
        self.pipeline = pipeline
        self.silences = {SILENCE.id: SILENCE}
        self.alerts: tuple[Alert, ...] = ()
        self.posted: list[tuple[Draft, tuple[str, ...]]] = []
        self.expired: list[str] = []
        self.kept: list[Kept] = []
        self.slow: asyncio.Event | None = None
        """What an answer waits for."""
        self.outcomes = (Outcome(Ended.DONE, "eu-a", "new"),)

    async def post(self, draft: Draft, near: Iterable[str] = ()) -> tuple[Outcome, ...]:
        self.posted.append((draft, tuple(near)))
        if self.slow is not None:
            await self.slow.wait()
        return self.outcomes

    @property
    def keeps(self) -> bool:
        return bool(self.kept)

    def keep(self, kept: Kept) -> None:
        self.kept.append(kept)

    async def expire(self, silence_id: str) -> tuple[Outcome, ...]:
        self.expired.append(silence_id)
        return self.outcomes


def alert(name: str, cluster: str, *, page: bool = False, **more: Any) -> Alert:
    severity = "critical" if page else "warning"
    labels = {"alertname": name, "cluster": cluster, "severity": severity} | more.pop("labels", {})
    defaults: dict[str, Any] = {
        "phase": Phase.FIRING,
        "since": NOON - 1_500,
        "firing_since": NOON - 1_320,
        "sources": ("eu-a", "eu-store"),
        "alertmanagers": ("eu-a",),
        "receivers": ("on-call",),
    }
    return Alert(
        key=f"{cluster}/{name}/{labels.get('instance', '')}",
        name=name,
        cluster=cluster,
        labels=label_set(labels),
        call=Call.PAGE if page else Call.TICKET,
        why=f"severity {severity}",
        severity=severity,
        confirmed_at=NOON - 12,
        **(defaults | more),
    )


NO_LEADER = alert(
    "etcdInsufficientMembers",
    "prod-east-1",
    page=True,
    value=1.0,
    elsewhere=1,
    labels={"job": "etcd"},
    rule=Rule("etcdInsufficientMembers", 'sum by (cluster) (up{job="etcd"}) < 2', hold_s=180.0, interval_s=30.0),
    annotations=label_set(
        {
            "summary": "etcd of prod-east-1 has lost its quorum",
            "runbook_url": "https://runbooks.example.org/etcd/etcdInsufficientMembers",
        }
    ),
)
ACKED = alert(
    "KubeNodeNotReady",
    "prod-east-2",
    page=True,
    value=0.0,
    labels={"node": "wk-b-04"},
    hush=Hush.ACKED,
    silenced_by=(SILENCE.id,),
    ack=Ack(SILENCE.id, "ben", SILENCE.ends_at, "replacing the disk"),
    annotations=label_set({"summary": "wk-b-04 has been NotReady for 22 minutes"}),
)
ALERTS = (
    NO_LEADER,
    alert("etcdInsufficientMembers", "edge-lima-02", page=True, elsewhere=1, phase=Phase.UNKNOWN, ended_at=NOON - 372),
    ACKED,
    *(
        alert(
            "KubePodCrashLooping", "prod-east-2", value=1.0, labels={"instance": f"10.2.0.{n}:8080", "pod": f"api-{n}"}
        )
        for n in range(3)
    ),
    alert("NodeFilesystemAlmostOutOfSpace", "prod-east-1", value=0.043, labels={"instance": "10.1.0.7:9100"}),
    alert("CertificateExpiresSoon", "dr-west", phase=Phase.PENDING, firing_since=None, fires_at=NOON + 400, value=0.9),
    alert("KubeJobFailed", "dr-west", phase=Phase.RESOLVED, ended_at=NOON - 240),
)


def ring(world: World, *alerts: Alert, pipeline: Pipeline | None = LIVING) -> BoardOfAlerts:
    """The board of alerts, with these; of a world without it no source is configured."""
    board = world.fleet.boards["alerts"] = BoardOfAlerts(pipeline)
    board.alerts = alerts
    tell(world, *alerts)
    return board


def tell(world: World, *alerts: Alert) -> None:
    rows: Table[Any] = world.fleet.tables.setdefault("alerts", Table())
    rows.apply("", [(alert.key, alert) for alert in alerts])


STANDINGS = (
    Standing(silence=SILENCE, sources=("eu-a", "eu-b"), muted=1, pages=1, clusters=("prod-east-2",)),
    Standing(
        silence=Silence(
            "9f00",
            (Matcher("alertname", "KubeNodeCordoned"), Matcher("cluster", "dr-west")),
            NOON - 7200,
            NOON + 30_000,
            "maria@jump-2",
            "RAID battery, ticket 4711",
        ),
        sources=("eu-a",),
        lacking=("eu-b",),
        muted=0,
        pages=0,
    ),
    Standing(
        silence=Silence(
            "77aa",
            (Matcher("alertname", "KubeJobFailed"), Matcher("cluster", "dr-west")),
            NOON - 9000,
            NOON - 1800,
            "ana@jump-1",
            "backup runs again tonight",
            SilenceState.EXPIRED,
        ),
        sources=("eu-a", "eu-b"),
        muted=None,
        pages=None,
    ),
)


def hush(world: World, *standings: Standing) -> None:
    """The inventory of silences."""
    rows: Table[Any] = world.fleet.tables.setdefault("silences", Table())
    rows.apply("", [(one.silence.id, one) for one in standings])


def lost(alert: Alert) -> Alert:
    return msgspec.structs.replace(alert, phase=Phase.UNKNOWN, ended_at=NOON - 360, value=None)
