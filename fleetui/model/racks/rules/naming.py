"""How findings call the entries of a document, and where they point."""

from fleetui.model.racks.atlas import PlacedDevice, PlacedFeed, PlacedRack
from fleetui.model.racks.finding import Entry, Finding, Rule


def about_device(placed: PlacedDevice) -> tuple[Entry, ...]:
    """A device's findings are its rack's too."""
    return (("devices", placed.key), *((("racks", placed.rack),) if placed.rack else ()))


def about_feed(placed: PlacedFeed) -> tuple[Entry, ...]:
    """A feed's findings are its rack's too."""
    return (("power_feeds", placed.key), *((("racks", placed.rack),) if placed.rack else ()))


def of_device(rule: Rule, placed: PlacedDevice, text: str, fix: str, *field: str) -> Finding:
    """``field`` is the way to it in the device's entry."""
    path = ("devices", str(placed.index), *field)
    return Finding(rule=rule, text=f"{placed.device.name}: {text}", fix=fix, path=path, about=about_device(placed))


def of_rack(rule: Rule, placed: PlacedRack, text: str, fix: str, *field: str) -> Finding:
    path = ("racks", str(placed.index), *field)
    return Finding(
        rule=rule, text=f"rack {placed.rack.name}: {text}", fix=fix, path=path, about=(("racks", placed.key),)
    )


def of_feed(rule: Rule, placed: PlacedFeed, text: str, fix: str, *field: str) -> Finding:
    path = ("power_feeds", str(placed.index), *field)
    return Finding(rule=rule, text=f"feed {placed.feed.name}: {text}", fix=fix, path=path, about=about_feed(placed))


def listed(names: tuple[str, ...], *, most: int = 3) -> str:
    """``a, b, c and 4 more``; the last part of each key."""
    said = ", ".join(name.rpartition("/")[2] for name in names[:most])
    return said if len(names) <= most else f"{said} and {len(names) - most} more"
