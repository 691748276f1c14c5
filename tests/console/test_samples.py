"""The sample fleet, of which the pictures are made, agrees with itself."""

from collections import Counter

from fleetui.control.registry import load_registry
from fleetui.model.cluster import ClusterRef
from fleetui.model.operation import Intent, Target
from tests.console.samples import BUDGET_WAIT, CLUSTERS, all_machines, fill, pods, running_drain, tense_plan
from tests.console.world import World


def test_every_clusters_numbers_are_those_of_its_machines() -> None:
    rows = all_machines()
    for known in CLUSTERS:
        own = [row for row in rows if row.cluster == known.name]
        assert len(own) == (known.nodes_total or 0), known.name
        if known.nodes_ready is not None:
            assert sum(bool(row.ready) for row in own) == known.nodes_ready, known.name
            assert sum(row.cordoned for row in own) == known.cordoned, known.name
            leads = [row for row in own if row.control_plane]
            assert len(leads) == (known.control_plane_total or 0), known.name
            assert {row.operation for row in own} - {""} == {known.operation} - {""}, known.name
    assert len({(row.cluster, row.uid) for row in rows}) == len(rows)


def test_every_pod_is_on_a_machine_that_there_is() -> None:
    places = {(row.cluster, row.name) for row in all_machines()}

    assert all((row.cluster, row.node) in places for row in pods() if row.node)


def test_the_blocked_drain_names_a_pod_of_its_machine_and_the_budget_counts_those_listed() -> None:
    world = fill(World())
    operation = world.desk.operation(running_drain(world, "wk-b-12", "wk-b-07", "wk-b-13"))
    blocked = next(step for step in operation.steps if step.waiting)
    held = next(row for row in pods() if BUDGET_WAIT.object == f"pod {row.namespace}/{row.name}")
    replicas = [row for row in pods() if row.owner == held.owner]

    assert held.node == blocked.target.name
    assert BUDGET_WAIT.detail == f"pdb payments/api allows 0: needs {len(replicas)}, has {len(replicas)}"
    assert operation.submitted <= (operation.started or 0)


def test_a_tense_plan_counts_what_its_steps_list() -> None:
    world = fill(World())
    names = [f"wk-b-{number:02d}" for number in (1, 3, 4, 9)]
    operation = world.desk.operation(running_drain(world, *names))
    plan = tense_plan(operation.intent)
    actions = Counter(pod.action for step in plan.steps for pod in step.pods)

    assert plan.blast.pods_moved == actions["evict"]
    assert {check.target for check in plan.checks} - {""} <= {target.name for target in plan.intent.targets}
    (blocked,) = [(step.target.name, pod) for step in plan.steps for pod in step.pods if pod.blocked]
    assert next(row.node for row in pods() if row.name == blocked[1].name) == blocked[0]


def test_the_checks_of_the_samples_have_the_words_of_the_product() -> None:
    titles = {kind.id: kind.title for kind in load_registry()["drain"].checks}
    targets = tuple(Target(f"wk-{at}", f"uid-{at}") for at in range(3))
    checks = tense_plan(Intent("drain", ClusterRef("prod-east-2", "prod-east-2"), targets)).checks
    assert {check.id: check.title for check in checks} == {check.id: titles[check.id] for check in checks}
