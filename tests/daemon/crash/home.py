"""A household whose cycles are killed."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from config.load import Configuration, Sources, parse, read
from daemon.sight import house_of
from tests.cases import home as cases

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from daemon.view import House


class Home(cases.Home):
    """Thousands of cycles read the same configuration: its words are understood once."""

    def house(self) -> House:
        return house_of(understood(self.root), self.state, write=True)

    def serve(self, when: str) -> None:
        """One cycle as the service runs it: a command, with its lock, its configuration kept, and its log."""
        code, told, errors = self.command("once", "--service", when=when)
        assert (code, told["problems"]) == (0, []), errors

    def lying(self) -> Iterator[tuple[str, bytes]]:
        """All mails, each with its folder."""
        for path in self.mail.rglob("*"):
            if path.parent.name in {"cur", "new"} and path.is_file():
                yield path.parents[1].relative_to(self.mail).as_posix(), path.read_bytes()


def understood(root: Path) -> Configuration:
    """The configuration of the household in this folder."""
    return _understood(root / "config", read(root / "config").to_json())


@functools.cache
def _understood(folder: Path, texts: str) -> Configuration:
    loaded = parse(Sources.from_json(texts), folder)
    assert loaded.configuration is not None, loaded.problems
    return loaded.configuration
