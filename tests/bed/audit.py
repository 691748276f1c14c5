"""What the API server writes down, and how to read it: the independent witness of what a controller really did."""

import json
from pathlib import Path
from typing import Any

Object = dict[str, Any]

# Mutations with their bodies, since uid preconditions and dry runs are in them. Not told: reads, and what the bed does
# in masses (its filler, the server's own bootstrap, heartbeats, events).
POLICY: Object = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "omitManagedFields": True,
    "rules": [
        {"level": "None", "users": ["filler", "system:apiserver"]},
        {"level": "None", "verbs": ["get", "list", "watch"]},
        {"level": "None", "resources": [{"group": "coordination.k8s.io"}, {"group": "events.k8s.io"}]},
        {"level": "None", "resources": [{"group": "", "resources": ["events"]}]},
        {"level": "RequestResponse"},
    ],
}


def read(path: Path) -> list[Object]:
    """Every whole line of the log as an event; a line that is being written is left for the next reading."""
    if not path.exists():
        return []
    whole, _, _ = path.read_bytes().rpartition(b"\n")
    return [json.loads(line) for line in whole.splitlines() if line]


def is_request(event: Object, verb: str, resource: str, *, user: str | None = None, name: str | None = None) -> bool:
    """Is this `verb` (create, patch, update, delete) on `resource` ("pods", "pods/eviction"), by `user`, on `name`?"""
    ref = event.get("objectRef", {})
    whole = "/".join(part for part in (ref.get("resource"), ref.get("subresource")) if part)
    return (
        (event["verb"], whole) == (verb, resource)
        and (user is None or event["user"]["username"] == user)
        and (name is None or ref.get("name") == name)
    )


def outline(events: list[Object]) -> str:
    """One line an event, for failure messages."""
    return "\n".join(
        f"{e['requestReceivedTimestamp']} {e['user']['username']} {e['verb']} {e['requestURI']} "
        f"-> {e.get('responseStatus', {}).get('code')}"
        for e in events
    )
