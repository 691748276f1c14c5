"""Small worlds, told as the manifests one would send to a server."""

from random import Random
from typing import Any

from fleetui.simulate.blueprint import Blueprint
from fleetui.simulate.request import Answer, Create, Document, Evict, Get, List, Request
from fleetui.simulate.world import World

START = 1_800_000_000.0


class Scene:
    """A World with a hand on its time."""

    def __init__(self, *, seed: int = 1, speed: float = 1.0) -> None:
        rng = Random(seed)
        self.world = World(rng=rng, speed=speed)
        self.now = START
        draw = Blueprint(rng=rng, now=START, version="v1.36.3")
        self.world.begin(draw.namespaces(("pay",)), START)

    def ask(self, request: Request) -> Answer:
        return self.world.apply(request, self.now)

    def create(self, resource: str, manifest: Document, namespace: str = "pay") -> Any:
        answer = self.ask(Create(resource, manifest, namespace))
        assert answer.code == 201, answer.status
        return answer.item

    def later(self, seconds: float) -> None:
        self.now += seconds
        self.world.tick(self.now)

    def get(self, resource: str, name: str, namespace: str = "pay") -> Any:
        return self.ask(Get(resource, name, namespace)).item

    def gone(self, resource: str, name: str, namespace: str = "pay") -> bool:
        return self.ask(Get(resource, name, namespace)).code == 404

    def pods(self) -> list[Any]:
        return list(self.ask(List("pods", "pay")).items)

    def node(self, name: str, *, cpu: str = "8", labels: Document | None = None, **spec: Any) -> Any:
        status = {"allocatable": {"cpu": cpu, "memory": "32Gi", "pods": "110"}}
        return self.create(
            "nodes", {"metadata": {"name": name, "labels": labels or {}}, "spec": spec, "status": status}, ""
        )

    def pod(self, name: str, *, node: str = "", ready: bool = True, phase: str = "Running", **more: Any) -> Any:
        """A naked pod. ``more`` goes into the metadata (labels, finalizers) or the spec."""
        metadata = {"name": name, **{key: more.pop(key) for key in ("labels", "finalizers") if key in more}}
        conditions = [{"type": "Ready", "status": str(ready)}]
        status = {"phase": phase, "conditions": conditions} if node else {}
        return self.create("pods", {"metadata": metadata, "spec": pod_spec(nodeName=node, **more), "status": status})

    def workload(self, kind: str, name: str, *, replicas: int = 1, **spec: Any) -> Any:
        labels = {"app": name}
        template = {"metadata": {"labels": labels}, "spec": pod_spec(**spec)}
        body = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
        return self.create(f"{kind.lower()}s", {"metadata": {"name": name}, "spec": body})

    def budget(self, name: str, labels: Document, **spec: Any) -> Any:
        manifest = {"metadata": {"name": name}, "spec": {"selector": {"matchLabels": labels}, **spec}}
        self.create("poddisruptionbudgets", manifest)
        return self.get("poddisruptionbudgets", name)

    def evict(self, name: str, **options: Any) -> Answer:
        return self.ask(Evict("pay", name, **options))


def pod_spec(*, cpu: str = "100m", **spec: Any) -> Document:
    container = {"name": "c", "image": "registry.example.com/c:1", "resources": {"requests": {"cpu": cpu}}}
    return {"containers": [container], "terminationGracePeriodSeconds": 5, **spec}
