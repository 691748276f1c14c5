"""Needs, and which of the hard rules a plan must keep: all of them, but for when a conflict is explained."""

from collections.abc import Iterator

import msgspec

from fleetui.model.topology.needs import Isolation, Needs
from fleetui.model.topology.rules import HARD, RuleId


class Terms(msgspec.Struct, frozen=True):
    needs: Needs
    rules: frozenset[RuleId] = HARD

    def hold(self, rule: RuleId) -> bool:
        return rule in self.rules

    @property
    def control_plane_hardware(self) -> str:
        return self.needs.control_plane_hardware or self.needs.first_hardware


def in_play(needs: Needs) -> Iterator[RuleId]:
    """Hard rules that may stand in the way of these needs: without any other the plans are the same."""
    workloads = needs.workloads.values()
    asks = {
        RuleId.ISOLATION: needs.hard_environments
        or any(one.compliance or one.isolation is Isolation.CLUSTER for one in workloads),
        RuleId.SCOPE: any(one.at_most is not None for one in workloads),
        RuleId.RESIDENCY: any(one.site for one in workloads),
        RuleId.ETCD_SITE: needs.stretch,
        RuleId.QUORUM: needs.survives_rack,
        RuleId.RACK_LOSS: needs.survives_rack,
        RuleId.SITE_LOSS: needs.survives_site,
        RuleId.STANDBY: needs.survives_site and needs.standby_percent > 0,
    }
    return (rule for rule in HARD if asks.get(rule, True))
