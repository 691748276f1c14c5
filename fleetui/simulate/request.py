"""What can be asked of a simulated cluster, and what it answers: the one language of both faces.

Codes, reasons and messages are the real API server's (1.36), so that a client cannot tell which one it met.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from fleetui.simulate.objects import Resource

Document = dict[str, Any]
"""A decoded JSON object, as it came over the wire."""


def everything(_: Resource) -> bool:
    return True


class List(msgspec.Struct, frozen=True):
    resource: str
    namespace: str = ""
    """Empty lists all namespaces."""
    chosen: Callable[[Resource], bool] = everything
    """Label and field selectors, parsed."""
    limit: int = 0
    """0 is no limit."""
    continue_: str = ""


class Get(msgspec.Struct, frozen=True):
    resource: str
    name: str
    namespace: str = ""


class Patch(msgspec.Struct, frozen=True):
    resource: str
    name: str
    patch: Document
    namespace: str = ""
    strategic: bool = False
    dry_run: bool = False
    status: bool = False
    """Of the status subresource: what only a kubelet writes."""


class Create(msgspec.Struct, frozen=True):
    resource: str
    manifest: Document
    namespace: str = ""


class Delete(msgspec.Struct, frozen=True):
    resource: str
    name: str
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    grace_s: int | None = None
    dry_run: bool = False


class Evict(msgspec.Struct, frozen=True):
    namespace: str
    name: str
    uid: str = ""
    resource_version: str = ""
    grace_s: int | None = None
    dry_run: bool = False


Request = List | Get | Patch | Create | Delete | Evict


class Cause(msgspec.Struct, frozen=True):
    reason: str
    message: str
    field: str = ""


class Status(msgspec.Struct, frozen=True):
    """A metav1.Status. ``reason`` is empty where the server sends none."""

    code: int
    message: str = ""
    reason: str = ""
    name: str = ""
    kind: str = ""
    group: str = ""
    causes: tuple[Cause, ...] = ()
    retry_after_s: int | None = None

    @property
    def success(self) -> bool:
        return self.code < 400


class Answer(msgspec.Struct, frozen=True):
    """``status`` stands where there is no object: failures, and the success of an eviction."""

    code: int
    items: tuple[Resource, ...] = ()
    revision: int = 0
    continue_: str = ""
    remaining: int | None = None
    status: Status | None = None

    @property
    def item(self) -> Resource:
        """The one object of a successful get, patch, create or delete."""
        return self.items[0]


class Refused(Exception):  # noqa: N818 - an answer on its way out, not a failure of the program
    """Ends a request with a status."""

    def __init__(self, status: Status) -> None:
        super().__init__(status.message)
        self.status = status
