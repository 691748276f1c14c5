"""What monitoring comes to on a cluster's row: unknown is never calm, a dead pipeline never "nothing fires"."""

import msgspec
import pytest

from fleetui.model.alerts.alert import Ack, Alert, Hush, Phase
from fleetui.model.alerts.evidence import AlertmanagerSays, Origin, PrometheusSays
from fleetui.model.alerts.page_or_ticket import Call
from fleetui.model.alerts.pipeline import Level, Pipeline, Trouble, pipeline
from fleetui.model.cluster import AlertSign, Cluster, EtcdSign, Health, Quiet
from fleetui.model.cluster_verdict import health
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.freshness import Trust
from fleetui.model.health.etcd import Picture
from fleetui.model.health.etcd_quorum import Margin
from fleetui.model.health.etcd_state import EtcdState, Known, etcd_state
from fleetui.model.table import cluster_cells as cells
from fleetui.model.table.columns_cluster import CLUSTERS
from fleetui.model.table.filter import parse
from fleetui.model.table.order import Entry
from fleetui.model.vitals import Firing, etcd_sign

NOW = 1_800_000_000.0
LISTENED = Pipeline(at=NOW, level=Level.UNKNOWN, evaluating=frozenset({"p"}))
LIVING = Pipeline(at=NOW, level=Level.OK)
DEAD = Pipeline(at=NOW, level=Level.DEAD, troubles=(Trouble(Level.DEAD, "Watchdog last sent 6m ago", "look there"),))
UNSCRAPED = Pipeline(at=NOW, level=Level.LATE, silent=frozenset({"eu-1"}))
AWAITED = pipeline(
    [],
    [AlertmanagerSays("central", NOW, fault=Fault(FaultKind.AWAITED, "no answer yet", "asked a moment ago", "wait"))],
    now=NOW,
)
BAD_RULE = Pipeline(
    at=NOW,
    level=Level.LATE,
    troubles=(Trouble(Level.LATE, "rule Down at p cannot be evaluated: bad", "mend it", cluster="eu-1", rule="Down"),),
)
BAD_RULE_ELSEWHERE = msgspec.structs.replace(
    BAD_RULE, troubles=tuple(msgspec.structs.replace(one, cluster="eu-2") for one in BAD_RULE.troubles)
)
IN_PART = pipeline(
    [PrometheusSays(Origin("of-eu-1", cluster="eu-1"), NOW, warnings=("store b: no answer",))], [], now=NOW
)
THIN = Margin(voters=3, up=2, leaderless=0, down=1, silent=0)
SINGLE = Margin(voters=1, up=1, leaderless=0, down=0, silent=0)
SEEN = Margin(voters=3, up=3, leaderless=0, down=0, silent=0)
GONE = Margin(voters=3, up=0, leaderless=1, down=2, silent=0)
SILENT = Margin(voters=3, up=0, leaderless=0, down=0, silent=3)


def alert(key: str, call: Call = Call.PAGE, *, phase: Phase = Phase.FIRING, hush: Hush = Hush.NONE) -> Alert:
    return Alert(
        key=key, name=key, cluster="eu-1", labels=(), phase=phase, call=call, why="", confirmed_at=NOW, hush=hush
    )


def row(*, etcd: EtcdSign | None = None, alerts: AlertSign | None = None, **more: object) -> Cluster:
    values: dict[str, object] = {
        "trust": Trust.LIVE,
        "nodes_total": 3,
        "nodes_ready": 3,
        "control_plane_total": 3,
        **more,
    }
    return Cluster("eu-1", etcd=etcd, alerts=alerts, **values)  # type: ignore[arg-type]


def entry(shown: Cluster) -> Entry:
    return Entry(row=shown, id=shown.name, hay=CLUSTERS.haystack(shown), key=(), tie="", rank=0)


