"""What a table of figures was measured with: the line to type for the same again, and the commit."""

import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MEASURED = ("fleetui", "bench", "tests/bed", "pyproject.toml")
"""What decides the figures; the table itself does not."""


def command(module: str, argv: Sequence[str]) -> str:
    """As one would type it. Of a kubeconfig of one's own it is told that there was one, not where."""
    words = [*argv]
    for at, word in enumerate(words):
        if word == "--kubeconfig" and at + 1 < len(words):
            words[at + 1] = "FILE"
        elif word.startswith("--kubeconfig="):
            words[at] = "--kubeconfig=FILE"
    return shlex.join(["python", "-m", module, *words])


def commit(root: Path = ROOT) -> str:
    """The commit, and whether what is measured differs from it; ``unknown commit`` outside a repository."""
    try:
        at = _git(root, "rev-parse", "--short=12", "HEAD")
        changed = _git(root, "status", "--porcelain", "--", *MEASURED)
    except (OSError, subprocess.CalledProcessError):
        return "unknown commit"
    return f"commit {at}" + (", with changes that are not committed" if changed else "")


def _git(root: Path, *words: str) -> str:
    argv = ["git", "-C", str(root), *words]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()
