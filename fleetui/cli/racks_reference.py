"""The table of rules in ``docs/racks.md``, from the rules themselves.

``python -m fleetui.cli.racks_reference`` prints it; a test holds the document to it.
"""

from collections.abc import Iterator

from fleetui.model.racks.rules.verdict import RULES


def rules() -> Iterator[str]:
    """A line a rule, in the order in which they are asked."""
    yield "| code | severity | what is found |"
    yield "|---|---|---|"
    for rule in RULES:
        yield f"| `{rule.code}` | {rule.severity} | {rule.doc} |"


if __name__ == "__main__":
    print("\n".join(rules()))
