"""The checks of a drain: what would be lost, what the budgets will say, and whether the rest can carry it."""

import asyncio
from collections.abc import Callable, Sequence

from fleetui.control.facts import Facts
from fleetui.control.headroom import weigh
from fleetui.control.preflight import CheckKind, Finding, fail, ok, unknown
from fleetui.model.budget import BudgetVerdict, Ruling, selects
from fleetui.model.capacity import already_out, biggest, domains, fits_on, hosts
from fleetui.model.drain import PodState
from fleetui.model.duration import format_duration
from fleetui.model.eviction import is_daemon, is_finished, local_volumes
from fleetui.model.fault import ClusterError
from fleetui.model.operation import Severity, Target
from fleetui.model.placement import lets_in

SHOWN = 5
"""Names in one line of evidence; the rest is counted."""
HOSTS_LOOKED_AT = 10
"""Machines whose pods are read to find room for the biggest pod, the roomiest first."""
DRY_RUNS = 200
"""Pods of one machine rehearsed on the server; the kubelet's default limit is 110."""
WEIGHED = "taints, node selectors, required node affinity"

_PODS = "GET /api/v1/pods?fieldSelector=spec.nodeName={name}"
_ROOM = "GET /api/v1/nodes, GET /api/v1/pods, computed"
_BUDGETS = "GET /apis/policy/v1/namespaces/*/poddisruptionbudgets, computed"


def _named(pods: Sequence[PodState], say: Callable[[PodState], str] = lambda _pod: "") -> str:
    shown = [f"{pod.full_name}{f' ({said})' if (said := say(pod)) else ''}" for pod in pods[:SHOWN]]
    more = [f"and {len(pods) - SHOWN} more"] if len(pods) > SHOWN else []
    return ", ".join(shown + more)


async def _pods(facts: Facts, target: Target) -> Finding:
    planned = await facts.planned(target)
    counts = {action: sum(pod.action == action for pod in planned) for action in ("evict", "skip", "wait", "refuse")}
    evidence = f"{counts['evict']} to evict, {counts['skip']} stay, {counts['wait']} already going"
    if counts["refuse"]:
        refused = next(pod for pod in planned if pod.action == "refuse")
        evidence += f", {counts['refuse']} refused: {refused.namespace}/{refused.name}: {refused.why}"
        return fail(evidence, "accept it by an option, or move these pods by hand")
    return ok(evidence)


async def _naked(facts: Facts, target: Target) -> Finding:
    naked = [pod for pod in await facts.living(target) if pod.controller is None]
    if not naked:
        return ok("every pod has a controller")
    evidence = f"nothing will bring back {_named(naked)}"
    if facts.filters.force:
        return fail(evidence, severity=Severity.WARN)
    return fail(evidence, "use --option force=true to delete them, or move them first")


async def _empty_dirs(facts: Facts, target: Target) -> Finding:
    pods = [pod for pod in await facts.living(target) if pod.empty_dirs]
    if not pods:
        return ok("no pod keeps data in an emptyDir")
    evidence = f"lost with {_named(pods, lambda pod: ', '.join(pod.empty_dirs))}"
    if facts.filters.delete_emptydir_data:
        return fail(evidence, severity=Severity.WARN)
    return fail(evidence, "use --option delete_emptydir_data=true to lose it, or save it first")


async def _daemons(facts: Facts, target: Target) -> Finding:
    daemons = [pod for pod in await facts.pods_on(target.name) if is_daemon(pod) and not is_finished(pod)]
    gone = await asyncio.gather(*(facts.daemon_set_gone(pod) for pod in daemons))
    orphans = [pod for pod, orphan in zip(daemons, gone, strict=True) if orphan]
    if orphans:
        severity = Severity.WARN if facts.filters.force else Severity.BLOCK
        return fail(
            f"their DaemonSet is gone: {_named(orphans)}", "use --option force=true to evict them", severity=severity
        )
    if daemons and not facts.filters.ignore_daemonsets:
        return fail(f"{_named(daemons)}", "use --option ignore_daemonsets=true", severity=Severity.BLOCK)
    return ok(f"{len(daemons)} DaemonSet pods stay")


async def _volumes(facts: Facts, target: Target) -> Finding:
    pods = [pod for pod in await facts.living(target) if local_volumes(pod)]
    if not pods:
        return ok("no hostPath or claim in the pods that move")
    remedy = "what lies on the machine itself stays there; a local volume keeps its pod Pending elsewhere"
    return fail(_named(pods, local_volumes), remedy)


