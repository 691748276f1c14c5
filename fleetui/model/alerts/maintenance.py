"""Silences of an operation's maintenance: of its machine's alerts what such an operation causes, for some minutes.

They are leases: whoever runs the operation prolongs them, and those of a controller that has died end by themselves.
They are known again by their comment, which names operation and machine.
"""

from collections.abc import Iterable

import msgspec

from fleetui.model.alerts.evidence import Posted, PostedState
from fleetui.model.alerts.label_set import ALERTNAME, Labels, Scheme, get
from fleetui.model.alerts.matcher import Matcher, all_match, quoted
from fleetui.model.alerts.page_or_ticket import Call, judge
from fleetui.model.alerts.planned import MAINTENANCE
from fleetui.model.alerts.silence import Draft, Silence, SilenceState

LASTS_S = 300.0
"""Longer than another controller needs to take over; short enough that nothing stays muted that nobody works on."""
RENEW_S = 60.0
MOST_S = 7_200.0
"""How long at most one machine's are prolonged. Work that takes longer is stuck, at a budget that does not open, and
whoever is on call should hear of it."""
VIEWS = ("node", "instance", "etcd")
"""How alerts name a machine: as it is called, or as it is scraped. Of an operation on etcd its cluster is enough."""
_OF_ETCD = (
    "etcd(HighNumberOfLeaderChanges|HighFsyncDurations|HighCommitDurations|GRPCRequestsSlow|MemberCommunicationSlow"
    "|HighNumberOfFailed(GRPCRequests|Proposals)|DatabaseHighFragmentationRatio)"
    "|FleetEtcd(Fsync|FsyncSlow|Commit|Rtt|Pending|Failed|SlowApply|Heartbeats|Changes|Free)"
)
"""Never a lost quorum, a missing leader or member, an alarm, or a full database."""
CAUSED = {
    # Of kube-prometheus one: KubeNodeEviction counts what the kubelet evicts under pressure, never what a drain evicts.
    "drain": "KubeNodeUnschedulable|(Kube(rnetes)?)?Node(Cordoned|Drained|Draining|Unschedulable|SchedulingDisabled)",
    "etcd-defragment": _OF_ETCD,
    "etcd-move-leader": _OF_ETCD,
}
"""By kind of operation: the names of alerts that it causes on its machine, as a regular expression. Never what is said
of a machine that fails meanwhile: not ready, under pressure, not to be reached."""


class Muted(msgspec.Struct, frozen=True):
    """What is muted: one machine while one operation works on it."""

    kind: str
    op: str
    by: str
    cluster: str
    """The value of the alerts' label."""
    machine: str
    reason: str = ""

    def comment(self, view: str) -> str:
        """``maintenance: drain wk-1 (node), operation 01J8...: disk swap``."""
        said = f": {self.reason.strip()}" if self.reason.strip() else ""
        return f"{MAINTENANCE} {self.kind}{_mark(self.op, self.machine, view)}{said}"

    def drafts(self, scheme: Scheme, *, now: float, lasts_s: float = LASTS_S) -> dict[str, Draft]:
        """By view, for silences have no "or"."""
        of_all = (Matcher(scheme.cluster, self.cluster), Matcher(ALERTNAME, CAUSED[self.kind], is_regex=True))
        return {
            view: Draft(tuple(sorted((*of_all, *of_it))), now, now + lasts_s, self.by, self.comment(view))
            for view, of_it in self._views().items()
        }

    def _views(self) -> dict[str, tuple[Matcher, ...]]:
        if CAUSED[self.kind] is _OF_ETCD:
            return {"etcd": ()}
        scraped = Matcher("instance", f"{quoted(self.machine)}(:[0-9]+)?", is_regex=True)
        return {"node": (Matcher("node", self.machine),), "instance": (scraped,)}


def standing(silences: Iterable[Silence], *, op: str, machine: str, view: str) -> tuple[Silence, ...]:
    """Those of an operation on a machine that are not over, whoever posted them. To an Alertmanager whose clock is
    behind ours one that was just posted begins later: it must be prolonged and lifted like the others."""
    mark = _mark(op, machine, view)
    return tuple(
        one
        for one in silences
        if one.state is not SilenceState.EXPIRED and one.comment.startswith(MAINTENANCE) and mark in one.comment
    )


def _mark(op: str, machine: str, view: str) -> str:
    return f" {machine} ({view}), operation {op}"


def mutes_now(drafts: Iterable[Draft], posted: Iterable[Posted]) -> tuple[str, ...]:
    """Names of the alerts that would be muted, each as often as there are of it."""
    return _names(_muted(drafts, posted))


def pages_muted_now(drafts: Iterable[Draft], posted: Iterable[Posted]) -> tuple[str, ...]:
    """Those of them that page somebody now: they fire before the work has begun, so something else has caused them."""
    heard = (one for one in posted if one.state is not PostedState.SUPPRESSED)
    return _names(labels for labels in _muted(drafts, heard) if judge(labels).call is Call.PAGE)


def _muted(drafts: Iterable[Draft], posted: Iterable[Posted]) -> tuple[Labels, ...]:
    wanted = tuple(drafts)
    found = {one.fingerprint: one.labels for one in posted if any(all_match(it.matchers, one.labels) for it in wanted)}
    return tuple(found.values())


def _names(found: Iterable[Labels]) -> tuple[str, ...]:
    return tuple(sorted(get(labels, ALERTNAME) for labels in found))
