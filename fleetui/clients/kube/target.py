"""``ports.target.TargetCluster`` over kubernetes.aio: what control sees of a cluster, and the two ways to change it.

Objects are decoded by us into what a drain needs: the generated models take 0.9 ms an object and fail as a whole on one
odd field.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import msgspec
from kubernetes.aio.client import models
from kubernetes.aio.client.api.apps_v1_api import AppsV1Api
from kubernetes.aio.client.api.authorization_v1_api import AuthorizationV1Api
from kubernetes.aio.client.api.batch_v1_api import BatchV1Api
from kubernetes.aio.client.api.core_v1_api import CoreV1Api
from kubernetes.aio.client.api.policy_v1_api import PolicyV1Api

from fleetui.clients.kube import faults
from fleetui.clients.kube.capacity import Room
from fleetui.clients.kube.link import Link
from fleetui.clients.kube.owners import Owners
from fleetui.clients.kube.reader import identify
from fleetui.clients.kube.rest import Response, api_client
from fleetui.clients.kube.session import SMALL_ANSWER, Call
from fleetui.clients.kube.target_objects import WireBudget, WireNode, WirePod, budget, node_state, pod_state
from fleetui.model.drain import Budget, NodeState, PodState
from fleetui.model.fault import ClusterError
from fleetui.model.text import clean_message
from fleetui.ports.reader import Identity
from fleetui.ports.target import Capacity, EvictionAnswer, OwnerState, PatchAnswer, Permission

PAGE = 500
REVIEWS_AT_ONCE = 4

T = TypeVar("T")
List = Callable[..., Awaitable[Response]]


class _Meta(msgspec.Struct):
    continue_: str = msgspec.field(default="", name="continue")


class _Items(msgspec.Struct):
    metadata: _Meta = msgspec.field(default_factory=_Meta)
    items: list[msgspec.Raw] | None = None


class _Review(msgspec.Struct):
    allowed: bool | None = None


class _Reviewed(msgspec.Struct):
    status: _Review = msgspec.field(default_factory=_Review)


class _Cause(msgspec.Struct):
    reason: str = ""
    message: str = ""


class _Details(msgspec.Struct, rename="camel"):
    causes: list[_Cause] | None = None
    retry_after_seconds: int | None = None


class _Status(msgspec.Struct):
    kind: str = ""
    reason: str = ""
    message: str = ""
    details: _Details | None = None


class KubeTarget:
    """One context's cluster, read without a cache and changed with preconditions."""

    def __init__(self, link: Link) -> None:
        client = api_client(link)
        self._link = link
        self._room = Room(link)
        self._core: Any = CoreV1Api(client)
        self._policy: Any = PolicyV1Api(client)
        self._reviews: Any = AuthorizationV1Api(client)
        self._owners = Owners(core=self._core, apps=AppsV1Api(client), batch=BatchV1Api(client), refuse=self._refusal)

    async def identify(self) -> Identity:
        return await identify(self._link)

    async def server_now(self) -> float:
        answer = await self._link.send(Call("/version", limit=SMALL_ANSWER))
        try:
            return parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
        except ValueError as error:
            host = await self._link.host()
            raise faults.not_kubernetes(host, "the answer carries no Date; a proxy may remove it") from error

    async def allowed(self, permissions: tuple[Permission, ...]) -> dict[Permission, bool | None]:
        slots = asyncio.Semaphore(REVIEWS_AT_ONCE)

        async def review(permission: Permission) -> bool | None:
            async with slots:
                return await self._review(permission)

        answers = await asyncio.gather(*map(review, permissions))
        return dict(zip(permissions, answers, strict=True))

    async def node(self, name: str) -> NodeState | None:
        found = await self._one(WireNode, "nodes", self._core.read_node_without_preload_content(name))
        return node_state(found) if found else None

    async def nodes(self) -> tuple[NodeState, ...]:
        found = self._list(WireNode, "nodes", self._core.list_node_without_preload_content)
        return tuple([node_state(node) async for node in found])

    async def pods_on(self, node: str) -> tuple[PodState, ...]:
        return await self._pods(field_selector=f"spec.nodeName={node}")

    async def pods_in(self, namespace: str) -> tuple[PodState, ...]:
        found = self._list(WirePod, "pods", self._core.list_namespaced_pod_without_preload_content, namespace=namespace)
        return tuple([pod_state(pod) async for pod in found])

    async def pod(self, namespace: str, name: str) -> PodState | None:
        read = self._core.read_namespaced_pod_without_preload_content(name, namespace)
        found = await self._one(WirePod, "pods", read)
        return pod_state(found) if found else None

    async def budgets(self, namespace: str) -> tuple[Budget, ...]:
        ask = self._policy.list_namespaced_pod_disruption_budget_without_preload_content
        found = self._list(WireBudget, "poddisruptionbudgets", ask, namespace=namespace)
        return tuple([budget(item) async for item in found])

    async def owner(self, pod: PodState) -> OwnerState | None:
        return await self._owners.top(pod)

    async def daemon_set_exists(self, namespace: str, name: str) -> bool | None:
        return await self._owners.exists("DaemonSet", namespace=namespace, name=name)

    async def capacity(self, *, without: frozenset[str]) -> Capacity:
        return await self._room.capacity(without=without)

    async def patch_node(self, name: str, *, uid: str, resource_version: str, patch: bytes) -> PatchAnswer:
        body = msgspec.json.decode(patch, type=dict[str, Any])
        body["metadata"] = {**body.get("metadata", {}), "uid": uid, "resourceVersion": resource_version}
        response = await self._core.patch_node_without_preload_content(
            name, body, _content_type="application/merge-patch+json"
        )
        status = await self._known(response, "nodes")
        if response.status != 200:
            return PatchAnswer(code=response.status, message=clean_message(status.message))
        node = await self._decoded(WireNode, response.data)
        return PatchAnswer(code=200, node=node_state(node))

    async def evict(self, namespace: str, name: str, *, uid: str, grace_s: int | None, dry_run: bool) -> EvictionAnswer:
        eviction = models.V1Eviction(
            metadata=models.V1ObjectMeta(name=name, namespace=namespace),
            delete_options=models.V1DeleteOptions(
                preconditions=models.V1Preconditions(uid=uid), grace_period_seconds=grace_s
            ),
        )
        response = await self._core.create_namespaced_pod_eviction_without_preload_content(
            name, namespace, eviction, dry_run="All" if dry_run else None
        )
        status = await self._known(response, "pods/eviction")
        details = status.details or _Details()
        return EvictionAnswer(
            code=response.status,
            reason=clean_message(status.reason),
            message=clean_message(status.message),
            causes=tuple(clean_message(f"{cause.reason}: {cause.message}") for cause in details.causes or ()),
            retry_after_s=_wait(response, details),
        )

    async def close(self) -> None:
        await self._room.close()
        await self._link.close()

    async def _pods(self, **selector: str) -> tuple[PodState, ...]:
        ask = self._core.list_pod_for_all_namespaces_without_preload_content
        return tuple([pod_state(pod) async for pod in self._list(WirePod, "pods", ask, **selector)])

    async def _one(self, kind: type[T], what: str, asked: Awaitable[Response]) -> T | None:
        response = await asked
        if response.status == 404:
            return None
        if response.status != 200:
            raise await self._refusal(response, what)
        return await self._decoded(kind, response.data)

    async def _list(self, kind: type[T], what: str, ask: List, **selector: str) -> AsyncIterator[T]:
        """Every object, in pages of one moment. A page that has expired, or one object that cannot be read, fails the
        whole: a plan must not be made from a part."""
        continue_: str | None = None
        while True:
            response = await ask(limit=PAGE, _continue=continue_, **selector)
            if response.status != 200:
                raise await self._refusal(response, what)
            page = await self._decoded(_Items, response.data)
            for item in page.items or ():
                yield await self._decoded(kind, item)
            continue_ = page.metadata.continue_
            if not continue_:
                return

    async def _decoded(self, kind: type[T], body: bytes | msgspec.Raw) -> T:
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise faults.not_kubernetes(await self._link.host(), f"unreadable object: {error}") from error

    async def _review(self, permission: Permission) -> bool | None:
        resource, _, subresource = permission.resource.partition("/")
        resource, _, group = resource.partition(".")
        review = models.V1SelfSubjectAccessReview(
            spec=models.V1SelfSubjectAccessReviewSpec(
                resource_attributes=models.V1ResourceAttributes(
                    verb=permission.verb,
                    resource=resource,
                    subresource=subresource or None,
                    group=group,
                    namespace=permission.namespace or None,
                )
            )
        )
        try:
            response = await self._reviews.create_self_subject_access_review_without_preload_content(review)
            return (await self._decoded(_Reviewed, response.data)).status.allowed if response.status == 201 else None
        except ClusterError:
            return None  # unknown, as the port says; the requests that matter raise for themselves

    async def _known(self, response: Response, what: str) -> _Status:
        """The Status of a write's answer. Raises ClusterError when the answer leaves open whether it was done."""
        status = _read_status(response.data)
        if response.status in (200, 201):
            return status or _Status()
        if status is None or _leaves_open(response.status, status):
            raise await self._refusal(response, what)
        return status

    async def _refusal(self, response: Response, what: str) -> ClusterError:
        return await self._link.refusal(response.answer, what=what)


def _read_status(body: bytes) -> _Status | None:
    try:
        status = msgspec.json.decode(body, type=_Status)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return status if status.kind == "Status" else None


def _leaves_open(code: int, status: _Status) -> bool:
    """The API server gave up waiting, or its storage did: the write may have happened."""
    return code in (502, 503, 504) or status.reason == "Timeout" or "etcdserver:" in status.message


def _wait(response: Response, details: _Details) -> float | None:
    said = response.headers.get("Retry-After", "")
    if said.isdecimal():
        return float(said)
    return float(details.retry_after_seconds) if details.retry_after_seconds else None
