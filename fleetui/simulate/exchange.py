"""One HTTP request to one cluster, read into a request of the World, and its answer written back."""

from collections.abc import Mapping

import msgspec

from fleetui.simulate import refusals
from fleetui.simulate.encoding import Form
from fleetui.simulate.host import Host
from fleetui.simulate.kinds import BY_RESOURCE
from fleetui.simulate.request import Answer, Create, Delete, Document, Evict, Get, List, Patch, Refused
from fleetui.simulate.route import REVIEWS, Route
from fleetui.simulate.selectors import chooser
from fleetui.simulate.streaming import LONGEST_S, WatchQuery

MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
_TRUE = ("true", "1")


class Exchange(msgspec.Struct, frozen=True):
    """What was asked, without HTTP: the method, the route, the query, the body."""

    method: str
    route: Route
    query: Mapping[str, str]
    body: bytes = b""
    content_type: str = ""

    @property
    def verb(self) -> str:
        """As RBAC and the server's messages say it."""
        match self.method:
            case "GET":
                return "watch" if self.watching else "get" if self.route.name else "list"
            case "POST":
                return "create"
        return self.method.lower()

    @property
    def watching(self) -> bool:
        return self.method == "GET" and self.query.get("watch", "") in _TRUE

    def watch_query(self) -> WatchQuery:
        """Raises Refused."""
        query = self.query
        where = {"metadata.name": self.route.name, "metadata.namespace": self.route.namespace}
        path = [f"{field}={value}" for field, value in where.items() if value]
        fields = ",".join(part for part in (query.get("fieldSelector", ""), *path) if part)
        seconds = query.get("timeoutSeconds", "")
        return WatchQuery(
            resource=self.route.resource,
            chosen=chooser(labels=query.get("labelSelector", ""), fields=fields, resource=self.route.resource),
            since=query.get("resourceVersion", ""),
            bookmarks=query.get("allowWatchBookmarks", "") in _TRUE,
            initial=query.get("sendInitialEvents", "") in _TRUE,
            timeout_s=float(seconds) if seconds.isdecimal() and int(seconds) else LONGEST_S,
        )


def perform(exchange: Exchange, host: Host, form: Form) -> tuple[int, Document]:
    """(HTTP code, body). Raises Refused."""
    route = exchange.route
    match exchange.method, route.subresource:
        case "GET", "" if route.name:
            return _one(host.ask(Get(route.resource, route.name, route.namespace)), host, form)
        case "GET", "":
            return _list(exchange, host, form)
        case "PATCH", "" | "status" if route.name:
            return _one(host.ask(_patch(exchange)), host, form)
        case "DELETE", "" if route.name:
            return _one(host.ask(_delete(exchange)), host, form)
        case "POST", "" if not route.name:
            return _one(host.ask(Create(route.resource, _json(exchange), route.namespace)), host, form)
    raise Refused(refusals.method_not_allowed())


def _list(exchange: Exchange, host: Host, form: Form) -> tuple[int, Document]:
    query, route = exchange.query, exchange.route
    limit = query.get("limit", "0")
    chosen = chooser(
        labels=query.get("labelSelector", ""), fields=query.get("fieldSelector", ""), resource=route.resource
    )
    # resourceVersion=0 is answered from the watch cache, whole, whatever the limit says.
    whole = query.get("resourceVersion") == "0" or not limit.isdecimal()
    answer = host.ask(
        List(route.resource, route.namespace, chosen, 0 if whole else int(limit), query.get("continue", ""))
    )
    _check(answer)
    return 200, form.many(answer, host.now())


def _one(answer: Answer, host: Host, form: Form) -> tuple[int, Document]:
    _check(answer)
    return answer.code, form.one(answer.item, host.now())


def _check(answer: Answer) -> None:
    if answer.status is not None and not answer.status.success:
        raise Refused(answer.status)


def _patch(exchange: Exchange) -> Patch:
    content_type = exchange.content_type.partition(";")[0].strip()
    if content_type not in (MERGE, STRATEGIC):
        raise Refused(refusals.unsupported_media_type())
    route = exchange.route
    if "patch" not in BY_RESOURCE[route.resource].verbs:
        raise Refused(refusals.method_not_allowed())
    return Patch(
        route.resource, route.name, _json(exchange), route.namespace, strategic=content_type == STRATEGIC,
        dry_run=_is_dry(exchange, {}), status=bool(route.subresource),
    )  # fmt: skip


def _delete(exchange: Exchange) -> Delete:
    options = _json(exchange) if exchange.body else {}
    route = exchange.route
    return Delete(route.resource, route.name, route.namespace, **_deletion(exchange, options))


def eviction(exchange: Exchange) -> Evict:
    """Of the body of a POST to pods/NAME/eviction. Raises Refused."""
    body, route = _json(exchange), exchange.route
    meta = body.get("metadata") or {}
    if meta.get("name") not in (None, "", route.name):
        raise Refused(refusals.bad_request("name in URL does not match name in Eviction object"))
    return Evict(route.namespace, route.name, **_deletion(exchange, body.get("deleteOptions") or {}))


def review(exchange: Exchange, host: Host) -> Document:
    """A SelfSubjectAccessReview with its status."""
    body = _json(exchange)
    asked = (body.get("spec") or {}).get("resourceAttributes") or {}
    resource = "/".join(part for part in (asked.get("resource", ""), asked.get("subresource", "")) if part)
    allowed = not host.trouble.denies(asked.get("verb", ""), resource)
    head = {"kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "metadata": {}}
    return {**head, "spec": body.get("spec"), "status": {"allowed": allowed}}


def is_review(exchange: Exchange) -> bool:
    return exchange.method == "POST" and exchange.route.resource == REVIEWS


def is_eviction(exchange: Exchange) -> bool:
    return exchange.method == "POST" and exchange.route.qualified == "pods/eviction"


class _Preconditions(msgspec.Struct, frozen=True, rename="camel"):
    uid: str = ""
    resource_version: str = ""


class _DeleteOptions(msgspec.Struct, frozen=True, rename="camel"):
    preconditions: _Preconditions | None = None
    grace_period_seconds: int | None = None
    dry_run: tuple[str, ...] | None = None


def _deletion(exchange: Exchange, options: Document) -> Document:
    try:
        said = msgspec.convert(options, _DeleteOptions)
    except msgspec.ValidationError as error:
        raise Refused(refusals.bad_request(f"invalid DeleteOptions: {error}")) from error
    preconditions = said.preconditions or _Preconditions()
    return {
        "uid": preconditions.uid,
        "resource_version": preconditions.resource_version,
        "grace_s": said.grace_period_seconds,
        "dry_run": bool(said.dry_run) or "All" in exchange.query.get("dryRun", ""),
    }


def _is_dry(exchange: Exchange, options: Document) -> bool:
    return "All" in exchange.query.get("dryRun", "") or bool(options.get("dryRun"))


def _json(exchange: Exchange) -> Document:
    try:
        body = msgspec.json.decode(exchange.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(refusals.bad_request(f"error decoding {_BODY[exchange.method]}: {error}")) from error
    if not isinstance(body, dict):
        raise Refused(refusals.bad_request("the body is not an object"))
    return body


_BODY = {"PATCH": "patch", "POST": "object", "DELETE": "options"}
