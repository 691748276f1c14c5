"""Who is asked for history, and what a source that fails, or that cannot tell clusters apart, costs the others."""

import asyncio
import re
from collections.abc import Callable, Mapping

import msgspec
import pytest

from fleetui.model.chart.subject import Request, Subject, Wish
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.health.series import Labels, Line, Matrix, Point, Reply, Vector
from fleetui.model.monitoring import MetricsConfig
from fleetui.observe.asked_source import Unopenable
from fleetui.observe.charts import AT_ONCE, MOST_WISHES, Charts
from fleetui.ports.metrics import MetricsError
from tests.observe.virtual_clock import VirtualClock

ERRORS = Subject(id="test/errors", title="errors", query="sum by ($per) (rate(errors_total[$w]))")
FULL = Subject(id="alerts/Full", title="Full", query="full")
SILENT = Fault(FaultKind.TIMEOUT, "no answer", "silent for 10 s", "is it alive?")

Answer = Callable[[str], list[tuple[Labels, float]]]


class Scripted:
    """A source that answers with flat lines; every query is kept."""

    def __init__(self, name: str, answer: Answer, *, scrapes: float = 4) -> None:
        self.name = name
        self.queries: list[str] = []
        self.fault: Fault | None = None
        self.partial = False
        self.warnings: tuple[str, ...] = ()
        self.held: asyncio.Event | None = None
        self.closed = False
        self.running = self.most = 0
        self._answer = answer
        self._scrapes = scrapes

    async def range_(self, query: str, *, start: float, end: float, step_s: int) -> Matrix:
        self.queries.append(query)
        if self.held is not None:
            await self.held.wait()
        if self.fault is not None:
            raise MetricsError(self.fault)
        times = tuple(float(at) for at in range(int(start), int(end) + 1, step_s))
        marks = dict(re.findall('"(fleetui_subject)", "([^"]*)"', query))
        lines = tuple(Line({**labels, **marks}, times, (value,) * len(times)) for labels, value in self._answer(query))
        return Matrix(lines, Reply(self.name, end, end, warnings=self.warnings, partial=self.partial))

    async def instant(self, query: str, *, at: float | None = None) -> Vector:
        return Vector((Point({}, self._scrapes, 0.0),), Reply(self.name, 0.0, 0.0))

    async def label_names(self, matching: str = "") -> tuple[str, ...]:
        if self.fault is not None:
            raise MetricsError(self.fault)
        return ("cluster",)

    async def close(self) -> None:
        self.closed = True


def of(cluster: str, value: float = 1.0) -> Answer:
    return lambda _: [({"cluster": cluster}, value)]


def charts(sources: Mapping[str, tuple[Scripted, MetricsConfig]]) -> Charts:
    return Charts(lambda: sources, clock=VirtualClock())  # type: ignore[arg-type,return-value]


def central(source: Scripted, **config: object) -> dict[str, tuple[Scripted, MetricsConfig]]:
    return {source.name: (source, MetricsConfig(url="http://c", **config))}  # type: ignore[arg-type]


async def asked(made: Charts, request: Request, *, span_s: float = 3_600):
    return await made.chart(request, end=1_000_000, span_s=span_s, moments=61)


async def test_only_sources_that_are_asked_about_the_cluster_are() -> None:
    one, other = Scripted("one", of("a")), Scripted("other", of("b"))
    made = charts({**central(one, clusters=("a*",)), **central(other, clusters=("b*",))})
    found = await asked(made, Request(subject=ERRORS, clusters=("a",)))
    assert (found.asked, len(one.queries), other.queries) == (("one",), 1, [])
    await made.close()
    assert one.closed
    assert other.closed


async def test_the_prometheus_of_one_cluster_needs_no_label_and_is_not_narrowed() -> None:
    own = Scripted("own", lambda _: [({"instance": "x"}, 1.0)])
    found = await asked(charts(central(own, cluster="a")), Request(subject=ERRORS, clusters=("a",)))
    assert len(found.curves) == 1
    assert own.queries == ["sum by (cluster) (rate(errors_total[120s]))"]


async def test_rates_look_back_over_a_whole_step() -> None:
    source = Scripted("s", of("a"))
    found = await asked(charts(central(source)), Request(subject=ERRORS, clusters=("a",)), span_s=30 * 86_400)
    assert f"[{found.window.step_s}s]" in source.queries[0]
    assert found.window.step_s == 12 * 3_600


async def test_no_moments_lie_closer_than_samples_come() -> None:
    slow = Scripted("s", of("a"), scrapes=1)
    found = await charts(central(slow)).chart(
        Request(subject=ERRORS, clusters=("a",)), end=1_000_000, span_s=900, moments=400
    )
    assert found.window.step_s == 120


async def test_a_source_that_fails_is_named_and_the_other_is_drawn() -> None:
    good, bad = Scripted("good", of("a")), Scripted("bad", of("a"))
    bad.fault = SILENT
    made = charts({**central(good), **central(bad)})
    found = await asked(made, Request(subject=ERRORS, clusters=("a",)))
    assert len(found.curves) == 1
    assert found.faults == (("bad", SILENT),)
    sparks = await made.sparks([Wish(ERRORS, ("a", "", ""))], span_s=3_600, moments=61)
    assert len(sparks) == 1


