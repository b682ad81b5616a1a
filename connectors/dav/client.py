"""The one way to a DAV server: bounded, and only to the server of the account. It asks, and never changes anything."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from connectors import web
from connectors.base import ConnectorError, PermanentError, PermissionNeededError, TransientError
from connectors.calendars.errors import Unreadable
from connectors.dav.auth import Auth
from connectors.dav.place import LONGEST, ForeignError, Origin
from connectors.dav.vendors import password_hint
from connectors.logins import UNMINDED, Login, Logins
from connectors.retry import AgainError, Patience, again

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

LARGEST = 64 * 2**20
"""Bytes of an answer, after decompression."""
_IN_ALL = 300.0
"""Seconds that all answers of one account may take in one cycle."""
_SILENT = 20.0
"""Seconds that the server may say nothing."""
_METHODS = frozenset({"GET", "PROPFIND", "REPORT", "OPTIONS"})
"""Methods that change nothing (RFC 9110 section 9.2.1, RFC 4918, RFC 3253)."""
_UNAUTHORISED, _TIMEOUT, _MANY = 401, 408, 429
_TAKEN = range(200, 300)
"""Answers that nobody gets with a wrong password; others may come from somebody in between."""
_HINT = "Nothing to do: it is asked again."
_OWN = "write `certificate: FILE` beside the address in afterword.yaml, with the file of its certificate"
_WAYS = "Afterword speaks Basic, in which no user has a colon, and Digest. Ask whoever runs the server for one of them."


@dataclass(frozen=True, slots=True)
class Account:
    """Where to ask, and as whom. `address` is that of the settings: a host name, or an http(s) address.

    `local` allows what is on this machine or in its network. `certificate` is a file of certificates to believe beside
    the usual ones. `seconds` is what one answer may take. `logins` minds what the server says of the password.
    """

    address: str
    user: str | None = None
    password: Callable[[], str] | None = field(default=None, repr=False)
    local: bool = False
    certificate: Path | None = None
    seconds: float = 60.0
    pause: Callable[[float], None] | None = None
    logins: Logins = UNMINDED

    @property
    def url(self) -> str:
        """The address in full; a mere host name is asked by https.

        Raises:
            PermanentError: it is none.
        """
        said = self.address.strip()
        url = said if "://" in said else f"https://{said}"
        try:
            origin = Origin.of(url)
            return origin.resolve(url, url)
        except (ValueError, ForeignError):
            raise PermanentError(
                f"`{said[:80]}` is no address that can be asked", "Write it as in `https://cloud.example/dav/`."
            ) from None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: from which address it came in the end, and what was said."""

    status: int
    address: str
    body: bytes
    headers: Mapping[str, str]


