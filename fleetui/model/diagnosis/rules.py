"""The failure modes' tables: by which signs each is known, what tells it from its neighbours, what to do first."""

from fleetui.model.diagnosis import api_signs as api
from fleetui.model.diagnosis import certificate_signs as certificates
from fleetui.model.diagnosis import etcd_signs as etcd
from fleetui.model.diagnosis import figure_signs as figures
from fleetui.model.diagnosis import machine_signs as machines
from fleetui.model.diagnosis import pod_signs as pods
from fleetui.model.diagnosis.alert_signs import Firing
from fleetui.model.diagnosis.mode import Mode
from fleetui.model.diagnosis.rule import Better, Likely, Look, Rule, Sign, Weight, otherwise


def _proof(look: Look, *, settles: bool = False) -> Sign:
    return Sign(look, Weight.PROOF, settles)


def _hint(look: Look, *, settles: bool = False) -> Sign:
    return Sign(look, Weight.HINT, settles)


_SCHEDULER_DOWN = Firing("KubeSchedulerDown")

CONTROL_PLANE = Rule(
    Mode.CONTROL_PLANE,
    signs=(
        _proof(api.refused, settles=True),
        _proof(api.server_error, settles=True),
        _proof(api.hung, settles=True),
        _proof(etcd.QUORUM_GONE),
        _proof(etcd.CORRUPT),
        _hint(api.unreachable, settles=True),
        _hint(api.barred, settles=True),
        _hint(api.control_plane_thin),
        _hint(etcd.THIN),
        _hint(Firing("Kube(API|APIServer|ControllerManager)Down|etcd(InsufficientMembers|NoLeader|MembersDown)")),
        _hint(_SCHEDULER_DOWN),
        _hint(figures.API_AILS),
    ),
    better=(
        Better(etcd.deaf, Mode.PARTITION),
        Better(api.silent_together, Mode.PARTITION),
        Better(api.alive_for_others, Mode.PARTITION),
    ),
    likely=(
        Likely(
            etcd.CORRUPT,
            "etcd's members hold different data, seen at {who}",
            "touch nothing: take a snapshot from each member, keep them all, then replace {who}",
        ),
        Likely(
            etcd.QUORUM_GONE,
            "etcd has no quorum, for want of {who}: the API server can neither read nor write",
            "bring {who} back, one is enough for a quorum of three: look at its machine, then start etcd there",
        ),
        Likely(
            api.refused,
            "no API server runs where the address of {who} leads, or its load balancer has no backend left",
            "on a control-plane machine: crictl ps -a --name kube-apiserver, then the log of the last one",
        ),
        Likely(
            api.server_error,
            "the API server of {who} runs and is not ready: most often etcd behind it",
            "read /readyz?verbose: it names the check that fails",
        ),
        Likely(
            api.hung,
            "the API server of {who} is frozen or overloaded, or its load balancer takes connections for nobody",
            "on a control-plane machine: does it run (crictl ps), does it answer there (curl -k localhost:6443/livez)",
        ),
        Likely(
            api.control_plane_thin,
            "a machine of the control plane is down: {who}. The others carry it",
            "bring {who} back before anything else is touched: the next loss may be the quorum",
        ),
        Likely(
            etcd.THIN,
            "an etcd member is missing: {who}. The others carry it",
            "bring {who} back before anything else is touched: the next loss is fatal",
        ),
        Likely(
            figures.API_AILS,
            "the API servers of {who} answer with errors, late or not always: etcd behind them, a webhook, or overload",
            "see which figure went first (:controlplane, t draws it), then /readyz?verbose; restart nothing before",
        ),
        Likely(
            otherwise,
            "nothing comes back from {who}: its control plane, its machines or the way there",
            "try the way first, to a control-plane machine itself and past the load balancer",
        ),
    ),
)

