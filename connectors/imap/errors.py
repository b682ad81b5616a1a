"""What an answer of an IMAP server, or no answer, means for the house, in words that help."""

from __future__ import annotations

import re
import socket
import ssl
from base64 import b64encode
from contextlib import contextmanager
from imaplib import IMAP4
from typing import TYPE_CHECKING

from connectors.base import (
    ConnectorError,
    NoteRefusedError,
    PermanentError,
    PermissionNeededError,
    TransientError,
)
from connectors.retry import AgainError
from connectors.tls import UNKNOWN, unbelieved
from rules.cleaning import line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CODE = re.compile(r"\[([A-Z][A-Z0-9-]+)(?: [^\]]*)?\]")
_BYTES = re.compile(r"""^b(['"])(.*)\1$""", re.DOTALL)
_SHOWN = 200
_LONG = 20_000
_SECRET = 4
"""Letters from which on a password is one: a shorter one is a part of any words."""
_LATER = "Nothing to do: it is asked again in the next cycle."

_OWN_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})

_MICROSOFT = (
    "Microsoft takes no password for IMAP any more, only OAuth: write `oauth: {command: …}` in place of `password:`, "
    "with a command that prints an access token (docs/servers.md)"
)
_APP_PASSWORDS = {
    "gmail.com": "Gmail takes an app password here, from https://myaccount.google.com/apppasswords; "
    "`mailbox: {gmail: {}}` needs none",
    "me.com": "iCloud takes an app-specific password here; make one at https://account.apple.com under Sign-In and "
    "Security. The user is the part of the iCloud address before the @",
    "fastmail.com": "Fastmail takes an app password here; make one under Settings, Privacy & Security, with IMAP",
    "yahoo.com": "Yahoo takes an app password here; make one under Account Security",
    "aol.com": "AOL takes an app password here; make one under Account Security",
    "mailbox.org": "with two factors, mailbox.org takes an application password here; else that of the account",
    "zoho.com": "with two factors, Zoho takes an app-specific password here; IMAP is switched on in its settings",
    "gmx.net": "GMX lets other programs in once that is switched on in its settings, under POP3 & IMAP",
    "web.de": "WEB.DE lets other programs in once that is switched on in its settings, under POP3 & IMAP",
    "office365.com": _MICROSOFT,
    "outlook.com": _MICROSOFT,
    "127.0.0.1": "a bridge such as Proton's has a password of its own, which it shows in its window",
    "localhost": "a bridge such as Proton's has a password of its own, which it shows in its window",
}
"""Servers (by the end of their name) that want another password than one would think, and which."""

