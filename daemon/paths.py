"""Where the configuration and the state are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.failure import ExitCode, Failure
from daemon.state_folder import unusable

if TYPE_CHECKING:
    from collections.abc import Mapping


def config_folder(option: str | None, environment: Mapping[str, str] = os.environ) -> Path:
    """`--config`, else $AFTERWORD_CONFIG, else the platform's (`~/.config/afterword`); absolute, may not exist."""
    if named := option or environment.get("AFTERWORD_CONFIG"):
        return _absolute(named)
    from platformdirs import user_config_path  # noqa: PLC0415 - only where no folder is named

    return user_config_path("afterword", appauthor=False)


def state_folder(option: str | None, environment: Mapping[str, str] = os.environ) -> Path:
    """`--state`, else $AFTERWORD_STATE, else systemd's $STATE_DIRECTORY, else the platform's; absolute.

    systemd separates several state directories by colons (systemd.exec(5)); the first is ours.
    """
    systemd = environment.get("STATE_DIRECTORY", "").partition(":")[0]
    if named := option or environment.get("AFTERWORD_STATE") or systemd:
        return _absolute(named)
    from platformdirs import user_state_path  # noqa: PLC0415 - only where no folder is named

    return user_state_path("afterword", appauthor=False)


def _absolute(named: str) -> Path:
    """Absolute, without following links; a home is not needed.

    Raises:
        Failure: it is relative to a folder that was deleted.
    """
    try:
        return Path(os.path.abspath(os.path.expanduser(named)))  # noqa: PTH100, PTH111 - see above
    except FileNotFoundError:
        raise Failure(
            ExitCode.CANNOT_NOW,
            f"there is no {named} here: the folder that you are in was deleted",
            "Change to another folder, or name it by its whole path.",
        ) from None


def make_state_folder(folder: Path) -> None:
    """Make the state folder, readable by its owner alone, where it is not there yet.

    Raises:
        Failure: it cannot be made, or is no folder.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise unusable(folder, error) from None
