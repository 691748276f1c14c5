"""A table that tells what was missed, and a file that keeps one."""

from pathlib import Path

import pytest

from bench.figures import Figure, broken, high, table
from bench.measure import Bench
from bench.run import PARTS, _memory_bound, main, run, write
from bench.subjects import Scale


def test_says_what_holds_and_what_is_missed() -> None:
    rows = table(
        [Figure("a", 8, "ms", 16), Figure("b", 20, "ms", 16, "rule", "peer"), Figure("c", 1, "s")]
    ).splitlines()
    assert [row.split(" | ")[4].strip() for row in rows[2:]] == ["held", "**missed**", ""]
    assert rows[3].split(" | ")[2:4] == ["16 ms (rule)", "1.25"]


def test_in_short_only_what_no_busy_machine_excuses_is_broken() -> None:
    """These end a `--strict` run with 1."""
    slow = Figure("key", 20, "ms", 16)
    many = Figure("move", 661, "bytes", 660, steady=True)
    held = Figure("memory", 160, "MB", 160, steady=True)
    unbound = Figure("repaint", 9_999, "bytes", steady=True)
    assert broken([slow, many, held, unbound], steady=True) == [many]
    assert broken([slow, many, held, unbound], steady=False) == [slow, many]


def test_the_bound_of_memory_grows_with_what_is_loaded() -> None:
    assert _memory_bound(Scale()) == pytest.approx(160)
    assert _memory_bound(Scale(500, 2_000)) == pytest.approx(88)


def test_p95_is_exceeded_by_one_in_twenty() -> None:
    assert high(list(map(float, range(1, 101)))) == 96
    assert high([5.0]) == 5


def test_writes_the_section_in_place_of_the_last_one(tmp_path: Path) -> None:
    path = tmp_path / "benchmarks.md"
    path.write_text("# Benchmarks\nwords\n")
    for number in (1, 2):
        write(f"<!-- measured: begin -->\nrun {number}\n<!-- measured: end -->\n", path)
    path.write_text(path.read_text() + "more words\n")
    write("<!-- measured: begin -->\nrun 3\n<!-- measured: end -->\n", path)
    assert path.read_text().count("measured: begin") == 1
    assert "run 3" in path.read_text()
    assert path.read_text().startswith("# Benchmarks\nwords\n")
    assert path.read_text().endswith("more words\n")


@pytest.mark.parametrize(
    ("options", "size", "key", "status"),
    [
        (["--strict", "--short"], 301, 1, 1),
        (["--strict", "--short"], 300, 99, 0),
        (["--strict"], 300, 99, 1),
        (["--strict"], 301, 1, 1),
        (["--strict"], 300, 8, 0),
        ([], 301, 99, 0),
    ],
)
def test_a_strict_run_ends_with_one_where_a_bound_is_missed(
    options: list[str], size: int, key: int, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a short run, one of bytes; the table is written whatever it says."""
    figures = [Figure("one changed cell", size, "bytes", 300, steady=True), Figure("key", key, "ms", 8)]
    file = tmp_path / "table.md"
    monkeypatch.setitem(PARTS, "lines", lambda _: iter(figures))
    monkeypatch.setattr(
        "sys.argv", ["bench", f"--kubeconfig={tmp_path}", f"--write={file}", "--only", "lines", *options]
    )
    assert main() == status
    assert f"{size} bytes" in file.read_text()


def test_the_short_form_keeps_fixed_bounds_and_drops_ratios(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is said of a large cluster beside its peers says nothing of a small one; bytes are bytes."""
    figures = [Figure("get", 9, "s", 1, "0.7 x kubectl"), Figure("move", 9, "bytes", 8, steady=True)]
    monkeypatch.setitem(PARTS, "lines", lambda _: iter(figures))
    ran = run(Bench(tmp_path, Scale(), alone=True), ["lines"])
    assert [figure.held for figure in ran] == [None, False]
