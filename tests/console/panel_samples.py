"""Control planes and promises in every state that their tables can show, judged by the real rules."""

from fleetui.model.health import controlplane
from fleetui.model.health.answers import Answers
from fleetui.model.health.panel_board import panel_board
from fleetui.model.health.slo import WINDOWS
from fleetui.model.health.slo_board import slo_board
from fleetui.model.incident.incident import Incident
from fleetui.model.incident.open_figure import Opened
from fleetui.observe.panel_boards import judge_coverage, judge_fleet
from tests.console.world import NOON, World
from tests.model.health.panel_answers import NOW, answers, vector

assert NOW == NOON
HERE = ("prod-east-1", "prod-east-2", "dr-west", "nonprod-west")
SILENT = "edge-lima-02"
STALE = "edge-oslo-01"
_JOBS = dict.fromkeys(("apiserver", "kube-scheduler", "kube-state-metrics", "kubelet", "node-exporter"), 1.0)


def _everywhere(value: float, **others: float) -> dict[str, float]:
    return dict.fromkeys(HERE, value) | {name.replace("_", "-"): said for name, said in others.items()}


def control_planes() -> Answers:
    """One whose API servers fail, one that is busy, two that are well."""
    return answers(
        {
            "availability": _everywhere(1.0),
            "errors": _everywhere(0.0001, prod_east_1=0.043),
            "writes": _everywhere(0.12, prod_east_1=2.4),
            "reads": _everywhere(0.04),
            "inflight": _everywhere(31, prod_east_2=340),
            "rejected": _everywhere(0.0),
            "store": _everywhere(0.012),
            "scheduling": _everywhere(0.6),
            "queue": _everywhere(2),
            "pending": _everywhere(0, prod_east_1=14),
            "evictions": _everywhere(0),
            "restarts": _everywhere(0),
            "not_ready": _everywhere(0, prod_east_1=3),
            "pressure": _everywhere(0),
            "cpu": _everywhere(0.62),
            "memory": _everywhere(0.58, dr_west=0.83),
        },
        jobs=_JOBS,
    )


def promises() -> Answers:
    """One pages, one has little left, one has too little traffic."""
    figures = {f"availability:{window}": _everywhere(0.0) for window in WINDOWS}
    figures |= {f"api-errors:{window}": _everywhere(0.0001) for window in WINDOWS}
    figures |= {f"api-errors:{window}": _everywhere(0.0001, prod_east_1=0.02) for window in ("5m", "30m", "1h")}
    figures["api-errors:30d"] = _everywhere(0.0001, prod_east_1=0.0004, prod_east_2=0.0011)
    figures["api-errors:events"] = _everywhere(90_000, nonprod_west=37)
    figures["pod-ready"] = _everywhere(0.998, prod_east_1=0.973)
    figures["cap-cpu:used"] = _everywhere(410, prod_east_2=680)
    figures["cap-cpu:total"] = _everywhere(800)
    figures["cap-cpu:before"] = _everywhere(410, prod_east_2=640)
    figures["cap-cpu:largest"] = _everywhere(64)
    return answers(figures, jobs=_JOBS)


def fleet_answers() -> Answers:
    """What the boards of the fleet are made of: nobody here runs Cluster API."""
    known = control_planes().replies
    figures = {
        "ready": _everywhere(1.0, prod_east_1=0.0),
        "burn": _everywhere(0.1, prod_east_1=43),
        "capacity": _everywhere(0.51, prod_east_2=0.86),
        "pages": _everywhere(0, prod_east_1=2, prod_east_2=1),
        "pod-ready": _everywhere(0.998, prod_east_1=0.973),
        "all-restarts": _everywhere(4, prod_east_2=160),
        "versions": _everywhere(1, nonprod_west=2),
    }
    added = answers(figures, jobs=_JOBS).replies
    return Answers(source="central", replies={**added, **known})


def covered() -> Answers:
    """All have etcd and API servers; one has no node exporter, another's does not answer."""
    counts = _everywhere(3)
    nodes = {name: count for name, count in counts.items() if name not in ("prod-east-2", "nonprod-west")}
    has = {"ksm": counts, "node": nodes, "etcd": counts, "apiserver": counts, "capi": {}, "logs": counts, "traces": {}}
    said = answers({"availability": _everywhere(1.0)}, jobs=_JOBS)
    found = {
        f"has:{part}": vector(*(({"cluster": name}, each) for name, each in of.items())) for part, of in has.items()
    }
    node = {"job": "node-exporter"}
    targets = vector(*(({"cluster": name, **node}, 3.0) for name in HERE if name != "nonprod-west"))
    down = vector(({"cluster": "prod-east-2", **node}, 3.0))
    return Answers(source="central", replies={**said.replies, **found, "targets": targets, "down": down})


def one_open() -> Opened:
    opened = Incident(
        id="1", title="API of prod-east-1 fails", by="ana@jump-1", opened=NOON - 1_440, symptom=NOON - 1_500,
        clusters=("prod-east-1",),
    )  # fmt: skip
    return Opened((opened,), read_at=NOON)


def put_board(world: World, name: str) -> World:
    judge = judge_fleet(name, one_open)
    for id_, row in judge((fleet_answers(), _stale()), frozenset((*HERE, STALE, SILENT)), NOON):
        world.fleet.tables[name].apply("", [(id_, row)])  # type: ignore[list-item]
    return world


def put_coverage(world: World) -> World:
    for id_, row in judge_coverage((covered(),), frozenset((*HERE, SILENT)), NOON):
        world.fleet.tables["coverage"].apply(row.cluster, [(id_, row)])  # type: ignore[list-item]
    return world


def _stale() -> Answers:
    return answers({"availability": {STALE: 1.0}, "availability:5m": {STALE: 0.0}}, age_s=420, source="edge")


def put_control_planes(world: World) -> World:
    said = (control_planes(), _stale())
    for row in panel_board(controlplane.PANELS, said, [*HERE, STALE, SILENT], now=NOON, needed=controlplane.NEEDED):
        world.fleet.tables["controlplane"].apply(row.cluster, [(row.cluster, row)])  # type: ignore[list-item]
    return world


def put_promises(world: World) -> World:
    for row in slo_board((promises(), _stale()), [*HERE, STALE, SILENT], now=NOON):
        world.fleet.tables["slo"].apply(row.cluster, [(row.key, row)])  # type: ignore[list-item]
    return world
