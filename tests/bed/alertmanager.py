"""Real Alertmanagers, alone or as a pair that gossips, and a receiver of their notifications.

Debian's 0.25 reads its templates from an absolute path; packages.py points it to its working folder, so that nothing
has to be installed.
"""

import datetime as dt
import json
import threading
from collections.abc import Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

import yaml

from tests.bed import packages
from tests.bed.plain_http import answers, ask, ask_json
from tests.bed.service import Service

Object = dict[str, Any]
# Etcd's ladder, as the mixins do it: the worse alert of a cluster hides what it implies.
INHIBIT = (
    {
        "source_matchers": ['severity="critical"'],
        "target_matchers": ['severity="warning"'],
        "equal": ["cluster"],
    },
)


class Sink:
    """A webhook receiver in this process: keeps every notification, in order."""

    def __init__(self) -> None:
        self.notifications: list[Object] = []
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sink.notifications.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def statuses(self, alert: str) -> list[str]:
        """ "firing" and "resolved" of every notification about `alert`, in order."""
        return [
            one["status"]
            for said in self.notifications
            for one in said["alerts"]
            if one["labels"]["alertname"] == alert
        ]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Alertmanagers(Service):
    """`size` Alertmanagers that gossip, ready when the constructor returns; named by number from 0.

    Groups by cluster and alert name after one second; `inhibit` are its inhibit rules; `webhook` a URL to notify.
    `configuration`: a whole one, instead.
    """

    def __init__(
        self,
        size: int = 2,
        *,
        inhibit: Iterable[Mapping[str, object]] = INHIBIT,
        webhook: str | None = None,
        configuration: Mapping[str, object] | None = None,
        name: str = "alertmanager",
    ) -> None:
        self.size, self._inhibit, self._webhook = size, [dict(rule) for rule in inhibit], webhook
        self._given = configuration
        self._posted: list[Mapping[str, str]] = []
        super().__init__(name)

    @property
    def addresses(self) -> tuple[str, ...]:
        """host:port of each, as Prometheus wants them."""
        return tuple(f"127.0.0.1:{self.port_of(f'http-{number}')}" for number in range(self.size))

    @property
    def urls(self) -> tuple[str, ...]:
        return tuple(f"http://{address}" for address in self.addresses)

    def start_all(self) -> None:
        (self.folder / "alertmanager.yaml").write_text(yaml.safe_dump(self._given or self._configuration()))
        for number in range(self.size):
            self._launch(number)
        for number in range(self.size):
            self._wait_ready(number)

    # -- what they say -------------------------------------------------------------------------------------------------

    def alerts(self, number: int = 0) -> list[Object]:
        found: list[Object] = ask_json(f"{self.urls[number]}/api/v2/alerts")
        return found

    def named(self, alert: str, number: int = 0) -> list[Object]:
        """The alerts called `alert`."""
        return [one for one in self.alerts(number) if one["labels"]["alertname"] == alert]

    def peers(self, number: int = 0) -> int:
        """How many it knows, itself included."""
        return len(ask_json(f"{self.urls[number]}/api/v2/status")["cluster"]["peers"])

    def silences(self, number: int = 0) -> list[Object]:
        found: list[Object] = ask_json(f"{self.urls[number]}/api/v2/silences")
        return found

    def until_alert(self, alert: str, number: int = 0, *, state: str = "active", within: float = 60) -> Object:
        """The first alert of that name in that state ("active" or "suppressed"), once there is one."""
        return self.until(
            lambda: next((one for one in self.named(alert, number) if one["status"]["state"] == state), None),
            f"{alert} is {state}",
            within=within,
        )

    # -- what can happen to them ---------------------------------------------------------------------------------------

    def post(self, *alerts: Mapping[str, str], number: int = 0) -> None:
        """Alerts with these labels fire for an hour, or until `resolve` or `mend`, without a Prometheus."""
        self._posted.extend(alerts)
        self._tell(alerts, number, since=-1, until=3600)

    def resolve(self, *alerts: Mapping[str, str], number: int = 0) -> None:
        """They fire no more."""
        self._tell(alerts, number, since=-3600, until=-1)

    def kill(self, number: int = 0) -> None:
        """SIGKILL; what it kept since its last snapshot (15 min) is gone, unless a peer tells it again."""
        self.processes[_part(number)].kill()

    def freeze(self, number: int = 0) -> None:
        self.processes[_part(number)].freeze()

    def thaw(self, number: int = 0) -> None:
        self.processes[_part(number)].thaw()

    def restart(self, number: int = 0) -> None:
        """Start a dead one again; returns when it answers and sees its peers."""
        self.processes[_part(number)].start()
        self._wait_ready(number)

    def mend(self) -> None:
        """All alive, awake and together, without silences and posted alerts. Those of a Prometheus end with it."""
        for number in range(self.size):
            process = self.processes[_part(number)]
            if process.alive:
                process.thaw()
            else:
                process.start()
        for number in range(self.size):
            self._wait_ready(number)
            if self._posted:
                self.resolve(*self._posted, number=number)
        self._posted.clear()
        for silence in self.silences():
            if silence["status"]["state"] != "expired":
                ask(f"{self.urls[0]}/api/v2/silence/{quote(silence['id'])}", method="DELETE")

    def _tell(self, alerts: Iterable[Mapping[str, str]], number: int, *, since: float, until: float) -> None:
        """Post alerts that fire from `since` to `until`, in seconds from now."""
        times = {"startsAt": _moment(since), "endsAt": _moment(until)}
        ask(f"{self.urls[number]}/api/v2/alerts", [{"labels": dict(labels), **times} for labels in alerts], timeout=30)

    # -- how they start ------------------------------------------------------------------------------------------------

    def _launch(self, number: int) -> None:
        flags: list[str] = [
            f"--config.file={self.folder / 'alertmanager.yaml'}",
            f"--storage.path={self.folder / f'data-{number}'}",
            f"--web.listen-address={self.addresses[number]}",
            f"--cluster.listen-address={self._gossip(number) if self.size > 1 else ''}",
            "--cluster.gossip-interval=50ms",
            "--cluster.pushpull-interval=1s",
            "--cluster.settle-timeout=2s",
            "--cluster.probe-interval=500ms",
            "--cluster.probe-timeout=250ms",
            "--cluster.reconnect-interval=1s",
            "--log.level=warn",
        ]
        flags += [f"--cluster.peer={self._gossip(other)}" for other in range(self.size) if other != number]
        templates = packages.ensure() / "usr/share/prometheus"
        self.run(_part(number), ["env", f"--chdir={templates}", packages.program("alertmanager"), *flags])

    def _wait_ready(self, number: int) -> None:
        def ready() -> bool | None:
            return (
                answers(f"{self.urls[number]}/-/ready") and (self.size == 1 or self.peers(number) == self.size)
            ) or None

        self.until(ready, f"{self.size} peers", part=_part(number))

    def _gossip(self, number: int) -> str:
        return f"127.0.0.1:{self.port_of(f'gossip-{number}')}"

    def _configuration(self) -> Object:
        receiver: Object = {"name": "bed"}
        if self._webhook:
            receiver["webhook_configs"] = [{"url": self._webhook, "send_resolved": True}]
        return {
            "route": {
                "receiver": "bed",
                "group_by": ["cluster", "alertname"],
                "group_wait": "1s",
                "group_interval": "1s",
                "repeat_interval": "1h",
            },
            "receivers": [receiver],
            "inhibit_rules": self._inhibit,
        }


def _part(number: int) -> str:
    return f"alertmanager-{number}"


def _moment(seconds: float) -> str:
    """So many seconds from now, as the API spells it."""
    return (dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)).isoformat()
