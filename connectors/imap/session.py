"""What is asked of an IMAP server, one question a method, each bounded in time; what is not understood is an error."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from threading import Timer
from typing import TYPE_CHECKING, Any

from imapclient.datetime_util import format_criteria_date, parse_to_datetime

from connectors.base import TransientError
from connectors.imap import errors
from connectors.imap.client import Client, Opened, Server, quoted
from connectors.imap.oauth import AccessTokens, TokenRefusedError
from connectors.mailboxes.files import HEAD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date

_BATCH = 400
_EPOCH = datetime.fromtimestamp(0, UTC)
_APPENDED = re.compile(r"\[APPENDUID [0-9]+ [0-9]+\]", re.IGNORECASE)
_ADDRESSES = "BODY.PEEK[HEADER.FIELDS (FROM SENDER TO CC BCC)]"
_NAMES = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID IN-REPLY-TO REFERENCES)]"
_WHOLE_HEAD = f"BODY.PEEK[HEADER]<0.{HEAD}>"
_STATUS = "(UIDVALIDITY UIDNEXT MESSAGES)"


@dataclass(frozen=True, slots=True)
class Listed:
    """A folder as the server names it: attributes in lower case, what parts its levels, the name as it is sent."""

    attributes: frozenset[str]
    delimiter: str
    name: str


@dataclass(frozen=True, slots=True)
class Told:
    """What was asked of one mail: its flags in lower case, when it came, and the bytes asked for."""

    flags: frozenset[str]
    received: datetime
    raw: bytes | None


class Session:
    """A connection that is logged in. After an error of the connection it is of no more use.

    `anew`: with another access token than the one of before, which the server refused.
    """

    def __init__(self, server: Server, *, anew: bool = False) -> None:
        self._server = server
        # Before there is a connection: it may take longer than a server waits for a login.
        login = server.login(anew=anew)
        server.logins.check(login)
        with errors.understood(server.place, "the connection"):
            self._client = Client(server)
        try:
            with self._asking("the login"):
                self._client.enter(server, login, anew=anew)
                self._can = frozenset(self._client.capabilities())
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End it."""
        self._client.drop()

    def can(self, capability: str) -> bool:
        """Whether the server says that it can do this."""
        return capability.encode() in self._can

    def check(self) -> None:
        """Find out whether the connection still stands.

        Raises:
            ConnectorError: it does not. So for all methods here: the server cannot be asked, or refuses.
        """
        with self._asking("a sign of life"):
            self._client.check()

    def folders(self) -> list[Listed]:
        """All folders that can be opened; those that belong to others, or to all, are left out (RFC 2342)."""
        options = ("RETURN", "(SPECIAL-USE)") if self.can("SPECIAL-USE") and self.can("LIST-EXTENDED") else ()
        with self._asking("the list of folders"):
            if not self.can("SPECIAL-USE") and self.can("XLIST"):
                listed = self._client.xlist_folders()
            else:
                listed, _ = self._client.listed(*options)
            theirs = self._theirs()
            found = [_listed(*one) for one in listed]
        closed = {"\\noselect", "\\nonexistent"}
        return [one for one in found if one and not one.attributes & closed and not one.name.startswith(theirs)]

    def _theirs(self) -> tuple[str, ...]:
        """How the names of folders begin that are not this user's."""
        if not self.can("NAMESPACE"):
            return ()
        told = self._client.namespace()
        prefixes = [prefix for part in (told.other, told.shared) for prefix, _ in part or ()]
        return tuple(
            text for one in prefixes if (text := one.decode("ascii", "replace") if isinstance(one, bytes) else one)
        )

    def statuses(self, names: Iterable[str]) -> dict[str, Opened]:
        """What these folders have now. Those that cannot be looked into are left out."""
        wanted = list(names)
        if self.can("LIST-STATUS"):
            with self._asking("what the folders hold"):
                _, told = self._client.listed("RETURN", f"(STATUS {_STATUS})")
                found = dict(zip(map(_name, told[::2]), map(_status, told[1::2]), strict=True))
            return {name: status for name in wanted if (status := found.get(name)) is not None}
        single: dict[str, Opened] = {}
        for name in wanted:
            try:
                with self._asking("what a folder holds"):
                    told = self._client.folder_status(name, ["UIDVALIDITY", "UIDNEXT", "MESSAGES"])
                    single[name] = _opened(told)
            except (errors.RefusedError, errors.FolderGoneError, errors.UnreadableError):
                continue
        return single

    def open(self, name: str, what: str, *, write: bool = False) -> Opened:
        """Open a folder; without `write` nothing in it can change by it."""
        with self._asking(what):
            return self._client.opened(name, write=write)

    def all(self) -> list[int]:
        """All mails in the open folder."""
        with self._asking("the mails in a folder"):
            return self._client.found("ALL")

    def since(self, day: date) -> list[int]:
        """Those that came on this day or later."""
        with self._asking("the latest mails in a folder"):
            return self._client.found("SINCE", format_criteria_date(day).decode())

    def deleted(self) -> list[int]:
        """Those that are marked as deleted."""
        with self._asking("the mails that are marked as deleted"):
            return self._client.found("DELETED")

    def named(self, message_id: str) -> list[int]:
        """Those that may have this Message-ID: a server looks for a part of it, and whoever asks compares."""
        with self._asking("a mail by its Message-ID"):
            return self._client.found("HEADER", "MESSAGE-ID", quoted(message_id))

    def flags(self) -> dict[int, frozenset[str]]:
        """All mails in the open folder with their flags, in one answer."""
        with self._asking("your drafts"):
            return {uid: _flags(told) for uid, told in self._client.fetched("1:*", "(UID FLAGS)") if b"FLAGS" in told}

    def addressed(self, uids: Iterable[int]) -> dict[int, Told]:
        """Who is on these mails: the few fields that say it."""
        return self._fetched(uids, _ADDRESSES, "the addresses on your mails")

    def heads(self, uids: Iterable[int]) -> dict[int, Told]:
        """The heads of these mails, up to what anybody reads of them."""
        return self._fetched(uids, _WHOLE_HEAD, "the heads of your mails")

    def names(self, uids: Iterable[int]) -> dict[int, Told]:
        """The Message-IDs in the heads of these mails: their own and others'."""
        return self._fetched(uids, _NAMES, "the names of your mails")

    def whole(self, uid: int) -> Told | None:
        """A mail as it is; None when it is there no more."""
        return self._fetched([uid], "BODY.PEEK[]", "a mail in your mailbox").get(uid)

    def _fetched(self, uids: Iterable[int], item: str, what: str) -> dict[int, Told]:
        """Those of the mails that are still there, each with the item."""
        found: dict[int, Told] = {}
        pending = iter(uids)
        while batch := list(islice(pending, _BATCH)):
            found |= self._batch(batch, item, what)
        return found

    def _batch(self, batch: list[int], item: str, what: str) -> dict[int, Told]:
        """One question. A mail that the server itself cannot read must not hide the others, so they are asked apart."""
        found: dict[int, Told] = {}
        wanted = frozenset(batch)
        try:
            with self._asking(what):
                for uid, told in self._client.fetched(_sequence(batch), f"(UID FLAGS INTERNALDATE {item})"):
                    key = next((one for one in told if one.startswith(b"BODY[")), None)
                    if uid in wanted and key is not None:
                        found[uid] = Told(_flags(told), _moment(told.get(b"INTERNALDATE")), _octets(told[key]))
        except errors.RefusedError:
            if len(batch) == 1:
                return {}
            half = len(batch) // 2
            return self._batch(batch[:half], item, what) | self._batch(batch[half:], item, what)
        return found

    def append(self, name: str, message: bytes, flags: tuple[str, ...], at: datetime, what: str) -> bool:
        """Lay a message into a folder; whether the server said under which UID it lies there (RFC 4315)."""
        with self._asking(what):
            return bool(_APPENDED.search(self._client.append_to(name, message, flags, at)))

    def mark_deleted(self, uid: int) -> None:
        """Mark a mail in the open folder as deleted."""
        with self._asking("a draft that is taken away"):
            self._client.mark_deleted(uid)

    def expunge(self, uid: int) -> bool:
        """Remove this one mail that is marked as deleted, and no other; whether it is gone.

        Without UIDPLUS everything that is marked goes, so it is only done where nothing else is. Where the user lacks
        the right (RFC 4314), a server may say OK and leave it.
        """
        just_that = self.can("UIDPLUS")
        if not just_that and self.deleted() != [uid]:
            return False
        try:
            with self._asking("a draft that is taken away"):
                if just_that:
                    self._client.uid_expunge([uid])
                else:
                    self._client.expunge()
        except errors.RefusedError:
            return False
        return uid not in self.deleted()

    # --- listening (RFC 2177) ------------------------------------------------------------------------------

    def fileno(self) -> int:
        """What to poll for reading while the server is listened to."""
        number: int = self._client.socket().fileno()
        return number

    def listen(self) -> bool:
        """Let the server tell of what comes into the open folder, from now until `hush`; meanwhile nothing is asked.

        Whether it told of a mail already.
        """
        with self._asking("new mail"):
            return self._client.idle()

    def heard(self) -> bool:
        """Whether the server told of a mail that came; it is not waited for.

        Where something can be read and says nothing, the connection may have ended: only a question shows that.
        """
        with self._asking("new mail"):
            came = self._client.idle_told()
        return self.renewed() if came is None else came

    def renewed(self) -> bool:
        """Ask anew to be told what comes; whether a mail came meanwhile."""
        came = self.hush()
        return self.listen() or came

    def hush(self) -> bool:
        """End the listening; whether the server told of a mail that came meanwhile."""
        with self._asking("new mail"):
            return self._client.idle_done()

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        late = _Late(self._client.cut, self._server.waits.answer)
        try:
            with errors.understood(self._server.place, what), late:
                yield
        except TransientError as error:
            if late.passed:
                raise TransientError(
                    f"{self._server.place} takes too long to answer about {what}", error.hint
                ) from error
            raise


