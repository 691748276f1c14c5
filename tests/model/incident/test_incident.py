"""Records become an incident: nothing twice, nothing lost, what nobody can know is named."""

import msgspec
import pytest

from fleetui.model.alerts.alert import Alert, Phase
from fleetui.model.alerts.page_or_ticket import Call
from fleetui.model.cluster import ClusterRef
from fleetui.model.incident import deeds
from fleetui.model.incident.before import before_symptom, why_nothing
from fleetui.model.incident.checklist import CHECKLIST, next_item, progress
from fleetui.model.incident.entry import EntryKind
from fleetui.model.incident.gaps import NOBODY, gaps
from fleetui.model.incident.incident import Folding, IncidentError, by_fact, fold, is_news
from fleetui.model.incident.past import MAY_NOT, Happened, person
from fleetui.model.incident.record import LackOf, Record
from fleetui.model.incident.story import post_mortem
from fleetui.model.incident.timeline import firing, timeline, unread
from fleetui.model.ledger import Operation
from fleetui.model.operation import Actor, Intent, Target
from tests.model.incident.stories import (
    ANA,
    BEN,
    ID,
    NOON,
    STORY,
    change,
    closed,
    entry,
    fires,
    looked,
    noted,
    opened,
    seen,
    ticked,
    told,
    watched,
)

HAND = deeds.Hand(ANA, NOON, "A")


def texts(*records: Record) -> list[str]:
    return [one.text for one in told(opened(), *records).entries[1:]]


# One thing is there once.


def test_one_fact_of_two_consoles_is_one_entry() -> None:
    assert texts(seen(fires("X", NOON), console="A"), seen(fires("X", NOON + 6), console="B")) == ["X fires: page"]


def test_the_same_again_later_is_another_entry() -> None:
    assert len(texts(seen(fires("X", NOON), console="A"), seen(fires("X", NOON + 60), console="B"))) == 2


def test_what_flaps_under_one_console_is_told_each_time() -> None:
    assert len(texts(seen(fires("X", NOON)), seen(fires("X", NOON + 6)))) == 2


def test_what_can_be_true_only_once_is_there_once() -> None:
    ack = entry("X acknowledged", NOON, EntryKind.ALERT, fact="alert/k1/ack/6d1c", once=True)
    later = msgspec.structs.replace(ack, at=NOON + 900)
    assert texts(seen(ack, console="A"), seen(later, console="B")) == ["X acknowledged"]


def test_notes_are_never_taken_for_each_other() -> None:
    assert texts(noted("looking", NOON), noted("looking", NOON)) == ["looking", "looking"]


def test_entries_are_in_the_order_of_what_happened_not_of_what_was_written() -> None:
    assert texts(seen(fires("X", NOON + 50)), noted("before", NOON + 20)) == ["before", "X fires: page"]


def test_every_prefix_of_a_journal_folds_and_feeding_in_parts_is_the_same() -> None:
    folding = Folding()
    for count, record in enumerate(STORY, 1):
        assert folding.feed([record]) == {ID}
        assert folding.incidents() == fold(STORY[:count])


def test_records_of_an_incident_that_never_began_change_nothing() -> None:
    assert fold([noted("lost", NOON)]) == ()


def test_only_the_first_close_counts_and_notes_go_on() -> None:
    again = msgspec.structs.replace(closed(NOON + 2000), by=ANA, summary="again")
    incident = told(opened(), closed(), again, noted("the next day", NOON + 90_000))
    assert (incident.open, incident.closed, incident.closed_by) == (False, NOON + 1800, BEN)
    assert incident.summary == "rack C has power again"
    assert incident.entries[-1].text == "the next day"


def test_what_is_known_already_is_no_news() -> None:
    known = by_fact(told(*STORY))
    assert not is_news(known, fires("KubeNodeNotReady", NOON - 118))
    assert is_news(known, fires("KubeNodeNotReady", NOON + 600))
    once = msgspec.structs.replace(fires("KubeNodeNotReady", NOON + 600), once=True)
    assert not is_news(known, once)
    assert is_news({}, once)


# The checklist.


def test_items_are_checked_off_and_taken_back() -> None:
    incident = told(opened(), ticked("lead"), ticked("ack"), ticked("lead", done=False))
    assert list(incident.ticks) == ["ack"]
    assert progress(incident) == (1, len(CHECKLIST))
    first = next_item(incident.ticks)
    assert first is not None
    assert first.id == "lead"


# What changed before.


def test_what_changed_before_the_first_symptom_has_the_latest_first() -> None:
    assert [one.text for one in before_symptom(told(*STORY))] == [
        "Deployment shop/web rolls out web-7d9",
        "Deployment shop/web edited (Update)",
    ]