PARTITION = Rule(
    Mode.PARTITION,
    signs=(
        _proof(machines.domain_gone, settles=True),
        _proof(api.silent_together),
        _proof(api.alive_for_others),
        _proof(etcd.deaf),
        _proof(etcd.CUT_OFF),
        _hint(machines.many_gone, settles=True),
        _hint(etcd.SLOW_NETWORK),
        _hint(
            Firing(
                "etcdMemberCommunicationSlow|.*(Network|Partition|PacketLoss|BGP|Link)(Down|Loss|Errors?|Unreachable).*"
            )
        ),
    ),
    better=(Better(etcd.CORRUPT, Mode.CONTROL_PLANE),),
    likely=(
        Likely(
            api.silent_together,
            "the way from here: a VPN, a proxy, DNS or our own network",
            "try from another place before touching any cluster",
        ),
        Likely(
            api.alive_for_others,
            "{who} lives, and the way from here to its API server is cut: load balancer, firewall or route",
            "ask from a machine inside; do not act on what this screen last knew",
        ),
        Likely(
            machines.domain_gone,
            "one failure domain has lost its network or its power: {who}",
            "look at the switch and the feed of that domain before any of its machines",
        ),
        Likely(
            etcd.deaf,
            "the members of etcd hear us and not each other: port 2380 between {who}",
            "test port 2380 between the control-plane machines; change no member list",
        ),
        Likely(
            etcd.CUT_OFF,
            "{who} cannot hear the other members of etcd: its peer network, port 2380",
            "test port 2380 from {who} to the others; change no member list",
        ),
        Likely(
            machines.many_gone,
            "the machines' way to the API server: load balancer, network policy, or an expired kubelet certificate",
            "from one of them: curl -k the API server's /livez, then journalctl -u kubelet",
        ),
        Likely(
            otherwise,
            "the network between the control-plane machines of {who} is slow or loses packets",
            "measure it between them: round trip and loss, before touching any machine",
        ),
    ),
)

CERTIFICATES = Rule(
    Mode.CERTIFICATES,
    signs=(
        _proof(certificates.serving),
        _proof(certificates.ours),
        _proof(etcd.expired),
        _hint(Firing(".*(Certificate|Cert|Credential|Token).*Expir.*|Kube(Client|let).*Certificate.*")),
        _hint(figures.ending, settles=True),
    ),
    likely=(
        Likely(
            certificates.serving,
            "the certificate of the API server of {who} has run out: nobody can trust it, kubelets neither",
            "on each control-plane machine: kubeadm certs check-expiration; renew, then restart the static pods",
        ),
        Likely(
            certificates.ours,
            "the login that we use for {who} has run out; the cluster itself may be well",
            "log in again, or fetch a new kubeconfig; nothing in the cluster needs to change",
        ),
        Likely(
            etcd.expired,
            "a certificate on the way to etcd has run out: {who}",
            "find out whose: openssl x509 -enddate of the member's and of ours; a running etcd keeps its quorum",
        ),
        Likely(
            figures.ending,
            "a certificate of {who} will run out",
            "kubeadm certs check-expiration on a control-plane machine; renew in a quiet hour, one machine at a time",
        ),
        Likely(
            otherwise,
            "a certificate will run out; its alert names it",
            "kubeadm certs check-expiration on a control-plane machine; renew in a quiet hour, one machine at a time",
        ),
    ),
)

EXHAUSTION = Rule(
    Mode.EXHAUSTION,
    signs=(
        _proof(etcd.full),
        _proof(pods.evicted, settles=True),
        _hint(etcd.room, settles=True),
        _hint(pods.out_of_memory, settles=True),
        _hint(figures.SHORT),
        _hint(figures.filling),
        _hint(
            Firing(
                ".*(OutOfSpace|FillingUp|AlmostFull|OutOfFiles|Overcommit|TooManyPods|QuotaLowSpace|MemoryHigh"
                "|(Memory|Disk|PID)Pressure|MemoryMajorPagesFaults|CPUHighUsage).*"
            )
        ),
    ),
    likely=(
        Likely(
            etcd.full,
            "etcd has reached its quota: it takes reads and deletes only, and so does the API server",
            "find what fills it, take a snapshot, compact, defragment one member at a time and the leader last, disarm",
        ),
        Likely(
            pods.evicted,
            "{who} ran short of disk, memory or process ids and put pods out",
            "describe the machine: its pressure condition names what is short; free that before pods are moved there",
        ),
        Likely(
            etcd.room,
            "etcd's database grows towards its quota: a flood of objects or events, or it was never compacted",
            "count the keys by prefix to find what grows; defragment only while every member is well",
        ),
        Likely(
            pods.out_of_memory,
            "containers reach their memory limit, or their machine has none left: {who}",
            "describe the pod: its limit and its last end; raise the limit only where the machine has the room",
        ),
        Likely(
            figures.SHORT,
            "machines run short of CPU, memory or disk: {who}",
            "find the busiest machines (:debug) before pods are moved; then raise the room or lower the requests",
        ),
        Likely(
            figures.filling,
            "it fills: at this pace there is no room left soon, or none for the loss of a machine",
            "see :slo for what is full when; add room before the next drain",
        ),
        Likely(otherwise, "something runs short; its alert names what", "follow the alert's own runbook first"),
    ),
)