class Client:
    """Asks the server of one account, with its password. Not for two threads at once.

    `scheme` is how the password was shown in an earlier cycle (`Auth.scheme`).
    """

    def __init__(self, account: Account, scheme: str = "") -> None:
        self._account = account
        self.url = account.url
        self.origin = Origin.of(self.url)
        self._local = account.local or web.named_local(self.url)
        self._auth: Auth | None = None
        self._login: Login | None = None
        if account.user is not None and account.password is not None:
            self._auth = Auth(account.user, account.password, scheme)
            self._login = Login(str(self.origin), account.user, account.password)
        self._line = web.Line(self._allow, account.certificate, _OWN)
        self._patience = Patience()
        self._left = _IN_ALL

    @property
    def scheme(self) -> str:
        """How the password is shown, for the next cycle; empty where it is not."""
        return self._auth.scheme if self._auth else ""

    def close(self) -> None:
        """Let go of the connections."""
        self._line.close()

    def ask(self, method: str, address: str, body: bytes | None = None, **headers: str) -> Reply:
        """Ask, and follow redirects on the server; `_` in the name of a header stands for `-`.

        Whatever status comes is returned, but for those that are an error of the connection or of the password.

        Raises:
            ConnectorError: there is no answer, or the password is not taken.
            ForeignError: it leads to another server. Nothing was asked there.
        """
        assert method in _METHODS, method
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        for _ in range(web.MAX_REDIRECTS + 1):
            ask = partial(self._asked, method, address, body, fields)
            reply = again(ask, self._account.pause, self._patience)
            if reply.status not in web.REDIRECTS:
                return reply
            address = self._next(address, reply.headers.get("Location", ""))
        raise PermanentError(
            f"{self.origin} redirects more than {web.MAX_REDIRECTS} times",
            "Write the address where it ends into afterword.yaml.",
        )

    def _asked(self, method: str, address: str, body: bytes | None, fields: Mapping[str, str]) -> Reply:
        """Ask once, and once more where the server wants to see the password, or to see it in another way."""
        logins, login = self._account.logins, self._login
        if login is not None:
            logins.check(login)
        for _ in range(3):
            shown = self._auth.header(method, address) if self._auth else None
            reply, challenges = self._once(method, address, body, {**fields, **_authorised(shown)})
            if reply.status != _UNAUTHORISED:
                if login is not None and shown is not None and reply.status in _TAKEN:
                    logins.taken(login)
                return reply
            if self._auth is None or login is None:
                raise PermissionNeededError(
                    f"{self.origin} asks for a user and a password",
                    "Write `user:` and `password:` beside the address in afterword.yaml.",
                )
            if not self._auth.challenged(challenges, safe=self.origin.scheme == "https"):
                break
        assert login is not None
        if shown is None:  # and so nothing was refused
            raise PermissionNeededError(f"{self.origin} asks for a password in no way that can be answered", _WAYS)
        message = f"{self.origin} does not take the password of {login.user}"
        raise logins.refused(login, PermissionNeededError(message, password_hint(self.origin.host)))

    def _once(
        self, method: str, address: str, body: bytes | None, fields: Mapping[str, str]
    ) -> tuple[Reply, tuple[str, ...]]:
        if not self.origin.owns(address):
            raise ForeignError(f"{address[:100]} is not on {self.origin}")
        if self._left <= 0:
            raise TransientError(f"{self.origin} took longer than {_IN_ALL:g} seconds in all", _HINT)
        bounds = web.Bounds(LARGEST, min(self._account.seconds, self._left), min(_SILENT, self._account.seconds))
        said = {**fields, "Content-Type": "application/xml; charset=utf-8"} if body is not None else fields
        began = time.monotonic()
        try:
            with self._line.ask(method, address, said, bounds, body) as response:
                content = b"".join(web.inflated(response, bounds, f"the answer of {self.origin}"))
                reply = Reply(response.status_code, address, content, response.headers)
                challenges = response.raw.headers.getlist("WWW-Authenticate")
        finally:
            self._left -= time.monotonic() - began
        self._check_brief(reply)
        return reply, tuple(challenges)

    def _check_brief(self, reply: Reply) -> None:
        """What may be over by itself is tried again, at once or in the next cycle."""
        said = f"{self.origin} cannot answer just now ({reply.status})"
        after = web.after(reply.headers.get("Retry-After", ""))
        if reply.status in web.BRIEF or reply.status == _TIMEOUT or (reply.status == _MANY and after is not None):
            raise AgainError(said, _HINT, after=after)
        if reply.status == _MANY:
            raise TransientError(said, _HINT, after=after)

    def _next(self, address: str, location: str) -> str:
        """Where a redirect leads, if that is on this server.

        Raises:
            ForeignError: it is elsewhere; with the address to write if it is meant.
        """
        try:
            said = location.strip().encode("latin-1").decode()  # some servers send UTF-8 as it is
            target = urljoin(address, said) if said.isprintable() else ""
            inside = bool(target) and len(target) <= LONGEST and self.origin.owns(target)
        except ValueError:
            target, inside = "", False
        if inside:
            return Origin.of(target).resolve(target, target)
        if not target or not urlsplit(target).hostname:
            raise PermanentError(f"{self.origin} redirects to what is no address", "Tell whoever runs the server.")
        if target.startswith("http:") and self.origin.scheme == "https" and Origin.of(target).host == self.origin.host:
            raise ForeignError(
                f"{self.origin} sends whoever asks away from https: {target[:200]}",
                "No password goes there. Behind a proxy, the server has to know that it is asked by https; until then "
                f"`{self.origin}{urlsplit(target).path[:200]}` in afterword.yaml may do.",
            )
        raise ForeignError(
            f"{self.origin} sends whoever asks to another server: {target[:200]}",
            "No password goes there. If it is the right one, write that address into afterword.yaml.",
        )

    def _allow(self, peer: str) -> None:
        """Judge by the IP address that is really connected to. Without https nothing goes further than this network."""
        ip = web.plain(peer)
        if ip.is_global and self.origin.scheme == "http":
            raise PermanentError(
                f"{self.origin} is asked without https, and anybody on the way could read the password",
                "Write the address with https://.",
            )
        private = not (ip.is_loopback or ip.is_link_local or ip.is_unspecified) and self.origin.scheme == "https"
        if ip.is_global or self._local or private:
            return
        raise PermanentError(
            f"{self.origin} leads to this machine or its network ({ip})",
            "If that is meant, add `local: true` beside the address in afterword.yaml.",
        )


def refused(reply: Reply, origin: Origin, what: str) -> ConnectorError:
    """The error for an answer that is not the one that was asked for; `what` names what it was to tell."""
    status = reply.status
    if status == 403:  # noqa: PLR2004 - statuses are best known by their numbers
        return PermissionNeededError(
            f"{origin} does not let this user read {what} (403)",
            "Check the address and `user:` in afterword.yaml; what is somebody else's has to be shared with this user.",
        )
    if status in {404, 410}:
        return PermanentError(f"{origin} has no {what} at this address ({status})", _where(reply))
    if status in {405, 501} or status in range(200, 300):
        return PermanentError(f"{origin} does not answer as a DAV server does ({status})", _where(reply))
    if status >= 500:  # noqa: PLR2004 - as above
        return TransientError(f"{origin} fails with {status} when asked for {what}", _HINT)
    return Unreadable(f"{origin} gave no {what} but the answer {status}", _where(reply))


def _where(reply: Reply) -> str:
    return (
        f"Check the address in afterword.yaml (docs/servers.md has those of some providers); {reply.address[:200]} "
        "was asked."
    )


def _authorised(shown: str | None) -> dict[str, str]:
    return {} if shown is None else {"Authorization": shown}