@pytest.mark.parametrize(
    ("partial", "warnings", "said"),
    [
        (True, ("store-2 is down",), "store-2 is down"),
        (True, (), "the answer is partial"),
        (False, (), ""),
    ],
)
async def test_what_a_source_leaves_out_is_said(partial: bool, warnings: tuple[str, ...], said: str) -> None:
    whole, part = Scripted("whole", of("a")), Scripted("part", of("a"))
    part.partial, part.warnings = partial, warnings
    found = await asked(charts({**central(whole), **central(part)}), Request(subject=ERRORS, clusters=("a",)))
    assert found.partial == said


async def test_a_figure_that_makes_no_sense_to_a_source_does_not_take_the_others_with_it() -> None:
    wrong = Subject(id="test/wrong", title="wrong", query="wrong")

    def answer(query: str) -> list[tuple[Labels, float]]:
        if "wrong" in query:
            raise MetricsError(SILENT, asked_wrong=True)
        return [({"cluster": "a"}, 1.0)]

    source = Scripted("s", answer)
    wishes = [Wish(subject, ("a", "", "")) for subject in (ERRORS, wrong)]
    found = await charts(central(source)).sparks(wishes, span_s=3_600, moments=61)
    assert list(found) == [wishes[0].key]
    assert len(source.queries) == 3


async def test_a_source_that_cannot_be_opened_says_so_in_the_chart() -> None:
    made = Charts(
        lambda: {"s": (Unopenable("s", SILENT), MetricsConfig(url="http://c"))},
        clock=VirtualClock(),
    )
    found = await asked(made, Request(subject=ERRORS, clusters=("a",)))
    assert found.why_none[0] == "no data: s: no answer: silent for 10 s"
    assert await made.sparks([Wish(ERRORS, ("a", "", ""))], span_s=3_600, moments=61) == {}
    await made.close()


async def test_an_alert_is_asked_of_who_told_it_and_without_the_label_where_its_expression_loses_it() -> None:
    ruler = Scripted("ruler", lambda query: [] if "{" in query else [({"queue": "q1"}, 5.0), ({"queue": "q2"}, 1.0)])
    labels = (("cluster", "a"), ("queue", "q1"))
    made = charts(central(ruler, clusters=()))
    found = await asked(made, Request(subject=FULL, clusters=("a",), sources=("ruler",), labels=labels))
    assert ruler.queries == ['full{cluster="a"}', "full"]
    assert [curve.labels for curve in found.curves] == [{"queue": "q1"}]


async def test_a_pair_that_scrapes_the_same_is_one_curve() -> None:
    pair = Scripted("s", lambda _: [({"cluster": "a", "replica": r}, float(n)) for n, r in enumerate("xy")])
    config = msgspec.convert({"url": "http://c", "labels": {"replica": "replica"}}, MetricsConfig)
    made = charts({"s": (pair, config)})
    (curve,) = (await asked(made, Request(subject=ERRORS, clusters=("a",)))).curves
    assert curve.last is not None
    assert curve.last[1] == 1.0


async def test_many_clusters_with_a_prometheus_each_are_asked_a_few_at_a_time() -> None:
    running, most = 0, 0
    full, go_on = asyncio.Event(), asyncio.Event()

    class Counting(Scripted):
        async def range_(self, query: str, *, start: float, end: float, step_s: int) -> Matrix:
            nonlocal running, most
            running += 1
            most = max(most, running)
            if running == AT_ONCE:
                full.set()
            await go_on.wait()
            running -= 1
            return await super().range_(query, start=start, end=end, step_s=step_s)

    names = [f"c-{n:02}" for n in range(30)]
    made = charts({name: (Counting(name, of(name)), MetricsConfig(url="http://c", cluster=name)) for name in names})
    work = asyncio.create_task(made.sparks([Wish(ERRORS, (name, "", "")) for name in names], span_s=3_600, moments=61))
    await full.wait()
    go_on.set()
    assert len(await work) == 30
    assert most == AT_ONCE


async def test_more_rows_than_any_screen_has_are_not_asked_for_at_once() -> None:
    source = Scripted("s", of("c-0"))
    wishes = [Wish(ERRORS, (f"c-{n}", "", "")) for n in range(MOST_WISHES + 50)]
    await charts(central(source)).sparks(wishes, span_s=3_600, moments=61)
    assert f"c-{MOST_WISHES - 1}" in source.queries[0]
    assert f"c-{MOST_WISHES}" not in source.queries[0]


async def test_nobody_is_opened_before_somebody_asks() -> None:
    def never() -> object:
        raise AssertionError("opened")

    made = Charts(never, clock=VirtualClock())  # type: ignore[arg-type]
    await made.close()
    with pytest.raises(AssertionError, match="opened"):
        await asked(made, Request(subject=ERRORS))
