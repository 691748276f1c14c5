"""A pod in words: what each container does and why it ended, and which budgets hold it."""

from collections.abc import Iterable

from fleetui.model.budget import selects
from fleetui.model.cluster import Cluster
from fleetui.model.description import (
    condition_fact,
    event_section,
    history_section,
    label_section,
    refused_section,
    trust_fact,
)
from fleetui.model.details import ContainerDetails, PodDetails
from fleetui.model.drain import Budget
from fleetui.model.duration import age_text
from fleetui.model.history import Transition
from fleetui.model.pod import Pod
from fleetui.model.section import Fact, Section, present, section


def pod_sections(
    pod: Pod,
    details: PodDetails | None,
    *,
    cluster: Cluster | None,
    transitions: Iterable[Transition] = (),
    now: float,
) -> tuple[Section, ...]:
    """``details`` is None when they could not be read: then only what the row knows is said."""
    return present(
        section(
            f"{pod.namespace}/{pod.name}",
            trust_fact(cluster, now),
            Fact("in", pod.cluster),
            Fact("status", pod.status, "" if pod.healthy else "warn"),
            Fact("phase", _phase(details) if details is not None else ""),
            Fact("deleting", "" if pod.deleting_since is None else f"for {age_text(pod.deleting_since, now)}", "warn"),
            Fact("machine", pod.node or "not scheduled"),
            Fact("owner", pod.owner or "none: nothing replaces it", "" if pod.owner else "warn"),
            Fact("age", age_text(pod.created, now)),
            Fact("ip", pod.ip),
            Fact("uid", pod.uid, "muted"),
        ),
        *(_read_sections(details, now) if details is not None else ()),
        history_section(transitions, now),
        event_section(details.happenings, now) if details is not None else None,
        refused_section(details.refused) if details is not None else None,
        label_section(pod.labels),
    )


def _phase(details: PodDetails) -> str:
    return ": ".join(part for part in (details.pod.phase, details.reason, details.message) if part)


def _read_sections(details: PodDetails, now: float) -> tuple[Section | None, ...]:
    return (
        section("containers", *(fact for one in details.containers for fact in _container_facts(one, now))),
        section("conditions", *(condition_fact(one, now, good="True") for one in details.conditions)),
        _budget_section(details, now),
        section("holds", *_holds(details)),
    )


def _container_facts(one: ContainerDetails, now: float) -> tuple[Fact, ...]:
    """``api  waiting: CrashLoopBackOff, 17 restarts``, and below it how the run before ended."""
    since = "" if one.since is None else f" since {age_text(one.since, now)}"
    words = [f"{one.state or 'not started'}{since}" + (f": {one.reason}" if one.reason else "")]
    if one.exit_code is not None:
        words.append(f"exit code {one.exit_code}")
    if one.state == "running" and not one.ready:
        words.append("not ready")
    if one.restarts:
        words.append(f"{one.restarts} restart{'s' if one.restarts > 1 else ''}")
    name = f"{one.name} (init)" if one.init else one.name
    return (
        Fact(name, ", ".join(words), _container_tone(one)),
        Fact("", _last_run(one, now), "muted"),
        Fact("", one.message, "muted"),
        Fact("", one.image, "muted"),
    )


def _container_tone(one: ContainerDetails) -> str:
    if one.state == "terminated":
        return "" if one.exit_code == 0 else "danger"
    if one.state == "running":
        return "" if one.ready or one.init else "warn"
    return "danger" if one.last_exit_code or one.reason not in ("", "ContainerCreating", "PodInitializing") else "warn"


def _last_run(one: ContainerDetails, now: float) -> str:
    if one.last_exit_code is None:
        return ""
    why = f" ({one.last_reason})" if one.last_reason else ""
    when = "" if one.last_ended is None else f", {age_text(one.last_ended, now)} ago"
    return f"the run before ended with exit code {one.last_exit_code}{why}{when}"


def _budget_section(details: PodDetails, now: float) -> Section | None:
    if details.budgets is None:
        return section("disruption budgets", Fact("budgets", "not read: whether one holds it is unknown", "warn"))
    own = [budget for budget in details.budgets if selects(budget, details.pod)]
    if not own:
        return section("disruption budgets", Fact("budgets", "none covers it: an eviction is not held"))
    several = Fact("", "more than one covers it: the server refuses every eviction", "danger") if len(own) > 1 else None
    return section("disruption budgets", *(_budget(one, now) for one in own), several)


def _budget(budget: Budget, now: float) -> Fact:
    """``at its limit: allows 0, 3 of 3 healthy needed, since 14m``."""
    if budget.disruptions_allowed is None:
        return Fact(budget.full_name, "not observed by its controller yet: the server refuses evictions", "warn")
    healthy = f"{budget.current_healthy} healthy, {budget.desired_healthy} needed"
    if budget.disruptions_allowed > 0:
        return Fact(budget.full_name, f"allows {budget.disruptions_allowed}: {healthy}")
    since = "" if budget.blocked_since is None else f", since {age_text(budget.blocked_since, now)}"
    return Fact(budget.full_name, f"at its limit, allows 0: {healthy}{since}", "warn")


def _holds(details: PodDetails) -> tuple[Fact, ...]:
    """What an eviction would lose, or wait for."""
    pod = details.pod
    return (
        Fact("emptyDir", ", ".join(pod.empty_dirs)),
        Fact("hostPath", ", ".join(pod.host_paths)),
        Fact("claims", ", ".join(pod.local_claims)),
        Fact("finalizers", ", ".join(pod.finalizers), "warn"),
        Fact("grace", "" if pod.grace_s is None else f"{pod.grace_s} s"),
        Fact("static", "a static pod of its machine: the API cannot evict it" if pod.mirror else ""),
    )
