"""``docs/racks.schema.json``: the shape of a file of racks, from the structures that read it, for editors and CI.

``python -m fleetui.cli.racks_schema > docs/racks.schema.json`` writes it; a test holds the two equal.
"""

from inspect import cleandoc
from typing import Any

import msgspec

from fleetui.model.racks.layout import FORMAT, Layout

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a file, or of one file of a directory. Wider than the rules, which see the whole."""
    (said,), parts = msgspec.json.schema_components([Layout], ref_template="#/$defs/{name}")
    assert said == {"$ref": "#/$defs/Layout"}
    whole = parts.pop("Layout")
    whole["properties"]["version"]["const"] = FORMAT
    whole["title"] = "Racks of fleetui"
    for part in (whole, *parts.values()):
        if "description" in part:
            part["description"] = cleandoc(part["description"])
    return {"$schema": _DIALECT, **whole, "$defs": parts}


if __name__ == "__main__":
    print(msgspec.json.format(msgspec.json.encode(schema()), indent=2).decode())
