"""Measures fleetui, sofka and kubectl on one real API server, in one run, against fleetui's bounds.

`python -m bench.run` prints a table; `--write FILE` keeps it in a Markdown file; `--short` is quick and for CI;
with `--strict` a missed bound is an exit status of 1: any of them, and of a short run those of bytes and memory, which
no busy machine excuses.
"""

import argparse
import datetime as dt
import os
import platform
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from bench import alerts, gauge, many, measure, observe, subjects
from bench.figures import Figure, broken, high, median, table
from bench.measure import Bench
from bench.provenance import command, commit
from bench.pty_probe import TRUECOLOR, Probe
from bench.subjects import FLEETUI, Scale, Subject, environment
from tests.bed import build, fill

MS, MB = 1000, 1_000_000
SOFKA_MOVE = 660
"""Bytes of a cursor move of sofka's at 160x50 in truecolor: the bound where no sofka is installed to be measured."""
MEMORY_BASE, MEMORY_PER_ROW = 80.0, 0.0032
"""MB of the console itself, and MB a machine or pod: 160 with 5,000 machines and 20,000 pods, 88 with a tenth of them.
Measured were 64 MB and 1.8 kB a row."""
_BEGIN, _END = "<!-- measured: begin -->", "<!-- measured: end -->"
_ALONE = environment(Path(tempfile.gettempdir()), {})


def textual_import(bench: Bench) -> float:
    """Seconds of a Python that does nothing but import Textual: what no Textual program can be quicker than."""
    argv = [sys.executable, "-c", "import textual.app; print()"]
    return median(measure.wall(argv, lines=1, env=_ALONE) for _ in range(bench.starts + 2))


def commands(bench: Bench) -> Iterator[Figure]:
    """The plain lists, beside kubectl's; by turns, so that both meet the same server. The short one oftener: what else
    the machine does weighs more in a third of a second."""
    lists = (("machines", 0.7, ["nodes"], 3 * bench.starts), ("pods", 0.3, ["pods", "-A"], bench.starts))
    for view, share, theirs, repeats in lists:
        kubectl = [str(build.path_of("kubectl")), f"--kubeconfig={bench.kubeconfig}", "get", *theirs]
        ours = [*FLEETUI, f"--kubeconfig={bench.kubeconfig}", "get", view]
        times: dict[str, list[float]] = {"ours": [], "theirs": []}
        for _ in range(repeats):
            for who, argv in (("ours", ours), ("theirs", kubectl)):
                with tempfile.TemporaryDirectory() as home:
                    seconds = measure.wall(argv, lines=bench.scale.of(view) + 1, env=environment(Path(home), {}))
                times[who].append(seconds)
        peer = median(times["theirs"])
        said = f"kubectl get {' '.join(theirs)} {peer:.2f} s"
        yield Figure(f"`fleetui get {view}`", median(times["ours"]), "s", share * peer, f"{share} x kubectl", said)


def starting(bench: Bench) -> Iterator[Figure]:
    """From the start of the process to the first frame, the first live rows, and all of them."""
    textual = textual_import(bench)
    ours = {view: [measure.start(subjects.fleetui(), bench, view) for _ in range(bench.starts)] for view in _VIEWS}
    theirs = {view: [measure.start(peer, bench, view) for peer in _peers(bench)] for view in _VIEWS}
    frame = median(start.frame for start in ours["machines"])
    bare = f"bare import of Textual {textual:.2f} s"
    yield Figure("first frame", frame, "s", 1.6 * textual, "1.6 x import", bare)
    for view in _VIEWS:
        rows, whole = (median(getattr(start, what) for start in ours[view]) for what in ("rows", "all"))
        said = [
            f"sofka {median(getattr(s, what) for s in theirs[view]):.2f} s" for what in ("rows", "all") if theirs[view]
        ]
        yield Figure(f"first live rows, {view}", rows, "s", 2.5 * textual, "2.5 x import", "".join(said[:1]))
        bounded = bool(theirs[view]) and view == "pods"
        bound = 1.3 * median(start.all for start in theirs[view]) if bounded else None
        rule = "1.3 x sofka" if bounded else ""
        yield Figure(f"all {bench.scale.of(view):,} {view}", whole, "s", bound, rule, "".join(said[1:]))


@dataclass(frozen=True)
class Hands:
    """What a pair of hands met on one console."""

    keys: measure.Keys
    cost: gauge.Cost
    rest: float
    storm: measure.Storm


