"""A measured table in a Markdown file: what stands between two marks that bear its name, with how it was measured."""

import datetime as dt
import os
import sys
from pathlib import Path

from bench.provenance import command


def headed(table: str, module: str, *, at_commit: str) -> str:
    """The table below the command that makes it, today's date, and what the machine did meanwhile."""
    today, load = dt.datetime.now(dt.UTC).date(), os.getloadavg()[0]
    how = f"Measured {today} by `{command(module, sys.argv[1:])}`, {at_commit}"
    return f"{how}: {os.cpu_count()} cores, load average {load:.1f} at the end.\n\n{table}"


def put(section: str, file: Path, *, name: str) -> None:
    """In the place of the one that is there. Raises ValueError where the file has no such marks."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, opened, rest = file.read_text().partition(begin)
    _, closed, after = rest.partition(end)
    if not opened or not closed:
        raise ValueError(f"{file} has no place for {name}: write {begin} and {end}")
    file.write_text(f"{before}{begin}\n{section}\n{end}{after}")
