"""What is handed over: a few files that tell the whole story to somebody without access, with nothing secret in them.

Everything is redacted as values first and written down afterwards: no way leads from a foreign text around the rules.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from fleetui.model.duration import time_text
from fleetui.model.incident.incident import Incident
from fleetui.model.incident.redaction import Redactor
from fleetui.model.incident.story import post_mortem, timeline_markdown
from fleetui.model.incident.timeline import Line, timeline, unread
from fleetui.model.text import clean_block

SCHEMA = 1


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What belongs to it beside its own record, as JSON-like values."""

    versions: Mapping[str, str]
    """Of fleetui, Python, the clusters."""
    clusters: tuple[Any, ...] = ()
    alerts: tuple[Any, ...] = ()
    operations: tuple[Any, ...] = ()
    """With their audit."""
    lacks: tuple[str, ...] = ()
    """What of these could not be had, and why."""


def redacted(incident: Incident, redactor: Redactor) -> Incident:
    """The same, with nothing secret in it. Facts tell entries apart and stand in no file."""
    said = msgspec.to_builtins(incident)
    safe = redactor.value(said, "timeline")
    for before, after in zip(said["entries"], safe["entries"], strict=True):
        after["fact"] = before.get("fact", "")
    return msgspec.convert(safe, Incident)


def as_json(incident: Incident, now: float) -> dict[str, Any]:
    """The incident and its timeline."""
    said: dict[str, Any] = msgspec.to_builtins(
        {
            "schema": SCHEMA,
            "incident": incident.id,
            "title": incident.title,
            "openedAt": time_text(incident.opened),
            "openedBy": incident.by,
            "firstSymptomAt": time_text(incident.symptom),
            "closedAt": time_text(incident.closed),
            "closedBy": incident.closed_by or None,
            "summary": incident.summary or None,
            "clusters": incident.clusters,
            "alerts": [{"name": ref.name, "cluster": ref.cluster or None} for ref in incident.alerts],
            "checklist": {item: {"by": tick.by, "at": time_text(tick.at)} for item, tick in incident.ticks.items()},
            "timeline": [_line(line) for line in timeline(incident, now)],
            "unknown": unread(incident),
        }
    )
    return said


def _line(line: Line) -> dict[str, Any]:
    return {
        "at": time_text(line.at),
        "until": time_text(line.until),
        "kind": line.kind,
        "text": line.text,
        "cluster": line.cluster or None,
        "source": line.source or None,
        "who": line.who or None,
        "level": line.level.value,
    }


def bundle(incident: Incident, around: Around, *, now: float, addresses: bool = False) -> dict[str, str]:
    """Text by file name. ``addresses``: they are taken out as well."""
    redactor = Redactor(addresses=addresses)
    safe = redacted(incident, redactor)
    files = {
        "timeline.json": written(as_json(safe, now)),
        "timeline.md": timeline_markdown(safe, now),
        "postmortem.md": post_mortem(safe, now),
    }
    beside = {"clusters": around.clusters, "alerts": around.alerts, "operations": around.operations}
    for name, rows in beside.items():
        files[f"{name}.json"] = written(redactor.value(list(rows), f"{name}.json", ours=True))
    files["versions.json"] = written(redactor.value(dict(around.versions), "versions.json"))
    files["REDACTED.md"] = _redacted(redactor, around, addresses)
    return {name: clean_block(text, line_limit=100_000) for name, text in files.items()}


def written(value: Any) -> str:
    """As a file of JSON."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"


def _redacted(redactor: Redactor, around: Around, addresses: bool) -> str:
    taken = redactor.taken
    lacks = [redactor.text(text, "REDACTED.md") for text in around.lacks]
    lines = [
        "# What was taken out of this bundle",
        "",
        *(f"- {place}: {rule}, {count} times" for rule, place, count in taken),
        *([] if taken else ["- nothing was found that had to be"]),
        "" if addresses else "\nAddresses were left in.",
        "Rules find what looks like a secret or stands under the name of one. Read before you send it further.",
        "",
        "# What could not be had",
        "",
        *(f"- {text}" for text in lacks),
        *([] if lacks else ["- nothing is missing"]),
    ]
    return "\n".join(lines) + "\n"
