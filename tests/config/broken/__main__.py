"""`python -m tests.config.broken`: writes into each case what `afterword check` says now, to be read as a diff."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tests.config.broken.case import cases, check, home


def main() -> None:
    """Break each configuration, and keep what is said; to the superuser no file is closed."""
    for case in (one for one in cases() if os.geteuid() != 0 or not one.is_closed):
        with tempfile.TemporaryDirectory() as root:
            os.environ |= home(Path(root))
            for deed in case.breaking:
                deed.on(Path(os.environ["AFTERWORD_CONFIG"]))
            case.told_anew(check(Path(root)))


if __name__ == "__main__":
    main()
