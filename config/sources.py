"""The texts of a configuration: read from its folder with caps, and kept as the last good one."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from config.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SETTINGS = "afterword.yaml"
LARGEST = 1_000_000
"""No file of a configuration is larger than this, in bytes."""
MOST_FILES = 1000


@dataclass(frozen=True)
class Sources:
    """The texts by their names relative to the folder, `/` between the parts, and what could not be read.

    A people file outside the folder goes by the name that the settings give it.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def to_json(self) -> str:
        """One text, for the state folder. Equal sources give equal texts."""
        problems = [problem.as_json() for problem in self.problems]
        return json.dumps({"files": dict(self.files), "problems": problems}, ensure_ascii=True, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Sources:
        """The sources that `to_json` wrote.

        Raises:
            ValueError: the text is not from `to_json`.
        """
        try:
            found = json.loads(text)
            files = {str(name): str(content) for name, content in found["files"].items()}
            return cls(files, tuple(Problem(**problem) for problem in found["problems"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("the kept configuration cannot be read") from error
