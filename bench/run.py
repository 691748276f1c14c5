"""Measures fleetui, sofka and kubectl on one real API server, in one run, against fleetui's bounds.

`python -m bench.run` prints a table; `--write FILE` keeps it in a Markdown file; `--short` is quick and for CI;
with `--strict` a missed bound is an exit status of 1.
"""

import argparse
import datetime as dt
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import gauge, measure, subjects
from bench.figures import Figure, high, median, table
from bench.measure import Bench
from bench.pty_probe import TRUECOLOR
from bench.subjects import FLEETUI, Scale, environment
from tests.bed import build, fill

MS, MB = 1000, 1_000_000
_BEGIN, _END = "<!-- measured: begin -->", "<!-- measured: end -->"
_ALONE = environment(Path(tempfile.gettempdir()), {})


def textual_import(bench: Bench) -> float:
    """Seconds of a Python that does nothing but import Textual: what no Textual program can be quicker than."""
    argv = [sys.executable, "-c", "import textual.app; print()"]
    return median(measure.wall(argv, lines=1, env=_ALONE) for _ in range(bench.starts + 2))


def commands(bench: Bench) -> Iterator[Figure]:
    """The plain lists, beside kubectl's; by turns, so that both meet the same server."""
    for view, share, theirs in (("machines", 0.7, ["nodes"]), ("pods", 0.3, ["pods", "-A"])):
        kubectl = [str(build.path_of("kubectl")), f"--kubeconfig={bench.kubeconfig}", "get", *theirs]
        ours = [*FLEETUI, f"--kubeconfig={bench.kubeconfig}", "get", view]
        times: dict[str, list[float]] = {"ours": [], "theirs": []}
        for _ in range(bench.starts):
            for who, argv in (("ours", ours), ("theirs", kubectl)):
                with tempfile.TemporaryDirectory() as home:
                    seconds = measure.wall(argv, lines=bench.scale.of(view) + 1, env=environment(Path(home), {}))
                times[who].append(seconds)
        peer = median(times["theirs"])
        said = f"kubectl get {' '.join(theirs)} {peer:.2f} s"
        yield Figure(f"`fleetui get {view}`", median(times["ours"]), "s", share * peer, f"{share} x kubectl", said)


def starting(bench: Bench, textual: float) -> Iterator[Figure]:
    """From the start of the process to the first frame, the first live rows, and all of them."""
    ours = {view: [measure.start(subjects.fleetui(), bench, view) for _ in range(bench.starts)] for view in _VIEWS}
    theirs = {view: [measure.start(subjects.sofka(), bench, view) for _ in range(bench.starts)] for view in _VIEWS}
    frame = median(start.frame for start in ours["machines"])
    sofka_frame = (
        f"sofka {median(start.frame for start in theirs['machines']):.2f} s, import of Textual {textual:.2f} s"
    )
    yield Figure("first frame", frame, "s", 1.6 * textual, "1.6 x import", sofka_frame)
    for view in _VIEWS:
        peer = f"sofka {median(start.rows for start in theirs[view]):.2f} s"
        rows = median(start.rows for start in ours[view])
        yield Figure(f"first live rows, {view}", rows, "s", 2.5 * textual, "2.5 x import", peer)
        whole = median(start.all for start in theirs[view])
        bound = (1.3 * whole, "1.3 x sofka") if view == "pods" else (None, "")
        ours_all = median(start.all for start in ours[view])
        yield Figure(f"all {bench.scale.of(view):,} {view}", ours_all, "s", *bound, peer=f"sofka {whole:.2f} s")


def hands(bench: Bench) -> Iterator[Figure]:
    """Keys on a console at rest over all pods, what it weighs, and the same under a storm."""
    with measure.opened(subjects.fleetui(), bench, "pods") as probe:
        ours = measure.keys(subjects.fleetui(), bench, probe)
        probe.settle()
        cost, rest = gauge.cost_of(probe.pid), gauge.load_of(probe.pid, bench.seconds)
        storm = measure.storm(subjects.fleetui(), bench, probe)
    with measure.opened(subjects.sofka(), bench, "pods") as probe:
        theirs = measure.keys(subjects.sofka(), bench, probe)
        their_cost, their_rest = gauge.cost_of(probe.pid), gauge.load_of(probe.pid, bench.seconds)
        their_storm = measure.storm(subjects.sofka(), bench, probe)
    yield from _keys(ours, theirs)
    yield Figure("memory (RSS of all processes)", cost.rss / MB, "MB", 160, "", f"sofka {their_cost.rss / MB:.0f} MB")
    yield Figure("at rest, of one core", 100 * rest, "%", 2, "", f"sofka {100 * their_rest:.1f} %")
    came = f"{storm.rate:.0f} changes a second"
    peer = f"sofka {MS * high(their_storm.moves):.1f} ms at {their_storm.rate:.0f}"
    yield Figure(f"cursor move in a storm, p95 ({came})", MS * high(storm.moves), "ms", 33, "", peer)
    peer = f"sofka {100 * their_storm.load:.0f} %"
    yield Figure(f"in a storm, of one core ({came})", 100 * storm.load, "%", 12, "", peer)


