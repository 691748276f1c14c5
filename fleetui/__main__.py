"""The entry point. A word on the command line that makes no sense is answered before anything heavy is imported."""

import gc
import sys
from collections.abc import Sequence

from fleetui.cli.arguments import parse


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; the exit status is 0, 1 (it did not succeed) or 2 (it could not be tried)."""
    arguments = parse(argv)
    gc.disable()  # imports and one answer make no garbage; what goes on after them collects again
    try:
        from fleetui.wiring import run  # after parsing: --help imports nothing of ours

        return run(arguments)
    finally:
        gc.freeze()  # or the interpreter's end looks through every row there is: 30 ms
        gc.enable()


if __name__ == "__main__":
    sys.exit(main())
