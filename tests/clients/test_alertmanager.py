"""What an Alertmanager does on a bad day, and what an answer of 5,000 alerts costs."""

import asyncio
import gc
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from aiohttp import web

from fleetui.clients.alertmanager import wire
from fleetui.clients.alertmanager.alerts_body import AlertsBody
from fleetui.clients.alertmanager.connect import open_alertmanagers
from fleetui.clients.alertmanager.members import Members
from fleetui.clients.system import SystemClock
from fleetui.model.alerts.evidence import Active, AlertmanagerSays, Evaluation, Origin, PrometheusSays, Rule
from fleetui.model.alerts.grouping import grouped
from fleetui.model.alerts.label_set import label_set
from fleetui.model.alerts.lifetime import follow
from fleetui.model.alerts.matcher import Matcher
from fleetui.model.alerts.merge import Evidence, merge
from fleetui.model.alerts.pipeline import pipeline
from fleetui.model.alerts.silence import Draft
from fleetui.model.fault import FaultKind
from fleetui.model.monitoring import AlertmanagerConfig, AuthConfig, SecretConfig
from fleetui.ports.ended import Ended
from tests.bed.alertmanager import Alertmanagers
from tests.clients.scripted import LowChance, TurnedClock, serving
from tests.clients.scripted_alertmanager import Mesh, alertmanager, now_text, refuse

STORM = 5_000
Answering = Callable[[web.BaseRequest], Awaitable[web.StreamResponse | None]]


def draft(name: str = "Noisy") -> Draft:
    now = time.time()
    return Draft((Matcher("alertname", name), Matcher("cluster", "eu-1")), now, now + 60, "ana", "why")


@asynccontextmanager
async def asking(*urls: str, clock: SystemClock | None = None, **config: object) -> AsyncIterator[Members]:
    configured = {f"am-{number}": AlertmanagerConfig(url=url, **config) for number, url in enumerate(urls)}  # type: ignore[arg-type]
    members = open_alertmanagers(configured, clock=clock or SystemClock(), chance=LowChance())
    try:
        yield members
    finally:
        await members.close()


def always(response: Callable[[], web.Response]) -> Answering:
    async def handle(_: web.BaseRequest) -> web.StreamResponse:
        return response()

    return handle


@pytest.mark.parametrize(
    ("response", "kind", "word"),
    [
        (lambda: web.Response(status=401), FaultKind.UNAUTHORIZED, "401 unauthorized"),
        (lambda: web.Response(status=403, text="no"), FaultKind.FORBIDDEN, "403 forbidden"),
        (lambda: web.Response(status=429), FaultKind.THROTTLED, "429 throttled"),
        (lambda: web.Response(status=404, text="page not found"), FaultKind.SERVER_ERROR, "not there"),
        (lambda: web.Response(status=503, text="upstream"), FaultKind.SERVER_ERROR, "503 not ready"),
        (lambda: web.Response(status=302, headers={"Location": "/login"}), FaultKind.UNAUTHORIZED, "302 redirect"),
        (lambda: web.Response(text="<html>hello</html>"), FaultKind.SERVER_ERROR, "not Alertmanager"),
        (lambda: web.json_response({"alerts": []}), FaultKind.SERVER_ERROR, "not Alertmanager"),
        (lambda: web.Response(body=b'[{"labels": "\xff'), FaultKind.SERVER_ERROR, "not Alertmanager"),
    ],
)
async def test_every_refusal_is_a_fault_with_a_remedy(
    response: Callable[[], web.Response], kind: FaultKind, word: str
) -> None:
    async with serving(always(response)) as server, asking(server.url) as members:
        look = await members.look()

    for said in (*look.alerts, *look.silences):
        assert said.fault is not None
        assert (said.fault.kind, said.fault.word) == (kind, word)
        assert said.fault.remedy
    assert look.alerts[0].posted == ()


