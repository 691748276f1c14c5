"""What the API server's audit log says a controller did: the witness that shares no code with it."""

from collections.abc import Iterable
from typing import Any

from fleetui.model.operation import Plan

Event = dict[str, Any]


def mutations(events: Iterable[Event], *, user: str, machines: set[str], namespace: str) -> list[Event]:
    """What ``user`` tried to change of these machines and in this namespace; access reviews change nothing."""
    return [event for event in events if event["user"]["username"] == user and _concerns(event, machines, namespace)]


def _concerns(event: Event, machines: set[str], namespace: str) -> bool:
    ref = event.get("objectRef", {})
    if ref.get("resource") == "selfsubjectaccessreviews":
        return False
    return ref.get("name") in machines if ref.get("resource") == "nodes" else ref.get("namespace") == namespace


def is_dry_run(event: Event) -> bool:
    return "dryRun=All" in event["requestURI"]


def faults(events: list[Event], plan: Plan | None) -> list[str]:
    """Everything in the log that must not be there; empty when the controller behaved."""
    planned = {pod.uid for step in plan.steps for pod in step.pods if pod.action == "evict"} if plan else set()
    found: list[str] = []
    accepted: set[str] = set()
    for event in events:
        said = f"{event['verb']} {event['requestURI']}"
        kind = (event["verb"], event["objectRef"]["resource"], event["objectRef"].get("subresource", ""))
        if kind == ("patch", "nodes", ""):
            if not event["requestObject"].get("metadata", {}).get("uid"):
                found.append(f"no uid precondition: {said}")
        elif kind == ("create", "pods", "eviction"):
            found.extend(_eviction_faults(event, said, planned, accepted))
        else:
            found.append(f"not a request of any operation: {said}")
    return found


def _eviction_faults(event: Event, said: str, planned: set[str], accepted: set[str]) -> Iterable[str]:
    uid = event["requestObject"].get("deleteOptions", {}).get("preconditions", {}).get("uid")
    if not uid:
        yield f"no uid precondition: {said}"
    elif uid not in planned:
        yield f"not in the plan: {said}"
    if is_dry_run(event) or event["responseStatus"].get("code") not in (200, 201):
        return
    if uid in accepted:
        yield f"evicted twice: {said}"
    accepted.add(uid)


def accepted_evictions(events: Iterable[Event]) -> list[str]:
    """The names of the pods whose eviction was accepted, oldest first."""
    return [
        event["objectRef"]["name"]
        for event in events
        if event["objectRef"].get("subresource") == "eviction"
        and not is_dry_run(event)
        and event["responseStatus"].get("code") in (200, 201)
    ]
