"""What ``d`` says in words: what is wrong, since when, who did it, and what could not be read."""

from fleetui.model.cluster import AlertSign, BoardSign, Cluster, Feed, Health
from fleetui.model.cluster_description import cluster_sections
from fleetui.model.cluster_verdict import health
from fleetui.model.details import Condition, ContainerDetails, Happening, MachineDetails, PodDetails
from fleetui.model.drain import Budget, NodeState, OwnerRef, PodState, Taint
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.freshness import Source, Trust
from fleetui.model.history import Transition
from fleetui.model.lock import CORDON_ANNOTATION, LOCK_ANNOTATION
from fleetui.model.machine import Machine
from fleetui.model.machine_description import machine_sections
from fleetui.model.pod import Pod
from fleetui.model.pod_description import pod_sections
from fleetui.model.section import Section
from fleetui.model.waiting import Waiting
from fleetui.model.work import Work

NOW = 1_000_000.0
GIB = 2.0**30
MACHINE = Machine("u1", "wk-1", "prod", "NotReady,SchedulingDisabled", version="v1.35.4", created=NOW - 90_000)
POD = Pod("p1", "api-0", "pay", "prod", "CrashLoopBackOff", node="wk-1", owner="StatefulSet/api", created=NOW - 400)
CORDON = '{"op":"01J9","by":"ana@jump","at":999400.0,"reason":"new PDUs","kind":"drain"}'
LOCK = '{"holder":"jump/7","op":"01J9","by":"ana@jump","kind":"drain","fence":2,"expires":1000042.0}'
FORBIDDEN = Fault(FaultKind.FORBIDDEN, "403 pods", "pods is forbidden", "ask for list on pods", what="pods")


def pod_state(name: str, *, ready: bool = True, phase: str = "Running", cpu: float = 2.0, **more: object) -> PodState:
    values: dict[str, object] = {
        "uid": name, "namespace": "pay", "name": name, "node": "wk-1", "phase": phase, "ready": ready,
        "controller": OwnerRef("StatefulSet", "api"), "cpu": cpu, "memory": 4 * GIB,
    }  # fmt: skip
    return PodState(**{**values, **more})  # type: ignore[arg-type]


NODE = NodeState(
    uid="u1", name="wk-1", resource_version="9", unschedulable=True, ready=None, ready_since=NOW - 840,
    annotations=((CORDON_ANNOTATION, CORDON), (LOCK_ANNOTATION, LOCK)),
    taints=(Taint("node.kubernetes.io/unreachable", "", "NoExecute"),), cpu=8.0, memory=32 * GIB,
)  # fmt: skip
READ = MachineDetails(
    node=NODE,
    conditions=(
        Condition("MemoryPressure", "False", NOW - 9_000, "KubeletHasSufficientMemory"),
        Condition("Ready", "Unknown", NOW - 840, "NodeStatusUnknown", "Kubelet stopped posting node status."),
    ),
    pod_room=110,
    pods=(pod_state("api-1"), pod_state("api-0", ready=False), pod_state("job-1", phase="Succeeded", ready=False)),
)


def facts(sections: tuple[Section, ...], title: str) -> dict[str, str]:
    """Of one section; equal labels keep the first."""
    found: dict[str, str] = {}
    for one in sections:
        if one.title.startswith(title):
            for fact in one.facts:
                found.setdefault(fact.label, fact.text)
    return found


def tones(sections: tuple[Section, ...], title: str) -> dict[str, str]:
    return {fact.label: fact.tone for one in sections if one.title.startswith(title) for fact in one.facts}


def machine(details: MachineDetails | None = READ, **more: object) -> tuple[Section, ...]:
    return machine_sections(MACHINE, details, cluster=None, now=NOW, **more)  # type: ignore[arg-type]


def pod(details: PodDetails | None, **more: object) -> tuple[Section, ...]:
    return pod_sections(POD, details, cluster=None, now=NOW, **more)  # type: ignore[arg-type]


def test_a_machine_says_which_condition_is_wrong_since_when_and_why() -> None:
    said = machine()

    assert facts(said, "wk-1")["status"] == "NotReady: its kubelet does not report, since 14m"
    ready = facts(said, "conditions")["Ready"]
    assert ready == "Unknown since 14m: NodeStatusUnknown, Kubelet stopped posting node status."
    assert tones(said, "conditions") == {"MemoryPressure": "", "Ready": "warn"}


def test_a_machine_says_who_cordoned_it_when_why_and_what_holds_it() -> None:
    scheduling = facts(machine(), "scheduling")

    assert scheduling["cordon"] == "by ana@jump, 10m ago (drain 01J9)"
    assert scheduling["because"] == "new PDUs"
    assert scheduling["lock"].startswith("drain 01J9 by ana@jump (controller jump/7): held")
    assert scheduling["taint"] == "node.kubernetes.io/unreachable:NoExecute"


