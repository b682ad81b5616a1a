"""What bash, zsh and fish complete by, as click makes it of the command: `python -m packages.completion FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from click.shell_completion import get_completion_class

from daemon.__main__ import COMPLETION
from daemon.cli import afterword

PLACES = {
    "bash": "bash-completion/completions/afterword",
    "zsh": "zsh/vendor-completions/_afterword",
    "fish": "fish/vendor_completions.d/afterword.fish",
}
"""Where each shell looks, below the folder `share`; by the name that click has for the shell."""


def write(share: Path) -> None:
    """Write the three files into their places below this folder."""
    for shell, place in PLACES.items():
        kind = get_completion_class(shell)
        assert kind is not None
        file = share / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(kind(afterword, {}, "afterword", COMPLETION).source(), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
