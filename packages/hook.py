"""What hatchling does when it builds the wheel: the man pages go in, where pipx looks for them (share/man)."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Hook(BuildHookInterface[Any]):
    """Its hook (https://hatch.pypa.io/latest/plugins/build-hook/custom/)."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the pages of the command itself, before anything is packed; a checkout that is worked on needs none."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)  # where this file is read there is no package yet
        from packages import manual  # noqa: PLC0415 - see above

        self._pages = tempfile.TemporaryDirectory(prefix="afterword-man-")
        manual.write(Path(self._pages.name))
        build_data["shared_data"][self._pages.name] = "share/man/man1"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """All is packed."""
        del build_data, artifact_path
        if version != "editable":
            self._pages.cleanup()
