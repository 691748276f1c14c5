"""What can be drawn, by board and name: ``etcd/fsync``. Of replication the kinds say it; an operator may add some."""

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from fleetui.model.chart import board_subjects
from fleetui.model.chart.etcd_subjects import ETCD
from fleetui.model.chart.subject import Subject

REPLICATION, ALERTS = "replication", "alerts"
BOARDS: Mapping[str, Mapping[str, Subject]] = {
    "etcd": ETCD,
    "controlplane": board_subjects.CONTROLPLANE,
    "slo": board_subjects.SLO,
    **board_subjects.OVER_ALL,
}


def named(name: str, known: Mapping[str, Subject]) -> Subject:
    """By its name, or by the end of it: ``lag`` for ``postgres:lag``. Raises ValueError with what there is."""
    wanted = _plain(name)
    for id_, subject in known.items():
        if wanted in (_plain(id_), _plain(id_.rpartition(":")[2])):
            return subject
    near = get_close_matches(name, known, n=3)
    there = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(sorted(known)) or 'none'}"
    raise ValueError(f"no figure {name!r} here; {there}")


def subject_of(
    path: str, *, kinds: Mapping[str, Subject], one: bool, rules: Mapping[str, Subject] = MappingProxyType({})
) -> Subject:
    """``BOARD/PANEL``, ``alerts/NAME``; ``one``: of named clusters, not of the fleet as one figure; ``rules`` of
    alerts, by name. Raises ValueError."""
    board, slash, panel = path.partition("/")
    boards = {**BOARDS, REPLICATION: kinds, ALERTS: rules, **(board_subjects.FLEET if one else {})}
    if board not in boards or not slash:
        raise ValueError(f"{path!r}: write BOARD/PANEL, such as etcd/fsync; boards are {', '.join(boards)}")
    return named(panel, boards[board])


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")
