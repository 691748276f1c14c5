"""Five thousand alerts of a real Prometheus and a real Alertmanager, which come, go and change their values meanwhile.

`python -m bench.alerts --page PORT` serves the page of metrics that the alerts are made of, in a process of its own.
"""

import argparse
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import yaml

from bench.figures import Figure, high, median
from bench.measure import REST
from bench.pty_probe import TRUECOLOR, Probe
from bench.screen import Screen
from bench.subjects import FLEETUI, ROOT, environment
from tests.bed.alertmanager import Alertmanagers
from tests.bed.plain_http import ask, ask_json
from tests.bed.prometheus import WATCHDOG, Job, Prometheus, Rule

CLUSTERS, MACHINES, KINDS = 100, 50, 10
ABSENT = 50
"""One series in so many is not there in any one second, another one in the next: as many alerts end and begin."""
PACE_S = 5
"""Seconds between two scrapes and two evaluations."""
ROUNDS = 10
"""Filters of three letters that are typed: so many that a p95 is not the one letter which met an answer."""
MS = 1000


def figures(*, keys: int, starts: int, clusters: int = CLUSTERS) -> Iterator[Figure]:
    """From the first frame to a list that can be worked with, and keys while the list changes."""
    total = clusters * MACHINES
    with _firing(clusters) as servers:
        shown, alone = [], []
        for _ in range(starts):
            alone.append(servers.ask())
            shown.append(_start(servers.config, total))
        with _opened(servers.config) as probe:
            probe.wait_for(lambda screen: _is_whole(screen, total))
            moves, letters = _moves(probe, keys), _letters(probe)
    first, second = (median(each) for each in zip(*alone, strict=True))
    beside = f"asked alone: Prometheus {first:.2f} s, Alertmanager {second:.2f} s"
    yield Figure(f"{total:,} alerts that change: list usable", median(shown), "s", 1.0, "", beside)
    yield Figure(f"{total:,} alerts that change: cursor move, p95", MS * high(moves), "ms", 33)
    yield Figure(f"{total:,} alerts that change: filter letter, first screenful, p95", MS * high(letters), "ms", 33)


def _start(config: Path, total: int) -> float:
    """Seconds from the first frame to a list that can be worked with: it counts nearly all, its rows are in the state
    that both servers say, and it has answered a key."""
    with _opened(config) as probe:
        frame = probe.wait_for("fleetui")
        probe.wait_for(lambda screen: _is_whole(screen, total))
        row = _cursor(probe.screen)
        probe.send("j")
        return probe.wait_for(partial(_has_left, row)) - frame


def _moves(probe: Probe, keys: int) -> list[float]:
    """Seconds from a key to the cursor on its new line."""
    seen = []
    for _ in range(keys):
        probe.show()
        row = _cursor(probe.screen)
        key = "j" if row < probe.screen.rows - 8 else "k" * 20
        at = probe.send(key)
        seen.append(probe.wait_for(partial(_has_left, row), within=5, since=at))
        time.sleep(REST)
    return seen


def _letters(probe: Probe) -> list[float]:
    seen = []
    for _ in range(ROUNDS):
        probe.act("/", quiet=0.3)
        for letter in "m01":
            seen.append(probe.act(letter).first or 0.0)
            time.sleep(0.1)
        probe.act("\x1b", quiet=0.3)
    return seen


def _has_left(row: int, screen: Screen) -> bool:
    return _cursor(screen) not in (row, -1)


def _cursor(screen: Screen) -> int:
    return next((at for at, text in enumerate(screen.lines) if re.match("^ ?▸", text)), -1)


def _is_whole(screen: Screen, total: int) -> bool:
    """By the header's counts, of which a fiftieth is between two lives, and by the rows: ``firing ?`` is of one whose
    Alertmanager has not answered yet."""
    found = re.search(r"([\d,]+) page \W+([\d,]+) ticket", screen.text)
    firing = sum(re.search(r"Trouble\d +\w+ +firing +c-", line) is not None for line in screen.lines)
    counted = 0 if found is None else sum(int(count.replace(",", "")) for count in found.groups())
    return counted > total * 0.9 and firing > screen.rows / 2


