"""What a simulated cluster says it can do: enough for kubectl to find its way, in the old and the aggregated form."""

from fleetui.simulate.kinds import GROUPS, KINDS, Kind
from fleetui.simulate.request import Document

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_AGGREGATED = {"api": ("",), "apis": GROUPS}
_CREATE_ONLY = ("create",)


def wants_aggregated(accept: str) -> bool:
    return "g=apidiscovery.k8s.io" in accept and "v=v2;" in accept.replace(" ", "") + ";"


def find(path: str, accept: str) -> tuple[str, Document] | None:
    """(content type, document) of a discovery path without its slashes; None when it is none."""
    if wants_aggregated(accept) and path in _AGGREGATED:
        return AGGREGATED, aggregated(_AGGREGATED[path])
    match path.split("/"):
        case ["api"]:
            document = api_versions()
        case ["apis"]:
            document = api_groups()
        case ["api", "v1"]:
            document = resources("")
        case ["apis", group] if group in GROUPS:
            document = {"kind": "APIGroup", "apiVersion": "v1", **api_group(group)}
        case ["apis", group, "v1"] if group in GROUPS:
            document = resources(group)
        case _:
            return None
    return "application/json", document


def version_document(version: str) -> Document:
    major, minor = version.lstrip("v").split(".")[:2]
    return {
        "major": major, "minor": minor, "gitVersion": version, "gitCommit": "simulated", "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z", "goVersion": "go1.26", "compiler": "gc", "platform": "linux/amd64",
    }  # fmt: skip


def api_versions() -> Document:
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}


def api_groups() -> Document:
    groups = [api_group(name) for name in GROUPS]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def api_group(name: str) -> Document:
    version = {"groupVersion": f"{name}/v1", "version": "v1"}
    return {"name": name, "versions": [version], "preferredVersion": version}


def resources(group: str) -> Document:
    """The APIResourceList of a group; the core group is empty."""
    listed: list[Document] = []
    for kind in KINDS:
        if kind.group == group:
            listed.append(_resource(kind))
            listed += [_subresource(kind, *each) for each in _subresources(kind)]
    if group == "authorization.k8s.io":
        listed.append(
            {"name": "selfsubjectaccessreviews", "singularName": "selfsubjectaccessreview", "namespaced": False,
             "kind": "SelfSubjectAccessReview", "verbs": ["create"]}
        )  # fmt: skip
    group_version = f"{group}/v1" if group else "v1"
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": listed}


def _resource(kind: Kind) -> Document:
    document: Document = {
        "name": kind.resource, "singularName": kind.singular, "namespaced": kind.namespaced, "kind": kind.kind,
        "verbs": list(kind.verbs),
    }  # fmt: skip
    if kind.short:
        document["shortNames"] = list(kind.short)
    if kind.categories:
        document["categories"] = list(kind.categories)
    return document


def _subresources(kind: Kind) -> tuple[tuple[str, str, str], ...]:
    """(name, kind, group) of those that are served."""
    return (("eviction", "Eviction", "policy"),) if kind.resource == "pods" else ()


def _subresource(kind: Kind, name: str, responds: str, group: str) -> Document:
    return {
        "name": f"{kind.resource}/{name}", "singularName": "", "namespaced": kind.namespaced, "group": group,
        "version": "v1", "kind": responds, "verbs": list(_CREATE_ONLY),
    }  # fmt: skip


def aggregated(groups: tuple[str, ...]) -> Document:
    """An APIGroupDiscoveryList; ``("",)`` is what /api answers."""
    items = [
        {
            "metadata": {"name": group, "creationTimestamp": None} if group else {"creationTimestamp": None},
            "versions": [{"version": "v1", "resources": _aggregated_resources(group), "freshness": "Current"}],
        }
        for group in groups
    ]
    return {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items}


def _aggregated_resources(group: str) -> list[Document]:
    listed = [_aggregated_resource(kind) for kind in KINDS if kind.group == group]
    if group == "authorization.k8s.io":
        review = {"group": group, "version": "v1", "kind": "SelfSubjectAccessReview"}
        listed.append(
            {"resource": "selfsubjectaccessreviews", "responseKind": review, "scope": "Cluster",
             "singularResource": "selfsubjectaccessreview", "verbs": ["create"]}
        )  # fmt: skip
    return listed


def _aggregated_resource(kind: Kind) -> Document:
    document: Document = {
        "resource": kind.resource,
        "responseKind": {"group": kind.group, "version": kind.version, "kind": kind.kind},
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "singularResource": kind.singular,
        "verbs": list(kind.verbs),
    }
    if kind.short:
        document["shortNames"] = list(kind.short)
    if kind.categories:
        document["categories"] = list(kind.categories)
    subresources = [
        {"subresource": name, "responseKind": {"group": group, "version": "v1", "kind": responds}, "verbs": ["create"]}
        for name, responds, group in _subresources(kind)
    ]
    return {**document, "subresources": subresources} if subresources else document
