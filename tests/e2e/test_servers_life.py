"""Everything at servers of open standards: calendar and contacts at Radicale, mail at Dovecot, and the real command."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from connectors.base import Folder
from tests.daemon.command import afterword
from tests.dav.servers import PASSWORD as CLOUD_PASSWORD
from tests.dav.servers import USER, Server, radicale
from tests.e2e.test_imap_life import neomutt_by_imap
from tests.house import calendar, event
from tests.imap.hand import NAMES, ProgramHand, done, program
from tests.imap.home import anew, at_dovecot
from tests.imap.programs import OLD, PASSWORD, dovecot

if TYPE_CHECKING:
    import imaplib
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cases.home import Home
    from tests.e2e.test_neomutt import Neomutt
    from tests.imap.programs import Dovecot

DANA, KIM, SAM = "dana@acme.example", "kim@studio.example", "sam@sales.example"
DRAFTS = ".Entw&APw-rfe"
RULES = """\
rules:
  - id: network
    when: {title: [coffee], person: {tag: [network]}}
    steps:
      - {id: thank-you, template: thank-you, after: 2 hours, by: 24 hours}
      - {id: check-in, template: check-in, every: 6 weeks, at_most: 4}
"""
ANSWER = """\
From: Dana Okafor <{dana}>
To: Robin Vale <robin@example.org>
Subject: Re: Thank you, Dana
Date: Fri, 10 Apr 2026 09:00:00 +0000
Message-ID: <answer@acme.example>
In-Reply-To: {message_id}

It was a pleasure.
"""


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Server]:
    """Three meetings at Radicale, and three people in the address book there: Sam is known, and has no tag."""
    (tmp_path / "radicale").mkdir()
    with radicale(tmp_path / "radicale") as server:
        for who, name, start, tag in (
            (DANA, "Dana", "2026-03-03 10:00", "CATEGORIES:network\r\n"),
            (SAM, "Sam", "2026-03-03 09:00", ""),
            (KIM, "Kim", "2026-03-04 10:00", "CATEGORIES:friends,network\r\n"),
        ):
            server.put(f"{name}.ics", calendar(event(name, start, who)).encode())
            card = f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{name}\r\nFN:{name}\r\nN:;{name};;;\r\nEMAIL:{who}\r\n"
            server.put_card(f"{name}.vcf", f"{card}{tag}END:VCARD\r\n".encode())
        yield server


def settle(root: Path, cloud: Server, mail: Dovecot) -> Home:
    """A household with nothing on this machine but its settings."""
    home = at_dovecot(root, mail, rules=RULES)
    secret = root / "cloud-password"
    secret.write_text(CLOUD_PASSWORD)
    secret.chmod(0o600)
    who = f"user: {USER}, password: {{file: ../cloud-password}}"
    said = (root / "config" / "afterword.yaml").read_text()
    for old, new in (
        ("{id: feed, ics: calendar/}", f"{{id: cloud, caldav: '{cloud.url}', {who}}}"),
        ("{people: people.yaml}", f"{{carddav: '{cloud.url}', {who}}}"),
    ):
        assert old in said
        said = said.replace(old, new)
    home.write("afterword.yaml", said)
    return home


@pytest.fixture
def home(tmp_path: Path, cloud: Server) -> Iterator[Home]:
    with dovecot() as mail:
        yield settle(tmp_path / "home", cloud, mail)


@pytest.fixture
def neomutt(home: Home, tmp_path: Path) -> Iterator[Neomutt]:
    """At a mailbox in which the first cycle has been."""
    assert placed(once(home, "2026-03-03T13:30")) == [DANA]
    running = neomutt_by_imap(home, tmp_path / "tools")
    yield running
    running.end()


def command(home: Home, *arguments: str) -> str:
    places = ("--config", str(home.root / "config"), "--state", str(home.state))
    told = afterword(home.root, *places, *arguments)
    assert (told.code, told.err) == (0, "")
    return told.out


def once(home: Home, moment: str) -> Any:
    places = ("--config", str(home.root / "config"), "--state", str(home.state))
    told = afterword(home.root, *places, "once", "--at", f"{moment}:00+00:00", "--json")
    assert (told.code, told.err) == (0, "")
    return told.json


def placed(told: Any) -> list[str]:
    return [person["email"] for follow_up in told["placed"] for person in follow_up["to"]]


def changed(told: Any) -> list[tuple[str, str]]:
    return [(follow_up["to"][0]["email"], follow_up["state"]) for follow_up in told["changed"]]


def quiet(told: Any) -> bool:
    return [told[what] for what in ("placed", "changed", "withdrawn", "problems")] == [[], [], [], []]


@contextmanager
def by_imap(home: Home) -> Iterator[imaplib.IMAP4]:
    """Another program of the user's, at the mailbox that the settings name."""
    said = (home.root / "config" / "afterword.yaml").read_text()
    port = int(said.partition("port: ")[2].partition(",")[0])
    with program(port, home.mail.resolve().parent.name, PASSWORD) as connection:
        yield connection


