"""Whether everything has power, has it twice where it must, and whether the feeds carry it when one path is lost."""

from collections.abc import Iterator

from fleetui.model.racks.amount import Amount
from fleetui.model.racks.atlas import PlacedDevice, PlacedFeed
from fleetui.model.racks.budget import Budgets
from fleetui.model.racks.finding import Finding, Rule, Severity
from fleetui.model.racks.load import FeedLoad, Legs, PanelLoad
from fleetui.model.racks.power import FeedStatus, PowerPath
from fleetui.model.racks.rules.naming import listed, of_device, of_feed, of_rack

CABLING = Rule(
    "cabling-unknown", Severity.UNKNOWN, "Nobody says on what a device, or one of its power supplies, hangs."
)
DRAW = Rule(
    "draw-unknown", Severity.UNKNOWN, "Nobody says how much a device draws, by the figure that is planned with."
)
PATH = Rule("path-unknown", Severity.UNKNOWN, "A feed of a rack does not say whether it is of path A or B.")
TWO_ENDS = Rule("two-ends", Severity.ERROR, "A power supply hangs on a feed and on a PDU.")
SHARED = Rule("outlet-shared", Severity.ERROR, "Two power supplies are in one outlet.")
PDU_LOOP = Rule("pdu-loop", Severity.ERROR, "A PDU feeds itself.")
DEAD = Rule("supply-off", Severity.WARNING, "A power supply hangs on a feed or an outlet that gives nothing.")
NO_SUPPLY = Rule("supply-none", Severity.ERROR, "All that a device hangs on gives nothing.")
ONE_CORD = Rule("single-corded", Severity.WARNING, "A device stops when one path is lost.")
ONE_CORD_VITAL = Rule(
    "single-corded-vital", Severity.ERROR, "A control plane or a top-of-rack switch stops when one path is lost."
)
ONE_PATH = Rule("same-path", Severity.ERROR, "All power supplies of a device hang on one path.")
OVERLOAD = Rule("feed-overload", Severity.ERROR, "More hangs on a feed than it can give.")
FAILOVER = Rule("feed-failover", Severity.ERROR, "A feed cannot carry what comes to it when the other path is lost.")
HIGH = Rule("feed-high", Severity.WARNING, "With the other path lost a feed would be used for over 80 %.")
NOTICEABLE = Rule("feed-noticeable", Severity.HINT, "With the other path lost a feed would be used for over 60 %.")
LEG = Rule("leg-overload", Severity.ERROR, "More hangs on a leg of a three-phase feed than it can give.")
IMBALANCE = Rule("leg-imbalance", Severity.WARNING, "A leg of a three-phase feed is over 15 % off their mean.")
NO_LEG = Rule("leg-unknown", Severity.UNKNOWN, "Outlets on a three-phase feed do not say their leg.")
RACK = Rule("rack-power", Severity.ERROR, "More is drawn in a rack than may be.")
PANEL = Rule("panel-overload", Severity.ERROR, "More hangs on a panel than it can give.")
PANEL_FAILOVER = Rule("panel-failover", Severity.ERROR, "A panel cannot carry what comes to it when a path is lost.")
RULES = (
    CABLING, DRAW, PATH, TWO_ENDS, SHARED, PDU_LOOP, DEAD, NO_SUPPLY, ONE_CORD, ONE_CORD_VITAL, ONE_PATH, OVERLOAD,
    FAILOVER, HIGH, NOTICEABLE, LEG, IMBALANCE, NO_LEG, RACK, PANEL, PANEL_FAILOVER,
)  # fmt: skip

VITAL_ROLES = frozenset({"control-plane", "cp", "tor", "tor-switch", "top-of-rack", "leaf"})
RED, YELLOW = 0.8, 0.6
"""openDCIM's PowerRed and PowerYellow."""
MOST_IMBALANCE = 0.15
"""Ours: by how much of their mean a leg may be off it."""


def mistakes(budgets: Budgets) -> Iterator[Finding]:
    yield from _outlets(budgets)
    for device in budgets.atlas.devices.values():
        yield from _device(budgets, device)
    for key, load in budgets.loads.feeds.items():
        yield from _feed(budgets.atlas.feeds[key], load)
    for key, panel in budgets.loads.panels.items():
        yield from _panel(budgets, key, panel)
    for key, rack in budgets.atlas.racks.items():
        if budgets.racks[key].power.over:
            text = f"{_used(budgets.racks[key].power, 'W')} are drawn by {budgets.basis} figures"
            yield of_rack(RACK, rack, text, "move a machine out of it, or raise max_power_w", "max_power_w")


