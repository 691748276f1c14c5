"""``ports.etcd.EtcdCluster`` over the JSON gateways of the members."""

import asyncio
from pathlib import Path

from fleetui.clients.etcd import snapshot as snapshot_file
from fleetui.clients.etcd import wire
from fleetui.clients.etcd.faults import EtcdError
from fleetui.clients.etcd.gateway import Gateway, host_of
from fleetui.clients.etcd.look import NOT_CONFIGURED, Absence, Looker, Seeds
from fleetui.clients.etcd.metrics import counters
from fleetui.clients.http.faults import fault
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.health.etcd import Alarm, Picture
from fleetui.model.health.etcd_pace import Counters
from fleetui.ports.clock import Clock
from fleetui.ports.ended import Ended
from fleetui.ports.etcd import Outcome, Progress, Snapshot, SnapshotError

METRICS_TIMEOUT_S = 3.0
RAFT_TIMEOUT_S = 10.0
"""For what goes through raft: etcd itself gives up after 7 s (5 s and two election timeouts) and says so."""
DEFRAGMENT_TIMEOUT_S = 600.0
"""The member rewrites its whole file, up to 8 GiB of it, on a disk that may be slow."""
COMPACT_TIMEOUT_S = 120.0
SNAPSHOT_SILENCE_S = 30.0
"""Between two parts of 32 KiB; the whole takes as long as it takes."""

_CERTAIN = frozenset({3, 5, 7, 8, 9, 11, 12, 16})
"""Codes of gRPC that say that nothing was done: invalid argument, not found, permission denied, resource exhausted,
failed precondition, out of range, unimplemented, unauthenticated."""
_COMPACTED = "required revision has been compacted"


