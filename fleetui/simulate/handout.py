"""What a simulated fleet hands to its users: a kubeconfig with every cluster, and a configuration with what is known of
them. The file names are those a session looks for in its directory."""

import base64
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from fleetui.model.cluster import Tags
from fleetui.model.racks.layout import Layout
from fleetui.simulate.block_yaml import dump
from fleetui.simulate.fleet import Fleet, Member

KUBECONFIG = "kubeconfig"
CONFIG = "config.yaml"
RACKS = "racks.yaml"


Endpoints = Mapping[str, Sequence[str]]
"""By cluster: where its etcd is asked."""


def write(
    directory: Path,
    fleet: Fleet,
    *,
    url: Callable[[str], str],
    authority: bytes,
    etcd: Endpoints | None = None,
    monitoring: Mapping[str, Any] | None = None,
    racks: Layout | None = None,
) -> tuple[Path, ...]:
    """The files, readable by their owner only; the kubeconfig holds tokens. ``monitoring`` is what the configuration
    says of sources of metrics and alerts, ``racks`` where the machines stand."""
    kubeconfig, config = directory / KUBECONFIG, directory / CONFIG
    _write_privately(kubeconfig, dump(kubeconfig_document(fleet, url=url, authority=authority)))
    placed = {} if racks is None else {"racks": {"path": RACKS}}
    _write_privately(config, dump({**config_document(fleet, etcd=etcd), **(monitoring or {}), **placed}))
    if racks is None:
        return kubeconfig, config
    _write_privately(directory / RACKS, dump(msgspec.to_builtins(racks)))
    return kubeconfig, config, directory / RACKS


def kubeconfig_document(fleet: Fleet, *, url: Callable[[str], str], authority: bytes) -> dict[str, Any]:
    certificate = base64.b64encode(authority).decode()
    names = [member.host.name for member in fleet.members]
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": name, "cluster": {"server": url(name), "certificate-authority-data": certificate}}
            for name in names
        ],
        "users": [{"name": member.host.name, "user": {"token": member.token}} for member in fleet.members],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}} for name in names],
        "current-context": names[0],
    }


def config_document(fleet: Fleet, *, etcd: Endpoints | None = None) -> dict[str, Any]:
    endpoints = etcd or {}
    said = {member.host.name: _said(member, endpoints.get(member.host.name, ())) for member in fleet.members}
    return {"connect": "all", "clusters": said}


def settings(fleet: Fleet) -> Mapping[str, Tags]:
    """Cluster -> what the configuration says of it, for callers that need no file."""
    return {member.host.name: member.tags for member in fleet.members}


def _said(member: Member, etcd: Sequence[str] = ()) -> dict[str, Any]:
    tags = member.tags
    said: dict[str, Any] = {
        "environment": tags.environment,
        "group": tags.group,
        "owner": tags.owner,
        "on_call": tags.on_call,
        "tier": tags.tier,
        "compliance": list(tags.compliance),
        "labels": dict(tags.labels),
        "favourite": tags.favourite,
        "etcd": {"endpoints": list(etcd)} if etcd else {},
    }
    return {field: value for field, value in said.items() if value}


def _write_privately(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
