"""The board of etcd, from what the configuration says of each cluster's etcd and of the sources of metrics."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from fleetui.clients.etcd.connect import open_etcd
from fleetui.model.config import EtcdConfig
from fleetui.model.health.etcd_places import control_plane_endpoints
from fleetui.model.health.etcd_promql import JOBS, QUERIES
from fleetui.model.machine import Machine
from fleetui.model.monitoring import MetricsConfig
from fleetui.observe.etcd import EtcdBoard
from fleetui.observe.questions import Board
from fleetui.ports.clock import Chance, Clock
from fleetui.wiring.questions import open_questions

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
        sources=open_questions(metrics, Board(QUERIES, JOBS), clock=clock, chance=chance),
        clock=clock,
        chance=chance,
    )
