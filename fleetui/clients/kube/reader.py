"""``ports.reader.ClusterReader`` over HTTP: what observe sees of a cluster."""

import asyncio
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from fleetui.clients.http.answer import Answer
from fleetui.clients.http.breakage import NO_ANSWER
from fleetui.clients.http.faults import fault
from fleetui.clients.kube import faults
from fleetui.clients.kube.link import Link
from fleetui.clients.kube.listing import PATHS, Listing
from fleetui.clients.kube.machine_rows import MachineRows
from fleetui.clients.kube.pod_rows import PodRows
from fleetui.clients.kube.session import SMALL_ANSWER, Call
from fleetui.clients.kube.watching import Changes, Lines
from fleetui.clients.yaml_file import dump
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.freshness import ANSWER_WITHIN_S, LIFE_WITHIN_S
from fleetui.model.text import clean, clean_block
from fleetui.ports.clock import Chance, Clock
from fleetui.ports.reader import Change, Identity, Kind, Page, Ready

if TYPE_CHECKING:  # no list and no start needs them
    from fleetui.model.details import Details
    from fleetui.model.incident.past import Told

WATCH_S = (300.0, 600.0)
"""Range of timeoutSeconds, as client-go's reflector draws it (minWatchTimeout of 5 min, up to twice that)."""
SILENCE_S = 150.0
"""A watch that asked for bookmarks hears one about every minute (apiserver cacher: bookmarkFrequency)."""
SLICE = 200
"""Changes handed over at once; between slices the loop may turn."""

_PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json"


class _Meta(msgspec.Struct):
    uid: str = ""


class _Object(msgspec.Struct):
    metadata: _Meta = msgspec.field(default_factory=_Meta)


class _Version(msgspec.Struct, rename="camel"):
    git_version: str = ""


