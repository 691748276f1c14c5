"""Each failure mode by its own signs, and what tells it from its neighbours."""

import msgspec
import pytest

from fleetui.clients.kube.faults import silent as no_answer_from
from fleetui.model.alerts.alert import Phase
from fleetui.model.alerts.pipeline import Level, Pipeline, Watchdog
from fleetui.model.cluster import Feed, Health
from fleetui.model.diagnosis.diagnosis import diagnose
from fleetui.model.diagnosis.evidence import Evidence
from fleetui.model.diagnosis.mode import Mode
from fleetui.model.diagnosis.rule import State
from fleetui.model.diagnosis.rules import RULES
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.freshness import Source, Trust
from fleetui.model.health.etcd import AlarmKind
from fleetui.model.health.etcd_finding import About, Finding
from fleetui.model.health.etcd_quorum import Margin
from fleetui.observe.standing import no_answer as nothing_heard
from tests.model.diagnosis.cases import (
    DEAD,
    LIVING,
    alert,
    case,
    cluster,
    etcd,
    machine,
    machines,
    pending,
    pod,
    silent,
)
from tests.model.health.pictures import AT, GIB, alarm, down, up
from tests.model.health.pictures import silent as no_answer

WELL = etcd(up("a"), up("b"), up("c"))
LOST = etcd(up("a", leader="", no_leader=True), down("b"), down("c"))
DEAF = etcd(*(up(name, leader="", no_leader=True) for name in "abc"), again=True)
ONE_LEFT = msgspec.structs.replace(
    WELL,
    margin=Margin(3, up=0, leaderless=1, down=0, silent=2),
    findings=(Finding(Health.BROKEN, About.NO_LEADER, "no leader", "0 of 3 voters see a leader", ("b", "c")),),
)
"""As scraped: who cannot be scraped may be dead, and the one that is left has nobody to elect a leader with."""
FULL = etcd(*(up(name, alarms=alarm("b"), db_size=8 * GIB) for name in "abc"))
CORRUPT = etcd(*(up(name, alarms=alarm("b", AlarmKind.CORRUPT)) for name in "abc"))
THIN = etcd(up("a"), up("b"), down("c"))
OWN_WATCHDOG = Pipeline(at=AT, level=Level.OK, watchdogs=(Watchdog((("cluster", "east"),), AT - 30),))
OTHERS = tuple(cluster(name) for name in ("west", "north", "south"))
OTHERS_SILENT = (*(silent(FaultKind.TIMEOUT, name=name) for name in ("west", "north")), cluster("south"))
ZONE_A_DARK = machines("wk-1", "wk-3", "wk-5")
HUNG = no_answer_from("10.0.0.1:6443", 3).fault
LOGIN = Fault(FaultKind.UNAUTHORIZED, "token expired 2h ago", "the server does not accept it", "log in")