async def test_nobody_listening_is_a_fault_and_the_others_answer() -> None:
    async with alertmanager() as (member, server):
        member.mesh.fire({"alertname": "A", "cluster": "eu-1"})
        async with asking("http://127.0.0.1:1", server.url) as members:
            look = await members.look()

    assert [said.fault and said.fault.word for said in look.alerts] == ["refused", None]
    assert len(look.alerts[1].posted) == 1


async def test_a_hung_one_costs_its_own_timeout_and_no_other_ones_answer() -> None:
    never = asyncio.Event()

    async def hang(_: web.BaseRequest) -> web.StreamResponse | None:
        await never.wait()
        return None

    async with alertmanager() as (hung, hung_server), alertmanager() as (_, server):
        hung.trouble = hang
        async with asking(hung_server.url, server.url, timeout="1s") as members:
            look = await members.look()
        never.set()

    assert look.alerts[0].fault is not None
    assert look.alerts[0].fault.kind is FaultKind.TIMEOUT
    assert look.alerts[1].fault is None


async def test_a_dead_one_is_left_alone_after_three_failures_and_tried_again_later() -> None:
    clock = TurnedClock()
    async with alertmanager() as (member, server), asking(server.url, clock=clock) as members:
        member.trouble = refuse
        for _ in range(3):
            await members.look()
        asked = len(server.seen)
        closed = await members.look()
        assert len(server.seen) == asked
        assert closed.alerts[0].fault is not None
        assert "asked again in" in closed.alerts[0].fault.detail

        member.trouble = None
        clock.ahead = 60.0
        await members.look()  # one of its two questions is the trial
        assert (await members.look()).alerts[0].fault is None


async def test_what_was_not_sent_is_refused_not_unknown() -> None:
    async with asking("http://127.0.0.1:1") as members:
        outcomes = [(await members.post(draft()))[0] for _ in range(4)]

    assert {outcome.ended for outcome in outcomes} == {Ended.REFUSED}
    assert not any(outcome.answered for outcome in outcomes)


async def test_a_lost_answer_is_looked_up_and_nothing_is_posted_twice() -> None:
    async def lose_posts(request: web.BaseRequest) -> web.StreamResponse | None:
        return await refuse(request) if request.method == "POST" else None

    async with alertmanager() as (member, server), asking(server.url) as members:
        member.after = lose_posts
        (outcome,) = await members.post(draft())

    assert [outcome.ended, outcome.id] == [Ended.DONE, next(iter(member.mesh.silences))]
    assert [seen.method for seen in server.seen].count("POST") == 1


async def test_a_lost_answer_that_is_not_found_is_unknown_and_no_peer_is_asked() -> None:
    async def lose_posts(request: web.BaseRequest) -> web.StreamResponse | None:
        return await refuse(request) if request.method == "POST" else None

    mesh = Mesh()
    async with alertmanager(mesh) as (member, server), alertmanager(mesh) as (_, other):
        member.trouble = lose_posts
        async with asking(server.url, other.url) as members:
            (outcome,) = await members.post(draft(), near=["am-0"])

    assert (outcome.ended, outcome.source) == (Ended.UNKNOWN, "am-0")
    assert outcome.fault is not None
    assert "POST" not in [seen.method for seen in other.seen]


async def test_a_lost_answer_to_an_end_is_looked_up() -> None:
    async def lose(request: web.BaseRequest) -> web.StreamResponse | None:
        return await refuse(request) if request.method == "DELETE" else None

    async with alertmanager() as (member, server), asking(server.url) as members:
        (made,) = await members.post(draft())
        member.after = lose
        (ended,) = await members.expire(made.id, ["am-0"])
        member.after, member.trouble = None, lose
        (again,) = await members.post(draft("Other"))
        (unknown,) = await members.expire(again.id, ["am-0"])

    assert (ended.ended, ended.id) == (Ended.DONE, made.id)
    assert unknown.ended is Ended.UNKNOWN