async def _budgets(facts: Facts, target: Target) -> Finding:
    verdicts = await facts.rehearsal()
    mine = [verdicts[pod.uid] for pod in await facts.evictable(target) if pod.uid in verdicts]
    blocked = [verdict for verdict in mine if verdict.blocks and verdict.ruling is not Ruling.SEVERAL]
    if blocked:
        first = blocked[0]
        said = [first.detail, await _unready(facts, first), await _owned(facts, first.pod)]
        waits = f"{first.pod.full_name}{f' and {len(blocked) - 1} more' if len(blocked) > 1 else ''} would wait"
        return fail(", ".join([part for part in said if part] + [waits]), first.remedy)
    spent = sum(verdict.ruling is Ruling.SPENT for verdict in mine)
    allowed = sum(verdict.ruling is Ruling.ALLOWED for verdict in mine)
    free = len(mine) - allowed - spent
    return ok(
        f"pods that may go at once {allowed}, that wait for replacements of others {spent}, without budget {free}"
    )


async def _unready(facts: Facts, verdict: BudgetVerdict) -> str:
    """The pods that keep the budget shut, ``payments/api-x2k9p not Ready since 14m``; else since when it is shut."""
    shut = f"shut since {format_duration(facts.clock.now() - verdict.since)}" if verdict.since is not None else ""
    try:
        pods = await facts.pods_in(verdict.pod.namespace)
    except ClusterError:
        return shut
    budget = verdict.budgets[0]
    sick = [pod for pod in pods if selects(budget, pod) and not pod.ready and not is_finished(pod)]
    return f"not Ready: {_named(sick, lambda pod: _since(facts, pod))}" if sick else shut


def _since(facts: Facts, pod: PodState) -> str:
    return "" if pod.ready_changed is None else f"since {format_duration(facts.clock.now() - pod.ready_changed)}"


async def _owned(facts: Facts, pod: PodState) -> str:
    try:
        owner = await facts.owner(pod)
    except ClusterError:
        return ""
    return f"owner {owner.kind}/{owner.name}" if owner is not None else ""


async def _several(facts: Facts, target: Target) -> Finding:
    verdicts = await facts.rehearsal()
    mine = [verdicts[pod.uid] for pod in await facts.evictable(target) if pod.uid in verdicts]
    several = [verdict for verdict in mine if verdict.ruling is Ruling.SEVERAL]
    if several:
        return fail(f"{several[0].pod.full_name}: {several[0].detail}", several[0].remedy)
    return ok("at most one budget per pod")


async def _dry_run(facts: Facts, target: Target) -> Finding:
    pods = (await facts.evictable(target))[:DRY_RUNS]
    answers = await asyncio.gather(*(_rehearse_on_server(facts, pod) for pod in pods))
    refused = [(pod, said) for pod, said in zip(pods, answers, strict=True) if said]
    if refused:
        pod, said = refused[0]
        return fail(f"the server refuses {len(refused)} of {len(pods)}: {pod.full_name}: {said}")
    return ok(f"the server would accept each of {len(pods)} (it does not add them up; the check before does)")


async def _rehearse_on_server(facts: Facts, pod: PodState) -> str:
    answer = await facts.dry_run(pod)
    if answer.code in (200, 201, 404):
        return ""
    return f"{answer.code} {answer.message} {' '.join(answer.causes)}".strip()


async def _single(facts: Facts, target: Target) -> Finding:
    pods = [pod for pod in await facts.living(target) if pod.controller is not None]
    owners = await asyncio.gather(*(_owner_replicas(facts, pod) for pod in pods))
    single = [pod for pod, replicas in zip(pods, owners, strict=True) if replicas == 1]
    unclear = sum(replicas is None for replicas in owners)
    if single:
        return fail(f"the only replica: {_named(single)}", "it is down until its replacement is ready")
    if unclear:
        return unknown(f"replicas of {unclear} pods' owners are not known")
    return ok("no workload has just one replica")


async def _owner_replicas(facts: Facts, pod: PodState) -> int | None:
    try:
        owner = await facts.owner(pod)
    except ClusterError:
        return None
    # A Job has no replicas to speak of: what counts is that it is run again.
    return owner.replicas if owner is not None and owner.kind != "Job" else (0 if owner is not None else None)