def entered(server: Server) -> Session:
    """Log in. A token that was kept may have ended, or been taken back: another one is tried once, where there is one.

    Raises:
        ConnectorError: the server cannot be asked, or lets nobody in.
    """
    try:
        return Session(server)
    except TokenRefusedError:
        if not (isinstance(server.secret, AccessTokens) and server.secret.renewable):
            raise
    return Session(server, anew=True)


class _Late:
    """Calls when the time is over, in a thread of its own."""

    def __init__(self, call: Callable[[], None], seconds: float) -> None:
        self._call = call
        self.passed = False
        self._timer = Timer(seconds, self._pass)
        self._timer.daemon = True

    def _pass(self) -> None:
        self.passed = True
        self._call()

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()


def _sequence(uids: Iterable[int]) -> str:
    """A set of UIDs as a command names it: runs are shortened."""
    runs: list[list[int]] = []
    for uid in sorted(uids):
        if runs and runs[-1][1] == uid - 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(str(first) if first == last else f"{first}:{last}" for first, last in runs)


def _listed(attributes: Iterable[bytes], delimiter: bytes | None, name: Any) -> Listed | None:
    """None for a name that cannot stand in a command."""
    text = _name(name)
    if not text.isascii() or not text.isprintable():
        return None
    marks = frozenset(bytes(one).decode("ascii", "replace").casefold() for one in attributes)
    return Listed(marks, delimiter.decode("ascii", "replace") if delimiter else "", text)


def _name(name: Any) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)


def _status(items: tuple[Any, ...]) -> Opened:
    return _opened(dict(zip(items[::2], items[1::2], strict=True)))


def _opened(told: dict[bytes, Any]) -> Opened:
    values = {bytes(key).upper(): int(value) for key, value in told.items()}
    return Opened(values[b"UIDVALIDITY"], values.get(b"UIDNEXT", 0), values[b"MESSAGES"])


def _flags(told: dict[bytes, Any]) -> frozenset[str]:
    return frozenset(_name(flag).casefold() for flag in told.get(b"FLAGS") or ())


def _octets(value: Any) -> bytes:
    return value if isinstance(value, bytes) else b"" if value is None else str(value).encode()


def _moment(value: Any) -> datetime:
    """When a mail came, in UTC."""
    try:
        at: datetime = parse_to_datetime(value, normalise=False)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else max(at.astimezone(UTC), _EPOCH)
    except (ValueError, TypeError, AttributeError, OverflowError):
        return _EPOCH
