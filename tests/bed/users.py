"""Who may do what on a bed cluster: the token file and the roles behind it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Object = dict[str, Any]
_READ = ["get", "list", "watch"]


@dataclass(frozen=True)
class User:
    """A user with a static token `tok-NAME`; `rules` are RBAC rules, cluster-wide unless `namespace` is set."""

    name: str
    why: str
    groups: tuple[str, ...] = ()
    rules: tuple[Object, ...] = ()
    namespace: str | None = None
    audited: bool = field(default=True)

    @property
    def token(self) -> str:
        return f"tok-{self.name}"


def rule(verbs: list[str], *resources: str, group: str = "") -> Object:
    return {"apiGroups": [group], "resources": list(resources), "verbs": verbs}


_PLACES = rule(_READ, "nodes", "namespaces")
_WORK = rule(_READ, "pods", "events", "replicationcontrollers", "persistentvolumeclaims")
_OWNERS = (
    rule(_READ, "deployments", "replicasets", "statefulsets", "daemonsets", group="apps"),
    rule(_READ, "jobs", group="batch"),
    rule(_READ, "poddisruptionbudgets", group="policy"),
)
USERS = (
    User("admin", "may do everything", groups=("system:masters",)),
    User("other", "a second operator who may do everything", groups=("system:masters",)),
    User("filler", "makes data that the audit log need not tell", groups=("system:masters",), audited=False),
    User("controllers", "kube-controller-manager", groups=("system:masters",)),
    User("scheduler", "kube-scheduler", groups=("system:masters",)),
    User("kubelets", "kwok", groups=("system:masters",)),
    User("viewer", "reads everything a console shows, changes nothing", rules=(_PLACES, _WORK, *_OWNERS)),
    User("nodes-only", "sees machines and no pods: 403 on pods", rules=(_PLACES,)),
    User("pods-only", "sees pods and no machines: 403 on nodes", rules=(_WORK,)),
    User("tenant", "sees the pods of namespace `tenant` alone", rules=(_WORK, *_OWNERS), namespace="tenant"),
    User("nobody", "is known and may do nothing: 403 everywhere"),
    User(
        "drainer",
        "may cordon and evict, and not delete",
        rules=(
            _PLACES,
            _WORK,
            *_OWNERS,
            rule(["patch"], "nodes"),
            rule(["create"], "pods/eviction"),
        ),
    ),
)


def token_lines() -> str:
    """The API server's --token-auth-file."""
    return "".join(f'{u.token},{u.name},{u.name},"{",".join(u.groups)}"\n' for u in USERS)


def grants() -> Iterator[tuple[str, Object]]:
    """(path to POST to, object) for every role and binding, in order."""
    for user in USERS:
        if user.rules:
            yield from _grant(user)


def _grant(user: User) -> Iterator[tuple[str, Object]]:
    base, prefix = "/apis/rbac.authorization.k8s.io/v1", "Cluster"
    if user.namespace:
        yield "/api/v1/namespaces", {"metadata": {"name": user.namespace}}
        base, prefix = f"{base}/namespaces/{user.namespace}", ""
    name = {"name": f"bed-{user.name}"}
    yield f"{base}/{prefix.lower()}roles", {"metadata": name, "rules": list(user.rules)}
    group = "rbac.authorization.k8s.io"
    yield (
        f"{base}/{prefix.lower()}rolebindings",
        {
            "metadata": name,
            "roleRef": {"apiGroup": group, "kind": f"{prefix}Role", "name": f"bed-{user.name}"},
            "subjects": [{"apiGroup": group, "kind": "User", "name": user.name}],
        },
    )
