"""Runs pytest, and the few tests that failed once more, alone.

Hundreds of tests watch real servers on machines that other people's work holds up for seconds. Most defects fail alone
too. What does not is named ``unsteady``: a busy machine, or a race or something left behind by another test, and to be
looked into first of all. Many failures are no accident: they stand.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

MOST = 8
"""More failures than this are not tried again."""
FAILED = 1
"""Exit code of pytest when tests failed, and nothing worse happened."""
_LAST_FAILED = Path(".pytest_cache/v/cache/lastfailed")


def main(arguments: Sequence[str]) -> int:
    """The exit code of pytest: 0 also when all that failed passed alone."""
    code = _pytest("--cache-clear", *arguments)
    failed = last_failed() if code == FAILED else []
    if not 0 < len(failed) <= MOST:
        return code
    print(f"\nonce more, alone: {len(failed)} failed beside others", flush=True)
    alone = _pytest("-p", "no:cacheprovider", *failed)
    if alone == 0:
        print("\n".join(f"unsteady: {test}" for test in failed), flush=True)
    return alone


def last_failed() -> list[str]:
    """Node ids of the run that has just ended, as one would type them."""
    return sorted(map(_plain, json.loads(_LAST_FAILED.read_text()))) if _LAST_FAILED.exists() else []


def _plain(test: str) -> str:
    """Without the group that xdist appends to it."""
    return test.rpartition("@")[0] if test.rfind("@") > test.rfind("]") else test


def _pytest(*arguments: str) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