PRESENT = {
    "one machine is not Ready": (case(machines=machines("wk-2")), Mode.NODE),
    "a machine has never reported": (
        case(machines=(*machines(), machine("wk-9", status="Unknown"))),
        Mode.NODE,
    ),
    "a zone is dark": (case(machines=ZONE_A_DARK), Mode.PARTITION),
    "half of the fleet is silent": (
        case(cluster=silent(FaultKind.TIMEOUT), others=OTHERS_SILENT),
        Mode.PARTITION,
    ),
    "etcd answers, the API server does not": (case(cluster=silent(FaultKind.TIMEOUT), etcd=WELL), Mode.PARTITION),
    "its own Watchdog goes on": (
        case(cluster=silent(FaultKind.NETWORK), alerts=(), pipeline=OWN_WATCHDOG),
        Mode.PARTITION,
    ),
    "etcd's members hear us and not each other": (case(etcd=DEAF), Mode.PARTITION),
    "etcd is full": (case(etcd=FULL), Mode.EXHAUSTION),
    "pods were evicted": (case(pods=(pod("web", "Evicted", node="wk-4"),)), Mode.EXHAUSTION),
    "nothing listens": (case(cluster=silent(FaultKind.REFUSED)), Mode.CONTROL_PLANE),
    "the API server answers 500": (case(cluster=silent(FaultKind.SERVER_ERROR)), Mode.CONTROL_PLANE),
    "the API server hangs": (case(cluster=cluster(trust=Trust.SILENT, fault=HUNG), etcd=WELL), Mode.CONTROL_PLANE),
    "etcd has lost its quorum": (case(etcd=LOST), Mode.CONTROL_PLANE),
    "etcd has one member left, as scraped": (case(etcd=ONE_LEFT), Mode.CONTROL_PLANE),
    "etcd is corrupt": (case(etcd=CORRUPT), Mode.CONTROL_PLANE),
    "the disk syncs slowly": (case(etcd=etcd(up("a"), up("b"), up("c"), fsync_s=0.4)), Mode.STORAGE),
    "five pods wait": (case(pods=pending(5, age_s=90)), Mode.SCHEDULING),
    "one pod waits for long": (case(pods=pending(1, age_s=900)), Mode.SCHEDULING),
    "the API server's certificate has run out": (
        case(cluster=silent(FaultKind.TLS, "cert expired 2h ago")),
        Mode.CERTIFICATES,
    ),
    "our login has run out": (case(cluster=cluster(trust=Trust.SILENT, fault=LOGIN)), Mode.CERTIFICATES),
    "a kubelet is too old": (
        case(machines=(*machines(), machine("wk-9", version="v1.33.1"))),
        Mode.DRIFT,
    ),
    "a kubelet is newer than the server": (
        case(machines=(*machines(), machine("wk-9", version="v1.38.0"))),
        Mode.DRIFT,
    ),
}

SUSPECTED = {
    "a machine of the control plane is down": (
        case(machines=(*machines(), machine("cp-a", status="NotReady", roles=("control-plane",)))),
        Mode.CONTROL_PLANE,
    ),
    "etcd can lose nobody": (case(etcd=THIN), Mode.CONTROL_PLANE),
    "nothing comes back, alone": (case(cluster=silent(FaultKind.TIMEOUT), others=OTHERS), Mode.CONTROL_PLANE),
    "an alert says it": (case(alerts=(alert("KubeAPIDown"),)), Mode.CONTROL_PLANE),
    "machines go everywhere at once": (case(machines=machines("wk-1", "wk-2", "wk-3", zones="")), Mode.PARTITION),
    "the database fills": (
        case(etcd=etcd(up("a", db_size=7 * GIB), up("b"), up("c"))),
        Mode.EXHAUSTION,
    ),
    "a container reached its limit": (case(pods=(pod("web", "OOMKilled"),)), Mode.EXHAUSTION),
    "a volume does not come": (case(pods=(pod("db", "ContainerCreating", age_s=400),)), Mode.STORAGE),
    "one pod waits over a minute": (case(pods=pending(1, age_s=90)), Mode.SCHEDULING),
    "a certificate's alert fires": (case(alerts=(alert("CertificateExpiresSoon"),)), Mode.CERTIFICATES),
    "kubelets of two versions": (
        case(machines=(*machines(), machine("wk-9", version="v1.37.1"))),
        Mode.DRIFT,
    ),
    "a cordon that nobody holds": (
        case(machines=(*machines(), machine("wk-9", status="Ready,SchedulingDisabled"))),
        Mode.DRIFT,
    ),
    "out of maintenance": (
        case(cluster=cluster(version="v1.30.1"), machines=(machine("wk-1", version="v1.30.1"),)),
        Mode.DRIFT,
    ),
}


@pytest.mark.parametrize("name", PRESENT)
def test_a_mode_is_proven_and_leads(name: str) -> None:
    evidence, mode = PRESENT[name]
    found = diagnose(evidence)
    assert found.leading is not None
    assert (found.leading.mode, found.leading.state) == (mode, State.PRESENT)
    assert found.leading.cause
    assert found.leading.first
    assert "{" not in found.leading.cause + found.leading.first
    assert found.leading.evidence
    assert all(clue.text and clue.source for clue in found.leading.evidence)
    assert found.level is Health.BROKEN


@pytest.mark.parametrize("name", SUSPECTED)
def test_a_mode_is_suspected_on_less(name: str) -> None:
    evidence, mode = SUSPECTED[name]
    assert diagnose(evidence).of(mode).state is State.SUSPECTED


