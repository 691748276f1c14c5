"""What a console records while an incident is open: each thing once, whoever else records, and what it cannot know."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

import msgspec
import pytest

from fleetui.clients.system import UlidIds
from fleetui.model.alerts.alert import Ack, Alert, Hush, Phase
from fleetui.model.alerts.page_or_ticket import Call
from fleetui.model.alerts.pipeline import Level, Pipeline
from fleetui.model.cluster import Cluster, ClusterRef
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.freshness import Trust
from fleetui.model.history import Transition
from fleetui.model.incident import deeds
from fleetui.model.incident.before import before_symptom
from fleetui.model.incident.entry import EntryKind
from fleetui.model.incident.incident import Folding, Incident, by_fact, fold
from fleetui.model.incident.past import OURS, Happened, Told
from fleetui.model.incident.record import LackOf, Looked, Record, Recorded, Watched
from fleetui.model.incident.timeline import firing, timeline, unread
from fleetui.model.journal import Request, RequestKind
from fleetui.model.ledger import Operation
from fleetui.model.operation import Actor, Intent, OpState, Target
from fleetui.observe import incident_recorder
from fleetui.observe.incident_board import IncidentBoard
from fleetui.observe.incident_flapping import ONE_BY_ONE
from fleetui.observe.incident_past import READ_FOR_S
from fleetui.observe.incident_recorder import Author, Recorder
from fleetui.observe.table import Table
from fleetui.ports.incidents import JournalError, Load
from fleetui.ports.store import StoreUnusableError

NOON = 1_800_000_000.0
ANA = Actor("ana", "jump-1")


class Clock:
    """Stands still until told; ``sleep`` gives way."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, _: float) -> None:
        await asyncio.sleep(0)


