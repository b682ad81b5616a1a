"""A problem of the configuration: where it is, what is wrong, and what would be right."""

from __future__ import annotations

from dataclasses import asdict, dataclass

SECRETS = ("password", "oauth")
"""Keys after which somebody may have written a secret, though none belongs there: no message repeats what follows."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, told so that somebody who never saw the program can mend it.

    `file` is relative to the folder of the configuration where it lies in it; `line` and `column` count
    from 1. `source` is the id of a calendar, or the like, where the problem is of one.
    """

    source: str | None
    file: str | None
    line: int | None
    column: int | None
    message: str
    hint: str | None = None

    @property
    def place(self) -> str:
        """`rules/a.yaml:4:7`, as far as it is known; an empty text where nothing is."""
        parts = [self.file or self.source or ""]
        if self.file and self.line is not None:
            parts.append(str(self.line))
            if self.column is not None:
                parts.append(str(self.column))
        return ":".join(parts)

    def as_json(self) -> dict[str, str | int | None]:
        """The shape in which every command prints a problem; null where there is nothing."""
        return asdict(self)
