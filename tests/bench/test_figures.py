"""A table that tells what was missed, and a file that keeps one."""

from pathlib import Path

from bench.figures import Figure, high, table
from bench.run import write


def test_says_what_holds_and_what_is_missed() -> None:
    rows = table(
        [Figure("a", 8, "ms", 16), Figure("b", 20, "ms", 16, "rule", "peer"), Figure("c", 1, "s")]
    ).splitlines()
    assert [row.split(" | ")[4].strip() for row in rows[2:]] == ["held", "**missed**", ""]
    assert rows[3].split(" | ")[2:4] == ["16 ms (rule)", "1.25"]


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
