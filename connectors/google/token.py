"""The token that a consent gives, in a file of the state folder that nobody else can read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors import secret, whole
from connectors.base import PermissionNeededError
from connectors.google.errors import COMMAND

if TYPE_CHECKING:
    from pathlib import Path

FILE = "google-token.json"
"""In the state folder."""


@dataclass(frozen=True, slots=True)
class Token:
    """What the user's consent gave: the refresh token with its client, and the access token of the hour.

    `granted` is when the user consented, `used` when Google last gave an access token for it. `account` is the
    address of the account, where it is known.
    """

    refresh_token: str
    client_id: str
    client_secret: str
    token_uri: str
    scopes: tuple[str, ...]
    granted: datetime
    used: datetime
    access_token: str = ""
    expires: datetime | None = None
    account: str = ""

    def to_json(self) -> str:
        """For the file; instants in ISO 8601."""
        return json.dumps(asdict(self), default=datetime.isoformat, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Token:
        """From the file.

        Raises:
            ValueError: it was not written by `to_json`.
        """
        try:
            read = json.loads(text)
            moments = {name: _moment(read[name]) for name in ("granted", "used")}
            expires = _moment(read["expires"]) if read["expires"] else None
            token = cls(**{**read, **moments, "scopes": tuple(read["scopes"]), "expires": expires})
        except (TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
            raise ValueError("this is no token of Afterword") from error
        words = (
            token.refresh_token,
            token.client_id,
            token.client_secret,
            token.token_uri,
            token.access_token,
            token.account,
        )
        if not all(isinstance(word, str) for word in (*words, *token.scopes)):
            raise ValueError("this is no token of Afterword")
        return token


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment.astimezone(UTC)


def load(folder: Path) -> Token | None:
    """The token in this state folder, if the user has consented.

    Raises:
        PermissionNeededError: there is one that cannot be read, or that others can read.
    """
    path = folder / FILE
    try:
        text = secret.read(path, "the permission for Google", f"run `{COMMAND}` to give a new one")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, "cannot be read") from error
    try:
        return Token.from_json(text)
    except ValueError as error:
        raise _unreadable(path, "is damaged") from error


def save(folder: Path, token: Token) -> None:
    """Put the token into the state folder: mode 0600, whole or not at all.

    Raises:
        OSError: it cannot be written; what was there is as it was.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    whole.write(folder / FILE, token.to_json())


def renew(folder: Path, token: Token) -> None:
    """Put a token that Google has renewed in the place of what it was; a consent that is newer stays.

    Raises:
        OSError: it cannot be written; what was there is as it was.
        PermissionNeededError: as `load`.
    """

    def renewed() -> str | None:
        kept = load(folder)
        return token.to_json() if kept is not None and kept.refresh_token == token.refresh_token else None

    whole.replace(folder / FILE, renewed)


def _unreadable(path: Path, how: str) -> PermissionNeededError:
    return PermissionNeededError(
        f"the permission for Google in {path} {how}", f"Run `{COMMAND}` to give it again.", file=str(path)
    )
