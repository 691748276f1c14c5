"""The small YAML writer says what it was told, to a real YAML reader."""

from typing import Any

import pytest
import yaml

from fleetui.simulate.block_yaml import dump


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1, "b": [1, 2.5, None, True], "c": {"d": {}, "e": []}},
        {"list": [{"name": "x", "deep": [{"y": [1]}]}, [["nested"]]]},
        {
            "words": [
                "yes",
                "no",
                "null",
                "on",
                "~",
                "",
                " ",
                "1",
                "1e3",
                "0x1f",
                "2026-01-01",
                "- a",
                "a: b",
                "#c",
                "x #y",
            ]
        },
        {"text": "two\nlines\ttab \"quoted\" 'single' \\ {[}] % @ ` é 日"},
        {"key with space": 1, "1": 2, "true": 3, "a/b.c-d": 4},
        {},
        [],
        "word",
    ],
)
def test_a_reader_gets_back_what_was_written(value: Any) -> None:
    assert yaml.safe_load(dump(value)) == value


def test_blocks_not_braces() -> None:
    assert dump({"metadata": {"name": "n1"}, "items": [{"a": 1}]}) == "metadata:\n  name: n1\nitems:\n  - a: 1\n"