def test_check_tells_what_each_server_has(home: Home) -> None:
    told = command(home, "check", "--connect")
    assert "cloud: 3 events in Work\n" in told
    assert ": 3 people\n" in told
    assert "mailbox: Drafts is Drafts, Sent is Sent, Trash is Trash\n" in told


def test_an_answer_by_imap_stops_the_check_in_and_who_did_not_answer_gets_theirs(neomutt: Neomutt, home: Home) -> None:
    (draft,) = home.drafts()
    neomutt.shows("NeoMutt:")
    neomutt.keys("R")
    neomutt.opened()
    neomutt.write("Your garden of ideas stayed with me.")
    neomutt.shows("y:Send")
    neomutt.keys("y")
    assert b"Your garden of ideas stayed with me." in neomutt.sent()
    neomutt.until(lambda: len(home.files(".Sent")) == 1, "the mail in Sent")
    assert changed(once(home, "2026-03-03T14:00")) == [(DANA, "sent")]

    assert placed(once(home, "2026-03-04T13:30")) == [KIM]
    with by_imap(home) as connection:
        ProgramHand(connection, NAMES).move(home.id(), Folder.SENT)
    assert changed(once(home, "2026-03-04T14:00")) == [(KIM, "sent")]

    answer = ANSWER.format(dana=DANA, message_id=draft["Message-ID"])
    with by_imap(home) as connection:
        ProgramHand(connection, NAMES).deliver(Folder.OTHER, answer.encode())
    assert changed(once(home, "2026-04-10T09:05")) == [(DANA, "answered")]

    later = once(home, "2026-04-20T12:00")
    assert (placed(later), later["changed"], later["withdrawn"]) == ([KIM], [], [])
    assert [message["Subject"] for message in home.drafts()] == ["Hello again, Kim"]
    assert quiet(once(home, "2026-05-21T12:00"))
    assert placed(once(home, "2026-05-22T12:00")) == [DANA]


@pytest.fixture
def old(tmp_path: Path, cloud: Server) -> Iterator[Home]:
    """A mailbox at a server that knows no more than RFC 3501, with a folder of drafts that has a German name."""
    with dovecot(mailboxes="", more=OLD) as mail:
        home = settle(tmp_path / "home", cloud, mail)
        (home.mail / ".Drafts").rename(home.mail / DRAFTS)
        yield home


def test_an_old_server_that_numbers_its_drafts_anew_between_two_cycles(old: Home, cloud: Server) -> None:
    assert "mailbox: Drafts is Entwürfe, Sent is Sent, Trash is Trash\n" in command(old, "check", "--connect")
    assert placed(once(old, "2026-03-03T13:30")) == [DANA]
    (draft,) = old.files(DRAFTS)
    words, before = draft.read_bytes(), uidvalidity(old)
    anew(old, DRAFTS)
    assert uidvalidity(old) != before

    assert quiet(once(old, "2026-03-03T13:35"))
    assert placed(once(old, "2026-03-04T13:30")) == [KIM]
    assert [path.read_bytes() for path in old.files(DRAFTS)].count(words) == 1

    anew(old, DRAFTS)
    cloud.delete("Dana.ics")
    told = once(old, "2026-03-04T13:35")
    assert [one["to"][0]["email"] for one in told["withdrawn"]] == [DANA]
    (left,) = old.files(DRAFTS)
    assert f"<{KIM}>".encode() in left.read_bytes()


def uidvalidity(home: Home) -> bytes:
    with by_imap(home) as connection:
        (told,) = done(connection.status("Entw&APw-rfe", "(UIDVALIDITY)"))
    return bytes(told)
