"""What runs in the demo's clusters: teams, their services, their budgets."""

from types import MappingProxyType

import msgspec

from fleetui.simulate.objects import Container, PodTemplate, Toleration

REGISTRY = "registry.corp.example"
MIB = 2**20
EVERYWHERE = (Toleration(),)
"""As the DaemonSets of the system: every taint."""
GPU_MACHINES = (Toleration(key="nvidia.com/gpu"),)


class Service(msgspec.Struct, frozen=True):
    """One workload. ``spread`` is how many machines share one replica beyond the first ``replicas``."""

    namespace: str
    name: str
    kind: str = "Deployment"
    replicas: int = 2
    spread: int = 0
    cpu_m: int = 250
    memory_mib: int = 256
    sidecars: tuple[str, ...] = ()
    min_available: str = ""
    max_unavailable: str = ""
    empty_dirs: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    host_paths: tuple[str, ...] = ()
    gpus: int = 0
    grace_s: int = 30
    starts_in_s: float = 6.0
    tag: str = "1.0.0"
    crashes: bool = False

    def count(self, machines: int) -> int:
        return self.replicas + (machines // self.spread if self.spread else 0)

    def template(self) -> PodTemplate:
        main = Container(self.name, f"{REGISTRY}/{self.namespace}/{self.name}:{self.tag}", self.cpu_m,
                         self.memory_mib * MIB)  # fmt: skip
        others = (Container(name, f"{REGISTRY}/mesh/{name}:2.9.1", 50, 64 * MIB) for name in self.sidecars)
        return PodTemplate(
            containers=(main, *others),
            labels=(("app.kubernetes.io/name", self.name), ("team", self.namespace)),
            grace_s=self.grace_s,
            empty_dirs=self.empty_dirs,
            host_paths=self.host_paths,
            claims=self.claims,
            tolerations=EVERYWHERE if self.kind == "DaemonSet" else GPU_MACHINES if self.gpus else (),
            host_network=self.kind == "DaemonSet" and self.namespace == "kube-system",
            gpus=self.gpus,
            starts_in_s=self.starts_in_s,
            crashes=self.crashes,
        )


_MESH = ("mesh-proxy",)
_SYSTEM = (
    Service("kube-system", "kube-proxy", "DaemonSet", cpu_m=50, memory_mib=64, tag="v1.35.4"),
    Service("kube-system", "cilium", "DaemonSet", cpu_m=100, host_paths=("/var/run/cilium",), tag="v1.18.3"),
    Service("kube-system", "coredns", replicas=2, cpu_m=100, memory_mib=70, max_unavailable="1", tag="v1.13.1"),
    Service("monitoring", "node-exporter", "DaemonSet", cpu_m=50, memory_mib=48, tag="v1.9.1"),
)
_FULL_SYSTEM = (
    *_SYSTEM,
    Service("kube-system", "csi-node", "DaemonSet", cpu_m=30, memory_mib=64, host_paths=("/var/lib/kubelet",)),
    Service("kube-system", "metrics-server", replicas=2, cpu_m=100, max_unavailable="1", tag="v0.8.0"),
    Service("logging", "agent", "DaemonSet", cpu_m=100, empty_dirs=("buffer",), host_paths=("/var/log",), tag="v3.2.1"),
    Service("ingress", "gateway", replicas=3, spread=20, cpu_m=500, max_unavailable="1", grace_s=60, tag="v1.34.0"),
    Service("cert-manager", "cert-manager", replicas=1, cpu_m=50, tag="v1.19.1"),
)
_COMMERCE = (
    Service("checkout", "web", replicas=6, spread=8, sidecars=_MESH, min_available="75%", tag="3.14.0"),
    Service("checkout", "cart", replicas=4, spread=12, sidecars=_MESH, max_unavailable="1", tag="2.8.3"),
    Service("checkout", "session-cache", replicas=3, empty_dirs=("data",), memory_mib=2048, max_unavailable="1"),
    Service("catalog", "api", replicas=5, spread=10, sidecars=_MESH, max_unavailable="25%", tag="5.2.1"),
    Service("catalog", "images", replicas=4, spread=16, tag="1.19.0"),
    Service("catalog", "db", "StatefulSet", replicas=3, cpu_m=2000, memory_mib=8192, max_unavailable="1",
            claims=("data-db",), grace_s=120, starts_in_s=20, tag="16.4"),
    Service("search", "query", replicas=6, spread=9, sidecars=_MESH, min_available="4", tag="7.1.0"),
    Service("search", "shards", "StatefulSet", replicas=6, cpu_m=3000, memory_mib=16384, max_unavailable="1",
            claims=("data-shards",), grace_s=90, starts_in_s=25, tag="8.15.2"),
    Service("pricing", "engine", replicas=5, spread=14, cpu_m=1000, max_unavailable="1", tag="4.0.7"),
    Service("pricing", "feed", replicas=2, tag="4.0.2"),
    Service("identity", "login", replicas=4, spread=20, sidecars=_MESH, min_available="3", tag="9.3.0"),
    Service("identity", "tokens", replicas=3, min_available="2", tag="9.1.4"),
    Service("shipping", "tracker", replicas=3, spread=15, tag="2.2.2"),
    Service("shipping", "labels", replicas=2, tag="1.7.0"),
    Service("notify", "mailer", replicas=3, tag="6.0.1"),
    Service("notify", "push", replicas=3, spread=18, tag="6.1.0"),
    Service("support", "chat", replicas=3, sidecars=_MESH, tag="0.42.0"),
)  # fmt: skip
PAYMENTS_API = Service("payments", "api", replicas=4, cpu_m=800, sidecars=_MESH, min_available="3", grace_s=45,
                       starts_in_s=12, tag="11.2.0")  # fmt: skip
"""Needs 3 of its 4; one is not ready, so whoever drains a machine of the others waits."""
_BROKEN = Service("search", "reindexer", replicas=1, crashes=True, tag="7.2.0-rc1")
_TOO_BIG = Service("ranking", "train-xl", replicas=1, gpus=8, cpu_m=16_000, memory_mib=65_536, tag="2026.11")
_GPU_WORK = Service("ranking", "inference", replicas=6, gpus=2, cpu_m=4000, memory_mib=16_384, min_available="4",
                    starts_in_s=40, tag="3.3.1")  # fmt: skip

CATALOGUES: MappingProxyType[str, tuple[Service, ...]] = MappingProxyType(
    {
        "production": (*_FULL_SYSTEM, *_COMMERCE, PAYMENTS_API, _BROKEN, _GPU_WORK, _TOO_BIG),
        "pci": (
            *_FULL_SYSTEM,
            Service("cards", "vault", "StatefulSet", replicas=3, cpu_m=1000, memory_mib=2048, max_unavailable="1",
                    claims=("data-vault",), grace_s=60, tag="1.18.2"),
            Service("cards", "tokenizer", replicas=4, sidecars=_MESH, min_available="3", tag="4.4.0"),
            Service("cards", "authorizer", replicas=6, cpu_m=1000, sidecars=_MESH, min_available="80%", tag="8.0.3"),
            Service("ledger", "writer", replicas=3, max_unavailable="1", tag="2.6.1"),
            Service("ledger", "db", "StatefulSet", replicas=3, cpu_m=4000, memory_mib=16384, max_unavailable="1",
                    claims=("data-ledger",), grace_s=180, starts_in_s=30, tag="16.4"),
            Service("fraud", "scorer", replicas=4, cpu_m=2000, max_unavailable="1", tag="1.31.0"),
        ),
        "recovery": (*_FULL_SYSTEM, *_COMMERCE[:9], PAYMENTS_API),
        "nonprod": (*_FULL_SYSTEM, *_COMMERCE, _BROKEN),
        "management": (
            *_SYSTEM,
            Service("capi-system", "capi-controller-manager", replicas=1, tag="v1.14.0"),
            Service("capi-system", "kubeadm-control-plane", replicas=1, tag="v1.14.0"),
            Service("argocd", "application-controller", "StatefulSet", replicas=1, cpu_m=500, tag="v3.2.0"),
            Service("argocd", "repo-server", replicas=2, empty_dirs=("work",), max_unavailable="1", tag="v3.2.0"),
        ),
        "platform": (
            *_FULL_SYSTEM,
            Service("registry", "harbor", replicas=3, max_unavailable="1", claims=("images",), tag="v2.13.2"),
            Service("monitoring", "prometheus", "StatefulSet", replicas=2, cpu_m=2000, memory_mib=16384,
                    max_unavailable="1", claims=("tsdb",), grace_s=300, starts_in_s=45, tag="v3.7.3"),
            Service("monitoring", "alertmanager", "StatefulSet", replicas=3, max_unavailable="1", tag="v0.29.0"),
            Service("monitoring", "grafana", replicas=2, tag="12.2.1"),
            Service("logging", "loki", "StatefulSet", replicas=3, memory_mib=4096, max_unavailable="1", tag="3.6.0"),
        ),
        "data": (
            *_FULL_SYSTEM,
            Service("orders", "postgres", "StatefulSet", replicas=3, cpu_m=4000, memory_mib=32_768, min_available="3",
                    claims=("pgdata",), grace_s=180, starts_in_s=40, tag="16.4"),
            Service("events", "kafka", "StatefulSet", replicas=5, cpu_m=2000, memory_mib=16_384, max_unavailable="1",
                    claims=("log",), grace_s=120, starts_in_s=30, tag="4.1.0"),
            Service("cache", "redis", "StatefulSet", replicas=6, memory_mib=8192, max_unavailable="1", tag="7.4.1"),
            Service("lake", "compactor", replicas=3, empty_dirs=("scratch",), tag="0.9.3"),
        ),
        "learning": (
            *_FULL_SYSTEM, _GPU_WORK,
            Service("train", "sweep", replicas=5, gpus=2, cpu_m=8000, memory_mib=32_768, empty_dirs=("scratch",)),
            _TOO_BIG,
        ),
        "runners": (
            *_SYSTEM,
            Service("ci", "runner", replicas=24, cpu_m=2000, memory_mib=4096, empty_dirs=("work",), tag="2.330.0"),
            Service("ci", "controller", replicas=2, max_unavailable="1", tag="0.12.1"),
            Service("ci", "cache", "StatefulSet", replicas=3, memory_mib=8192, max_unavailable="1", claims=("blobs",)),
        ),
        "sandbox": (*_SYSTEM, Service("playground", "notebook", replicas=4, empty_dirs=("home",), tag="4.4.5")),
        "store": (
            *_SYSTEM,
            Service("pos", "till", replicas=2, max_unavailable="1", tag="21.4.0"),
            Service("pos", "stock-sync", replicas=1, tag="3.0.9"),
            Service("vision", "counter", replicas=1, cpu_m=2000, empty_dirs=("frames",), tag="0.8.8"),
        ),
    }
)  # fmt: skip
