"""What the Alerts table says, how it is ordered, and what its filters find."""

from typing import Any

import msgspec
import pytest

from fleetui.model.alerts.alert import Ack, Alert, Hush, Phase
from fleetui.model.alerts.page_or_ticket import Call
from fleetui.model.cluster import Health
from fleetui.model.picture import Delta
from fleetui.model.table.alert_cells import alert_health
from fleetui.model.table.columns_alert import ALERTS
from fleetui.model.table.filter import parse
from fleetui.model.table.operand import EXAMPLES
from fleetui.model.table.order import Entry
from fleetui.model.table.section import RowLine
from fleetui.model.table.view import View
from tests.model.alerts.samples import NOW, RULE, alert, labels

ACK = Ack("s1", "ana", NOW + 720, "on it")
ROWS = {
    "page": alert("etcdNoLeader", call=Call.PAGE, value=0.0, rule=RULE, elsewhere=3),
    "ticket": alert(
        "KubeNodeNotReady",
        labels=labels("KubeNodeNotReady", node="wk-1"),
        apart=("node",),
        firing_since=NOW - 3 * 86_400,
    ),
    "pending": alert("Soon", phase=Phase.PENDING, fires_at=NOW + 200, firing_since=None),
    "acked": alert("Acked", call=Call.PAGE, hush=Hush.ACKED, ack=ACK, silenced_by=("s1",)),
    "silenced": alert("Put aside", hush=Hush.SILENCED),
    "unknown": alert("Lost", phase=Phase.UNKNOWN, ended_at=NOW - 720, cluster=""),
    "unseen": alert("Unseen", phase=Phase.ENDED_UNSEEN, ended_at=NOW - 720),
    "resolved": alert("Gone", phase=Phase.RESOLVED, ended_at=NOW - 90),
    "unheard": alert("Unheard", hush=Hush.UNKNOWN),
    "bare": alert("", cluster="", since=None, firing_since=None, labels=(), alertmanagers=()),
}


def said(column_id: str, row: Alert) -> str:
    column = ALERTS.column(column_id)
    assert column is not None
    return column.text(row, NOW)


def test_columns_have_unique_names_and_words_for_the_help() -> None:
    ids = [column.id for column in ALERTS.columns]

    assert len(set(ids)) == len(ids)
    assert all(column.doc.endswith(".") for column in ALERTS.columns)
    assert all(column.least <= column.most for column in ALERTS.columns)
    assert all(len(column.title) <= column.most for column in ALERTS.columns)
    assert all(column.kind in EXAMPLES for column in ALERTS.columns)
    assert ALERTS.column(ALERTS.headline) is not None
    assert ALERTS.fields[0].name == "name"
    assert len({field.name for field in ALERTS.fields}) == len(ALERTS.fields)


@pytest.mark.parametrize("name", ROWS)
def test_every_cell_and_field_of_any_row_can_be_said(name: str) -> None:
    row = ROWS[name]
    for column in ALERTS.columns:
        assert isinstance(column.text(row, NOW), str)
        value, key = column.value(row), column.sort_key(row)
        assert (value is None) == (key is None)
        assert value is not None or not column.known
        if column.attribute:
            assert value == getattr(row, column.attribute)
    msgspec.json.encode({field.name: field.value(row) for field in ALERTS.fields})


@pytest.mark.parametrize(
    ("name", "state", "health"),
    [
        ("page", "firing", Health.BROKEN),
        ("ticket", "firing", Health.WARNING),
        ("pending", "fires in 3m", Health.BUSY),
        ("acked", "firing ack", Health.BUSY),
        ("silenced", "firing silenced", Health.CALM),
        ("unknown", "unknown 12m", Health.UNKNOWN),
        ("unseen", "ended unseen", Health.CALM),
        ("resolved", "resolved 1m", Health.CALM),
        ("unheard", "firing ?", Health.WARNING),
    ],
)
def test_the_state_in_words_and_the_verdict(name: str, state: str, health: Health) -> None:
    assert said("state", ROWS[name]) == state
    assert alert_health(ROWS[name]) is health


def test_what_is_not_known_is_a_question_mark_and_never_zero_or_green() -> None:
    assert (said("value", ROWS["ticket"]), said("value", ROWS["page"])) == ("?", "0")
    assert (said("cluster", ROWS["bare"]), said("age", ROWS["bare"])) == ("?", "?")
    name = ALERTS.column("name")
    assert name is not None
    assert name.style is not None
    assert name.style(ROWS["unknown"], NOW) == "unknown"
    assert name.style(ROWS["unheard"], NOW) == "warn"
    assert name.style(ROWS["acked"], NOW) == "busy"
    assert name.style(ROWS["silenced"], NOW) == "muted"


