"""Radicale and Xandikos as programs of their own on 127.0.0.1, and what a user does there with another program."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from threading import Event
from typing import TYPE_CHECKING

import pytest
import requests

from connectors.dav.client import Account
from tests.google.emulated import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

USER, PASSWORD = "alice", "correct horse"
SECONDS = 20.0
_INSTALL = "make development (pip install radicale xandikos)"
_TRIES = 400

_RADICALE = """\
[server]
hosts = {hosts}
[auth]
type = htpasswd
htpasswd_filename = {users}
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = {folder}
[logging]
level = error
[web]
type = none
"""


@dataclass(frozen=True)
class Server:
    """A running server, with a calendar and an address book of its user; both are paths."""

    name: str
    port: int
    process: int
    home: str
    calendar: str
    book: str
    auth: tuple[str, str] | None = None
    tree: Path | None = None
    """Where collections are folders under git, whose user may commit files by hand as well (Xandikos)."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def account(self, address: str = "", port: int = 0) -> Account:
        """As the settings name it; `port` is that of somebody who stands in front of the server."""
        at = f"http://127.0.0.1:{port or self.port}{address}"
        user, password = self.auth or (None, "")
        return Account(at, user, (lambda: password) if user else None, seconds=5.0, pause=lambda _: None)

    def ask(self, method: str, path: str, data: str | bytes | None = None, **headers: str) -> requests.Response:
        """What another program of the user does."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = requests.request(
            method, f"{self.url}{path}", data=data, headers=fields, auth=self.auth, timeout=SECONDS
        )
        assert answer.status_code < 400, (method, path, answer.status_code, answer.text)
        return answer

    def put(self, name: str, event: bytes) -> None:
        """Write an event into the calendar."""
        self.ask("PUT", f"{self.calendar}{name}", event, Content_Type="text/calendar; charset=utf-8")

    def delete(self, name: str) -> None:
        """Delete an event."""
        self.ask("DELETE", f"{self.calendar}{name}")

    def fill(self, events: Sequence[str]) -> None:
        """Write these events into the empty calendar at once, each a resource of its own."""
        head, end = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x", "END:VCALENDAR\r\n"
        if self.tree is None:
            whole = "\r\n".join([head, *events, end])
            self.ask("PUT", self.calendar, whole, Content_Type="text/calendar; charset=utf-8")
            return
        wholes = {f"{number}.ics": f"{head}\r\n{event}\r\n{end}" for number, event in enumerate(events)}
        _commit(self.tree / self.calendar.strip("/"), wholes)

    def put_card(self, name: str, card: bytes) -> None:
        """Write a card into the address book."""
        self.ask("PUT", f"{self.book}{name}", card, Content_Type="text/vcard; charset=utf-8")

    def make(self, path: str, kind: str, name: str, components: str = "VEVENT") -> None:
        """Make a collection: `calendar` or `addressbook`."""
        space = "caldav" if kind == "calendar" else "carddav"
        has = f'<X:supported-calendar-component-set><X:comp name="{components}"/></X:supported-calendar-component-set>'
        body = (
            f'<D:mkcol xmlns:D="DAV:" xmlns:X="urn:ietf:params:xml:ns:{space}"><D:set><D:prop>'
            f"<D:resourcetype><D:collection/><X:{kind}/></D:resourcetype><D:displayname>{name}</D:displayname>"
            f"{has if kind == 'calendar' else ''}</D:prop></D:set></D:mkcol>"
        )
        self.ask("MKCOL", path, body, Content_Type="application/xml")

    def fresh(self, number: int) -> Server:
        """The same server with a calendar and a book that are empty."""
        new = replace(self, calendar=f"{self.home}c{number}/", book=f"{self.home}b{number}/")
        for path, kind in ((new.calendar, "calendar"), (new.book, "addressbook")):
            new.make(path, kind, f"{kind} {number}")
        return new


def needed(*modules: str) -> None:
    """Skip where one of these is missing; in CI that is a failure."""
    missing = [module for module in modules if find_spec(module) is None]
    if missing and os.environ.get("CI"):
        pytest.fail(f"{', '.join(missing)} missing: {_INSTALL}")
    if missing:
        pytest.skip(f"needs {', '.join(missing)}: {_INSTALL}")


@contextmanager
def radicale(folder: Path, *others: int) -> Iterator[Server]:
    """Radicale with a user, a calendar and an address book. It answers at these `others` among its ports, too."""
    needed("radicale")
    port = free_port()
    hosts = ", ".join(f"127.0.0.1:{one}" for one in (port, *others))
    (folder / "users").write_text(f"{USER}:{PASSWORD}\n")
    (folder / "config").write_text(_RADICALE.format(hosts=hosts, users=folder / "users", folder=folder / "data"))
    home = f"/{USER}/"
    with _running(["radicale", "-C", str(folder / "config")], port, folder) as process:
        server = Server("radicale", port, process, home, f"{home}work/", f"{home}people/", (USER, PASSWORD))
        server.make(server.calendar, "calendar", "Work")
        server.make(server.book, "addressbook", "People")
        yield server


@contextmanager
def xandikos(folder: Path) -> Iterator[Server]:
    """Xandikos, which asks nobody for a password, with the calendar and the address book that it makes itself."""
    needed("xandikos")
    port = free_port()
    home = f"/{USER}/"
    (folder / "data").mkdir()
    command = ["xandikos", "serve", "--defaults", "-d", str(folder / "data"), "--listen-address", "127.0.0.1",
               "--port", str(port), "--current-user-principal", home, "--state-dir", str(folder / "state")]  # fmt: skip
    with _running(command, port, folder) as process:
        yield Server("xandikos", port, process, f"{home}calendars/", f"{home}calendars/calendar/",
                     f"{home}contacts/addressbook/", tree=folder / "data")  # fmt: skip


def _commit(folder: Path, files: Mapping[str, str]) -> None:
    """Put these files into a folder under git, with one commit; the server makes one of each file that it is sent."""
    from dulwich.repo import Repo  # noqa: PLC0415 - it comes with Xandikos

    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    with Repo(str(folder)) as repository:
        tree = repository.get_worktree()
        tree.stage(list(files))
        who = b"Alice <alice@one.example>"
        tree.commit(message=b"Many events", committer=who, author=who)


SERVERS: dict[str, Callable[[Path], AbstractContextManager[Server]]] = {"radicale": radicale, "xandikos": xandikos}


@contextmanager
def _running(command: list[str], port: int, folder: Path) -> Iterator[int]:
    """A program until it answers, and until the block ends; ended by its own process."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        _wait(process, port, folder / "log")
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    pause = Event()
    for _ in range(_TRIES):
        assert process.poll() is None, log.read_text()
        try:
            requests.request("OPTIONS", f"http://127.0.0.1:{port}/", timeout=SECONDS)
        except requests.ConnectionError:
            pause.wait(0.05)
        else:
            return
    raise AssertionError(log.read_text())
