"""Label and field selectors as they stand in a query, parsed into one test of an object."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import cast

from fleetui.simulate.history import Chooser
from fleetui.simulate.objects import Event, Node, Pod, Resource
from fleetui.simulate.refusals import bad_request
from fleetui.simulate.request import Refused, everything

_KEY = r"[A-Za-z0-9./_-]+"
_SET = re.compile(rf"^({_KEY})\s+(in|notin)\s+\(([^)]*)\)$")
_EQUALS = re.compile(rf"^({_KEY})\s*(==|=|!=)\s*(\S*)$")
_EXISTS = re.compile(rf"^(!?)\s*({_KEY})$")
_FIELD = re.compile(r"^([A-Za-z.]+)(==|=|!=)(.*)$")
_SEPARATOR = re.compile(r",(?![^(]*\))")

Labels = Mapping[str, str]


def chooser(*, labels: str, fields: str, resource: str) -> Chooser:
    """Raises Refused with 400 where the server would."""
    tests = [*_label_tests(labels), *_field_tests(fields, resource)]
    if not tests:
        return everything
    return lambda thing: all(test(thing) for test in tests)


def _label_tests(text: str) -> list[Chooser]:
    if not text.strip():
        return []
    parsed = [_requirement(part.strip()) for part in _SEPARATOR.split(text)]
    return [lambda thing: all(test(dict(thing.labels)) for test in parsed)]


def _requirement(text: str) -> Callable[[Labels], bool]:
    if found := _SET.match(text):
        key, operator, listed = found.groups()
        values = {value.strip() for value in listed.split(",")}
        if operator == "in":
            return lambda labels: labels.get(key) in values
        return lambda labels: labels.get(key) not in values
    if found := _EQUALS.match(text):
        key, operator, value = found.groups()
        if operator == "!=":
            return lambda labels: labels.get(key) != value
        return lambda labels: labels.get(key) == value
    if found := _EXISTS.match(text):
        absent, key = found.groups()
        return lambda labels: (key in labels) != bool(absent)
    raise Refused(bad_request(f"unable to parse requirement: {text!r}"))


Field = Callable[[Resource], str]


def _field_tests(text: str, resource: str) -> list[Chooser]:
    return [_field_test(part, resource) for part in text.split(",") if part]


def _field_test(text: str, resource: str) -> Chooser:
    found = _FIELD.match(text)
    if found is None:
        raise Refused(bad_request(f"invalid field selector: {text!r}"))
    name, operator, value = found.groups()
    field = _COMMON.get(name) or _FIELDS.get(resource, {}).get(name)
    if field is None:
        raise Refused(bad_request(f"field label not supported: {name}"))
    if operator == "!=":
        return lambda thing: field(thing) != value
    return lambda thing: field(thing) == value


def _pod(read: Callable[[Pod], str]) -> Field:
    return lambda thing: read(cast("Pod", thing))


def _event(read: Callable[[Event], str]) -> Field:
    return lambda thing: read(cast("Event", thing))


_COMMON: MappingProxyType[str, Field] = MappingProxyType(
    {"metadata.name": lambda thing: thing.name, "metadata.namespace": lambda thing: thing.namespace}
)
_FIELDS: MappingProxyType[str, dict[str, Field]] = MappingProxyType(
    {
        "pods": {
            "spec.nodeName": _pod(lambda pod: pod.node),
            "status.phase": _pod(lambda pod: pod.phase),
            "status.podIP": _pod(lambda pod: pod.ip),
        },
        "nodes": {"spec.unschedulable": lambda thing: str(cast("Node", thing).unschedulable).lower()},
        "events": {
            "involvedObject.kind": _event(lambda event: event.about_kind),
            "involvedObject.name": _event(lambda event: event.about[1]),
            "involvedObject.namespace": _event(lambda event: event.about[0]),
            "involvedObject.uid": _event(lambda event: event.about_uid),
            "reason": _event(lambda event: event.reason),
            "type": _event(lambda event: event.type),
        },
    }
)
