"""Which Alertmanagers gossip with each other: a silence is posted once to each such mesh, to whichever answers."""

from collections.abc import Iterable, Mapping

import msgspec

from fleetui.model.fault import Fault


class StatusSaid(msgspec.Struct, frozen=True):
    """What one Alertmanager says of itself. With a ``fault`` there was no usable answer."""

    source: str
    at: float
    version: str = ""
    name: str = ""
    """Its own in the mesh."""
    peers: frozenset[str] = frozenset()
    """Names of all that it sees, its own among them; empty when it stands alone."""
    ready: bool = True
    """False while it still settles."""
    fault: Fault | None = None


class Meshes(msgspec.Struct, frozen=True):
    """Source name to the sources that gossip with it, itself among them."""

    members: Mapping[str, frozenset[str]] = {}

    def peers(self, source: str) -> frozenset[str]:
        return self.members.get(source, frozenset((source,)))

    def once_each(self, sources: Iterable[str]) -> tuple[tuple[str, ...], ...]:
        """For each mesh that one of ``sources`` belongs to, whom to ask, in that order: those that are named first."""
        named = tuple(dict.fromkeys(sources))
        found: dict[frozenset[str], tuple[str, ...]] = {}
        for source in named:
            peers = self.peers(source)
            if peers not in found:
                first = [name for name in named if name in peers]
                found[peers] = (*first, *sorted(peers.difference(first)))
        return tuple(found.values())


NO_MESH = Meshes()


def meshes(said: Iterable[StatusSaid], known: Meshes = NO_MESH) -> Meshes:
    """By what they say themselves: one that sees another is in its mesh, whatever that one sees. Who gives no answer
    stays where it was ``known`` to be: it may still be a peer."""
    answers = tuple(said)
    owners = {answer.name: answer.source for answer in answers if answer.fault is None and answer.name}
    groups: list[frozenset[str]] = []
    for answer in answers:
        if answer.fault is None:
            seen = frozenset(owners[name] for name in answer.peers if name in owners)
        else:
            seen = known.peers(answer.source) & {other.source for other in answers}
        groups = _with(groups, seen | {answer.source})
    return Meshes({source: group for group in groups for source in group})


def _with(groups: list[frozenset[str]], new: frozenset[str]) -> list[frozenset[str]]:
    """Those that share a member become one."""
    touched = [group for group in groups if group & new]
    return [*(group for group in groups if not group & new), new.union(*touched)]
