"""What the API server's audit log says a controller did: the witness that shares no code with it.

Nothing is left out by where it happened: whatever the controller's user tried to change, in any namespace and on any
machine, is judged.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from fleetui.model.journal import EffectIntended
from fleetui.model.operation import Plan

Event = dict[str, Any]
Uids = Mapping[str, str]
"""``node wk-1``, ``pod drill/api-1`` to the uid that the server gave it, as read by the test itself."""


def mutations(events: Iterable[Event], *, user: str, since: float) -> list[Event]:
    """All that ``user`` has tried to change since then (Unix seconds), oldest first; access reviews change nothing."""
    ours = [event for event in events if event["user"]["username"] == user and received(event) >= since]
    kept = [event for event in ours if _ref(event).get("resource") != "selfsubjectaccessreviews"]
    return sorted(kept, key=received)


def received(event: Event) -> float:
    """When the request reached the server; Unix seconds."""
    return dt.datetime.fromisoformat(event["requestReceivedTimestamp"]).timestamp()


def _ref(event: Event) -> dict[str, str]:
    return event.get("objectRef", {})  # type: ignore[no-any-return]


def is_dry_run(event: Event) -> bool:
    return "dryRun=All" in event["requestURI"]


def is_accepted(event: Event) -> bool:
    """Whether it has changed something."""
    return not is_dry_run(event) and event["responseStatus"].get("code") in (200, 201)


def faults(events: Iterable[Event], plan: Plan | None, uids: Uids) -> list[str]:
    """Everything in the log that must not be there; empty when the controller behaved."""
    targets = {target.name: target.uid for target in plan.intent.targets} if plan else {}
    pods = {pod.uid for step in plan.steps for pod in step.pods if pod.action == "evict"} if plan else set()
    found: list[str] = []
    accepted: set[str] = set()
    for event in events:
        said = f"{event['verb']} {event['requestURI']}"
        match _kind(event):
            case ("patch", "nodes", ""):
                found.extend(_patch_faults(event, said, targets, uids))
            case ("create", "pods", "eviction"):
                found.extend(_eviction_faults(event, said, pods, uids, accepted))
            case _:
                found.append(f"not a request of any operation: {said}")
    return found


def _kind(event: Event) -> tuple[str, str, str]:
    ref = _ref(event)
    return event["verb"], ref.get("resource", ""), ref.get("subresource", "")


def _object(event: Event) -> str:
    ref = _ref(event)
    return f"node {ref['name']}" if ref["resource"] == "nodes" else f"pod {ref['namespace']}/{ref['name']}"


def _uid(event: Event) -> str:
    """Of the precondition; empty where there is none."""
    asked = event["requestObject"]
    meta = asked.get("metadata", {}) if _ref(event)["resource"] == "nodes" else _preconditions(asked)
    return str(meta.get("uid") or "")


def _preconditions(eviction: dict[str, Any]) -> dict[str, Any]:
    return eviction.get("deleteOptions", {}).get("preconditions", {})  # type: ignore[no-any-return]


def _patch_faults(event: Event, said: str, targets: Mapping[str, str], uids: Uids) -> Iterable[str]:
    uid, name = _uid(event), _ref(event)["name"]
    if not event["requestObject"].get("metadata", {}).get("resourceVersion"):
        yield f"no resourceVersion precondition: {said}"
    if not uid:
        yield f"no uid precondition: {said}"
    elif targets.get(name) != uid:
        yield f"not a machine of the plan: {said}"
    elif uids.get(_object(event)) != uid:
        yield f"another object's uid: {said}"


def _eviction_faults(event: Event, said: str, planned: set[str], uids: Uids, accepted: set[str]) -> Iterable[str]:
    uid = _uid(event)
    if not uid:
        yield f"no uid precondition: {said}"
    elif uid not in planned:
        yield f"not in the plan: {said}"
    elif uids.get(_object(event)) != uid:
        yield f"another object's uid: {said}"
    if not is_accepted(event):
        return
    if uid in accepted:
        yield f"evicted twice: {said}"
    accepted.add(uid)


def unannounced(events: Iterable[Event], intents: Iterable[EffectIntended]) -> list[str]:
    """Requests whose intent was not in the journal when they came, or that came twice for one intent."""
    intents, used, found = tuple(intents), set[str](), list[str]()
    for event in events:
        if is_dry_run(event):
            continue
        intent = announcing(event, intents)
        if intent is None:
            found.append(f"not in the journal when it came: {event['verb']} {event['requestURI']}")
        elif intent.effect_id in used:
            found.append(f"twice for one intent: {event['verb']} {event['requestURI']}")
        else:
            used.add(intent.effect_id)
    return found


def announcing(event: Event, intents: Iterable[EffectIntended]) -> EffectIntended | None:
    """The newest intent of just this change that is not younger than the request. Server and controller of a drill
    live on one machine and by one clock."""
    verb = {"patch": "PATCH", "create": "POST"}.get(event["verb"])
    wanted = (verb, _object(event), _uid(event))
    older = [it for it in intents if (it.verb, it.object, it.uid) == wanted and it.at <= received(event)]
    return max(older, key=lambda intent: intent.at, default=None)


def accepted_evictions(events: Iterable[Event]) -> list[str]:
    """The names of the pods whose eviction was accepted, oldest first."""
    return [_ref(event)["name"] for event in events if _kind(event)[2] == "eviction" and is_accepted(event)]
