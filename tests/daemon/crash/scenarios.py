"""The households whose cycles are killed.

A new one is a function that lays a household down, up to the cycle that is to be killed, and an entry in SCENARIOS.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from connectors.base import Folder
from connectors.google.permission import load, save
from connectors.retry import TRIES
from daemon.ledger import store
from daemon.ledger.tables import SCHEMAS
from rules.history import State
from tests.build import at
from tests.cases.home import CHECK_INS, settings
from tests.daemon.crash.feed import published
from tests.daemon.crash.google import GoogleHome
from tests.daemon.crash.home import Home
from tests.daemon.crash.servers import ServersHome, ready
from tests.house import calendar, event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.daemon.crash.outcome import Outcome
    from tests.google.calendars import Event

ANA, BEN, CEM, DEA = "ana@one.example", "ben@two.example", "cem@three.example", "dea@four.example"
EVE = "eve@five.example"
SOURCES = {
    "config": "configuration",
    "config/calendar": "calendar folder",
    "config/team.ics": "calendar file",
    "config/cards": "vCards",
    "config/people.yaml": "people file",
    "Mail": "Maildir",
    "state": "state",
    "google": "",
}
HOUR = timedelta(hours=1)
WITHOUT_END = 100
"""More deaths in a row than there are states to be in."""


def one_cycle(home: Home, when: str) -> None:
    outcome = home.once(when)
    assert not outcome.problems, outcome.problems


@dataclass(frozen=True)
class Scenario:
    """`prepare` lays a household down in a folder, up to the cycle at `first`, which is killed.

    `later` is the time of every recovery, `after` of cycles that find nothing more to do. In the end there are these
    `drafts` (address, how many) and follow-ups in these `states`, as if nobody had died. `deaths`: how many in a row.
    `sources` tell which paths are of which connector. `ready` starts what all households of this kind ask.
    """

    prepare: Callable[[Path], Home]
    drafts: Mapping[str, int]
    states: Mapping[State, int]
    first: str = "2026-03-05 12:00"
    later: str = "2026-03-05 12:00"
    after: tuple[str, ...] = ("2026-03-05 12:10", "2026-03-05 14:30")
    deaths: int = 2
    cycle: Callable[[Home, str], None] = one_cycle
    sources: Mapping[str, str] = field(default_factory=lambda: SOURCES)
    ready: Callable[[], None] = lambda: None

    def faults(self, seen: Outcome) -> Iterator[str]:
        """What is not as it should be in the end."""
        if seen.drafts != Counter(self.drafts):
            yield f"the drafts are {seen.drafts}"
        if seen.states != Counter(self.states):
            yield f"the follow-ups are {seen.states}"
        if seen.unsettled:
            yield "something is still under way"


def given(name: str) -> Scenario:
    """The scenario of this name, whose servers run; where one is missing the test is skipped."""
    scenario = SCENARIOS[name]
    scenario.ready()
    return scenario


def moved(root: Path) -> Home:
    """Drafts lie there: one whose meeting is then moved, one that was cancelled, one that is late; one more is due.

    And a meeting request, one of whose times is taken.
    """
    home = Home.make(root, people=f"people: [{{name: Eve Lund, emails: [{EVE}]}}]\n")
    home.write("templates/ask.md", "---\nsubject: Time?\n---\n{{ slots }}\n")
    assert home.command("ask", EVE, when="2026-03-03 09:00")[0] == 0
    home.put("ana", event("ana", "2026-03-03 10:00", ANA))
    home.put("cem", event("cem", "2026-03-03 11:00", CEM))
    home.put("dea", event("dea", "2026-03-04 09:30", DEA))
    home.cycles("2026-03-03 09:00", "2026-03-03 15:00", "2026-03-04 15:00")
    assert home.to() == [ANA, CEM, DEA, EVE]
    home.put("trip", event("trip", "2026-03-06 00:00", title="Trip", minutes=4 * 1440))
    home.put("ana", event("ana", "2026-03-05 07:00", ANA, sequence=1))
    home.put("cem", event("cem", "2026-03-03 11:00", CEM, sequence=1, status="CANCELLED"))
    home.put("ben", event("ben", "2026-03-05 08:00", BEN))
    return home


def every_connector(root: Path) -> Home:
    """A folder, a file and a web address as calendars, cards and a people file; something new in each of them."""
    published_file = root.with_name("published.ics")
    published_file.write_text(calendar(event("dea", "2026-03-04 10:00", DEA)), "utf-8")
    address = published(published_file)
    calendars = f'{{id: feed, ics: calendar/}}, {{id: team, ics: team.ics}}, {{id: web, ics: "{address}", local: true}}'
    told = settings(calendars).replace("{people: people.yaml}", "{vcards: cards/}, {people: people.yaml}")
    home = Home.make(root, settings=told)
    (root / "config" / "cards").mkdir()
    home.write("team.ics", calendar(event("early", "2026-03-09 10:00", BEN)))
    home.cycles("2026-03-03 09:00", "2026-03-04 14:00")
    assert home.to() == [DEA]
    published_file.write_text(calendar(event("dea", "2026-03-05 08:30", DEA, sequence=1)), "utf-8")
    home.write("cards/cem.vcf", f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Cem Kaya\r\nEMAIL:{CEM}\r\nEND:VCARD\r\n")
    home.write("people.yaml", f"people: [{{name: Ana Reis, emails: [{ANA}]}}]\n")
    home.put("cem", event("cem", "2026-03-05 08:00", title="Coffee with Cem Kaya"))
    home.put("ana", event("ana", "2026-03-09 08:00", title="Coffee with Ana Reis"))
    home.write("team.ics", calendar(event("early", "2026-03-10 10:00", BEN, sequence=1)))
    return home


def plain_folders(root: Path) -> Home:
    """A Maildir as mbsync keeps it: Drafts, Sent and Trash beside INBOX."""
    home = Home.make(root)
    shutil.rmtree(home.mail)
    for name in ("INBOX", "Drafts", "Sent", "Trash"):
        home.folder(name)
    home.put("ana", event("ana", "2026-03-03 10:00", ANA))
    home.cycles("2026-03-03 09:00", "2026-03-03 15:00")
    assert len(home.files("Drafts")) == 1
    home.put("ana", event("ana", "2026-03-03 10:00", ANA, sequence=1, status="CANCELLED"))
    home.put("ben", event("ben", "2026-03-05 08:00", BEN))
    return home


def set_aside(root: Path) -> Home:
    """The user skipped one draft and put the other off: both are to be taken away."""
    home = Home.make(root)
    home.put("ana", event("ana", "2026-03-04 10:00", ANA))
    home.put("ben", event("ben", "2026-03-04 11:00", BEN))
    home.cycles("2026-03-04 09:00", "2026-03-04 15:00")
    ana, ben = (record.id for record in home.records())
    assert home.command("skip", ana, when="2026-03-05 11:00")[0] == 0
    assert home.command("snooze", ben, at("2026-03-09 09:00").isoformat(), when="2026-03-05 11:00")[0] == 0
    assert home.to() == [ANA, BEN]
    return home


def decided(root: Path) -> Home:
    """Two are to be told of a decision; the note of one that was taken back lies there."""
    home = Home.make(root, rules=CHECK_INS)
    home.write("templates/decision.md", "---\nsubject: News\n---\nI am {{ decision }}.\n")
    home.put("ana", event("ana", "2026-03-03 10:00", ANA))
    home.put("cem", event("cem", "2026-03-04 10:00", CEM))
    assert home.command("decide", "moving to Porto", "--tell", ANA, when="2026-03-05 10:00")[0] == 0
    home.cycles("2026-03-05 10:05")
    assert home.to() == [ANA]
    assert home.command("decide", "--undo", "moving", when="2026-03-05 11:00")[0] == 0
    assert home.command("decide", "taking the offer", "--tell", CEM, "--tell", ANA, when="2026-03-05 11:05")[0] == 0
    return home


def forgotten(root: Path) -> Home:
    """The ledger is restored from a copy that knows nothing of what lies in Drafts, Sent and Trash."""
    home = Home.make(root)
    home.cycles("2026-03-05 06:00")
    home.state.rename(root.with_name("copy"))
    for name, person in (("ana", ANA), ("ben", BEN), ("cem", CEM)):
        home.put(name, event(name, "2026-03-05 07:00", person))
    home.cycles("2026-03-05 06:00", "2026-03-05 11:00")
    drafts = {str(draft["To"]).rpartition("<")[2].rstrip(">"): str(draft["Message-ID"]) for draft in home.drafts()}
    home.move(drafts[BEN], ".Sent")
    home.move(drafts[CEM], ".Trash")
    shutil.rmtree(home.state)
    root.with_name("copy").rename(home.state)
    home.put("dea", event("dea", "2026-03-05 08:00", DEA))
    return home


def first_start(root: Path) -> Home:
    """No state folder, and a Maildir with nothing but an inbox. At the end is the first backup."""
    home = Home.make(root)
    home.put("ana", event("ana", "2026-03-05 08:00", ANA))
    return home


def upgrade(root: Path) -> Home:
    """The ledger is one of the oldest version, with a draft in it."""
    home = Home.make(root)
    home.put("ana", event("ana", "2026-03-04 10:00", ANA))
    home.cycles("2026-03-04 09:00", "2026-03-04 15:00")
    _aged(home.state / store.NAME)
    home.put("ben", event("ben", "2026-03-05 08:00", BEN))
    return home


def _aged(file: Path) -> None:
    """The ledger as its first version would have written it."""
    new = file.rename(file.with_name("new"))
    config = Config()
    config.set_main_option("script_location", str(store.MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, SCHEMAS[0])
    engine.dispose()
    with closing(sqlite3.connect(file)) as old:
        old.execute("ATTACH ? AS new", (str(new),))
        for (table,) in old.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall():
            if table != "alembic_version":
                columns = ", ".join(f'"{row[1]}"' for row in old.execute(f'PRAGMA main.table_info("{table}")'))
                old.execute(f'INSERT INTO main."{table}" ({columns}) SELECT {columns} FROM new."{table}"')
        old.commit()
    new.unlink()
    file.chmod(0o600)


def google(root: Path) -> Home:
    """All is Google's: a draft whose meeting was moved, one that the user sent, one to come; and an old token."""
    home = GoogleHome.make_with_google(root)
    calendar = home.google.calendar("primary")
    home.google.people.put({"names": [{"displayName": "Ana Reis"}], "emailAddresses": [{"value": ANA}]})
    calendar.put(_at_google("ana", "03T10:00", ANA))
    calendar.put(_at_google("cem", "03T11:00", CEM))
    home.cycles("2026-03-03 09:00", "2026-03-03 15:00")
    sent = next(record.message_id for record in home.records() if CEM in record.addresses)
    home.user.move(sent, Folder.SENT)
    calendar.put(_at_google("ana", "04T10:00", ANA))
    calendar.put(_at_google("ben", "05T08:00", BEN))
    home.google.people.put({"names": [{"displayName": "Ben Ode"}], "emailAddresses": [{"value": BEN}]})
    home.google.forget_access_tokens()
    token = load(home.state)
    assert token is not None
    save(home.state, replace(token, access_token="ya29.old"))
    home.lay()
    return home