def test_what_could_not_be_read_is_named_and_what_was_never_read_too() -> None:
    lacks = (LackOf("secrets", "may not be listed (403)"), LackOf("configmaps", "may not be listed (403)"))
    incident = told(opened(clusters=("prod-1", "dr-2")), looked(*lacks))
    assert unread(incident) == (
        "secrets, configmaps of prod-1: may not be listed (403)",
        "events of prod-1: not read",
        "events, changes of dr-2: not read",
    )
    assert unread(told(opened(), looked(*lacks), looked(), looked(about="events"))) == ()


def test_a_subject_that_did_not_answer_was_asked_for_and_not_read() -> None:
    asked = (looked(), looked(LackOf("events", "not read (refused)"), about="events"))
    incident = told(opened(), *asked)
    assert unread(incident) == ("events of prod-1: not read (refused)",)
    assert (incident.was_read("prod-1", "changes"), incident.was_read("prod-1", "events")) == (True, False)
    assert told(opened(), *asked, looked(about="events")).was_read("prod-1", "events")
    assert "events of prod-1: not read (refused)" in post_mortem(incident, NOON + 60).replace("\\", "")


@pytest.mark.parametrize(
    ("phases", "still"),
    [
        (("firing",), ("X",)),
        (("pending",), ()),
        (("firing", "unknown"), ("X",)),
        (("firing", "resolved"), ()),
        (("firing", "unknown", "ended unseen"), ()),
        (("firing", "resolved", "firing"), ("X",)),
    ],
)
def test_what_still_fires_is_what_was_not_seen_to_end(phases: tuple[str, ...], still: tuple[str, ...]) -> None:
    records = [seen(fires("X", NOON + 60 * at, phase=phase)) for at, phase in enumerate(phases)]
    assert firing(told(opened(), *records)) == still


# Gaps.


def spans(*records: Record, now: float = NOON + 600) -> list[tuple[str, float, float | None]]:
    """In seconds from the beginning."""
    found = gaps(told(opened(), *records), now)
    return [(gap.what, gap.since - NOON, None if gap.until is None else gap.until - NOON) for gap in found]


def beats(begin: float, end: float, *, console: str = "A", hears: tuple[str, ...] = ()) -> list[Record]:
    return [watched(NOON + at, console=console, hears=hears) for at in range(int(begin), int(end) + 1, 60)]


def test_a_console_that_was_always_there_leaves_no_gap() -> None:
    assert spans(*beats(0, 600)) == []


def test_without_a_console_nobody_recorded() -> None:
    assert spans() == [(NOBODY, 0, None)]


def test_one_that_was_killed_is_gone_from_its_last_sign_of_life() -> None:
    assert spans(*beats(0, 240)) == [(NOBODY, 240, None)]


def test_one_that_beat_a_moment_ago_is_there() -> None:
    assert spans(*beats(0, 540)) == []


def test_a_hole_between_two_consoles_is_a_gap_that_has_ended() -> None:
    assert spans(*beats(0, 120), *beats(420, 600, console="B")) == [(NOBODY, 120, 420)]


def test_a_second_console_fills_the_hole_of_the_first() -> None:
    assert spans(*beats(0, 120), *beats(60, 600, console="B")) == []


AM = "Alertmanager eu-a"


def test_a_source_that_nobody_heard_is_named_with_its_times() -> None:
    records = [*beats(0, 120, hears=(AM,)), watched(NOON + 130, silent=(AM,)), watched(NOON + 190, silent=(AM,))]
    back = beats(250, 600, hears=(AM,))
    assert spans(*records, *back) == [(AM, 130, 250)]
    text = [line.text for line in timeline(told(opened(), *records, *back), NOON + 600) if line.kind == "gap"]
    assert text == ["unknown: Alertmanager eu-a silent"]


def test_a_source_that_is_still_silent_has_no_end() -> None:
    silent = [watched(NOON + at, silent=(AM,)) for at in range(60, 601, 60)]
    assert spans(watched(NOON, hears=(AM,)), *silent) == [(AM, 60, None)]


def test_what_another_console_heard_is_no_gap() -> None:
    deaf = [watched(NOON + at, silent=(AM,)) for at in range(0, 601, 60)]
    assert spans(*deaf, *beats(0, 600, console="B", hears=(AM,))) == []


def test_while_nobody_recorded_no_source_is_blamed() -> None:
    found = spans(watched(NOON, silent=(AM,)), watched(NOON + 60, silent=(AM,)), *beats(400, 600, hears=(AM,)))
    assert found == [(AM, 0, 60), (NOBODY, 60, 400)]


def test_two_polls_are_no_gap() -> None:
    blip = [watched(NOON + 120, silent=(AM,)), watched(NOON + 125, hears=(AM,))]
    assert spans(*beats(0, 60, hears=(AM,)), *blip, *beats(180, 600, hears=(AM,))) == []


def test_after_its_end_nothing_is_missing() -> None:
    records = [*beats(0, 300), closed(NOON + 300)]
    assert spans(*records, now=NOON + 90_000) == []


# What people do.


