"""What must be said once: names, tags, serials, addresses. NetBox lets serials and MAC addresses repeat; kubeadm does
not work with machines of one MAC address or one product_uuid."""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator

from fleetui.model.racks.atlas import PlacedDevice
from fleetui.model.racks.budget import Budgets
from fleetui.model.racks.domains import OWN_KINDS
from fleetui.model.racks.finding import Entry, Finding, Path, Rule, Severity
from fleetui.model.racks.rules.naming import about_device, of_device

NAME = Rule("name-twice", Severity.ERROR, "Two entries have the same name where it must tell them apart.")
NO_NAME = Rule(
    "name-empty", Severity.ERROR, "An entry has no name, or one with a slash, which parts the names of a path."
)
FACILITY = Rule("facility-id-twice", Severity.ERROR, "Two racks of one place have the same facility_id.")
ASSET = Rule("asset-tag-twice", Severity.ERROR, "Two entries have the same asset tag.")
SERIAL = Rule("serial-twice", Severity.ERROR, "Two entries have the same serial number.")
MAC = Rule("mac-twice", Severity.ERROR, "Two interfaces have the same MAC address.")
NO_MAC = Rule("mac-invalid", Severity.ERROR, "A MAC address is none, or is of no single interface.")
BOOT_MAC = Rule("boot-mac-of-bmc", Severity.ERROR, "A machine is said to boot from the interface of its BMC.")
UUID = Rule("product-uuid-twice", Severity.ERROR, "Two machines have the same product_uuid, in either byte order.")
NO_UUID = Rule("product-uuid-invalid", Severity.ERROR, "A product_uuid is no UUID.")
BMC = Rule("bmc-twice", Severity.ERROR, "Two machines have the same BMC address and system.")
OWN_KIND = Rule("domain-kind", Severity.ERROR, "A declared failure domain is of a kind that follows from the rest.")
RULES = (NAME, NO_NAME, OWN_KIND, FACILITY, ASSET, SERIAL, MAC, NO_MAC, BOOT_MAC, UUID, NO_UUID, BMC)

_PLACEHOLDERS = frozenset({
    "", "none", "n/a", "na", "unknown", "default string", "not specified", "system serial number",
    "to be filled by o.e.m.", "to be filled by oem",
})  # fmt: skip
_PLACEHOLDER_UUID = "03000200040005000006000700080009"
"""On boards whose maker never wrote one."""
_DEFAULT_PORTS = {"redfish": "443", "ipmi": "623"}


Claims = Iterable[tuple[Hashable, str, Path, tuple[Entry, ...]]]
"""(what must be once, whose it is, where it is said, whose rows show it)."""


def mistakes(budgets: Budgets) -> Iterator[Finding]:
    yield from _names(budgets)
    yield from _kinds(budgets)
    yield from _tags(budgets)
    for device in budgets.atlas.devices.values():
        yield from _of_machine(device)
    devices = tuple(budgets.atlas.devices.values())
    yield from _once(MAC, _macs(devices), "MAC address", "mend one of them, or remove the machine that is gone")
    yield from _once(UUID, _uuids(devices), "product_uuid", "mend one of them, or set it anew in the BIOS")
    yield from _once(BMC, _bmcs(devices), "BMC", "mend one of them, or write their system_id")


def _once(rule: Rule, claims: Claims, what: str, fix: str) -> Iterator[Finding]:
    """A finding for each after the first, at its own place."""
    first: dict[Hashable, tuple[str, Path]] = {}
    for value, owner, path, about in claims:
        other, before = first.setdefault(value, (owner, path))
        if before != path:
            text = f"{owner}: {other} has the same {what}"
            yield Finding(rule=rule, text=text, fix=fix, path=path, about=about)


# Names.


def _names(budgets: Budgets) -> Iterator[Finding]:
    for section, key in _NAMED.items():
        entries = getattr(budgets.atlas.layout, section)
        named = "model" if section.endswith("_types") else "name"
        claims = [
            (key(entry), getattr(entry, named), (section, str(at), named), ()) for at, entry in enumerate(entries)
        ]
        yield from _once(NAME, claims, named, "give one of them another, or remove it")
        for _, name, path, _ in claims:
            if not name or ("/" in name and named == "name"):
                text = f"{section} {int(path[1]) + 1}: {name or 'nothing'} as a name"
                yield Finding(rule=NO_NAME, text=text, fix="write a name without a slash", path=path)
    for device in budgets.atlas.devices.values():
        for field in ("power_ports", "power_outlets", "interfaces"):
            base = ("devices", str(device.index), field)
            parts = [
                (part.name, f"{device.device.name} {part.name}", (*base, str(at), "name"), about_device(device))
                for at, part in enumerate(getattr(device.device, field))
            ]
            yield from _once(NAME, parts, "name", "give one of them another, or remove it")


_NAMED: dict[str, Callable[..., Hashable]] = {
    "sites": lambda site: site.name,
    "locations": lambda location: (location.site, location.parent, location.name),
    "rack_types": lambda kind: kind.model,
    "racks": lambda rack: (rack.site, rack.location, rack.name),
    "device_types": lambda kind: kind.model,
    "devices": lambda device: (device.site, device.tenant, device.name.lower()),
    "power_panels": lambda panel: (panel.site, panel.name),
    "power_feeds": lambda feed: (feed.panel, feed.name),
    "failure_domains": lambda domain: (domain.kind, domain.parent, domain.name),
}
"""By section what tells its entries apart; names of devices in any case, as in NetBox."""


