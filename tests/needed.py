"""Programs that a test works with: without one it is skipped, with how to install it, or fails where CI=true."""

from __future__ import annotations

import os
import shutil

import pytest


def need(**packages: str) -> None:
    """Go on only where all of these programs are; each is named with the Debian package that brings it."""
    missing = [package for program, package in packages.items() if shutil.which(program) is None]
    if missing:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"apt-get install {' '.join(missing)}")
