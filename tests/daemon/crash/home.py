"""A household whose cycles are killed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cases import home as cases

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.daemon.crash.points import Peer


class Home(cases.Home):
    """As the tests of the cases have it, and as the service runs it."""

    @property
    def peers(self) -> Mapping[int, Peer]:
        """Who answers at which port; at others it is somebody on the web."""
        return {}

    def rest(self) -> None:
        """Wait until nobody changes anything any more."""

    def serve(self, when: str) -> None:
        """One cycle as the service runs it: a command, with its lock, its configuration kept, and its log."""
        code, told, errors = self.command("once", "--service", when=when)
        assert (code, told["problems"]) == (0, []), errors

    def lying(self) -> Iterator[tuple[str, bytes]]:
        """All mails, each with its folder."""
        for path in self.mail.rglob("*"):
            if path.parent.name in {"cur", "new"} and path.is_file():
                yield path.parents[1].relative_to(self.mail).as_posix(), path.read_bytes()
