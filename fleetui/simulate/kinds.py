"""The kinds a simulated cluster serves: how discovery names them and under which path they live."""

from types import MappingProxyType

import msgspec

READ = ("get", "list", "watch")
WRITTEN = ("create", "delete", "get", "list", "patch", "watch")


class Kind(msgspec.Struct, frozen=True):
    resource: str
    singular: str
    kind: str
    group: str = ""
    version: str = "v1"
    namespaced: bool = True
    short: tuple[str, ...] = ()
    verbs: tuple[str, ...] = READ
    categories: tuple[str, ...] = ()

    @property
    def group_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """As in the server's messages: ``poddisruptionbudgets.policy``."""
        return f"{self.resource}.{self.group}" if self.group else self.resource


EMPTY = (
    Kind("configmaps", "configmap", "ConfigMap", short=("cm",)),
    Kind("secrets", "secret", "Secret"),
    Kind("controllerrevisions", "controllerrevision", "ControllerRevision", "apps"),
    Kind("certificatesigningrequests", "certificatesigningrequest", "CertificateSigningRequest", "certificates.k8s.io",
         namespaced=False, short=("csr",)),
)  # fmt: skip
"""Every real server has these, and clients ask for them; a simulated cluster holds none."""

KINDS = (
    Kind("events", "event", "Event", short=("ev",)),
    Kind("namespaces", "namespace", "Namespace", namespaced=False, short=("ns",), verbs=("create", *READ)),
    Kind("nodes", "node", "Node", namespaced=False, short=("no",), verbs=WRITTEN),
    Kind("pods", "pod", "Pod", short=("po",), verbs=WRITTEN, categories=("all",)),
    Kind("daemonsets", "daemonset", "DaemonSet", "apps", short=("ds",), verbs=WRITTEN, categories=("all",)),
    Kind("deployments", "deployment", "Deployment", "apps", short=("deploy",), verbs=WRITTEN, categories=("all",)),
    Kind("replicasets", "replicaset", "ReplicaSet", "apps", short=("rs",), verbs=WRITTEN, categories=("all",)),
    Kind("statefulsets", "statefulset", "StatefulSet", "apps", short=("sts",), verbs=WRITTEN, categories=("all",)),
    *EMPTY,
    Kind("poddisruptionbudgets", "poddisruptionbudget", "PodDisruptionBudget", "policy", short=("pdb",), verbs=WRITTEN),
)
BY_RESOURCE = MappingProxyType({kind.resource: kind for kind in KINDS})
GROUPS = ("apps", "authorization.k8s.io", "certificates.k8s.io", "policy")
