"""What became of passwords that were said to servers, as far as connectors have to know: one may have to rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.base import PermissionNeededError


@dataclass(frozen=True, slots=True)
class Login:
    """Who logs in, and where: `server` tells servers apart, `password` gives the password when it is wanted."""

    server: str
    user: str
    password: Callable[[], str] = field(repr=False)


class Logins(Protocol):
    """Servers lock out whoever says a wrong password too often: what was refused is not said again at once."""

    def check(self, login: Login) -> None:
        """Before anything is said to the server.

        Raises:
            PermissionNeededError: this password was refused there, and is not to be said now. Also where there is none.
        """
        ...

    def refused(self, login: Login, error: PermissionNeededError) -> PermissionNeededError:
        """The server did not take the password, which means this error; the one that the user is told."""
        ...

    def taken(self, login: Login) -> None:
        """The server took it."""
        ...


class Unminded:
    """Minds no login: whoever asks once only has nothing to remember."""

    def check(self, login: Login) -> None:
        """See `Logins.check`."""

    def refused(self, login: Login, error: PermissionNeededError) -> PermissionNeededError:  # noqa: ARG002 - the protocol
        """See `Logins.refused`."""
        return error

    def taken(self, login: Login) -> None:
        """See `Logins.taken`."""


UNMINDED = Unminded()
