"""One connection to an IMAP server (RFC 3501): encrypted, logged in; no text in a command can end it."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError
from imapclient.response_parser import parse_response

from connectors.base import PermanentError, PermissionNeededError
from connectors.imap import errors, oauth, wire
from connectors.imap.oauth import AccessTokens, TokenRefusedError
from connectors.logins import UNMINDED, Login, Logins
from connectors.tls import believing
from connectors.waits import Waits

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

WAITS = Waits(connect=20, silence=60, answer=120)
"""Those of a cycle. An answer is bounded in all, too: a server may say a word a minute, and never end."""
_MOST_TOLD = 10_000
"""What a server may tell in one breath while it is listened to."""
_ENDS = re.compile(r"[\r\n\0]")
_ATOM = re.compile(r"[A-Za-z0-9!#$&'+,./:;<=>?@^_`|~-]+")


class Security(StrEnum):
    """How a connection begins."""

    TLS = "tls"
    STARTTLS = "starttls"
    PLAIN = "plain"


PORTS = {Security.TLS: 993, Security.STARTTLS: 143, Security.PLAIN: 143}


@dataclass(frozen=True, slots=True)
class Server:
    """Where a mailbox is, and who asks. `certificate` is a file of certificates to believe beside the usual ones.

    `secret` is what lets the user in: what gives the password, or where access tokens come from (OAuth). `logins` minds
    what the server says of it. `waits` is how long it is waited for.
    """

    host: str
    user: str
    secret: Callable[[], str] | AccessTokens
    security: Security = Security.TLS
    port: int | None = None
    certificate: Path | None = None
    logins: Logins = UNMINDED
    waits: Waits = WAITS

    def login(self, *, anew: bool = False) -> Login:
        """Who logs in, and where. An access token is got now; `anew`: another one than before.

        Raises:
            ConnectorError: no access token can be had.
        """
        secret = self.secret
        if isinstance(secret, AccessTokens):
            token = secret.get(anew)
            return Login(f"imap://{self.place}", self.user, lambda: token)
        return Login(f"imap://{self.place}", self.user, secret)

    @property
    def place(self) -> str:
        """As it stands in messages: the host, and the port where it is not the usual one."""
        usual = PORTS[self.security]
        return self.host if self.port in {None, usual} else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Opened:
    """A folder as it was when it was opened. UIDs mean something only together with `validity` (UIDVALIDITY)."""

    validity: int
    next: int
    count: int
    changes: int | None = None
    """HIGHESTMODSEQ (RFC 7162), where the server counts changes."""


def safe(text: str, what: str) -> str:
    """The text, if it can stand in a command.

    Raises:
        PermanentError: it has a line end or NUL in it: it would end the command, and begin another.
    """
    if _ENDS.search(text):
        raise PermanentError(f"{what} has a line end or NUL in it", "Correct it where it comes from.")
    return text


def quoted(text: str) -> str:
    """The text as a quoted string (RFC 3501 section 4.3).

    Raises:
        ValueError: it has something in it that no quoted string can hold.
    """
    if _ENDS.search(text) or not text.isascii():
        raise ValueError("a text that cannot stand in a command")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Client(IMAPClient):  # type: ignore[misc] # it ships no types
    """IMAPClient, with answers as they came: it merges them by sequence numbers, which may shift meanwhile."""

    def __init__(self, server: Server) -> None:
        safe(server.host, "the name of the host")
        context = None
        if server.security is not Security.PLAIN:
            context = believing(server.certificate)
        tls = server.security is Security.TLS
        port = server.port or PORTS[server.security]
        self._waits = waits = server.waits
        timeout = SocketTimeout(waits.connect, waits.silence)
        with errors.connecting(server.place, certificate=server.certificate, tls=tls):
            super().__init__(server.host, port, ssl=tls, ssl_context=context, timeout=timeout)
        self._imap.debug = 0  # else each line is formatted for a log that nobody reads
        self.folder_encode = False
        if server.security is Security.STARTTLS:
            try:
                self._secure(server, context)
            except BaseException:
                self.drop()
                raise
        self._imap.begun()

    def _create_IMAP4(self) -> wire.Wire:  # noqa: N802 - IMAPClient's name
        if self.ssl:
            return wire.Tls(self.host, self.port, self.ssl_context, self._waits.connect)
        return wire.Plain(self.host, self.port, self._waits.connect)

    def _secure(self, server: Server, context: ssl.SSLContext | None) -> None:
        if not self.has_capability("STARTTLS"):
            raise PermanentError(
                f"{server.place} does not offer STARTTLS, so the password is not said to it",
                "Leave `starttls` out: most servers speak TLS from the beginning, on port 993.",
            )
        with errors.connecting(server.place, certificate=server.certificate, tls=True):
            self.starttls(context)

    def enter(self, server: Server, login: Login, *, anew: bool = False) -> None:
        """Log in; what the server can do is asked anew afterwards. `anew`: as the login was made, see `Server.login`.

        Raises:
            ConnectorError: it does not let the user in, or there is no password.
        """
        offered = self._offered()
        if isinstance(server.secret, AccessTokens):
            try:
                self._by_token(server, login.password(), offered)
            except TokenRefusedError as error:
                if server.secret.renewable and not anew:
                    raise  # there is another one to try
                raise server.logins.refused(login, error) from None
        else:
            self._by_password(server, login, offered)
        server.logins.taken(login)
        self._imap.untagged_responses.pop("CAPABILITY", None)
        self._cached_capabilities = tuple(self._offered())
        if self.has_capability("ENABLE") and self.has_capability("CONDSTORE"):
            self.enable("CONDSTORE")  # RFC 7162: a folder then tells the number of its latest change

    def _by_token(self, server: Server, token: str, offered: frozenset[bytes]) -> None:
        assert isinstance(server.secret, AccessTokens)
        remedy, mechanism = server.secret.remedy, oauth.mechanism(offered, server.place)
        port = server.port or PORTS[server.security]
        exchange = oauth.Exchange(mechanism, server.user, token, server.host, port)
        words = [exchange.answer(b"").decode("ascii")] if b"SASL-IR" in offered else []  # RFC 4959
        self._imap.literal = exchange.answer  # imaplib calls it with each challenge, as in its own `authenticate`
        try:
            typ, data = self._imap._simple_command("AUTHENTICATE", mechanism, *words)  # noqa: SLF001 - imaplib's own gives no initial response
        except IMAPClient.Error as error:  # the server may repeat what it was told
            said = exchange.hidden(errors.words(error, exchange.LONGEST))
            if isinstance(error, IMAPClient.AbortError):
                raise IMAPClient.AbortError(said) from None
            raise exchange.refused(said, remedy) from None
        if typ != "OK":
            said = exchange.hidden(bytes(data[-1] or b"").decode("utf-8", "replace"))
            raise exchange.refused(said, remedy)
        self._imap.state = "AUTH"

    def _by_password(self, server: Server, login: Login, offered: frozenset[bytes]) -> None:
        plain = b"AUTH=PLAIN" in offered
        if b"LOGINDISABLED" in offered and not plain:
            raise _no_password(server, offered)
        user, password = safe(server.user, "the user"), safe(login.password(), "the password")
        try:
            if plain and (b"LOGINDISABLED" in offered or not (user + password).isascii()):
                self.plain_login(user, password)
            elif not (user + password).isascii():
                raise PermissionNeededError(
                    f"{server.place} takes only plain letters in user and password",
                    "Choose an app password without accents.",
                )
            else:
                self.login(user if _ATOM.fullmatch(user) else quoted(user), password)
        except IMAPClientError as error:
            if isinstance(error.__context__, IMAPClient.AbortError):
                raise error.__context__ from None  # no answer came; IMAPClient calls that a refused login, too
            told = errors.login(server.host, user, error, password)
            if isinstance(told, PermissionNeededError):
                if oauth.offers(offered) and not offered & {b"AUTH=PLAIN", b"AUTH=LOGIN"}:
                    other = _no_password(server, offered)
                    told = PermissionNeededError(other.message, other.hint)
                told = server.logins.refused(login, told)
            raise told from None

    def _offered(self) -> frozenset[bytes]:
        typ, data = self._imap.capability()
        self._checkok("capability", typ, data)
        return frozenset(bytes(data[-1]).upper().split())

    def listed(self, *options: str) -> tuple[list[tuple[tuple[bytes, ...], bytes | None, Any]], tuple[Any, ...]]:
        """All folders by attributes, delimiter and name; and the STATUS of those for which the options ask."""
        self._imap.untagged_responses.pop("STATUS", None)
        typ, data = self._imap._simple_command("LIST", '""', '"*"', *options)  # noqa: SLF001 - imaplib has no extended LIST
        self._checkok("list", typ, data)
        _, data = self._imap._untagged_response(typ, data, "LIST")  # noqa: SLF001 - as above
        statuses = self._imap.untagged_responses.pop("STATUS", [])
        return self._proc_folder_list(data), parse_response(statuses) if statuses else ()

    def opened(self, folder: str, *, write: bool) -> Opened:
        """Open a folder."""
        answer = self.select_folder(folder, readonly=not write)
        changes = answer.get(b"HIGHESTMODSEQ")
        count = int(answer[b"EXISTS"])
        return Opened(int(answer[b"UIDVALIDITY"]), int(answer.get(b"UIDNEXT") or 0), count, changes)

    def found(self, *criteria: str) -> list[int]:
        """The UIDs of the mails that fit, in order."""
        data = self._command_and_check("search", *criteria, uid=True)
        return sorted({int(word) for part in data if part for word in bytes(part).split()})

    def fetched(self, uids: str, items: str) -> Iterator[tuple[int, dict[bytes, Any]]]:
        """What the server tells of these mails, in the order in which it does; what it tells unasked is among it."""
        data = self._command_and_check("fetch", uids, items, uid=True)
        parsed = iter(parse_response([one for one in data if one is not None]))
        for _, told in zip(parsed, parsed, strict=True):
            pairs = iter(told)
            values = {bytes(key).upper(): value for key, value in zip(pairs, pairs, strict=True)}
            if isinstance(uid := values.get(b"UID"), int):
                yield uid, values

    def append_to(self, folder: str, message: bytes, flags: tuple[str, ...], at: datetime) -> str:
        """Lay a message down; what the server says of it."""
        self._imap.untagged_responses.pop("APPENDUID", None)
        said = self.append(folder, message, flags, at)
        return bytes(said or b"").decode("ascii", "replace")

    def mark_deleted(self, uid: int) -> None:
        """Set the flag of what is to be expunged."""
        self._command_and_check("store", str(uid), "+FLAGS.SILENT", r"(\Deleted)", uid=True)

    def check(self) -> None:
        """Ask whether the server is still there."""
        typ, data = self._imap.noop()
        self._checkok("noop", typ, data)

    # --- listening (RFC 2177); IMAPClient's own takes half a line for an end, and no word before the server's "+" ---

    def idle(self) -> bool:
        """Let the server tell of what comes; whether it told of a mail already."""
        self._idle_tag = self._imap._command("IDLE")  # noqa: SLF001 - imaplib has no IDLE before Python 3.14
        came = False
        while (said := self._said()) is not None:
            self._check_listening()
            came = came or _is_of_mail(said)
        return bool(self.idle_told()) or came

    def idle_told(self) -> bool | None:
        """Whether the server told of a mail by now; None where it told nothing at all. It is not waited for."""
        came = None
        for _ in range(_MOST_TOLD):
            if not self._imap.waiting():
                return came
            said = self._said()
            self._check_listening()
            came = bool(came) or _is_of_mail(said)
        raise ValueError("it does not end")

    def idle_done(self) -> bool:
        """End the listening; whether the server told of a mail meanwhile."""
        self._imap.send(b"DONE\r\n")
        came = False
        while not self._imap.tagged_commands[self._idle_tag]:
            came = _is_of_mail(self._said()) or came
        self._checkok("IDLE", *self._imap.tagged_commands.pop(self._idle_tag))
        return came

    def _said(self) -> bytes | None:
        """The next answer; None for the server's "+"."""
        self._imap.untagged_responses.clear()  # nobody asks for them later, and this goes on for days
        said: bytes | None = self._imap._get_response()  # noqa: SLF001 - as above
        if said is not None and said[:5].upper() == b"* BYE":
            raise IMAPClient.AbortError(said)
        return said

    def _check_listening(self) -> None:
        ended = self._imap.tagged_commands[self._idle_tag]
        if ended:
            raise IMAPClient.Error(ended[1][-1] or "it has ended")

    def cut(self) -> None:
        """End the connection under whoever waits for an answer; may be called in another thread."""
        try:
            socket.socket.shutdown(self._imap.sock, socket.SHUT_RDWR)
        except OSError:
            return

    def drop(self) -> None:
        """End the connection: with a word, and without waiting for an answer."""
        sock = self._imap.sock
        try:
            sock.settimeout(1)
            self._imap.send(b"ZZ LOGOUT\r\n")
        except (OSError, ValueError):
            pass
        try:
            self._imap.shutdown()
        except (OSError, ValueError):
            sock.close()


def _is_of_mail(said: bytes | None) -> bool:
    """Whether a mail came: the folder has so many now (RFC 3501 section 7.3.1)."""
    return said is not None and said.split()[2:] == [b"EXISTS"]


def _no_password(server: Server, offered: frozenset[bytes]) -> PermanentError:
    if server.security is Security.PLAIN and b"STARTTLS" in offered:
        return PermanentError(
            f"{server.place} takes no password over a connection in the clear", "Write `starttls: true` beside `imap:`."
        )
    if oauth.offers(offered):
        return PermanentError(
            f"{server.place} takes no password at all, only OAuth",
            "Write `oauth: {command: …}` in place of `password:`, with a command that prints an access token "
            "(docs/servers.md); for Gmail write `mailbox: {gmail: {}}`, or `oauth: google`.",
        )
    return PermanentError(
        f"{server.place} takes no password, and nothing else that Afterword could say to it",
        "Have it take a password (AUTH=PLAIN) or OAuth (AUTH=XOAUTH2), or use a bridge or a Maildir.",
    )
