"""One look at all members: status of each at the same time, the member list from the one that knows best."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from fleetui.clients.etcd import wire
from fleetui.clients.etcd.faults import EtcdError
from fleetui.clients.etcd.gateway import Gateway
from fleetui.clients.etcd.roster import Listed, Roster, Ways, roster, same
from fleetui.clients.http.faults import fault
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.freshness import Source
from fleetui.model.health.etcd import Member, Picture, Status
from fleetui.model.health.sample import Sample, missing, sampled
from fleetui.ports.clock import Clock

LISTS_EVERY_S = 15.0
"""How often every member is asked for the member list, to find one that has another; otherwise one of them is."""

Seeds = Callable[[], Sequence[str]]
"""The endpoints as they are known at this moment: configured, or the control-plane nodes'."""


class Absence(msgspec.Struct, frozen=True):
    """Why there is nobody to ask, and what the operator can do about it."""

    why: str
    remedy: str


NOT_CONFIGURED = Absence(
    "no etcd certificates configured", "set endpoints, ca, cert and key under etcd: of the cluster"
)


class Answer(msgspec.Struct, frozen=True):
    """A member's status, and which member it is."""

    member_id: str
    status: Status


Answers = Mapping[str, Answer | Fault]
"""By endpoint."""


class Looker:
    """Keeps what outlives one look: the last member list and which endpoint is whose."""

    def __init__(self, cluster: str, gateway: Gateway, seeds: Seeds, clock: Clock, *, absence: Absence) -> None:
        self._absence = absence
        self._cluster = cluster
        self._gateway = gateway
        self._seeds = seeds
        self._clock = clock
        self._ways = Ways()
        self._roster: Roster = ()
        self._listed_at: float | None = None
        self._compared_at = float("-inf")
        self._split: frozenset[str] = frozenset()

    async def look(self) -> Picture:
        """Two rounds of a second each at most: statuses, and then the list with the members that it adds."""
        seeds = tuple(dict.fromkeys(self._seeds()))
        if not seeds:
            return Picture(self._cluster, at=self._clock.now(), why=self._absence.why, remedy=self._absence.remedy)
        answers = await self._statuses(self._endpoints(seeds))
        await self._list(answers)
        answers |= await self._statuses(set(self._endpoints(seeds)) - set(answers))
        return self._draw(seeds, answers)

    def endpoint(self, member_id: str) -> str:
        """Where a member is asked; empty when it is not listed or there is no way to it."""
        listed = next((listed for listed in self._roster if listed.id == member_id), None)
        return self._ways.of(listed, self._seeds()) if listed else ""

    def endpoints(self) -> dict[str, str]:
        """Of every listed member that there is a way to, by its id."""
        ways = {listed.id: self._ways.of(listed, self._seeds()) for listed in self._roster}
        return {member_id: endpoint for member_id, endpoint in ways.items() if endpoint}

    def _endpoints(self, seeds: tuple[str, ...]) -> tuple[str, ...]:
        advertised = (self._ways.of(listed, seeds) for listed in self._roster)
        return tuple(dict.fromkeys((*seeds, *(endpoint for endpoint in advertised if endpoint))))

    async def _statuses(self, endpoints: Iterable[str]) -> dict[str, Answer | Fault]:
        asked = tuple(endpoints)
        found = await asyncio.gather(*(self._status(endpoint) for endpoint in asked))
        for endpoint, answer in zip(asked, found, strict=True):
            if isinstance(answer, Answer):
                self._ways.learn(endpoint, answer.member_id)
        return dict(zip(asked, found, strict=True))

    async def _status(self, endpoint: str) -> Answer | Fault:
        try:
            return await self._ask_status(endpoint)
        except EtcdError as error:
            if error.fault.kind is not FaultKind.NETWORK:
                return error.fault
        # A kept connection of a process that has gone since says nothing about the one that is there now.
        try:
            return await self._ask_status(endpoint)
        except EtcdError as error:
            return error.fault

    async def _ask_status(self, endpoint: str) -> Answer:
        began = self._clock.monotonic()
        said = await self._gateway.ask(endpoint, "/v3/maintenance/status", wire.StatusAnswer)
        status = wire.status(said, latency_s=self._clock.monotonic() - began)
        return Answer(wire.hexadecimal(said.header.member_id), status)

    async def _list(self, answers: Answers) -> None:
        """A follower that was cut off has an old list, so one is asked that has a leader, the leader first."""
        able = {endpoint: answer for endpoint, answer in answers.items() if isinstance(answer, Answer)}
        ranked = sorted(able, key=lambda endpoint: _rank(able[endpoint]))
        if self._clock.monotonic() - self._compared_at >= LISTS_EVERY_S:
            await self._compare(ranked, able)
            return
        for endpoint in ranked[:2]:
            if (found := await self._members(endpoint)) is not None:
                self._take(found)
                return

    async def _compare(self, ranked: list[str], able: Mapping[str, Answer]) -> None:
        lists = await asyncio.gather(*(self._members(endpoint) for endpoint in ranked))
        told = [(endpoint, found) for endpoint, found in zip(ranked, lists, strict=True) if found is not None]
        if not told:
            return
        self._take(told[0][1])
        self._compared_at = self._clock.monotonic()
        self._split = frozenset(able[endpoint].member_id for endpoint, found in told if not same(found, self._roster))
        if self._split:
            self._compared_at = float("-inf")  # the second reading decides, so it comes with the next look

    def _take(self, found: Roster) -> None:
        self._roster, self._listed_at = found, self._clock.now()

    async def _members(self, endpoint: str) -> Roster | None:
        try:
            return roster(await self._gateway.ask(endpoint, "/v3/cluster/member/list", wire.MembersAnswer)) or None
        except EtcdError:
            return None  # its status says what is wrong with it

    def _draw(self, seeds: tuple[str, ...], answers: Answers) -> Picture:
        now = self._clock.now()
        if self._listed_at is None:
            members = tuple(_unlisted(endpoint, answers[endpoint], now) for endpoint in seeds)
            return Picture(self._cluster, at=now, members=members)
        members = tuple(self._member(listed, seeds, answers, now) for listed in self._roster)
        ids = {listed.id for listed in self._roster}
        strangers = [
            _unlisted(endpoint, answer, now)
            for endpoint, answer in answers.items()
            if isinstance(answer, Answer) and answer.member_id not in ids
        ]
        split = tuple(sorted(member.host for member in members if member.id in self._split))
        return Picture(
            self._cluster, at=now, members=members, listed_at=self._listed_at, strangers=tuple(strangers), split=split
        )

    def _member(self, listed: Listed, seeds: tuple[str, ...], answers: Answers, now: float) -> Member:
        endpoint = self._ways.of(listed, seeds)
        answer = answers.get(endpoint)
        if answer is None or (isinstance(answer, Answer) and answer.member_id != listed.id):
            answer = _no_way(listed)
        return Member(
            id=listed.id,
            name=listed.name,
            learner=listed.learner,
            peer_urls=listed.peer_urls,
            client_urls=listed.client_urls,
            endpoint=endpoint,
            status=_sample(answer, now),
            fault=None if isinstance(answer, Answer) else answer,
        )


def _rank(answer: Answer) -> tuple[bool, bool]:
    status = answer.status
    return status.leader != answer.member_id, not status.leader


def _sample(answer: Answer | Fault, now: float) -> Sample[Status]:
    if isinstance(answer, Answer):
        return sampled(answer.status, at=now, source=Source.POLLED)
    return missing(answer.word, at=now, source=Source.POLLED)


def _unlisted(endpoint: str, answer: Answer | Fault, now: float) -> Member:
    if isinstance(answer, Answer):
        learner = answer.status.learner
        return Member(answer.member_id, name="", endpoint=endpoint, learner=learner, status=_sample(answer, now))
    return Member(id="", name="", endpoint=endpoint, status=_sample(answer, now), fault=answer)


def _no_way(listed: Listed) -> Fault:
    if not listed.name:
        detail = "it was added to the member list and has never started"
        return fault(FaultKind.CONFIG, "not started", detail, "start it, or remove it from the member list")
    detail = f"{listed.name} advertises {', '.join(listed.client_urls) or 'no address'}, which leads nowhere from here"
    return fault(FaultKind.CONFIG, "no endpoint", detail, "give its endpoint under etcd: in the configuration")