def first_look(root: Path) -> Home:
    """No ledger yet, and a mailbox at Google that answers no more in the middle of the first look at it."""
    home = GoogleHome.make_with_google(root)
    calendar = home.google.calendar("primary")
    for name, guest in (("ana", ANA), ("ben", BEN)):
        calendar.put(_at_google(name, "05T08:00", guest))
        head = f"From: {guest}\nTo: robin@example.org\nMessage-ID: <{name}@mail.example>\n"
        home.user.deliver(Folder.OTHER, f"{head}Date: Mon, 02 Mar 2026 10:00:00 +0000\n\nWords.\n".encode())
    home.lay()
    home.be_busy(TRIES)
    return home


def servers(_: Path) -> Home:
    """All is on servers: a draft whose meeting was moved, one that the user sent, one to come by a new card."""
    home = _two_drafts(old=False)
    home.move(next(record.message_id for record in home.records() if CEM in record.addresses), ".Sent")
    home.put("ana", event("ana", "2026-03-05 07:00", ANA, sequence=1))
    _by_card(home)
    return home


def old_servers(_: Path) -> Home:
    """A mail server of long ago: a draft whose meeting was cancelled, one to come, and one of which it is said late."""
    home = _two_drafts(old=True)
    home.put("ana", event("ana", "2026-03-04 10:00", ANA, sequence=1))
    home.cycles("2026-03-05 12:00")
    home.put("cem", event("cem", "2026-03-03 11:00", CEM, sequence=1, status="CANCELLED"))
    _by_card(home)
    return home


