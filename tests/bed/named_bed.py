"""The health bed as a fleet's own scraper labels it: `instance` is the host's name, as relabelling makes it. On one
machine all members have one address, and a verdict could name no host by it.
"""

from dataclasses import replace

from tests.bed.health_bed import HealthBed
from tests.bed.prometheus import Job


class NamedBed(HealthBed):
    """Members are `m1`, `m2`, `m3`; PostgreSQL's exporters keep their addresses, as they are two ports of one host."""

    def _jobs(self) -> list[Job]:
        etcd, postgres = super()._jobs()
        names = {member.client_url.removeprefix("https://"): name for name, member in self.etcd.members.items()}
        named = {address: {**labels, "instance": names[address]} for address, labels in etcd.targets.items()}
        return [replace(etcd, targets=named), postgres]
