"""The head of a table: how to measure the same again, and of which commit."""

import subprocess
from pathlib import Path

import pytest

from bench.figures import Figure
from bench.provenance import command, commit
from bench.run import PARTS, main


def git(root: Path, *words: str) -> str:
    who = ("-c", "user.name=ana", "-c", "user.email=ana@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", "-C", root, *who, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_head_of_a_table_says_what_was_run_and_of_which_commit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(PARTS, "lines", lambda _: iter([Figure("key", 9, "ms", 8)]))
    file = tmp_path / "benchmarks.md"
    argv = ["--kubeconfig", str(tmp_path / "mine"), "--only", "lines", "--write", str(file)]
    monkeypatch.setattr("sys.argv", ["bench", *argv])
    main()
    (head,) = [line for line in file.read_text().splitlines() if line.startswith("Measured ")]
    said = f"`python -m bench.run --kubeconfig FILE --only lines --write {file}`, {commit()}: "
    assert said in head
    assert str(tmp_path / "mine") not in head


def test_a_kubeconfig_of_ones_own_is_not_told() -> None:
    assert (
        command("bench.run", ["--kubeconfig=/home/ana/k", "--short"]) == "python -m bench.run --kubeconfig=FILE --short"
    )


def test_the_commit_is_told_with_changes_that_it_has_not(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench" / "run.py").write_text("one")
    (tmp_path / "table.md").write_text("one")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "One")
    head = git(tmp_path, "rev-parse", "--short=12", "HEAD")
    (tmp_path / "table.md").write_text("the table itself is not measured")
    assert commit(tmp_path) == f"commit {head}"
    (tmp_path / "bench" / "run.py").write_text("two")
    assert commit(tmp_path) == f"commit {head}, with changes that are not committed"


def test_outside_a_repository_the_commit_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert commit(tmp_path) == "unknown commit"
