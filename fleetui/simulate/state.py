"""Everything a simulated cluster knows, with the few indexes its rules need. Changes go through ``put`` and ``remove``
only: they number the revision, write the history and mark what the controllers must look at again."""

import heapq
from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import TypeVar, cast

from msgspec.structs import replace

from fleetui.ports.reader import ChangeType
from fleetui.simulate.history import Happening, History
from fleetui.simulate.objects import DisruptionBudget, Event, Key, Namespace, Node, Pod, Resource, Workload

RESOURCES = (
    "nodes", "pods", "namespaces", "poddisruptionbudgets", "deployments", "replicasets", "statefulsets", "daemonsets",
    "events", "configmaps", "secrets", "controllerrevisions", "certificatesigningrequests",
)  # fmt: skip
FIRST_REVISION = 1000
ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""Of generated names, as the API server's: no vowels, so no words."""

R = TypeVar("R", bound=Resource)
Act = Callable[["State", float], None]


class Load:
    """What the pods of one node ask for."""

    __slots__ = ("cpu_m", "gpus", "memory", "pods")

    def __init__(self) -> None:
        self.cpu_m = self.memory = self.gpus = self.pods = 0

    def count(self, pod: Pod, sign: int) -> None:
        self.cpu_m += sign * pod.template.cpu_m
        self.memory += sign * pod.template.memory
        self.gpus += sign * pod.template.gpus
        self.pods += sign


class Pending:
    """What the controllers must look at again. Dicts, because they keep their order and a history must repeat."""

    __slots__ = ("budgets", "nodes", "owners", "room")

    def __init__(self) -> None:
        self.owners: dict[str, None] = {}
        """uids of workloads."""
        self.budgets: dict[str, None] = {}
        """Namespaces."""
        self.nodes: dict[str, None] = {}
        self.room = False
        """Something may fit now that did not before."""

    def __bool__(self) -> bool:
        return bool(self.owners or self.budgets or self.nodes or self.room)


