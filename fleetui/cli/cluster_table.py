"""Clusters on paper: a screen says a row's verdict with a sign and a colour, plain output says it with a word."""

import msgspec

from fleetui.model.cluster import Cluster
from fleetui.model.cluster_verdict import health
from fleetui.model.table.column import Column, Table
from fleetui.model.table.columns_cluster import CLUSTERS

_HEALTH: Column[Cluster] = Column(
    id="health",
    title="HEALTH",
    doc="The verdict: broken, warning, busy, unknown, calm.",
    value=lambda row: health(row).value,
    known=True,
    text=lambda row, _: health(row).value,
    least=7,
    priority=2,
)


def cluster_table() -> Table[Cluster]:
    """With the verdict."""
    name, *others = CLUSTERS.columns
    return msgspec.structs.replace(CLUSTERS, columns=(name, _HEALTH, *others))
