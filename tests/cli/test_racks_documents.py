"""What is published about the file of racks is the code's own."""

import json
from pathlib import Path
from typing import Any

import msgspec

from fleetui.cli.racks_reference import rules
from fleetui.cli.racks_schema import schema
from fleetui.model.racks.layout import Layout
from fleetui.simulate.demo_racks import demo_layout

DOCS = Path(__file__).resolve().parents[2] / "docs"
SCHEMA: dict[str, Any] = json.loads(msgspec.json.encode(schema()))


def test_the_published_schema_is_what_is_read() -> None:
    assert json.loads((DOCS / "racks.schema.json").read_text(encoding="utf-8")) == SCHEMA


def test_every_rule_is_in_the_document() -> None:
    assert "\n".join(rules()) in (DOCS / "racks.md").read_text(encoding="utf-8")


def test_the_schema_takes_the_demos_racks_and_names_every_section() -> None:
    said = SCHEMA
    assert set(said["properties"]) == {field.name for field in msgspec.structs.fields(Layout)}
    assert refused(json.loads(msgspec.json.encode(demo_layout())), said, said["$defs"]) == []


def test_the_schema_refuses_what_the_reader_refuses() -> None:
    said = SCHEMA
    wrong = {"racks": [{"name": "A", "status": "acive", "u_hieght": 1}], "devices": [{"name": "a", "position": 1.3}]}
    assert sorted(refused(wrong, said, said["$defs"])) == [
        "devices.0.position: multipleOf", "racks.0.site: required", "racks.0.status: enum", "racks.0.u_hieght: unknown",
    ]  # fmt: skip


_TYPES = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict}


def refused(value: Any, kind: dict[str, Any], parts: dict[str, Any], path: str = "") -> list[str]:
    """What the schema refuses, as far as it uses JSON Schema's words: enough to hold it to the reader."""
    kind = parts[kind["$ref"].rpartition("/")[2]] if "$ref" in kind else kind
    if "anyOf" in kind:
        tried = [refused(value, each, parts, path) for each in kind["anyOf"]]
        return min(tried, key=len)
    if kind.get("type") == "null":
        return [] if value is None else [f"{path}: null"] * 9  # never the better of two
    if "enum" in kind:
        return [] if value in kind["enum"] else [f"{path}: enum"]
    if "type" in kind and not isinstance(value, _TYPES[kind["type"]]):  # type: ignore[arg-type]
        return [f"{path}: {kind['type']}"]
    if "multipleOf" in kind and value % kind["multipleOf"]:
        return [f"{path}: multipleOf"]
    return [*_items(value, kind, parts, path), *_members(value, kind, parts, path)]


def _items(value: Any, kind: dict[str, Any], parts: dict[str, Any], path: str) -> list[str]:
    if not isinstance(value, list | tuple):
        return []
    return [each for at, item in enumerate(value) for each in refused(item, kind["items"], parts, f"{path}.{at}")]


def _members(value: Any, kind: dict[str, Any], parts: dict[str, Any], path: str) -> list[str]:
    if not isinstance(value, dict):
        return []
    lead = f"{path}." if path else ""
    known = kind.get("properties", {})
    found = [f"{lead}{name}: required" for name in kind.get("required", ()) if name not in value]
    for name, item in value.items():
        rest = kind.get("additionalProperties")
        if name in known or isinstance(rest, dict):
            found += refused(item, known.get(name, rest), parts, f"{lead}{name}")
        elif rest is False:
            found.append(f"{lead}{name}: unknown")
    return found