def test_every_mode_has_its_rule_and_is_provoked() -> None:
    assert {rule.mode for rule in RULES} == set(Mode)
    assert {mode for _, mode in PRESENT.values()} == set(Mode)
    assert all(any(sign.settles for sign in rule.signs) for rule in RULES), "absence must rest on something"


def test_a_cluster_that_is_well_has_nothing_present_and_says_what_it_cannot_see() -> None:
    found = diagnose(case(etcd=WELL, alerts=()))
    assert found.leading is None
    assert [one.mode for one in found.unknown] == [Mode.CERTIFICATES]
    assert found.level is Health.UNKNOWN, "until when certificates live, nobody reads"
    assert len(found.absent) == len(Mode) - 1
    assert found.blocked == ()
    assert found.proposal is None


NEIGHBOURS = {
    "a dark zone is not three failed machines": (case(machines=ZONE_A_DARK), Mode.NODE, Mode.PARTITION),
    "machines of one kind everywhere are not failed ones": (
        case(machines=machines("wk-1", "wk-2", "wk-3", zones="")),
        Mode.NODE,
        Mode.PARTITION,
    ),
    "an API server that others hear is not down": (
        case(cluster=silent(FaultKind.TIMEOUT), etcd=WELL),
        Mode.CONTROL_PLANE,
        Mode.PARTITION,
    ),
    "our own network is not the cluster's outage": (
        case(cluster=silent(FaultKind.TIMEOUT), others=OTHERS_SILENT),
        Mode.CONTROL_PLANE,
        Mode.PARTITION,
    ),
    "members that cannot hear each other are not dead": (case(etcd=DEAF), Mode.CONTROL_PLANE, Mode.PARTITION),
}


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_what_looks_like_a_neighbour_is_explained_by_it(name: str) -> None:
    evidence, looks_like, really = NEIGHBOURS[name]
    found = diagnose(evidence).of(looks_like)
    assert (found.state, found.instead) == (State.EXPLAINED, really)


def test_an_election_of_a_moment_is_neither_an_outage_nor_a_partition() -> None:
    found = diagnose(case(etcd=etcd(*(up(name, leader="", no_leader=True) for name in "abc"))))
    assert found.of(Mode.PARTITION).state is State.ABSENT
    assert found.of(Mode.CONTROL_PLANE).state is State.ABSENT


def test_refused_is_an_outage_and_not_a_partition() -> None:
    found = diagnose(case(cluster=silent(FaultKind.REFUSED), others=OTHERS_SILENT, etcd=WELL))
    assert found.of(Mode.PARTITION).state is not State.PRESENT
    assert "crictl" in found.of(Mode.CONTROL_PLANE).first


def test_a_server_that_takes_the_connection_is_not_cut_off() -> None:
    row = cluster(trust=Trust.SILENT, fault=HUNG)
    found = diagnose(case(cluster=row, etcd=WELL, others=OTHERS_SILENT))
    assert found.of(Mode.PARTITION).state is not State.PRESENT
    assert "frozen or overloaded" in found.of(Mode.CONTROL_PLANE).cause


def test_of_mere_silence_nobody_knows_yet_whether_it_is_the_way() -> None:
    row = cluster(trust=Trust.SILENT, fault=nothing_heard())
    found = diagnose(case(cluster=row, etcd=WELL, others=OTHERS))
    assert found.of(Mode.PARTITION).state is State.UNKNOWN
    assert found.of(Mode.CONTROL_PLANE).state is State.SUSPECTED


def test_an_api_that_answers_500_because_etcd_lost_its_quorum_names_the_members() -> None:
    found = diagnose(case(cluster=silent(FaultKind.SERVER_ERROR), etcd=LOST)).of(Mode.CONTROL_PLANE)
    assert "etcd has no quorum, for want of b, c" in found.cause
    assert "b, c" in found.first


def test_pods_that_wait_because_machines_are_gone_say_so() -> None:
    found = diagnose(case(machines=machines("wk-2"), pods=pending(6, age_s=700))).of(Mode.SCHEDULING)
    assert "machines that are not Ready" in found.cause
    assert "wk-2" in found.cause


