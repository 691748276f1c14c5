"""What ``fleetui get`` can print, by the word on the command line."""

from importlib import import_module
from typing import Any

from fleetui.model.table.column import Table

WORDS = (
    "clusters", "machines", "pods", "ops", "etcd", "replication", "controlplane", "slo",
    "executive", "oncall", "debug", "coverage", "alerts", "racks", "devices", "feeds", "places",
)  # fmt: skip

BY_TROUBLE = frozenset({"clusters", "etcd", "replication", "controlplane", "slo", "coverage", "alerts"})
"""Tables in the screen's order, trouble first; machines and pods come as their servers list them, operations running
first and then the newest."""

PULSE = frozenset({"lastContact", "apiLatencySeconds", "podsAt", "sampledAt", "confirmedAt", "figures"})
"""Fields that every sign of life changes; where nothing else does, a watch has nothing to tell."""


_COLUMNS = {
    "machines": ("columns_machine", "MACHINES"),
    "pods": ("columns_pod", "PODS"),
    "alerts": ("columns_alert", "ALERTS"),
    "etcd": ("columns_etcd", "ETCD"),
    "controlplane": ("columns_controlplane", "CONTROLPLANE"),
    "slo": ("columns_slo", "SLO"),
    "executive": ("columns_board", "EXECUTIVE"),
    "oncall": ("columns_board", "ONCALL"),
    "debug": ("columns_board", "DEBUG"),
    "coverage": ("columns_coverage", "COVERAGE"),
    "replication": ("columns_replication", "REPLICATION"),
    "racks": ("columns_rack", "RACKS"),
    "devices": ("columns_device", "DEVICES"),
    "feeds": ("columns_feed", "FEEDS"),
    "places": ("columns_place", "PLACES"),
}
"""Tables that are a screen's own: the module in ``model.table`` and the name in it."""


def table_of(word: str) -> Table[Any]:
    """One of ``WORDS``. Imports what that table needs alone: half of what a list costs is imports."""
    match word:
        case "clusters":
            from fleetui.cli.cluster_table import cluster_table

            return cluster_table()
        case "ops":
            from fleetui.cli.operation_table import operation_table

            return operation_table()
    module, name = _COLUMNS[word]
    table: Table[Any] = getattr(import_module(f"fleetui.model.table.{module}"), name)
    return table
