"""The two files that Google's console gives out, told apart: an OAuth client, and the key of a service account.

https://developers.google.com/identity/protocols/oauth2/native-app#creatingcred
https://developers.google.com/identity/protocols/oauth2/service-account#creatinganaccount
"""

from __future__ import annotations

import json
import os
from shlex import quote
from typing import TYPE_CHECKING, Any, NoReturn

from connectors import secret
from connectors.base import PermissionNeededError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_LARGEST = 100_000
_NAMES = "client_secret*.json"
"""What a browser calls the file of a client."""
_CLIENT = ("client_id", "client_secret", "auth_uri", "token_uri")
_KEY = ("private_key", "client_email", "token_uri")
_KEY_NAMED = "the key of the service account"
_KEY_AGAIN = "delete it in Google's console, and download another one (docs/google.md)"


class DownloadError(PermissionNeededError):
    """The file is missing, broken or of another kind; `line` and `column`, from 1, where it is no JSON."""

    def __init__(self, message: str, hint: str, file: Path, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message, hint, file=str(file))
        self.line = line
        self.column = column


def client(path: Path) -> Mapping[str, str]:
    """The OAuth client in this file.

    The secret of an installed application is none, so that its file may lie about as a browser has downloaded it
    (https://developers.google.com/identity/protocols/oauth2#installed).

    Raises:
        DownloadError: there is none, or it is none.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            text = file.read(_LARGEST)
    except FileNotFoundError:
        raise DownloadError(f"there is no OAuth client in {path}", _client_made(path), path) from None
    except (OSError, UnicodeDecodeError) as error:
        _unreadable("the OAuth client", path, error, _client_made(path))
    document = _document("the OAuth client", path, text, _client_made(path))
    found = document.get("installed")
    if found is None:
        hint = f"{_instead(document, path)}{_client_made(path)}"
        raise DownloadError(f"{path} is {_kind(document)}, and no OAuth client of a desktop app", hint, path)
    missing = _missing(found, _CLIENT)
    if missing:
        raise DownloadError(f"the OAuth client in {path} has no `{missing}`", _client_made(path), path)
    return {name: found[name] for name in _CLIENT}


def key(path: Path) -> Mapping[str, Any]:
    """The key of a service account in this file.

    Raises:
        PermissionNeededError: others can read it.
        DownloadError: there is none, or it is none.
    """
    try:
        text = secret.read(path, _KEY_NAMED, _KEY_AGAIN)
    except FileNotFoundError:
        raise DownloadError(f"there is no key of a service account in {path}", _key_made(path), path) from None
    except (OSError, UnicodeDecodeError) as error:
        _unreadable(_KEY_NAMED, path, error, _key_made(path))
    document = _document(_KEY_NAMED, path, text, _key_made(path))
    if document.get("type") != "service_account":
        raise DownloadError(f"{path} is {_kind(document)}, and no key of a service account", _key_made(path), path)
    missing = _missing(document, _KEY)
    if missing:
        raise DownloadError(f"{_KEY_NAMED} in {path} has no `{missing}`", _key_made(path), path)
    return document


def _client_made(path: Path) -> str:
    """How to come to the client that is to be in this file."""
    move = "mv -i" if os.path.lexists(path) else "mv"  # no more than a guess where nobody may look
    beside = _beside(path)
    if beside:
        newest = beside[0]
        others = ", ".join(one.name for one in beside[1:])
        where = f"the newest of those that lie beside it ({others})" if others else "which lies beside it"
        return f"Is it {newest.name}, {where}? Say `{move} {quote(str(newest))} {quote(str(path))}`."
    return (
        'In Google\'s console, under "Clients", press "Create client", choose "Desktop app", and press "Download JSON" '
        "(docs/google.md walks through it). The file is called client_secret_….json; put it there: "
        f"`{move} ~/Downloads/client_secret_*.json {quote(str(path))}`."
    )


def _key_made(path: Path) -> str:
    """How to come to the key that is to be in this file."""
    return (
        'In Google\'s console, under "IAM & Admin", "Service Accounts", open the account and its "Keys", press '
        '"Add key", "Create new key", and choose JSON; its file is what `google: {service_account: …}` in '
        "afterword.yaml names. "
        f"Say `chmod 600 {quote(str(path))}` when it is there: one that others can read is not used."
    )


def _beside(path: Path) -> list[Path]:
    """The clients that were downloaded beside this file, and never got its name; the newest first."""
    found = []
    for one in path.parent.glob(_NAMES):
        try:
            usable = one != path and "installed" in json.loads(one.read_text(encoding="utf-8-sig"))
            found += [(one.stat().st_mtime_ns, one)] if usable else []
        except (OSError, ValueError, TypeError, RecursionError):
            continue
    return [one for _, one in sorted(found, reverse=True)]


def _document(what: str, path: Path, text: str, hint: str) -> Mapping[str, Any]:
    if not text.strip():
        raise DownloadError(f"{what} in {path} is an empty file", hint, path)
    if text.lstrip().startswith("<"):
        raise DownloadError(f"{what} in {path} is no JSON but a page of the web", hint, path)
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"in line {error.lineno}, column {error.colno}"
        cut = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated")
        how = f"is cut off {place}" if cut else f"is no JSON: the fault is {place}"
        raise DownloadError(f"{what} in {path} {how}", f"Take the file as Google gave it. {hint}", path,
                            error.lineno, error.colno) from error  # fmt: skip
    except (ValueError, RecursionError) as error:
        raise DownloadError(f"{what} in {path} is no JSON that can be read", hint, path) from error
    return document if isinstance(document, dict) else {}


def _kind(document: Mapping[str, Any]) -> str:
    if document.get("type") == "service_account":
        return "the key of a service account"
    if "web" in document:
        return "the OAuth client of a web application"
    return "an OAuth client" if "installed" in document else "another file"


def _instead(document: Mapping[str, Any], path: Path) -> str:
    if document.get("type") != "service_account":
        return ""
    file, aside = quote(str(path)), quote(str(path.with_name("service-account.json")))
    return (
        f"Where an administrator lets that account ask in your name, say `chmod 600 {file}`, and write in "
        f"afterword.yaml `google: {{service_account: {path.name}, user: YOUR ADDRESS}}`. "
        f"Else put the key aside first, `mv -n {file} {aside}`, and then: "
    )


def _missing(found: Any, names: tuple[str, ...]) -> str:
    """The first that is missing, or an empty text."""
    given = found if isinstance(found, dict) else {}
    return next((name for name in names if not isinstance(given.get(name), str)), "")


def _unreadable(what: str, path: Path, error: Exception, hint: str) -> NoReturn:
    if isinstance(error, PermissionError):
        raise DownloadError(
            f"{what} in {path} cannot be read: permission denied", f"Say `chmod u+r {quote(str(path))}`.", path
        ) from error
    why = str(error.strerror).lower() if isinstance(error, OSError) else "it is no UTF-8 text"
    raise DownloadError(f"{what} in {path} cannot be read: {why}", hint, path) from error