NODE = Rule(
    Mode.NODE,
    signs=(
        _proof(machines.not_ready, settles=True),
        _hint(Firing("KubeNode(NotReady|Unreachable|ReadinessFlapping)|KubeletDown|(Node|Host)Down")),
    ),
    better=(
        Better(machines.domain_gone, Mode.PARTITION),
        Better(machines.many_gone, Mode.PARTITION),
    ),
    likely=(
        Likely(
            machines.not_ready,
            "the machine itself, its kubelet or its container runtime: {who}",
            "describe {who}: Ready Unknown is a silent kubelet, Ready False is one that says why; then cordon it",
        ),
        Likely(
            otherwise,
            "an alert names a machine that the API server shows as well: it flaps, or only its exporter is down",
            "compare the machine's last Ready transition with the time of the alert",
        ),
    ),
)

STORAGE = Rule(
    Mode.STORAGE,
    signs=(
        _proof(etcd.slow_disk, settles=True),
        _hint(etcd.BEHIND),
        _hint(pods.not_started),
        _hint(figures.STORE_SLOW),
        _hint(figures.lagging),
        _hint(
            Firing(
                "etcdHigh(Fsync|Commit)Durations|.*(Disk|Storage|Volume|Ceph|IO).*(Slow|Latency|Wait|Saturat|Degraded).*"
                "|.*Replication.*Lag.*"
            )
        ),
    ),
    likely=(
        Likely(
            etcd.slow_disk,
            "the disk under etcd syncs too slowly: {who}",
            "on {who}: iostat -x 1; find who shares the disk, move that away, and defragment nothing meanwhile",
        ),
        Likely(
            pods.not_started,
            "volumes do not attach or mount: {who}",
            "describe the pod: its events name the volume and who refuses it",
        ),
        Likely(
            figures.lagging,
            "what replicates does not keep up, or its link is broken: {who}",
            ":replication says which and its own first step; restart nothing before: it would start over",
        ),
        Likely(
            otherwise,
            "a disk or a replica does not keep up",
            "look at the disk and the network of the one that is behind before restarting it: a restart starts it over",
        ),
    ),
)

SCHEDULING = Rule(
    Mode.SCHEDULING,
    signs=(
        _proof(pods.backlog, settles=True),
        _hint(pods.unplaced, settles=True),
        _hint(_SCHEDULER_DOWN),
        _hint(figures.SCHEDULER_SLOW),
        _hint(Firing("KubePodNotScheduled|.*(Unschedulable|PendingPods|SchedulerBacklog).*")),
    ),
    likely=(
        Likely(
            _SCHEDULER_DOWN,
            "no scheduler runs: nothing is placed at all",
            "on a control-plane machine: crictl ps -a --name kube-scheduler, then its log",
        ),
        Likely(
            machines.not_ready,
            "the room of machines that are not Ready is missing: {who}",
            "bring {who} back; that places the pods by itself",
        ),
        Likely(
            machines.cordoned_by_nobody,
            "the room of cordoned machines is missing: {who}",
            "ask who cordoned them and why; uncordon what is done with",
        ),
        Likely(
            otherwise,
            "they ask for more than is free, or taints, affinity or a volume's zone keep them away",
            "describe the oldest pod: its last FailedScheduling event counts the machines and says why not",
        ),
    ),
)

DRIFT = Rule(
    Mode.DRIFT,
    signs=(
        _proof(machines.skewed, settles=True),
        _hint(machines.mixed, settles=True),
        _hint(machines.cordoned_by_nobody, settles=True),
        _hint(machines.unsupported),
        _hint(etcd.VERSIONS),
        _hint(Firing("KubeVersionMismatch|.*Drift.*|.*OutOfSync.*")),
    ),
    likely=(
        Likely(
            machines.skewed,
            "an upgrade was begun and not finished, or a machine was added from an old image: {who}",
            "find out which version is meant; bring the machines to it one by one, the control plane first",
        ),
        Likely(
            machines.mixed,
            "an upgrade is half done, or machines were made from another image: {who}",
            "ask whose upgrade it is; finish it or go back, one machine at a time",
        ),
        Likely(
            machines.cordoned_by_nobody,
            "somebody cordoned {who} by hand, or left it after an operation",
            "ask them; uncordon it when nobody needs it, so that its room counts again",
        ),
        Likely(
            machines.unsupported,
            "its release gets no more patches",
            "plan its upgrade, one minor version at a time, the control plane first",
        ),
        Likely(otherwise, "the cluster is not what it is meant to be", "compare with what Git or the plan says of it"),
    ),
)

RULES: tuple[Rule, ...] = (
    CONTROL_PLANE,
    PARTITION,
    CERTIFICATES,
    EXHAUSTION,
    NODE,
    STORAGE,
    SCHEDULING,
    DRIFT,
)


def mode_of_alert(name: str) -> Mode | None:
    """The mode that an alert of this name is a sign of; None where its name says nothing."""
    for rule in RULES:
        if any(isinstance(sign.look, Firing) and sign.look.means(name) for sign in rule.signs):
            return rule.mode
    return None
