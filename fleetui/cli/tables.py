"""What ``fleetui get`` can print, by the word on the command line."""

from typing import Any

from fleetui.model.table.column import Table
from fleetui.model.table.columns_cluster import CLUSTERS
from fleetui.model.table.columns_machine import MACHINES
from fleetui.model.table.columns_operation import OPERATIONS
from fleetui.model.table.columns_pod import PODS

TABLES: dict[str, Table[Any]] = {"clusters": CLUSTERS, "machines": MACHINES, "pods": PODS, "ops": OPERATIONS}