# Devices.


def _device(budgets: Budgets, placed: PlacedDevice) -> Iterator[Finding]:
    draws, pdu = budgets.loads.draws, bool(placed.device.power_outlets)
    for number, port in enumerate(placed.device.power_ports):
        if port.feed and port.pdu:
            path = ("power_ports", str(number), "feed")
            yield of_device(TWO_ENDS, placed, f"{port.name} hangs on {port.feed} and on {port.pdu}", "keep one", *path)
    if placed.key not in draws or (draws[placed.key] == 0 and not (pdu and placed.device.power_ports)):
        return
    if draws[placed.key] is None:
        field = {"nameplate": "maximum_draw", "allocated": "allocated_draw", "measured": "measured_draw"}[budgets.basis]
        yield of_device(DRAW, placed, f"nobody says what it draws ({budgets.basis})", f"write its {field}")
    yield from _cables(budgets, placed)
    if not pdu:
        yield from _redundancy(budgets, placed)


def _cables(budgets: Budgets, placed: PlacedDevice) -> Iterator[Finding]:
    grid = budgets.grid
    if not placed.device.power_ports:
        fix = "write its power_ports and where they hang"
        yield of_device(CABLING, placed, "nobody says on what it hangs", fix)
        return
    taps = grid.taps(placed.key)
    unknown = tuple(port.name for port, tap in zip(placed.device.power_ports, taps, strict=True) if tap is None)
    if unknown:
        text = f"nobody says on which feed {listed(unknown)} hangs"
        yield of_device(CABLING, placed, text, "write its feed, or its pdu and outlet", "power_ports")
    off = _off(budgets, placed)
    if off and len(off) == len(taps):
        text = "all that it hangs on gives nothing"
        yield of_device(NO_SUPPLY, placed, text, "plug it in elsewhere, or mend the feed's status", "power_ports")
    elif off:
        text = f"{listed(off)} hangs on what gives nothing"
        yield of_device(DEAD, placed, text, "plug it in elsewhere, or mend the feed's status", "power_ports")


def _off(budgets: Budgets, placed: PlacedDevice) -> tuple[str, ...]:
    """Power supplies that are known to have no power. Of a PDU it is told by those that hang on it."""
    if placed.device.power_outlets:
        return ()
    taps = zip(placed.device.power_ports, budgets.grid.taps(placed.key), strict=True)
    return tuple(port.name for port, tap in taps if tap is not None and not budgets.grid.gives(tap))


def _redundancy(budgets: Budgets, placed: PlacedDevice) -> Iterator[Finding]:
    grid = budgets.grid
    stops = [path for path in PowerPath if grid.survives_loss(placed.key, path) is False]
    if not stops or not placed.device.power_ports or _off(budgets, placed):
        return
    cords, paths = len(placed.device.power_ports), grid.paths(placed.key)
    if cords > 1 and len(paths) == 1:
        text = f"all {cords} power supplies hang on path {stops[0]}"
        yield of_device(ONE_PATH, placed, text, "plug one of them into the other path", "power_ports")
        return
    vital = placed.device.role.lower() in VITAL_ROLES
    text = f"stops when path {' or '.join(stops)} is lost"
    fix = "give it a second power supply on the other path" if cords == 1 else "mend its power_redundancy"
    yield of_device(ONE_CORD_VITAL if vital else ONE_CORD, placed, text, fix, "power_ports")


def _outlets(budgets: Budgets) -> Iterator[Finding]:
    """Two in one outlet; PDUs that feed themselves."""
    atlas, taken = budgets.atlas, dict[tuple[str, str], str]()
    parents: dict[str, frozenset[str]] = {}
    for key, plugs in atlas.plugs.items():
        placed = atlas.devices[key]
        parents[key] = frozenset(plug.pdu for plug in plugs if plug.pdu)
        for number, plug in enumerate(plugs):
            if plug.outlet is None:
                continue
            first = taken.setdefault((plug.pdu, plug.outlet.name), placed.device.name)
            if first != placed.device.name or _twice(plugs[:number], plug.pdu, plug.outlet.name):
                text = f"outlet {plug.outlet.name} of {listed((plug.pdu,))} is taken by {first}"
                path = ("power_ports", str(number), "outlet")
                yield of_device(SHARED, placed, text, "write another outlet", *path)
    for key in parents:
        if _feeds_itself(key, parents):
            fix = "mend what its power_ports hang on"
            yield of_device(PDU_LOOP, atlas.devices[key], "feeds itself", fix, "power_ports")