def _kinds(budgets: Budgets) -> Iterator[Finding]:
    """A rack that somebody declares beside the rack would be two domains of one name."""
    for at, domain in enumerate(budgets.atlas.layout.failure_domains):
        if domain.kind in OWN_KINDS:
            text = f"failure domain {domain.name}: kind {domain.kind} follows from where things stand"
            fix = "write a kind of your own, or remove it"
            yield Finding(rule=OWN_KIND, text=text, fix=fix, path=("failure_domains", str(at), "kind"))


def _tags(budgets: Budgets) -> Iterator[Finding]:
    racks = budgets.atlas.racks.values()
    facility: Claims = (
        ((rack.around, rack.rack.facility_id), f"rack {rack.rack.name}", ("racks", str(rack.index), "facility_id"),
         (("racks", rack.key),))
        for rack in racks if rack.rack.facility_id
    )  # fmt: skip
    yield from _once(FACILITY, facility, "facility_id", "mend one of them")
    yield from _once(ASSET, _physical(budgets, "asset_tag"), "asset tag", "mend one of them")
    yield from _once(SERIAL, _physical(budgets, "serial"), "serial number", "mend one of them")


def _physical(budgets: Budgets, field: str) -> Claims:
    """Of racks and devices: a number of ours or of a maker's is of one thing."""
    for rack in budgets.atlas.racks.values():
        if not is_placeholder(value := getattr(rack.rack, field)):
            yield value.lower(), f"rack {rack.rack.name}", ("racks", str(rack.index), field), (("racks", rack.key),)
    for device in budgets.atlas.devices.values():
        if not is_placeholder(value := getattr(device.device, field)):
            path = ("devices", str(device.index), field)
            yield value.lower(), device.device.name, path, about_device(device)


def is_placeholder(serial: str) -> bool:
    """What makers write where they write nothing: it is no number of anything."""
    said = serial.strip().lower()
    return said in _PLACEHOLDERS or not said.strip("0-") or not said.strip("f-")


# Machines.


def _of_machine(placed: PlacedDevice) -> Iterator[Finding]:
    bmc = {normal_mac(each.mac) for each in placed.device.interfaces if each.mgmt_only and each.mac}
    for number, interface in enumerate(placed.device.interfaces):
        path = ("interfaces", str(number), "mac")
        mac = normal_mac(interface.mac)
        if interface.mac and mac is None:
            text, fix = f"{interface.name} has {interface.mac!r} as its MAC address", "write such as 02:00:5e:10:00:01"
            yield of_device(NO_MAC, placed, text, fix, *path)
        elif interface.boot and (interface.mgmt_only or (mac is not None and mac in bmc)):
            text = f"boots from {interface.name}, which is its BMC's"
            yield of_device(BOOT_MAC, placed, text, "write boot: true to the interface it boots from", *path)
    if placed.device.product_uuid and uuid_bytes(placed.device.product_uuid) is None:
        text, fix = f"{placed.device.product_uuid!r} is no UUID", "copy /sys/class/dmi/id/product_uuid of the machine"
        yield of_device(NO_UUID, placed, text, fix, "product_uuid")


def normal_mac(said: str) -> str | None:
    """Twelve digits in lower case; None for what is no address of one interface: multicast, all zero."""
    digits = re.sub(r"[:.\-]", "", said.strip().lower())
    if not re.fullmatch(r"[0-9a-f]{12}", digits) or not digits.strip("0") or int(digits[:2], 16) & 1:
        return None
    return digits


def _macs(devices: tuple[PlacedDevice, ...]) -> Claims:
    for placed in devices:
        for number, interface in enumerate(placed.device.interfaces):
            if mac := normal_mac(interface.mac):
                path = ("devices", str(placed.index), "interfaces", str(number), "mac")
                yield mac, f"{placed.device.name} {interface.name}", path, about_device(placed)


def uuid_bytes(said: str) -> str | None:
    """Thirty-two digits in lower case; None for what is no UUID."""
    digits = said.strip().lower().replace("-", "")
    return digits if re.fullmatch(r"[0-9a-f]{32}", digits) else None


def either_order(digits: str) -> str:
    """The same for both byte orders: since SMBIOS 2.6 the first three fields are little-endian, and makers have changed
    between the two from one BIOS to the next."""
    swapped = "".join(
        "".join(reversed([field[at : at + 2] for at in range(0, len(field), 2)]))
        for field in (digits[:8], digits[8:12], digits[12:16])
    )
    return min(digits, swapped + digits[16:])


def _uuids(devices: tuple[PlacedDevice, ...]) -> Claims:
    for placed in devices:
        digits = uuid_bytes(placed.device.product_uuid)
        if digits and digits.strip("0") and digits.strip("f") and digits != _PLACEHOLDER_UUID:
            path = ("devices", str(placed.index), "product_uuid")
            yield either_order(digits), placed.device.name, path, about_device(placed)


def _bmcs(devices: tuple[PlacedDevice, ...]) -> Claims:
    """One endpoint may serve several systems, so the host alone may repeat."""
    for placed in devices:
        if bmc := placed.device.bmc:
            path = ("devices", str(placed.index), "bmc", "address")
            yield (_endpoint(bmc.address, bmc.protocol), bmc.system_id), placed.device.name, path, about_device(placed)


def _endpoint(address: str, protocol: str) -> str:
    """Host and port, so that one address written in two ways is one."""
    host = re.sub(r"^[a-z][a-z0-9+.-]*://", "", address.strip().lower()).partition("/")[0]
    port = _DEFAULT_PORTS.get(protocol, "")
    return host if re.search(r"(?:\]|^[^:]*):\d+$", host) or not port else f"{host}:{port}"