# What is not known is not absent.

SILENT_ALL_UNKNOWN = (Mode.NODE, Mode.SCHEDULING, Mode.DRIFT, Mode.EXHAUSTION, Mode.STORAGE)


@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT, FaultKind.REFUSED, FaultKind.TLS])
def test_a_silent_cluster_has_no_machine_pod_or_etcd_that_is_well(kind: FaultKind) -> None:
    found = diagnose(case(cluster=silent(kind), others=OTHERS))
    for mode in SILENT_ALL_UNKNOWN:
        assert found.of(mode).state is State.UNKNOWN, mode
        assert found.of(mode).missing, mode


@pytest.mark.parametrize("trust", [Trust.STALE, Trust.CONNECTING, Trust.IDLE])
def test_what_was_read_before_is_no_evidence_of_now(trust: Trust) -> None:
    found = diagnose(case(cluster=cluster(trust=trust), machines=machines("wk-2")))
    assert found.leading is None
    assert found.of(Mode.NODE).state is State.UNKNOWN
    assert found.of(Mode.CONTROL_PLANE).state is State.UNKNOWN


def test_a_login_that_is_refused_says_nothing_about_the_control_plane() -> None:
    found = diagnose(case(cluster=silent(FaultKind.CREDENTIALS)))
    assert found.of(Mode.CONTROL_PLANE).state is State.UNKNOWN
    assert found.of(Mode.CERTIFICATES).state is State.UNKNOWN


@pytest.mark.parametrize(
    ("evidence", "mode", "said"),
    [
        (case(), Mode.STORAGE, "no way to its etcd is configured"),
        (case(etcd=etcd(up("a"), up("b"), up("c"), fsync_s=None)), Mode.STORAGE, "not measured"),
        (case(etcd=etcd(no_answer("a"), no_answer("b"), listed=False)), Mode.EXHAUSTION, "etcd: "),
        (case(cluster=cluster(feeds=()), etcd=WELL), Mode.SCHEDULING, "pods are not watched"),
    ],
)
def test_what_cannot_be_seen_is_said(evidence: Evidence, mode: Mode, said: str) -> None:
    found = diagnose(evidence).of(mode)
    assert found.state is State.UNKNOWN
    assert any(said in why for why in found.missing), found.missing


def test_pods_that_we_may_not_read_are_unknown() -> None:
    fault = Fault(FaultKind.FORBIDDEN, "403 pods", "pods is forbidden", "ask", what="pods")
    row = cluster(
        feeds=(
            Feed("nodes", Trust.LIVE, Source.PUSHED, AT, complete=True),
            Feed("pods", Trust.SILENT, Source.PUSHED, None, fault),
        )
    )
    found = diagnose(case(cluster=row, pods=())).of(Mode.SCHEDULING)
    assert found.state is State.UNKNOWN
    assert "pods: 403 pods" in found.missing


def test_no_alert_of_a_dead_pipeline_proves_nothing_and_one_that_was_lost_is_not_over() -> None:
    dead = diagnose(case(alerts=(), pipeline=DEAD)).of(Mode.NODE)
    assert any("the alert pipeline is dead" in why for why in dead.missing)
    lost = diagnose(case(alerts=(alert("KubeNodeNotReady", Phase.UNKNOWN),), pipeline=DEAD)).of(Mode.NODE)
    assert any("KubeNodeNotReady fired until 5m ago, and nobody has spoken since" in why for why in lost.missing)


def test_alerts_of_other_names_raise_no_suspicion() -> None:
    found = diagnose(case(etcd=WELL, alerts=(alert("KubeJobFailed"),), pipeline=LIVING))
    assert found.leading is None


def test_a_cordon_that_an_operation_holds_is_no_drift() -> None:
    row = machine("wk-9", status="Ready,SchedulingDisabled", operation="drain by ana", cordoned_by="ana drain 0012")
    assert diagnose(case(machines=(*machines(), row))).of(Mode.DRIFT).state is State.ABSENT
    by_hand = msgspec.structs.replace(row, operation="")
    assert diagnose(case(machines=(*machines(), by_hand))).of(Mode.DRIFT).state is State.SUSPECTED