def _two_drafts(*, old: bool) -> ServersHome:
    home = ServersHome.make_at_servers(old=old)
    home.put("ana", event("ana", "2026-03-03 10:00", ANA))
    home.put("cem", event("cem", "2026-03-03 11:00", CEM))
    home.cycles("2026-03-03 09:00", "2026-03-03 15:00")
    assert home.to() == [ANA, CEM]
    return home


def _by_card(home: ServersHome) -> None:
    """A coffee with somebody whose address only their card tells."""
    home.put("ben", event("ben", "2026-03-05 08:00", title="Coffee with Ben Ode"))
    card = f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:ben\r\nFN:Ben Ode\r\nEMAIL:{BEN}\r\nEND:VCARD\r\n"
    home.dav.put_card("ben.vcf", card.encode())


def two_cycles(home: Home, when: str) -> None:
    """What the first has begun and could not end, the second takes up."""
    home.once(when)
    one_cycle(home, when)


def _at_google(name: str, start: str, guest: str) -> Event:
    begin, end = (
        {"dateTime": f"{moment:%Y-%m-%dT%H:%M:%S}+00:00", "timeZone": "Europe/Lisbon"}
        for moment in (datetime.fromisoformat(f"2026-03-{start}"), datetime.fromisoformat(f"2026-03-{start}") + HOUR)
    )
    organiser = {"email": "robin@example.org", "self": True}
    attendees = [{"email": guest, "responseStatus": "accepted"}]
    return {"id": name, "summary": "Coffee", "start": begin, "end": end, "organizer": organiser, "attendees": attendees}


