"""Which context speaks for which cluster: one row and one set of watches per kube-system UID."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from fleetui.model.identity import Claim, takes_over


@dataclass(slots=True)
class _Owner:
    claim: Claim
    changed: Callable[[], None]
    displaced: Callable[[asyncio.Event], None]
    aliases: set[str] = field(default_factory=set)
    freed: asyncio.Event = field(default_factory=asyncio.Event)


class Identities:
    """Shared by all supervisors of a session; used on the loop only."""

    def __init__(self) -> None:
        self._owners: dict[str, _Owner] = {}

    def claim(
        self,
        uid: str,
        claim: Claim,
        *,
        changed: Callable[[], None],
        displaced: Callable[[asyncio.Event], None],
    ) -> asyncio.Event | None:
        """None when the cluster is now ``claim.name``'s. Otherwise that context is an alias, and the event is set when
        the owner gives the cluster up. ``changed`` is called later when the aliases change; ``displaced`` when an
        earlier context takes over, with the event of the new owner."""
        owner = self._owners.get(uid)
        newcomer = _Owner(claim, changed, displaced)
        if owner is None:
            self._owners[uid] = newcomer
            return None
        if owner.claim.name == claim.name:
            return None
        if takes_over(claim, owner.claim):
            self._take_over(uid, owner, newcomer)
            return None
        if claim.name not in owner.aliases:
            owner.aliases.add(claim.name)
            owner.changed()
        return owner.freed

    def aliases(self, name: str) -> tuple[str, ...]:
        """Of a context that owns its cluster; empty for the others."""
        for owner in self._owners.values():
            if owner.claim.name == name:
                return tuple(sorted(owner.aliases))
        return ()

    def release(self, name: str) -> None:
        """The context was disconnected: an alias takes over what it owned; it is nobody's alias any more."""
        for uid, owner in list(self._owners.items()):
            if owner.claim.name == name:
                del self._owners[uid]
                owner.freed.set()
            elif name in owner.aliases:
                owner.aliases.remove(name)
                owner.changed()

    def _take_over(self, uid: str, old: _Owner, new: _Owner) -> None:
        new.aliases = (old.aliases | {old.claim.name}) - {new.claim.name}
        self._owners[uid] = new
        old.freed.set()
        old.displaced(new.freed)
