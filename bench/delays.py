"""Runs the drills of health and tells how soon each fault was on the screen.

`python -m bench.delays` prints a table; `--write FILE` keeps it in a Markdown file. The drills hold themselves to three
times the bound: a machine that does other things may miss one, and the table says so.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bench.provenance import ROOT, commit
from bench.section import headed, put
from tests.drills.delays import MARK, Delay

DRILLS = (
    "tests/drills/test_health_etcd.py",
    "tests/console/test_replication_real.py",
    "tests/drills/test_health_pipeline.py",
    "tests/drills/test_diagnosis_modes.py",
)


def measured(drills: Sequence[str]) -> Iterator[Delay]:
    """As they are told, one after the other. Raises CalledProcessError at the end where a drill has failed."""
    argv = [sys.executable, "-m", "pytest", "-n", "0", "-q", "-s", *drills]
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(MARK):
                yield Delay(**json.loads(line.removeprefix(MARK)))
            else:
                print(line, end="", file=sys.stderr)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, argv)


def table(delays: Iterable[Delay]) -> str:
    """A Markdown table."""
    lines = ["| fault | seen by | verdict | after | in its units | bound | |", "|---|---|---|---:|---:|---|---|"]
    for delay in delays:
        unit = re.sub(r"^\d+ (\w+?)s?( \+.*)?$", r"\1", delay.bound)
        units = f"{delay.took_s / delay.period_s:.1f} {unit}s"
        word = "held" if delay.took_s <= delay.bound_s else "**missed**"
        bound = f"{delay.bound}: {delay.bound_s:g} s"
        cells = (delay.drill, delay.way, delay.verdict, f"{delay.took_s:.1f} s", units, bound, word)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", type=Path, metavar="FILE", help="keep the table in this Markdown file")
    options = parser.parse_args()
    at_commit = commit()
    delays, failed = list[Delay](), False
    try:
        for delay in measured(DRILLS):
            delays.append(delay)
    except subprocess.CalledProcessError as error:
        print(f"a drill has failed: {error}", file=sys.stderr)
        failed = True
    section = headed(table(delays), "bench.delays", at_commit=at_commit)
    print(section)
    if options.write and not failed:
        put(section, options.write, name="delays")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
