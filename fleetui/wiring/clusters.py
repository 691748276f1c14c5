"""Clusters: which there are, under which names, how to reach them. The first connection imports the client."""

from collections.abc import Callable, Container, Iterable
from fnmatch import fnmatchcase
from functools import cached_property, partial
from itertools import count
from typing import TYPE_CHECKING

import msgspec

from fleetui.clients.kube.contexts import Contexts, cluster_ref, contexts
from fleetui.clients.system import SystemChance, SystemClock
from fleetui.model.cluster import ClusterRef
from fleetui.model.config import Config, chosen
from fleetui.model.duration import parse_duration
from fleetui.model.fault import Fault
from fleetui.model.text import clean
from fleetui.wiring.session import Session

if TYPE_CHECKING:
    from fleetui.clients.kind_files import Kinds
    from fleetui.clients.kube.connect import Connector
    from fleetui.control.mutes import Mutes
    from fleetui.observe.alert_board import AlertBoard, SilenceBoard
    from fleetui.observe.etcd import EtcdBoard
    from fleetui.observe.fleet import Fleet, TableName
    from fleetui.observe.metrics_board import MetricsBoard
    from fleetui.observe.replication import ReplicationBoard
    from fleetui.ports.etcd import EtcdCluster
    from fleetui.ports.reader import ClusterReader
    from fleetui.ports.target import TargetCluster

METRICS_BOARDS: tuple["TableName", ...] = ("controlplane", "slo", "executive", "oncall", "debug", "coverage")
"""Boards that sources of metrics fill alone; ``wiring.metrics_boards`` makes them."""


class NoContextError(ValueError):
    """``--context`` names what no kubeconfig has; the text says what is near."""


