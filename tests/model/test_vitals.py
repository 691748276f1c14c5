"""What monitoring comes to on a cluster's row: unknown is never calm, a dead pipeline never "nothing fires"."""

import msgspec
import pytest

from fleetui.model.alerts.alert import Alert, Hush, Phase
from fleetui.model.alerts.page_or_ticket import Call
from fleetui.model.alerts.pipeline import Level, Pipeline, Trouble
from fleetui.model.cluster import AlertSign, Cluster, EtcdSign, Health, health
from fleetui.model.freshness import Trust
from fleetui.model.health.etcd_quorum import Margin
from fleetui.model.health.etcd_state import EtcdState
from fleetui.model.table import cluster_cells as cells
from fleetui.model.table.columns_cluster import CLUSTERS
from fleetui.model.table.filter import parse
from fleetui.model.table.order import Entry
from fleetui.model.vitals import Firing, etcd_sign

NOW = 1_800_000_000.0
LISTENED = Pipeline(at=NOW, level=Level.UNKNOWN, evaluating=frozenset({"p"}))
LIVING = Pipeline(at=NOW, level=Level.OK)
DEAD = Pipeline(at=NOW, level=Level.DEAD, troubles=(Trouble(Level.DEAD, "Watchdog last sent 6m ago", "look there"),))
SEEN = Margin(voters=3, up=3, leaderless=0, down=0, silent=0)
GONE = Margin(voters=3, up=0, leaderless=1, down=2, silent=0)
SILENT = Margin(voters=3, up=0, leaderless=0, down=0, silent=3)


def alert(key: str, call: Call = Call.PAGE, *, phase: Phase = Phase.FIRING, hush: Hush = Hush.NONE) -> Alert:
    return Alert(
        key=key, name=key, cluster="eu-1", labels=(), phase=phase, call=call, why="", confirmed_at=NOW, hush=hush
    )


def row(*, etcd: EtcdSign | None = None, alerts: AlertSign | None = None, **more: object) -> Cluster:
    values: dict[str, object] = {"trust": Trust.LIVE, "nodes_total": 3, "nodes_ready": 3, **more}
    return Cluster("eu-1", etcd=etcd, alerts=alerts, **values)  # type: ignore[arg-type]


def entry(shown: Cluster) -> Entry:
    return Entry(row=shown, id=shown.name, hay=CLUSTERS.haystack(shown), key=(), tie="", rank=0)


def etcd(level: Health, word: str, margin: Margin | None) -> EtcdSign:
    return etcd_sign(EtcdState("eu-1", level=level, word=word, reason="because", margin=margin))


@pytest.mark.parametrize(
    ("sign", "text", "style", "verdict"),
    [
        (None, "", "unknown", Health.CALM),
        (etcd(Health.CALM, "can lose 1", SEEN), "lose 1", "", Health.CALM),
        (etcd(Health.WARNING, "can lose 0", Margin(3, 2, 0, 1, 0)), "lose 0", "warn", Health.WARNING),
        (etcd(Health.WARNING, "fsync 64 ms", SEEN), "fsync 64 ms", "warn", Health.WARNING),
        (etcd(Health.BROKEN, "NOSPACE", SEEN), "NOSPACE", "danger", Health.BROKEN),
        (etcd(Health.BROKEN, "quorum lost", GONE), "no quorum", "danger", Health.BROKEN),
        (etcd(Health.UNKNOWN, "not scraped", None), "?", "unknown", Health.CALM),
        (etcd(Health.UNKNOWN, "no answer", SILENT), "?", "unknown", Health.CALM),
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
        (firing(alert("a", hush=Hush.ACKED), alert("b", Call.INFO)), "–", "faint", Health.CALM),
        (firing(pipeline=DEAD), "dead", "danger", Health.CALM),
        (firing(alert("a", Call.TICKET), pipeline=DEAD), "1T ?", "warn", Health.CALM),
        (firing(pipeline=Pipeline(at=NOW, level=Level.UNKNOWN)), "?", "unknown", Health.CALM),
        (firing(pipeline=LISTENED), "–", "faint", Health.CALM),
        (firing(pipeline=Pipeline(at=NOW, level=Level.LATE)), "–", "faint", Health.CALM),
        (firing(pipeline=Pipeline(at=NOW, level=Level.LATE, silent=frozenset({"eu-1"}))), "?", "unknown", Health.CALM),
    ],
)  # fmt: skip
def test_alerts_count_what_is_loud_and_say_when_nobody_could_tell(
    sign: AlertSign | None, text: str, style: str, verdict: Health
) -> None:
    shown = row(alerts=sign)
    assert (cells.alerts_text(shown, NOW), cells.alerts_style(shown, NOW), health(shown)) == (text, style, verdict)


def test_an_alert_that_changes_or_goes_is_not_counted_twice() -> None:
    found = Firing()
    found.see("a", alert("a"))
    found.see("a", alert("a", Call.TICKET))
    found.see("b", alert("b", hush=Hush.SILENCED))
    assert found.sign("eu-1", LIVING) == AlertSign(pages=0, tickets=1, hushed=1)
    found.forget("a")
    found.forget("never seen")
    assert found.sign("eu-1", LIVING) == AlertSign(hushed=1)
    assert found.sign("eu-2", LIVING) == AlertSign()


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
        "pages": None, "tickets": None, "hushed": 0, "blind": "Watchdog last sent 6m ago",
    }  # fmt: skip
    assert fields["alerts"](row(alerts=firing(alert("a")))) == {"pages": 1, "tickets": 0, "hushed": 0, "blind": None}
    assert fields["etcd"](row(etcd=etcd(Health.BROKEN, "NOSPACE", SEEN))) == {
        "level": "broken", "word": "NOSPACE", "canLose": 1, "voters": 3, "why": "because",
    }  # fmt: skip
    assert fields["etcd"](row()) is None
