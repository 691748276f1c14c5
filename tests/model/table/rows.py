"""Rows for the tables' tests: machines and clusters with just what a test is about."""

import random
from typing import Any

from fleetui.model.cluster import Cluster, Tags
from fleetui.model.freshness import Source, Trust
from fleetui.model.machine import Machine
from fleetui.model.picture import Delta, row_id

NOW = 1_800_000_000.0
HOUR = 3600.0
STATUSES = ("Ready", "Ready", "Ready", "Ready", "NotReady", "Ready,SchedulingDisabled", "Unknown")


def machine(name: str = "wk-1", **said: Any) -> Machine:
    return Machine(**{"uid": f"uid-{name}", "name": name, "cluster": "eu-1", "status": "Ready", "created": NOW} | said)


def cluster(name: str = "eu-1", *, environment: str = "", **said: Any) -> Cluster:
    defaults: dict[str, Any] = {"trust": Trust.LIVE, "source": Source.PUSHED, "nodes_ready": 3, "nodes_total": 3}
    return Cluster(**{"name": name, "tags": Tags(environment=environment)} | defaults | said)


def random_machine(chance: random.Random, number: int) -> Machine:
    return machine(
        f"wk-{number}",
        cluster=f"eu-{number % 7}" if number % 3 else f"us-{number % 5}",
        status=chance.choice(STATUSES),
        version=chance.choice(("v1.34.6", "v1.35.4", "v1.36.0", "")),
        created=chance.choice((None, NOW - chance.uniform(0, 72 * HOUR))),
        labels=(("pool", chance.choice(("gpu", "cpu"))),) if number % 4 else (),
    )


def delta(*rows: Any, removes: tuple[str, ...] = (), reset: bool = False) -> Delta[Any]:
    return Delta(upserts=tuple((row_id(row), row) for row in rows), removes=removes, reset=reset)
