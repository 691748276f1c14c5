"""When something is full, and whether it survives the loss of a node or of a zone: straight on from the last week."""

from math import isnan

import msgspec

from fleetui.model.cluster import Health
from fleetui.model.health.panels import KUBELET, STATE, Exporter, Panel
from fleetui.model.health.slo import span_text
from fleetui.model.health.threshold import Threshold

LOOK_BACK_DAYS = 7.0
DAYS = Threshold("days to the end", "d", amber=30, red=7, source="own judgement", falling=True)
"""A machine that has to be bought takes longer than a month; moving work takes days."""


class Supply(msgspec.Struct, frozen=True):
    """What a cluster has of something, and uses. None is unknown."""

    used: float | None
    total: float | None
    before: float | None = None
    """Used ``LOOK_BACK_DAYS`` ago; None without that much history."""
    largest: float | None = None
    """Of the total, the node with most."""
    zone: float | None = None
    """Of the total, the zone with most; None where no zones are known, or there is one."""


class Outlook(msgspec.Struct, frozen=True):
    level: Health
    word: str
    """``full in 12 d``, ``full``, ``not growing``, ``lose no node``."""
    reason: str
    days: float | None = None
    """None where it does not grow, or nobody knows."""
    used: float | None = None
    """Share of the total."""


def outlook(supply: Supply, *, shared: bool = True) -> Outlook:
    """``shared``: it is spread over nodes, so that losing one takes away its part."""
    used, total = supply.used, supply.total
    if used is None or not total or isnan(used) or isnan(total):
        return Outlook(Health.UNKNOWN, "no data", "nothing of it is measured")
    share = used / total
    if used >= total:
        return Outlook(Health.BROKEN, "full", f"{share:.0%} in use", 0.0, share)
    days, trend = _days(used, total, supply.before)
    headroom_level, headroom = _headroom(supply, used, total) if shared else (Health.CALM, "")
    level = DAYS.judge(days) if days is not None else Health.CALM
    if _worse(headroom_level, level):
        return Outlook(headroom_level, headroom, f"{share:.0%} in use, {trend}", days, share)
    known = supply.before is not None
    if level is Health.CALM and not known:
        level = Health.UNKNOWN
    history = "" if known else f"less than {LOOK_BACK_DAYS:.0f} d of history"
    return Outlook(level, trend, "; ".join(filter(None, (f"{share:.0%} in use", headroom, history))), days, share)


def _days(used: float, total: float, before: float | None) -> tuple[float | None, str]:
    if before is None:
        return None, "trend unknown"
    growth = (used - before) / LOOK_BACK_DAYS
    if growth <= 0:
        return None, "not growing"
    days = (total - used) / growth
    return days, f"full in {span_text(days * 86_400)}" if days < 3_650 else "hardly grows"


def _headroom(supply: Supply, used: float, total: float) -> tuple[Health, str]:
    if supply.largest is not None and supply.largest < total and used > total - supply.largest:
        return Health.WARNING, "cannot lose a node"
    if supply.zone is not None and supply.zone < total and used > total - supply.zone:
        return Health.WARNING, "cannot lose a zone"
    return Health.CALM, ""


def _worse(one: Health, other: Health) -> bool:
    order = (Health.CALM, Health.WARNING, Health.BROKEN)
    return order.index(one) > order.index(other)


class Resource(msgspec.Struct, frozen=True):
    """One thing that can run out, as queries. Templates with one series for each ``$per``."""

    id: str
    title: str
    used: str
    total: str
    exporter: Exporter
    largest: str = ""
    zone: str = ""
    shared: bool = True
    every_s: float = 300.0

    @property
    def panels(self) -> tuple[Panel, ...]:
        """In the order of ``Supply``; what it has no query for is left out."""
        asked = {
            "used": self.used,
            "total": self.total,
            "before": self.used.replace("@ago", f" offset {LOOK_BACK_DAYS:.0f}d"),
            "largest": self.largest,
            "zone": self.zone,
        }
        return tuple(
            Panel(
                id=f"{self.id}:{name}", title=f"{self.title}, {name}", doc="", promql=text.replace("@ago", ""),
                exporter=self.exporter, every_s=self.every_s,
            )
            for name, text in asked.items()
            if text
        )  # fmt: skip


def _node_resource(id_: str, title: str, name: str) -> Resource:
    allocatable = f'kube_node_status_allocatable{{resource="{name}"}}'
    zones = (
        f"sum by ($per, label_topology_kubernetes_io_zone) ({allocatable} * on ($per, node) group_left "
        '(label_topology_kubernetes_io_zone) kube_node_labels{label_topology_kubernetes_io_zone!=""})'
    )
    return Resource(
        id=id_,
        title=title,
        used=f'sum by ($per) (kube_pod_container_resource_requests{{resource="{name}"}}@ago)',
        total=f"sum by ($per) ({allocatable})",
        largest=f"max by ($per) ({allocatable})",
        zone=f"max by ($per) ({zones})",
        exporter=STATE,
    )


RESOURCES: tuple[Resource, ...] = (
    _node_resource("cap-cpu", "CPU requested", "cpu"),
    _node_resource("cap-memory", "memory requested", "memory"),
    Resource(
        id="cap-pods",
        title="pods",
        used='sum by ($per) (kube_pod_status_phase{phase=~"Pending|Running"}@ago)',
        total='sum by ($per) (kube_node_status_allocatable{resource="pods"})',
        largest='max by ($per) (kube_node_status_allocatable{resource="pods"})',
        exporter=STATE,
    ),
    Resource(
        id="cap-disk",
        title="volumes",
        used="sum by ($per) (kubelet_volume_stats_used_bytes@ago)",
        total="sum by ($per) (kubelet_volume_stats_capacity_bytes)",
        exporter=KUBELET,
        shared=False,
    ),
    Resource(
        id="cap-ips",
        title="pod addresses",
        used="sum by ($per) (ipam_allocations_in_use@ago) or sum by ($per) (awscni_assigned_ip_addresses@ago)",
        total="sum by ($per) (ipam_ippool_size) or sum by ($per) (awscni_total_ip_addresses)",
        exporter=Exporter("ipam", "address pools", "", "scrape Calico's kube-controllers or the AWS VPC CNI"),
        shared=False,
    ),
    Resource(
        id="cap-power",
        title="rack power",
        used="sum by ($per) (ipmi_dcmi_power_consumption_watts@ago)",
        total="sum by ($per) (fleet_rack_power_budget_watts)",
        exporter=Exporter(
            "power", "power", "", "scrape ipmi_exporter, and record the budgets as fleet_rack_power_budget_watts"
        ),
        shared=False,
    ),
    Resource(
        id="cap-quota",
        title="quotas",
        used='sum by ($per) (kube_resourcequota{type="used",resource="requests.cpu"}@ago)',
        total='sum by ($per) (kube_resourcequota{type="hard",resource="requests.cpu"})',
        exporter=STATE,
        shared=False,
    ),
)
