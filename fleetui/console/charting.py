"""Which chart is meant: by the row under the cursor the figure that decided its verdict, by name any of its board. The
others of the board follow one key after another."""

from collections.abc import Mapping

import msgspec

from fleetui.console.command import CONTROLPLANE, ETCD, LENS, REPLICATION
from fleetui.model.alerts.alert import Alert
from fleetui.model.chart.alert_subject import alert_request
from fleetui.model.chart.board_subjects import controlplane_subject, fleet_subject, slo_subject
from fleetui.model.chart.catalogue import BOARDS, named
from fleetui.model.chart.etcd_subjects import etcd_subject
from fleetui.model.chart.replication_subjects import replica_place, replication_subject
from fleetui.model.chart.subject import Request, Subject
from fleetui.model.health.etcd_state import EtcdState
from fleetui.model.health.fleet_figures import FleetFigure
from fleetui.model.health.panel_board import PanelRow
from fleetui.model.health.replication import Replica
from fleetui.model.health.slo_board import SloRow

_BOARDS: Mapping[str, Mapping[str, Subject]] = {**BOARDS, LENS: {**BOARDS[CONTROLPLANE], **BOARDS[ETCD]}}


class Requested(msgspec.Struct, frozen=True):
    """The chart that is opened, and those beside it."""

    requests: tuple[Request, ...]
    at: int = 0


def requested(screen: str, row: object, name: str, *, cluster: str, kinds: Mapping[str, Subject]) -> Requested:
    """Of the row, or of the figure of this name on the row's board. Raises ValueError with what there is."""
    if isinstance(row, Alert):
        return Requested((_of_alert(row),))
    about = str(getattr(row, "cluster", "")) or cluster
    first, known = _of_row(screen, row, kinds)
    subject = named(name, known) if name else first
    if subject is None:
        raise ValueError("put the cursor on a row, or name a figure: :chart PANEL")
    own = known if subject.id in {each.id for each in known.values()} else {}
    others = {each.id: each for each in own.values()} | {subject.id: subject}
    requests = [_request(each, row, about) for each in others.values()]
    return Requested(tuple(requests), list(others).index(subject.id))


def _of_row(screen: str, row: object, kinds: Mapping[str, Subject]) -> tuple[Subject | None, Mapping[str, Subject]]:
    """(the figure that decided, all of the board by name)."""
    known = _board(screen, row, kinds)
    match row:
        case PanelRow():
            return controlplane_subject(row), known
        case SloRow():
            return slo_subject(row), known
        case EtcdState():
            return etcd_subject(row), known
        case Replica():
            return replication_subject(row, known), known
        case FleetFigure():
            return fleet_subject(screen, row)[0], known
    return BOARDS[ETCD]["fsync"] if screen == LENS else None, known


def _board(screen: str, row: object, kinds: Mapping[str, Subject]) -> Mapping[str, Subject]:
    if screen == REPLICATION:
        own = f"{row.kind}:" if isinstance(row, Replica) else ""
        return {name: subject for name, subject in kinds.items() if name.startswith(own)}
    return _BOARDS.get(screen, {})


def _request(subject: Subject, row: object, cluster: str) -> Request:
    if isinstance(row, Replica):
        place = replica_place(row, subject)
        return Request(subject=subject, clusters=(row.cluster,) if row.cluster else (), place=place)
    if isinstance(row, FleetFigure):
        board, _, panel = subject.id.partition("/")
        drawn, clusters = fleet_subject(board, row) if row.id == panel else (subject, ())
        return Request(subject=drawn, clusters=clusters)
    return Request(subject=subject, clusters=(cluster,) if cluster else ())


def _of_alert(alert: Alert) -> Request:
    found = alert_request(alert)
    if found is None:
        raise ValueError("no source of metrics has told the rule of this alert: there is no expression to draw")
    return found