SCENARIOS = {
    "moved": Scenario(moved, {ANA: 1, BEN: 1, DEA: 1, EVE: 1}, {State.PLACED: 4, State.WITHDRAWN: 1}),
    "every connector": Scenario(every_connector, {CEM: 1, DEA: 1}, {State.PLACED: 2}),
    "plain folders": Scenario(
        plain_folders, {BEN: 1}, {State.PLACED: 1, State.WITHDRAWN: 1}, later="2026-03-05 12:05", deaths=WITHOUT_END
    ),
    "set aside": Scenario(set_aside, {}, {State.SKIPPED: 1, State.SNOOZED: 1}, deaths=WITHOUT_END),
    "decided": Scenario(decided, {ANA: 1, CEM: 1}, {State.PLACED: 2, State.WITHDRAWN: 1}, deaths=1),
    "forgotten": Scenario(forgotten, {ANA: 1, DEA: 1}, {State.PLACED: 2, State.SENT: 1, State.VETOED: 1}),
    "first start": Scenario(first_start, {ANA: 1}, {State.PLACED: 1}, cycle=Home.serve),
    "google": Scenario(google, {ANA: 1, BEN: 1}, {State.PLACED: 2, State.SENT: 1}, deaths=WITHOUT_END),
    "google, first look": Scenario(first_look, {ANA: 1, BEN: 1}, {State.PLACED: 2}, cycle=two_cycles),
    "servers": Scenario(servers, {ANA: 1, BEN: 1}, {State.PLACED: 2, State.SENT: 1}, ready=ready),
    "servers, old": Scenario(
        old_servers,
        {ANA: 1, BEN: 1},
        {State.PLACED: 2, State.WITHDRAWN: 1},
        first="2026-03-05 14:30",
        later="2026-03-05 14:30",
        after=("2026-03-05 14:40", "2026-03-05 16:30"),
        deaths=1,
        ready=partial(ready, old=True),
    ),
    "upgrade": Scenario(upgrade, {ANA: 1, BEN: 1}, {State.PLACED: 2}),
}