class Clusters:
    """The clusters of a session. Opening one happens on the event loop that will use it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.clock = SystemClock()
        self.chance = SystemChance()

    @cached_property
    def offered(self) -> Contexts:
        return contexts(self._session.kubeconfigs)

    @property
    def config(self) -> Config:
        return self._session.config

    @property
    def problems(self) -> tuple[Fault, ...]:
        """Kubeconfig files that could not be read."""
        return self.offered.problems

    @cached_property
    def contexts(self) -> dict[str, str]:
        """Display name to context. Two contexts that want one name keep their own. Kubeconfigs come from clusters and
        colleagues, so names are made harmless here; the contexts stay to the letter."""
        config = self._session.config
        named: dict[str, str] = {}
        for context in self.offered.names:
            name = clean(config.display_name(context))
            named[_free(clean(context) if name in named else name, named)] = context
        return named

    @cached_property
    def chosen(self) -> frozenset[str]:
        """Display names of the clusters that the session connects to at its start. Raises NoContextError."""
        config = self._session.config
        for pattern in self._session.patterns:
            _check_pattern(pattern, self.offered.names)
        wanted = chosen(config, self.offered.names, current=self.offered.current)
        return frozenset(name for name, context in self.contexts.items() if context in wanted)

    @property
    def patterns(self) -> tuple[str, ...]:
        """``--context``, as said on the command line."""
        return self._session.patterns

    @property
    def left_out(self) -> int:
        """Contexts that are not connected only because there are many of them and nobody has said which to take."""
        undecided = not self._session.patterns and self._session.config.connect == "auto"
        return len(self.contexts) - len(self.chosen) if undecided else 0

    def ref(self, name: str, *, uid: str = "") -> ClusterRef | None:
        """How a controller reaches it later; None when no kubeconfig names it."""
        context = self.contexts.get(name)
        if context is None:
            return None
        environment = self._session.config.tags(context).environment
        return cluster_ref(self._session.kubeconfigs, context, name=name, uid=uid, environment=environment)

    def reader(self, name: str) -> "ClusterReader":
        return self.connector.open_reader(self.contexts[name], name=name)

    def readers(self, names: Iterable[str]) -> "dict[str, Callable[[], ClusterReader]]":
        """One opener for each of these clusters, in the order of the configuration."""
        wanted = frozenset(names)
        return {name: partial(self.reader, name) for name in self.contexts if name in wanted}

    async def target(self, ref: ClusterRef) -> "TargetCluster":
        """For the controller: by the reference that the operation carries."""
        return self.connector.open_target(ref)

    async def mutes(self) -> "Mutes | None":
        """Where the controller mutes maintenance; None without an Alertmanager. Raises ClusterError."""
        if not self.config.alertmanagers:
            return None
        from fleetui.clients.alertmanager.connect import open_alertmanagers
        from fleetui.control.mutes import ANSWER_S, Mutes
        from fleetui.wiring.alerts import scheme

        configured = self.config.alertmanagers
        alerting = open_alertmanagers(configured, clock=self.clock, chance=self.chance, at_most_s=ANSWER_S)
        return Mutes(alerting, scheme(self.config))

    async def etcd(self, ref: ClusterRef) -> "EtcdCluster":
        """For the controller, and for who asks it for an operation: by the configuration as its file has it now.
        Raises ClusterError."""
        from fleetui.wiring.etcd_control import open_for_control  # the start needs none of it

        said = msgspec.structs.replace(self._session).config.cluster(ref.context).etcd
        read = partial(self.connector.open_reader, ref.context, name=ref.name)
        return await open_for_control(ref, said, read=read, clock=self.clock)

    def import_client(self) -> None:
        """Before the first connection, so that it does not pay for it."""
        assert self.connector is not None

    def import_boards(self) -> None:
        """Before somebody first looks at the boards that the rows have a word of, so that the loop does not pay for
        it: neither for modules nor for the files of kinds."""
        import fleetui.clients.alertmanager.connect
        import fleetui.clients.prometheus.connect
        import fleetui.observe.vitals
        import fleetui.wiring.alerts
        import fleetui.wiring.etcd
        import fleetui.wiring.metrics_boards  # noqa: F401 - all of them are only imported

        if self.config.metrics:
            assert self.kinds is not None

    @cached_property
    def connector(self) -> "Connector":
        from fleetui.clients.kube.connect import Connector

        timeout_s = parse_duration(self._session.config.exec_timeout)
        return Connector(self._session.kubeconfigs, clock=self.clock, chance=self.chance, exec_timeout_s=timeout_s)

    @cached_property
    def kinds(self) -> "Kinds":
        """Of replication, as the files have them at the first asking."""
        from fleetui.wiring.replication import kinds_of

        return kinds_of(self._session)

    def fleet(self, wanted: frozenset[str] | None = None) -> "Fleet":
        """The live picture of them all, with those chosen (or ``wanted``) wanted; nothing connects before it runs."""
        from fleetui.observe.fleet import Fleet  # a plain list needs no live picture

        cache_file = None if self._session.demo else self._session.paths.picture
        fleet = Fleet(clock=self.clock, chance=self.chance, cache_file=cache_file)
        config = self._session.config
        for name, context in self.contexts.items():
            fleet.add(name, open_reader=partial(self.reader, name), context=clean(context), tags=config.tags(context))
        fleet.add_board("etcd", partial(self._etcd_board, fleet))
        if config.alertmanagers or config.metrics:
            fleet.add_board("alerts", self._alert_board)
            fleet.add_board("silences", partial(_silence_board, fleet))
        if config.metrics:
            fleet.add_board("replication", self._replication_board)
        for board in METRICS_BOARDS:
            fleet.add_board(board, partial(self._metrics_board, board))
        fleet.load_cache()
        fleet.connect(sorted(self.chosen if wanted is None else wanted))
        return fleet

    def _alert_board(self) -> "AlertBoard":
        from fleetui.clients.system import login_actor
        from fleetui.wiring.alerts import alert_board  # the start needs none of it

        by = "" if self._session.readonly else str(login_actor())
        return alert_board(self._session.config, clock=self.clock, chance=self.chance, by=by)

    def _replication_board(self) -> "ReplicationBoard":
        from fleetui.wiring.replication import make_board  # the start needs none of it

        return make_board(self._session, found=self.kinds, clock=self.clock, chance=self.chance)

    def _metrics_board(self, name: "TableName") -> "MetricsBoard":
        from fleetui.wiring.metrics_boards import make_board  # the start needs none of it

        return make_board(name, self._session, self.contexts, clock=self.clock, chance=self.chance)

    def _etcd_board(self, fleet: "Fleet") -> "EtcdBoard":
        from fleetui.wiring.etcd import make_board  # the start needs none of it

        config = self._session.config
        configured = {name: config.cluster(context).etcd for name, context in self.contexts.items()}
        return make_board(configured, config.metrics, machines=fleet.machines, clock=self.clock, chance=self.chance)


def _silence_board(fleet: "Fleet") -> "SilenceBoard":
    from fleetui.observe.alert_board import AlertBoard, SilenceBoard

    alerts = fleet.board("alerts")
    assert isinstance(alerts, AlertBoard)
    return SilenceBoard(alerts)


def _free(name: str, taken: Container[str]) -> str:
    """The name, or the name with the first number that nobody has."""
    if name not in taken:
        return name
    return next(numbered for n in count(2) if (numbered := f"{name} ({n})") not in taken)


def _check_pattern(pattern: str, names: tuple[str, ...]) -> None:
    """Silence would look like an empty fleet. Without any context the kubeconfig's own problem is what to say."""
    if not names or any(fnmatchcase(name, pattern) for name in names):
        return
    from difflib import get_close_matches  # a millisecond that only a mistake needs

    near = get_close_matches(pattern, names, n=3)
    hint = f"did you mean {' or '.join(map(clean, near))}?" if near else "see: kubectl config get-contexts"
    raise NoContextError(f"--context {pattern}: none of the {len(names)} contexts matches; {hint}")