def hands(bench: Bench) -> Iterator[Figure]:
    """Keys on a console at rest over all pods, what it weighs, and the same under a storm."""
    ours = _hands(subjects.fleetui(), bench)
    theirs = [_hands(peer, bench) for peer in _peers(bench)[:1]]

    def said(value: Callable[[Hands], float], unit: str) -> str:
        return "".join(f"sofka {value(each):.3g} {unit}" for each in theirs)

    def figure(
        what: str, value: Callable[[Hands], float], unit: str, bound: float | None = None, *, steady: bool = False
    ) -> Figure:
        return Figure(what, value(ours), unit, bound, "", said(value, unit), steady)

    letter, storm = "filter letter over all pods", f"in a storm of {ours.storm.rate:.0f} changes a second"
    yield figure("cursor move, median", lambda h: MS * median(h.keys.moves), "ms", 8)
    yield figure("cursor move, p95", lambda h: MS * high(h.keys.moves), "ms")
    yield figure(f"{letter}, median", lambda h: MS * median(h.keys.letters), "ms", 16)
    yield figure(f"{letter}, p95", lambda h: MS * high(h.keys.letters), "ms", 33)
    yield figure(f"{letter}, first screenful, median", lambda h: MS * median(h.keys.screenfuls), "ms")
    yield figure("filter cleared", lambda h: MS * median(h.keys.cleared), "ms")
    size = median(theirs[0].keys.move_bytes) if theirs else SOFKA_MOVE
    yield figure("cursor move, truecolor", lambda h: median(h.keys.move_bytes), "bytes", size, steady=True)
    yield figure("what follows when the cursor rests", lambda h: median(h.keys.afterwards), "bytes")
    yield figure(
        "memory (RSS of all processes)", lambda h: h.cost.rss / MB, "MB", _memory_bound(bench.scale), steady=True
    )
    yield figure("at rest, of one core", lambda h: 100 * h.rest, "%", 2)
    yield figure(f"{storm}: cursor move, p95", lambda h: MS * high(h.storm.moves), "ms", 33)
    yield figure(f"{storm}: of one core", lambda h: 100 * h.storm.load, "%", 12)


def _memory_bound(scale: Scale) -> float:
    """MB: what a console may weigh with all of these rows loaded."""
    return MEMORY_BASE + MEMORY_PER_ROW * (scale.nodes + scale.pods)


def _hands(console: Subject, bench: Bench) -> Hands:
    with measure.opened(console, bench, "pods") as probe:
        keys = measure.keys(console, bench, probe)
        probe.settle()
        cost, rest = gauge.cost_of(probe.pid), gauge.load_of(probe.pid, bench.seconds)
        return Hands(keys, cost, rest, measure.storm(console, bench, probe))


def _peers(bench: Bench) -> list[Subject]:
    """Sofka, once for each repeat of a start; nothing where a short run meets no sofka."""
    try:
        subjects.sofka_path()
    except FileNotFoundError:
        if not bench.alone:
            raise
        return []
    return [subjects.sofka()] * bench.starts


