"""Both carriers against a real Prometheus: the same questions, the same answers, the same faults. What the demo's
simulated Prometheus knows to answer is held to the same."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from fleetui.clients.prometheus.source import PrometheusSource
from fleetui.clients.system import SystemClock
from fleetui.model.fault import FaultKind
from fleetui.ports.metrics import MetricsError, MetricsSource
from fleetui.simulate.prometheus_face import PrometheusFace, SimulatedTarget
from fleetui.simulate.prometheus_rules import Sign, SimulatedPrometheus, SimulatedRule, Timing
from tests.bed.ports import Port
from tests.bed.prometheus import Job, Prometheus, Recording, Rule
from tests.clients.sources import CLIENTS, LoopGap, source

pytestmark = pytest.mark.bed

RULES = (
    Rule("Always", "vector(7)", labels={"severity": "page"}, annotations={"summary": "it is"}),
    Rule("Later", "vector(1) > 0", hold="1h"),
    Recording("up:sum", "sum(up)"),
)
GAP_S = 0.25
"""A call that blocked the loop would do so for the second that it waits."""
ATTEMPTS = 5
"""A busy machine stops the whole process now and then; what blocks does so every time."""


@pytest.fixture(scope="module")
def prometheus() -> Iterator[Prometheus]:
    """It scrapes itself, and a place where nothing listens."""
    with Prometheus(rules=RULES) as made, _nobody() as dead:
        own = f"127.0.0.1:{made.port_of()}"
        made.configure([Job("own", {own: {"cluster": "c1"}}), Job("dead", {f"127.0.0.1:{dead}": {}})])
        made.until_value('up{job="own"}', 1)
        made.until_value('up{job="dead"}', 0)
        made.until_firing("Always")
        made.until_value("count(up:sum)", 1)
        yield made


class _nobody:
    """A port that stays ours, with nobody behind it."""

    def __enter__(self) -> int:
        self._port = Port()
        return self._port.number

    def __exit__(self, *_: object) -> None:
        self._port.release()


SIMULATED = "simulated"


@pytest.fixture(params=[*CLIENTS, SIMULATED])
async def told(request: pytest.FixtureRequest) -> AsyncIterator[PrometheusSource]:
    """The real one by both carriers, and the simulated one."""
    if request.param != SIMULATED:
        prometheus: Prometheus = request.getfixturevalue("prometheus")
        async with source(prometheus.url, client=request.param) as made:
            yield made
        return
    face = simulated()
    await face.start()
    async with source(face.url, client="async") as made:
        yield made
    await face.stop()


def simulated() -> PrometheusFace:
    """The same rules and targets as the real one's."""
    rules = (
        SimulatedRule(
            name="Always",
            query="vector(7)",
            look=lambda: (Sign({}, 7.0),),
            labels={"severity": "page"},
            annotations={"summary": "it is"},
        ),
        SimulatedRule(name="Later", query="vector(1) > 0", look=lambda: (Sign({}),), hold_s=3600),
        SimulatedRule(name="up:sum", query="sum(up)", look=tuple, recording=True),
    )
    targets = (
        SimulatedTarget({"job": "own", "instance": "127.0.0.1:9090", "cluster": "c1"}, interval_s=1),
        SimulatedTarget({"job": "dead", "instance": "127.0.0.1:1"}, error="dial tcp 127.0.0.1:1: connection refused"),
    )
    prometheus = SimulatedPrometheus(rules, timing=Timing(interval_s=1))
    return PrometheusFace(
        prometheus, SystemClock(), targets=lambda: targets, before=lambda: prometheus.tick(time.time()) and None
    )


async def fails(awaited: object) -> MetricsError:
    with pytest.raises(MetricsError) as caught:
        await awaited  # type: ignore[misc]
    return caught.value


async def test_an_instant_has_labels_values_and_its_moment(told: MetricsSource) -> None:
    before = time.time()
    vector = await told.instant('up{job="own"}')
    (point,) = vector.points
    assert (point.label("cluster"), point.label("nothing"), point.value) == ("c1", "", 1)
    assert before - 1 <= point.at <= time.time() + 1
    assert vector.reply.source == "s"
    assert before <= vector.reply.asked_at <= vector.reply.received_at
    assert (vector.reply.warnings, vector.reply.partial, vector.reply.behind_s) == ((), False, 0)


async def test_the_moment_can_be_chosen(told: MetricsSource) -> None:
    then = round(time.time() - 100.25, 3)
    (point,) = (await told.instant("vector(time())", at=then)).points
    assert [point.at, point.value] == pytest.approx([then, then])


async def test_no_series_a_scalar_and_no_number_are_three_things(told: MetricsSource) -> None:
    assert (await told.instant("nothing_such")).points == ()
    (scalar,) = (await told.instant("1e6")).points
    assert (scalar.labels, scalar.value) == ({}, 1_000_000)
    (idle,) = (await told.instant("vector(0)/0")).points
    assert idle.idle
    (endless,) = (await told.instant("vector(-1)/0")).points
    assert (endless.value, endless.idle) == (-math.inf, False)


async def test_a_range_meets_the_same_moments_every_time(told: MetricsSource) -> None:
    now = 1_700_000_000
    first, second = [
        (await told.range_("vector(time())", start=now + shift, end=now + 60 + shift, step_s=15)).lines
        for shift in (0.0, 7.4)
    ]
    assert first == second
    assert first[0].times == first[0].values == (1699999995, 1700000010, 1700000025, 1700000040, 1700000055)