@contextmanager
def _opened(config: Path) -> Iterator[Probe]:
    with tempfile.TemporaryDirectory(prefix="fleetui-bench-") as home:
        argv = [*FLEETUI, "--config", str(config), "--kubeconfig", str(config.with_name("kubeconfig")), "-c", "alerts"]
        with Probe(argv, env=environment(Path(home), TRUECOLOR)) as probe:
            yield probe


@dataclass(frozen=True)
class Servers:
    """Both, with all alerts, and the configuration of a console that asks them."""

    config: Path
    prometheus: str
    alertmanager: str

    def ask(self) -> tuple[float, float]:
        """Seconds that the answers take which the console waits for, with nobody else asking."""
        return _took(f"{self.prometheus}/api/v1/rules"), _took(f"{self.alertmanager}/api/v2/alerts")


def _took(url: str) -> float:
    begun = time.monotonic()
    ask(url, timeout=30)
    return time.monotonic() - begun


@contextmanager
def _firing(clusters: int) -> Iterator[Servers]:
    """Once all alerts fire."""
    with ExitStack() as started:
        folder = Path(started.enter_context(tempfile.TemporaryDirectory(prefix="fleetui-bench-")))
        port = started.enter_context(_page(clusters))
        alertmanager = started.enter_context(Alertmanagers(1, inhibit=()))
        rules = [WATCHDOG, *(_rule(kind) for kind in range(KINDS))]
        job = Job("page", {f"127.0.0.1:{port}": {}}, honor_labels=True)
        prometheus = started.enter_context(
            Prometheus([job], rules=rules, alertmanagers=alertmanager.addresses, scrape=PACE_S, evaluate=PACE_S)
        )
        wanted = clusters * MACHINES * 0.9
        prometheus.until(lambda: _told(alertmanager) > wanted or None, "all alerts are told", within=120)
        config = _configured(folder, prometheus.url, alertmanager.urls[0])
        yield Servers(config, prometheus.url, alertmanager.urls[0])


def _told(alertmanager: Alertmanagers) -> int:
    """Alerts that it knows; it takes its time for so many."""
    return len(ask_json(f"{alertmanager.urls[0]}/api/v2/alerts", timeout=30))


def _rule(kind: int) -> Rule:
    severity = "critical" if kind < 2 else "warning"
    return Rule(f"Trouble{kind}", f'bench_trouble{{kind="{kind}"}} > 0', labels={"severity": severity})


def _configured(folder: Path, prometheus: str, alertmanager: str) -> Path:
    config = {"metrics": {"bench": {"url": prometheus}}, "alertmanagers": {"bench": {"url": alertmanager}}}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    (folder / "kubeconfig").write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "Config", "clusters": []}))
    return folder / "config.yaml"


@contextmanager
def _page(clusters: int) -> Iterator[int]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    argv = [sys.executable, "-m", "bench.alerts", f"--page={port}", f"--clusters={clusters}"]
    with subprocess.Popen(argv, cwd=ROOT) as process:
        try:
            yield port
        finally:
            process.kill()


def page(clusters: int, second: int) -> str:
    """The metrics of one second: values move, and other series are absent."""
    said = ["# TYPE bench_trouble gauge"]
    for number in range(clusters * MACHINES):
        if number % ABSENT != second // PACE_S % ABSENT:
            cluster, machine = divmod(number, MACHINES)
            labels = f'cluster="c-{cluster:03}",instance="m{machine:04}",kind="{number % KINDS}"'
            said.append(f"bench_trouble{{{labels}}} {1 + (number + second) % 9}")
    return "\n".join([*said, ""])


def main() -> None:
    """Serve the page until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", type=int, required=True, metavar="PORT")
    parser.add_argument("--clusters", type=int, default=CLUSTERS)
    options = parser.parse_args()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = page(options.clusters, int(time.time())).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    ThreadingHTTPServer(("127.0.0.1", options.page), Handler).serve_forever()


if __name__ == "__main__":
    main()
