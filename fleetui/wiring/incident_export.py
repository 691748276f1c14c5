"""``fleetui incident export``: a bundle to hand over, a post-mortem to finish, or JSON, with no secrets in them."""

import argparse
import asyncio
import io
import os
import platform
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from fleetui import __version__
from fleetui.cli.operate import Terminal, standard_terminal
from fleetui.cli.operation_table import operation_table
from fleetui.cli.output import objects
from fleetui.cli.settle import settled
from fleetui.cli.tables import table_of
from fleetui.clients.system import SystemClock
from fleetui.control.audit import operation_lines
from fleetui.model.cluster import Cluster
from fleetui.model.fault import ClusterError
from fleetui.model.incident.before import CHANGES_BEFORE_S, looks_back
from fleetui.model.incident.bundle import Around, as_json, bundle, redacted, written
from fleetui.model.incident.incident import Incident
from fleetui.model.incident.redaction import Redactor
from fleetui.model.incident.story import post_mortem
from fleetui.model.text import clean_block, fence
from fleetui.wiring.clusters import Clusters
from fleetui.wiring.incident_glance import LOOK_S, glance
from fleetui.wiring.session import Session

ARCHIVES = (".tar", ".tar.gz", ".tgz")


async def export(session: Session, incident: Incident, arguments: argparse.Namespace) -> int:
    """Raises FileExistsError rather than write over anything."""
    file, now, terminal = _new(arguments.output), SystemClock().now(), standard_terminal()
    redactor = Redactor(addresses=arguments.no_addresses)
    match arguments.format:
        case "postmortem":
            text = post_mortem(redacted(incident, redactor), now)
            _write_one(file, clean_block(text, line_limit=len(text)).encode())
        case "json":
            _write_one(file, fence(written(as_json(redacted(incident, redactor), now))).encode())
        case _:
            around = await _around(session, incident, terminal)
            files = bundle(incident, around, now=now, addresses=arguments.no_addresses)
            _write_all(file, files)
            for lack in around.lacks:
                terminal.say(f"not in it: {lack}")
    terminal.say(f"wrote {file}; read it before you send it further")
    return 0


def _new(name: str) -> Path:
    file = Path(name)
    if file.exists():
        raise FileExistsError(f"{file} exists: name a new file, or a new directory for a bundle")
    return file


async def _around(session: Session, incident: Incident, terminal: Terminal) -> Around:
    clusters = Clusters(session)
    rows, missing = await _clusters(clusters, incident)
    alerts, no_alerts = await _alerts(session, clusters, incident, terminal)
    versions = {"fleetui": __version__, "python": platform.python_version()}
    versions |= {f"cluster {row.name}": row.version for row in rows if row.version}
    return Around(
        versions=versions,
        clusters=tuple(objects(table_of("clusters"), rows)),
        alerts=tuple(alerts),
        operations=tuple(_operations(session, incident)),
        lacks=(*missing, *no_alerts),
    )


async def _clusters(clusters: Clusters, incident: Incident) -> tuple[list[Cluster], list[str]]:
    """Their rows as of now; of one that does not answer, its row says so."""
    wanted = frozenset(incident.clusters) & frozenset(clusters.contexts)
    missing = [f"cluster {name}: no kubeconfig names it" for name in incident.clusters if name not in wanted]
    if not wanted:
        return [], missing
    fleet = clusters.fleet(wanted)
    work = asyncio.create_task(fleet.run())
    waiting: set[str] = set()
    try:
        feed = fleet.subscribe("clusters")
        rows = await settled(feed, wanted=wanted, timeout_s=LOOK_S, clock=clusters.clock, waiting=waiting)
    finally:
        work.cancel()
        await asyncio.wait({work})
    missing += [f"cluster {name}: did not answer within {LOOK_S:.0f} s" for name in sorted(waiting)]
    return [rows[name] for name in sorted(wanted) if name in rows], missing


async def _alerts(
    session: Session, clusters: Clusters, incident: Incident, terminal: Terminal
) -> tuple[list[dict[str, Any]], list[str]]:
    try:
        async with glance(session, clusters, terminal) as picture:
            mine = [one for one in picture.alerts if incident.concerns(cluster=one.cluster, alert=one.key)]
            none = [] if picture.board("alerts") else ["alerts: no source is configured"]
            return objects(table_of("alerts"), mine), none
    except ClusterError as error:
        return [], [f"alerts: {error.fault.word}"]


def _operations(session: Session, incident: Incident) -> Iterator[dict[str, Any]]:
    """With everything that was written down of each."""
    from fleetui.wiring.core import Core

    if not session.paths.operations.exists():
        return
    core, since = Core(session), looks_back(incident, CHANGES_BEFORE_S)
    for operation in core.desk.operations():
        begun = operation.submitted if operation.ended is None else operation.ended
        if begun >= since and incident.concerns(cluster=operation.intent.cluster.name):
            (said,) = objects(operation_table(), [operation])
            audit = [msgspec.to_builtins(line) for line in operation_lines(core.store.load(operation.op_id))]
            yield {**said, "audit": audit}


def _write_one(file: Path, data: bytes) -> None:
    """For the eyes of its owner. Raises FileExistsError."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as out:
        out.write(data)


def _write_all(file: Path, files: Mapping[str, str]) -> None:
    """Into a new directory, or one archive with such a directory in it."""
    if file.name.endswith(ARCHIVES):
        _write_one(file, _archived(file.name.partition(".")[0], files, zipped=not file.name.endswith(".tar")))
        return
    file.mkdir(mode=0o700, parents=True)
    for name, text in files.items():
        _write_one(file / name, text.encode())


def _archived(within: str, files: Mapping[str, str], *, zipped: bool) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz" if zipped else "w") as archive:
        for name, text in files.items():
            data = text.encode()
            member = tarfile.TarInfo(f"{within}/{name}")
            member.size, member.mode = len(data), 0o600
            archive.addfile(member, io.BytesIO(data))
    return packed.getvalue()