def _twice(before: tuple[object, ...], pdu: str, outlet: str) -> bool:
    return any(
        getattr(plug, "pdu", "") == pdu and getattr(getattr(plug, "outlet", None), "name", "") == outlet
        for plug in before
    )


def _feeds_itself(key: str, parents: dict[str, frozenset[str]]) -> bool:
    seen: set[str] = set()
    ahead = set(parents[key])
    while ahead:
        if key in ahead:
            return True
        seen |= ahead
        ahead = {above for each in ahead for above in parents[each]} - seen
    return False


# Feeds and panels.


def _feed(placed: PlacedFeed, load: FeedLoad) -> Iterator[Finding]:
    if placed.feed.path is None and placed.rack and placed.feed.status is FeedStatus.ACTIVE:
        yield of_feed(PATH, placed, "does not say its path", "write path: A or B")
    if load.normal.over:
        text = f"{_used(load.normal, 'VA')} hang on it"
        yield of_feed(OVERLOAD, placed, text, "move machines to another feed", "amperage")
    elif load.failover.over:
        text = f"{_used(load.failover, 'VA')} would hang on it with the other path lost"
        yield of_feed(FAILOVER, placed, text, "move machines to another rack, or ask for a larger feed", "amperage")
    else:
        yield from _soft(placed, load.failover)
    yield from _legs(placed, load)
    if load.legless:
        text = f"of {listed(load.legless)} nobody says on which leg it is"
        yield of_feed(NO_LEG, placed, text, "write feed_leg to the outlets of its PDUs", "phase")


def _soft(placed: PlacedFeed, failover: Amount) -> Iterator[Finding]:
    share = failover.least_share or 0.0
    rule = HIGH if share > RED else NOTICEABLE if share > YELLOW else None
    if rule is not None:
        text = f"{_used(failover, 'VA')} would hang on it with the other path lost"
        yield of_feed(rule, placed, text, "place what is new elsewhere", "amperage")


def _legs(placed: PlacedFeed, load: FeedLoad) -> Iterator[Finding]:
    for leg, amount in load.legs_failover.items():
        if amount.over:
            text = f"{_used(amount, 'VA')} on leg {leg}, or would with the other path lost"
            yield of_feed(LEG, placed, text, "move some to outlets of another leg", "phase")
    off = imbalance(load.legs)
    if off is not None and off > MOST_IMBALANCE:
        said = ", ".join(f"{leg} {amount.known:.0f}" for leg, amount in load.legs.items())
        text = f"its legs carry {said} VA, {off:.0%} off their mean"
        yield of_feed(IMBALANCE, placed, text, "move some to outlets of another leg", "phase")


def imbalance(legs: Legs) -> float | None:
    """How far the leg that is furthest off is from the mean of the three, as a share of the mean; None where that is
    not known or nothing hangs on them."""
    loads = [amount.value for amount in legs.values()]
    known = [load for load in loads if load is not None]
    mean = sum(known) / len(known) if known else 0.0
    if len(known) < len(loads) or mean <= 0:
        return None
    return max(abs(load - mean) for load in known) / mean


def _panel(budgets: Budgets, key: str, load: PanelLoad) -> Iterator[Finding]:
    placed = budgets.atlas.panels[key]
    rule = PANEL if load.normal.over else PANEL_FAILOVER if load.failover.over else None
    if rule is not None:
        amount, when = (load.normal, "") if rule is PANEL else (load.failover, " with a path lost")
        yield Finding(
            rule=rule,
            text=f"panel {placed.panel.name}: {_used(amount, 'VA')} hang on it{when}",
            fix="move feeds to another panel, or mend capacity_va",
            path=("power_panels", str(placed.index), "capacity_va"),
            about=(("power_panels", key),),
        )


def _used(amount: Amount, unit: str) -> str:
    """``6,200 of 5,888 VA``; ``at least`` where a part is not known."""
    at_least = "at least " if amount.missing else ""
    return f"{at_least}{amount.known:,.0f} of {amount.limit or 0:,.0f} {unit}"
