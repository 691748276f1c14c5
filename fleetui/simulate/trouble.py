"""Everything that can be wrong between a client and a simulated cluster: switched on and off while it runs."""

import msgspec


class Trouble(msgspec.Struct):
    """Mutable on purpose: tests and the demo's life turn single things on and off. All off by default."""

    dead: bool = False
    """Nothing listens: connections are refused."""
    hang: bool = False
    """Takes the request and never answers."""
    slow_s: float = 0.0
    """Seconds before each answer."""
    unauthorized: bool = False
    """401 to everything: the token has expired."""
    forbidden: frozenset[str] = frozenset()
    """``pods`` for every verb, ``patch nodes``, ``create pods/eviction``; 403."""
    server_error: bool = False
    """500 to everything."""
    says: str = ""
    """The message of those 500s, when not our own."""
    throttled: bool = False
    """429 to everything, as API priority and fairness does."""
    mute: bool = False
    """The lying cluster: lists and readyz are fine, watches stay open and never say anything."""
    cut: bool = False
    """Watches end as soon as they have said something."""
    undecodable: int = 0
    """This many objects at the head of each list cannot be read."""
    skew_s: float = 0.0
    """Its clock minus the true time."""

    def denies(self, verb: str, resource: str) -> bool:
        return resource in self.forbidden or f"{verb} {resource}" in self.forbidden
