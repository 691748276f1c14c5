"""What ``fleetui get`` can print, by the word on the command line."""

from typing import Any

from fleetui.model.table.column import Table

WORDS = ("clusters", "machines", "pods", "ops", "etcd", "alerts")

BY_TROUBLE = frozenset({"clusters", "etcd", "alerts"})
"""Tables in the screen's order, trouble first; machines and pods come as their servers list them, operations running
first and then the newest."""

PULSE = frozenset({"lastContact", "apiLatencySeconds", "podsAt", "sampledAt", "confirmedAt"})
"""Fields that every sign of life changes; where nothing else does, a watch has nothing to tell."""


def table_of(word: str) -> Table[Any]:
    """One of ``WORDS``. Imports what that table needs alone: half of what a list costs is imports."""
    match word:
        case "clusters":
            from fleetui.cli.cluster_table import cluster_table

            return cluster_table()
        case "machines":
            from fleetui.model.table.columns_machine import MACHINES

            return MACHINES
        case "pods":
            from fleetui.model.table.columns_pod import PODS

            return PODS
        case "ops":
            from fleetui.cli.operation_table import operation_table

            return operation_table()
        case "alerts":
            from fleetui.model.table.columns_alert import ALERTS

            return ALERTS
        case "etcd":
            from fleetui.model.table.columns_etcd import ETCD

            return ETCD
    raise KeyError(word)
