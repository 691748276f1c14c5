"""The Silences table: what ends first on top, what has ended below; what each mutes, whose it is and why."""

from fleetui.model.alerts.inventory import Standing
from fleetui.model.alerts.label_set import ALERTNAME
from fleetui.model.alerts.matcher import Matcher
from fleetui.model.alerts.silence import SilenceState
from fleetui.model.cluster import Health
from fleetui.model.duration import age_text, time_text
from fleetui.model.table.cell_text import HEALTH_STYLES
from fleetui.model.table.column import NOTHING, UNKNOWN, Align, Column, Field, Kind, Table
from fleetui.model.table.columns_shared import word_column, words_column

_QUOTED = frozenset('" ,{}\\\n')
"""What can only stand in quotes."""
_PLACES = {SilenceState.ACTIVE: 0, SilenceState.PENDING: 1, SilenceState.EXPIRED: 2}


def silence_health(standing: Standing) -> Health:
    """Trouble is one that a member of its mesh does not have: half of the notifications are not muted."""
    if standing.silence.state is SilenceState.EXPIRED:
        return Health.CALM
    if standing.lacking:
        return Health.WARNING
    return Health.UNKNOWN if standing.muted is None and standing.silence.state is SilenceState.ACTIVE else Health.BUSY


def matchers_text(standing: Standing) -> str:
    """As amtool writes them."""
    return " ".join(map(str, standing.silence.matchers))


def brief_text(standing: Standing, _: float) -> str:
    """The same in fewer letters, as amtool takes it: ``KubePodCrashLooping cluster=prod-1``. What is one thing stands
    before what is a choice of many: in a narrow column that would be all there is."""
    matchers = sorted(standing.silence.matchers, key=lambda one: (one.is_regex, one.name != ALERTNAME, one.name))
    return " ".join(map(_brief, matchers))


def _brief(matcher: Matcher) -> str:
    said = str(matcher)
    if not matcher.value or any(sign in matcher.value for sign in _QUOTED):
        return said
    plain = matcher.name == ALERTNAME and matcher.is_equal and not matcher.is_regex
    return matcher.value if plain else said.replace('"', "")


def state_word(standing: Standing) -> str:
    """``active``, ``active,ack``, ``pending``, ``expired``; ``idle`` when it mutes nothing."""
    words = [standing.silence.state.value, "ack" if standing.silence.is_ack else "", "idle" if standing.idle else ""]
    return ",".join(word for word in words if word)


def left_text(standing: Standing, now: float) -> str:
    """How long it still lasts; of what is over, how long ago it ended."""
    silence = standing.silence
    if silence.state is SilenceState.EXPIRED:
        return f"{age_text(silence.ends_at, now)} ago"
    return age_text(now - silence.left_s(now), now)


def mutes_text(standing: Standing, _: float) -> str:
    if standing.silence.state is not SilenceState.ACTIVE:
        return NOTHING
    return UNKNOWN if standing.muted is None else f"{standing.muted}"


def _first(standing: Standing) -> tuple[int | float, ...]:
    place = _PLACES[standing.silence.state]
    return (place, -standing.silence.ends_at if place == 2 else standing.silence.ends_at)


def _style(standing: Standing, _: float) -> str:
    if standing.silence.state is SilenceState.EXPIRED:
        return "muted"
    return HEALTH_STYLES[Health.WARNING] if standing.lacking else ""


def _haystack(standing: Standing) -> str:
    silence = standing.silence
    said = (silence.id, silence.created_by, silence.comment, matchers_text(standing), state_word(standing))
    return "\n".join((*said, *standing.clusters)).lower()


_COLUMNS: tuple[Column[Standing], ...] = (
    Column(
        id="matchers",
        title="MATCHERS",
        doc="What it mutes: the alert's name and its labels. In words and quotes where they need them.",
        value=matchers_text,
        known=True,
        text=brief_text,
        least=28,
        most=100,
        priority=1,
        style=_style,
    ),
    Column(
        id="left",
        title="ENDS IN",
        doc="How long it still lasts; of what is over, how long ago it ended.",
        kind=Kind.UNTIL,
        value=lambda row: row.silence.ends_at,
        known=True,
        text=left_text,
        least=8,
        most=9,
        priority=1,
        align=Align.RIGHT,
        style=_style,
    ),
    Column(
        id="state",
        title="STATE",
        doc="active, pending or expired; ack; idle when it mutes nothing now.",
        kind=Kind.WORDS,
        value=state_word,
        known=True,
        text=lambda row, _: state_word(row).replace(",", " "),
        least=11,
        most=16,
        priority=1,
        style=_style,
    ),
    Column(
        id="mutes",
        title="MUTES",
        doc="Alerts that it mutes now; ? while an Alertmanager that has it is not heard.",
        kind=Kind.NUMBER,
        value=lambda row: row.muted,
        text=mutes_text,
        least=5,
        most=6,
        priority=2,
        align=Align.RIGHT,
        style=_style,
    ),
    Column(
        id="pages",
        title="PAGES",
        doc="Of those, the ones that page.",
        kind=Kind.NUMBER,
        value=lambda row: row.pages,
        text=lambda row, _: NOTHING if not row.pages else str(row.pages),
        least=5,
        most=5,
        priority=5,
        align=Align.RIGHT,
        style=lambda row, _: "danger" if row.pages else "faint",
    ),
    word_column("by", "silence.created_by", doc="Who made it.", least=8, most=20, priority=3, unknown=UNKNOWN,
                style=_style),
    word_column("comment", "silence.comment", doc="Why.", least=16, most=50, priority=4, unknown=NOTHING, style=_style),
    words_column("lacking", "lacking", doc="Alertmanagers of its mesh that do not have it.",
                 least=8, most=24, priority=6, nothing=NOTHING, wide=True, optional=True),
    words_column("sources", "sources", doc="Alertmanagers that have it.", least=10, most=40, priority=7, wide=True),
    word_column("id", "silence.id", doc="As amtool wants it.", least=36, most=36, priority=8, wide=True),
)  # fmt: skip

_FIELDS: tuple[Field[Standing], ...] = (
    Field("name", "the id", lambda row: row.silence.id),
    Field("state", "active, pending, expired", lambda row: row.silence.state.value),
    Field("ack", "whether it is one", lambda row: row.silence.is_ack),
    Field("matchers", "as amtool writes them", lambda row: [str(matcher) for matcher in row.silence.matchers]),
    Field("startsAt", "", lambda row: time_text(row.silence.starts_at)),
    Field("endsAt", "", lambda row: time_text(row.silence.ends_at)),
    Field("createdBy", "", lambda row: row.silence.created_by),
    Field("comment", "", lambda row: row.silence.comment),
    Field("muted", "alerts, null while nobody can tell", lambda row: row.muted),
    Field("pages", "of those", lambda row: row.pages),
    Field("clusters", "of those", lambda row: list(row.clusters)),
    Field("sources", "who has it", lambda row: list(row.sources)),
    Field("lacking", "who of its mesh has not", lambda row: list(row.lacking)),
)

SILENCES: Table[Standing] = Table(
    name="silences",
    columns=_COLUMNS,
    fields=_FIELDS,
    id=lambda row: row.silence.id,
    title=lambda row: row.silence.id,
    health=silence_health,
    first=_first,
    haystack=_haystack,
    labels=lambda _: (),
    cluster=lambda row: row.clusters[0] if len(row.clusters) == 1 else "",
    groupings={"by": lambda row: row.silence.created_by, "state": lambda row: row.silence.state.value},
    headline="comment",
)
