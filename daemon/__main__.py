"""The command `afterword`."""

from __future__ import annotations

import os
import sys

COMPLETION = "_AFTERWORD_COMPLETE"
"""Set by a shell that wants to know how a line goes on, or by who wants the script that asks (docs/packages.md)."""


def main() -> int:
    """Run the command that the arguments name; the exit code.

    The page of `--help` needs nothing but the table of the commands, and so is there before click is.
    """
    arguments = sys.argv[1:]
    _open_what_is_closed()
    try:
        if arguments in ([], ["--help"], ["-h"]) and COMPLETION not in os.environ:
            return _page(asked=bool(arguments))
        from daemon.cli import run_command  # noqa: PLC0415 - see above

        return run_command(arguments)
    except KeyboardInterrupt:
        return 130


def _open_what_is_closed() -> None:
    """Open each standard stream that the caller closed (`2>&-`) on nothing.

    The next file to be opened would take its number otherwise: a draft, or the ledger, would be standard error.
    """
    for descriptor, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            nothing = os.open(os.devnull, os.O_RDWR)
            os.dup2(nothing, descriptor)
            if nothing != descriptor:
                os.close(nothing)
            setattr(sys, name, os.fdopen(descriptor, mode, encoding="utf-8", closefd=False))


def _page(*, asked: bool) -> int:
    from daemon.commands import page  # noqa: PLC0415 - only the page needs the table

    stream = sys.stdout if asked else sys.stderr
    code = 0 if asked else 2
    try:
        stream.write(page())
        stream.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        code = code if isinstance(error, BrokenPipeError) else 75
    return code


if __name__ == "__main__":
    sys.exit(main())
