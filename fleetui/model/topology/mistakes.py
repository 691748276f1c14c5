"""What is wrong with requirements that have the right shape: each with the path of the field and the fix.

Names that nothing declares, and machines that cannot stand where they are said to stand. Needs that cannot all be met
are no mistakes: those are explained by the plan (``conflict.py``).
"""

from collections.abc import Iterator

from fleetui.model.topology.needs import Hardware, Needs, Rack

Mistake = tuple[tuple[str, ...], str]

_NAME_LIMIT = 40
"""Names become parts of names of machines, which have 63 characters."""


def mistakes(needs: Needs) -> Iterator[Mistake]:
    """All of them, as they stand in the file."""
    yield from _empty(needs)
    yield from _names(needs)
    yield from _hardware(needs)
    yield from _racks(needs)
    yield from _stock(needs)
    yield from _workloads(needs)
    yield from _figures(needs)


def _empty(needs: Needs) -> Iterator[Mistake]:
    for field in ("hardware", "sites", "workloads"):
        if not getattr(needs, field):
            yield (field,), "nothing in it; name at least one"
    for name, site in needs.sites.items():
        if not site.racks:
            yield ("sites", name, "racks"), "nothing in it; name at least one rack"


def _names(needs: Needs) -> Iterator[Mistake]:
    paths = [("hardware", name) for name in needs.hardware] + [("workloads", name) for name in needs.workloads]
    racks = [("sites", site, "racks", rack) for site, of in needs.sites.items() for rack in of.racks]
    for path in (*paths, *(("sites", name) for name in needs.sites), *racks):
        if not _is_name(path[-1]):
            yield path, f"{path[-1]!r} is no name; write letters, digits, - and ., at most {_NAME_LIMIT}"
    seen: dict[str, str] = {}
    for _, site, _, rack in racks:
        if rack.lower() in seen:
            yield (
                ("sites", site, "racks", rack),
                f"{seen[rack.lower()]} has a rack of that name too; racks become zones",
            )
        seen.setdefault(rack.lower(), site)


def _is_name(text: str) -> bool:
    bare = text.replace("-", "").replace(".", "")
    return len(text) <= _NAME_LIMIT and bare.isascii() and bare.isalnum() and text[0].isalnum() and text[-1].isalnum()


def _hardware(needs: Needs) -> Iterator[Mistake]:
    for name, type_ in needs.hardware.items():
        for field in ("cores", "memory_gb", "units", "watts"):
            if getattr(type_, field) <= 0:
                yield ("hardware", name, field), "write a number above 0"
        for field in ("disk_gb", "kg"):
            if (getattr(type_, field) or 1) < 0:
                yield ("hardware", name, field), "write a number above 0, or leave it out"


def _racks(needs: Needs) -> Iterator[Mistake]:
    for site, of in needs.sites.items():
        for name, rack in of.racks.items():
            path = ("sites", site, "racks", name)
            for type_, count in rack.machines.items():
                yield from _known_type(needs, (*path, "machines", type_), type_, count)
            yield from ((path, f"{said}; it stands there already: mend the figures") for said in _over(needs, rack))


def _over(needs: Needs, rack: Rack) -> Iterator[str]:
    there = [(needs.hardware[type_], count) for type_, count in rack.machines.items() if type_ in needs.hardware]
    for field, unit, limit in (("units", "U", rack.units - rack.taken_units), ("watts", "W", rack.watts)):
        used = sum(getattr(type_, field) * count for type_, count in there)
        if limit is not None and used > limit:
            yield f"its machines take {used:g} {unit} of {max(limit, 0):g}"
    used = sum(_kg(type_) * count for type_, count in there)
    if rack.kg is not None and used > rack.kg:
        yield f"its machines weigh {used:g} kg of {rack.kg:g}"


def _kg(hardware: Hardware) -> float:
    return hardware.kg or 0.0


def _known_type(needs: Needs, path: tuple[str, ...], type_: str, count: int) -> Iterator[Mistake]:
    if type_ not in needs.hardware:
        yield path, f"no such hardware; there are {', '.join(needs.hardware)}"
    if count < 0:
        yield path, "write how many there are, 0 or more"


def _stock(needs: Needs) -> Iterator[Mistake]:
    racked = {type_ for site in needs.sites.values() for rack in site.racks.values() for type_ in rack.machines}
    for type_, count in needs.stock.items():
        yield from _known_type(needs, ("stock", type_), type_, count)
        if type_ in racked:
            yield ("stock", type_), "some of them stand in racks; give those in stock a type of their own"


def _workloads(needs: Needs) -> Iterator[Mistake]:
    for name, workload in needs.workloads.items():
        path = ("workloads", name)
        if workload.machines < 1:
            yield (*path, "machines"), "write at least 1"
        if workload.hardware and workload.hardware not in needs.hardware:
            yield (*path, "hardware"), f"no hardware {workload.hardware}; there are {', '.join(needs.hardware)}"
        if workload.site and workload.site not in needs.sites:
            yield (*path, "site"), f"no site {workload.site}; there are {', '.join(needs.sites)}"
        if workload.compliance and not _is_name(workload.compliance):
            yield (*path, "compliance"), "it becomes a cluster's name; write letters, digits, - and ."
        if workload.version and not _is_name(workload.version):
            yield (*path, "version"), "write it as v1.36.3"


def _figures(needs: Needs) -> Iterator[Mistake]:
    for at, link in enumerate(needs.links):
        unknown = [name for name in link.between if name not in needs.sites]
        if unknown:
            yield ("links", str(at), "between"), f"no site {unknown[0]}; there are {', '.join(needs.sites)}"
        if link.rtt_ms < 0:
            yield ("links", str(at), "rtt_ms"), "write milliseconds, 0 or more"
    if not 0 <= needs.standby_percent <= 100:
        yield ("standby_percent",), "write 0 to 100"
    if needs.control_planes < 1:
        yield ("control_planes",), "write 1, 3, 5 or 7"
    if needs.control_plane_hardware and needs.control_plane_hardware not in needs.hardware:
        yield ("control_plane_hardware",), f"no such hardware; there are {', '.join(needs.hardware)}"
    for field in ("engineers", "teams"):
        if (getattr(needs, field) or 0) < 0:
            yield (field,), "write 0 or more"