async def test_two_that_do_not_gossip_each_get_the_silence() -> None:
    async with alertmanager() as (one, first), alertmanager() as (two, second):
        one.name, one.mesh.names = "a", ["a"]
        two.name, two.mesh.names = "b", ["b"]
        async with asking(first.url, second.url) as members:
            everywhere = await members.post(draft())
            near = await members.post(draft("Near"), near=["am-1"])

    assert [outcome.source for outcome in everywhere] == ["am-0", "am-1"]
    assert [outcome.source for outcome in near] == ["am-1"]
    assert (len(one.mesh.silences), len(two.mesh.silences)) == (1, 2)


async def test_the_secret_goes_with_every_request_and_is_read_again_after_a_401(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("old\n")
    good = "old"

    async def check(request: web.BaseRequest) -> web.StreamResponse | None:
        return None if request.headers.get("Authorization") == f"Bearer {good}" else web.Response(status=401)

    auth = AuthConfig(token=SecretConfig(file=str(file)), tenant="team-a")
    async with alertmanager() as (member, server), asking(server.url, auth=auth) as members:
        member.trouble = check
        assert (await members.look()).alerts[0].fault is None
        file.write_text("new\n")
        good = "new"
        assert (await members.look()).alerts[0].fault is None

    assert {seen.headers["X-Scope-OrgID"] for seen in server.seen} == {"team-a"}


async def test_one_alert_that_cannot_be_read_costs_itself_alone_and_is_counted() -> None:
    async with alertmanager() as (member, server), asking(server.url) as members:
        for name in ("A", "B"):
            member.mesh.fire({"alertname": name})
        first, second = member.mesh.alerts.values()
        second["startsAt"] = "yesterday"
        said = (await members.look()).alerts[0]

    assert [post.fingerprint for post in said.posted] == [first["fingerprint"]]
    assert said.undecodable == 1


async def test_a_clock_that_is_wrong_over_there_does_not_age_what_it_says() -> None:
    clock = TurnedClock()
    clock.ahead = 300.0
    async with alertmanager() as (member, server), asking(server.url, clock=clock) as members:
        member.mesh.fire({"alertname": "A", "cluster": "eu-1"})
        said = (await members.look()).alerts[0]

    (row,) = merge(Evidence(alertmanagers=(said,)))
    assert said.skew_s == pytest.approx(-300, abs=2)
    assert row.firing_since == pytest.approx(clock.now(), abs=5)


def entry(number: int, *, updated: str, name: str = "KubeNodeNotReady") -> dict[str, object]:
    labels = {
        "alertname": name, "cluster": f"eu-{number % 100}", "node": f"wk-{number:05}", "severity": "warning",
        "namespace": "kube-system", "job": "kube-state-metrics", "prometheus": "monitoring/k8s", "region": "eu",
    }  # fmt: skip
    return {
        "fingerprint": f"{number:016x}", "labels": labels, "startsAt": updated, "updatedAt": updated,
        "endsAt": now_text(300), "generatorURL": "http://prometheus/graph?g0.expr=up+%3D%3D+0&g0.tab=1",
        "receivers": [{"name": "on-call"}], "status": {"state": "active", "silencedBy": [], "inhibitedBy": []},
        "annotations": {"summary": f"node wk-{number:05} has been unready for more than 15 minutes", "runbook": "x"},
    }  # fmt: skip


def test_hostile_text_is_made_harmless_and_matchers_stay_as_they_are() -> None:
    said = entry(1, updated=now_text())
    said["annotations"] = {"summary": "all\x1b[2Jgone\nline"}
    said["labels"] = {"alertname": "A\x1b]0;x\x07", "cluster": "eu-1"}
    silence = {
        "id": "1", "status": {"state": "active"}, "updatedAt": now_text(), "startsAt": now_text(),
        "endsAt": now_text(60), "createdBy": "a\x1bb", "comment": "two\nlines",
        "matchers": [{"name": "x", "value": "a\x1bb\n", "isRegex": False}],
    }  # fmt: skip

    post = wire.Alerts().read(json.dumps(said).encode())
    (kept,) = wire.silences(json.dumps([silence]).encode())

    assert "\x1b" not in str(post)
    assert post.query == "up == 0"
    assert kept.matchers[0].value == "a\x1bb\n"
    assert (kept.matchers[0].is_equal, kept.comment) == (True, "two lines")
    assert "\x1b" not in str(kept.matchers[0])
    assert "\x1b" not in kept.created_by


def test_only_what_is_new_is_read_and_the_rest_stays_the_same_object() -> None:
    body = AlertsBody()
    then = now_text()
    entries = [entry(number, updated=then) for number in range(50)]
    body.read(json.dumps(entries).encode())
    before = body.posted

    body.read(json.dumps(entries).encode())
    assert body.posted is before

    changed = [*entries[:-1], entry(49, updated=now_text(5))]
    body.read(json.dumps(changed).encode())
    assert all(one is other for one, other in zip(body.posted[:-1], before[:-1], strict=True))
    assert body.posted[-1] != before[-1]
    assert body.posted[-1].labels is before[-1].labels
    assert body.posted[-1].receivers is before[0].receivers


def test_a_body_that_is_no_list_leaves_what_was_known() -> None:
    body = AlertsBody()
    body.read(json.dumps([entry(1, updated=now_text())]).encode())

    with pytest.raises(msgspec.DecodeError):
        body.read(b"[{]")
    assert len(body.posted) == 1


@pytest.mark.bed
async def test_a_storm_of_5000_is_read_and_merged_while_the_loop_turns(
    alertmanagers: Alertmanagers, record_property: Callable[[str, object], None]
) -> None:
    labels = [entry(number, updated="", name="Storm")["labels"] for number in range(STORM)]
    alertmanagers.post(*labels, number=0)  # type: ignore[arg-type]
    gc.collect()
    gc.freeze()  # what pytest holds is not what a console pays for
    async with asking(alertmanagers.urls[0], timeout="60s") as members:
        gaps = _Gaps()
        async with gaps.watched():
            begun = time.perf_counter()
            first = (await members.look()).alerts[0]
            took = time.perf_counter() - begun
            begun = time.perf_counter()
            second = (await members.look()).alerts[0]
            again = time.perf_counter() - begun
            figures = await asyncio.to_thread(_merged, second)
    figures |= {"first look s": took, "second look s": again, "longest gap of the loop s": gaps.longest}
    gc.unfreeze()
    for what, seconds in figures.items():
        record_property(what, round(seconds, 4))
    print("storm:", {what: f"{seconds * 1000:.0f} ms" for what, seconds in figures.items()})

    assert sum(dict(post.labels)["alertname"] == "Storm" for post in first.posted) == STORM
    known = set(map(id, first.posted))
    assert sum(id(post) in known for post in second.posted) >= STORM
    assert figures["longest gap of the loop s"] < 0.5


def _merged(said: AlertmanagerSays) -> dict[str, float]:
    """A Prometheus pair says the same: CPU seconds of one merge, of following it, of grouping it."""
    rule = Rule("Storm", "up == 0", hold_s=300, interval_s=30)
    claimed = tuple(
        Active(label_set({key: value for key, value in post.labels if key not in ("prometheus", "region")}), True,
               post.starts_at - 300, 1.0, rule=rule)
        for post in said.posted
    )  # fmt: skip
    asked = tuple(
        PrometheusSays(Origin(name), said.at, claimed, (rule,), (Evaluation("Storm", said.at),)) for name in ("a", "b")
    )
    begun = time.thread_time()
    rows = merge(Evidence(asked, (said, msgspec.structs.replace(said, source="other"))))
    merged = time.thread_time()
    found = pipeline(asked, (said,), now=said.at)
    picture = follow({row.key: row for row in rows}, rows, found)
    followed = time.thread_time()
    groups = grouped(picture.values())
    assert {len(group.alerts) for group in groups if group.name == "Storm"} == {STORM // 100}
    return {
        "merge CPU s": merged - begun,
        "follow CPU s": followed - merged,
        "group CPU s": time.thread_time() - followed,
    }


class _Gaps:
    """How long the loop did not turn at most."""

    def __init__(self) -> None:
        self.longest = 0.0

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            task.cancel()

    async def _watch(self) -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            self.longest, last = max(self.longest, now - last), now
