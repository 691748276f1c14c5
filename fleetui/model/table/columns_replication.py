"""The replication table: one row an instance of whatever kind, trouble first. Seconds are never made up: what has a
state alone shows a dash, and what does not receive a question mark."""

from operator import attrgetter

from fleetui.model.health.replication import Replica
from fleetui.model.table import replication_cells as cells
from fleetui.model.table.cell_text import level_style
from fleetui.model.table.column import UNKNOWN, Align, Column, Field, Kind, Table
from fleetui.model.table.columns_shared import (
    sampled_column,
    sampled_field,
    source_column,
    verdict_column,
    why_column,
    word_column,
)

_COLUMNS: tuple[Column[Replica], ...] = (
    word_column("instance", cells.instance_text, least=18, most=32, priority=1, style=level_style,
                doc="As its scraper calls it; of a kind with one row a cluster, the kind."),
    verdict_column("The verdict in a word: in step, lagging, link broken, slot filling, silent.", least=16, most=24),
    word_column("cluster", "cluster", doc="Whose it is; ? where no label says it.", unknown=UNKNOWN, least=16, most=32,
                priority=2),
    word_column("group", "group", doc="Whom it replicates with: namespace, set or scope, by its kind.",
                least=14, most=24, priority=3, optional=True),
    word_column("kind", "kind", doc="postgres, patroni, redis, or a kind of your own.", least=13, most=14, priority=3),
    Column(
        id="role",
        title="ROLE",
        doc="primary, replica, learner, consumer, arbiter, member.",
        value=lambda row: None if row.role is None else row.role.value,
        text=cells.role_text,
        least=8,
        most=8,
        priority=4,
        style=cells.role_style,
    ),
    Column(
        id="link",
        title="LINK",
        doc="Whether it receives: up, broken, ? where nobody says; – where there is none.",
        value=lambda row: None if row.link.value == "?" else row.link.value,
        text=cells.link_text,
        least=6,
        most=6,
        priority=2,
        style=cells.link_style,
    ),
    Column(
        id="lag",
        title="LAG",
        doc="Seconds behind; < at most, ~ estimated from the backlog. Of one that does not receive nobody knows.",
        kind=Kind.DURATION,
        value=attrgetter("lag_s"),
        attribute="lag_s",
        text=cells.lag_text,
        least=6,
        most=9,
        priority=2,
        align=Align.RIGHT,
        style=cells.lag_style,
    ),
    Column(
        id="backlog",
        title="BACKLOG",
        doc="What it has not replayed yet: bytes, or what its kind counts.",
        kind=Kind.NUMBER,
        value=cells.backlog,
        text=cells.backlog_text,
        least=7,
        most=9,
        priority=3,
        align=Align.RIGHT,
        style=cells.backlog_style,
    ),
    source_column("The source of metrics; with the age of the sample once it is late.", at="sampled_at",
                  late=cells.is_late, sign=lambda _: "scraped", priority=7),
    sampled_column("How old the sample is.", attribute="sampled_at"),
    why_column("The reason for the verdict; of the unknown, why it is unknown."),
    word_column("step", "step", doc="The first safe step.", least=16, most=80, priority=8, wide=True),
)  # fmt: skip

_FIELDS: tuple[Field[Replica], ...] = (
    Field("name", "of the instance; of a kind with one row a cluster, the kind's title", cells.instance_text),
    Field("kind", "as in its file: postgres, redis", lambda row: row.kind),
    Field("cluster", "null where no label says it", lambda row: row.cluster or None),
    Field("group", "whom it replicates with", lambda row: row.group or None),
    Field("health", "broken, warning, unknown, calm", lambda row: row.level.value),
    Field("state", "the verdict in a word", lambda row: row.word),
    Field("reason", "of the verdict, or why it is unknown; empty when calm", lambda row: row.reason),
    Field("step", "the first safe step", lambda row: row.step or None),
    Field("role", "primary, replica, learner, consumer, arbiter, member; null when unknown",
          lambda row: row.role.value if row.role else None),
    Field("link", "up, broken; null when unknown, or where there is none",
          lambda row: row.link.value if row.link.value in ("up", "broken") else None),
    Field("linkEvidence", "who says so, or why nobody does", lambda row: row.link_how or None),
    Field("lagSeconds", "null unless it is known that it receives", lambda row: row.lag_s),
    Field("lagMeans", "at most, about; empty for a measured one", lambda row: row.lag_how),
    Field("backlog", "not replayed yet", cells.backlog),
    Field("backlogUnit", "B, messages, revisions", lambda row: row.backlog_unit or None),
    Field("figures", "the kind's further ones: id, title, value, unit, text, of, health", cells.figures_json),
    Field("findings", "worst first: level, word, detail, step", cells.findings_json),
    Field("source", "of the metrics", lambda row: row.source),
    sampled_field(attribute="sampled_at"),
)  # fmt: skip

REPLICATION: Table[Replica] = Table(
    name="replication",
    columns=_COLUMNS,
    fields=_FIELDS,
    id=attrgetter("id"),
    title=cells.instance_text,
    health=attrgetter("level"),
    haystack=cells.haystack,
    labels=lambda _: (),
    cluster=attrgetter("cluster"),
    headline="instance",
    groupings={
        "kind": attrgetter("kind"),
        "cluster": attrgetter("cluster"),
        "group": attrgetter("where"),
        "state": attrgetter("word"),
    },
)