def etcd(level: Health, word: str, margin: Margin | None, **more: object) -> EtcdSign | None:
    values: dict[str, object] = {"settled": True, **more}
    return etcd_sign(EtcdState("eu-1", level=level, word=word, reason="because", margin=margin, **values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sign", "text", "style", "verdict"),
    [
        (None, "", "unknown", Health.CALM),
        (etcd(Health.CALM, "can lose 1", SEEN), "lose 1", "", Health.CALM),
        (etcd(Health.WARNING, THIN.text, THIN), "lose 0", "warn", Health.WARNING),
        (etcd(Health.CALM, SINGLE.text, SINGLE), "single", "", Health.CALM),
        (etcd(Health.WARNING, "single member, views differ", SINGLE), "views", "warn", Health.WARNING),
        (etcd(Health.WARNING, "fsync 64 ms", SEEN), "fsync 64 ms", "warn", Health.WARNING),
        (etcd(Health.BROKEN, "can lose 1, slow 100%", SEEN), "slow 100%", "danger", Health.BROKEN),
        (etcd(Health.WARNING, "versions differ", SEEN), "versions", "warn", Health.WARNING),
        (etcd(Health.BROKEN, "NOSPACE", SEEN), "NOSPACE", "danger", Health.BROKEN),
        (etcd(Health.BROKEN, "quorum lost", GONE), "no quorum", "danger", Health.BROKEN),
        (etcd(Health.UNKNOWN, "not scraped", None), "?", "unknown", Health.UNKNOWN),
        (etcd(Health.UNKNOWN, "no answer", SILENT), "?", "unknown", Health.UNKNOWN),
        (etcd(Health.UNKNOWN, "no answer yet", None, settled=False), "?", "unknown", Health.CALM),
        (etcd_sign(etcd_state(Known("eu-1", settled=True, configured=False), at=NOW)), "", "unknown", Health.CALM),
    ],
)
def test_etcd_says_its_margin_or_what_is_worse(sign: EtcdSign | None, text: str, style: str, verdict: Health) -> None:
    shown = row(etcd=sign)
    assert (cells.etcd_text(shown, NOW), cells.etcd_style(shown, NOW), health(shown)) == (text, style, verdict)


def firing(*alerts: Alert, pipeline: Pipeline = LIVING) -> AlertSign:
    found = Firing()
    for each in alerts:
        found.see(each.key, each)
    return found.sign("eu-1", pipeline)


@pytest.mark.parametrize(
    ("sign", "text", "style", "verdict"),
    [
        (None, "", "unknown", Health.CALM),
        (firing(), "–", "faint", Health.CALM),
        (firing(alert("a"), alert("b"), alert("c", Call.TICKET)), "2P 1T", "danger", Health.BROKEN),
        (firing(alert("a", Call.TICKET)), "1T", "warn", Health.CALM),
        (firing(alert("a", phase=Phase.UNKNOWN)), "1P", "danger", Health.BROKEN),
        (firing(alert("a", phase=Phase.PENDING), alert("b", phase=Phase.RESOLVED)), "–", "faint", Health.CALM),
        (firing(alert("a", hush=Hush.UNKNOWN)), "1P", "danger", Health.BROKEN),
        (firing(alert("a", hush=Hush.ACKED), alert("b", Call.INFO)), "1P ack", "busy", Health.BUSY),
        (firing(alert("a", hush=Hush.SILENCED), alert("b", Call.TICKET)), "1P mute 1T", "warn", Health.BUSY),
        (firing(alert("a", hush=Hush.INHIBITED), alert("b")), "1P", "danger", Health.BROKEN),
        (firing(alert("a", Call.TICKET, hush=Hush.ACKED)), "–", "faint", Health.CALM),
        (firing(alert("a", hush=Hush.ACKED), pipeline=DEAD), "1P ack ?", "danger", Health.UNKNOWN),
        (firing(pipeline=BAD_RULE), "late", "warn", Health.WARNING),
        (firing(alert("a", Call.TICKET), pipeline=BAD_RULE), "1T", "warn", Health.WARNING),
        (firing(pipeline=BAD_RULE_ELSEWHERE), "–", "faint", Health.CALM),
        (firing(pipeline=IN_PART), "?", "unknown", Health.UNKNOWN),
        (firing(pipeline=DEAD), "dead", "danger", Health.UNKNOWN),
        (firing(alert("a", Call.TICKET), pipeline=DEAD), "1T ?", "warn", Health.UNKNOWN),
        (firing(pipeline=Pipeline(at=NOW, level=Level.UNKNOWN)), "?", "unknown", Health.UNKNOWN),
        (firing(pipeline=AWAITED), "?", "unknown", Health.CALM),
        (firing(alert("a", Call.TICKET), pipeline=AWAITED), "1T ?", "warn", Health.CALM),
        (firing(pipeline=LISTENED), "–", "faint", Health.CALM),
        (firing(pipeline=Pipeline(at=NOW, level=Level.LATE)), "–", "faint", Health.CALM),
        (firing(pipeline=UNSCRAPED), "?", "unknown", Health.UNKNOWN),
    ],
)  # fmt: skip
def test_alerts_count_what_is_loud_and_say_when_nobody_could_tell(
    sign: AlertSign | None, text: str, style: str, verdict: Health
) -> None:
    shown = row(alerts=sign)
    assert (cells.alerts_text(shown, NOW), cells.alerts_style(shown, NOW), health(shown)) == (text, style, verdict)


def test_the_etcd_of_a_managed_control_plane_is_only_missed_where_its_members_are_named() -> None:
    unscraped = etcd(Health.UNKNOWN, "not scraped", None)
    asked = etcd(Health.UNKNOWN, "no answer", None, direct=Picture("eu-1", at=NOW))
    assert health(row(etcd=unscraped, control_plane_total=None)) is Health.CALM
    assert health(row(etcd=asked, control_plane_total=None)) is Health.UNKNOWN


def test_what_goes_on_is_said_before_what_nobody_can_tell() -> None:
    assert health(row(alerts=firing(pipeline=DEAD), operation="drain by ana")) is Health.BUSY


def test_a_prometheus_that_dies_blinds_its_own_cluster_alone() -> None:
    fault = Fault(FaultKind.TIMEOUT, "no answer", "silent for 10 s", "is it alive?")
    own, other = (PrometheusSays(Origin(f"of-{name}", cluster=name), NOW, fault=fault) for name in ("eu-1", "eu-2"))
    assert health(row(alerts=firing(pipeline=pipeline([own], [], now=NOW)))) is Health.UNKNOWN
    sign = firing(pipeline=pipeline([other], [], now=NOW))
    assert (sign.known, sign.dead, health(row(alerts=sign))) == (True, False, Health.CALM)


def test_an_alert_that_changes_or_goes_is_not_counted_twice() -> None:
    found = Firing()
    found.see("a", alert("a"))
    found.see("a", alert("a", Call.TICKET))
    found.see("b", alert("b", hush=Hush.SILENCED))
    silenced = (Quiet("mute", "silenced"),)
    assert found.sign("eu-1", LIVING) == AlertSign(pages=0, tickets=1, hushed=1, quiet=silenced)
    found.forget("a")
    found.forget("never seen")
    assert found.sign("eu-1", LIVING) == AlertSign(hushed=1, quiet=silenced)
    found.forget("b")
    assert found.sign("eu-1", LIVING) == AlertSign()
    assert found.sign("eu-2", LIVING) == AlertSign()


def test_pages_that_nobody_is_told_of_say_why_and_until_when() -> None:
    acked = [
        msgspec.structs.replace(
            alert(key, hush=Hush.ACKED), ack=Ack(silence=key, by="kim", until=NOW + until, comment="")
        )
        for key, until in (("a", 720), ("b", 90))
    ]
    planned = msgspec.structs.replace(alert("c", hush=Hush.PLANNED), planned="maintenance: drain wk-1 by ana@jump-1")
    sign = firing(*acked, planned, alert("d", hush=Hush.INHIBITED))
    assert sign.quiet == (
        Quiet("ack", "acked by kim", 2, NOW + 90),
        Quiet("mute", "implied by another"),
        Quiet("plan", "planned: drain wk-1 by ana@jump-1"),
    )
    assert (sign.quiet_pages, sign.hushed) == (4, 4)


@pytest.mark.parametrize(
    ("asked", "sign", "matches"),
    [
        ("pages>0", firing(alert("a")), True),
        ("pages>0", firing(), False),
        ("pages=0", firing(pipeline=DEAD), None),
        ("pages>0", None, None),
        ("tickets>=1", firing(alert("a", Call.TICKET), pipeline=DEAD), True),
        ("alerts>1", firing(alert("a"), alert("b", Call.TICKET)), True),
    ],
)
def test_counts_are_asked_for_with_three_answers(asked: str, sign: AlertSign | None, matches: bool | None) -> None:
    assert parse(asked, CLUSTERS).matches(entry(row(alerts=sign)), NOW) is matches


@pytest.mark.parametrize(
    ("asked", "sign", "matches"),
    [
        ("etcd=NOSPACE", etcd(Health.BROKEN, "NOSPACE", SEEN), True),
        ("etcd~quorum", etcd(Health.BROKEN, "quorum lost", GONE), True),
        ("etcd=NOSPACE", etcd(Health.UNKNOWN, "not scraped", None), None),
        ("etcd!=NOSPACE", None, None),
    ],
)
def test_etcd_is_asked_for_by_its_word(asked: str, sign: EtcdSign | None, matches: bool | None) -> None:
    assert parse(asked, CLUSTERS).matches(entry(row(etcd=sign)), NOW) is matches


def test_silence_outranks_and_monitoring_counts_without_the_api_server() -> None:
    paged = firing(alert("a"))
    assert health(row(alerts=firing(), trust=Trust.SILENT)) is Health.BROKEN
    assert health(row(alerts=paged, trust=Trust.STALE)) is Health.BROKEN
    assert health(row(alerts=paged, trust=Trust.IDLE, nodes_total=None)) is Health.BROKEN


def test_json_tells_unknown_from_none() -> None:
    fields = {field.name: field.value for field in CLUSTERS.fields}
    blind = msgspec.structs.replace(row(), alerts=firing(pipeline=DEAD))
    assert fields["alerts"](blind) == {
        "pages": None, "tickets": None, "hushed": 0, "quietPages": [], "blind": "Watchdog last sent 6m ago",
        "late": None,
    }  # fmt: skip
    quiet = firing(alert("a"), alert("b", hush=Hush.SILENCED), pipeline=BAD_RULE)
    assert fields["alerts"](row(alerts=quiet)) == {
        "pages": 1, "tickets": 0, "hushed": 1, "quietPages": [{"how": "silenced", "pages": 1, "until": None}],
        "blind": None, "late": "rule Down at p cannot be evaluated: bad",
    }  # fmt: skip
    assert fields["etcd"](row(etcd=etcd(Health.BROKEN, "NOSPACE", SEEN))) == {
        "level": "broken", "word": "NOSPACE", "canLose": 1, "voters": 3, "why": "because",
    }  # fmt: skip
    assert fields["etcd"](row()) is None
