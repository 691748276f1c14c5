"""A simulated fleet: its clusters, and how each is to be reached and spoken of."""

from collections.abc import Mapping

import msgspec

from fleetui.model.cluster import Tags
from fleetui.simulate.host import Host


class Member(msgspec.Struct, frozen=True):
    """One cluster of the fleet."""

    host: Host
    tags: Tags = Tags()
    token: str = ""
    """What the kubeconfig holds."""
    accepted: str = ""
    """What the server accepts; another than ``token`` is an expired login."""
    listening: bool = True
    """False: its address in the kubeconfig is one where nothing listens."""


class Fleet(msgspec.Struct, frozen=True):
    members: tuple[Member, ...]

    @property
    def by_name(self) -> Mapping[str, Member]:
        return {member.host.name: member for member in self.members}

    def host(self, name: str) -> Host:
        """Raises KeyError."""
        return self.by_name[name].host
