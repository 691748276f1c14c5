"""A fleet larger than one machine could serve: 150 clusters of 1,000 machines, simulated inside the console's process.

`python -m bench.many` opens the console on it, which is what the probe runs. The clusters are built before the console
begins, and the mark `BUILT` tells the probe when that is.
"""

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bench.figures import Figure, high, median
from bench.measure import FILTER_PAUSE, REST
from bench.pty_probe import TRUECOLOR, Act, Probe
from bench.screen import Screen
from bench.subjects import environment

CLUSTERS, MACHINES = 150, 1_000
BUILT = "the fleet is built"
LETTERS = "m0123"
MS = 1000


def figures(*, keys: int, starts: int, clusters: int = CLUSTERS, machines: int = MACHINES) -> Iterator[Figure]:
    """First rows with none and with a fifth of the clusters dead or hanging; keys over all machines."""
    healthy = [_first_rows(clusters, machines, ill=0) for _ in range(starts)]
    ill = [_first_rows(clusters, machines, ill=clusters // 5) for _ in range(starts)]
    name = f"{clusters} simulated clusters of {machines:,} machines"
    yield Figure(f"{name}: first rows", median(healthy), "s", 1.0)
    yield Figure(f"{name}, {clusters // 5} dead or hanging: first rows", median(ill), "s", 1.0)
    with _opened(clusters, machines, ill=0) as probe:
        total = clusters * machines
        probe.wait_for(lambda screen: f"{total:,}" in screen.text and _has_rows(screen), within=120)
        probe.settle(quiet=1, within=120)
        moves = _acts(probe, ["j"] * keys, pause=REST)
        probe.act("/", quiet=0.3)
        letters = _acts(probe, list(LETTERS), pause=FILTER_PAUSE)
    yield Figure(f"{total:,} rows: cursor move, median", MS * median(a.last or 0 for a in moves), "ms", 8)
    yield Figure(f"{total:,} rows: filter, first screenful, p95", MS * high([a.first or 0 for a in letters]), "ms", 33)


def _acts(probe: Probe, keys: list[str], *, pause: float) -> list[Act]:
    acts = []
    for key in keys:
        acts.append(probe.act(key))
        probe.bytes_during(pause)
    return acts


def _first_rows(clusters: int, machines: int, *, ill: int) -> float:
    """Seconds from the fleet's being there to the first machine on screen; importing Textual is in it."""
    with _opened(clusters, machines, ill=ill) as probe:
        built = probe.wait_for(BUILT, within=120)
        return probe.wait_for(_has_rows, within=60) - built


def _has_rows(screen: Screen) -> bool:
    return re.search(r"s\d{3}-m\d{4}", screen.text) is not None


def _opened(clusters: int, machines: int, *, ill: int) -> Probe:
    argv = [sys.executable, "-m", "bench.many", f"--clusters={clusters}", f"--machines={machines}", f"--ill={ill}"]
    return Probe(argv, env=environment(Path(tempfile.gettempdir()), TRUECOLOR))


def _open_console(options: argparse.Namespace, directory: Path) -> int:
    from fleetui.clients.paths import paths_under
    from fleetui.clients.system import SystemChance, SystemClock
    from fleetui.console.terminal import choose
    from fleetui.console.views import View
    from fleetui.observe.fleet import Fleet
    from fleetui.simulate.inprocess import SimulatedReader
    from fleetui.simulate.scale import fleet_of
    from fleetui.wiring import screen
    from fleetui.wiring.clusters import Clusters
    from fleetui.wiring.core import Core
    from fleetui.wiring.session import Session

    clock = SystemClock()
    hosts = fleet_of(clusters=options.clusters, nodes=options.machines, clock=clock)
    for number, host in enumerate(hosts):
        host.trouble.dead = number % 10 == 3 and number < 5 * options.ill
        host.trouble.hang = number % 10 == 7 and number < 5 * options.ill
        _ = host.world  # built now, so that building is not measured
    print(BUILT, flush=True)

    class Simulated(Clusters):
        """Clusters that no kubeconfig names."""

        def fleet(self, wanted: frozenset[str] | None = None) -> Fleet:
            fleet = Fleet(clock=clock, chance=SystemChance())
            for host in hosts:
                fleet.add(host.name, open_reader=partial(SimulatedReader, host))
            fleet.connect([host.name for host in hosts if wanted is None or host.name in wanted])
            return fleet

    session = Session(paths=paths_under(directory))
    choice = choose(os.environ)
    screen.adapt(choice)
    app = screen.build_app(session, choice, Simulated(session), Core(session), view=View("machines"))
    app.run(mouse=False)
    return app.return_code or 0


def main() -> int:
    """Open the console on the simulated fleet, in this terminal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clusters", type=int, default=CLUSTERS)
    parser.add_argument("--machines", type=int, default=MACHINES)
    parser.add_argument("--ill", type=int, default=0, help="so many are dead or hang")
    with tempfile.TemporaryDirectory(prefix="fleetui-many-") as name:
        return _open_console(parser.parse_args(), Path(name))


if __name__ == "__main__":
    sys.exit(main())