def test_a_lock_that_has_run_out_says_so_and_another_hand_is_another_hand() -> None:
    node = NodeState("u1", "wk-1", "9", unschedulable=True, annotations=((LOCK_ANNOTATION, LOCK),))
    said = machine_sections(MACHINE, MachineDetails(node), cluster=None, now=NOW + 100)

    assert facts(said, "scheduling")["lock"].endswith(": expired")
    assert tones(said, "scheduling")["lock"] == "warn"
    assert "outside fleetui" in facts(said, "scheduling")["cordon"]


def test_a_machine_says_what_is_asked_of_what_it_has() -> None:
    room = facts(machine(), "room")

    assert room == {"cpu": "4 cores of 8 cores requested, 50 %", "memory": "8 GiB of 32 GiB requested, 25 %",
                    "pods": "2 of 110"}  # fmt: skip


def test_the_pods_of_a_machine_in_trouble_stand_first() -> None:
    (section,) = [one for one in machine() if one.title == "pods on it (3)"]

    assert [fact.text for fact in section.facts] == [
        "api-0  Running, not ready  StatefulSet/api",
        "api-1  Running  StatefulSet/api",
        "job-1  Succeeded  StatefulSet/api",
    ]


def test_what_we_may_not_read_is_said_and_never_none() -> None:
    said = machine(MachineDetails(NODE, refused=(FORBIDDEN,)))

    assert facts(said, "pods on it") == {"pods": "not read"}
    assert facts(said, "room")["cpu"] == "? of 8 cores requested"
    assert facts(said, "not read") == {"pods": "403 pods: ask for list on pods"}


def test_without_a_reading_a_machine_is_what_its_row_knows_and_how_old_that_is() -> None:
    silent = Cluster("prod", trust=Trust.SILENT, last_contact=NOW - 372)
    said = machine_sections(MACHINE, None, cluster=silent, now=NOW)

    assert facts(said, "wk-1")["cluster"] == "prod is silent: last known 6m ago"
    assert facts(said, "wk-1")["status"] == MACHINE.state
    assert not facts(said, "conditions")


def test_history_and_events_come_newest_first() -> None:
    seen = (
        Transition(NOW - 60, "prod", "machine", "wk-1", "status", "Ready", "NotReady"),
        Transition(NOW - 600, "prod", "machine", "wk-1", "cordoned", "schedulable", "cordoned by ana"),
    )
    events = (
        Happening(NOW - 7_200, "Rebooted", "boot", count=2),
        Happening(NOW - 60, "NotReady", "late", warning=True),
    )
    said = machine(MachineDetails(NODE, happenings=events), transitions=seen)

    assert list(facts(said, "seen by").items()) == [
        ("1m ago", "status: Ready → NotReady"),
        ("10m ago", "cordoned: schedulable → cordoned by ana"),
    ]
    assert list(facts(said, "events").items()) == [("1m ago", "NotReady: late"), ("2h ago", "Rebooted (×2): boot")]


CRASHING = PodDetails(
    pod=pod_state("api-0", ready=False, labels=(("app", "api"),), empty_dirs=("cache",), grace_s=30),
    containers=(
        ContainerDetails("setup", state="terminated", reason="Completed", exit_code=0, since=NOW - 390, init=True),
        ContainerDetails(
            "api", "api:7", restarts=17, state="waiting", reason="CrashLoopBackOff", last_exit_code=137,
            last_reason="OOMKilled", last_ended=NOW - 95,
        ),
    ),
    conditions=(Condition("Ready", "False", NOW - 300, "ContainersNotReady"),),
    budgets=(
        Budget("pay", "api", match_labels=(("app", "api"),), disruptions_allowed=0, current_healthy=2,
               desired_healthy=3, blocked_since=NOW - 300),
        Budget("pay", "web", match_labels=(("app", "web"),), disruptions_allowed=1),
    ),
)  # fmt: skip


def test_a_crashing_container_says_why_how_often_and_how_it_ended() -> None:
    containers = next(one for one in pod(CRASHING) if one.title == "containers")
    texts = [(fact.label, fact.text) for fact in containers.facts]

    assert texts == [
        ("setup (init)", "terminated since 6m: Completed, exit code 0"),
        ("api", "waiting: CrashLoopBackOff, 17 restarts"),
        ("", "the run before ended with exit code 137 (OOMKilled), 1m ago"),
        ("", "api:7"),
    ]
    assert [fact.tone for fact in containers.facts][:2] == ["", "danger"]


