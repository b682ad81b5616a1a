"""Where passwords and access tokens come from: a command, a systemd credential, the keyring, a file; asked late."""

from __future__ import annotations

import os
import re
import shlex
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from connectors import secret
from connectors.base import PermissionNeededError, TransientError
from daemon.program import run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from config.login import Oauth, Password

LIMIT = 30.0
"""Seconds that a command may take to print a password: it may ask the user for another one first."""
_LONGEST = 20_000
_TOKEN = re.compile(r"[!-~]+")
"""RFC 6749, appendix A.12, without the space: no token that anybody gives out has one."""
_DIRECTORY = "CREDENTIALS_DIRECTORY"
_OF_FOLDER = "afterword_"
"""How systemd.exec(5) names the credentials of a folder that is loaded as `afterword`."""


def password_of(said: Password, user: str, environment: Mapping[str, str] = os.environ) -> Callable[[], str]:
    """What gives the password of this user, as the settings say; each is got once, and only when it is asked for.

    What is given raises:
        PermissionNeededError: there is none, and how to put it there.
        TransientError: the command took too long.
    """

    @cache
    def password() -> str:
        if said.command is not None:
            return _printed(said.command, "password", "password")
        if said.credential is not None:
            return _credential(said.credential, environment)
        if said.keyring is not None:
            return _from_keyring(said.keyring, user)
        assert said.file is not None
        return _from_file(Path(said.file))

    return password


def token_of(said: Oauth) -> str:
    """An access token, as the command of the settings prints it now.

    Raises:
        PermissionNeededError: it prints none.
        TransientError: it took too long.
    """
    token = _printed(said.command, "access token", "oauth").strip()
    if not _TOKEN.fullmatch(token):
        raise PermissionNeededError(f"what {said.command[0]} printed is no access token", by_hand(said))
    return token


def by_hand(said: Oauth) -> str:
    """What to do where the command's token is none, or is refused."""
    return _by_hand(said.command, "access token")


def _by_hand(command: tuple[str, ...], what: str) -> str:
    return f"Try it by hand: {shlex.join(command)}; it has to print the {what} and end by itself."


def _first_line(text: str, source: str, hint: str, what: str = "password") -> str:
    """The password: one line, as `pass` and `secret-tool` print it; what follows are notes on it.

    Raises:
        PermissionNeededError: there is none.
    """
    password = text.split("\n", 1)[0].removesuffix("\r")
    if not password:
        raise PermissionNeededError(f"{source} is empty", hint)
    if "\0" in password or "\r" in password:
        raise PermissionNeededError(f"the {what} in {source} has a control character in it", hint)
    return password


def _printed(command: tuple[str, ...], what: str, key: str) -> str:
    """The first line that the command prints: `what` the settings have it print under this key."""
    hint = _by_hand(command, what)
    try:
        ended = run(command, LIMIT, most=_LONGEST)
    except FileNotFoundError:
        raise PermissionNeededError(
            f"there is no command {command[0]}, which should print the {what}",
            f"Install it, or correct `{key}:` in afterword.yaml; it was: {shlex.join(command)}",
        ) from None
    except (OSError, ValueError) as error:
        raise PermissionNeededError(f"the command {command[0]} cannot be run: {error}", hint) from None
    if ended.code is None:
        raise TransientError(f"the command {command[0]} did not print the {what} within {LIMIT:g} seconds", hint)
    if ended.code != 0:
        raise PermissionNeededError(f"the command {command[0]}, which should print the {what}, ended {ended.how}", hint)
    return _first_line(ended.out.decode("utf-8", "replace"), f"what {command[0]} printed", hint, what)


def _credential(name: str, environment: Mapping[str, str]) -> str:
    """From the folder that systemd makes for the service (systemd.exec(5), `LoadCredential=`).

    The units load the folder `credentials` beside afterword.yaml, and systemd names a file of it `afterword_NAME`.
    """
    hint = (
        f"Put it into the file credentials/{name} beside afterword.yaml (mode 0600), and start the service again; "
        f"by hand, set ${_DIRECTORY} to that folder."
    )
    if "/" in name or name in {".", ".."}:
        raise PermissionNeededError(f"`{name}` is no name of a credential", "Write the name of the file alone.")
    folder = environment.get(_DIRECTORY)
    if not folder:
        raise PermissionNeededError(
            f"the credential {name} is given by systemd, and this was not started with credentials", hint
        )
    path = Path(folder) / f"{_OF_FOLDER}{name}"
    if not path.exists():
        path = Path(folder) / name  # `LoadCredential=NAME:…` of the user's own, or such a folder by hand
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise PermissionNeededError(f"systemd gives no credential {name}: {reason}", hint) from None
    return _first_line(text, f"the credential {name}", hint)


def _from_keyring(service: str, user: str) -> str:
    hint = f"Put it there: keyring set {shlex.quote(service)} {shlex.quote(user)}"
    try:
        import keyring  # noqa: PLC0415 - optional, and slow to import
        from keyring.errors import KeyringError  # noqa: PLC0415 - as above
    except ImportError:
        raise PermissionNeededError(
            "`password: {keyring: …}` takes the Python package keyring, which is not installed",
            "Install it beside Afterword (`pip install keyring`), or write `command:`, `credential:` or `file:`.",
        ) from None
    try:
        found = keyring.get_password(service, user)
    except KeyringError as error:
        raise PermissionNeededError(
            f"the keyring cannot be asked: {error}", "Unlock it, or write `command:`, `credential:` or `file:` instead."
        ) from None
    if found is None:
        raise PermissionNeededError(f"the keyring has no password of {user} for {service}", hint)
    return _first_line(found, f"the password of {user} in the keyring", hint)


def _from_file(path: Path) -> str:
    hint = f"Write the password into it, and say `chmod 600 {shlex.quote(str(path))}`."
    try:
        text = secret.read(path, "the password", "choose another password")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise PermissionNeededError(
            f"the password file {path} cannot be read: {reason}", hint, file=str(path)
        ) from None
    return _first_line(text, f"the password file {path}", hint)
