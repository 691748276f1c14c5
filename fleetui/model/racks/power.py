"""From the panel to the power supply: panels, feeds, the ports of devices and the outlets of PDUs."""

from enum import StrEnum

import msgspec

from fleetui.model.racks.unit import Number, Percent, VoltAmperes, Watts, Whole

DEFAULT_MAX_UTILIZATION = 80
"""Percent of a feed's rating that may be used for long; NetBox's."""
SQRT_3 = 1.732
"""As NetBox rounds it, so that both print the same kVA."""


class PowerPath(StrEnum):
    """Which of the two independent ways from the utility to a rack; Nautobot's power_path."""

    A = "A"
    B = "B"


class FeedType(StrEnum):
    PRIMARY = "primary"
    REDUNDANT = "redundant"


class FeedStatus(StrEnum):
    OFFLINE = "offline"
    ACTIVE = "active"
    PLANNED = "planned"
    FAILED = "failed"


class Supply(StrEnum):
    AC = "ac"
    DC = "dc"


class Phase(StrEnum):
    SINGLE = "single-phase"
    THREE = "three-phase"


class FeedLeg(StrEnum):
    A = "A"
    B = "B"
    C = "C"


class OutletStatus(StrEnum):
    ENABLED = "enabled"
    DISABLED = "disabled"
    FAULTY = "faulty"


class PowerPanel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A distribution panel or a UPS, from which feeds go out."""

    name: str
    site: str
    location: str = ""
    parent: str = ""
    """Ours: the panel that feeds it."""
    capacity_va: VoltAmperes | None = None
    """Ours: what it can give to all its feeds together."""


class PowerFeed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One circuit from a panel to a rack."""

    name: str
    panel: str
    rack: str = ""
    path: PowerPath | None = None
    type: FeedType = FeedType.PRIMARY
    """NetBox's word for it; it does not say what a feed is redundant to, so ``path`` is what counts."""
    status: FeedStatus = FeedStatus.ACTIVE
    supply: Supply = Supply.AC
    phase: Phase = Phase.SINGLE
    voltage: Whole
    """Not 0; negative for direct current alone. Between the conductors: of a three-phase feed line to line."""
    amperage: Whole
    max_utilization: Percent = DEFAULT_MAX_UTILIZATION

    @property
    def available_va(self) -> float:
        """What may be drawn of it for long."""
        factor = SQRT_3 if self.phase is Phase.THREE else 1.0
        return abs(self.voltage) * self.amperage * factor * self.max_utilization / 100


class PowerPort(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A power supply of a device, or the inlet of a PDU. It hangs on an outlet of a PDU or directly on a feed; where it
    says neither, nobody knows on what."""

    name: str
    pdu: str = ""
    outlet: str = ""
    feed: str = ""
    maximum_draw: Watts | None = None
    allocated_draw: Watts | None = None
    power_factor: Number | None = None
    """Watts of a volt-ampere; Nautobot's."""


class PowerOutlet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where a device is plugged in."""

    name: str
    feed_leg: FeedLeg | None = None
    type: str = ""
    status: OutletStatus = OutletStatus.ENABLED