def test_a_pod_names_the_budget_that_covers_it_and_that_it_is_at_its_limit() -> None:
    budgets = facts(pod(CRASHING), "disruption budgets")

    assert budgets == {"pay/api": "at its limit, allows 0: 2 healthy, 3 needed, since 5m"}


def test_two_budgets_on_one_pod_are_a_trap_and_none_is_said() -> None:
    both = PodDetails(
        CRASHING.pod, budgets=(*(CRASHING.budgets or ())[:1], Budget("pay", "all", disruptions_allowed=None))
    )

    assert facts(pod(both), "disruption budgets") == {
        "pay/api": "at its limit, allows 0: 2 healthy, 3 needed, since 5m",
        "pay/all": "not observed by its controller yet: the server refuses evictions",
        "": "more than one covers it: the server refuses every eviction",
    }
    assert facts(pod(PodDetails(CRASHING.pod, budgets=())), "disruption") == {
        "budgets": "none covers it: an eviction is not held"
    }
    assert "unknown" in facts(pod(PodDetails(CRASHING.pod)), "disruption")["budgets"]


def test_a_naked_pod_is_told_from_one_that_comes_back() -> None:
    naked = Pod("p2", "shell", "pay", "prod", "Running")

    assert facts(pod(None), "pay/api-0")["owner"] == "StatefulSet/api"
    said = pod_sections(naked, None, cluster=None, now=NOW)
    assert facts(said, "pay/shell")["owner"] == "none: nothing replaces it"
    assert facts(said, "pay/shell")["machine"] == "not scheduled"


def test_a_cluster_says_how_each_feed_is_heard_and_what_helps() -> None:
    expired = Fault(FaultKind.TLS, "cert expired", "x509: certificate has expired", "kubeadm certs renew apiserver")
    cluster = Cluster(
        "prod", trust=Trust.SILENT, last_contact=NOW - 372, fault=expired, nodes_total=12, version="v1.35.4",
        feeds=(
            Feed("readyz", Trust.SILENT, Source.POLLED, NOW - 372, fault=expired),
            Feed("nodes", Trust.STALE, Source.PUSHED, NOW - 380, complete=True, undecodable=2),
            Feed("pods", Trust.SILENT, fault=FORBIDDEN),
        ),
    )  # fmt: skip
    said = cluster_sections(cluster, now=NOW)

    standing = facts(said, "prod")
    assert (standing["trust"], standing["heard"]) == ("silent", "6m ago")
    assert standing["remedy"] == "kubeadm certs renew apiserver"
    feeds = next(one for one in said if one.title == "feeds")
    assert [(fact.label, fact.text) for fact in feeds.facts] == [
        ("readyz", "silent, polled, 6m ago"),
        ("nodes", "stale, pushed, 6m ago"),
        ("", "2 objects could not be read"),
        ("pods", "silent, never read"),
        ("fault", "403 pods: pods is forbidden"),
        ("remedy", "ask for list on pods"),
    ]
    assert facts(said, "numbers")["nodes"] == "? of 12 ready"


def test_a_cluster_says_what_blocks_its_operation() -> None:
    hold = Waiting("pod pay/api-0", "budget", "pdb pay/api allows 0", "StatefulSet/api", NOW - 130, "scale up")
    work = Work("01J9", "drain", "ana", "prod", done=1, total=2, stuck=True, stuck_since=NOW - 130, holds=(hold,))
    cluster = Cluster("prod", trust=Trust.LIVE, nodes_ready=3, nodes_total=3, works=(work,))

    assert health(cluster) is Health.WARNING
    assert facts(cluster_sections(cluster, now=NOW), "under way") == {
        "operation": "drain 1/2 blocked 2m, by ana",
        "id": "01J9",
        "waits for": "pod pay/api-0",
        "because": "pdb pay/api allows 0",
        "owner": "StatefulSet/api",
        "remedy": "scale up",
    }


def test_a_cluster_tells_what_the_boards_say_against_it_worst_first() -> None:
    burns = BoardSign("slo", Health.BROKEN, "gone 6.7 h", "control plane available: burns 53.3 x its pace")
    cluster = Cluster("prod", trust=Trust.LIVE, nodes_total=3, boards=(burns,), alerts=AlertSign(late="a bad rule"))
    said = next(one for one in cluster_sections(cluster, now=NOW) if one.title == "boards say")
    assert [(fact.label, fact.text, fact.tone) for fact in said.facts] == [
        ("slo", "gone 6.7 h: control plane available: burns 53.3 x its pace", "danger"),
        ("alerts", "pipeline late: a bad rule", "warn"),
    ]