@pytest.mark.parametrize(("start", "end", "step"), [(10.0, 9.0, 1), (0.0, 10.0, 0), (0.0, 11_000.0, 1)])
async def test_no_span_is_refused_before_anyone_is_asked(
    told: MetricsSource, start: float, end: float, step: int
) -> None:
    with pytest.raises(ValueError, match=r"no span|11000 values"):
        await told.range_("up", start=start, end=end, step_s=step)


async def test_the_most_values_that_are_allowed_are_answered(told: MetricsSource) -> None:
    (line,) = (await told.range_("vector(1)", start=0, end=10_999, step_s=1)).lines
    assert len(line.values) == 11_000


async def test_a_query_may_be_longer_than_any_url(told: MetricsSource) -> None:
    """200 kB, and what counts stands at its end."""
    (point,) = (await told.instant(f"# {'x' * 200_000}\nvector(3)")).points
    assert point.value == 3


@pytest.mark.parametrize(
    ("query", "word", "says"),
    [("sum by (", "bad query", "parse error"), ("up + on(x) group_left up", "query refused", "many-to-many")],
)
async def test_a_wrong_question_is_the_questions_fault(told: MetricsSource, query: str, word: str, says: str) -> None:
    for _ in range(5):
        error = await fails(told.instant(query))
        assert error.asked_wrong
        assert (error.fault.word, says in error.fault.detail) == (word, True)
    assert (await told.instant("up")).points, "the source is asked on"


async def test_targets_say_how_often_and_why_not(told: MetricsSource) -> None:
    found = {target.job: target for target in (await told.targets()).active}
    assert (found["own"].up, found["own"].interval_s, found["own"].last_error) == (True, 1, "")
    assert found["own"].labels["cluster"] == "c1"
    assert abs((found["own"].last_scrape or 0) - time.time()) < 60
    assert found["dead"].up is False
    assert "connection refused" in found["dead"].last_error


async def test_rules_and_alerts(told: MetricsSource) -> None:
    rules = {rule.name: rule for rule in (await told.rules()).rules}
    assert {name: rule.kind for name, rule in rules.items()} == {
        "Always": "alerting", "Later": "alerting", "up:sum": "recording",
    }  # fmt: skip
    assert (rules["Later"].hold_s, rules["Later"].state, rules["Later"].query) == (3600, "pending", "vector(1) > 0")
    assert abs((rules["Always"].last_evaluation or 0) - time.time()) < 60
    assert rules["Always"].interval_s == 1
    alerts = {dict(alert.labels)["alertname"]: alert for alert in (await told.alerts()).alerts}
    assert (alerts["Always"].state, alerts["Always"].value, alerts["Always"].annotations) == (
        "firing", 7, (("summary", "it is"),),
    )  # fmt: skip
    assert (alerts["Later"].state, alerts["Later"].active_at is not None) == ("pending", True)
    assert rules["Always"].alerts == (alerts["Always"],)


async def test_labels(told: MetricsSource) -> None:
    assert await told.label_names('up{job="dead"}') == ("__name__", "instance", "job")
    assert "cluster" in await told.label_names()


@pytest.mark.parametrize("client", CLIENTS)
async def test_nobody_there_is_told_at_once_and_then_not_asked(client: str) -> None:
    with _nobody() as port:
        async with source(f"http://127.0.0.1:{port}", client=client) as asked:
            for _ in range(3):
                assert (await fails(asked.instant("up"))).fault.kind is FaultKind.REFUSED
            error = await fails(asked.instant("up"))
    assert error.fault.kind is FaultKind.REFUSED
    assert "asked again in" in error.fault.detail
    assert asked.held_up is not None


@pytest.mark.parametrize("client", CLIENTS)
async def test_the_loop_goes_on_while_a_prometheus_hangs(client: str) -> None:
    """SIGSTOP: its port takes connections, nothing is answered. Six questions wait at once, and time out."""
    gaps: list[float] = []
    with Prometheus() as own:
        async with source(own.url, client=client) as warm:
            await warm.instant("up")
        own.freeze()
        while len(gaps) < ATTEMPTS and min(gaps, default=1.0) >= GAP_S:
            async with source(own.url, client=client, timeout="1s") as asked:
                with LoopGap() as gap:
                    started = time.monotonic()
                    errors = await asyncio.gather(*(fails(asked.instant("up")) for _ in range(6)))
                    took = time.monotonic() - started
            assert {error.fault.word for error in errors} == {"no answer"}
            assert 0.9 < took < 5, "all at once: one after the other would be six"
            gaps.append(gap.worst)
        own.thaw()
    print(f"{client}: worst gap of the loop {min(gaps) * 1000:.1f} ms of {[f'{gap * 1000:.1f}' for gap in gaps]}")
    assert min(gaps) < GAP_S


@pytest.mark.parametrize("client", CLIENTS)
async def test_whoever_hung_is_asked_again_by_one_question(client: str) -> None:
    with Prometheus() as own:
        own.freeze()
        async with source(own.url, client=client, timeout="0.3") as asked:
            await asyncio.gather(*(fails(asked.instant("up")) for _ in range(12)))
            took = []
            for _ in range(ATTEMPTS):
                started = time.monotonic()
                waiting = await fails(asked.instant("up"))
                took.append(time.monotonic() - started)
            assert min(took) < 0.25, "it was not asked"
            assert waiting.fault.word == "no answer"
            assert waiting.fault.retry_after_s is not None
            own.thaw()
            deadline = time.monotonic() + 60
            while asked.held_up is not None and time.monotonic() < deadline:
                try:
                    await asked.instant("up")
                except MetricsError:
                    await asyncio.sleep(0.05)
            assert asked.held_up is None