def _keys(ours: measure.Keys, theirs: measure.Keys) -> Iterator[Figure]:
    def peer(value: float, unit: str = "ms") -> str:
        return f"sofka {value:.1f} {unit}" if unit == "ms" else f"sofka {value:.0f} {unit}"

    yield Figure("cursor move, median", MS * median(ours.moves), "ms", 8, "", peer(MS * median(theirs.moves)))
    yield Figure("cursor move, p95", MS * high(ours.moves), "ms", peer=peer(MS * high(theirs.moves)))
    name = "filter letter over all pods"
    yield Figure(f"{name}, median", MS * median(ours.letters), "ms", 16, "", peer(MS * median(theirs.letters)))
    yield Figure(f"{name}, p95", MS * high(ours.letters), "ms", 33, "", peer(MS * high(theirs.letters)))
    yield Figure("filter cleared", MS * median(ours.cleared), "ms", peer=peer(MS * median(theirs.cleared)))
    size, their_size = median(ours.move_bytes), median(theirs.move_bytes)
    yield Figure("cursor move, truecolor", size, "bytes", their_size, "sofka's", peer(their_size, "bytes"))
    yield Figure("inspector after the cursor rests", median(ours.afterwards), "bytes")


def lines(bench: Bench) -> Iterator[Figure]:
    """What goes over the line: one changing cell a second, and the 16-colour theme."""
    for theme, terminal, moves, cell, minute in (
        ("dark", TRUECOLOR, None, 300, 20_000),
        ("ansi-16", {"TERM": "xterm-16color"}, 600, 150, 10_000),
    ):
        console = subjects.fleetui(theme=theme)
        with measure.opened(console, bench, "pods", terminal=terminal) as probe:
            if moves is not None:
                sizes = [probe.act("j").size for _ in range(bench.keys // 2)]
                yield Figure(f"cursor move, {theme}", median(sizes), "bytes", moves)
                probe.act("g", quiet=0.3)
            each = measure.changed_cell(bench, probe, pod=_visible_pod(probe.show()), seconds=bench.seconds)
        yield Figure(f"one changed cell, {theme}", each, "bytes", cell)
        yield Figure(f"a minute with one changed cell a second, {theme}", 60 * each, "bytes", minute)


_VIEWS = ("machines", "pods")
PARTS: dict[str, Callable[..., Iterator[Figure]]] = {
    "commands": commands,
    "starting": starting,
    "hands": hands,
    "lines": lines,
}


def run(bench: Bench, parts: list[str]) -> list[Figure]:
    """All figures of the parts; each is printed as it comes."""
    figures: list[Figure] = []
    for part in parts:
        extra = (textual_import(bench),) if part == "starting" else ()
        for figure in PARTS[part](bench, *extra):
            figures.append(figure)
            print(table([figure]).splitlines()[-1], flush=True)
    return figures


def _visible_pod(screen: str) -> int:
    """The number of a pod that the screen shows."""
    names = [word for word in screen.split() if word.startswith("service-") and word.count("-") == 3]
    return int(names[3].rsplit("-", 1)[1])


def _told(figures: list[Figure], bench: Bench) -> str:
    """The Markdown section of a run."""
    at = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d")
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    scale = f"{bench.scale.nodes:,} nodes of 14 kB, {bench.scale.pods:,} pods of 6 kB"
    data = f"one kube-apiserver {build.KUBERNETES_VERSION} with {scale}"
    load = f"load average {os.getloadavg()[0]:.1f} at the end"
    head = f"Measured {at}: {machine}; {data}; terminal 160x50; {load}."
    return f"{_BEGIN}\n{head}\n\n{table(figures)}\n{_END}\n"


def write(section: str, path: Path) -> None:
    """Put the section between its marks in the file, or at its end where it has none."""
    text = path.read_text() if path.exists() else "# Benchmarks\n\n`make bench` writes this table.\n\n"
    before, mark, rest = text.partition(_BEGIN)
    after = rest.partition(_END)[2].lstrip("\n") if mark else ""
    path.write_text(before + section + ("\n" + after if after else ""))


@contextmanager
def _cluster(options: argparse.Namespace, scale: Scale) -> Iterator[Path]:
    if options.kubeconfig:
        yield options.kubeconfig
        return
    with fill.filled("bench", nodes=scale.nodes, pods=scale.pods) as cluster:
        yield cluster.kubeconfig


def main() -> int:
    """Run, print, perhaps write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="a tenth of the data and few repeats")
    parser.add_argument("--write", type=Path, metavar="FILE", help="keep the table in this Markdown file")
    parser.add_argument("--strict", action="store_true", help="exit 1 where a bound is missed")
    parser.add_argument("--kubeconfig", type=Path, help="a cluster that is filled already")
    parser.add_argument("--only", action="append", choices=PARTS, help="only these parts")
    options = parser.parse_args()
    scale = Scale(500, 2_000) if options.short else Scale()
    with _cluster(options, scale) as kubeconfig:
        repeats = (2, 20, 8.0) if options.short else (5, 60, 20.0)
        bench = Bench(kubeconfig, scale, *repeats)
        figures = run(bench, options.only or list(PARTS))
    section = _told(figures, bench)
    print(f"\n{section}")
    if options.write:
        write(section, options.write)
    return int(options.strict and any(figure.held is False for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
