"""A fleet of made-up clusters as one process with one page of metrics, for boards at scale.

`honor_labels` keeps the page's own `cluster`, `instance` and `job`, so that queries see what they would see in a shared
store of real clusters, `up` included. 500 clusters are 149,500 series, 133,500 of them etcd's.
"""

import argparse
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.bed.plain_http import answers, ask
from tests.bed.prometheus import Job
from tests.bed.service import Service
from tests.bed.synthetic_page import FAULTS, Fault, Page

_FRESH = 0.5  # seconds that a page is served again: a pair of Prometheis costs one rendering


class SyntheticFleet(Service):
    """`count` clusters of three etcd members each, served when the constructor returns."""

    def __init__(self, count: int = 500, name: str = "synthetic") -> None:
        self.count = count
        super().__init__(name)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port_of()}"

    @property
    def job(self) -> Job:
        """For Prometheus."""
        return Job("synthetic", {f"127.0.0.1:{self.port_of()}": {}}, honor_labels=True)

    def start_all(self) -> None:
        argv = [sys.executable, "-m", "tests.bed.synthetic", "--port", self.port_of(), "--clusters", self.count]
        self.run("page", argv, {"PYTHONPATH": str(Path(__file__).parents[2])})
        self.until(lambda: answers(f"{self.url}/healthy"), "answers", part="page")

    def page(self) -> str:
        return ask(f"{self.url}/metrics", timeout=30).decode()

    def strike(self, cluster: str, fault: Fault) -> None:
        """From now on that cluster has no leader, or a new one all the time, a member down, a slow disk, a full
        database, failing requests, or says nothing at all."""
        ask(f"{self.url}/faults", {"cluster": cluster, "faults": [fault]})

    def mend(self) -> None:
        """No faults anywhere; what they have added to counters stays, as counters do."""
        ask(f"{self.url}/faults", {"cluster": None, "faults": []})

    def freeze(self) -> None:
        """SIGSTOP: every cluster goes silent at once."""
        self.processes["page"].freeze()

    def thaw(self) -> None:
        self.processes["page"].thaw()


class _Server(ThreadingHTTPServer):
    def __init__(self, port: int, clusters: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self._page, self._lock = Page(clusters), threading.Lock()
        self._lived_until = time.monotonic()
        self._rendered, self._rendered_at = b"", -_FRESH

    def text(self) -> bytes:
        with self._lock:
            if time.monotonic() - self._rendered_at >= _FRESH:
                self._live()
                self._rendered, self._rendered_at = self._page.render().encode(), time.monotonic()
            return self._rendered

    def set_faults(self, cluster: str | None, faults: list[Fault]) -> None:
        if unknown := set(faults) - set(FAULTS):
            raise ValueError(f"no such fault: {unknown}")
        with self._lock:
            self._live()
            for one in self._page.clusters.values() if cluster is None else [self._page.clusters[cluster]]:
                one.faults = set(faults)
            self._rendered_at = -_FRESH

    def _live(self) -> None:
        now = time.monotonic()
        self._page.live(now - self._lived_until)
        self._lived_until = now


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self._answer(200, self.server.text() if self.path == "/metrics" else b"ok\n")

    def do_POST(self) -> None:
        try:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.server.set_faults(asked["cluster"], asked["faults"])
        except (KeyError, ValueError) as error:
            self._answer(400, str(error).encode())
        else:
            self._answer(200, b"ok\n")

    def _answer(self, code: int, body: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--clusters", type=int, required=True)
    given = parser.parse_args()
    _Server(given.port, given.clusters).serve_forever()


if __name__ == "__main__":
    main()