class EtcdMembers:
    """One etcd cluster. Opened and used on one event loop."""

    def __init__(
        self, cluster: str, gateway: Gateway, *, seeds: Seeds, clock: Clock, absence: Absence = NOT_CONFIGURED
    ) -> None:
        """``seeds`` gives the endpoints known at the moment; ``absence`` is what to say while it gives none."""
        self._gateway = gateway
        self._clock = clock
        self._looker = Looker(cluster, gateway, seeds, clock, absence=absence)

    async def look(self) -> Picture:
        return await self._looker.look()

    async def counters(self) -> dict[str, Counters | Fault]:
        ways = self._looker.endpoints()
        found = await asyncio.gather(*(self._counters(endpoint) for endpoint in ways.values()))
        return dict(zip(ways, found, strict=True))

    async def _counters(self, endpoint: str) -> Counters | Fault:
        try:
            text = await self._gateway.text(endpoint, "/metrics", timeout_s=METRICS_TIMEOUT_S)
        except EtcdError as error:
            return error.fault
        return counters(text, at=self._clock.now())

    async def alarms(self) -> tuple[Alarm, ...]:
        endpoint = await self._through_raft()
        if isinstance(endpoint, Fault):
            raise ClusterError(endpoint)
        try:
            said = await self._gateway.ask(
                endpoint,
                "/v3/maintenance/alarm",
                wire.AlarmsAnswer,
                body={"action": "GET"},
                timeout_s=RAFT_TIMEOUT_S,
            )
        except EtcdError as error:
            raise ClusterError(error.fault) from error
        return tuple(wire.alarm(entry.member_id, entry.alarm) for entry in said.alarms)

    async def move_leader(self, to: str) -> Outcome:
        picture = await self.look()
        leader = picture.leader
        if leader is None:
            return _refused(_no_leader(picture))
        if leader.id == to:
            return Outcome(Ended.DONE, f"{leader.host} leads already")
        body = {"targetID": wire.decimal(to)}
        done = f"{picture.host_of(to)} leads, {leader.host} handed over"
        return await self._act(
            leader.endpoint, "/v3/maintenance/transfer-leadership", body, done=done, timeout_s=RAFT_TIMEOUT_S
        )

    async def defragment(self, member: str) -> Outcome:
        endpoint = self._looker.endpoint(member)
        if not endpoint:
            return _refused(_unknown_member(member))
        path, done = "/v3/maintenance/defragment", f"{host_of(endpoint)} is defragmented"
        return await self._act(endpoint, path, {}, done=done, timeout_s=DEFRAGMENT_TIMEOUT_S)

    async def disarm(self, alarm: Alarm) -> Outcome:
        endpoint = await self._through_raft()
        if isinstance(endpoint, Fault):
            return _refused(endpoint)
        body = {"action": "DEACTIVATE", "memberID": wire.decimal(alarm.member), "alarm": alarm.said or alarm.kind.value}
        done = f"alarm {alarm.said or alarm.kind.value} of {alarm.member} is disarmed"
        return await self._act(endpoint, "/v3/maintenance/alarm", body, done=done, timeout_s=RAFT_TIMEOUT_S)

    async def compact(self, revision: int) -> Outcome:
        endpoint = await self._through_raft()
        if isinstance(endpoint, Fault):
            return _refused(endpoint)
        body = {"revision": str(revision), "physical": True}
        done = f"history before revision {revision} is dropped"
        outcome = await self._act(endpoint, "/v3/kv/compaction", body, done=done, timeout_s=COMPACT_TIMEOUT_S)
        if outcome.ended is Ended.REFUSED and _COMPACTED in outcome.detail:
            return Outcome(Ended.DONE, f"history before revision {revision} was dropped already", took_s=outcome.took_s)
        return outcome

    async def snapshot(self, member: str, path: Path, *, progress: Progress | None = None) -> Snapshot:
        picture = await self.look()
        source = picture.member(member)
        if source is None or source.said is None:
            raise SnapshotError(source.fault if source and source.fault else _unknown_member(member))
        began = self._clock.monotonic()
        try:
            written = await self._save(source.endpoint, path, progress)
        except EtcdError as error:
            raise SnapshotError(error.fault) from error
        took = self._clock.monotonic() - began
        revision, version = source.said.revision, written.version
        return Snapshot(str(path), written.size, written.sha256, member, revision, version, took)

    async def _save(self, endpoint: str, path: Path, progress: Progress | None) -> snapshot_file.Written:
        stream = self._gateway.stream(endpoint, "/v3/maintenance/snapshot", silence_s=SNAPSHOT_SILENCE_S)
        async with stream as pieces:
            return await snapshot_file.write(pieces, path, progress=progress, host=host_of(endpoint))

    async def close(self) -> None:
        await self._gateway.close()

    async def _through_raft(self) -> str | Fault:
        """The endpoint of a member that has a leader. Without one, such a request hangs for 7 s and settles nothing."""
        picture = await self.look()
        leader = picture.leader
        following = [member for member in picture.answering if member.said and member.said.leader]
        if leader is not None:
            return leader.endpoint
        return following[0].endpoint if following else _no_leader(picture)

    async def _act(self, endpoint: str, path: str, body: object, *, done: str, timeout_s: float) -> Outcome:
        began = self._clock.monotonic()
        try:
            await self._gateway.ask(endpoint, path, dict, body=body, timeout_s=timeout_s)
        except EtcdError as error:
            return _ended(error, self._clock.monotonic() - began)
        return Outcome(Ended.DONE, done, took_s=self._clock.monotonic() - began)


def _ended(error: EtcdError, took_s: float) -> Outcome:
    """A refusal only where it is certain that nothing was done."""
    certain = not error.sent or error.code in _CERTAIN or wire.NO_LEADER in error.fault.detail
    ended = Ended.REFUSED if certain else Ended.UNKNOWN
    return Outcome(ended, error.fault.detail, error.fault, took_s)


def _refused(said: Fault) -> Outcome:
    return Outcome(Ended.REFUSED, said.detail, said)


def _no_leader(picture: Picture) -> Fault:
    answering = len(picture.answering)
    detail = f"no leader: {answering} of {len(picture.members)} members answer"
    return fault(FaultKind.SERVER_ERROR, "no leader", picture.why or detail, "bring back a quorum of members first")


def _unknown_member(member: str) -> Fault:
    detail = f"{member} is not a member that is known and answers"
    return fault(FaultKind.CONFIG, "unknown member", detail, "look again; it may have been removed")
