"""The documentation of the output is the output's own."""

from pathlib import Path

from fleetui.cli.reference import pages
from fleetui.cli.tables import WORDS, table_of

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "output.md"


def test_the_document_is_what_the_tables_say() -> None:
    assert DOCUMENT.read_text(encoding="utf-8").rstrip() == "\n".join(pages()).rstrip()


def test_every_object_is_named_first_and_every_field_is_told_apart() -> None:
    for table in map(table_of, WORDS):
        names = [field.name for field in table.fields]
        assert names[0] == "name"
        assert len(set(names)) == len(names)
