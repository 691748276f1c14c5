"""A real etcd cluster of several members with TLS, and what can befall it.

The programs: 3.6 from the bed's Go build, or Debian's 3.4 for the old API. Nothing is tuned that a health board shows:
heartbeats, election timeouts and fsync are etcd's own.
"""

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from tests.bed import build, packages
from tests.bed.authority import Authority
from tests.bed.plain_http import NO_ANSWER, Credentials, Exposition, HttpError, ask_json
from tests.bed.process import Process
from tests.bed.service import START_WITHIN, Service
from tests.bed.slow_disk import SlowDisk

Answer = dict[str, Any]
QUOTA = 16 << 20  # bytes; small, so that it is full within a second
_VALUE = base64.b64encode(b"\0" * (1 << 20)).decode()  # 1 MiB, under etcd's default limit of a request (1.5 MiB)


@dataclass(frozen=True)
class Member:
    """Where one member is reached; `metrics_url` is plain HTTP like kubeadm's 127.0.0.1:2381, or the client URL."""

    name: str
    client_url: str
    peer_url: str
    metrics_url: str


class EtcdMembers(Service):
    """`size` members m1, m2, ... ready when the constructor returns.

    `generation`: "3.6" or "3.4". `quota`: bytes of --quota-backend-bytes.
    `metrics_port`: metrics and health also on a port of their own without TLS; else only on the TLS client port.
    """

    def __init__(
        self,
        name: str = "etcd",
        *,
        size: int = 3,
        generation: Literal["3.6", "3.4"] = "3.6",
        quota: int = QUOTA,
        metrics_port: bool = True,
    ) -> None:
        self.size, self.generation, self._quota, self._metrics_port = size, generation, quota, metrics_port
        self.members: dict[str, Member] = {}
        self.slow: dict[str, SlowDisk] = {}
        super().__init__(name)

    def start_all(self) -> None:
        self._authority = Authority(self.folder / "pki")
        self._serving = self._authority.serving()
        self.credentials = self.client("root")
        self._context = self.credentials.context()
        for number in range(1, self.size + 1):
            self._declare(f"m{number}")
        for name in self.members:
            self._launch(name, "new")
        self.wait_ready()
        for name in self.members:
            self.until(lambda name=name: self._stores_its_version(name), f"{name} stores its own version", part=name)  # type: ignore[misc]

    # -- what it is ----------------------------------------------------------------------------------------------------

    def client(self, user: str) -> Credentials:
        """A certificate of this cluster's authority; every such client may do everything (no etcd users are set)."""
        return Credentials(self._authority.cert_file, *self._authority.client(user))

    def process(self, name: str) -> Process:
        return self.processes[name]

    def ask(self, name: str, path: str, body: Answer | None = None, *, timeout: float = 5) -> Answer:
        """The JSON gateway's answer of that member, for instance ask("m1", "/v3/maintenance/status").

        Raises HttpError or one of plain_http.NO_ANSWER.
        """
        found: Answer = ask_json(
            self.members[name].client_url + path, body or {}, context=self._context, timeout=timeout
        )
        return found

    def status(self, name: str) -> Answer:
        return self.ask(name, "/v3/maintenance/status", timeout=2)

    def leader(self, within: float = START_WITHIN) -> str:
        """The name of the member that calls itself leader, once there is one."""
        return self.until(self._leader, "no leader", within=within)

    def follows(self, name: str) -> bool | None:
        """Does it know a leader? None where it does not, or does not answer."""
        try:
            return self.status(name).get("leader", "0") != "0" or None
        except (HttpError, *NO_ANSWER):
            return None

    def member_id(self, name: str) -> str:
        """As the API spells it: decimal digits in a string."""
        peer = self.members[name].peer_url
        return next(str(m["ID"]) for m in self._listed() if peer in m["peerURLs"])

    def metrics(self, name: str) -> Exposition:
        """The member's /metrics, over its plain port."""
        return Exposition.of(f"{self.members[name].metrics_url}/metrics")

    def counts_alarms(self, name: str) -> bool:
        """Does its gauge of alarms say anything but 0? Activations make it larger, each disarm smaller by one, so that
        it tells what has been and not what is; only a restart of the member ends that. 3.4 has no such gauge.
        """
        return any(self.metrics(name).values("etcd_debugging_server_alarms"))

    def alarms(self) -> list[tuple[str, str]]:
        """(member id, alarm) of all that are raised."""
        found = self._lead("/v3/maintenance/alarm", {"action": "GET"}).get("alarms", [])
        return [(str(alarm["memberID"]), str(alarm["alarm"])) for alarm in found]

    def put(self, key: str, value: str = "x", *, member: str | None = None) -> None:
        """An acknowledged write, through the leader unless `member` is named.

        Raises HttpError (429 when there is no space) or one of NO_ANSWER.
        """
        body = {"key": _encoded(key), "value": _encoded(value)}
        self.ask(member or self.leader(), "/v3/kv/put", body, timeout=10)

    def get(self, key: str) -> str | None:
        found = self._lead("/v3/kv/range", {"key": _encoded(key)}).get("kvs", [])
        return base64.b64decode(found[0]["value"]).decode() if found else None

    # -- what can happen to it -----------------------------------------------------------------------------------------

    def kill(self, name: str) -> None:
        """SIGKILL: gone at once, its data stays."""
        self.process(name).kill()

    def freeze(self, name: str) -> None:
        """SIGSTOP: its connections stay open, nothing is answered."""
        self.process(name).freeze()

    def thaw(self, name: str) -> None:
        self.process(name).thaw()

    def restart(self, name: str) -> None:
        """Start a dead member with its data; returns when it follows a leader again (or leads)."""
        self.process(name).start()
        self.until(lambda: self.follows(name), f"{name} follows a leader", part=name)

    def move_leader(self, to: str) -> None:
        """The leader hands over to `to`; do it again and again and the leader flaps."""
        leader, target = self.leader(), self.member_id(to)
        if leader != to:
            self.ask(leader, "/v3/maintenance/transfer-leadership", {"targetID": target})
            self.until(lambda: self._leader() == to or None, f"{to} leads")

    def add_learner(self, name: str = "learner", *, start: bool = True) -> Member:
        """A member that does not vote. Without `start` it is one that was added and never came: a learner stuck."""
        member = self._declare(name)
        self.until(lambda: self._added(member), f"{name} is added")
        if start:
            self._launch(name, "existing")
            self.until(lambda: self.follows(name), f"{name} follows a leader", part=name)
        return member

    def remove(self, name: str) -> None:
        """Out of the cluster, and ended. `mend` brings no voting member back."""
        self._lead("/v3/cluster/member/remove", {"ID": self.member_id(name)})
        if process := self.processes.pop(name, None):
            process.kill()
        shutil.rmtree(self.folder / name, ignore_errors=True)  # the next of that name is not this one
        del self.members[name]

    def fill(self) -> list[str]:
        """Write until there is no space. Returns the keys whose writes were acknowledged, 1 MiB each."""
        written: list[str] = []
        leader = self.leader()
        while True:
            key = f"fill/{len(written):04d}"
            try:
                self.ask(leader, "/v3/kv/put", {"key": _encoded(key), "value": _VALUE}, timeout=30)
            except HttpError as error:
                if b"space exceeded" not in error.body:
                    raise
                self.until(lambda: "NOSPACE" in dict(self.alarms()).values() or None, "the alarm NOSPACE")
                return written
            written.append(key)

    def raise_alarm(self, name: str, alarm: Literal["CORRUPT", "NOSPACE"]) -> None:
        """An alarm of that member as the cluster itself would raise it."""
        self._lead("/v3/maintenance/alarm", {"action": "ACTIVATE", "memberID": self.member_id(name), "alarm": alarm})

    @contextmanager
    def slow_disk(self, name: str, delay: float) -> Iterator[None]:
        """Every fdatasync of that member takes `delay` seconds longer, really: strace holds the system call back."""
        slow = SlowDisk(self.process(name).pid, delay, self.folder / f"slow-{name}.log")
        self.slow[name] = slow
        try:
            yield
        finally:
            self.slow.pop(name).close()

    def mend(self) -> None:
        """Undo whatever was done: quick disks, all members alive and voting, no data, no alarm and none counted."""
        for name in list(self.slow):
            self.slow.pop(name).close()
        for name in list(self.members)[: self.size]:
            if self.process(name).alive:
                self.thaw(name)
            else:
                self.process(name).start()
        self.until(self._agreed, "a quorum again")  # before, a survivor may name its dead leader, and all fails
        self._disarm()  # first: with CORRUPT nothing can be read, so nothing is ready
        self.wait_ready()
        for name in list(self.members)[self.size :]:
            self.remove(name)
        self.recover()
        self._forget_alarms()

    def recover(self) -> None:
        """As an operator recovers a full cluster: room first, then no alarm. Members may still count some.

        Each member raises its own alarm when it applies what does not fit, maybe after the first disarm.
        """
        self.empty()
        self.until(self._unalarmed, "no alarm is listed")
        self.wait_ready()  # a linearizable read of each: all have applied it

    def empty(self) -> None:
        """No keys, no history, small files: as new, but for the revision."""
        everything = {"key": _encoded("\0"), "range_end": _encoded("\0")}
        deleted = self._lead("/v3/kv/deleterange", everything)
        if "deleted" in deleted:
            revision = deleted["header"]["revision"]
            self._lead("/v3/kv/compaction", {"revision": revision, "physical": True})
            for name in self.members:
                self.ask(name, "/v3/maintenance/defragment", timeout=30)

    def wait_ready(self) -> None:
        """Return when every member follows the leader and answers a linearizable read."""
        for name in list(self.members)[: self.size]:
            self.until(lambda name=name: self._serves(name), f"{name} is ready", part=name)  # type: ignore[misc]

    def close(self) -> None:
        for slow in self.slow.values():
            slow.close()
        super().close()

    # -- how it starts -------------------------------------------------------------------------------------------------

    def _declare(self, name: str) -> Member:
        client = f"https://127.0.0.1:{self.port_of(f'{name}-client')}"
        peer = f"https://127.0.0.1:{self.port_of(f'{name}-peer')}"
        metrics = f"http://127.0.0.1:{self.port_of(f'{name}-metrics')}" if self._metrics_port else client
        self.members[name] = Member(name, client, peer, metrics)
        return self.members[name]

    def _launch(self, name: str, state: Literal["new", "existing"]) -> None:
        flags = self._flags(self.members[name], state)
        program = build.path_of("etcd") if self.generation == "3.6" else packages.program("etcd-3.4")
        self.run(name, [program, *(f"--{flag}={value}" for flag, value in flags.items())])

    def _flags(self, member: Member, state: str) -> dict[str, object]:
        cert, key = self._serving
        authority = self._authority.cert_file
        flags: dict[str, object] = {
            "name": member.name,
            "data-dir": self.folder / member.name,
            "listen-client-urls": member.client_url,
            "advertise-client-urls": member.client_url,
            "listen-peer-urls": member.peer_url,
            "initial-advertise-peer-urls": member.peer_url,
            "initial-cluster": ",".join(f"{m.name}={m.peer_url}" for m in self.members.values()),
            "initial-cluster-state": state,
            "initial-cluster-token": self.name,
            "quota-backend-bytes": self._quota,
            "metrics": "extensive",
            "logger": "zap",
            "log-level": "warn",
        }
        for side in ("", "peer-"):
            flags |= {f"{side}cert-file": cert, f"{side}key-file": key, f"{side}trusted-ca-file": authority}
            flags[f"{side}client-cert-auth"] = "true"
        if self._metrics_port:
            flags["listen-metrics-urls"] = member.metrics_url
        return flags

    def _disarm(self) -> None:
        for member_id, alarm in self.alarms():
            self._lead("/v3/maintenance/alarm", {"action": "DEACTIVATE", "memberID": member_id, "alarm": alarm})

    def _forget_alarms(self) -> None:
        """Restart who still counts alarms, the leader last and led by another: what scrapes them would take a count of
        old for an alarm."""
        counting = [name for name in self.members if self.counts_alarms(name)]
        for name in sorted(counting, key=lambda name: name == self.leader()):
            if name == self.leader() and self.size > 1:
                self.move_leader(next(other for other in self.members if other != name))
            self.kill(name)
            self.restart(name)
        if counting:
            self.wait_ready()

    # -- what it asks itself -------------------------------------------------------------------------------------------

    def _agreed(self) -> bool | None:
        try:
            self.alarms()
        except (HttpError, *NO_ANSWER):
            return None
        return True

    def _unalarmed(self) -> bool | None:
        self._disarm()
        return None if self.alarms() else True

    def _leader(self) -> str | None:
        for name in self.members:
            try:
                status = self.status(name)
            except (HttpError, *NO_ANSWER):
                continue
            if status.get("leader") == status["header"]["member_id"]:
                return name
        return None

    def _serves(self, name: str) -> bool | None:
        try:
            self.ask(name, "/v3/kv/range", {"key": _encoded("\0")}, timeout=2)
        except (HttpError, *NO_ANSWER):
            return None
        return True

    def _stores_its_version(self, name: str) -> bool | None:
        """A new member of 3.6 tells no version of its storage at first, then that of 3.5, and raises it within seconds:
        until then versions differ. 3.4 never tells one."""
        try:
            status = self.status(name)
        except (HttpError, *NO_ANSWER):
            return None
        said = status.get("storageVersion", "")
        return self.generation == "3.4" or said.split(".")[:2] == status["version"].split(".")[:2] or None

    def _added(self, member: Member) -> bool | None:
        """None while members have been connected for less than 5 s, when etcd takes nobody new."""
        try:
            self._lead("/v3/cluster/member/add", {"peerURLs": [member.peer_url], "isLearner": True})
        except HttpError as error:
            if b"unhealthy cluster" not in error.body:
                raise
            return None
        return True

    def _listed(self) -> list[Answer]:
        return list(self._lead("/v3/cluster/member/list", {})["members"])

    def _lead(self, path: str, body: Answer) -> Answer:
        """The leader's answer: others may wait for one that has just died."""
        return self.ask(self.leader(), path, body, timeout=15)


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
