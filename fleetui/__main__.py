"""The entry point. A word on the command line that makes no sense is answered before anything heavy is imported."""

import gc
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from fleetui.cli.arguments import parse


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; the exit status is 0, 1 (it did not succeed) or 2 (it could not be tried)."""
    arguments = parse(argv)
    gc.disable()  # imports and one answer make no garbage; what goes on after them collects again
    try:
        from fleetui.wiring import run  # after parsing: --help imports nothing of ours

        return run(arguments)
    finally:
        gc.enable()


def program() -> NoReturn:
    """The process: it ends with the command. Taking down what the interpreter holds, row by row, would cost a list 8 ms
    and a console that was left over 30, and a thread that waits for a name server would be waited for."""
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    program()