_GONE = frozenset({"NONEXISTENT", "TRYCREATE"})
_BUSY = frozenset({"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "THROTTLED"})
_REFUSED = frozenset({"TOOBIG", "CANNOT", "CLIENTBUG", "BADCHARSET", "UNKNOWN-CTE", "PARSE"})
_LOGIN = frozenset({
    "AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED", "PRIVACYREQUIRED", "CONTACTADMIN", "ALERT", "WEBALERT",
})  # fmt: skip
"""Response codes of RFC 5530; WEBALERT is Gmail's."""


class FolderGoneError(TransientError):
    """There is no such folder, or not any more."""


class RefusedError(TransientError):
    """NO: the server has not done what was asked, and says so. `code` is its response code, where it gives one."""

    def __init__(self, message: str, hint: str | None, code: str) -> None:
        super().__init__(message, hint)
        self.code = code


class UnreadableError(PermissionNeededError):
    """A folder that the server does not let be read."""


@contextmanager
def understood(host: str, what: str) -> Iterator[None]:
    """Let what is raised inside be an error of the border. `what` names what was asked, as in "your drafts"."""
    try:
        yield
    except ConnectorError:
        raise
    except IMAP4.readonly as error:
        raise PermissionNeededError(
            f"{host} lets {what} be read only", "Give this user the right to change it."
        ) from error
    except IMAP4.abort as error:
        raise _broken(host, what, error) from error
    except IMAP4.error as error:
        raise refused(host, what, words(error)) from error
    except OSError as error:
        raise unreached(host, error) from error
    except (ValueError, TypeError, LookupError, AttributeError, AssertionError, RecursionError) as error:
        raise TransientError(f"the answer of {host} about {what} cannot be read", _LATER) from error


@contextmanager
def connecting(host: str, *, certificate: Path | None, tls: bool) -> Iterator[None]:
    """Let an error of the beginning say what the settings have to do with it; others pass.

    `certificate` is the file that they name, `tls` whether the connection is encrypted from here on.
    """
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        if certificate is None or error.verify_code not in UNKNOWN:
            raise
        why = line(error.verify_message, _SHOWN)
        raise unbelieved(host, certificate, why) from error
    except TimeoutError as error:
        if tls:
            raise
        raise AgainError(
            f"{host} did not answer in time",
            "If this port is encrypted from the beginning, as 993 is, take `plain` or `starttls` out; else it is asked "
            "again in the next cycle.",
        ) from error


def words(error: Exception, longest: int = _SHOWN) -> str:
    """What the server said, on one line."""
    text = str(error)
    if found := _BYTES.match(text):
        text = found[2]
    return line(text, longest)


def _broken(host: str, what: str, error: Exception) -> ConnectorError:
    said = words(error)
    if "BYE" in said:
        return TransientError(f"{host} ended the connection: {said}", _LATER)
    return AgainError(f"the connection to {host} broke while it was asked for {what}", _LATER)


def refused(host: str, what: str, said: str) -> ConnectorError:
    """The error that a NO or BAD stands for."""
    code = _code(said)
    if code in _GONE:
        return FolderGoneError(f"{host} has no such folder (any more): {what}", _LATER)
    if code == "OVERQUOTA":
        hint = "Make some room there; what is due is kept."
        return RefusedError(f"the mailbox at {host} is full: {said}", hint, code)
    if code == "NOPERM":
        return UnreadableError(f"{host} does not permit {what}: {said}", "Give this user the right to it.")
    return RefusedError(f"{host} refuses {what}: {said}", _LATER, code)


def message_refused(error: RefusedError) -> ConnectorError:
    """A NO to a message that was to be laid down: where the code says that it is the message, this one only."""
    if error.code in _REFUSED:
        return NoteRefusedError(error.message, "The next cycle tries again, as long as it is worth writing.")
    return error


def _code(said: str) -> str:
    found = _CODE.search(said)
    return found[1] if found else ""


def closed(host: str, said: str) -> TransientError | None:
    """The error where a login was refused that will work later; None where it was refused for what was said."""
    code = _code(said)
    if code in _BUSY or (code not in _LOGIN and re.search(r"(?i)too many|try again|temporar", said)):
        return TransientError(f"{host} lets nobody in just now: {said}", _LATER)
    return None


def login(host: str, user: str, error: Exception, password: str = "") -> ConnectorError:
    """The error that a refused login stands for, without what the server repeats of the password."""
    said = _hidden(words(error, _LONG), user, password)
    if busy := closed(host, said):
        return busy
    message = f"{host} does not let {user} in with this password: {said}"
    wants_other = re.search(r"(?i)app(lication)?[- ](specific )?password", said)
    special = next((hint for end, hint in _APP_PASSWORDS.items() if host == end or host.endswith(f".{end}")), None)
    if special is None and wants_other:
        special = "the server wants an app password: make one in the settings of the account, and give that one here"
    correct = "" if special is _MICROSOFT else "correct `user:`, or what `password:` names, in afterword.yaml"
    hint = "; ".join(filter(None, (correct, special)))
    return PermissionNeededError(message, f"{hint[0].upper()}{hint[1:]}.")


def _hidden(said: str, user: str, password: str) -> str:
    """What the server said, without the password in any of the forms in which it was told it."""
    if len(password) >= _SECRET:
        plain = b64encode(f"\0{user}\0{password}".encode("utf-8", "replace")).decode()
        forms = (plain, password.replace("\\", "\\\\").replace('"', '\\"'), password)
        for form in (*(repr(one.encode("utf-8", "replace"))[2:-1] for one in forms), *forms):
            said = said.replace(form, "…")
    return line(said, _SHOWN)


def unreached(host: str, error: OSError) -> ConnectorError:
    """The error that no connection, or a broken one, stands for."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate(host, error)
    if isinstance(error, ssl.SSLError) and error.reason in {"WRONG_VERSION_NUMBER", "HTTP_REQUEST"}:
        clear = " or, as it is on this machine, `plain: true`" if _name(host) in _OWN_MACHINE else ""
        return PermanentError(
            f"{host} speaks no TLS on this port",
            f"Write `starttls: true`{clear} beside `imap:` (port 143 begins in the clear, 993 does not), or correct "
            "`port:`.",
        )
    if isinstance(error, socket.gaierror):
        return TransientError(f"there is no host {host}, or no network", "Correct `imap:` if the network is there.")
    if isinstance(error, ConnectionRefusedError):
        return AgainError(
            f"nobody answers at {host}", "Correct `imap:` or `port:`, if the server runs; else it is asked again."
        )
    if isinstance(error, TimeoutError):
        return AgainError(f"{host} did not answer in time", _LATER)
    return AgainError(f"the connection to {host} failed: {line(error.strerror or str(error), _SHOWN)}", _LATER)


def _certificate(host: str, error: ssl.SSLCertVerificationError) -> ConnectorError:
    """A certificate that is not believed. Nothing was said to whoever showed it, above all no password."""
    why = line(error.verify_message, _SHOWN)
    if error.verify_code in UNKNOWN:
        hint = (
            "If it is a server of your own, let its certificate be believed: write `certificate: FILE` beside `imap:`, "
            "with the file that the server or bridge exports"
        )
    elif error.verify_code == 10:  # noqa: PLR2004 - X509_V_ERR_CERT_HAS_EXPIRED
        hint = "Ask who runs the server to renew it; if every server is called expired, set this machine's clock"
    else:
        hint = f"Write `imap:` as the name that the certificate is for; it is not for {_name(host)}"
    return PermanentError(f"the certificate of {host} is not believed: {why}", f"{hint}.")


def _name(host: str) -> str:
    """The host without its port."""
    return host.rpartition(":")[0] or host
