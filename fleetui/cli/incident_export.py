"""``fleetui incident export``: a bundle to hand over, a post-mortem to finish, or JSON, with no secrets in them."""

import argparse
import io
import os
import tarfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from fleetui.cli.operate import Terminal
from fleetui.model.incident.bundle import Around, as_json, bundle, redacted, written
from fleetui.model.incident.incident import Incident
from fleetui.model.incident.redaction import Redactor
from fleetui.model.incident.story import post_mortem
from fleetui.model.text import clean_block, fence

ARCHIVES = (".tar", ".tar.gz", ".tgz")


async def export(
    incident: Incident,
    arguments: argparse.Namespace,
    *,
    around: Callable[[], Awaitable[Around]],
    now: float,
    terminal: Terminal,
) -> int:
    """``around`` asks the fleet for what a bundle holds beside the incident. Raises FileExistsError rather than write
    over anything."""
    file, redactor = _new(arguments.output), Redactor(addresses=arguments.no_addresses)
    match arguments.format:
        case "postmortem":
            text = post_mortem(redacted(incident, redactor), now)
            _write_one(file, clean_block(text, line_limit=len(text)).encode())
        case "json":
            _write_one(file, fence(written(as_json(redacted(incident, redactor), now))).encode())
        case _:
            found = await around()
            _write_all(file, bundle(incident, found, now=now, addresses=arguments.no_addresses))
            for lack in found.lacks:
                terminal.say(f"not in it: {lack}")
    terminal.say(f"wrote {file}; read it before you send it further")
    return 0


def _new(name: str) -> Path:
    file = Path(name)
    if file.exists():
        raise FileExistsError(f"{file} exists: name a new file, or a new directory for a bundle")
    return file


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