@dataclass(frozen=True)
class Line:
    """A theme on its terminal, and the most bytes of a cursor move, a changed cell, and a minute of one a second."""

    theme: str
    terminal: Mapping[str, str]
    move: int
    cell: int
    minute: int

    def opened(self, bench: Bench) -> AbstractContextManager[Probe]:
        return measure.opened(subjects.fleetui(theme=self.theme), bench, "pods", terminal=self.terminal)

    def moved(self, bench: Bench, probe: Probe, when: str = "") -> Figure:
        sizes = measure.move_sizes(probe, keys=bench.keys // 2)
        return Figure(f"cursor move, {self.theme}{when}", median(sizes), "bytes", self.move, steady=True)

    def changed(self, bench: Bench, probe: Probe, when: str = "") -> Figure:
        each = measure.changed_cell(bench, probe, pod=_visible_pod(probe.show()), seconds=bench.seconds)
        return Figure(f"one changed cell, {self.theme}{when}", each, "bytes", self.cell, steady=True)


DARK = Line("dark", TRUECOLOR, SOFKA_MOVE, 300, 20_000)
ANSI = Line("ansi-16", {"TERM": "xterm-16color"}, 600, 150, 10_000)


def lines(bench: Bench) -> Iterator[Figure]:
    """What goes over the line: one changing cell a second, and the 16-colour theme."""
    for line in (DARK, ANSI):
        with line.opened(bench) as probe:
            if line is ANSI:  # the other's is measured by `hands`, beside sofka's
                yield line.moved(bench, probe)
            cell = line.changed(bench, probe)
        yield cell
        minute = f"a minute with one changed cell a second, {line.theme}"
        yield Figure(minute, 60 * cell.value, "bytes", line.minute, steady=True)


def upheavals(bench: Bench) -> Iterator[Figure]:
    """The same bytes right after the terminal has another size, and after the program was stopped and continued: what
    was known of the screen is gone then, and whoever repaints all of it from there on is caught here."""
    for line in (DARK, ANSI):
        with line.opened(bench) as probe:
            for when, upheaval in _UPHEAVALS.items():
                painted = measure.repainted(probe, upheaval)
                yield Figure(f"the repaint after {when}, {line.theme}", painted, "bytes")
                yield line.moved(bench, probe, f", after {when}")
                if CHANGING in probe.show():  # 80 columns have no room for it
                    yield line.changed(bench, probe, f", after {when}")


CHANGING = "RESTARTS"
"""The column of the cell that `changed_cell` lets change."""
_UPHEAVALS: dict[str, Callable[[Probe], None]] = {
    "a resize to 80x24": partial(measure.resized, columns=80, rows=24),
    "a resize to 160x50": partial(measure.resized, columns=160, rows=50),
    "a resize to 100x30": partial(measure.resized, columns=100, rows=30),
    "SIGSTOP and SIGCONT": measure.frozen,
    "ctrl-z and fg": measure.suspended,
}


_VIEWS = ("machines", "pods")
PARTS: dict[str, Callable[[Bench], Iterator[Figure]]] = {
    "commands": commands,
    "starting": starting,
    "hands": hands,
    "lines": lines,
    "upheavals": upheavals,
    "fleet": lambda bench: many.figures(keys=bench.keys, starts=bench.starts),
    "alerts": lambda bench: alerts.figures(keys=bench.keys // 2, starts=bench.starts),
    "picture": lambda _bench: iter(observe.figures()),
}


def run(bench: Bench, parts: list[str]) -> list[Figure]:
    """All figures of the parts; each is printed as it comes."""
    figures: list[Figure] = []
    for part in parts:
        for measured in PARTS[part](bench):
            # What is said of a large cluster beside its peers says nothing of a small one.
            figure = replace(measured, bound=None, rule="") if bench.alone and measured.rule else measured
            figures.append(figure)
            print(table([figure]).splitlines()[-1], flush=True)
    return figures


def _visible_pod(screen: str) -> int:
    """The number of a pod that the screen shows; on a narrow one the middle of its name is left out."""
    return int(re.findall(r"\bservice-\S+-(\d{5})\b", screen)[3])


def _told(figures: list[Figure], bench: Bench, *, at_commit: str) -> str:
    """The Markdown section of a run."""
    at = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d")
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    scale = f"{bench.scale.nodes:,} nodes of 14 kB, {bench.scale.pods:,} pods of 6 kB"
    data = f"one kube-apiserver {build.KUBERNETES_VERSION} with {scale}"
    load = f"load average {os.getloadavg()[0]:.1f} at the end"
    typed = command("bench.run", sys.argv[1:])
    head = f"Measured {at} by `{typed}`, {at_commit}: {machine}; {data}; terminal 160x50; {load}."
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
    parser.add_argument(
        "--short", action="store_true", help="a tenth of the data, few repeats, no need of sofka, no ratios"
    )
    parser.add_argument("--write", type=Path, metavar="FILE", help="keep the table in this Markdown file")
    parser.add_argument(
        "--strict", action="store_true", help="exit 1 where a bound is missed; with --short, of bytes or memory"
    )
    parser.add_argument("--kubeconfig", type=Path, help="a cluster that is filled already")
    parser.add_argument("--only", action="append", choices=PARTS, help="only these parts")
    options = parser.parse_args()
    scale = Scale(500, 2_000) if options.short else Scale()
    at_commit = commit()  # before the hour that a run takes: what is committed meanwhile is not what was measured
    with _cluster(options, scale) as kubeconfig:
        repeats = (2, 20, 8.0) if options.short else (5, 60, 20.0)
        bench = Bench(kubeconfig, scale, *repeats, alone=options.short)
        figures = run(bench, options.only or list(PARTS))
    section = _told(figures, bench, at_commit=at_commit)
    print(f"\n{section}")
    if options.write:
        write(section, options.write)
    missed = broken(figures, steady=options.short) if options.strict else []
    for figure in missed:
        print(f"missed: {figure.what}: {figure.value:.1f} {figure.unit}, at most {figure.bound}", file=sys.stderr)
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
