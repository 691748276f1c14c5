"""A plan as records that each fit the store, and back: a machine may run 500 pods, a record holds 16 kB."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import msgspec

from fleetui.model import journal
from fleetui.model.operation import Blast, Check, Intent, Plan, PlannedPod, PlannedStep

PAGE_BYTES = 12_000
"""Encoded bytes of the items of one record: the store's 16,384 less the record's own words and JSON's commas."""

Part = journal.PlanBegun | journal.PlanStep | journal.PlanPods | journal.PlanChecks
"""The records of a plan before it is sealed."""

Item = TypeVar("Item", PlannedPod, Check)


def plan_records(plan: Plan) -> Iterator[Part | journal.PlanSealed]:
    """The whole plan, from ``PlanBegun`` to ``PlanSealed``; ``Draft`` puts it together again."""
    yield journal.PlanBegun(at=plan.made_at)
    for step in plan.steps:
        yield journal.PlanStep(step=msgspec.structs.replace(step, pods=()))
        for pods in pages(step.pods):
            yield journal.PlanPods(step_id=step.id, pods=pods)
    for checks in pages(plan.checks):
        yield journal.PlanChecks(checks=checks)
    yield journal.PlanSealed(digest=plan.digest, blast=plan.blast, at=plan.made_at)


def pages(items: Sequence[Item], *, limit: int = PAGE_BYTES) -> Iterator[tuple[Item, ...]]:
    """The items in order, in runs of at most ``limit`` encoded bytes; one that is larger stands alone."""
    page: list[Item] = []
    size = 0
    for item in items:
        needs = len(msgspec.json.encode(item)) + 1
        if page and size + needs > limit:
            yield tuple(page)
            page, size = [], 0
        page.append(item)
        size += needs
    if page:
        yield tuple(page)


class Draft:
    """A plan on its way through the journal, until it is sealed."""

    def __init__(self) -> None:
        self._steps: dict[str, PlannedStep] = {}
        self._pods: dict[str, list[PlannedPod]] = {}
        self._checks: list[Check] = []

    def add(self, part: Part) -> None:
        match part:
            case journal.PlanStep(step):
                self._steps[step.id] = step
            case journal.PlanPods(step_id, pods):
                self._pods.setdefault(step_id, []).extend(pods)
            case journal.PlanChecks(checks):
                self._checks.extend(checks)
            case journal.PlanBegun():
                pass  # who keeps the draft has begun a new one

    def plan(self, intent: Intent, *, blast: Blast, made_at: float) -> Plan:
        """What has been added, as a plan; its digest tells whether it is what was sealed."""
        steps = tuple(self._with_pods(step) for step in self._steps.values())
        return Plan(intent=intent, steps=steps, checks=tuple(self._checks), blast=blast, made_at=made_at)

    def _with_pods(self, step: PlannedStep) -> PlannedStep:
        return msgspec.structs.replace(step, pods=(*step.pods, *self._pods.get(step.id, ())))
