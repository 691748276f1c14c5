"""kubectl lines that give planned nodes their labels and taints; machines that get the same share a line."""

from collections.abc import Iterator

from fleetui.model.topology.marks import labels_of, nodes, taints_of
from fleetui.model.topology.needs import Needs
from fleetui.model.topology.plan import Plan

_HEAD = """#!/bin/sh
# Labels and taints of every node of the plan. Each line may be run again.
# Contexts are called as the clusters; nodes as the plan calls them."""


def label_commands(needs: Needs, plan: Plan) -> str:
    """A shell script. Names and values are such as Kubernetes allows: nothing in them needs quotes."""
    return "\n".join([_HEAD, "set -eu", *_lines(needs, plan), ""])


def _lines(needs: Needs, plan: Plan) -> Iterator[str]:
    labelled: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    tainted: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for machine in nodes(plan):
        labels = tuple(f"{key}={value}" for key, value in labels_of(needs, plan, machine).items())
        labelled.setdefault((machine.cluster, labels), []).append(machine.name)
        taints = tuple(f"{key}={value}:NoSchedule" for key, value in taints_of(needs, plan, machine))
        if taints:
            tainted.setdefault((machine.cluster, taints), []).append(machine.name)
    for verb, grouped in (("label", labelled), ("taint", tainted)):
        for (cluster, said), names in grouped.items():
            yield f"kubectl --context {cluster} {verb} --overwrite node {' '.join(names)} {' '.join(said)}"