class KubeReader:
    """One context's cluster, read."""

    def __init__(self, name: str, link: Link, *, clock: Clock, chance: Chance) -> None:
        self._name = name
        self._link = link
        self._clock = clock
        self._chance = chance
        self._listing = Listing(link, machines=MachineRows(name), pods=PodRows(name))

    @property
    def name(self) -> str:
        return self._name

    @property
    def held_up(self) -> Fault | None:
        return self._link.held_up

    async def identify(self) -> Identity:
        return await identify(self._link)

    async def readyz(self) -> Ready:
        """A 403 counts: a server that knows who we are and keeps this one path from us is up."""
        began = self._clock.monotonic()
        try:
            answer = await self._link.send(Call("/readyz", accept="*/*", timeout_s=ANSWER_WITHIN_S, limit=SMALL_ANSWER))
        except ClusterError as error:
            raise await self._why_silent(error) from error
        latency = self._clock.monotonic() - began
        if answer.code != 200 and not (answer.code == 403 and faults.read_status(answer.body)):
            raise await self._not_ready(answer)
        return Ready(latency_s=latency, skew_s=_skew(answer, at=self._clock.now() - latency / 2))

    async def list_page(self, kind: Kind, *, limit: int, continue_: str = "") -> Page:
        return await self._listing.page(kind, limit=limit, continue_=continue_)

    def list_all(self, kind: Kind, *, preview: bool = True) -> AsyncIterator[Page]:
        return self._listing.all(kind, preview=preview)

    async def watch(self, kind: Kind, *, resource_version: str) -> AsyncIterator[tuple[Change, ...]]:
        """Also ends when nothing was heard for longer than bookmarks take: the next watch tells whether that is the
        cluster's calm or a dead connection."""
        rows = self._listing.rows(kind)
        query = [
            ("watch", "1"),
            ("allowWatchBookmarks", "true"),
            ("resourceVersion", resource_version),
            ("timeoutSeconds", str(int(self._chance.uniform(*WATCH_S)))),
        ]
        call = Call(
            PATHS[kind], query, accept=rows.accept, what=kind.value, timeout_s=None, silence_s=SILENCE_S, gather=True
        )
        lines, changes = Lines(), Changes(rows)
        heard = False
        try:
            async with self._link.stream(call) as (_, chunks):
                heard = True
                async for chunk in chunks:
                    batch = changes.read(lines.feed(chunk))
                    for start in range(0, len(batch), SLICE):
                        yield batch[start : start + SLICE]
                        await asyncio.sleep(0)
        except ClusterError as error:
            if not heard or error.fault.kind is not FaultKind.TIMEOUT:
                raise

    async def describe(self, kind: Kind, *, namespace: str, name: str) -> str:
        path = f"/api/v1/namespaces/{quote(namespace)}/pods" if kind is Kind.PODS else PATHS[kind]
        answer = await self._link.get(Call(f"{path}/{quote(name)}", what=kind.value))
        try:
            return await asyncio.to_thread(_as_yaml, answer.body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise faults.not_kubernetes(await self._link.host(), f"no {kind.value}: {error}") from error

    async def details(self, kind: Kind, *, namespace: str, name: str) -> "Details":
        from fleetui.clients.kube.details import machine_details, pod_details  # no list and no start needs them

        if kind is Kind.PODS:
            return await pod_details(self._link, namespace, name)
        return await machine_details(self._link, name)

    async def events(self, *, since: float) -> "Told":
        from fleetui.clients.kube import past  # only an incident asks

        return await past.events(self._link, since=since)

    async def changes(self, *, since: float) -> "Told":
        from fleetui.clients.kube import past

        return await past.changes(self._link, since=since)

    async def close(self) -> None:
        await self._link.close()

    async def _why_silent(self, error: ClusterError) -> ClusterError:
        """Without its etcd an API server answers /readyz after many seconds, and /livez/ping at once."""
        if error.fault.word != NO_ANSWER:
            return error
        try:
            call = Call("/livez/ping", accept="*/*", timeout_s=LIFE_WITHIN_S, limit=SMALL_ANSWER)
            alive = await self._link.send(call)
        except ClusterError:
            return error
        if alive.code != 200:
            return error
        detail = f"{await self._link.host()} is up, but has not said within {ANSWER_WITHIN_S:g} s that it is ready"
        remedy = "its etcd is probably away or slow: look at etcd, then kubectl get --raw='/readyz?verbose'"
        return ClusterError(fault(FaultKind.SERVER_ERROR, "not ready", detail, remedy))

    async def _not_ready(self, answer: Answer) -> ClusterError:
        """What /readyz names as failing stands in lines that begin with ``[-]``."""
        text = answer.body.decode("utf-8", errors="replace")
        failing = [line[3:].partition(" ")[0] for line in text.splitlines() if line.startswith("[-]")]
        if not failing:
            return await self._link.refusal(answer)
        detail = f"{await self._link.host()}: /readyz answers {answer.code}: {', '.join(failing)} failed"
        remedy = "look at the control plane: kubectl get --raw='/readyz?verbose'"
        return ClusterError(fault(FaultKind.SERVER_ERROR, f"not ready: {failing[0]}", detail, remedy))


async def identify(link: Link) -> Identity:
    """Who answers at the end of ``link``. What we may not read stays empty; any other failure raises ClusterError."""
    version, namespace = await asyncio.gather(
        _permitted(link, Call("/version", limit=SMALL_ANSWER)),
        _permitted(
            link,
            Call("/api/v1/namespaces/kube-system", accept=_PARTIAL, what="namespaces", limit=SMALL_ANSWER),
        ),
    )
    try:
        uid = msgspec.json.decode(namespace, type=_Object).metadata.uid if namespace else ""
        git_version = msgspec.json.decode(version, type=_Version).git_version if version else ""
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise faults.not_kubernetes(await link.host(), str(error)) from error
    return Identity(uid=clean(uid), version=clean(git_version))


async def _permitted(link: Link, call: Call) -> bytes:
    """The answer's body; empty when it is forbidden or not there, which says nothing against the cluster."""
    answer = await link.send(call)
    if answer.code in (403, 404) and faults.read_status(answer.body):
        return b""
    if answer.code != 200:
        raise await link.refusal(answer, what=call.what)
    return answer.body


def _skew(answer: Answer, *, at: float) -> float | None:
    """Seconds the server's clock is ahead. Its Date header names a whole second, within which there is no skew."""
    try:
        second = parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
    except ValueError:
        return None
    if at < second:
        return second - at
    return min(0.0, second + 1 - at)


def _as_yaml(body: bytes) -> str:
    found = msgspec.json.decode(body, type=dict[str, object])
    metadata = found.get("metadata")
    if isinstance(metadata, dict):
        metadata.pop("managedFields", None)
    return clean_block(dump(found))