def test_the_age_of_what_fires_is_counted_from_when_it_fired() -> None:
    fired = alert("Fired", since=NOW - 900, firing_since=NOW - 300)
    waits = alert("Waits", since=NOW - 900, firing_since=None, phase=Phase.PENDING)
    assert (said("age", fired), said("age", waits)) == ("5m", "15m")


def test_who_is_at_it_and_for_how_long() -> None:
    assert (said("by", ROWS["acked"]), said("by", ROWS["page"])) == ("ana 12m", "–")
    assert said("what", ROWS["ticket"]) == "wk-1"
    assert (said("elsewhere", ROWS["page"]), said("elsewhere", ROWS["ticket"])) == ("3", "–")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("call=page", {"page", "acked"}),
        ("state=firing", {"page", "ticket", "acked", "silenced", "unheard", "bare"}),
        ("state=ack", {"acked"}),
        ("by=ana", {"acked"}),
        ("age>2d", {"ticket"}),
        ("value=?", set(ROWS) - {"page"}),
        ("elsewhere>2", {"page"}),
        ("fires<5m", {"pending"}),
        ("node=wk-1", None),
        ("wk-1", {"ticket"}),
        ("what~node=wk-1", {"ticket"}),
        ("label:node=wk-1", {"ticket"}),
        ("state=unknown", {"unknown"}),
    ],
)
def test_filters(text: str, found: set[str] | None) -> None:
    if found is None:
        with pytest.raises(ValueError, match="node"):
            parse(text, ALERTS)
        return
    kept = parse(text, ALERTS)
    assert {name for name, row in ROWS.items() if kept.matches(_entry(row), NOW)} == found


def _entry(row: Alert) -> Entry:
    return Entry(row=row, id=row.key, hay=ALERTS.haystack(row), key=(), tie="", rank=0)


def test_a_view_puts_pages_first_and_what_is_over_last() -> None:
    view: View[Any] = View(ALERTS, now=NOW)
    view.apply(Delta(upserts=tuple((row.key, row) for row in ROWS.values()), reset=True))
    while not view.settled:
        view.advance()
    names = [line.row.name for line in view.window(0, len(ROWS)) if isinstance(line, RowLine)]

    assert names[0] == "etcdNoLeader"
    assert names.index("KubeNodeNotReady") < names.index("Lost") < names.index("Soon") < names.index("Acked")
    assert set(names[-2:]) == {"Gone", "Unseen"}


def test_json_fields_of_get_alerts() -> None:
    fields = {field.name: field.value(ROWS["acked"]) for field in ALERTS.fields}

    assert fields["ack"] == {"by": "ana", "until": "2027-01-15T08:12:00Z", "comment": "on it", "silence": "s1"}
    assert (fields["phase"], fields["hush"], fields["call"]) == ("firing", "ack", "page")
    assert fields["labels"] == {"alertname": "Acked", "cluster": "eu-1", "severity": "warning"}
    assert {field.name: field.value(ROWS["page"]) for field in ALERTS.fields}["rule"] == {
        "query": "up == 0", "forSeconds": 300.0, "group": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    "more",
    [
        {"value": 7.0, "elsewhere": 3, "confirmed_at": NOW},
        {"phase": Phase.RESOLVED},
        {"call": Call.INFO},
        {"hush": Hush.SILENCED},
        {"ack": msgspec.structs.replace(ACK, by="ben")},
        {"planned": "maintenance: drain wk-1 by ben"},
        {"cluster": "us-7"},
        {"labels": labels("KubeNodeNotReady", node="wk-2")},
        {"annotations": (("summary", "another"),)},
    ],
)
def test_an_alert_that_changes_is_found_by_what_it_says_now(more: dict[str, Any]) -> None:
    before = msgspec.structs.replace(ROWS["acked" if "ack" in more else "ticket"], key="1")
    after = msgspec.structs.replace(before, **more)
    view = View(ALERTS, now=NOW)
    for row in (before, after):
        view.apply(Delta((("1", row),)))
    for word in ALERTS.haystack(after).split():
        view.refine(parse(f'"{word}"', ALERTS))
        assert [row.key for row in view.rows()] == ["1"], word


def test_another_value_is_taken_in_without_making_its_text_anew() -> None:
    made: list[str] = []

    def haystack(row: Alert) -> str:
        made.append(row.key)
        return ALERTS.haystack(row)

    view = View(msgspec.structs.replace(ALERTS, haystack=haystack), now=NOW)
    for value in (1.0, 2.0):
        view.apply(Delta((("1", msgspec.structs.replace(ROWS["page"], value=value)),)))
    assert len(made) == 1
    assert [row.value for row in view.rows()] == [2.0]
