"""JSON merge patch (RFC 7386), and as much of strategic merge as the served kinds need."""

from typing import Any

from fleetui.simulate.request import Document

MERGE_KEYS = {"conditions": "type", "containers": "name", "volumes": "name", "ownerReferences": "uid"}
"""Lists that a strategic patch merges by a key; all others (taints among them) it replaces."""


def merge(target: Any, patch: Any) -> Any:
    """RFC 7386: null removes, objects merge, everything else replaces. ``target`` stays as it is."""
    if not isinstance(patch, dict):
        return patch
    merged: Document = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged


def strategic_merge(target: Any, patch: Any) -> Any:
    """As ``merge``, with lists of named things merged by name, and ``$patch: replace|delete``."""
    if not isinstance(patch, dict):
        return patch
    said = {name: value for name, value in patch.items() if not name.startswith("$")}
    merged: Document = dict(target) if isinstance(target, dict) and patch.get("$patch") != "replace" else {}
    for name, value in said.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, list) and name in MERGE_KEYS:
            merged[name] = _merge_list(merged.get(name) or [], value, MERGE_KEYS[name])
        else:
            merged[name] = strategic_merge(merged.get(name), value)
    return merged


def _merge_list(target: list[Any], patch: list[Any], key: str) -> list[Any]:
    merged = {item.get(key): item for item in target if isinstance(item, dict)}
    for item in patch:
        if not isinstance(item, dict):
            continue
        name = item.get(key)
        if item.get("$patch") == "delete":
            merged.pop(name, None)
        else:
            merged[name] = strategic_merge(merged.get(name), item)
    return list(merged.values())
