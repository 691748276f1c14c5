"""What a file's mistakes read like, and what YAML values become."""

import pytest

from fleetui.clients.yaml_file import YamlError, dump, load, locate


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("", None, id="empty"),
        pytest.param("a: 2026-01-01", {"a": "2026-01-01"}, id="dates stay text"),
        pytest.param("a: {<<: {x: 1, y: 3}, x: 2}", {"a": {"x": 2, "y": 3}}, id="a merge may be overridden"),
        pytest.param("a: &b [1]\nc: *b", {"a": [1], "c": [1]}, id="alias"),
    ],
)
def test_loads(text: str, value: object) -> None:
    assert load(text, "f.yaml") == value


@pytest.mark.parametrize(
    ("text", "place", "fix"),
    [
        pytest.param("a: 1\nb: 3\na: 2\n", "f.yaml:3:1: 'a' is said twice", "keep one", id="duplicate key"),
        pytest.param("a:\n\t- b", "f.yaml:2:1", "indent with spaces, not tabs", id="tab"),
        pytest.param("a: @x", "f.yaml:1:4", "quote the value", id="reserved character"),
        pytest.param("a: b: c", "f.yaml:1:5", "quote the value", id="colon in a value"),
        pytest.param("a: [1,2\nb: 3", "f.yaml:2:2", "close the bracket", id="open bracket"),
        pytest.param('a: "x\nb: 1', "f.yaml:2:5", "close the quote", id="open quote"),
        pytest.param("a: *x", "f.yaml:1:4", "begins with \\*", id="unquoted star"),
        pytest.param("a: !!python/object:os.system x", "f.yaml:1:4", "remove the tag", id="tag"),
        pytest.param("a: 1\nb\x00: 2", "f.yaml:2:2: character #x0000", "remove it", id="control character"),
        pytest.param("a: {{ x }}", "f.yaml:1:5", "fill in the template", id="unfilled template"),
        pytest.param("a:\n  b: 1\n c: 2", "f.yaml:3:2", "check the indentation", id="indentation"),
        pytest.param("[" * 20_000, "f.yaml", "", id="nested without end"),
    ],
)
def test_refuses_with_the_place_and_the_fix(text: str, place: str, fix: str) -> None:
    with pytest.raises(YamlError, match=f"^{place}.*{fix}"):
        load(text, "f.yaml")


@pytest.mark.parametrize(
    ("path", "line"),
    [((), 1), (("users",), 2), (("users", "1", "user", "exec"), 6), (("users", "9"), 2), (("users", "1", "no"), 4)],
)
def test_locates(path: tuple[str, ...], line: int) -> None:
    text = "kind: Config\nusers:\n- name: a\n- name: b\n  user:\n    exec: {}\n"
    assert locate(text, path) == line


def test_locates_nothing_in_what_is_not_yaml() -> None:
    assert locate("a: [", ("a",)) is None


def test_dumps_in_the_given_order_and_loads_back() -> None:
    value = {"kind": "Node", "apiVersion": "v1", "items": [{"größe": "a: b", "n": None}]}
    assert dump(value).startswith("kind: Node\napiVersion: v1\n")
    assert load(dump(value), "") == value
