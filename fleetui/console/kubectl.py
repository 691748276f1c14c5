"""The kubectl line that shows or does the same, so that a runbook, a ticket and a doubting colleague have it. Pure."""

import shlex
from collections.abc import Sequence

from fleetui.console.command import Item
from fleetui.console.views import View
from fleetui.model.cluster import Cluster
from fleetui.model.defaults import OWN_GRACE
from fleetui.model.ledger import Operation
from fleetui.model.machine import Machine
from fleetui.model.operation import ETCD_KINDS, Intent
from fleetui.model.pod import Pod

_SWITCHES = (
    ("ignore_daemonsets", True, "--ignore-daemonsets"),
    ("force", False, "--force"),
    ("delete_emptydir_data", False, "--delete-emptydir-data"),
)
"""(option, what the drain does when nothing is said, kubectl's flag for True)."""


def for_view(view: View, context: str) -> str:
    """Of the screen as a whole."""
    if view.screen == "pods":
        return " ".join([*_kubectl(context), "get pods -A -o wide", *_on_machine(view)])
    if view.screen == "machines":
        return " ".join([*_kubectl(context), "get nodes -o wide"])
    return " ".join([*_kubectl(context), "get nodes"])


def for_item(item: Item, context: str) -> str:
    """Of the thing under the cursor."""
    if isinstance(item, Operation):
        return for_intent(item.intent)
    if isinstance(item, Pod):
        return " ".join(
            [*_kubectl(context), "-n", shlex.quote(item.namespace), "get pod", shlex.quote(item.name), "-o yaml"]
        )
    if isinstance(item, Machine):
        return " ".join([*_kubectl(context), "get node", shlex.quote(item.name), "-o yaml"])
    return " ".join([*_kubectl(context), "get --raw /readyz?verbose"])


def for_intent(intent: Intent) -> str:
    """What kubectl would be told; it checks less, waits for no budget it cannot see, and undoes nothing.

    It has no word for machines at once, for replacements that are waited for, nor for what becomes of a failure.
    """
    if intent.kind.startswith(ETCD_KINDS):
        return _etcd_line(intent)
    names = [shlex.quote(target.name) for target in intent.targets]
    words = [*_kubectl(intent.cluster.context), intent.kind, *names]
    if intent.kind == "drain":
        words += _drain_flags(intent)
    return " ".join(words)


def _etcd_line(intent: Intent) -> str:
    """kubectl has no word for etcd; this does the same from a shell."""
    options = [f"--option {shlex.quote(f'{key}={value}')}" for key, value in intent.options]
    return " ".join(["fleetui run", intent.kind, "--cluster", shlex.quote(intent.cluster.name), *options])


def context_of(item: Item | None, view: View, clusters: Sequence[Cluster]) -> str:
    """The kubeconfig context of the item's cluster, or of the view's."""
    if isinstance(item, Operation):
        return item.intent.cluster.context
    if isinstance(item, Cluster):
        return item.context or item.name
    name = item.cluster if item is not None else view.cluster
    return next((cluster.context for cluster in clusters if cluster.name == name and cluster.context), name)


def _kubectl(context: str) -> list[str]:
    return ["kubectl", "--context", shlex.quote(context)] if context else ["kubectl"]


def _on_machine(view: View) -> list[str]:
    return [f"--field-selector spec.nodeName={shlex.quote(view.machine)}"] if view.machine else []


def _drain_flags(intent: Intent) -> list[str]:
    flags = [flag for key, usual, flag in _SWITCHES if intent.option(key, usual) is True]
    if (grace := intent.option("grace_s", OWN_GRACE)) != OWN_GRACE:
        flags.append(f"--grace-period={grace}")
    if timeout := intent.option("timeout_s", 0):
        flags.append(f"--timeout={timeout}s")
    if silent := intent.option("skip_wait_unreachable_s", 0):
        flags.append(f"--skip-wait-for-delete-timeout={silent}")
    return flags
