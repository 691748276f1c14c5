"""The path of a request inside one cluster: which kind, which namespace, which object, which part of it."""

import msgspec

from fleetui.simulate.kinds import BY_RESOURCE
from fleetui.simulate.refusals import no_such_resource
from fleetui.simulate.request import Refused

REVIEWS = "selfsubjectaccessreviews"


class Route(msgspec.Struct, frozen=True):
    resource: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""

    @property
    def qualified(self) -> str:
        """``pods/eviction``."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


def read(path: str) -> Route:
    """Of ``/api/v1/...`` and ``/apis/GROUP/VERSION/...``. Raises Refused with 404."""
    parts = [part for part in path.split("/") if part]
    if parts[:2] == ["api", "v1"]:
        group, rest = "", parts[2:]
    elif len(parts) > 3 and parts[0] == "apis" and parts[2] == "v1":
        group, rest = parts[1], parts[3:]
    else:
        raise Refused(no_such_resource())
    route = _inside(rest)
    known = BY_RESOURCE.get(route.resource)
    served = known is not None and known.group == group and (known.namespaced or not route.namespace)
    if not served and not (route.resource == REVIEWS and group == "authorization.k8s.io"):
        raise Refused(no_such_resource())
    return route


def _inside(parts: list[str]) -> Route:
    namespace = ""
    if len(parts) > 2 and parts[0] == "namespaces":
        namespace, parts = parts[1], parts[2:]
    if not parts or len(parts) > 3:
        raise Refused(no_such_resource())
    resource, name, subresource = (*parts, "", "")[:3]
    return Route(resource, namespace, name, subresource)