def alert(cluster: str = "prod-1", since: float | None = NOON - 90) -> Alert:
    return Alert(
        key=f"k-{cluster}", name="X", cluster=cluster, labels=(), phase=Phase.FIRING, call=Call.PAGE, why="",
        confirmed_at=NOON, since=since,
    )  # fmt: skip


def test_an_incident_begins_with_its_oldest_alert_and_the_clusters_of_all() -> None:
    made = deeds.begin(
        HAND, ID, " node\ndown ", alerts=[alert(), alert("dr-2", NOON - 400), alert("", None)], clusters=["ci"]
    )
    assert (made.title, made.symptom, made.clusters) == ("node down", NOON - 400, ("prod-1", "dr-2", "ci"))
    assert [ref.key for ref in made.alerts] == ["k-prod-1", "k-dr-2", "k-"]


def test_an_alert_from_the_future_of_a_wrong_clock_does_not_move_the_symptom_there() -> None:
    assert deeds.begin(HAND, ID, "x", alerts=[alert(since=NOON + 900)]).symptom == NOON


@pytest.mark.parametrize(
    ("attempt", "said"),
    [
        (lambda: deeds.begin(HAND, ID, " \n", clusters=["a"]), "needs a title"),
        (lambda: deeds.begin(HAND, ID, "x"), "an alert or a cluster"),
        (lambda: deeds.note(HAND, told(opened()), "  "), "empty note"),
        (lambda: deeds.tick(HAND, told(opened()), "dance", done=True), "there are lead, ack"),
        (lambda: deeds.close(HAND, told(opened()), ""), "a summary is needed"),
        (lambda: deeds.close(HAND, told(opened(), closed()), "x"), "closed by ben@jump-2 already"),
        (lambda: deeds.found([told(opened())], "NOTHING"), "none match"),
        (lambda: deeds.found([told(opened())], ""), "none match"),
    ],
)
def test_what_makes_no_sense_says_what_would(attempt: object, said: str) -> None:
    with pytest.raises(IncidentError, match=said):
        attempt()  # type: ignore[operator]


def test_the_end_of_an_id_is_enough() -> None:
    incident = told(opened())
    assert deeds.found([incident], "4f7q") is incident


def test_a_change_of_another_cluster_is_not_confused_with_the_same_in_this_one() -> None:
    assert len(texts(seen(change("x", NOON)), seen(change("x", NOON, cluster="dr-2")))) == 2


DAY = 86_400.0


@pytest.mark.parametrize(
    ("records", "why"),
    [
        ((opened(),), "not read yet"),
        ((opened(), looked(LackOf("changes", "not read (timeout)"))), "nothing that could be read"),
        ((opened(), looked(LackOf("secrets", MAY_NOT))), "nothing in the 2h before it, in what could be read"),
        ((opened(clusters=("prod-1", "prod-2")), looked()), "nothing in the 2h before it, in what could be read"),
        ((opened(), looked()), "nothing in the 2h before it, and all was read"),
        ((opened(clusters=()),), "not looked for: its alerts name no cluster that could be asked"),
        ((opened(symptom=NOON - 12 * DAY), looked()),
         "not looked for: its first symptom was 12d before it was begun. The last day stands in the timeline"),
    ],
)  # fmt: skip
def test_an_empty_list_of_changes_says_why_it_is_empty(records: tuple[Record, ...], why: str) -> None:
    assert why_nothing(told(*records)) == why


def at_work(by: str, *, began: float, ended: float | None = None, target: str = "wk-1") -> Operation:
    user, _, host = by.partition("@")
    intent = Intent("cordon", ClusterRef("prod-1", "prod-1"), (Target(target, "u1"),), reason="CHG-1")
    return Operation(op_id=by, intent=intent, actor=Actor(user, host), submitted=began, started=began, ended=ended)


@pytest.mark.parametrize(
    ("change", "operations", "who"),
    [
        ({}, [at_work("ana@jump-1", began=NOON - 5)], "ana@jump-1"),
        ({}, [at_work("ana@jump-1", began=NOON - 60, ended=NOON - 30)], "fleetui"),
        ({}, [at_work("ana@jump-1", began=NOON - 5, target="wk-2")], "fleetui"),
        ({}, [at_work("ana@jump-1", began=NOON - 5), at_work("ben@jump-2", began=NOON - 5)], "fleetui"),
        ({"who": "kubectl-edit"}, [at_work("ana@jump-1", began=NOON - 5)], "kubectl-edit"),
        ({}, [], "fleetui"),
    ],
)
def test_our_own_audit_knows_the_person_behind_our_own_program(
    change: dict[str, str], operations: list[Operation], who: str
) -> None:
    plain = Happened(NOON, "Node", "", "wk-1", "edited", "fleetui")
    one = msgspec.structs.replace(plain, **change)
    assert person("prod-1", one, operations) == who
    assert person("prod-2", one, operations) == one.who
