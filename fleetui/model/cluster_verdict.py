"""What is wrong with a cluster, worst first, and the verdict that comes of it: the one rule behind the Fleet's rows,
their inspector, the lens's headline, plain output and ``fleetui check``."""

from collections.abc import Iterator, Mapping

import msgspec

from fleetui.model.cluster import AlertSign, BoardSign, Cluster, EtcdSign, Health
from fleetui.model.fault import FaultKind
from fleetui.model.freshness import Trust
from fleetui.model.quantity import counted

_WORST_FIRST = tuple(Health)

BOARD_WORDS = {"etcd": "etcd", "alerts": "alerts", "slo": "slo", "controlplane": "cp", "replication": "repl"}
"""How a board is named where a few cells are left."""
VITAL = frozenset(BOARD_WORDS)
"""The boards that a cluster's row has a word of."""
_FIRST = ("replication", "slo", "controlplane")
"""Of boards that are equally bad: who loses data, then what users miss, then what it may come from."""
_SCRAPED_AT_OURS = frozenset({"slo", "controlplane"})
"""Boards that need metrics of the API servers, which a managed control plane may show to nobody."""


class Reason(msgspec.Struct, frozen=True):
    """One thing that keeps a cluster from being calm."""

    level: Health
    text: str
    """``1 not Ready``, ``gone in 6.7 h``."""
    board: str = ""
    """The table that says so and more, where it is not the API server: ``slo``."""
    why: str = ""
    """More than the text, where there is more."""

    @property
    def said(self) -> str:
        """With its board: ``slo gone in 6.7 h``."""
        return f"{BOARD_WORDS[self.board]} {self.text}" if self.board else self.text


def health(cluster: Cluster) -> Health:
    """The row's verdict: the worst of its reasons."""
    return next((reason.level for reason in reasons(cluster)), Health.CALM)


def reasons(cluster: Cluster) -> tuple[Reason, ...]:
    """Worst first; of those that are equally bad what explains the others: our way to its API server, its etcd, what
    pages, its nodes, the boards of metrics.

    Silence outranks everything: what is not known is not fine. A blocked operation is trouble
    whatever is known of the cluster: it waits for somebody. So does a cordon that no operation holds, as on the row of
    its machine: room is missing until somebody gives it back. What monitoring knows counts whatever the API server
    says: a page that fires, an etcd that has lost its quorum, a budget that burns. A ticket can wait: it changes no
    verdict. Nothing is calm while monitoring that is configured cannot tell; a first answer that is awaited changes no
    verdict, or a whole fleet would be unknown for a moment at each start."""
    found = list(_of_connection(cluster))
    if cluster.etcd is not None and cluster.etcd.level is not Health.CALM:
        found += _of_etcd(cluster, cluster.etcd)
    if cluster.alerts is not None and not cluster.alerts.serene:
        found += _of_alerts(cluster.alerts)
    found += _of_nodes(cluster)
    for sign in sorted(cluster.boards, key=_place):
        if sign.level is not Health.CALM:
            found += _of_board(cluster, sign)
    if cluster.busy and not cluster.stuck and _known(cluster):
        found.append(Reason(Health.BUSY, ", ".join(work.words for work in cluster.works) or cluster.operation))
    elif cluster.alerts is not None and not any(reason.level is Health.UNKNOWN for reason in found):
        found += _quietened(cluster.alerts)
    return tuple(sorted(found, key=_rank)) if len(found) > 1 else tuple(found)


def overdue(cluster: Cluster, owed: Mapping[str, str]) -> tuple[Reason, ...]:
    """First answers that never came, for whoever looks once and goes: what a screen awaits for a moment is to them not
    known. ``owed``: by board, who was still awaited at the end. What the row's own signs await counts too."""
    said = dict(owed)
    if cluster.etcd is not None and cluster.etcd.awaited:
        said.setdefault("etcd", cluster.etcd.why)
    if cluster.alerts is not None and cluster.alerts.awaited:
        said.setdefault("alerts", cluster.alerts.blind)
    return tuple(Reason(Health.UNKNOWN, "no answer yet", board, why) for board, why in said.items())


def _rank(reason: Reason) -> int:
    return _WORST_FIRST.index(reason.level)


def _place(sign: BoardSign) -> int:
    return _FIRST.index(sign.board) if sign.board in _FIRST else len(_FIRST)


def _known(cluster: Cluster) -> bool:
    return cluster.trust is Trust.LIVE and cluster.nodes_total is not None


def _of_connection(cluster: Cluster) -> Iterator[Reason]:
    word = cluster.fault.word if cluster.fault is not None else ""
    if cluster.trust is Trust.SILENT:
        yield Reason(Health.BROKEN, word or cluster.trust.value)
    elif not _known(cluster):
        yield Reason(Health.UNKNOWN, word or ("not read yet" if cluster.trust is Trust.LIVE else cluster.trust.value))
    elif word:
        yield Reason(Health.WARNING, word)


def _of_nodes(cluster: Cluster) -> Iterator[Reason]:
    """A work that is stuck waits for somebody also while the cluster is silent."""
    for work in cluster.works:
        if work.stuck:
            yield Reason(Health.WARNING, work.reason or work.words)
    if not _known(cluster):
        return
    ready, total = cluster.control_plane_ready, cluster.control_plane_total
    if ready is not None and total is not None and ready < total:
        yield Reason(Health.BROKEN, f"control plane {ready}/{total}")
    if cluster.not_ready:
        yield Reason(Health.WARNING, f"{cluster.not_ready} not Ready")
    if cluster.cordoned and not cluster.busy:
        yield Reason(Health.WARNING, f"{cluster.cordoned} cordoned")
    for feed in cluster.feeds:
        # What our rights do not show us is unknown, and says so in its column; it is not the cluster's trouble.
        if feed.fault is not None and feed.fault.kind is not FaultKind.FORBIDDEN and feed.fault != cluster.fault:
            yield Reason(Health.WARNING, feed.fault.word)


def _of_etcd(cluster: Cluster, said: EtcdSign) -> Iterator[Reason]:
    """The etcd of a managed control plane shows itself to no source of metrics: there it is only missed where the
    configuration names its members."""
    missed = said.blind and (said.direct or cluster.control_plane_total is not None)
    if said.level in (Health.BROKEN, Health.WARNING) or missed:
        yield Reason(said.level, said.word, "etcd", said.why)


def _of_alerts(said: AlertSign) -> Iterator[Reason]:
    if said.pages:
        yield Reason(Health.BROKEN, counted(said.pages, "page"), "alerts")
    if said.blind and not said.awaited:
        yield Reason(Health.UNKNOWN, "pipeline dead" if said.dead else "not known", "alerts", said.blind)
    if said.late:
        yield Reason(Health.WARNING, "pipeline late", "alerts", said.late)


def _quietened(said: AlertSign) -> Iterator[Reason]:
    """A page that somebody is at, or that was silenced, goes on firing: it is not calm, and calls for nobody else."""
    for quiet in said.quiet:
        yield Reason(Health.BUSY, f"{counted(quiet.pages, 'page')} {quiet.how}", "alerts")


def _of_board(cluster: Cluster, sign: BoardSign) -> Iterator[Reason]:
    missed = sign.level is Health.UNKNOWN and (
        sign.board not in _SCRAPED_AT_OURS or cluster.control_plane_total is not None
    )
    if sign.level in (Health.BROKEN, Health.WARNING) or missed:
        yield Reason(sign.level, sign.word, sign.board, sign.why)
