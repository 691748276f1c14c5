"""The entry point. A word on the command line that makes no sense is answered before anything heavy is imported."""

import sys
from collections.abc import Sequence

from fleetui.cli.arguments import parse


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; the exit status is 0, 1 (it did not succeed) or 2 (it could not be tried)."""
    arguments = parse(argv)
    from fleetui.wiring import run  # after parsing: --help imports nothing of ours

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
