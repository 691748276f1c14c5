"""One simulated cluster: pure, so that a fault schedule can own its time.

``apply(request, now)`` answers as an API server, ``tick(now)`` lets simulated life go on. It has no clock and no chance
but those that are passed in: the same seed and the same requests at the same times give the same history, however often
``tick`` is called between them.
"""

from collections.abc import Iterable
from random import Random

import msgspec
from msgspec.structs import replace

from fleetui.simulate import controllers, eviction, kubelet, manifest, parsing, patching, refusals
from fleetui.simulate.history import Chooser, Happening, seen_through
from fleetui.simulate.kinds import BY_RESOURCE
from fleetui.simulate.objects import Key, Pod, Resource, Workload
from fleetui.simulate.request import (
    Answer,
    Create,
    Delete,
    Document,
    Evict,
    Get,
    List,
    Patch,
    Refused,
    Request,
    everything,
)
from fleetui.simulate.state import Act, State


class World:
    def __init__(self, *, rng: Random, version: str = "v1.36.3", speed: float = 1.0) -> None:
        self.version = version
        """gitVersion of its API server."""
        self._state = State(rng=rng, speed=speed)

    @property
    def revision(self) -> int:
        """The newest resourceVersion: anything that changed has raised it."""
        return self._state.revision

    @property
    def next_due(self) -> float | None:
        """When something will happen by itself; None when nothing is planned."""
        return self._state.next_due

    def begin(self, objects: Iterable[Resource], now: float) -> None:
        """What exists before the story begins. The controllers look at it once; watches start after it."""
        known = tuple(objects)
        self._state.seed(known)
        self._state.pending.budgets.update(dict.fromkeys(each.namespace for each in known if each.namespace))
        self._state.pending.owners.update(dict.fromkeys(each.uid for each in known if isinstance(each, Workload)))
        self._state.pending.room = True
        controllers.settle(self._state, now)
        self.forget_history()

    def forget_history(self) -> None:
        """As etcd's compaction does: a watch from before now meets 410."""
        for resource in BY_RESOURCE:
            self._state.history(resource).forget(self._state.revision)

    def plan(self, now: float, seconds: float, act: Act) -> None:
        """Something that will happen in so many seconds of simulated life."""
        self._state.later(now, seconds, act)

    def tick(self, now: float) -> None:
        """Everything that is due up to ``now``, each at its own time."""
        while (due := self._state.pop_due(now)) is not None:
            at, act = due
            act(self._state, at)
            controllers.settle(self._state, at)

    def apply(self, request: Request, now: float) -> Answer:
        """The answer, made before the controllers react to what the request changed."""
        self.tick(now)
        try:
            answer = self._answer(request, now)
        except Refused as refused:
            answer = Answer(refused.status.code, status=refused.status)
        controllers.settle(self._state, now)
        return answer

    def changes(self, resource: str, since: int, chosen: Chooser = everything) -> list[Happening]:
        """What a watch from ``since`` has to hear. Raises TooOldError."""
        newer = self._state.history(resource).since(since)
        if chosen is everything:
            return newer
        return [seen for each in newer if (seen := seen_through(each, chosen)) is not None]

    def all(self, resource: str) -> Iterable[Resource]:
        """Every object of a kind, in no order that means anything: for the in-process faces."""
        return self._state.all(resource).values()

    def pods_on(self, node: str) -> tuple[Pod, ...]:
        return self._state.pods_on(node)

    def workload(self, uid: str) -> Workload | None:
        return self._state.workload(uid)

    # Requests.

    def _answer(self, request: Request, now: float) -> Answer:
        match request:
            case List():
                return self._list(request)
            case Get():
                return self._ok(self._find(request.resource, request.namespace, request.name))
            case Patch():
                return self._patch(request, now)
            case Create():
                return self._create(request, now)
            case Delete():
                return self._delete(request, now)
            case Evict():
                return eviction.evict(self._state, request, now)

    def _ok(self, thing: Resource, code: int = 200) -> Answer:
        return Answer(code, items=(thing,), revision=self.revision)

    def _find(self, resource: str, namespace: str, name: str) -> Resource:
        thing = self._state.all(resource).get((namespace, name))
        if thing is None:
            raise Refused(refusals.not_found(resource, name))
        return thing

    def _list(self, request: List) -> Answer:
        """A page in key order. The token names the last key; pages show the newest state, not the first page's."""
        objects = self._state.all(request.resource)
        after = _read_token(request.continue_)
        keys = sorted(key for key in objects if key > after and request.namespace in ("", key[0]))
        found = [thing for key in keys if request.chosen(thing := objects[key])]
        page = found[: request.limit] if request.limit else found
        rest = len(found) - len(page)
        return Answer(
            200,
            items=tuple(page),
            revision=self.revision,
            continue_="/".join(page[-1].key) if rest else "",
            remaining=rest or None,
        )

    def _patch(self, request: Patch, now: float) -> Answer:
        thing = self._find(request.resource, request.namespace, request.name)
        meta = request.patch.get("metadata") or {}
        _guard(thing, meta)
        merged = self._merged(thing, request)
        try:
            changed = parsing.change_status(thing, merged, now) if request.status else parsing.change(thing, merged)
        except msgspec.ValidationError as error:
            raise Refused(refusals.invalid(str(error))) from error
        if request.dry_run or changed == thing:
            return self._ok(changed)
        return self._ok(self._store_change(thing, changed, status=request.status))

    def _merged(self, thing: Resource, request: Patch) -> Document:
        whole = manifest.manifest(thing)
        merge = patching.strategic_merge if request.strategic else patching.merge
        merged: Document = merge(whole, request.patch)
        return merged

    def _store_change(self, thing: Resource, changed: Resource, *, status: bool) -> Resource:
        """A changed spec is a new generation. A going object without its last finalizer goes."""
        same_metadata = replace(
            changed, labels=thing.labels, annotations=thing.annotations, finalizers=thing.finalizers
        )
        spec_changed = not status and same_metadata != thing
        stored = self._state.put(replace(changed, generation=thing.generation + spec_changed))
        if stored.deletes_at is not None and not stored.finalizers and _has_ended(stored):
            self._state.remove(stored)
        return stored

    def _create(self, request: Create, now: float) -> Answer:
        kind = BY_RESOURCE[request.resource]
        namespace = request.namespace if kind.namespaced else ""
        birth = parsing.Birth(uid=self._state.new_uid(), now=now, namespace=namespace)
        if namespace and self._state.namespace(namespace) is None:
            raise Refused(refusals.not_found("namespaces", namespace))
        try:
            thing = parsing.create(request.resource, request.manifest, birth)
        except msgspec.ValidationError as error:
            wrong = f"{kind.kind} in version {kind.version!r} cannot be handled as a {kind.kind}: {error}"
            raise Refused(refusals.bad_request(wrong)) from error
        if thing.key in self._state.all(request.resource):
            raise Refused(refusals.already_exists(request.resource, thing.name))
        stored = self._state.put(thing)
        if isinstance(stored, Pod) and stored.node and stored.phase == "Pending":
            kubelet.take(self._state, stored, now)
        return self._ok(stored, code=201)

    def _delete(self, request: Delete, now: float) -> Answer:
        thing = self._find(request.resource, request.namespace, request.name)
        eviction.check_preconditions(thing, request)
        if request.dry_run:
            return self._ok(thing)
        if isinstance(thing, Pod):
            return self._ok(kubelet.delete(self._state, thing, now, grace_s=request.grace_s))
        return self._ok(self._delete_with_dependents(thing, now))

    def _delete_with_dependents(self, thing: Resource, now: float) -> Resource:
        """Pods of a deleted workload or node go too, as the garbage collectors see to it."""
        if thing.finalizers:
            return self._state.put(replace(thing, deletes_at=now, grace_s=0))
        self._state.remove(thing)
        for replica_set in self._state.replica_sets_of(thing.uid):
            self._delete_with_dependents(replica_set, now)
        dependents = self._state.pods_on(thing.name) if thing.resource == "nodes" else self._state.pods_of(thing.uid)
        for pod in dependents:
            kubelet.delete(self._state, pod, now, grace_s=0 if thing.resource == "nodes" else None)
        return thing


def _guard(thing: Resource, meta: Document) -> None:
    """The preconditions of a patch: resourceVersion first, then what may not change. Raises Refused."""
    version, uid, name = meta.get("resourceVersion"), meta.get("uid"), meta.get("name")
    if version and version != str(thing.revision):
        raise Refused(refusals.modified(thing))
    if name and name != thing.name:
        wrong = f"the name of the object ({name}) does not match the name on the URL ({thing.name})"
        raise Refused(refusals.bad_request(wrong))
    if uid and uid != thing.uid:
        raise Refused(refusals.immutable(thing, "metadata.uid", str(uid)))


def _has_ended(thing: Resource) -> bool:
    return not isinstance(thing, Pod) or not thing.node or all(each.state == "terminated" for each in thing.containers)


def _read_token(token: str) -> Key:
    if not token:
        return ("", "")
    namespace, slash, name = token.partition("/")
    if not slash:
        raise Refused(refusals.bad_request("invalid continue token: continue key is not valid"))
    return (namespace, name)
