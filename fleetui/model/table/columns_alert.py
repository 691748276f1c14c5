"""The Alerts table: what pages first, of that what fires, of that what fires longest; what is hushed stands below."""

from operator import attrgetter

import msgspec

from fleetui.model.alerts.alert import Alert
from fleetui.model.alerts.grouping import order
from fleetui.model.duration import time_text
from fleetui.model.table.alert_cells import (
    alert_health,
    by_text,
    haystack,
    look,
    reads_as,
    runbook,
    soon,
    state_text,
    state_value,
    summary,
    value_text,
    what,
)
from fleetui.model.table.column import NOTHING, UNKNOWN, Align, Column, Field, Json, Kind, Table
from fleetui.model.table.columns_shared import age_column, muted, word_column, words_column


def _ack_json(alert: Alert) -> Json:
    if alert.ack is None:
        return None
    ack = alert.ack
    return {"by": ack.by, "until": time_text(ack.until), "comment": ack.comment, "silence": ack.silence}


def _rule_json(alert: Alert) -> Json:
    rule = alert.rule
    return None if rule is None else {"query": rule.query, "forSeconds": rule.hold_s, "group": rule.group}


_COLUMNS: tuple[Column[Alert], ...] = (
    word_column(
        "name", "name", title="ALERT", doc="Its name.", least=24, most=44, priority=1, unknown=UNKNOWN, style=look
    ),
    word_column(
        "call",
        "call.value",
        doc="page, ticket or info; the reason is in the wide view.",
        least=6,
        most=6,
        priority=1,
        style=look,
    ),
    Column(
        id="state",
        title="STATE",
        doc="firing, pending, unknown, resolved; with ack, planned, silenced, inhibited or muted.",
        kind=Kind.WORDS,
        value=state_value,
        known=True,
        text=state_text,
        least=12,
        most=16,
        priority=1,
        style=look,
    ),
    Column(
        id="cluster",
        title="CLUSTER",
        doc="Where; ? where neither a label nor the source says.",
        value=lambda row: row.cluster or None,
        text=lambda row, _: row.cluster or UNKNOWN,
        least=14,
        most=32,
        priority=2,
    ),
    age_column("Since it fires; of a pending one, since its condition began.", attribute="began"),
    Column(
        id="value",
        title="VALUE",
        doc="Of its rule's expression.",
        kind=Kind.NUMBER,
        value=lambda row: row.value,
        attribute="value",
        text=value_text,
        least=5,
        most=9,
        priority=5,
        align=Align.RIGHT,
        optional=True,
    ),
    Column(
        id="elsewhere",
        title="ALSO IN",
        doc="Other clusters in which it fires.",
        kind=Kind.NUMBER,
        value=lambda row: row.elsewhere,
        attribute="elsewhere",
        known=True,
        text=lambda row, _: str(row.elsewhere) if row.elsewhere else NOTHING,
        least=7,
        most=7,
        priority=7,
        align=Align.RIGHT,
        style=lambda row, _: "" if row.elsewhere else "faint",
    ),
    Column(
        id="by",
        title="ACK BY",
        doc="Who is at it, and how long nobody else is told; or whose operation works there.",
        value=lambda row: row.ack.by if row.ack is not None else "",
        known=True,
        text=by_text,
        least=8,
        most=20,
        priority=3,
        optional=True,
        style=lambda row, _: "busy" if row.ack is not None else "faint",
    ),
    msgspec.structs.replace(
        word_column(
            "what",
            "distinction",
            doc="The labels that tell it from others of its name.",
            least=16,
            most=60,
            priority=3,
        ),
        text=lambda row, _: what(row),
    ),
    word_column("summary", summary, doc="As its rule says.", least=20, most=80, priority=6, style=muted),
    Column(
        id="fires",
        title="FIRES IN",
        doc="Time until a pending one fires.",
        kind=Kind.UNTIL,
        value=lambda row: row.fires_at,
        attribute="fires_at",
        text=lambda row, now: NOTHING if (left := row.fires_in(now)) is None else soon(left),
        least=4,
        most=8,
        priority=8,
        wide=True,
        align=Align.RIGHT,
    ),
    word_column(
        "severity", "severity", doc="As its rule says.", least=8, most=14, priority=8, unknown=NOTHING, wide=True
    ),
    word_column("why", "why", doc="Why it pages or not.", least=14, most=40, priority=8, wide=True),
    words_column(
        "receivers",
        "receivers",
        doc="Whom Alertmanager tells.",
        least=10,
        most=30,
        priority=9,
        nothing=NOTHING,
        wide=True,
    ),
    words_column("sources", "sources", doc="Who says so.", least=10, most=40, priority=9, wide=True),
    word_column("runbook", runbook, doc="Its address.", least=12, most=60, priority=9, unknown=NOTHING, wide=True),
)

_FIELDS: tuple[Field[Alert], ...] = (
    Field("name", "of the alert", lambda row: row.name),
    Field("key", "stable over its life", lambda row: row.key),
    Field("cluster", "null where nobody says", lambda row: row.cluster or None),
    Field("phase", "firing, pending, unknown, resolved, ended unseen", lambda row: row.phase.value),
    Field(
        "hush",
        "ack, planned, silenced, inhibited, muted, ? (no Alertmanager answers), or empty",
        lambda row: row.hush.value,
    ),
    Field("call", "page, ticket, info", lambda row: row.call.value),
    Field("why", "why it pages or not", lambda row: row.why),
    Field("severity", "as its rule says", lambda row: row.severity),
    Field("since", "when its condition began", lambda row: time_text(row.since)),
    Field("firingSince", "", lambda row: time_text(row.firing_since)),
    Field("firesAt", "while pending", lambda row: time_text(row.fires_at)),
    Field("endedAt", "of what is over or unknown: when it was last seen to fire", lambda row: time_text(row.ended_at)),
    Field("confirmedAt", "when a source last said so", lambda row: time_text(row.confirmed_at)),
    Field("value", "of its rule's expression", lambda row: row.value),
    Field("rule", "query, forSeconds, group", _rule_json),
    Field("labels", "without those that tell replicas apart", lambda row: dict(row.labels)),
    Field("annotations", "", lambda row: dict(row.annotations)),
    Field("maintenance", "the operation whose silence keeps it quiet, and whose it is", lambda row: row.planned),
    Field("ack", "by, until, comment, silence", _ack_json),
    Field("silencedBy", "ids of silences", lambda row: list(row.silenced_by)),
    Field("inhibitedBy", "keys of alerts", lambda row: list(row.inhibited_by)),
    Field("mutedBy", "time intervals", lambda row: list(row.muted_by)),
    Field("receivers", "", lambda row: list(row.receivers)),
    Field("sources", "who says so", lambda row: list(row.sources)),
    Field("elsewhere", "other clusters in which it fires", lambda row: row.elsewhere),
    Field("runbook", "its address", lambda row: runbook(row) or None),
)

ALERTS: Table[Alert] = Table(
    name="alerts",
    columns=_COLUMNS,
    fields=_FIELDS,
    id=attrgetter("key"),
    title=attrgetter("name"),
    health=alert_health,
    first=order,
    folded="hushed, over or info",
    haystack=haystack,
    reads_as=reads_as,
    labels=attrgetter("labels"),
    cluster=attrgetter("cluster"),
    groupings={
        "group": lambda row: f"{row.cluster or UNKNOWN} {row.name}",
        "cluster": lambda row: row.cluster,
        "name": lambda row: row.name,
        "call": lambda row: row.call.value,
        "state": lambda row: row.phase.value,
    },
)
