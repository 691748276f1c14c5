"""What an API server remembers of the last hours: its events, and who changed what, as far as we may read it.

Changes are read from metadata alone (managedFields, owners, labels): no value of a Secret or a ConfigMap ever comes
over the line. managedFields name the program that wrote, not the person: that only the audit log knows.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from fleetui.clients.kube import faults
from fleetui.clients.kube.link import Link
from fleetui.clients.kube.objects import seconds
from fleetui.clients.kube.session import Call
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.incident.past import MAY_NOT, NOT_SERVED, Happened, Told
from fleetui.model.incident.record import LackOf
from fleetui.model.text import clean, clean_message

PAGE = 500
MOST_PAGES = 10
"""Of one kind: 5,000 objects. What lies behind is named as not read."""
METADATA = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"
BORN_S = 2.0
"""What is written this soon after the creation is part of it."""
_OF_THE_KIND = frozenset({FaultKind.FORBIDDEN, FaultKind.SERVER_ERROR, FaultKind.GONE, FaultKind.THROTTLED})
"""Faults of one question; any other is one of the connection, and the whole is asked again later."""
_SPEC = frozenset({"f:spec", "f:data", "f:binaryData", "f:stringData", "f:template", "f:rules", "f:subsets"})
"""Fields that somebody wants; the others are what controllers report."""


class WireObject(msgspec.Struct, rename="camel"):
    kind: str = ""
    namespace: str = ""
    name: str = ""


class WireSource(msgspec.Struct):
    component: str = ""
    host: str = ""


class WireSeries(msgspec.Struct, rename="camel"):
    count: int | None = None
    last_observed_time: datetime | None = None


class WireEvent(msgspec.Struct, rename="camel"):
    type: str = ""
    reason: str = ""
    message: str = ""
    count: int | None = None
    first_timestamp: datetime | None = None
    last_timestamp: datetime | None = None
    event_time: datetime | None = None
    reporting_component: str = ""
    series: WireSeries | None = None
    source: WireSource | None = None
    involved_object: WireObject = msgspec.field(default_factory=WireObject)


class WireManager(msgspec.Struct, rename="camel"):
    manager: str = ""
    operation: str = ""
    time: datetime | None = None
    subresource: str = ""
    fields_v1: dict[str, msgspec.Raw] | None = msgspec.field(default=None, name="fieldsV1")


class WireOwner(msgspec.Struct):
    kind: str = ""
    name: str = ""


class WireMeta(msgspec.Struct, rename="camel"):
    """Annotations are left out: some hold whole objects, and what those hold."""

    name: str = ""
    namespace: str = ""
    creation_timestamp: datetime | None = None
    labels: dict[str, str] | None = None
    owner_references: list[WireOwner] | None = None
    managed_fields: list[WireManager] | None = None


class Item(msgspec.Struct):
    metadata: WireMeta = msgspec.field(default_factory=WireMeta)


class ListMeta(msgspec.Struct):
    continue_: str = msgspec.field(default="", name="continue")


class _Items(msgspec.Struct):
    items: list[Item] | None = None
    metadata: ListMeta = msgspec.field(default_factory=ListMeta)


class _Events(msgspec.Struct):
    items: list[WireEvent] | None = None
    metadata: ListMeta = msgspec.field(default_factory=ListMeta)


# Events.


async def events(link: Link, *, since: float) -> Told:
    """Warnings about anything, and everything about nodes: that one is not Ready is no warning to Kubernetes. Raises
    ClusterError when nobody answers."""
    asked = (("type=Warning",), ("type!=Warning", "involvedObject.kind=Node"))
    return await _all(_read_events(link, ",".join(terms), since) for terms in asked)


async def _read_events(link: Link, selector: str, since: float) -> Told:
    def said(page: _Events) -> Iterable[Happened]:
        found = (_event(one) for one in page.items or ())
        return (one for one in found if one is not None and one.at >= since)

    call = Call("/api/v1/events", [("fieldSelector", selector)], what="events")
    return await _read(link, call, _Events, said)


def _event(wire: WireEvent) -> Happened | None:
    series = wire.series or WireSeries()
    at = seconds(wire.last_timestamp or series.last_observed_time or wire.event_time or wire.first_timestamp)
    if at is None:
        return None
    about = wire.involved_object
    return Happened(
        at=at,
        kind=clean(about.kind),
        namespace=clean(about.namespace),
        name=clean(about.name),
        text=clean_message(f"{wire.reason}: {wire.message}".removesuffix(": ")),
        who=clean(wire.reporting_component or (wire.source or WireSource()).component),
        warning=wire.type == "Warning",
        count=max(1, wire.count or series.count or 1),
    )


# Changes.

Say = Callable[[str, Item, float], Iterator[Happened]]
"""What one object of a kind says of the time since then."""


async def changes(link: Link, *, since: float) -> Told:
    """Rollouts, edits of what is wanted, machines that came, Helm releases, secrets and certificates renewed."""

    async def one(path: str, kind: str, say: Say) -> Told:
        def said(page: _Items) -> Iterable[Happened]:
            return (found for item in page.items or () for found in say(kind, item, since))

        return await _read(link, Call(path, accept=METADATA, what=path.rpartition("/")[2]), _Items, said)

    return await _all(one(*resource) for resource in _RESOURCES)


def _edits(kind: str, item: Item, since: float) -> Iterator[Happened]:
    """When it was made, and when which program last wrote what it should be."""
    born = seconds(item.metadata.creation_timestamp) or 0.0
    if born >= since:
        yield _happened(item, born, kind, "made", who=_maker(item))
    for manager in item.metadata.managed_fields or ():
        at = seconds(manager.time)
        if at is None or at < since or at <= born + BORN_S or manager.subresource:
            continue
        if _SPEC.intersection(manager.fields_v1 or ()):
            yield _happened(
                item, at, kind, "applied" if manager.operation == "Apply" else "edited", who=manager.manager
            )


def _machine(kind: str, item: Item, since: float) -> Iterator[Happened]:
    for one in _edits(kind, item, since):
        yield msgspec.structs.replace(one, text="joined", who="") if one.text == "made" else one


def _revision(_: str, item: Item, since: float) -> Iterator[Happened]:
    """A ReplicaSet or ControllerRevision that is made is a rollout of its owner."""
    born = seconds(item.metadata.creation_timestamp) or 0.0
    owner = next(iter(item.metadata.owner_references or ()), None)
    if born >= since and owner is not None:
        text = f"rolls out {item.metadata.name}"
        yield msgspec.structs.replace(_happened(item, born, owner.kind, text), name=clean(owner.name))


def _secret(kind: str, item: Item, since: float) -> Iterator[Happened]:
    """Helm keeps each revision of a release as a Secret of its own."""
    labels = item.metadata.labels or {}
    if labels.get("owner") != "helm":
        yield from _edits(kind, item, since)
        return
    born = seconds(item.metadata.creation_timestamp) or 0.0
    if born >= since:
        text = clean(f"revision {labels.get('version', '?')} {labels.get('status', '')}".strip())
        found = _happened(item, born, "Helm release", text, who="helm")
        yield msgspec.structs.replace(found, name=clean(labels.get("name", item.metadata.name)))


def _request(kind: str, item: Item, since: float) -> Iterator[Happened]:
    born = seconds(item.metadata.creation_timestamp) or 0.0
    if born >= since:
        yield _happened(item, born, kind, "asked for: a certificate is renewed", who=_maker(item))


def _happened(item: Item, at: float, kind: str, text: str, *, who: str = "") -> Happened:
    meta = item.metadata
    return Happened(at, clean(kind), clean(meta.namespace), clean(meta.name), clean_message(text), who=clean(who))


def _maker(item: Item) -> str:
    """Who wrote it first, as far as the fields still say."""
    managers = [one for one in item.metadata.managed_fields or () if one.time is not None and not one.subresource]
    first = min(managers, key=lambda one: seconds(one.time) or 0.0, default=None)
    return first.manager if first is not None else ""


_RESOURCES: tuple[tuple[str, str, Say], ...] = (
    ("/apis/apps/v1/deployments", "Deployment", _edits),
    ("/apis/apps/v1/statefulsets", "StatefulSet", _edits),
    ("/apis/apps/v1/daemonsets", "DaemonSet", _edits),
    ("/apis/apps/v1/replicasets", "Deployment", _revision),
    ("/apis/apps/v1/controllerrevisions", "DaemonSet", _revision),
    ("/api/v1/nodes", "Node", _machine),
    ("/api/v1/configmaps", "ConfigMap", _edits),
    ("/api/v1/secrets", "Secret", _secret),
    ("/apis/certificates.k8s.io/v1/certificatesigningrequests", "CertificateSigningRequest", _request),
)


# Reading page by page.


async def _read(link: Link, call: Call, kind: type[Any], said: Callable[[Any], Iterable[Happened]]) -> Told:
    """What could be read, and why the rest could not."""
    found: list[Happened] = []
    try:
        async for page in _pages(link, call, kind):
            found += await asyncio.to_thread(_listed, said, page)
    except ClusterError as error:
        if error.fault.kind not in _OF_THE_KIND:
            raise
        return Told(tuple(found), (LackOf(call.what, _why(error.fault)),))
    except _TooManyError:
        return Told(tuple(found), (LackOf(call.what, f"more than {PAGE * MOST_PAGES:,}: the rest was not read"),))
    return Told(tuple(found))


def _why(fault: Fault) -> str:
    """In the words of an incident: the rest of the fault is about a connection."""
    if fault.kind is FaultKind.FORBIDDEN:
        return MAY_NOT
    return NOT_SERVED if fault.word.startswith("404") else fault.word


def _listed(said: Callable[[Any], Iterable[Happened]], page: Any) -> list[Happened]:
    return list(said(page))


class _TooManyError(Exception):
    pass


async def _pages(link: Link, call: Call, kind: type[Any]) -> AsyncIterator[Any]:
    next_page = ""
    for _ in range(MOST_PAGES):
        asked = [*call.query, ("limit", str(PAGE)), *([("continue", next_page)] if next_page else [])]
        answer = await link.get(msgspec.structs.replace(call, query=asked))
        try:
            page = await asyncio.to_thread(msgspec.json.decode, answer.body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise faults.not_kubernetes(await link.host(), clean_message(str(error))) from error
        yield page
        next_page = page.metadata.continue_
        if not next_page:
            return
    raise _TooManyError


async def _all(readings: Iterable[Awaitable[Told]]) -> Told:
    """In the order of their times. Raises ClusterError once all have ended."""
    found = await asyncio.gather(*readings, return_exceptions=True)
    for one in found:
        if isinstance(one, BaseException):
            raise one
    told = tuple(one for one in found if isinstance(one, Told))
    said = sorted((one for part in told for one in part.said), key=lambda one: one.at)
    return Told(tuple(said), tuple(dict.fromkeys(lack for part in told for lack in part.lacks)))
