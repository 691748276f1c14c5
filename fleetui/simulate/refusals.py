"""The API server's refusals, in its own words (recorded from kube-apiserver 1.36.3)."""

from fleetui.simulate.kinds import BY_RESOURCE
from fleetui.simulate.objects import Resource
from fleetui.simulate.request import Cause, Status

OVER_BUDGET = "Cannot evict pod as it would violate the pod's disruption budget."
SEVERAL_BUDGETS = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"


def not_found(resource: str, name: str) -> Status:
    kind = BY_RESOURCE[resource]
    return Status(404, f'{kind.qualified} "{name}" not found', "NotFound", name=name, kind=resource, group=kind.group)


def no_such_resource() -> Status:
    return Status(404, "the server could not find the requested resource", "NotFound")


def unauthorized() -> Status:
    return Status(401, "Unauthorized", "Unauthorized")


def bad_request(message: str) -> Status:
    return Status(400, message, "BadRequest")


def forbidden(*, user: str, verb: str, resource: str, group: str = "", namespace: str = "", name: str = "") -> Status:
    plural = resource.partition("/")[0]
    qualified = f"{plural}.{group}" if group else plural
    subject = f'{qualified} "{name}"' if name else qualified
    where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    message = (
        f'{subject} is forbidden: User "{user}" cannot {verb} resource "{resource}" in API group "{group}" {where}'
    )
    return Status(403, message, "Forbidden", name=name, kind=plural, group=group)


def method_not_allowed() -> Status:
    return Status(405, "the server does not allow this method on the requested resource", "MethodNotAllowed")


def expired(message: str) -> Status:
    return Status(410, message, "Expired")


def bad_version(version: str) -> Status:
    wrong = f'resourceVersion: Invalid value: "{version}": strconv.ParseUint: parsing "{version}": invalid syntax'
    return Status(500, wrong)


def unsupported_media_type() -> Status:
    return Status(415, "415: Unsupported Media Type", "UnsupportedMediaType")


def throttled() -> Status:
    return Status(429, "too many requests, please try again later", "TooManyRequests", retry_after_s=1)


def internal_error(said: str = "") -> Status:
    return Status(500, said or "Internal error occurred: the simulation was told to fail", "InternalError")


def modified(thing: Resource) -> Status:
    kind = BY_RESOURCE[thing.resource]
    message = f'Operation cannot be fulfilled on {kind.qualified} "{thing.name}": {MODIFIED}'
    return Status(409, message, "Conflict", name=thing.name, kind=thing.resource, group=kind.group)


def other_uid(thing: Resource, uid: str) -> Status:
    """To a delete or an eviction with a uid precondition. (A PATCH with another uid answers ``immutable``.)"""
    kind = BY_RESOURCE[thing.resource].kind
    message = (
        f'Operation cannot be fulfilled on {kind} "{thing.name}": the UID in the precondition ({uid}) does not match '
        f"the UID in record ({thing.uid}). The object might have been deleted and then recreated"
    )
    return Status(409, message, "Conflict", name=thing.name, kind=kind)


def other_version(thing: Resource, version: str) -> Status:
    kind = BY_RESOURCE[thing.resource].kind
    message = (
        f'Operation cannot be fulfilled on {kind} "{thing.name}": the ResourceVersion in the precondition ({version}) '
        f"does not match the ResourceVersion in record ({thing.revision}). The object might have been modified"
    )
    return Status(409, message, "Conflict", name=thing.name, kind=kind)


def immutable(thing: Resource, field: str, value: str) -> Status:
    kind = BY_RESOURCE[thing.resource]
    wrong = f'Invalid value: "{value}": field is immutable'
    cause = Cause("FieldValueInvalid", wrong, field)
    message = f'{kind.kind} "{thing.name}" is invalid: {field}: {wrong}'
    return Status(422, message, "Invalid", name=thing.name, kind=kind.kind, group=kind.group, causes=(cause, cause))


def invalid(message: str) -> Status:
    """A body that does not decode into the kind."""
    return Status(422, f' "" is invalid: patch: {message}', "Invalid")


def already_exists(resource: str, name: str) -> Status:
    kind = BY_RESOURCE[resource]
    message = f'{kind.qualified} "{name}" already exists'
    return Status(409, message, "AlreadyExists", name=name, kind=resource, group=kind.group)


def over_budget(cause: str) -> Status:
    return Status(429, OVER_BUDGET, "TooManyRequests", causes=(Cause("DisruptionBudget", cause),))


def several_budgets() -> Status:
    return Status(500, SEVERAL_BUDGETS)
