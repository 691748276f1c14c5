"""Who the members are and where each is asked: the member list, joined with the endpoints that we were given."""

from collections.abc import Iterable
from urllib.parse import urlsplit

import msgspec

from fleetui.clients.etcd import wire
from fleetui.model.text import clean


class Listed(msgspec.Struct, frozen=True):
    """One entry of the member list."""

    id: str
    name: str
    learner: bool
    peer_urls: tuple[str, ...]
    client_urls: tuple[str, ...]


Roster = tuple[Listed, ...]


def roster(answer: wire.MembersAnswer) -> Roster:
    """By name; members that have not started last."""
    found = (
        Listed(
            id=wire.hexadecimal(entry.id_),
            name=clean(entry.name),
            learner=entry.is_learner,
            peer_urls=tuple(clean(url) for url in entry.peer_urls),
            client_urls=tuple(clean(url) for url in entry.client_urls),
        )
        for entry in answer.members
    )
    return tuple(sorted(found, key=lambda listed: (not listed.name, listed.name, listed.id)))


def same(one: Roster, other: Roster) -> bool:
    """Addresses may lag behind; who is in it and who votes must not."""
    return {(m.id, m.learner) for m in one} == {(m.id, m.learner) for m in other}


class Ways:
    """Which endpoint leads to which member. What a member itself has answered at an endpoint is believed first."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}

    def learn(self, endpoint: str, member_id: str) -> None:
        self._ids[endpoint] = member_id

    def of(self, listed: Listed, seeds: Iterable[str]) -> str:
        """The endpoint for a member: one of ours that it answered at, or that has its address; else the address that
        it advertises itself. Empty when none is usable."""
        seeds = tuple(seeds)
        for endpoint in seeds:
            if self._ids.get(endpoint) == listed.id:
                return endpoint
        places = {_place(url) for url in listed.client_urls}
        for endpoint in seeds:
            if endpoint not in self._ids and _place(endpoint) in places:
                return endpoint
        return next((url for url in listed.client_urls if _usable(url, seeds)), "")


def _place(url: str) -> tuple[str | None, int | None]:
    parts = urlsplit(url)
    try:
        return parts.hostname, parts.port
    except ValueError:
        return None, None


def _usable(url: str, seeds: tuple[str, ...]) -> bool:
    """Never from TLS down to plain HTTP, and never to "this machine" when the others are elsewhere: that is us."""
    encrypted = any(seed.startswith("https:") for seed in seeds)
    if not url.startswith("https://" if encrypted else ("http://", "https://")):
        return False
    return not _here(url) or any(_here(seed) for seed in seeds)


def _here(url: str) -> bool:
    host = _place(url)[0] or ""
    return host in ("localhost", "::1", "::", "0.0.0.0") or host.startswith("127.")  # noqa: S104 - not bound to