class Journal:
    """Of several consoles, in memory."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.broken = ""
        self.damage: tuple[str, ...] = ()
        self.anew = False
        """The next reading begins from the beginning."""

    def append(self, records: Sequence[Record]) -> None:
        if self.broken:
            raise JournalError(self.broken)
        self.records += records

    def load(self, place: int = 0) -> Load:
        anew, self.anew = self.anew, False
        return Load(tuple(self.records[0 if anew else place :]), len(self.records), self.damage, anew)


class Alerts:
    def __init__(self) -> None:
        self.pipeline: Pipeline | None = Pipeline(at=NOON, level=Level.OK)
        self.sources = (("Alertmanager", "eu-a"),)


class Picture:
    """What one console sees."""

    def __init__(self) -> None:
        self.alerts: Table[Alert] = Table()
        self.alert_board = Alerts()
        self.clusters = {"prod-1": Cluster("prod-1", trust=Trust.LIVE)}
        self.seen: list[Transition] = []
        self.past: dict[str, Told | Exception] = {"events": Told(), "changes": Told()}
        self.asked: list[tuple[str, str, float]] = []
        self.hold: Callable[[str], asyncio.Event | None] = lambda _: None
        """By cluster, what its answer waits for."""

    def subscribe(self, table: Any, wake: Callable[[], None] | None = None) -> Any:
        assert table == "alerts"
        return self.alerts.subscribe(wake)

    def board(self, name: Any) -> object | None:
        return self.alert_board

    def cluster(self, name: str) -> Cluster | None:
        return self.clusters.get(name)

    def history(self, since: float) -> tuple[Transition, ...]:
        return tuple(sorted((one for one in self.seen if one.at >= since), key=lambda one: -one.at))

    async def events(self, cluster: str, *, since: float) -> Told:
        return await self._tell("events", cluster, since)

    async def changes(self, cluster: str, *, since: float) -> Told:
        return await self._tell("changes", cluster, since)

    async def _tell(self, about: str, cluster: str, since: float) -> Told:
        self.asked.append((about, cluster, since))
        if (held := self.hold(cluster)) is not None:
            await held.wait()
        told = self.past[about]
        if isinstance(told, Exception):
            raise told
        return told

    def ring(self, *alerts: Alert) -> None:
        self.alerts.apply("", [(alert.key, alert) for alert in alerts])


class Scene:
    def __init__(self) -> None:
        self.clock = Clock()
        self.journal = Journal()
        self.operations: list[Operation] = []
        self.store_error: Exception | None = None

    def console(self, picture: Picture, by: str = "ana@jump-1") -> IncidentBoard:
        def operations() -> Iterable[Operation]:
            if self.store_error is not None:
                raise self.store_error
            return self.operations

        return IncidentBoard(self.journal, picture, operations, by=by, clock=self.clock, ids=UlidIds())

    @property
    def incident(self) -> Incident:
        (found,) = fold(self.journal.records)
        return found

    @property
    def texts(self) -> list[str]:
        return [entry.text for entry in self.incident.entries]

    def count(self, text: str) -> int:
        """In the journal itself, however often it is shown."""
        records = (one for one in self.journal.records if isinstance(one, Recorded))
        return sum(text in one.entry.text for one in records)


def alert(**more: Any) -> Alert:
    said: dict[str, Any] = {
        "key": "k1", "name": "KubeNodeNotReady", "cluster": "prod-1", "labels": (("node", "wk-1"),),
        "phase": Phase.FIRING, "call": Call.PAGE, "why": "", "confirmed_at": NOON, "since": NOON - 300,
        "firing_since": NOON - 120, "sources": ("eu-a",),
    }  # fmt: skip
    return Alert(**(said | more))


def step(at: float, was: str, now: str, cluster: str = "prod-1") -> Transition:
    return Transition(at, cluster, "machine", "wk-1", "status", was, now)


async def rounds(board: IncidentBoard, holds: Callable[[], object]) -> None:
    """Watches until it is so."""
    work = asyncio.create_task(board.watch())
    try:
        async with asyncio.timeout(20):
            while not holds():  # noqa: ASYNC110 - the condition is anything
                await asyncio.sleep(0.001)
    finally:
        work.cancel()
        await asyncio.wait({work})


async def rounds_then(
    board: IncidentBoard, holds: Callable[[], object], then: Callable[[], None], after: Callable[[], object]
) -> None:
    """Watches until the one is so, does something, and watches on until the other is."""
    done = False

    def both() -> bool:
        nonlocal done
        if not done and holds():
            done = True
            then()
        return done and bool(after())

    await rounds(board, both)


async def settle(board: IncidentBoard, scene: Scene) -> None:
    """Until two more rounds have written nothing new but signs of life."""

    def written() -> int:
        return sum(not isinstance(one, Watched) for one in scene.journal.records)

    loads = 0
    before = -1
    load = scene.journal.load

    def counting(place: int = 0) -> Load:
        nonlocal loads, before
        loads, before = (loads + 1, before) if written() == before else (0, written())
        return load(place)

    scene.journal.load = counting  # type: ignore[method-assign]
    try:
        await rounds(board, lambda: loads > 4)
    finally:
        scene.journal.load = load  # type: ignore[method-assign]


async def begun(scene: Scene, picture: Picture) -> IncidentBoard:
    board = scene.console(picture)
    await board.start("node down", alerts=[alert()])
    return board


async def test_what_happens_is_recorded_from_ten_minutes_before_the_first_symptom() -> None:
    scene, picture = Scene(), Picture()
    picture.ring(alert(), alert(key="k2", name="Elsewhere", cluster="dr-2"))
    picture.seen = [
        step(NOON - 310, "Ready", "NotReady"),
        step(NOON - 1000, "NotReady", "Ready"),
        step(NOON - 5, "Ready", "NotReady", cluster="dr-2"),
    ]
    board = await begun(scene, picture)
    await settle(board, scene)
    assert scene.texts == [
        "wk-1 status Ready → NotReady",
        "KubeNodeNotReady fires: page (node=wk-1)",
        "incident begun: node down",
    ]
    assert scene.incident.symptom == NOON - 300
    assert [row.id for _, row in board.rows.snapshot()] == [scene.incident.id]


async def test_each_change_of_an_alert_is_told_once_with_who_did_it() -> None:
    scene, picture = Scene(), Picture()
    board = await begun(scene, picture)
    ack = Ack("6d1c", "ben", NOON + 900, "on it")
    for now in (
        alert(),
        alert(hush=Hush.ACKED, ack=ack),
        alert(hush=Hush.ACKED, ack=msgspec.structs.replace(ack, until=NOON + 1800)),
        alert(phase=Phase.UNKNOWN, ended_at=NOON + 10),
        alert(phase=Phase.RESOLVED, ended_at=NOON + 20),
    ):
        picture.ring(now)
        await settle(board, scene)
    said = [(entry.text, entry.who) for entry in scene.incident.entries if entry.kind.value == "alert"]
    assert said == [
        ("KubeNodeNotReady fires: page (node=wk-1)", ""),
        ("KubeNodeNotReady acknowledged: on it (node=wk-1)", "ben"),
        ("KubeNodeNotReady is unknown: nobody who could know has spoken since (node=wk-1)", ""),
        ("KubeNodeNotReady resolved (node=wk-1)", ""),
    ]


def drain(**more: Any) -> Operation:
    intent = Intent("drain", ClusterRef("prod-1", "prod-1"), (Target("wk-1", "u1"),), reason="CHG-1")
    said: dict[str, Any] = {"op_id": "01JOP", "intent": intent, "actor": ANA, "submitted": NOON + 1}
    return Operation(**(said | more))


async def test_operations_are_told_with_who_asked_and_how_they_ended() -> None:
    scene, picture = Scene(), Picture()
    board = await begun(scene, picture)
    scene.operations = [drain()]
    await settle(board, scene)
    assert not scene.count("drain"), "a proposal that nobody approved is no part of what happened"
    asked = (Request(RequestKind.APPROVE, ANA, NOON + 2, "d"),)
    running = drain(approved_by=ANA, asked=asked, started=NOON + 3, state=OpState.RUNNING)
    scene.operations = [running]
    await settle(board, scene)
    scene.operations = [msgspec.structs.replace(running, state=OpState.DONE, ended=NOON + 90, summary="4 pods moved")]
    await settle(board, scene)
    said = [(entry.text, entry.who) for entry in scene.incident.entries if entry.kind.value == "operation"]
    assert said == [
        ("drain wk-1 approved", "ana@jump-1"),
        ("drain wk-1 begun (CHG-1)", "ana@jump-1"),
        ("drain wk-1 done: 4 pods moved", ""),
    ]


async def test_clusters_are_asked_what_changed_before_and_what_they_may_not_tell_is_named() -> None:
    scene, picture = Scene(), Picture()
    picture.past["changes"] = Told(
        (Happened(NOON - 420, "Deployment", "shop", "web", "edited (Update)", "helm"),),
        (LackOf("secrets", "may not be listed (403)"),),
    )
    picture.past["events"] = Told(
        (Happened(NOON - 200, "Pod", "shop", "web-1", "BackOff: again", warning=True, count=4),)
    )
    board = await begun(scene, picture)
    await settle(board, scene)
    (change,) = before_symptom(scene.incident)
    assert (change.text, change.who) == ("Deployment shop/web edited (Update)", "helm")
    assert unread(scene.incident) == ("secrets of prod-1: may not be listed (403)",)
    assert "Pod shop/web-1 BackOff: again (4 times)" in scene.texts
    assert ("changes", "prod-1", NOON - 300 - 7200) in picture.asked
    assert ("events", "prod-1", NOON - 300 - 600) in picture.asked
    assert sum(about == "changes" for about, *_ in picture.asked) == 1


async def test_a_change_that_our_own_controller_made_names_whoever_asked_for_it() -> None:
    scene, picture = Scene(), Picture()
    picture.past["changes"] = Told((Happened(NOON - 420, "Node", "", "wk-1", "edited", OURS),))
    scene.operations = [drain(approved_by=ANA, submitted=NOON - 500, started=NOON - 430, ended=NOON - 400)]
    board = await begun(scene, picture)
    await settle(board, scene)
    assert ("Node wk-1 edited", "ana@jump-1") in [(one.text, one.who) for one in before_symptom(scene.incident)]


async def test_an_event_that_comes_again_is_told_when_its_number_has_doubled() -> None:
    scene, picture = Scene(), Picture()
    board = await begun(scene, picture)
    for count in (1, 2, 3, 4, 5, 6, 7, 8):
        event = Happened(NOON + count, "Pod", "shop", "web-1", "BackOff: again", warning=True, count=count)
        picture.past["events"] = Told((event,))
        board.look_back()
        await settle(board, scene)
    assert scene.count("BackOff") == 4


async def test_a_cluster_that_does_not_answer_is_asked_again_and_named_until_then() -> None:
    scene, picture = Scene(), Picture()
    picture.past["changes"] = ClusterError(Fault(FaultKind.REFUSED, "refused", "", ""))
    board = await begun(scene, picture)
    await settle(board, scene)
    assert unread(scene.incident) == ("changes of prod-1: not read (refused)",)
    picture.past["changes"] = Told()
    board.look_back()
    await settle(board, scene)
    assert unread(scene.incident) == ()


async def test_events_that_cannot_be_read_are_named_once_until_they_are() -> None:
    scene, picture = Scene(), Picture()
    refused = ClusterError(Fault(FaultKind.REFUSED, "refused", "", ""))
    board = await begun(scene, picture)
    for past, missing in ((refused, 1), (refused, 1), (Told(), 0), (refused, 0), (Told(), 0)):
        picture.past["events"] = past
        board.look_back()
        await settle(board, scene)
        assert unread(scene.incident) == ("events of prod-1: not read (refused)",) * missing
    assert [len(one.lacks) for one in scene.journal.records if isinstance(one, Looked) and one.about == "events"] == [
        1, 0,
    ]  # fmt: skip


async def test_what_a_defect_keeps_from_being_read_is_named() -> None:
    scene, picture = Scene(), Picture()
    picture.past["events"] = RuntimeError("ours")
    await settle(await begun(scene, picture), scene)
    assert unread(scene.incident) == ("events of prod-1: not read (RuntimeError)",)


async def test_a_cluster_that_is_dead_does_not_keep_the_past_of_the_others_waiting() -> None:
    scene, picture = Scene(), Picture()
    never = asyncio.Event()
    picture.hold = lambda cluster: never if cluster == "dead" else None
    change = Happened(NOON - 420, "Deployment", "shop", "web", "edited", "helm")
    picture.past["changes"] = Told((change,))
    board = scene.console(picture)
    await board.start("x", clusters=["dead", "prod-1"])
    await board.start("y", clusters=["prod-1"])
    await rounds(board, lambda: scene.count("edited") == 2)


async def test_eight_clusters_are_read_at_once_and_no_more() -> None:
    scene, picture = Scene(), Picture()
    gate, inside, most = asyncio.Event(), 0, 0

    class Counted(asyncio.Event):
        async def wait(self) -> Literal[True]:
            nonlocal inside, most
            inside += 1
            most = max(most, inside)
            await gate.wait()
            inside -= 1
            return True

    picture.hold = lambda _: Counted()
    board = scene.console(picture)
    await board.start("x", clusters=[f"c-{number}" for number in range(20)])
    await rounds_then(board, lambda: inside >= 8, gate.set, lambda: len(picture.asked) >= 40)
    assert most == 8


async def test_an_alert_that_fires_again_as_if_it_had_never_ended_is_told_again() -> None:
    """A source may keep the beginning of the first time; told with that it would be called ended while it burns."""
    scene, picture = Scene(), Picture()
    board = await begun(scene, picture)
    for at, now in (
        (0, alert()),
        (20, alert(phase=Phase.RESOLVED, ended_at=NOON + 20)),
        (40, alert()),
        (60, alert(phase=Phase.ENDED_UNSEEN)),
        (80, alert(firing_since=NOON + 75)),
        (90, alert(phase=Phase.PENDING, firing_since=None, since=NOON + 90)),
        (95, alert(firing_since=NOON + 92)),
    ):
        scene.clock.at = NOON + at
        picture.ring(now)
        await settle(board, scene)
    fired = [entry.at - NOON for entry in scene.incident.entries if "fires" in entry.text]
    assert fired == [-120, 40, 80, 92]
    assert firing(scene.incident) == ("KubeNodeNotReady",)


async def test_a_storm_looks_through_what_is_written_down_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scene, picture = Scene(), Picture()
    board = await begun(scene, picture)
    events = tuple(Happened(NOON - 500 + one / 10, "Pod", "shop", f"web-{one}", "BackOff") for one in range(2000))
    picture.past["events"] = Told(events)
    gathered = 0

    def counted(incident: Incident) -> Any:
        nonlocal gathered
        gathered += 1
        return by_fact(incident)

    monkeypatch.setattr(incident_recorder, "by_fact", counted)
    await settle(board, scene)
    assert scene.count("BackOff") == 2000
    assert gathered < 5


async def test_a_defect_in_one_reading_does_not_end_the_recording() -> None:
    scene, picture = Scene(), Picture()
    picture.past["events"] = RuntimeError("ours")
    board = await begun(scene, picture)
    await settle(board, scene)
    picture.ring(alert())
    await settle(board, scene)
    assert scene.count("fires") == 1


async def test_two_consoles_record_one_timeline_and_see_each_others_notes() -> None:
    scene, ours, theirs = Scene(), Picture(), Picture()
    mine = await begun(scene, ours)
    other = scene.console(theirs, by="ben@jump-2")
    for picture in (ours, theirs):
        picture.ring(alert())
        picture.seen = [step(NOON + (1 if picture is ours else 2), "Ready", "NotReady")]
    await settle(mine, scene)
    await settle(other, scene)
    await other.note(scene.incident.id, "rack C is dark")
    await mine.refresh()
    assert [text for text in scene.texts if "NotReady" in text] == [
        "KubeNodeNotReady fires: page (node=wk-1)",
        "wk-1 status Ready → NotReady",
    ]
    (row,) = mine.open
    assert row.people == ("ana@jump-1", "ben@jump-2")


async def test_a_console_that_starts_again_tells_nothing_twice() -> None:
    scene, picture = Scene(), Picture()
    picture.ring(alert(ack=Ack("6d1c", "ben", NOON + 900, ""), hush=Hush.ACKED))
    picture.seen = [step(NOON - 100, "Ready", "NotReady")]
    await settle(await begun(scene, picture), scene)
    before = [one for one in scene.journal.records if not isinstance(one, Watched)]
    scene.clock.at = NOON + 400
    await settle(scene.console(picture), scene)
    after = [one for one in scene.journal.records if isinstance(one, Recorded)]
    assert after == [one for one in before if isinstance(one, Recorded)]


async def test_who_falls_silent_becomes_a_gap_that_ends_when_it_speaks() -> None:
    scene, picture = Scene(), Picture()
    board = await begun(scene, picture)
    await settle(board, scene)
    for at, failed in ((10, ["eu-a"]), (60, ["eu-a"]), (130, []), (190, [])):
        scene.clock.at = NOON + at
        picture.alert_board.pipeline = Pipeline(at=NOON, level=Level.DEAD, failed=frozenset(failed))
        await settle(board, scene)
    lines = [line for line in timeline(scene.incident, NOON + 190) if line.kind == "gap"]
    assert [(line.text, line.at - NOON, (line.until or 0) - NOON) for line in lines] == [
        ("unknown: Alertmanager eu-a silent", 10, 130)
    ]


async def test_a_cluster_that_is_not_heard_becomes_a_gap() -> None:
    scene, picture = Scene(), Picture()
    board = await begun(scene, picture)
    await settle(board, scene)
    picture.clusters["prod-1"] = Cluster("prod-1", trust=Trust.SILENT)
    for at in (10, 70):
        scene.clock.at = NOON + at
        await settle(board, scene)
    texts = [line.text for line in timeline(scene.incident, NOON + 70) if line.kind == "gap"]
    assert texts == ["unknown: cluster prod-1 silent"]


async def test_nothing_is_recorded_of_an_incident_that_is_closed() -> None:
    scene, picture = Scene(), Picture()
    board = await begun(scene, picture)
    await settle(board, scene)
    await board.finish(scene.incident.id, "over")
    assert board.open == ()
    picture.ring(alert())
    await settle(board, scene)
    assert scene.texts[-1] == "incident closed: over"
    with pytest.raises(ValueError, match="closed by ana@jump-1 already"):
        await board.finish(scene.incident.id, "again")


async def test_a_journal_that_cannot_be_written_is_said_until_it_can_and_nothing_is_lost() -> None:
    scene, picture = Scene(), Picture()
    board = await begun(scene, picture)
    await settle(board, scene)
    scene.journal.broken = "the disk is full"
    picture.ring(alert())
    await rounds(board, lambda: board.trouble == "the disk is full")
    with pytest.raises(JournalError, match="the disk is full"):
        await board.note(scene.incident.id, "x")
    scene.journal.broken = ""
    await rounds(board, lambda: not board.trouble and scene.count("fires"))
    assert scene.count("fires") == 1


async def test_a_storm_is_cut_off_and_says_so_while_alerts_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incident_recorder, "MOST", 50)
    scene, picture = Scene(), Picture()
    board = await begun(scene, picture)
    picture.seen = [step(NOON + at, "Ready", "NotReady") for at in range(100)]
    await settle(board, scene)
    picture.ring(alert())
    await settle(board, scene)
    assert scene.count("status Ready") == 49
    assert scene.count("more than") == 1
    assert scene.count("fires") == 1


def test_an_alert_that_flaps_all_night_is_counted_and_its_last_word_is_true() -> None:
    picture = Picture()
    recorder = Recorder(picture, lambda: (), Author("ana@jump-1", "A"))
    begin = deeds.begin(deeds.Hand("ana@jump-1", NOON), "01INCIDENT", "flaps", alerts=[alert()])
    folding = Folding()
    folding.feed([begin])

    def ring(second: int, *, fires: bool) -> None:
        now = NOON + second
        picture.ring(alert(firing_since=now) if fires else alert(phase=Phase.RESOLVED, ended_at=now))
        recorder.look()
        folding.feed(recorder.news(folding.incident("01INCIDENT"), now))

    for second in range(0, 3600, 5):
        ring(second, fires=second % 10 == 0)
    incident = folding.incident("01INCIDENT")
    alone = [entry.text for entry in incident.entries if entry.kind is EntryKind.ALERT]
    counted = [text for text in alone if "not written down one by one" in text]

    assert len(alone) <= ONE_BY_ONE + 2 * 6
    assert counted[0] == "KubeNodeNotReady changed 120 times in 10m, not written down one by one (node=wk-1)"
    ring(9000, fires=True)
    assert firing(folding.incident("01INCIDENT")) == ("KubeNodeNotReady",)
    ring(9900, fires=False)
    assert firing(folding.incident("01INCIDENT")) == ()


async def test_a_store_of_operations_that_is_broken_is_said_and_all_else_is_recorded() -> None:
    scene, picture = Scene(), Picture()
    board = await begun(scene, picture)
    scene.store_error = StoreUnusableError("the store is damaged", "keep a copy")
    picture.ring(alert())
    await rounds(board, lambda: "the store is damaged" in board.trouble and scene.count("fires"))
    for at, error in ((60, scene.store_error), (120, None), (180, None)):
        scene.clock.at, scene.store_error = NOON + at, error
        await settle(board, scene)
    assert board.trouble == ""
    (line,) = (one for one in timeline(scene.incident, NOON + 180) if one.kind == "gap")
    assert (line.text, line.at - NOON, (line.until or 0) - NOON) == (
        "unknown: the store of operations silent", 0, 120,
    )  # fmt: skip


async def test_a_defect_in_the_recording_is_said_and_logged_and_the_recording_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    scene, picture = Scene(), Picture()
    board = await begun(scene, picture)
    scene.store_error = RuntimeError("ours")
    await rounds(board, lambda: "RuntimeError: ours" in board.trouble)
    assert "recording incidents failed" in caplog.text
    scene.store_error = None
    picture.ring(alert())
    await rounds(board, lambda: not board.trouble and scene.count("fires"))


async def test_damage_of_the_journal_is_said_as_long_as_it_is_there() -> None:
    scene = Scene()
    board = scene.console(Picture())
    scene.journal.damage = ("line 2 is not what was written",)
    await rounds(board, lambda: board.trouble == "line 2 is not what was written")


async def test_a_journal_that_has_become_another_is_read_from_its_beginning() -> None:
    scene = Scene()
    board = await begun(scene, Picture())
    other = msgspec.structs.replace(scene.journal.records[0], incident="other", title="another")
    scene.journal.records, scene.journal.anew = [other], True
    await board.refresh()
    assert [row.title for row in board.open] == ["another"]


async def test_an_alert_that_fires_again_while_nobody_records_is_told_by_the_next_console_once() -> None:
    scene, picture = Scene(), Picture()
    board = await begun(scene, picture)
    for now in (alert(), alert(phase=Phase.RESOLVED, ended_at=NOON + 20)):
        picture.ring(now)
        await settle(board, scene)
    picture.ring(alert())
    for at in (400, 800):
        scene.clock.at = NOON + at
        await settle(scene.console(picture), scene)
    assert [entry.at - NOON for entry in scene.incident.entries if "fires" in entry.text] == [-120, 400]
    assert firing(scene.incident) == ("KubeNodeNotReady",)


async def test_the_past_of_one_that_nobody_closes_is_read_no_more_and_that_is_said_once() -> None:
    scene, picture = Scene(), Picture()
    board = await begun(scene, picture)
    await settle(board, scene)
    scene.clock.at = NOON + READ_FOR_S
    await rounds(board, lambda: scene.count("events are not read any more"))
    asked = len(picture.asked)
    await settle(board, scene)
    # On the screen: a watch that is cancelled between the journal and its memory writes a line twice, told once.
    said = sum("events are not read any more" in text for text in scene.texts)
    assert (len(picture.asked), said) == (asked, 1)
    board.look_back()
    await rounds(board, lambda: len(picture.asked) > asked)
