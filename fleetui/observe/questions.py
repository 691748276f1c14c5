"""Asks one source the queries of a board: the same number of them however many clusters it holds."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Protocol

import msgspec

from fleetui.model.fault import Fault, FaultKind
from fleetui.model.health import promql
from fleetui.model.health.answers import Answers
from fleetui.model.health.promql import Query, Scope
from fleetui.model.health.series import Target, Vector
from fleetui.model.monitoring import MetricsConfig
from fleetui.ports.clock import Clock
from fleetui.ports.metrics import MetricsError, MetricsSource

TARGETS_EVERY_S = 60.0
TARGETS_AT_MOST_EVERY_S = 5.0
"""Where somebody has gone down: megabytes in a large Prometheus, and the reason is worth them."""
USUAL_INTERVAL_S = 30.0
"""Assumed until a source has said how often it scrapes."""

Replies = Mapping[str, Vector | Fault]
"""By the id of the query."""


class Board(msgspec.Struct, frozen=True):
    """What a board asks of every source."""

    queries: tuple[Query, ...]
    jobs: str = ".*"
    """Regular expression of the jobs that ``$s`` stands for."""
    anchors: tuple[str, ...] = ("up", "seen")
    """Without the answers to these no figure can be dated: then the last answers stand, and age."""
    first: tuple[Query, ...] = ()
    """Asked before the others, because these depend on them."""
    choose: Callable[[Answers], Sequence[Query]] | None = None
    """The queries in the wording that suits a source, from its answers to ``first``; their ids are the same."""
    unlabelled: bool = False
    """Whether series that name no cluster say something all the same."""

    @property
    def every(self) -> tuple[Query, ...]:
        return (*self.first, *self.queries)


class Asked(Protocol):
    """One source as a board asks it."""

    @property
    def interval_s(self) -> float: ...

    async def ask(self) -> Answers: ...

    async def close(self) -> None: ...


class Unopened:
    """A source that could not even be opened: its fault is its only answer."""

    interval_s = USUAL_INTERVAL_S

    def __init__(self, source: str, fault: Fault, board: Board, config: MetricsConfig) -> None:
        replies = {query.id: fault for query in board.every}
        about, one = config.clusters, config.cluster
        self._answers = Answers(source=source, replies=replies, fault=fault, clusters=about, cluster=one)

    async def ask(self) -> Answers:
        return self._answers

    async def close(self) -> None:
        """Nothing is open."""


class Questions:
    """One source. ``ask`` never raises: what fails is in the answers, as the fault of its query."""

    def __init__(self, source: MetricsSource, config: MetricsConfig, board: Board, *, clock: Clock) -> None:
        self._source = source
        self._config = config
        self._board = board
        self._clock = clock
        self._label: str | None = None
        self._targets: tuple[Target, ...] = ()
        self._targets_at: float | None = None
        self._untold = False
        self._kept: dict[tuple[str, str], tuple[float, Vector]] = {}
        self._last: Answers | None = None

    async def ask(self) -> Answers:
        """Everything that is due, a few questions at a time; what is asked seldom is kept meanwhile."""
        try:
            label = await self._cluster_label()
        except MetricsError as error:
            return self._older({query.id: error.fault for query in self._board.every}, error.fault, "")
        if label is None and self._board.unlabelled:
            label = ""
        if label is None:
            return self._answers({query.id: _no_label(self._config) for query in self._board.every}, label="")
        await self._look_at_targets()
        replies = await self._replies(label)
        if fault := next((reply for id_ in self._board.anchors if isinstance(reply := replies[id_], Fault)), None):
            return self._older(replies, fault, label)
        if self._unexplained(replies.get("up")):
            await self._look_at_targets(now=True)
        self._last = self._answers(replies, label=label)
        return self._last

    async def close(self) -> None:
        await self._source.close()

    @property
    def interval_s(self) -> float:
        """How often it scrapes, as far as it has said so."""
        said = [target.interval_s for target in self._targets if target.interval_s]
        return median(said) if said else USUAL_INTERVAL_S

    async def _replies(self, label: str) -> Replies:
        board = self._board
        scope = Scope(label, self._config.labels.replica, board.jobs, promql.rate_window(self.interval_s))
        replies = await self._all(board.first, scope)
        queries = board.queries if board.choose is None else board.choose(self._answers(replies, label=label))
        return {**replies, **await self._all(queries, scope)}

    async def _all(self, queries: Sequence[Query], scope: Scope) -> dict[str, Vector | Fault]:
        """What dates the others is asked before them: a scrape between the two makes an answer look older than it is,
        never younger. Of a pair the younger view counts, and a link that has just broken must not look whole in it."""
        replies: dict[str, Vector | Fault] = {}
        for wave in ([query for query in queries if query.dates], [query for query in queries if not query.dates]):
            found = await asyncio.gather(*(self._reply(query, scope) for query in wave))
            replies |= {query.id: reply for query, reply in zip(wave, found, strict=True)}
        return replies

    async def _reply(self, query: Query, scope: Scope) -> Vector | Fault:
        now, text = self._clock.monotonic(), scope.fill(query)
        kept = self._kept.get((query.id, query.text))
        if kept is not None and now - kept[0] < query.every_s:
            return kept[1]
        try:
            found = await self._source.instant(text)
        except MetricsError as error:
            return error.fault
        self._kept[query.id, query.text] = now, found
        return found

    def _older(self, replies: Replies, fault: Fault, label: str) -> Answers:
        """Without knowing who is up and since when, no figure can be dated: the last answers stand, and age."""
        if self._last is None:
            return self._answers(replies, label=label)
        return msgspec.structs.replace(self._last, fault=fault)

    def _answers(self, replies: Replies, *, label: str) -> Answers:
        config = self._config
        return Answers(
            source=self._source.name,
            replies=replies,
            cluster_label=label,
            replica_label=config.labels.replica,
            cluster=config.cluster,
            clusters=config.clusters,
            names=config.names,
            targets=self._targets,
        )

    async def _cluster_label(self) -> str | None:
        """Found out once. A source of one cluster needs none."""
        if self._config.cluster:
            return ""
        if self._label is None:
            self._label = promql.cluster_label(self._config.labels.cluster, await self._source.label_names("up"))
        return self._label

    def _unexplained(self, up: Vector | Fault | None) -> bool:
        """Somebody is down of whom the targets, as they were read last, say nothing of the kind."""
        if not isinstance(up, Vector) or not self._targets:
            return False
        explained = {target.instance for target in self._targets if target.last_error}
        return any(point.value == 0 and point.label("instance") not in explained for point in up.points)

    async def _look_at_targets(self, *, now: bool = False) -> None:
        """How often it scrapes, and why not. A store that only receives has no targets, and that is no fault. One that
        has named none is asked again soon, it may have just been started: without its interval what is old would be
        taken for young."""
        at = self._clock.monotonic()
        patience = TARGETS_AT_MOST_EVERY_S if now or self._untold else TARGETS_EVERY_S
        if self._targets_at is not None and at - self._targets_at < patience:
            return
        try:
            self._targets = (await self._source.targets()).active
            self._untold = not self._targets
        except MetricsError as error:
            self._targets = () if error.asked_wrong else self._targets
            self._untold = not self._targets and not error.asked_wrong
        self._targets_at = at


def _no_label(config: MetricsConfig) -> Fault:
    usual: Sequence[str] = promql.CLUSTER_LABELS if config.labels.cluster == promql.AUTO else (config.labels.cluster,)
    return Fault(
        kind=FaultKind.CONFIG,
        word="no cluster label",
        detail=f"none of its series has a label that names the cluster: {', '.join(usual)}",
        remedy="write labels.cluster, or cluster where it is the Prometheus of one cluster",
    )
