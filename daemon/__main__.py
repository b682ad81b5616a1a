"""The command `afterword`."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Run the command that the arguments name; the exit code.

    The page of `--help` needs nothing but the table of the commands, and so is there before click is.
    """
    arguments = sys.argv[1:]
    try:
        if arguments in ([], ["--help"], ["-h"]):
            return _page(asked=bool(arguments))
        from daemon.cli import run_command  # noqa: PLC0415 - see above

        return run_command(arguments)
    except KeyboardInterrupt:
        return 130


def _page(*, asked: bool) -> int:
    from daemon.commands import page  # noqa: PLC0415 - only the page needs the table

    stream = sys.stdout if asked else sys.stderr
    try:
        stream.write(page())
        stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return 0 if asked else 2


if __name__ == "__main__":
    sys.exit(main())
