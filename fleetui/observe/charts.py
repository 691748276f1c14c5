"""History on demand: charts and sparklines, asked of the sources of metrics while somebody looks at them.

One chart is one range query to each source that is asked about its clusters; all sparklines of a screen are one query
to each. Every query names the clusters that are meant, so that a store of five hundred reads what is on the screen.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import ceil

from fleetui.model.chart.chart import Chart, made
from fleetui.model.chart.curve import Curve, by_key, curve
from fleetui.model.chart.narrow import Matchers, narrowed
from fleetui.model.chart.subject import Place, Request, Subject, Wish
from fleetui.model.chart.window import MOST_MOMENTS, Window, window
from fleetui.model.fault import Fault
from fleetui.model.health.promql import Query, Scope, rate_window
from fleetui.model.health.series import Labels, Line, Matrix
from fleetui.model.monitoring import MetricsConfig
from fleetui.observe.asked_source import AskedSource, History
from fleetui.ports.clock import Clock
from fleetui.ports.metrics import MetricsError

AT_ONCE = 6
"""Sources asked at the same time."""
MOST_WISHES = 100
"""Sparklines of one question: more rows than any screen has."""
_WHICH = "fleetui_subject"
"""A label that our own query puts on each series, so that one answer tells all figures."""

Sources = Mapping[str, tuple[History, MetricsConfig]]
Sparks = Mapping[tuple[str, Place], Curve]
"""By the wish's key; what has no sample at all is not in it."""


class Charts:
    """Opens the sources when it is first asked. Everything on one loop."""

    def __init__(self, open_sources: Callable[[], Sources], *, clock: Clock) -> None:
        self._open = open_sources
        self._clock = clock
        self._sources: dict[str, AskedSource] | None = None
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def chart(self, request: Request, *, end: float, span_s: float, moments: int) -> Chart:
        """Never raises for what a source does: that is in the chart."""
        asked = self._asked_about(request)
        interval = max((await asyncio.gather(*(each.interval_s() for each in asked))), default=0.0)
        over = window(end=end, span_s=span_s, moments=min(moments, MOST_MOMENTS), least_s=interval)
        asked_at = self._clock.now()
        replies = await asyncio.gather(*(self._reply(each, request, over) for each in asked))
        found: dict[str, Curve] = {}
        for source, reply in zip(asked, replies, strict=True):
            if isinstance(reply, Matrix):
                for each in _curves(source, request, reply, over):
                    found.setdefault(str(sorted(each.labels.items())), each)
        partial = next((reply.reply for reply in replies if isinstance(reply, Matrix) and reply.reply.partial), None)
        faults = [(one.name, said) for one, said in zip(asked, replies, strict=True) if isinstance(said, Fault)]
        names = [source.name for source in asked]
        said = "" if partial is None else next(iter(partial.warnings), "the answer is partial")
        return made(request, over, found.values(), asked_at=asked_at, asked=names, faults=faults, partial=said)

    async def sparks(self, wishes: Iterable[Wish], *, span_s: float, moments: int) -> Sparks:
        """Of whatever can be had; a source that fails leaves its rows out."""
        wanted = tuple(wishes)[:MOST_WISHES]
        over = window(end=self._clock.now(), span_s=span_s, moments=moments)
        sources = self._opened().values()
        found = await asyncio.gather(*(self._sparks_of(each, wanted, over) for each in sources))
        return {key: each for sparks in reversed(found) for key, each in sparks.items()}

    async def close(self) -> None:
        for source in (self._sources or {}).values():
            await source.close()
        self._sources = None

    def _opened(self) -> Mapping[str, AskedSource]:
        if self._sources is None:
            opened = self._open()
            self._sources = {
                name: AskedSource(source, config, clock=self._clock) for name, (source, config) in opened.items()
            }
        return self._sources

    def _asked_about(self, request: Request) -> list[AskedSource]:
        sources = self._opened()
        named = {name: sources[name] for name in request.sources if name in sources}
        wanted = request.clusters
        return list(named.values()) + [
            each
            for name, each in sources.items()
            if name not in named
            and (any(each.config.covers(cluster) for cluster in wanted) if wanted else each.config.stores and not named)
        ]

    async def _reply(self, source: AskedSource, request: Request, over: Window) -> Matrix | Fault:
        """Of an alert whose expression loses the cluster's label, all of it is asked."""
        subject = request.subject
        try:
            scope = await _scope(source, subject, over)
            text = scope.fill(Query(subject.id, subject.query))
            narrow = _narrow(text, source.matchers(request.clusters, scope.cluster_label))
            reply = await self._range(source, narrow, over)
            return await self._range(source, text, over) if request.labels and not reply.lines else reply
        except MetricsError as error:
            return error.fault

    async def _sparks_of(
        self, source: AskedSource, wishes: Sequence[Wish], over: Window
    ) -> dict[tuple[str, Place], Curve]:
        mine = [wish for wish in wishes if source.config.covers(wish.place[0])]
        if not mine:
            return {}
        subjects = {wish.subject.id: wish.subject for wish in mine}
        try:
            asked = [await self._marked(source, subject, mine, over) for subject in subjects.values()]
        except MetricsError:
            return {}
        wanted, found = {wish.key for wish in mine}, dict[tuple[str, Place], Curve]()
        for line in await self._together(source, asked, over):
            subject = subjects.get(line.labels.get(_WHICH, ""))
            key = (subject.id, _place(source, subject, line.labels)) if subject is not None else None
            if key in wanted and key is not None:
                found[key] = curve(line, over, source=source.name)
        return {key: each for key, each in found.items() if not each.empty}

    async def _together(self, source: AskedSource, asked: Sequence[str], over: Window) -> list[Line]:
        """One question; where one of its parts makes no sense to the source (a kind of the operator's own), each part
        for itself, so that the others are drawn."""
        try:
            return list((await self._range(source, " or ".join(asked), over)).lines)
        except MetricsError as error:
            if not error.asked_wrong or len(asked) == 1:
                return []
        return [line for part in asked for line in await self._together(source, [part], over)]

    async def _marked(self, source: AskedSource, subject: Subject, wishes: Sequence[Wish], over: Window) -> str:
        scope = await _scope(source, subject, over)
        places = [wish.place for wish in wishes if wish.subject.id == subject.id]
        matchers = dict(source.matchers([place[0] for place in places], scope.cluster_label))
        if len(subject.instance) == 1:
            matchers[subject.instance[0]] = tuple(place[2] for place in places)
        text = _narrow(scope.fill(Query(subject.id, subject.row_query)), matchers)
        return f'label_replace({text}, "{_WHICH}", "{subject.id}", "", "")'

    async def _range(self, source: AskedSource, text: str, over: Window) -> Matrix:
        async with self._slots:
            return await source.range_(text, over)


