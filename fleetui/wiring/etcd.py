"""The board of etcd, from what the configuration says of each cluster's etcd and of the sources of metrics."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from fleetui.clients.etcd.connect import open_etcd
from fleetui.clients.prometheus.connect import open_sources
from fleetui.clients.prometheus.origin import origin
from fleetui.model.config import EtcdConfig
from fleetui.model.fault import ClusterError
from fleetui.model.health.etcd_places import control_plane_endpoints
from fleetui.model.machine import Machine
from fleetui.model.monitoring import MetricsConfig
from fleetui.observe.etcd import EtcdBoard, Questions, Unopened
from fleetui.observe.etcd_questions import EtcdQuestions
from fleetui.ports.clock import Chance, Clock

Machines = Callable[[str], Iterable[Machine]]
"""The machines of a cluster as they are known now."""


def make_board(
    configured: Mapping[str, EtcdConfig],
    metrics: Mapping[str, MetricsConfig],
    *,
    machines: Machines,
    clock: Clock,
    chance: Chance,
) -> EtcdBoard:
    """``configured`` by display name, of every cluster of the session. Without any way to any etcd there are no rows:
    the screen then says how to give one. To be called on the event loop."""
    direct = {name: said for name, said in configured.items() if said.configured}

    def nodes(name: str) -> Sequence[str]:
        return control_plane_endpoints(machines(name))

    return EtcdBoard(
        names=configured if direct or metrics else (),
        members={
            name: partial(open_etcd, name, said, nodes=partial(nodes, name), clock=clock)
            for name, said in direct.items()
        },
        sources={name: (asked, metrics[name]) for name, asked in _questions(metrics, clock, chance).items()},
        clock=clock,
        chance=chance,
    )


def _questions(metrics: Mapping[str, MetricsConfig], clock: Clock, chance: Chance) -> dict[str, Questions]:
    """Those of one server share its door; one that cannot be opened leaves the others."""
    found: dict[str, Questions] = {}
    usable: dict[str, MetricsConfig] = {}
    for name, said in metrics.items():
        try:
            origin(name, said)
            usable[name] = said
        except ClusterError as error:
            found[name] = Unopened(name, error.fault)
    sources = open_sources(usable, clock=clock, chance=chance)
    return found | {name: EtcdQuestions(source, metrics[name], clock=clock) for name, source in sources.items()}