async def _stuck(facts: Facts, target: Target) -> Finding:
    pods = await facts.pods_on(target.name)
    held = [pod for pod in pods if pod.finalizers and not is_daemon(pod) and not pod.mirror]
    going = [pod for pod in pods if pod.deleting_since is not None]
    if held:
        return fail(f"finalizers: {_named(held, lambda pod: ', '.join(pod.finalizers))}", "see their owners")
    if going:
        return fail(f"already terminating: {_named(going)}", "the drain waits for them")
    return ok("none terminating, no finalizers")


async def _capacity(facts: Facts, _target: Target) -> Finding:
    weighed = await weigh(facts)
    if weighed.homeless:
        evidence = f"no machine that stays lets {len(weighed.homeless)} pods in ({WEIGHED}): {_named(weighed.homeless)}"
        return fail(evidence, "they will stay Pending: add a machine for them, or leave theirs out")
    tight = weighed.squeeze
    if tight is None:
        return unknown("allocatable or requests are not known")
    out = already_out(await facts.nodes(), among=facts.target_names)
    evidence = f"{tight.scarce}: {tight.left_pct:.0f} % of today's stays, {tight.needed_pct:.0f} % is asked for"
    if out:
        evidence += f", {' '.join(node.name for node in out[:SHOWN])} already out"
    if weighed.machines < weighed.hosts:
        evidence += f", on the {weighed.machines} of {weighed.hosts} machines that let its pods in"
    if not tight.fits:
        return fail(evidence, "some pods will stay Pending: drain fewer machines, or add some")
    left_out = f", {weighed.unweighed} pods with rules of their own" if weighed.unweighed else ""
    return ok(f"{evidence} (weighed: {WEIGHED}; not: pod affinity, spread, volumes{left_out})")


async def _biggest(facts: Facts, _target: Target) -> Finding:
    pod = biggest([pod for target in facts.intent.targets for pod in await facts.living(target)])
    if pod is None:
        return ok("no pod asks for anything")
    asks = f"{pod.full_name} asks {pod.cpu:g} cores, {pod.memory / 2**30:.1f} GiB"
    candidates = [node for node in hosts(await facts.nodes(), without=facts.target_names) if lets_in(node, pod)]
    for node in candidates[:HOSTS_LOOKED_AT]:
        if fits_on(pod, node, await facts.pods_on(node.name)):
            return ok(f"{asks}: fits on {node.name}")
    if len(candidates) > HOSTS_LOOKED_AT:
        return unknown(f"{asks}: no room on the {HOSTS_LOOKED_AT} roomiest of {len(candidates)}")
    return fail(f"{asks}: no machine that lets it in has that much free", "it will stay Pending")


async def _domains(facts: Facts, _target: Target) -> Finding:
    counts = domains(await facts.nodes(), without=facts.target_names)
    if not counts:
        return ok("no zones are labelled")
    said = ", ".join(f"{zone} keeps {keeps} of {had}" for zone, (keeps, had) in counts.items())
    if any(keeps == 0 and had > 0 for keeps, had in counts.values()):
        return fail(said, "a zone would have no machine left: drain it in parts")
    return ok(said)


DRAIN_POD_CHECKS = (
    CheckKind("pods", "pods", Severity.BLOCK, _PODS, _pods),
    CheckKind("naked", "pods without a controller", Severity.BLOCK, _PODS, _naked),
    CheckKind("emptydir", "emptyDir data", Severity.BLOCK, _PODS, _empty_dirs),
    CheckKind("daemons", "DaemonSet pods", Severity.INFO, _PODS, _daemons),
    CheckKind("volumes", "local volumes", Severity.WARN, _PODS, _volumes),
    CheckKind("budgets", "disruption budgets", Severity.FORCE, _BUDGETS, _budgets),
    CheckKind(
        "dry-run",
        "evictions rehearsed on the server",
        Severity.FORCE,
        "POST /api/v1/namespaces/*/pods/*/eviction?dryRun=All",
        _dry_run,
    ),
    CheckKind("several-budgets", "one budget per pod", Severity.FORCE, _BUDGETS, _several),
    CheckKind("single", "single replicas", Severity.WARN, f"{_PODS}, GET their owners", _single),
    CheckKind("stuck", "terminating pods and finalizers", Severity.WARN, _PODS, _stuck),
    CheckKind("capacity", "capacity left", Severity.FORCE, _ROOM, _capacity, per_machine=False, guards=True),
    CheckKind("biggest", "room for the biggest pod", Severity.WARN, _ROOM, _biggest, per_machine=False),
    CheckKind(
        "domains",
        "failure domains",
        Severity.WARN,
        "GET /api/v1/nodes, label topology.kubernetes.io/zone",
        _domains,
        per_machine=False,
    ),
)