async def _scope(source: AskedSource, subject: Subject, over: Window) -> Scope:
    """Rates look back over a whole step at least: between two moments nothing is left out."""
    label = await source.cluster_label()
    look_back = max(rate_window(await source.interval_s()), ceil(over.step_s))
    return Scope(label, source.config.labels.replica, subject.jobs, look_back)


def _narrow(text: str, matchers: Matchers) -> str:
    try:
        return narrowed(text, matchers)
    except ValueError:
        return text  # it costs more, and the server has the last word on it


def _curves(source: AskedSource, request: Request, reply: Matrix, over: Window) -> Iterable[Curve]:
    """Those that are asked for; a pair's two views of one series are one."""
    replica = source.config.labels.replica
    wanted = _wanted(source, request)
    found = [curve(line, over, source=source.name) for line in reply.lines if wanted(line.labels)]
    return by_key(
        found, lambda labels: str(sorted((name, value) for name, value in labels.items() if name != replica)) or "-",
        falling=request.subject.falling,
    ).values()  # fmt: skip


def _wanted(source: AskedSource, request: Request) -> Callable[[Labels], bool]:
    if request.place is not None:
        return lambda labels: _place(source, request.subject, labels) == request.place
    if request.labels:
        own = dict(request.labels)
        return lambda labels: all(own.get(name, value) == value for name, value in labels.items())
    if request.clusters:
        return lambda labels: source.name_of(labels) in request.clusters
    return lambda _: True


def _place(source: AskedSource, subject: Subject, labels: Labels) -> Place:
    """The row of its table that a series is of."""
    group = "/".join(filter(None, (labels.get(name, "") for name in subject.group)))
    instance = " ".join(filter(None, (labels.get(name, "") for name in subject.instance)))
    return source.name_of(labels), group, instance