class State:
    def __init__(self, *, rng: Random, speed: float = 1.0) -> None:
        self.rng = rng
        self.speed = speed
        """Divides every duration of simulated life; timestamps stay real."""
        self.revision = FIRST_REVISION
        self.pending = Pending()
        self.silent: dict[str, float] = {}
        """Nodes whose kubelet does not run, and since when."""
        self._objects: dict[str, dict[Key, Resource]] = {resource: {} for resource in RESOURCES}
        self._histories = {resource: History(FIRST_REVISION) for resource in RESOURCES}
        self._agenda: list[tuple[float, int, Act]] = []
        self._agenda_count = 0
        self._on_node: dict[str, dict[Key, None]] = {}
        self._of_owner: dict[str, dict[Key, None]] = {}
        self._in_namespace: dict[str, dict[Key, None]] = {}
        self._workloads: dict[str, Key] = {}
        self._unplaced: dict[Key, None] = {}
        self.loads: dict[str, Load] = {}

    # Reading.

    def all(self, resource: str) -> dict[Key, Resource]:
        return self._objects[resource]

    def history(self, resource: str) -> History:
        return self._histories[resource]

    def nodes(self) -> Iterable[Node]:
        return cast("Iterable[Node]", self._objects["nodes"].values())

    def node(self, name: str) -> Node | None:
        return cast("Node | None", self._objects["nodes"].get(("", name)))

    def pod(self, key: Key) -> Pod | None:
        return cast("Pod | None", self._objects["pods"].get(key))

    def pods_on(self, node: str) -> tuple[Pod, ...]:
        return self._pods(self._on_node.get(node, {}))

    def pods_of(self, uid: str) -> tuple[Pod, ...]:
        """Of a ReplicaSet, StatefulSet or DaemonSet."""
        return self._pods(self._of_owner.get(uid, {}))

    def pods_in(self, namespace: str) -> tuple[Pod, ...]:
        return self._pods(self._in_namespace.get(namespace, {}))

    def unplaced(self) -> tuple[Pod, ...]:
        """Without a node, oldest first."""
        return self._pods(self._unplaced)

    def _pods(self, keys: Iterable[Key]) -> tuple[Pod, ...]:
        pods = self._objects["pods"]
        return tuple(cast("Pod", pods[key]) for key in keys)

    def budgets_in(self, namespace: str) -> Iterator[DisruptionBudget]:
        for (where, _), budget in self._objects["poddisruptionbudgets"].items():
            if where == namespace:
                yield cast("DisruptionBudget", budget)

    def workload(self, uid: str) -> Workload | None:
        key = self._workloads.get(uid)
        if key is None:
            return None
        resource, _, name = key[1].partition("/")
        return cast("Workload | None", self._objects[resource].get((key[0], name)))

    def replica_sets_of(self, uid: str) -> tuple[Workload, ...]:
        """Of a Deployment, oldest first."""
        sets = cast("Iterable[Workload]", self._objects["replicasets"].values())
        return tuple(each for each in sets if each.owner is not None and each.owner.uid == uid)

    def namespace(self, name: str) -> Namespace | None:
        return cast("Namespace | None", self._objects["namespaces"].get(("", name)))

    # Writing.

    def seed(self, objects: Iterable[Resource]) -> None:
        """What exists before the story begins: no history, one revision."""
        for thing in objects:
            self._objects[thing.resource][thing.key] = thing
            if not isinstance(thing, Node):
                self._index(thing)

    def put(self, thing: R) -> R:
        """Adds or replaces; returns it as it is stored. What did not change keeps its revision."""
        before = self._objects[thing.resource].get(thing.key)
        if thing == before:
            return thing
        self.revision += 1
        after = replace(thing, revision=self.revision)
        if before is not None:
            self._unindex(before)
        self._objects[thing.resource][thing.key] = after
        self._index(after)
        change = ChangeType.MODIFIED if before is not None else ChangeType.ADDED
        self._histories[thing.resource].append(Happening(change, self.revision, after, before))
        self._mark(after, before)
        return after

    def remove(self, thing: Resource) -> None:
        before = self._objects[thing.resource].pop(thing.key)
        self._unindex(before)
        self.revision += 1
        after = replace(before, revision=self.revision)
        self._histories[thing.resource].append(Happening(ChangeType.DELETED, self.revision, after, before))
        self._mark(after, before)

    def _index(self, thing: Resource) -> None:
        if isinstance(thing, Workload):
            self._workloads[thing.uid] = (thing.namespace, f"{thing.resource}/{thing.name}")
        elif isinstance(thing, Pod):
            self._in_namespace.setdefault(thing.namespace, {})[thing.key] = None
            if thing.owner is not None:
                self._of_owner.setdefault(thing.owner.uid, {})[thing.key] = None
            if thing.node:
                self._on_node.setdefault(thing.node, {})[thing.key] = None
                if not thing.finished:
                    self.loads.setdefault(thing.node, Load()).count(thing, +1)
            elif thing.deletes_at is None:
                self._unplaced[thing.key] = None

    def _unindex(self, thing: Resource) -> None:
        if isinstance(thing, Workload):
            self._workloads.pop(thing.uid, None)
        elif isinstance(thing, Pod):
            self._in_namespace[thing.namespace].pop(thing.key)
            if thing.owner is not None:
                self._of_owner[thing.owner.uid].pop(thing.key)
            if thing.node:
                self._on_node[thing.node].pop(thing.key)
                if not thing.finished:
                    self.loads[thing.node].count(thing, -1)
            self._unplaced.pop(thing.key, None)

    def _mark(self, after: Resource, before: Resource | None) -> None:
        pending = self.pending
        if isinstance(after, Pod):
            pending.budgets[after.namespace] = None
            pending.room = True
            self._mark_owners(after)
        elif isinstance(after, Workload):
            pending.owners[after.uid] = None
            pending.budgets[after.namespace] = None
            self._mark_owners(after)
        elif isinstance(after, Node):
            pending.nodes[after.name] = None
            pending.room = True
        elif isinstance(after, DisruptionBudget) and (before is None or before.generation != after.generation):
            pending.budgets[after.namespace] = None

    def _mark_owners(self, thing: Resource) -> None:
        """Up the whole chain: a Deployment rolls on when a pod of its ReplicaSet gets ready."""
        owner = thing.owner
        while owner is not None:
            self.pending.owners[owner.uid] = None
            above = self.workload(owner.uid)
            owner = above.owner if above is not None else None

    # Time and chance.

    def later(self, now: float, seconds: float, act: Act) -> None:
        """``act`` when ``seconds`` of simulated life have gone by. Equal times keep their order."""
        self._agenda_count += 1
        heapq.heappush(self._agenda, (now + seconds / self.speed, self._agenda_count, act))

    @property
    def next_due(self) -> float | None:
        return self._agenda[0][0] if self._agenda else None

    def pop_due(self, now: float) -> tuple[float, Act] | None:
        if not self._agenda or self._agenda[0][0] > now:
            return None
        at, _, act = heapq.heappop(self._agenda)
        return at, act

    def new_uid(self) -> str:
        """As a version 4 UUID, from the cluster's own chance."""
        text = f"{self.rng.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:]}"

    def suffix(self, length: int = 5) -> str:
        return "".join(self.rng.choices(ALPHABET, k=length))

    def tell(
        self, about: Resource, *, kind: str, event_type: str, reason: str, message: str, source: str, now: float
    ) -> None:
        """Writes an Event, bounded: the oldest goes when there are too many."""
        events = self._objects["events"]
        if len(events) >= EVENTS_KEPT:
            self.remove(next(iter(events.values())))
        where = about.namespace or "default"
        self.put(
            Event(
                name=f"{about.name}.{self.rng.getrandbits(64):016x}",
                namespace=where,
                uid=self.new_uid(),
                created=now,
                about=about.key,
                about_kind=kind,
                about_uid=about.uid,
                type=event_type,
                reason=reason,
                message=message,
                source=source,
                last=now,
            )
        )


EVENTS_KEPT = 500
