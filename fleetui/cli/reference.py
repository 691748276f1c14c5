"""``docs/output.md``: what every column and every JSON field of ``fleetui get`` means, from the tables themselves.

``python -m fleetui.cli.reference > docs/output.md`` writes it; a test holds the two equal.
"""

from collections.abc import Iterator

from fleetui.cli.tables import TABLES

_HEAD = """# What `fleetui get` prints

`fleetui get clusters|machines|pods|ops [FILTER...] [-o table|wide|json|yaml|csv|name] [--watch]`. JSON and YAML are a
list of objects, CSV has one column for each field; times are RFC 3339 in UTC, what is unknown is `null` (`?` in
tables, empty in CSV). `--watch -o json` prints one object on one line for each change. The exit status is 0 when
every cluster has answered, 1 when one has not (a line on standard error says which, why, and what to do), 2 when the
question makes no sense.

Filters name columns by their id: `status=NotReady`, `age>2h`, `version<1.35`, `@prod-*`, `!cordoned`, `-l rack=A`,
`name~^wk-`, `"a word"`. What is not known of a row neither matches nor fails to match; such rows are left out and
counted.
"""


def pages() -> Iterator[str]:
    """The document, a line at a time."""
    yield _HEAD
    for word, table in TABLES.items():
        yield f"## {word}\n"
        yield "| column | id | what it says | |"
        yield "|---|---|---|---|"
        for column in table.columns:
            yield f"| {column.title} | `{column.id}` | {column.doc} | {'`-o wide`' if column.wide else ''} |"
        yield ""
        yield "| JSON field | what it says |"
        yield "|---|---|"
        for field in table.fields:
            yield f"| `{field.name}` | {field.doc} |"
        yield ""


if __name__ == "__main__":
    print("\n".join(pages()).rstrip())
